//! The configuration of a node whose files stand in one folder, under the names that `init` uses, and that a coordinator asks:
//! for a federation, and for whoever starts a node by itself. What is to be otherwise is changed in what this gives.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
};

use anyhow::anyhow;
use data_encoding::BASE64;
use drempel_node::config::{CatalogueTrust, Config, LimitsFile, Paths, Peer, Periods, Retention, Role};
use drempel_protocols::{
    catalogue::Catalogue,
    id::{Gemeentecode, Oin},
    policy::PolicyFile,
    transport::{IdentitySource, TlsFiles},
};
use ring::signature::{Ed25519KeyPair, KeyPair as _};

use super::layout::trusted_parties;
use crate::participants;

/// Of a gemeente, under a catalogue, asked by a coordinator with this key. An empty folder is the one of the configuration.
///
/// # Errors
/// If the gemeente has no OIN.
pub fn configuration(
    folder: &Path,
    gemeente: Gemeentecode,
    catalogue: &Catalogue,
    perioden: Periods,
    asking: &Ed25519KeyPair,
) -> anyhow::Result<Config> {
    Ok(Config {
        gemeente,
        oin: participants::oin(gemeente)?,
        listen: loopback(),
        voorgangers: Vec::new(),
        perioden,
        paths: Paths {
            records: folder.join("records"),
            snapshots: folder.join("snapshots"),
            ledger: folder.join("ledger.sqlite"),
            audit: folder.join("audit"),
            log_key: folder.join("keys/log.pk8"),
            vragers: folder.join("vragers.sqlite"),
            getuigenis: folder.join("getuigenis.sqlite"),
            witness_key: folder.join("keys/getuige.pk8"),
            logboek_stand: folder.join("logboek.json"),
            catalogus: folder.join("catalogus"),
            catalogus_voorstel: folder.join("catalogus-voorstel"),
            record_key: folder.join("keys/records.key"),
            record_key_command: Vec::new(),
            mapping: None,
            rapporten: folder.join("rapporten"),
        },
        tls: tls_files(folder, "node"),
        peers: vec![peer("Throw-away coordinator", participants::coordinator_oin()?, Role::Coordinator, asking)?],
        getuigen: Vec::new(),
        catalogus: CatalogueTrust { aanvaard: catalogue.digest(), parties: trusted_parties()? },
        beleid: PolicyFile::default(),
        bewaren: Retention::default(),
        limits: LimitsFile::default(),
        paginas: None,
        logboek: None,
    })
}

/// Somebody who may connect, whose questions are signed with this key.
///
/// # Errors
/// If the key is no key.
pub fn peer(naam: &str, oin: Oin, rol: Role, asking: &Ed25519KeyPair) -> anyhow::Result<Peer> {
    let key = BASE64.encode(asking.public_key().as_ref());
    Ok(Peer {
        naam: naam.to_owned(),
        oin,
        identity: IdentitySource::default(),
        rol,
        vraagsleutel: Some(key.try_into().map_err(|error: &str| anyhow!(error))?),
    })
}

/// The certificate and key of this name, as [`crate::authority::Issued::write`] leaves them.
pub(super) fn tls_files(folder: &Path, name: &str) -> TlsFiles {
    TlsFiles {
        certificate: folder.join(format!("keys/{name}.crt")),
        key: folder.join(format!("keys/{name}.key")),
        roots: folder.join("keys/federation-roots.pem"),
        revoked: None,
    }
}

/// Any port of this machine.
#[must_use]
pub fn loopback() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}
