//! One node by itself, with an authority, peers and records of the test's choosing. It is started as `serve` starts
//! one: from a configuration, a signed catalogue and a snapshot on disk.

use std::{fs, net::Ipv4Addr, sync::Arc};

use data_encoding::BASE64;
use drempel_node::{
    app::{Node, Running},
    config::{CatalogueTrust, Config, LimitsFile, Paths, Peer, Periods, Retention, Role},
    ingest::snapshot::ManifestInput,
    ledger::Ledger,
    release::Build,
};
use drempel_protocols::{
    catalogue::Catalogue,
    clock::Clock as _,
    id::{Gemeentecode, Oin, Period},
    message::Ask,
    policy::PolicyFile,
    transport::{IdentitySource, TlsFiles},
};
use drempel_tests::{
    authority::{Authority, Issued, write_private},
    clock::TestClock,
    federation::{registered_catalogue, trusted_parties},
    participants, rows,
};
use jiff::Timestamp;
use ring::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair as _},
};

use crate::{
    asker::{self, Asker},
    oracle::Row,
};

pub const PERIOD: &str = "2025H2";

/// The OIN of someone who may only see that the node is up.
pub fn monitor_oin() -> Oin {
    "00000099000000099998".parse().unwrap()
}

/// The OIN of someone whom the node does not know.
pub fn stranger_oin() -> Oin {
    "00000099000000099997".parse().unwrap()
}

pub struct Station {
    pub authority: Authority,
    pub key: Ed25519KeyPair,
    pub catalogue: Catalogue,
    pub clock: Arc<TestClock>,
    pub config: Config,
    running: Option<Running>,
    counting: Option<tokio::runtime::Runtime>,
    _folder: tempfile::TempDir,
}

impl Station {
    pub async fn start(rows: Vec<Row>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let code: Gemeentecode = "GM0014".parse().unwrap();
        let oin = participants::oin(code).unwrap();
        let authority = Authority::new("Drempel throw-away authority").unwrap();
        authority.issue(&oin, 1).unwrap().write(&at("keys"), "node", &authority.root()).unwrap();
        fs::write(at("keys/revoked.pem"), authority.revoke(&[2]).unwrap()).unwrap();
        write_private(&at("keys/records.key"), &[7; 32]).unwrap();
        fs::create_dir(at("catalogus")).unwrap();
        for entry in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../config/catalogus")).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), at("catalogus").join(entry.file_name())).unwrap();
        }
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let key = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
        let catalogue = registered_catalogue().unwrap();
        let peer = |naam: &str, oin, rol, vraagsleutel| Peer {
            naam: naam.to_owned(),
            oin,
            identity: IdentitySource::default(),
            rol,
            vraagsleutel,
        };
        let asked_with = || BASE64.encode(key.public_key().as_ref()).try_into().unwrap();
        let config = Config {
            gemeente: code,
            oin,
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            voorgangers: Vec::new(),
            perioden: Periods { eerste: PERIOD.parse().unwrap(), laatste: PERIOD.parse().unwrap() },
            paths: Paths {
                records: at("records"),
                snapshots: at("snapshots"),
                ledger: at("ledger.sqlite"),
                audit: at("audit"),
                catalogus: at("catalogus"),
                record_key: at("keys/records.key"),
                record_key_command: Vec::new(),
                mapping: None,
                rapporten: at("rapporten"),
            },
            tls: TlsFiles {
                certificate: at("keys/node.crt"),
                key: at("keys/node.key"),
                roots: at("keys/federation-roots.pem"),
                revoked: Some(at("keys/revoked.pem")),
            },
            peers: vec![
                peer("coordinator", participants::coordinator_oin().unwrap(), Role::Coordinator, Some(asked_with())),
                // With a key too: it is the role that decides.
                peer("monitor", monitor_oin(), Role::Monitor, Some(asked_with())),
            ],
            catalogus: CatalogueTrust { aanvaard: catalogue.digest(), parties: trusted_parties().unwrap() },
            beleid: PolicyFile::default(),
            bewaren: Retention::default(),
            limits: LimitsFile::default(),
        };
        let counting = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap();
        let clock = TestClock::shared();
        let mut station =
            Self { authority, key, catalogue, clock, config, running: None, counting: Some(counting), _folder: folder };
        station.write(rows);
        let node = Node::new(
            station.config.clone(),
            station.clock.clone(),
            station.counting.as_ref().unwrap().handle().clone(),
        );
        station.running = Some(Running::start(node.unwrap()).await.unwrap());
        station
    }

    fn write(&self, rows: Vec<Row>) {
        let periods = vec![PERIOD.parse::<Period>().unwrap()];
        let input = ManifestInput { gemeente: self.config.gemeente, created: self.now(), periods, afbeelding: true };
        let rows = rows.into_iter().map(|row| (row.view, row.rij));
        rows::write(&self.config.paths.snapshots, input, rows).unwrap();
        self.release();
    }

    /// Builds the release of the half-year of all rows, in place of any that there is.
    fn release(&self) {
        for file in ["ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"] {
            fs::remove_file(self.config.paths.ledger.with_file_name(file)).unwrap_or_default();
        }
        let mut ledger = Ledger::open(&self.config.paths.ledger).unwrap();
        let build = Build { config: &self.config, catalogue: &self.catalogue, now: self.now(), accept_loss: false };
        build.add(PERIOD.parse().unwrap(), &mut ledger, &mut |_| {}).unwrap();
    }

    /// Puts other records in the place of those there are.
    pub async fn replace(&self, rows: Vec<Row>) {
        self.write(rows);
        let node = Arc::clone(self.running.as_ref().unwrap().node());
        assert!(tokio::task::spawn_blocking(move || node.reload()).await.unwrap().unwrap());
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn address(&self) -> std::net::SocketAddr {
        self.running.as_ref().unwrap().address()
    }

    pub fn url(&self) -> String {
        format!("https://{}", self.address())
    }

    pub fn issue(&self, oin: &Oin, number: u64) -> Issued {
        self.authority.issue(oin, number).unwrap()
    }

    /// A client with this certificate.
    pub fn asker(&self, identity: &Issued) -> Asker {
        Asker::with(self.url(), &self.authority, identity)
    }

    /// A client that is the coordinator.
    pub fn coordinator(&self) -> Asker {
        self.asker(&self.issue(&participants::coordinator_oin().unwrap(), 50_000))
    }

    /// An honest question.
    pub fn ask(&self, text: &str) -> Ask {
        asker::ask(&self.catalogue, &self.config.oin, self.now(), text)
    }

    pub fn sign(&self, ask: &Ask) -> Vec<u8> {
        asker::sign(ask, &self.key)
    }
}

impl Drop for Station {
    fn drop(&mut self) {
        if let Some(counting) = self.counting.take() {
            counting.shutdown_background();
        }
    }
}
