//! The catalogues that a node was started with, by its log: each but the first needs an officer's acceptance, one that was
//! replaced needs another before it comes back, and in a log that takes the place of another every one needs it. Whoever
//! writes files and configuration can start a node with any of them; what it answers is by this.

use std::collections::BTreeMap;

use drempel_protocols::id::Digest;
use serde::{Deserialize, Serialize};

use crate::audit::Event;

/// Which catalogue came after which, and whether there is anybody to accept one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Catalogues {
    /// The one that the log began under: it came with the installation.
    first: Option<Digest>,
    current: Option<Digest>,
    starts: u64,
    /// By which start each that is not the current one was replaced last.
    replaced: BTreeMap<Digest, u64>,
    /// Whether anybody ever had an account for the pages.
    has_officers: bool,
    /// The record that says that the log takes the place of another, in which everything was decided before.
    anew: Option<u64>,
}

impl Catalogues {
    /// Takes note of a record.
    pub(super) fn note(&mut self, record: u64, event: &Event) {
        match event {
            Event::Account { holder: Some(_), .. } => self.has_officers = true,
            Event::BegunAnew { officers, .. } => {
                self.anew = Some(record);
                self.has_officers |= officers;
            }
            Event::Started { catalogue, .. } => {
                if let Some(before) = self.current.filter(|before| before != catalogue) {
                    self.replaced.insert(before, record);
                }
                self.first.get_or_insert(*catalogue);
                self.current = Some(*catalogue);
                self.starts = self.starts.saturating_add(1);
            }
            _ => {}
        }
    }

    /// Whether what was made with a catalogue can be answered from: the node was started with it. At its first start it is not
    /// known which those were.
    pub(super) fn knows(&self, catalogue: Digest) -> bool {
        self.starts < 2 || self.current == Some(catalogue) || self.replaced.contains_key(&catalogue)
    }

    /// Whether anybody could ever decide.
    pub(super) const fn has_officers(&self) -> bool {
        self.has_officers
    }

    /// The record after which an officer must have accepted a catalogue for it to be answered under; none where none must.
    pub(super) fn needs_acceptance_after(&self, catalogue: Digest) -> Option<u64> {
        if !self.has_officers {
            return None;
        }
        let replaced = self.replaced.get(&catalogue).copied().or(self.anew);
        // A log begins with its first start, so that no decision comes before it.
        replaced.or_else(|| self.first.is_some_and(|first| first != catalogue).then_some(0))
    }
}
