//! The nodes that take part: which gemeente each answers for, who it must prove to be, and where it is.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use drempel_protocols::{
    id::{Gemeentecode, Oin},
    log::{LogKey, WitnessKey},
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
    /// The key with which it cosigns the logs of others, as `drempel-node audit witness-key` prints it. Without it it is asked
    /// to cosign none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub getuigesleutel: Option<WitnessKey>,
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

    /// Who is asked to cosign the log of a gemeente: of those who can, the next so many after it, by their codes and around.
    #[must_use]
    pub fn witnesses(&self, gemeente: Gemeentecode, most: usize) -> Vec<&Node> {
        let after = self.nodes.values().filter(|node| node.gemeente > gemeente);
        let before = self.nodes.values().filter(|node| node.gemeente < gemeente);
        after.chain(before).filter(|node| node.getuigesleutel.is_some()).take(most).collect()
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

#[cfg(test)]
mod tests {
    use drempel_protocols::log::{Kind, SigningKey, witness_name};
    use ring::{rand::SystemRandom, signature::Ed25519KeyPair};

    use super::*;

    #[test]
    fn each_log_has_the_next_ones_as_witnesses_and_never_its_own() {
        let node = |(code, is_witness): (&str, bool)| {
            let gemeente: Gemeentecode = code.parse().unwrap();
            let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
            let key = SigningKey::from_pkcs8(&witness_name(gemeente), Kind::Witness, pkcs8.as_ref()).unwrap();
            let getuigesleutel = is_witness.then(|| key.public().clone().try_into().unwrap());
            let (oin, url) = ("00000099000000001014".parse().unwrap(), String::new());
            Node { gemeente, oin, url, logsleutel: None, getuigesleutel }
        };
        let four = [("GM0014", true), ("GM0034", false), ("GM0037", true), ("GM0050", true)];
        let registry = Registry::new(four.map(node));
        let of = |code: &str| {
            let found = registry.witnesses(code.parse().unwrap(), 2);
            found.into_iter().map(|node| node.gemeente.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(of("GM0014"), ["GM0037", "GM0050"]);
        assert_eq!(of("GM0034"), ["GM0037", "GM0050"]);
        assert_eq!(of("GM0037"), ["GM0050", "GM0014"]);
        assert_eq!(of("GM0050"), ["GM0014", "GM0037"]);
        assert!(Registry::new([node(four[0])]).witnesses("GM0014".parse().unwrap(), 2).is_empty());
    }
}
