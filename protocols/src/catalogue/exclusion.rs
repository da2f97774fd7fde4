//! What no row can be, by how its columns follow from the records: members of some dimensions that never go together. Readers
//! can tell from the definitions, so whoever protects counts reckons with it (rule R12).

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::id::{ColumnName, MemberCode};

/// Members that no row has together: one of each of these dimensions, which follow from no other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exclusion {
    pub(super) members: BTreeMap<ColumnName, BTreeSet<MemberCode>>,
    pub(super) holds: Holds,
}

/// Of which half-years something holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// All of them.
    Altijd,
    /// The first that a gemeente releases, in which trajecten count by date (rule R2).
    EersteHalfjaar,
    /// Those of a gemeente that has no mapping of its product codes.
    ZonderAfbeelding,
}

impl Exclusion {
    /// The members, by dimension.
    #[must_use]
    pub const fn members(&self) -> &BTreeMap<ColumnName, BTreeSet<MemberCode>> {
        &self.members
    }

    /// When it holds.
    #[must_use]
    pub const fn holds(&self) -> Holds {
        self.holds
    }
}
