//! One node by itself, with an authority, peers and records of the test's choosing. It is started as `serve` starts
//! one: from a configuration, a signed catalogue and a snapshot on disk.

use std::{fs, sync::Arc};

use drempel_node::{
    app::{Node, Running},
    config::{Config, Periods, Role},
    ingest::snapshot::ManifestInput,
    ledger::Ledger,
    release::Build,
};
use drempel_protocols::{
    catalogue::Catalogue,
    clock::Clock as _,
    id::{Gemeentecode, Oin, Period},
    message::Ask,
};
use drempel_tests::{
    authority::{Authority, Issued, write_private},
    clock::TestClock,
    federation::{configuration, copy_catalogue, peer, registered_catalogue},
    participants, rows,
};
use jiff::Timestamp;
use ring::{rand::SystemRandom, signature::Ed25519KeyPair};

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
        let authority = Authority::new("Drempel throw-away authority").unwrap();
        let issued = authority.issue(&participants::oin(code).unwrap(), 1).unwrap();
        issued.write(&at("keys"), "node", &authority.root()).unwrap();
        fs::write(at("keys/revoked.pem"), authority.revoke(&[2]).unwrap()).unwrap();
        write_private(&at("keys/records.key"), &[7; 32]).unwrap();
        copy_catalogue(&at("catalogus")).unwrap();
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let key = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
        let catalogue = registered_catalogue().unwrap();
        let perioden = Periods { eerste: PERIOD.parse().unwrap(), laatste: PERIOD.parse().unwrap() };
        let mut config = configuration(folder.path(), code, &catalogue, perioden, &key).unwrap();
        config.tls.revoked = Some(at("keys/revoked.pem"));
        // With a key too: it is the role that decides.
        config.peers.push(peer("monitor", monitor_oin(), Role::Monitor, &key).unwrap());
        let counting = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap();
        let clock = TestClock::shared();
        let mut station =
            Self { authority, key, catalogue, clock, config, running: None, counting: Some(counting), _folder: folder };
        station.write(rows);
        station.run().await;
        station
    }

    async fn run(&mut self) {
        let counting = self.counting.as_ref().unwrap().handle().clone();
        let node = Node::new(self.config.clone(), self.clock.clone(), counting).unwrap();
        self.running = Some(Running::start(node).await.unwrap());
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

    /// Puts other records in the place of those there are, as a node that has never answered: it listens elsewhere then.
    pub async fn replace(&mut self, rows: Vec<Row>) {
        self.running.take().unwrap().stop().await;
        fs::remove_dir_all(&self.config.paths.audit).unwrap();
        self.write(rows);
        self.run().await;
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
