//! The nodes that take part: which gemeente each answers for, who it must prove to be, and where it is.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use drempel_protocols::{
    id::{Gemeentecode, Oin},
    log::LogKey,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A registered node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// The gemeente it answers for.
    pub gemeente: Gemeentecode,
    /// The organisation its certificate must name.
    pub oin: Oin,
    /// Its base URL, `https://…`.
    pub url: String,
    /// The key that its log is signed with, as `drempel-node audit key` prints it. Without it an answer is taken with the
    /// record of the log that it says to have, and nobody looks whether the log has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logsleutel: Option<LogKey>,
}

/// What became of the last question put to a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// When it ended.
    pub at: Timestamp,
    /// How it ended.
    pub state: State,
}

/// Where an asking stands at one gemeente.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Not asked yet.
    Wacht,
    /// Asked; no answer yet.
    Gevraagd,
    /// Answered.
    Geantwoord,
    /// The node said no.
    Geweigerd,
    /// Not within the deadline.
    TeLaat,
    /// Not reached, or nothing that can be used.
    Onbereikbaar,
}

impl State {
    /// Every state, in the order in which they come.
    pub const ALL: [Self; 6] =
        [Self::Wacht, Self::Gevraagd, Self::Geantwoord, Self::Geweigerd, Self::TeLaat, Self::Onbereikbaar];

    /// Its name on the wire and in the store.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Wacht => "wacht",
            Self::Gevraagd => "gevraagd",
            Self::Geantwoord => "geantwoord",
            Self::Geweigerd => "geweigerd",
            Self::TeLaat => "te-laat",
            Self::Onbereikbaar => "onbereikbaar",
        }
    }

    /// The state of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// The registered nodes, one per gemeente, and when each was last heard of.
#[derive(Debug, Default)]
pub struct Registry {
    nodes: BTreeMap<Gemeentecode, Node>,
    seen: Mutex<BTreeMap<Gemeentecode, Sighting>>,
}

impl Registry {
    /// From the configured nodes; of two for one gemeente the last counts.
    pub fn new(nodes: impl IntoIterator<Item = Node>) -> Self {
        Self { nodes: nodes.into_iter().map(|node| (node.gemeente, node)).collect(), seen: Mutex::default() }
    }

    /// The node of a gemeente.
    #[must_use]
    pub fn node(&self, gemeente: Gemeentecode) -> Option<&Node> {
        self.nodes.get(&gemeente)
    }

    /// All nodes, by gemeente.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.values()
    }

    /// Notes how a question to a node ended.
    pub fn saw(&self, gemeente: Gemeentecode, sighting: Sighting) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(gemeente, sighting);
    }

    /// How the last question to a node ended.
    #[must_use]
    pub fn last_seen(&self, gemeente: Gemeentecode) -> Option<Sighting> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).get(&gemeente).cloned()
    }
}
