//! The life of a question at the coordinator: read, stored, put to the nodes, combined, kept. A question belongs to
//! the analyst who asked it; nobody else learns that it exists. Cancelling it withdraws it at every node.

mod live;
mod log_heads;
mod prepared;
mod store;
mod voorstellen;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use drempel_protocols::{
    catalogue::Catalogue,
    clock::Clock,
    id::{Gemeentecode, QuestionId},
    refusal::Refusal,
    sql,
    trace::Trail,
};
use serde::{Deserialize, Serialize};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::live::{Live, LiveJob};
pub(crate) use self::store::parsed;
pub use self::{
    log_heads::LastHead,
    prepared::{Prepared, Request},
    store::{Job, Parts, Store, StoreError},
    voorstellen::{Voorstel, VoorstelRequest},
};
use crate::{
    auth::Analyst,
    dispatch::{Asking, Dispatcher, Outcome},
    document::AnswerDocument,
    registry::{Registry, Sighting},
};

/// Where a question stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Being asked.
    Loopt,
    /// There is an answer.
    Klaar,
    /// Not every gemeente answered, and a partial answer was not wanted.
    Onvolledig,
    /// Cancelled by the one who asked.
    Geannuleerd,
    /// The coordinator failed or stopped.
    Mislukt,
}

impl Status {
    /// Its name on the wire and in the store.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Loopt => "loopt",
            Self::Klaar => "klaar",
            Self::Onvolledig => "onvolledig",
            Self::Geannuleerd => "geannuleerd",
            Self::Mislukt => "mislukt",
        }
    }

    /// The status of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Loopt, Self::Klaar, Self::Onvolledig, Self::Geannuleerd, Self::Mislukt]
            .into_iter()
            .find(|status| status.name() == name)
    }
}

/// Why a question was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// The question cannot be asked.
    #[error("the question is refused")]
    Refused(Vec<Refusal>),
    /// The purpose is not for this analyst.
    #[error("the purpose is not for this analyst")]
    Purpose(Refusal),
    /// The key was used for another question.
    #[error("the key was used for another question")]
    Conflict,
    /// The analyst has too many questions under way.
    #[error("too many questions under way")]
    Busy,
    /// The analyst has as many proposals as are kept.
    #[error("too many proposals")]
    Full,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Everything a question needs on its way.
pub struct Jobs {
    catalogue: Arc<Catalogue>,
    registry: Arc<Registry>,
    dispatcher: Arc<Dispatcher>,
    clock: Arc<dyn Clock>,
    store: Arc<Mutex<Store>>,
    live: Live,
    tasks: TaskTracker,
    stopping: CancellationToken,
    per_analyst: usize,
}

impl Jobs {
    /// Questions kept in `store`, at most `per_analyst` under way for each analyst.
    #[must_use]
    pub fn new(
        catalogue: Arc<Catalogue>,
        registry: Arc<Registry>,
        dispatcher: Arc<Dispatcher>,
        clock: Arc<dyn Clock>,
        store: Store,
        per_analyst: usize,
    ) -> Self {
        let (store, live) = (Arc::new(Mutex::new(store)), Live::default());
        let (tasks, stopping) = (TaskTracker::new(), CancellationToken::new());
        Self { catalogue, registry, dispatcher, clock, store, live, tasks, stopping, per_analyst }
    }

    /// Reads and weighs a question; touches no data.
    ///
    /// # Errors
    /// [`SubmitError::Refused`] with every refusal, or [`SubmitError::Purpose`].
    pub fn prepare(&self, analyst: &Analyst, request: &Request) -> Result<Prepared, SubmitError> {
        Prepared::of(request, analyst, &self.catalogue, &self.registry)
    }

    /// Accepts a question and starts asking, as part of a trail. The same key with the same request is the same question.
    ///
    /// # Errors
    /// [`SubmitError`].
    pub async fn submit(
        self: &Arc<Self>,
        analyst: &Analyst,
        request: &Request,
        key: Option<String>,
        trail: Trail,
    ) -> Result<QuestionId, SubmitError> {
        let prepared = self.prepare(analyst, request)?;
        let job = Job {
            id: QuestionId::at(self.clock.now()),
            analyst: analyst.name.clone(),
            fingerprint: request.fingerprint(),
            question: sql::render(&prepared.question),
            purpose: request.doel.clone(),
            partial: request.gedeeltelijk,
            created: self.clock.now(),
            status: Status::Loopt,
        };
        // On its own task: an analyst who hangs up halfway leaves nothing half done.
        let accepted = self.tasks.spawn(Arc::clone(self).accept(job, prepared, (key, trail)));
        accepted.await.unwrap_or_else(|_| Err(StoreError::Sqlite(rusqlite::Error::InvalidQuery).into()))
    }

    async fn accept(
        self: Arc<Self>,
        job: Job,
        prepared: Prepared,
        (key, trail): (Option<String>, Trail),
    ) -> Result<QuestionId, SubmitError> {
        let asked: Vec<Gemeentecode> = prepared.targets.asked().iter().copied().collect();
        let id = job.id;
        // In the list of those under way before the store says "running", and off it after the store says otherwise.
        let live = self.live.begin(id, &job.analyst, &asked, self.per_analyst);
        let stored = {
            let (job, under_way) = (job.clone(), live.is_some());
            self.with_store(move |store| {
                if let Some(key) = &key
                    && let Some(earlier) = store.job_with_key(key, &job.analyst)?
                {
                    return if earlier.fingerprint == job.fingerprint {
                        Ok(earlier.id)
                    } else {
                        Err(SubmitError::Conflict)
                    };
                }
                if !under_way {
                    return Err(SubmitError::Busy);
                }
                store.add(&job, key.as_deref(), asked.into_iter())?;
                Ok(job.id)
            })
            .await
        };
        match (stored, live) {
            (Ok(stored), Some(live)) if stored == id => {
                let tasks = self.tasks.clone();
                tasks.spawn(self.run(job, prepared, trail, live));
                Ok(id)
            }
            (other, _) => {
                self.live.end(id);
                other
            }
        }
    }

    async fn run(self: Arc<Self>, job: Job, prepared: Prepared, trail: Trail, live: Arc<LiveJob>) {
        let _listed = self.live.until_dropped(job.id);
        let asking = Arc::new(Asking {
            id: job.id,
            asker: job.analyst.clone(),
            purpose: job.purpose.clone(),
            sql: job.question.clone(),
            digest: sql::digest(&prepared.question),
            catalogue: self.catalogue.digest(),
            measures: prepared.question.measures().iter().copied().collect(),
            cells: prepared.grid.cells().unwrap_or(0),
            trail,
        });
        let nodes = prepared.targets.asked().iter().filter_map(|code| self.registry.node(*code).cloned()).collect();
        let outcomes = tokio::select! {
            biased;
            () = live.cancelled() => Err(Status::Geannuleerd),
            () = self.stopping.cancelled() => Err(Status::Mislukt),
            outcomes = self.dispatcher.ask_all(asking, nodes, Arc::<LiveJob>::clone(&live)) => Ok(outcomes),
        };
        let (status, document, outcomes) = match outcomes {
            Err(status) => (status, None, BTreeMap::new()),
            Ok(outcomes) => {
                let document = prepared.document(&job, &outcomes);
                let whole = job.partial || document.coverage.is_complete();
                (
                    if whole { Status::Klaar } else { Status::Onvolledig },
                    serde_json::to_string(&document).ok(),
                    outcomes,
                )
            }
        };
        self.note_sightings(&outcomes);
        let (id, mut parts) = (job.id, live.parts());
        for (gemeente, outcome) in &outcomes {
            parts.insert(*gemeente, (outcome.state(), outcome.reason().map(str::to_owned)));
        }
        let stored =
            self.with_store(move |store| store.finish(id, status, document.as_deref(), &parts, &outcomes)).await;
        if let Err(error) = stored {
            tracing::error!(%error, %id, "the answer could not be stored");
        }
    }

    fn note_sightings(&self, outcomes: &BTreeMap<Gemeentecode, Outcome>) {
        let at = self.clock.now();
        for (gemeente, outcome) in outcomes {
            self.registry.saw(*gemeente, Sighting { at, state: outcome.state() });
        }
    }

    /// Where a question of this analyst stands, as a whole and at each gemeente.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn state(&self, analyst: &Analyst, id: QuestionId) -> Result<Option<(Job, Parts)>, StoreError> {
        let live = self.live.get(id);
        let name = analyst.name.clone();
        let found = self
            .with_store(move |store| match store.job(id, &name)? {
                Some(job) => Ok::<_, StoreError>(Some((job, store.parts(id)?))),
                None => Ok(None),
            })
            .await?;
        Ok(found.map(|(mut job, parts)| match (job.status, live) {
            (Status::Loopt, Some(live)) => (job, live.parts()),
            // Running, says the store, but nobody runs it: its end could not be stored.
            (Status::Loopt, None) if self.live.get(id).is_none() => {
                job.status = Status::Mislukt;
                (job, parts)
            }
            _ => (job, parts),
        }))
    }

    /// Waits until a question is no longer under way, or until `patience` has passed.
    pub async fn wait(&self, id: QuestionId, patience: Duration) {
        if let Some(live) = self.live.get(id) {
            // Out of patience is no error: the caller looks at the state either way.
            let _in_time = tokio::time::timeout(patience, live.ended()).await.is_ok();
        }
    }

    /// Cancels a question that is under way and waits until that is stored; one that has ended stays as it is.
    pub async fn cancel(&self, id: QuestionId) {
        if let Some(live) = self.live.get(id) {
            live.cancel();
            live.ended().await;
        }
    }

    /// Breaks off every question under way, stores that it failed, and returns once that is done.
    pub async fn stop(&self) {
        self.stopping.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// The stored answer of a question.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn answer(&self, id: QuestionId) -> Result<Option<AnswerDocument>, StoreError> {
        let text = self.with_store(move |store| store.document(id)).await?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// Runs `work` on the one writer, off the threads that serve requests.
    async fn with_store<T, E>(&self, work: impl FnOnce(&mut Store) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let store = Arc::clone(&self.store);
        let done = tokio::task::spawn_blocking(move || work(&mut store.lock().unwrap_or_else(PoisonError::into_inner)));
        done.await.unwrap_or_else(|_| Err(StoreError::Sqlite(rusqlite::Error::InvalidQuery).into()))
    }
}

#[cfg(test)]
mod tests;
