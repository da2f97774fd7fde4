//! The certificate of protected tables: what is shown, the status of every cell and how cells add up, with the rules that
//! were kept. Whoever has one can check it without the figures behind it. It says nothing of hidden cells but that they
//! are hidden (rules R4 and R9).

use serde::{Deserialize, Serialize};

use super::{
    flaw::{Flaw, published},
    linear::Linear,
    overlap::overlaps,
    pattern::{Pattern, Status},
    primary::Rules,
    remainder::Unions,
    system::{Cell, Earlier, Line, MOST_PERSONS, Shows, System, SystemError, Tie},
    table::Table,
};
use crate::id::Digest;

/// The only format that this version writes and reads.
const FORMAT: u32 = 3;

/// A certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    format: u32,
    grounds: Vec<Ground>,
    dimensions: Vec<String>,
    cells: Vec<CertifiedCell>,
    lines: Vec<Line>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ties: Vec<Tie>,
    pass: bool,
}

/// What cells were released under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ground {
    /// The rules that were kept.
    pub rules: Rules,
    /// The digest of what the tables were registered by.
    pub catalogue: Digest,
    /// The digest of the policy, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Digest>,
}

/// A cell as everybody may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertifiedCell {
    /// What it is called: one label for each dimension.
    pub labels: Vec<String>,
    /// Under which of the grounds it was released first.
    pub ground: usize,
    /// Whether it is hidden.
    pub hidden: bool,
    /// None where the cell is hidden, or its persons are in no table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persons: Option<u64>,
    /// None where the cell is hidden, or its rows are in no table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Which of them are in a table.
    pub shows: Shows,
    /// Whether its rows add up with those of others, though they may be in no table.
    pub has_rows: bool,
    /// Whether everybody knows that nobody can be in it.
    pub structural: bool,
    /// Whether it is hidden even if nobody is in it.
    pub sensitive: bool,
}

/// Why a certificate does not hold. Cells are named by their labels.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// It was written by another version.
    #[error("the certificate has a format that this version does not read")]
    Format,
    /// A shown cell has no value, or a hidden one has.
    #[error("a shown cell has no value, or a hidden one has")]
    Contradiction,
    /// It does not claim to hold.
    #[error("the certificate says itself that cells are not protected")]
    Fails,
    /// A cell was released under nothing that the certificate has.
    #[error("a cell was released under nothing that the certificate has")]
    Ground,
    /// What it holds is no system of cells.
    #[error(transparent)]
    System(#[from] SystemError),
    /// A cell is shown that has too few persons.
    #[error("({0}) is shown, and has too few persons")]
    Shown(String),
    /// A line has too small a remainder.
    #[error("what is left of a line with ({0}) has too few persons")]
    Remainder(String),
    /// A hidden cell is too narrow.
    #[error("({0}) is hidden, and keeps too few values")]
    Narrow(String),
}

impl Certificate {
    /// Of a table and its pattern. `catalogue` is the digest of what the table was registered by.
    #[must_use]
    pub fn of(table: &Table, pattern: &Pattern, rules: Rules, catalogue: Digest) -> Self {
        let cell = |(place, cell): (usize, &Cell)| {
            let hidden = pattern.status(place) == Status::Hidden;
            CertifiedCell {
                labels: table.labels(place).into_iter().map(str::to_owned).collect(),
                ground: 0,
                hidden,
                persons: (!hidden && cell.shows.persons).then_some(cell.persons),
                rows: cell.rows.filter(|_| !hidden && cell.shows.rows),
                shows: cell.shows,
                has_rows: cell.rows.is_some(),
                structural: cell.structural,
                sensitive: cell.sensitive,
            }
        };
        let cells = table.system().cells().iter().enumerate().map(cell).collect();
        let lines = table.system().lines().to_vec();
        let dimensions = table.dimensions().iter().map(|dimension| dimension.name().to_owned()).collect();
        let certificate =
            Self::new(vec![Ground { rules, catalogue, policy: None }], dimensions, cells, lines, Vec::new());
        Self { pass: pattern.unprotected().is_empty(), ..certificate }
    }

    /// Of cells of which all are protected.
    #[must_use]
    pub const fn new(
        grounds: Vec<Ground>,
        dimensions: Vec<String>,
        cells: Vec<CertifiedCell>,
        lines: Vec<Line>,
        ties: Vec<Tie>,
    ) -> Self {
        Self { format: FORMAT, grounds, dimensions, cells, lines, ties, pass: true }
    }

    /// What its cells were released under, one after another: who checks it looks whether these are as they should be.
    #[must_use]
    pub fn grounds(&self) -> &[Ground] {
        &self.grounds
    }

    /// How many cells of tables are shown, and how many there are.
    #[must_use]
    pub fn shown(&self) -> (usize, usize) {
        let cells = || self.cells.iter().filter(|cell| !cell.shows.nothing());
        (cells().filter(|cell| !cell.hidden).count(), cells().count())
    }

    /// Checks it from what is published alone. How cells add up is as the certificate says; whether that is all of it,
    /// only who has what the tables were registered by can tell. Shown cells have enough persons and add up, so do the
    /// remainders of lines, and every hidden cell that may have too few persons keeps as many values as the rules say.
    ///
    /// # Errors
    /// [`CertificateError`]: the first thing that does not hold.
    pub fn verify(&self, solver: &impl Linear) -> Result<(), CertificateError> {
        if self.format != FORMAT {
            return Err(CertificateError::Format);
        }
        if !self.pass {
            return Err(CertificateError::Fails);
        }
        let name = |cell: usize| self.cells.get(cell).map(|cell| cell.labels.join(", ")).unwrap_or_default();
        let as_said = |cell: &CertifiedCell| {
            let (persons, rows) = (!cell.hidden && cell.shows.persons, !cell.hidden && cell.shows.rows);
            cell.persons.is_some() == persons && cell.rows.is_some() == rows
        };
        if !self.cells.iter().all(as_said) {
            return Err(CertificateError::Contradiction);
        }
        if self.grounds.iter().any(|ground| ground.rules.k > MOST_PERSONS) {
            return Err(SystemError::TooMany.into());
        }
        let Some(rules) = self.grounds.last().map(|ground| ground.rules) else {
            return Err(CertificateError::Ground);
        };
        let cells = self.cells.iter().map(|cell| cell.seen(&self.grounds, rules)).collect::<Option<Vec<_>>>();
        let cells = cells.ok_or(CertificateError::Ground)?;
        let hidden: Vec<bool> = self.cells.iter().map(|cell| cell.hidden || cell.shows.nothing()).collect();
        let shown = |cell: usize| hidden.get(cell).is_some_and(|hidden| !hidden);
        let system = System::seen(cells, self.lines.clone(), shown)?;
        let (nested, _) = overlaps(&system, &NotAtHand);
        let system = system.knowing(self.ties.iter().cloned().chain(nested).collect())?;
        match published(&system, &hidden, rules, solver).first() {
            None => Ok(()),
            Some((cell, Flaw::Shown)) => Err(CertificateError::Shown(name(*cell))),
            Some((cell, Flaw::Remainder)) => Err(CertificateError::Remainder(name(*cell))),
            Some((cell, Flaw::Narrow)) => Err(CertificateError::Narrow(name(*cell))),
        }
    }
}

impl CertifiedCell {
    /// As a cell of which a reader knows what is published, under rules that may be those of a later release. None if it
    /// has no ground.
    fn seen(&self, grounds: &[Ground], rules: Rules) -> Option<Cell> {
        let k = grounds.get(self.ground)?.rules.k;
        Some(Cell {
            // Of whom a reader sees rows only, there is somebody.
            persons: self.persons.or(self.rows).unwrap_or(0),
            rows: self.has_rows.then_some(self.rows.unwrap_or(0)),
            shows: self.shows,
            wanted: 1,
            structural: self.structural,
            // That nobody is in it can be hidden after a release in which it was.
            sensitive: self.sensitive || self.ground > 0,
            insider: false,
            stock: false,
            earlier: (k != rules.k).then_some(Earlier { reason: None, k, settled: false }),
        })
    }
}

/// The records of no cell, so that nothing is said of unions: they are in no table.
struct NotAtHand;

impl Unions for NotAtHand {
    fn in_any(&self, asked: &[(usize, Vec<usize>)]) -> Vec<u64> {
        vec![0; asked.len()]
    }

    fn has(&self, _cell: usize) -> bool {
        false
    }
}
