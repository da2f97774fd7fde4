//! The certificate of a protected table: what is shown, the status of every cell and how cells add up, with the rules that
//! were kept. Whoever has one can check it without the figures behind it. It says nothing of hidden cells but that they
//! are hidden (rules R4 and R9).

use serde::{Deserialize, Serialize};

use super::{
    audit::intervals,
    linear::Linear,
    pattern::{Pattern, Status},
    primary::Rules,
    remainder::{self, Demand},
    system::{Cell, Line, Shows, System, SystemError},
    table::Table,
};
use crate::id::Digest;

/// The only format that this version writes and reads.
const FORMAT: u32 = 2;

/// A certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    format: u32,
    rules: Rules,
    /// The digest of what the table was registered by.
    catalogue: Digest,
    dimensions: Vec<String>,
    cells: Vec<CertifiedCell>,
    lines: Vec<Line>,
    pass: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CertifiedCell {
    labels: Vec<String>,
    hidden: bool,
    /// None where the cell is hidden, or its persons are in no table.
    #[serde(skip_serializing_if = "Option::is_none")]
    persons: Option<u64>,
    /// None where the cell is hidden, or its rows are in no table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rows: Option<u64>,
    /// Which of them are in a table.
    shows: Shows,
    /// Whether everybody knows that nobody can be in it.
    structural: bool,
    /// Whether it is hidden even if nobody is in it.
    sensitive: bool,
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
                hidden,
                persons: (!hidden && cell.shows.persons).then_some(cell.persons),
                rows: cell.rows.filter(|_| !hidden && cell.shows.rows),
                shows: cell.shows,
                structural: cell.structural,
                sensitive: cell.sensitive,
            }
        };
        Self {
            format: FORMAT,
            rules,
            catalogue,
            dimensions: table.dimensions().iter().map(|dimension| dimension.name().to_owned()).collect(),
            cells: table.system().cells().iter().enumerate().map(cell).collect(),
            lines: table.system().lines().to_vec(),
            pass: pattern.unprotected().is_empty(),
        }
    }

    /// How many cells are shown, and how many there are.
    #[must_use]
    pub fn shown(&self) -> (usize, usize) {
        (self.cells.iter().filter(|cell| !cell.hidden).count(), self.cells.len())
    }

    /// Checks it from what is published alone. How cells add up is as the certificate says; whether that is all of it,
    /// only who has what the table was registered by can tell. Shown cells have enough persons and add up, so do the remainders of lines,
    /// and every hidden cell that may have too few persons keeps as many values as the rules say.
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
        let hidden: Vec<bool> = self.cells.iter().map(|cell| cell.hidden).collect();
        let cell = |cell: &CertifiedCell| Cell {
            persons: cell.persons.unwrap_or(0),
            rows: cell.shows.rows.then_some(cell.rows.unwrap_or(0)),
            shows: cell.shows,
            wanted: 1,
            structural: cell.structural,
            sensitive: cell.sensitive,
            stock: false,
            earlier: None,
        };
        let shown = |cell: usize| hidden.get(cell).is_some_and(|hidden| !hidden);
        let system = System::seen(self.cells.iter().map(cell).collect(), self.lines.clone(), shown)?;
        match published(&system, &hidden, self.rules, solver).first() {
            None => Ok(()),
            Some((cell, Flaw::Shown)) => Err(CertificateError::Shown(name(*cell))),
            Some((cell, Flaw::Remainder)) => Err(CertificateError::Remainder(name(*cell))),
            Some((cell, Flaw::Narrow)) => Err(CertificateError::Narrow(name(*cell))),
        }
    }
}

/// What is wrong with a published cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It is shown, and has too few persons.
    Shown,
    /// What is left of one of its lines has too few persons.
    Remainder,
    /// It is hidden, and keeps too few values; or what is shown contradicts itself.
    Narrow,
}

/// What is wrong with published cells, as far as a reader of them can tell.
#[must_use]
pub fn published(system: &System, hidden: &[bool], rules: Rules, solver: &impl Linear) -> Vec<(usize, Flaw)> {
    let shown = system.cells().iter().zip(hidden).enumerate().filter(|(_, (_, hidden))| !**hidden);
    // Of a cell without persons in a table a reader sees rows, of which there are at least as many.
    let least = |cell: &Cell| if cell.shows.persons { Some(cell.persons) } else { cell.rows };
    let small = shown.filter(|(_, (cell, _))| !cell.structural && least(cell).is_some_and(|few| rules.too_few(few)));
    let mut flaws: Vec<(usize, Flaw)> = small.map(|(cell, _)| (cell, Flaw::Shown)).collect();
    if rules.remainders {
        let any_rank: Vec<usize> = (0..hidden.len()).collect();
        let demand = Demand { too_few: &|persons| rules.too_few(persons), k: rules.k, rank: &any_rank };
        let lines = remainder::visible(system, hidden, &demand);
        flaws.extend(lines.into_iter().map(|whole| (whole, Flaw::Remainder)));
    }
    if rules.values > 0 {
        let least = |cell: usize| system.cells().get(cell).map_or(0, |cell| rules.least(cell));
        let narrow = intervals(system, hidden, rules.k, least, solver).into_iter().filter(|found| rules.narrow(found));
        flaws.extend(narrow.map(|found| (found.cell, Flaw::Narrow)));
    }
    flaws
}
