//! The questions under way: how far each is at each gemeente, and the means to stop it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use drempel_protocols::id::{Gemeentecode, QuestionId};
use tokio_util::sync::CancellationToken;

use super::Parts;
use crate::{dispatch::Progress, registry::State};

/// A question under way.
pub(super) struct LiveJob {
    analyst: String,
    parts: Mutex<Parts>,
    cancel: CancellationToken,
    ended: CancellationToken,
}

/// All questions under way.
#[derive(Default)]
pub(super) struct Live(Mutex<HashMap<QuestionId, Arc<LiveJob>>>);

impl Live {
    /// Adds a question, unless its analyst has `most` under way already.
    pub(super) fn begin(
        &self,
        id: QuestionId,
        analyst: &str,
        asked: &[Gemeentecode],
        most: usize,
    ) -> Option<Arc<LiveJob>> {
        let mut jobs = self.lock();
        if jobs.values().filter(|job| job.analyst == analyst).count() >= most {
            return None;
        }
        let job = Arc::new(LiveJob {
            analyst: analyst.to_owned(),
            parts: Mutex::new(asked.iter().map(|gemeente| (*gemeente, (State::Wacht, None))).collect()),
            cancel: CancellationToken::new(),
            ended: CancellationToken::new(),
        });
        jobs.insert(id, Arc::clone(&job));
        Some(job)
    }

    /// Takes a question off the list and tells those who wait for it.
    pub(super) fn end(&self, id: QuestionId) {
        if let Some(job) = self.lock().remove(&id) {
            job.ended.cancel();
        }
    }

    /// Takes a question off the list when the guard is dropped, also if whoever runs it panics.
    pub(super) fn until_dropped(&self, id: QuestionId) -> Listed<'_> {
        Listed(self, id)
    }

    pub(super) fn get(&self, id: QuestionId) -> Option<Arc<LiveJob>> {
        self.lock().get(&id).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<QuestionId, Arc<LiveJob>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A question's place on the list.
pub(super) struct Listed<'a>(&'a Live, QuestionId);

impl Drop for Listed<'_> {
    fn drop(&mut self) {
        self.0.end(self.1);
    }
}

impl LiveJob {
    pub(super) fn parts(&self) -> Parts {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn cancel(&self) {
        self.cancel.cancel();
    }

    pub(super) async fn cancelled(&self) {
        self.cancel.cancelled().await;
    }

    pub(super) async fn ended(&self) {
        self.ended.cancelled().await;
    }
}

impl Progress for LiveJob {
    fn reached(&self, gemeente: Gemeentecode, state: State) {
        if let Some(part) = self.parts.lock().unwrap_or_else(PoisonError::into_inner).get_mut(&gemeente) {
            part.0 = state;
        }
    }
}
