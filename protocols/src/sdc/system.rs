//! The cells that are protected together, and what everybody knows about how they add up. A cell is here once, in however
//! many tables it stands.

use serde::{Deserialize, Serialize};

use super::{overlap::Union, pattern::Reason};

/// More persons than this are no count of persons; sums of it stay far within what is calculated with.
pub(super) const MOST_PERSONS: u64 = 1 << 40;

/// How many times what readers know speaks of counts, at most: so many bounds still add up.
const MOST_TIMES: u64 = 1 << 20;

/// Cells within cells, at most: whatever goes down line by line has an end.
const MOST_LEVELS: usize = 1000;

/// A cell and its true counts, before anything is hidden.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Distinct persons.
    pub persons: u64,
    /// Rows, of which every person has one or more (trajecten); none where only persons are counted.
    pub rows: Option<u64>,
    /// What a reader sees where the cell is shown.
    pub shows: Shows,
    /// How much it is wanted, whatever its counts: the more, the later it is hidden (rule R8).
    pub wanted: u64,
    /// Whether everybody knows that nobody can be in it (rule R6).
    pub structural: bool,
    /// Whether it is hidden even if nobody is in it (rule R6, `gevoelig`).
    pub sensitive: bool,
    /// Whether others than the public know too much of it to show it (rule R7).
    pub insider: bool,
    /// Whether it stands in the next release too.
    pub stock: bool,
    /// What an earlier release did with it; none if this release is its first.
    pub earlier: Option<Earlier>,
}

/// Which counts of a shown cell a reader sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shows {
    /// The distinct persons.
    pub persons: bool,
    /// The rows.
    pub rows: bool,
}

impl Shows {
    /// Persons only.
    pub const PERSONS: Self = Self { persons: true, rows: false };

    /// Whether it stands in no table: a sum that readers know to exist.
    #[must_use]
    pub const fn nothing(self) -> bool {
        !self.persons && !self.rows
    }
}

/// What an earlier release did with a cell, which stays (rule R3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// Why it was hidden; none if it was shown.
    pub reason: Option<Reason>,
    /// The threshold of that release.
    pub k: u64,
    /// Whether it keeps enough values whatever is released later, so that it need not be audited again.
    pub settled: bool,
}

/// A cell as the sum of others: one level of one grouping of one dimension. Rows always add up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The sum.
    pub whole: usize,
    /// What it is the sum of.
    pub parts: Vec<usize>,
    /// Which dimension and grouping: lines of one direction go on where another ends.
    pub direction: usize,
    /// Whether a person can be in several parts (`meer`, rule R1), so that persons do not add up.
    pub overlaps: bool,
}

/// What readers know to hold between counts besides the lines (rule R12): a sum that is at most, or exactly, a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tie {
    /// Counts, each so many times.
    pub terms: Vec<(Count, i64)>,
    /// Whether the sum is exactly the number; else at most.
    pub exactly: bool,
    /// The number.
    pub sum: i64,
}

/// A count that nobody publishes or a count of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Count {
    /// The distinct persons of a cell.
    Persons(usize),
    /// The rows of a cell.
    Rows(usize),
    /// A number of persons that is in no table, by its place in [`System::unpublished`].
    Unpublished(usize),
}

impl Count {
    /// The cell that it is of, if it is of one.
    #[must_use]
    pub const fn cell(self) -> Option<usize> {
        match self {
            Self::Persons(cell) | Self::Rows(cell) => Some(cell),
            Self::Unpublished(_) => None,
        }
    }
}

/// Cells and lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct System {
    cells: Vec<Cell>,
    /// Ordered so that whatever is the whole of a line comes in no line before it as a part.
    lines: Vec<Line>,
    ties: Vec<Tie>,
    /// The true numbers of persons that ties speak of and no table holds.
    unpublished: Vec<Union>,
    /// What earlier releases told besides.
    told: Vec<Tie>,
    /// Cells, each with a cell of another view that all its persons are in.
    inside: Vec<[usize; 2]>,
    /// The lines of which a cell is the whole.
    below: Vec<Vec<usize>>,
    /// The lines in which a cell is a part.
    above: Vec<Vec<usize>>,
}

/// Why cells and lines are no system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SystemError {
    /// A line names a cell that is not there, or has no parts.
    #[error("a line names a cell that is not there")]
    Unknown,
    /// A line does not add up.
    #[error("a line does not add up")]
    Sum,
    /// A cell is part of itself.
    #[error("a cell is part of itself, or of more than {MOST_LEVELS} others, one in another")]
    Cycle,
    /// A count is too large to calculate with.
    #[error("the persons are too many to count")]
    TooMany,
    /// A cell in which nobody can be has somebody.
    #[error("a cell in which nobody can be has somebody")]
    Structural,
    /// A declared relation does not hold.
    #[error("a relation that readers were told of does not hold")]
    Tie,
}

impl System {
    /// From cells and lines that add up.
    ///
    /// # Errors
    /// [`SystemError`].
    pub fn new(cells: Vec<Cell>, lines: Vec<Line>) -> Result<Self, SystemError> {
        Self::seen(cells, lines, |_| true)
    }

    /// As a reader sees it: only the lines of which every cell is shown need to add up, as the others' values are not
    /// known.
    ///
    /// # Errors
    /// [`SystemError`].
    pub fn seen(cells: Vec<Cell>, lines: Vec<Line>, shown: impl Fn(usize) -> bool) -> Result<Self, SystemError> {
        if cells.iter().any(|cell| cell.persons > MOST_PERSONS || cell.rows.is_some_and(|rows| rows > MOST_PERSONS)) {
            return Err(SystemError::TooMany);
        }
        if cells.iter().any(|cell| cell.structural && cell.persons > 0) {
            return Err(SystemError::Structural);
        }
        for line in &lines {
            if line.parts.is_empty() || line.parts.iter().chain([&line.whole]).any(|cell| *cell >= cells.len()) {
                return Err(SystemError::Unknown);
            }
            let known = |measure: fn(Shows) -> bool| {
                let all = || line.parts.iter().chain([&line.whole]);
                all().all(|cell| shown(*cell) && cells.get(*cell).is_some_and(|cell| measure(cell.shows)))
            };
            if !adds_up(&cells, line, known(|shows| shows.persons), known(|shows| shows.rows)) {
                return Err(SystemError::Sum);
            }
        }
        let lines = bottom_up(cells.len(), lines)?;
        let (mut below, mut above) = (vec![Vec::new(); cells.len()], vec![Vec::new(); cells.len()]);
        for (place, line) in lines.iter().enumerate() {
            if let Some(below) = below.get_mut(line.whole) {
                below.push(place);
            }
            for part in &line.parts {
                if let Some(above) = above.get_mut(*part) {
                    above.push(place);
                }
            }
        }
        let (ties, unpublished, told, inside) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Ok(Self { cells, lines, ties, unpublished, told, inside, below, above })
    }

    /// With what else readers know, and the numbers of persons that it speaks of and no table holds.
    ///
    /// # Errors
    /// [`SystemError::Tie`] if something does not hold.
    pub fn with(mut self, ties: Vec<Tie>, unpublished: Vec<Union>) -> Result<Self, SystemError> {
        if unpublished.iter().any(|union| union.persons > MOST_PERSONS) {
            return Err(SystemError::TooMany);
        }
        self.unpublished = unpublished;
        self.hold(&ties)?;
        self.ties = ties;
        Ok(self)
    }

    /// With what a reader knows who cannot check it, as not all values are shown.
    ///
    /// # Errors
    /// [`SystemError::Unknown`] if it speaks of what is not there, [`SystemError::TooMany`] of numbers that are none of
    /// persons.
    pub fn knowing(mut self, ties: Vec<Tie>) -> Result<Self, SystemError> {
        let is_here = |count: &Count| match count {
            Count::Persons(cell) | Count::Rows(cell) => *cell < self.cells.len(),
            Count::Unpublished(_) => false,
        };
        let times =
            |tie: &Tie| tie.terms.iter().try_fold(0u64, |sum, (_, times)| sum.checked_add(times.unsigned_abs()));
        for tie in &ties {
            if !tie.terms.iter().all(|(count, _)| is_here(count)) {
                return Err(SystemError::Unknown);
            }
            if tie.sum.unsigned_abs() > MOST_PERSONS || times(tie).is_none_or(|times| times > MOST_TIMES) {
                return Err(SystemError::TooMany);
            }
        }
        self.ties = ties;
        Ok(self)
    }

    /// With cells of which others than the public know too much to show them (rule R7).
    #[must_use]
    pub fn with_insiders(mut self, cells: impl IntoIterator<Item = usize>) -> Self {
        for cell in cells {
            if let Some(cell) = self.cells.get_mut(cell) {
                cell.insider = true;
            }
        }
        self
    }

    /// With cells that each have a cell of another view that all their persons are in: what that leaves is a remainder too
    /// (rule R5).
    #[must_use]
    pub fn with_inside(self, inside: Vec<[usize; 2]>) -> Self {
        Self { inside, ..self }
    }

    /// With what earlier releases told a reader who runs the algorithm backwards ([`super::Pattern::told`]).
    ///
    /// # Errors
    /// [`SystemError::Tie`] if something does not hold.
    pub fn after(mut self, told: Vec<Tie>) -> Result<Self, SystemError> {
        self.hold(&told)?;
        self.told = told;
        Ok(self)
    }

    fn hold(&self, ties: &[Tie]) -> Result<(), SystemError> {
        for tie in ties {
            let sum = tie.terms.iter().try_fold(0i64, |sum, (count, times)| {
                sum.checked_add(times.checked_mul(i64::try_from(self.count(*count)?).ok()?)?)
            });
            if sum.is_none_or(|sum| if tie.exactly { sum != tie.sum } else { sum > tie.sum }) {
                return Err(SystemError::Tie);
            }
        }
        Ok(())
    }

    /// The cells.
    #[must_use]
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The lines, those of smaller cells first.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// What readers know besides the lines.
    #[must_use]
    pub fn ties(&self) -> &[Tie] {
        &self.ties
    }

    /// The numbers of persons that ties speak of and no table holds.
    #[must_use]
    pub fn unpublished(&self) -> &[Union] {
        &self.unpublished
    }

    /// What earlier releases told besides.
    #[must_use]
    pub fn told(&self) -> &[Tie] {
        &self.told
    }

    /// Cells, each with a cell of another view that all its persons are in.
    pub(super) fn inside(&self) -> &[[usize; 2]] {
        &self.inside
    }

    /// The true number of a count; none of a cell that has no rows, or is not there.
    pub(super) fn count(&self, count: Count) -> Option<u64> {
        match count {
            Count::Persons(cell) => self.cells.get(cell).map(|cell| cell.persons),
            Count::Rows(cell) => self.cells.get(cell).and_then(|cell| cell.rows),
            Count::Unpublished(place) => self.unpublished.get(place).map(|union| union.persons),
        }
    }

    /// The distinct persons in a cell.
    pub(super) fn persons(&self, cell: usize) -> u64 {
        self.cells.get(cell).map_or(0, |cell| cell.persons)
    }

    /// The lines of which a cell is the whole.
    pub(super) fn below(&self, cell: usize) -> impl Iterator<Item = &Line> {
        self.below_places(cell).filter_map(|place| self.lines.get(place))
    }

    /// The places of the lines of which a cell is the whole.
    pub(super) fn below_places(&self, cell: usize) -> impl Iterator<Item = usize> {
        self.below.get(cell).into_iter().flatten().copied()
    }

    /// The places of the lines in which a cell is a part.
    pub(super) fn above_places(&self, cell: usize) -> impl Iterator<Item = usize> {
        self.above.get(cell).into_iter().flatten().copied()
    }
}

/// Whether a line says of its true counts what holds of every table of records, in the measures that are known.
fn adds_up(cells: &[Cell], line: &Line, persons: bool, rows: bool) -> bool {
    let sum = |count: fn(&Cell) -> Option<u64>| {
        let mut parts = line.parts.iter().map(|part| cells.get(*part).and_then(count));
        parts.try_fold(0u64, |sum, part| sum.checked_add(part?))
    };
    let whole = cells.get(line.whole);
    let in_parts = sum(|cell| Some(cell.persons));
    let of_whole = whole.map(|cell| cell.persons);
    let largest = line.parts.iter().filter_map(|part| cells.get(*part)).map(|cell| cell.persons).max();
    let persons_fit = if line.overlaps { of_whole <= in_parts && of_whole >= largest } else { of_whole == in_parts };
    let of_whole = whole.and_then(|cell| cell.rows);
    let in_parts = sum(|cell| cell.rows);
    let rows_fit = of_whole.is_none() || in_parts.is_none() || of_whole == in_parts;
    (persons_fit || !persons) && (rows_fit || !rows)
}

/// Lines in such an order that a cell's own come before those in which it is a part.
fn bottom_up(cells: usize, lines: Vec<Line>) -> Result<Vec<Line>, SystemError> {
    let mut height = vec![0usize; cells];
    let mut rounds = 0;
    loop {
        let mut changed = false;
        for line in &lines {
            let parts = line.parts.iter().filter_map(|part| height.get(*part)).max().copied().unwrap_or(0);
            if let Some(whole) = height.get_mut(line.whole).filter(|whole| **whole <= parts) {
                *whole = parts + 1;
                changed = true;
            }
        }
        if !changed {
            break;
        }
        rounds += 1;
        if rounds > cells.min(MOST_LEVELS) {
            return Err(SystemError::Cycle);
        }
    }
    let mut lines = lines;
    lines.sort_by_key(|line| height.get(line.whole).copied());
    Ok(lines)
}
