//! How records get on disk: whoever finds nobody writing writes everything that waits, with one checkpoint, and the others
//! wait for that. Nobody is told that a record is logged before it is on disk and signed.

use std::{
    mem,
    sync::{MutexGuard, PoisonError},
};

use drempel_protocols::log::{LogHead, SignedCheckpoint, TreeHash};

use super::{AuditLog, State};
use crate::audit::{
    AuditError,
    line::Line,
    record::{Entry, Event},
    standing::{self, Draft, Remembered},
    verify::{Beside, Logged},
    writer::Writer,
};

impl AuditLog {
    /// Puts a record among those that are to be written, with its answer.
    pub(super) fn enqueue(
        &self,
        state: &mut State,
        event: Event,
        answer: Option<Beside<'_>>,
    ) -> Result<(Entry, String), AuditError> {
        if state.poisoned {
            return Err(AuditError::Poisoned);
        }
        let entry = Entry::new(state.tree.size().saturating_add(1), self.clock.now(), event)?;
        let json = entry.json()?;
        let hash = TreeHash::of_record(json.as_bytes());
        state.waiting.push_str(&Line::Record(&json, hash).render());
        if let Some(Beside { salt, text }) = answer {
            state.waiting.push_str(&Line::Answer { salt, text }.render());
        }
        state.tree.push(hash);
        state.memory.note(Logged { entry: &entry, json: &json, answer, removed: None });
        Ok((entry, json))
    }

    /// Returns once a record is on disk and signed. Who finds nobody writing writes everything that waits.
    pub(super) fn commit<'s>(
        &'s self,
        mut state: MutexGuard<'s, State>,
        record: u64,
    ) -> Result<MutexGuard<'s, State>, AuditError> {
        loop {
            if state.head.size >= record {
                return Ok(state);
            }
            if state.poisoned {
                return Err(AuditError::Poisoned);
            }
            state = match state.writer.take() {
                None => self.written.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(writer) => self.write(state, writer)?,
            };
        }
    }

    fn write<'s>(
        &'s self,
        mut state: MutexGuard<'s, State>,
        mut writer: Writer,
    ) -> Result<MutexGuard<'s, State>, AuditError> {
        let size = state.tree.size();
        let (lines, root) = (mem::take(&mut state.waiting), state.tree.root(size));
        let is_last = writer.ends_with(&lines);
        let draft = if is_last { self.draft(&state) } else { None };
        drop(state);
        // Whatever ends this early, nobody waits for it, and nothing is logged after it.
        let closing = Closing { log: self, done: false };
        let io = |error| AuditError::Io { path: self.folder.clone(), error };
        let root = root.map_err(|_| AuditError::Encoding)?;
        let checkpoint = SignedCheckpoint::sign(size, root, &self.key).map_err(|_| AuditError::Encoding)?.to_string();
        writer.batch(lines, &checkpoint).map_err(io)?;
        let mut state = self.state();
        state.head = LogHead { size, root };
        state.checkpoints.push(size);
        drop(state);
        // What waited may leave; what comes next waits until the checkpoint is named beside the segments.
        self.written.notify_all();
        writer.name(&checkpoint).map_err(io)?;
        if is_last {
            writer.begin_segment(size.saturating_add(1)).map_err(io)?;
        }
        closing.done();
        let mut state = self.state();
        state.writer = Some(writer);
        self.written.notify_all();
        if let Some(draft) = draft {
            drop(state);
            self.stand(&draft);
            state = self.state();
        }
        Ok(state)
    }

    /// The standing once all records up to now are on disk.
    pub(super) fn draft(&self, state: &State) -> Option<Draft> {
        let remembered = Remembered::of(&state.memory)?;
        let mut checkpoints = state.checkpoints.until(state.head.size, remembered.first_answer);
        checkpoints.push(state.tree.size());
        Draft::of(&state.tree, checkpoints, remembered, &self.key)
    }

    /// Writes a standing, unless there is a later one. Without it the next start takes longer, and is no other.
    pub(super) fn stand(&self, draft: &Draft) {
        let mut standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        // One from before answers were removed can have these.
        let removed = self.removed().map_or(0, |removed| removed.record);
        if draft.size() <= *standing || draft.size() < removed {
            return;
        }
        let hashes = |earlier, later| self.state().tree.between(earlier, later);
        match draft.write(&standing::path(&self.folder), &self.key, hashes) {
            Ok(()) => *standing = draft.size(),
            Err(error) => {
                tracing::warn!(%error, "the standing of the log cannot be written; the next start takes longer")
            }
        }
    }
}

/// Closes a log when it goes, unless what it guards is done.
pub(super) struct Closing<'l> {
    pub(super) log: &'l AuditLog,
    pub(super) done: bool,
}

impl Closing<'_> {
    pub(super) fn done(mut self) {
        self.done = true;
    }
}

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        if !self.done {
            self.log.state().poisoned = true;
            self.log.written.notify_all();
        }
    }
}
