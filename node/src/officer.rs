//! The pages of the gemeente's privacy officer, on a listener of their own that the federation cannot reach: what was asked,
//! exactly what left, what may leave, and whether the log is whole. Whoever has no account sees nothing, whoever has one what
//! the role may see, and nothing here shows a record of a person.

pub mod account;
mod decide;
mod figures;
mod guard;
mod language;
mod log_health;
mod page;
mod policy;
mod posted;
mod preview;
mod proposed;
mod quality;
mod question;
mod questions;
mod register;
mod releases;
mod report;
mod role;
mod route;
mod serve;
mod session;
mod sign_in;
mod subjects;
mod today;

use std::{
    fmt::Display,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use drempel_protocols::id::Period;
use jiff::Timestamp;
use tokio::sync::Semaphore;

pub use self::{
    account::Accounts,
    register::{Register, RegisterLine},
    role::{Act, Role, may},
    route::{Asks, Route},
    serve::router,
};
use self::{
    guard::Guard,
    page::{Refusal, Who},
    preview::Preview,
    session::Sessions,
};
use crate::{
    app::Node,
    askers::Names,
    audit::{Asked, AuditError, Event, asked},
    config::Pages,
    proposed::{Proposed, digest},
};

/// For others to have read the log.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is said where something is not done, because it cannot be logged.
const UNLOGGED: &str = "what somebody did on the pages cannot be logged";

/// What the pages stand on.
pub struct Office {
    node: Arc<Node>,
    config: Pages,
    sessions: Mutex<Sessions>,
    guard: Mutex<Guard>,
    preview: Mutex<Preview>,
    /// Places for checking a password, which takes memory and time by design.
    hashing: Semaphore,
    /// Places for reading the whole log.
    reading: Arc<Semaphore>,
}

impl Office {
    /// The pages of a node.
    #[must_use]
    pub fn new(node: Arc<Node>, config: Pages) -> Arc<Self> {
        Arc::new(Self {
            node,
            config,
            sessions: Mutex::default(),
            guard: Mutex::default(),
            preview: Mutex::default(),
            hashing: Semaphore::new(1),
            reading: Arc::new(Semaphore::new(1)),
        })
    }

    /// The accounts as they are now. What became of them is in the log before anybody can use them.
    async fn accounts(&self) -> Result<Accounts, Refusal> {
        let (node, path) = (Arc::clone(&self.node), self.config.accounts.clone());
        let read = move || {
            let accounts = Accounts::read(&path)?;
            node.audit.hold(&accounts.iter().map(|account| (account.pseudonym(), account.holder())).collect())?;
            anyhow::Ok(accounts)
        };
        self.off_thread("nobody can use the pages", read).await
    }

    /// What is read from the whole log; one at a time, so that looking cannot slow down answering much.
    async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Path) -> Result<T, AuditError> + Send + 'static,
    ) -> Result<T, Refusal> {
        let waiting = tokio::time::timeout(PATIENCE, Arc::clone(&self.reading).acquire_owned());
        let place = waiting.await.map_err(|_| Refusal::Busy)?.map_err(|_| Refusal::Failed)?;
        let folder = self.node.config.paths.audit.clone();
        self.off_thread("a page cannot show the log", move || {
            // Taken along, so that it is free when the reading ends and not when the browser goes away.
            let _place = place;
            read(&folder)
        })
        .await
    }

    /// Every question of the log, with who asked as far as that is known.
    async fn asked(self: &Arc<Self>) -> Result<Vec<Asked>, Refusal> {
        let names = self.names().await?;
        self.read(move |folder| asked(folder, &names)).await
    }

    /// Who asked.
    async fn names(&self) -> Result<Names, Refusal> {
        let node = Arc::clone(&self.node);
        self.off_thread("a page cannot show who asked", move || node.askers.names()).await
    }

    /// Whether another catalogue is proposed; where that cannot be seen, its page says why.
    async fn is_proposed(&self) -> bool {
        let node = Arc::clone(&self.node);
        let read =
            self.off_thread("whether a catalogue is proposed cannot be seen", move || digest(&node.config)).await;
        read.map_or(true, |found| found.is_some())
    }

    /// The catalogue that is proposed, or in words why it cannot be put in place.
    async fn proposed(&self) -> Result<Result<Option<Proposed>, String>, Refusal> {
        let node = Arc::clone(&self.node);
        let read = move || anyhow::Ok(Proposed::read(&node.config).map_err(|error| error.to_string()));
        self.off_thread("a page cannot show what is proposed", read).await
    }

    /// Work that waits for a disk, away from the threads that serve.
    async fn off_thread<T: Send + 'static, E: Display + Send + 'static>(
        &self,
        failing: &'static str,
        work: impl FnOnce() -> Result<T, E> + Send + 'static,
    ) -> Result<T, Refusal> {
        match tokio::task::spawn_blocking(work).await {
            Ok(Ok(found)) => Ok(found),
            Ok(Err(error)) => {
                tracing::error!(%error, "{failing}");
                Err(Refusal::Failed)
            }
            Err(_) => Err(Refusal::Failed),
        }
    }

    /// Logs what somebody does: nobody does it who is not in the log.
    async fn log(&self, event: Event) -> Result<u64, Refusal> {
        let node = Arc::clone(&self.node);
        self.off_thread(UNLOGGED, move || node.audit.append(event)).await
    }

    /// Logs that somebody is shown what is hidden of a half-year, or in the preview of this moment, once a session: nobody is who
    /// is not in the log.
    async fn log_hidden(&self, who: &Who, hidden: (Period, Option<Timestamp>)) -> Result<(), Refusal> {
        if self.sessions().has_shown(&who.token, hidden) {
            return Ok(());
        }
        let (period, preview) = (hidden.0, hidden.1.is_some());
        self.log(Event::HiddenSeen { by: who.by.clone(), period, preview }).await?;
        self.sessions().showed(&who.token, hidden);
        Ok(())
    }

    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn guard(&self) -> MutexGuard<'_, Guard> {
        self.guard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
