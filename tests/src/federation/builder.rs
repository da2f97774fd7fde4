//! What a federation is to be: who takes part, of what size, by which clock.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use drempel_coordinator::config::{LimitsConfig, WitnessConfig};
use drempel_node::config::LimitsFile;
use drempel_protocols::{
    clock::{Clock, SystemClock},
    id::{Gemeentecode, Period},
    policy::PolicyFile,
};

use crate::{participants::Participant, synthetic::Bsn};

pub(super) type Progress = Arc<dyn Fn(&str) + Send + Sync>;

/// A federation to be set up.
#[derive(Clone)]
pub struct FederationBuilder {
    pub(super) participants: Option<Vec<Participant>>,
    pub(super) gemeenten: usize,
    pub(super) seed: u64,
    pub(super) folder: Option<PathBuf>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) canary: Option<(Bsn, String)>,
    pub(super) limits: LimitsFile,
    pub(super) node_seconds: u64,
    pub(super) witness_seconds: u64,
    pub(super) first_release: Option<Period>,
    pub(super) policies: BTreeMap<Gemeentecode, PolicyFile>,
    pub(super) pages: bool,
    pub(super) four_eyes: bool,
    pub(super) progress: Progress,
}

impl Default for FederationBuilder {
    fn default() -> Self {
        Self {
            participants: None,
            gemeenten: 2,
            seed: 1,
            folder: None,
            clock: SystemClock::shared(),
            canary: None,
            limits: LimitsFile::default(),
            node_seconds: LimitsConfig::default().node_seconds,
            witness_seconds: WitnessConfig::default().seconden,
            first_release: None,
            policies: BTreeMap::new(),
            pages: false,
            four_eyes: false,
            progress: Arc::new(|_| {}),
        }
    }
}

impl FederationBuilder {
    /// How many gemeenten take part, as [`crate::participants::choose`] has them.
    #[must_use]
    pub fn gemeenten(self, gemeenten: usize) -> Self {
        Self { gemeenten, ..self }
    }

    /// Exactly these gemeenten.
    #[must_use]
    pub fn participants(self, participants: Vec<Participant>) -> Self {
        Self { participants: Some(participants), ..self }
    }

    /// The seed of every population.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The folder to use: what is in it is kept. Without it everything is temporary.
    #[must_use]
    pub fn folder(self, folder: PathBuf) -> Self {
        Self { folder: Some(folder), ..self }
    }

    /// The clock that everyone goes by.
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// A BSN and a name that are planted in the records of every gemeente, and must never be seen again.
    #[must_use]
    pub fn canary(self, bsn: Bsn, name: &str) -> Self {
        Self { canary: Some((bsn, name.to_owned())), ..self }
    }

    /// What a question may use at a node.
    #[must_use]
    pub fn limits(self, limits: LimitsFile) -> Self {
        Self { limits, ..self }
    }

    /// How many seconds a node may take before it is late.
    #[must_use]
    pub fn node_seconds(self, node_seconds: u64) -> Self {
        Self { node_seconds, ..self }
    }

    /// How many seconds are between two rounds past the logs of all nodes.
    #[must_use]
    pub fn witness_seconds(self, witness_seconds: u64) -> Self {
        Self { witness_seconds, ..self }
    }

    /// Every half-year from this one on is released; without it the last but one of the catalogue, and no other.
    #[must_use]
    pub fn first_release(self, first_release: Period) -> Self {
        Self { first_release: Some(first_release), ..self }
    }

    /// A policy of a gemeente's own.
    #[must_use]
    pub fn policy(mut self, code: Gemeentecode, policy: PolicyFile) -> Self {
        self.policies.insert(code, policy);
        self
    }

    /// The nodes have pages, with an account for each role.
    #[must_use]
    pub fn pages(self) -> Self {
        Self { pages: true, ..self }
    }

    /// To accept something on the pages takes two officers.
    #[must_use]
    pub fn four_eyes(self) -> Self {
        Self { four_eyes: true, ..self }
    }

    /// Told what is being done.
    #[must_use]
    pub fn progress(self, progress: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { progress: Arc::new(progress), ..self }
    }
}
