//! A node that is listening, and what it does beside answering: it follows its files, minds its witnesses, removes what was
//! kept long enough, and verifies what a start did not read.

use std::{
    net::SocketAddr,
    sync::{Arc, Weak},
    time::Duration,
};

use axum::Router;
use drempel_protocols::transport::{self, ClientCertificates, Limits, TlsReload};
use tokio::{
    net::TcpListener,
    sync::watch,
    task::{JoinHandle, JoinSet},
};

use super::{Node, StartError};
use crate::{
    audit::{Event, Unread},
    http,
    officer::{self, Office},
};

/// How often it is said which witnesses are late.
const REMIND: Duration = Duration::from_secs(5 * 60);

/// How often it is looked what was kept long enough.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How often files are looked at for changes.
const FOLLOW: Duration = Duration::from_secs(5);

/// A node that is listening.
pub struct Running {
    node: Arc<Node>,
    address: SocketAddr,
    pages: Option<SocketAddr>,
    stop: watch::Sender<bool>,
    served: Vec<JoinHandle<()>>,
    followers: JoinSet<()>,
}

impl Running {
    /// Starts listening.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start(node: Arc<Node>) -> Result<Self, StartError> {
        let (stop, stopped) = watch::channel(false);
        let mut followers = JoinSet::new();
        let tls = TlsReload::start(node.config.tls.clone(), ClientCertificates::Required)?;
        let (listener, address) = bind(node.config.listen).await?;
        let mut served = vec![spawn(listener, &tls, http::router(Arc::clone(&node)), stopped.clone())];
        followers.spawn(tls.follow(FOLLOW));
        let mut pages = None;
        if let Some(config) = node.config.paginas.clone() {
            let tls = TlsReload::start(config.tls(&node.config.tls), ClientCertificates::NotAsked)?;
            let (listener, address) = bind(config.listen).await?;
            pages = Some(address);
            served.push(spawn(listener, &tls, officer::router(Office::new(Arc::clone(&node), config)), stopped));
            followers.spawn(tls.follow(FOLLOW));
        }
        followers.spawn(follow_files(Arc::clone(&node)));
        followers.spawn(follow_witnesses(Arc::clone(&node)));
        followers.spawn(follow_retention(Arc::clone(&node)));
        if let Some(unread) = node.audit.unread() {
            let node = Arc::downgrade(&node);
            let verifying = tokio::task::spawn_blocking(move || verify_unread(&node, &unread));
            followers.spawn(async { verifying.await.unwrap_or_default() });
        }
        Ok(Self { node, address, pages, stop, served, followers })
    }

    /// Where the pages of the privacy officer are, if there are any.
    #[must_use]
    pub fn pages(&self) -> Option<SocketAddr> {
        self.pages
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The node.
    #[must_use]
    pub fn node(&self) -> &Arc<Node> {
        &self.node
    }

    /// Stops: takes no new question and lets the running ones finish. The log is free once this has returned.
    pub async fn stop(mut self) {
        self.followers.shutdown().await;
        self.stop.send_replace(true);
        for served in self.served {
            served.await.unwrap_or_default();
        }
        let node = self.node;
        let stopped = tokio::task::spawn_blocking(move || node.audit.append(Event::Stopped)).await;
        if let Ok(Err(error)) = stopped {
            tracing::error!(%error, "that the node stopped cannot be logged");
        }
    }
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let listen = |error| StartError::Listen { address, error };
    let listener = TcpListener::bind(address).await.map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    Ok((listener, address))
}

fn spawn(listener: TcpListener, tls: &TlsReload, router: Router, mut stop: watch::Receiver<bool>) -> JoinHandle<()> {
    let current = tls.current();
    tokio::spawn(async move {
        let stopped = async move { drop(stop.wait_for(|stop| *stop).await) };
        transport::serve(listener, current, router, Limits::default(), stopped).await;
    })
}

async fn follow_files(node: Arc<Node>) {
    loop {
        tokio::time::sleep(FOLLOW).await;
        let node = Arc::clone(&node);
        let followed = tokio::task::spawn_blocking(move || {
            if let Err(error) = node.reload() {
                tracing::error!(%error, "new releases cannot be used; those in use stay");
            }
            if !node.audit.poisoned()
                && let Err(error) = node.log_inventory()
            {
                tracing::error!(%error, "a change of keys or data cannot be logged");
            }
            if !node.audit.poisoned()
                && let Err(error) = node.log_the_erased()
            {
                tracing::error!(%error, "that it was forgotten who asked cannot be logged");
            }
        });
        followed.await.unwrap_or_default();
    }
}

async fn follow_witnesses(node: Arc<Node>) {
    loop {
        tokio::time::sleep(REMIND).await;
        let node = Arc::clone(&node);
        match tokio::task::spawn_blocking(move || node.late_witnesses()).await {
            Ok(Ok(late)) => late.iter().for_each(|witness| {
                tracing::warn!(
                    witness,
                    "a witness has not cosigned the log for 15 minutes, and there are newer records"
                );
            }),
            Ok(Err(error)) => tracing::error!(%error, "what witnesses cosigned cannot be read"),
            Err(_) => {}
        }
    }
}

async fn follow_retention(node: Arc<Node>) {
    loop {
        let retained = Arc::clone(&node);
        if let Ok(Err(error)) = tokio::task::spawn_blocking(move || retained.retain()).await {
            tracing::error!(%error, "what was kept long enough is not removed");
        }
        tokio::time::sleep(DAY).await;
    }
}

/// Verifies what the start did not read of the log, for as long as there is the node, and closes it if it is not whole.
fn verify_unread(node: &Weak<Node>, unread: &Unread) {
    let verified = unread.verify(|| node.strong_count() > 0);
    if let (Err(error), Some(node)) = (verified, node.upgrade()) {
        tracing::error!(%error, "nothing is answered any more");
        node.audit.close();
    }
}
