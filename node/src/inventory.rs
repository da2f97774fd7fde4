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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::config::EXAMPLE;

    #[test]
    fn what_cannot_be_read_for_a_moment_is_as_it_was_and_what_is_not_there_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let text = EXAMPLE.replace("{gemeente}", "GM0014").replace("{oin}", "00000099000000000014");
        let mut config = Config::parse(&text).unwrap();
        config.tls.certificate = folder.path().join("node.pem");
        config.paths.records = folder.path().join("records");
        config.paths.snapshots = folder.path().join("snapshots");
        let some = Digest::of("some", &[]);
        let keys = ["certificaat", "sleutel van de gegevens", "getuige van vroeger"];
        let before = Inventory { keys: keys.map(|of| (of.to_owned(), some)).into(), snapshot: None };

        let now = of(&config, &before);
        assert_eq!(now.keys.get("certificaat"), Some(&some), "it cannot be read");
        assert_eq!(now.keys.get("sleutel van de gegevens"), None, "there are no records");
        assert_eq!(now.keys.get("getuige van vroeger"), None, "it is not configured");
        assert_eq!(of(&config, &Inventory::default()).keys.get("certificaat"), None);
        fs::create_dir(&config.paths.records).unwrap();
        fs::write(config.paths.records.join("manifest.json"), "{").unwrap();
        assert_eq!(of(&config, &before).keys.get("sleutel van de gegevens"), Some(&some), "it cannot be read");
    }
}
