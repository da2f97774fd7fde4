//! What a node remembers of the records of its log: the same after each of them, whether it was written a moment ago, read at
//! a start, or comes from a standing.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{
    answered::AnsweredFrom, holders::Holders, inventory::Inventory, record::Event, removed::Removed, replay::Replays,
    verify::Logged,
};
use crate::decision::{Decisions, Motivation, Pseudonym};

/// What is remembered of records.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Memory {
    /// The latest time of any.
    pub(super) last_time: Timestamp,
    /// The ids that a question may still bear.
    pub(super) replays: Replays,
    /// The releases that were answered from.
    pub(super) answered: AnsweredFrom,
    /// What officers decided.
    pub(super) decisions: Decisions,
    /// Who may sign in to the pages.
    pub(super) holders: Holders,
    /// What was removed last.
    pub(super) removed: Option<Removed>,
    /// Those who asked and are forgotten.
    pub(super) erased: BTreeSet<Pseudonym>,
    /// The keys and the data of the node.
    pub(super) inventory: Inventory,
    /// Why the log takes the place of another, and when it began to, where it does.
    pub(super) anew: Option<(Timestamp, Motivation)>,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            last_time: Timestamp::MIN,
            replays: Replays::default(),
            answered: AnsweredFrom::default(),
            decisions: Decisions::default(),
            holders: Holders::default(),
            removed: None,
            erased: BTreeSet::new(),
            inventory: Inventory::default(),
            anew: None,
        }
    }
}

impl Memory {
    /// Takes note of the next record.
    pub(super) fn note(&mut self, logged: Logged<'_>) {
        self.last_time = self.last_time.max(logged.entry.time);
        self.answered.note(&logged.entry.event);
        self.decisions.note(logged.entry);
        self.holders.note(&logged.entry.event);
        if let Event::AskerErased { of } = &logged.entry.event {
            self.erased.insert(of.clone());
        }
        self.inventory.note(&logged.entry.event);
        if let Event::BegunAnew { reason, .. } = &logged.entry.event {
            self.anew = Some((logged.entry.time, reason.clone()));
        }
        if let Some(removed) = Removed::of(logged.entry) {
            self.replays.remove_answers(removed.through);
            self.removed = Some(removed);
        }
        self.replays.note(logged);
    }
}
