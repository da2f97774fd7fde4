//! A release: everything that one gemeente publishes about one half-year, protected once as one system with everything it
//! published before, and never revised (rule R3). It holds the counts of hidden cells too and never leaves the node as a
//! whole: what leaves are its shown cells, and of each hidden one that it is hidden (rule R4).

mod certificate;
mod insiders;
mod joint;
#[cfg(test)]
mod tests;
mod unions;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use self::certificate::certificate;
pub use self::insiders::insiders;
pub use self::joint::{Joint, JointError, RuleSet, Uitgave};
use crate::{
    catalogue::Measure,
    cell::Cell,
    id::{Digest, Gemeentecode, Period},
    lattice::Place,
    sdc::{Line, Reason, Rules, Shows, Tie, Union},
};

/// The only format that this version writes and reads.
const FORMAT: u32 = 3;

/// What is published of a half-year, and what is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    format: u32,
    gemeente: Gemeentecode,
    period: Period,
    /// Gemeenten that became this one with this half-year (herindeling).
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    voorgangers: BTreeSet<Gemeentecode>,
    /// Whether hulpvormen follow from categorieën, as there is no mapping of product codes.
    zonder_afbeelding: bool,
    catalogue: Digest,
    policy: Digest,
    rules: Rules,
    /// What published counts are rounded to multiples of; 1 is exact.
    #[serde(default = "exact", skip_serializing_if = "is_exact")]
    round_to: u32,
    cells: Vec<ReleasedCell>,
    lines: Vec<Line>,
    ties: Vec<Tie>,
    /// What no table has and every audit reckons with: how many persons are in one of two cells (rule R1).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unions: Vec<Union>,
    /// What hidden cells tell a reader who runs the algorithm backwards (rule R8).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    told: Vec<Tie>,
}

/// A cell of a release with its true counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReleasedCell {
    place: Place,
    shows: Shows,
    wanted: u64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    sensitive: bool,
    /// Whether nobody can be in it, as everybody knows.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    structural: bool,
    persons: u64,
    rows: u64,
    /// Why it is hidden; none if it is shown. Only for the officer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
    /// Whether it keeps enough values whatever is released later.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    settled: bool,
}

impl Release {
    /// The gemeente.
    #[must_use]
    pub const fn gemeente(&self) -> Gemeentecode {
        self.gemeente
    }

    /// The half-year.
    #[must_use]
    pub const fn period(&self) -> Period {
        self.period
    }

    /// The gemeenten that became this one with this half-year (herindeling).
    #[must_use]
    pub const fn voorgangers(&self) -> &BTreeSet<Gemeentecode> {
        &self.voorgangers
    }

    /// Whether hulpvormen followed from categorieën, as there was no mapping of product codes.
    #[must_use]
    pub const fn zonder_afbeelding(&self) -> bool {
        self.zonder_afbeelding
    }

    /// The catalogue whose cubes it holds.
    #[must_use]
    pub const fn catalogue(&self) -> Digest {
        self.catalogue
    }

    /// The policy that it was protected under.
    #[must_use]
    pub const fn policy(&self) -> Digest {
        self.policy
    }

    /// The rules that it was protected by.
    #[must_use]
    pub const fn rules(&self) -> Rules {
        self.rules
    }

    /// Whether this version reads it.
    #[must_use]
    pub const fn is_known_format(&self) -> bool {
        self.format == FORMAT
    }

    /// What its published counts are rounded to multiples of; 1 is exact.
    #[must_use]
    pub const fn round_to(&self) -> u32 {
        self.round_to
    }

    /// What may be seen of every cell that stands in a cube: the counts that its cubes have, rounded as the policy had it,
    /// if it is shown.
    #[must_use]
    pub fn published(&self) -> BTreeMap<&Place, BTreeMap<Measure, Cell>> {
        let cells = self.cells.iter().filter(|cell| !cell.shows.nothing());
        cells.map(|cell| (&cell.place, cell.published(self.round_to.into()))).collect()
    }

    /// How many cells of cubes are shown, and how many there are.
    #[must_use]
    pub fn shown(&self) -> (usize, usize) {
        let cells = || self.cells.iter().filter(|cell| !cell.shows.nothing());
        (cells().filter(|cell| cell.reason.is_none()).count(), cells().count())
    }

    /// Of the cells with persons, how many are shown and how many there are. For the officer and for synthetic data only:
    /// it tells how many hidden cells have persons (rule R4).
    #[must_use]
    pub fn shown_with_persons(&self) -> (usize, usize) {
        let cells = || self.cells.iter().filter(|cell| !cell.shows.nothing() && cell.persons > 0);
        (cells().filter(|cell| cell.reason.is_none()).count(), cells().count())
    }

    /// Every cell of a cube with its counts and why it is hidden. For the officer only (rule R4).
    pub fn reasons(&self) -> impl Iterator<Item = OfficersCell<'_>> {
        self.cells.iter().filter(|cell| !cell.shows.nothing()).map(|cell| OfficersCell {
            place: &cell.place,
            persons: cell.persons,
            rows: cell.rows,
            reason: cell.reason,
        })
    }
}

/// A cell as the officer sees it.
#[derive(Clone, Copy, Debug)]
pub struct OfficersCell<'r> {
    /// Which it is.
    pub place: &'r Place,
    /// Distinct persons.
    pub persons: u64,
    /// Rows.
    pub rows: u64,
    /// Why it is hidden; none if it is shown.
    pub reason: Option<Reason>,
}

impl ReleasedCell {
    fn published(&self, round_to: u64) -> BTreeMap<Measure, Cell> {
        let measures =
            [(Measure::Personen, self.shows.persons, self.persons), (Measure::Aantal, self.shows.rows, self.rows)];
        let cell =
            |count: u64| if self.reason.is_some() { Cell::Hidden } else { Cell::Value(rounded(count, round_to)) };
        measures.into_iter().filter(|(_, shows, _)| *shows).map(|(measure, _, count)| (measure, cell(count))).collect()
    }
}

/// To the nearest multiple, and up from halfway.
const fn rounded(count: u64, to: u64) -> u64 {
    match to {
        0 => count,
        to => (count + to / 2) / to * to,
    }
}

const fn exact() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives it so")]
const fn is_exact(round_to: &u32) -> bool {
    *round_to == 1
}
