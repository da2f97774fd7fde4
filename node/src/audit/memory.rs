//! What a node remembers of the records of its log: the same after each of them, whether it was written a moment ago, read at
//! a start, or comes from a standing.

use jiff::Timestamp;

use super::{answered::AnsweredFrom, replay::Replays, verify::Logged};

/// What is remembered of records.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Memory {
    /// The latest time of any.
    pub(super) last_time: Timestamp,
    /// The ids that a question may still bear.
    pub(super) replays: Replays,
    /// The releases that were answered from.
    pub(super) answered: AnsweredFrom,
}

impl Default for Memory {
    fn default() -> Self {
        Self { last_time: Timestamp::MIN, replays: Replays::default(), answered: AnsweredFrom::default() }
    }
}

impl Memory {
    /// Takes note of the next record.
    pub(super) fn note(&mut self, logged: Logged<'_>) {
        self.last_time = self.last_time.max(logged.entry.time);
        self.answered.note(&logged.entry.event);
        self.replays.note(logged);
    }
}
