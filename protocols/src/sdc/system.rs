//! The cells that are protected together, and what everybody knows about how they add up. A cell is here once, in however
//! many tables it stands.

/// More persons than this are no count of persons; sums of it stay far within what is calculated with.
const MOST_PERSONS: u64 = 1 << 40;

/// Cells within cells, at most: whatever goes down line by line has an end.
const MOST_LEVELS: usize = 1000;

/// A cell and its true value, before anything is hidden.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Distinct persons.
    pub persons: u64,
    /// How many cells without parts it is the sum of; 1 of a cell that has none. Public.
    pub leaves: u64,
    /// Whether everybody knows that nobody can be in it (rule R6).
    pub structural: bool,
}

/// A cell as the sum of others: one level of one grouping of one dimension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The sum.
    pub whole: usize,
    /// What it is the sum of.
    pub parts: Vec<usize>,
    /// Which dimension and grouping: lines of one direction go on where another ends.
    pub direction: usize,
}

/// Cells and lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct System {
    cells: Vec<Cell>,
    /// Ordered so that whatever is the whole of a line comes in no line before it as a part.
    lines: Vec<Line>,
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
        if cells.iter().any(|cell| cell.persons > MOST_PERSONS) {
            return Err(SystemError::TooMany);
        }
        if cells.iter().any(|cell| cell.structural && cell.persons > 0) {
            return Err(SystemError::Structural);
        }
        let persons = |cell: usize| cells.get(cell).map(|cell| cell.persons).ok_or(SystemError::Unknown);
        for line in &lines {
            let mut sum = Some(0u64);
            for part in &line.parts {
                let part = persons(*part)?;
                sum = sum.and_then(|sum| sum.checked_add(part));
            }
            if line.parts.is_empty() {
                return Err(SystemError::Unknown);
            }
            let known = line.parts.iter().chain([&line.whole]).all(|cell| shown(*cell));
            if Some(persons(line.whole)?) != sum && known {
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
        Ok(Self { cells, lines, below, above })
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

    /// The distinct persons in a cell.
    pub(super) fn persons(&self, cell: usize) -> u64 {
        self.cells.get(cell).map_or(0, |cell| cell.persons)
    }

    /// The lines of which a cell is the whole.
    pub(super) fn below(&self, cell: usize) -> impl Iterator<Item = &Line> {
        self.places(&self.below, cell)
    }

    /// The lines in which a cell is a part.
    pub(super) fn above(&self, cell: usize) -> impl Iterator<Item = &Line> {
        self.places(&self.above, cell)
    }

    fn places<'s>(&'s self, of: &'s [Vec<usize>], cell: usize) -> impl Iterator<Item = &'s Line> {
        of.get(cell).into_iter().flatten().filter_map(|place| self.lines.get(*place))
    }
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
