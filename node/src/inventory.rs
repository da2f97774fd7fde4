//! What a node works with at a moment: the keys in its files and its configuration, and the snapshot on its disk. For the log,
//! which has a record of each change; nothing secret is in it.

use std::{collections::BTreeMap, env, fs::File, sync::OnceLock};

use drempel_protocols::{
    id::Digest,
    transport::{Credentials, TlsFiles},
};

use crate::{
    audit::Inventory,
    config::Config,
    ingest::{records, sha256, snapshot::Snapshot},
};

/// What a configuration and its files have at this moment; a file that cannot be read has what it had before.
#[must_use]
pub(crate) fn of(config: &Config, before: &Inventory) -> Inventory {
    let key = |bytes: &[u8]| Digest::of("drempel key v1", &[bytes]);
    let certificate = |files: &TlsFiles| Some(key(Credentials::read(files).ok()?.certificate()?));
    let mut keys = BTreeMap::new();
    let mut has = |of: String, digest: Option<Digest>| {
        if let Some(digest) = digest {
            keys.insert(of, digest);
        }
    };
    let known = |of: &str| before.keys.get(of).copied();
    has("certificaat".to_owned(), certificate(&config.tls).or_else(|| known("certificaat")));
    if let Some(pages) = &config.paginas {
        let of = "certificaat van de pagina's";
        has(of.to_owned(), certificate(&pages.tls(&config.tls)).or_else(|| known(of)));
    }
    for peer in &config.peers {
        let sleutel = peer.vraagsleutel.as_ref().map(|sleutel| key(sleutel.as_bytes()));
        has(format!("vraagsleutel van {} ({})", peer.naam, peer.oin), sleutel);
    }
    for getuige in &config.getuigen {
        has(format!("getuige {}", getuige.naam), Some(key(getuige.sleutel.to_string().as_bytes())));
    }
    for party in &config.catalogus.parties {
        has(format!("partij {}", party.partij), Some(key(party.sleutel.as_bytes())));
    }
    let of = "sleutel van de gegevens";
    let fingerprint = records::fingerprint(&config.paths.records);
    has(of.to_owned(), fingerprint.map_or_else(|_| known(of), |found| found.map(|text| key(text.as_bytes()))));
    let snapshot = Snapshot::current(&config.paths.snapshots).ok().map(|id| id.to_string());
    Inventory { keys, snapshot }
}

/// SHA-256 of the program that runs, as `sha256sum` gives it; none where it cannot be read.
#[must_use]
pub(crate) fn software_digest() -> Option<Digest> {
    static OF: OnceLock<Option<Digest>> = OnceLock::new();
    *OF.get_or_init(|| sha256(&File::open(env::current_exe().ok()?).ok()?).ok())
}
