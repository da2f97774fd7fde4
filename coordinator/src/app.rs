//! The coordinator put together: from a configuration to a server that runs until it is told to stop. Nothing
//! listens before everything it needs is whole.

use std::{fs, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use drempel_protocols::{
    clock::Clock,
    transport::{ClientCertificates, CredentialError, Credentials, Limits, TlsReload, serve},
};
use ring::signature::Ed25519KeyPair;
use rustls_pki_types::{PrivatePkcs8KeyDer, pem::PemObject as _};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::{
    config::{Config, ConfigError},
    dispatch::{Dispatcher, HttpsLink, LinkSetupError},
    http::{App, router},
    jobs::{Jobs, Store, StoreError},
    registry::Registry,
    witness::{Sightings, WitnessKeyError, Witnessing, key_of, read_key},
};

/// How often the TLS files are looked at.
const FOLLOW: Duration = Duration::from_secs(30);

/// Why the coordinator does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration or the catalogue.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The key that signs questions.
    #[error("signing_key: {} {problem}", path.display())]
    SigningKey {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// The key that cosigns logs.
    #[error(transparent)]
    WitnessKey(#[from] WitnessKeyError),
    /// What analysts connect to.
    #[error("tls: {0}")]
    Tls(#[from] CredentialError),
    /// What connects to nodes.
    #[error("federation: {0}")]
    Federation(#[from] LinkSetupError),
    /// The questions on disk.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The address.
    #[error("listen: cannot listen on {address}: {error}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        error: std::io::Error,
    },
}

/// A coordinator that runs.
pub struct Running {
    local_addr: SocketAddr,
    jobs: Arc<Jobs>,
    witnessing: Arc<Witnessing>,
    stop: CancellationToken,
    server: JoinHandle<()>,
    followers: Vec<JoinHandle<()>>,
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// The coordinator as a witness of logs.
    #[must_use]
    pub fn witnessing(&self) -> &Arc<Witnessing> {
        &self.witnessing
    }

    /// Breaks off the questions under way, lets open requests end, and returns once everything has stopped.
    pub async fn shutdown(self) {
        self.jobs.stop().await;
        self.stop.cancel();
        self.followers.iter().for_each(JoinHandle::abort);
        if let Err(error) = self.server.await {
            tracing::error!(%error, "the server ended badly");
        }
    }
}

/// Starts a coordinator.
///
/// # Errors
/// [`StartError`]; nothing runs then.
pub async fn start(config: Config, clock: Arc<dyn Clock>) -> Result<Running, StartError> {
    let (catalogue, analysts) = config.open()?;
    let key = signing_key(&config)?;
    let tls = TlsReload::start(config.tls.clone(), ClientCertificates::Optional)?;
    let link = Arc::new(HttpsLink::new(config.federation.clone(), config.identity)?);
    // The address before the store: opening the store marks what ran as failed, and a second coordinator started by
    // mistake must not do that to the questions of the first, which holds the address.
    let cannot_listen = |error| StartError::Listen { address: config.listen, error };
    let listener = TcpListener::bind(config.listen).await.map_err(cannot_listen)?;
    let local_addr = listener.local_addr().map_err(cannot_listen)?;
    let store = Store::open(&config.store)?;
    let sightings = Sightings::open(&config.store)?;
    let witness_key = key_of(&sightings, &config.witness_key(), &config.getuige.naam)?;

    let (catalogue, registry) = (Arc::new(catalogue), Arc::new(Registry::new(config.nodes.clone())));
    let witnessing = Witnessing::new(
        Arc::<HttpsLink>::clone(&link),
        Arc::clone(&registry),
        Arc::clone(&clock),
        witness_key,
        sightings,
    );
    let dispatcher = Arc::new(Dispatcher::new(
        Arc::<HttpsLink>::clone(&link),
        key,
        Arc::clone(&clock),
        config.limits.nodes_at_a_time,
        config.limits.node_deadline(),
    ));
    let jobs = Arc::new(Jobs::new(
        Arc::clone(&catalogue),
        Arc::clone(&registry),
        dispatcher,
        clock,
        store,
        config.limits.questions_per_analyst,
    ));
    let app = App {
        catalogue,
        registry,
        jobs: Arc::clone(&jobs),
        analysts,
        identity: config.identity,
        patience: Duration::from_secs(config.limits.wait_seconds),
    };

    let stop = CancellationToken::new();
    let server = tokio::spawn({
        let (current, stopped) = (tls.current(), stop.clone().cancelled_owned());
        async move { serve(listener, current, router(Arc::new(app)), Limits::default(), stopped).await }
    });
    let rounds = Arc::clone(&witnessing).follow(Duration::from_secs(config.getuige.seconden));
    let followers = vec![tokio::spawn(tls.follow(FOLLOW)), tokio::spawn(link.follow(FOLLOW)), tokio::spawn(rounds)];
    Ok(Running { local_addr, jobs, witnessing, stop, server, followers })
}

/// Everything that keeps a coordinator with this configuration from starting, at once; opens nothing.
#[must_use]
pub fn problems(config: &Config) -> Vec<String> {
    let tls = Credentials::read(&config.tls).and_then(|own| own.server(ClientCertificates::Optional));
    [
        config.open().err().map(StartError::from),
        signing_key(config).err(),
        tls.err().map(StartError::from),
        HttpsLink::new(config.federation.clone(), config.identity).err().map(StartError::from),
        // Where there is none it is made at the start.
        config.witness_key().exists().then(|| read_key(config).err().map(StartError::from)).flatten(),
    ]
    .into_iter()
    .flatten()
    .map(|problem| problem.to_string())
    .collect()
}

/// The key that signs questions, from PKCS#8 in PEM or DER.
///
/// # Errors
/// [`StartError::SigningKey`].
pub fn signing_key(config: &Config) -> Result<Ed25519KeyPair, StartError> {
    let path = config.signing_key.clone();
    let bytes = fs::read(&path)
        .map_err(|error| StartError::SigningKey { path: path.clone(), problem: format!("cannot be read: {error}") })?;
    let key = match PrivatePkcs8KeyDer::from_pem_slice(&bytes) {
        Ok(der) => Ed25519KeyPair::from_pkcs8_maybe_unchecked(der.secret_pkcs8_der()),
        Err(_) => Ed25519KeyPair::from_pkcs8_maybe_unchecked(&bytes),
    };
    key.map_err(|_| StartError::SigningKey { path, problem: "is not an Ed25519 key in PKCS#8, PEM or DER".to_owned() })
}
