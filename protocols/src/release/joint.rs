//! A new half-year and everything released before, as one system: cells of earlier releases with the status that they
//! have, those of the new one without, and what ties them. A stock at the beginning is the cell that it was at the end of
//! the half-year before.

use std::collections::BTreeMap;

use super::{FORMAT, Release, ReleasedCell};
use crate::{
    catalogue::Catalogue,
    id::{Digest, Gemeentecode, Period},
    lattice::{self, Lattice, Place},
    policy::Policy,
    sdc::{self, Cell, Count, Earlier, Line, Linear, Pattern, Rules, System, SystemError, Tie, Unions},
};

/// Values that every unsafe cell keeps (rule R4).
const VALUES: usize = 4;

/// What a release is made under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleSet {
    catalogue: Digest,
    policy: Digest,
    rules: Rules,
}

impl RuleSet {
    /// Of a catalogue and a policy.
    #[must_use]
    pub fn of(catalogue: &Catalogue, policy: &Policy) -> Self {
        let rules = Rules { k: u64::from(policy.k()), hide_zeros: false, values: VALUES, remainders: true };
        Self { catalogue: catalogue.digest(), policy: policy.digest(), rules }
    }
}

/// A new half-year on its way to a release.
pub struct Joint {
    system: System,
    /// The cell of the system for each cell of the lattice.
    numbers: Vec<usize>,
    cells: Vec<ReleasedCell>,
    lines: Vec<Line>,
    ties: Vec<Tie>,
}

/// Why there is no release. Says which relation fails and never a count; for the officer only all the same, as it depends
/// on records.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JointError {
    /// Releases are not of half-years that follow each other.
    #[error("the releases are not of half-years that follow each other")]
    Gap,
    /// There is not one count for each cell.
    #[error("there is not one count for each cell of the catalogue")]
    Counts,
    /// A stock is not what it was at the end of the half-year before.
    #[error("a stock at the beginning of the half-year is not what it was at the end of the half-year before")]
    Stock,
    /// A stock of the half-year is none of the half-year before.
    #[error(
        "the catalogue has a stock at the beginning that the half-year before did not have at its end: what readers can \
         tell from both is not known. Groupings of categorie and hulpvorm, and cubes with begin or einde over them, cannot \
         change between half-years"
    )]
    NewStock,
    /// The records contradict what the catalogue declares.
    #[error("the records contradict what the catalogue declares: {0}")]
    System(#[from] SystemError),
    /// Cells cannot be protected, whatever is hidden: how many.
    #[error(
        "{0} cells cannot be protected, whatever else is hidden: there are too few jeugdigen for these tables. Nothing is \
         released; a catalogue with fewer or coarser tables can be"
    )]
    Unprotected(usize),
}

impl Joint {
    /// Of all releases before, in order, and the persons and rows of every cell of the lattice.
    ///
    /// # Errors
    /// [`JointError`].
    pub fn new(
        earlier: &[Release],
        period: Period,
        lattice: &Lattice,
        counts: &[(u64, u64)],
        unions: &impl Unions,
    ) -> Result<Self, JointError> {
        if counts.len() != lattice.cells().len() {
            return Err(JointError::Counts);
        }
        let mut making = Making::default();
        for release in earlier {
            making.follows(release.period)?;
            let numbers = making.cells(&release.cells, Some(release.rules.k))?;
            making.relations(&release.lines, &release.ties, &numbers);
            making.told.extend(release.told.iter().map(|tie| renumbered(tie, number_in(&numbers))));
        }
        making.follows(period)?;
        let mut cells: Vec<ReleasedCell> = lattice
            .cells()
            .iter()
            .zip(counts)
            .map(|(cell, (persons, rows))| ReleasedCell {
                place: cell.place.clone(),
                shows: cell.shows,
                wanted: cell.wanted,
                sensitive: cell.sensitive,
                persons: *persons,
                rows: *rows,
                reason: None,
                settled: false,
            })
            .collect();
        let numbers = making.cells(&cells, None)?;
        for (cell, number) in cells.iter_mut().zip(&numbers) {
            // A stock shows what it showed before, whatever cubes there are now.
            cell.shows = making.cells.get(*number).map_or(cell.shows, |known| known.shows);
        }
        making.relations(lattice.lines(), lattice.ties(), &numbers);
        let system = System::new(making.cells, making.lines)?;
        let own = Renumbered::new(unions, &numbers);
        let (overlaps, unpublished) = sdc::overlaps(&system, &own);
        let ties = making.ties.into_iter().chain(overlaps).collect();
        let system = system.with(ties, unpublished)?.after(making.told)?;
        Ok(Self { system, numbers, cells, lines: lattice.lines().to_vec(), ties: lattice.ties().to_vec() })
    }

    /// Everything as one system.
    #[must_use]
    pub const fn system(&self) -> &System {
        &self.system
    }

    /// Hides what the rules demand and makes the release.
    ///
    /// # Errors
    /// [`JointError::Unprotected`].
    pub fn protect(
        self,
        gemeente: Gemeentecode,
        period: Period,
        under: RuleSet,
        unions: &impl Unions,
        solver: &impl Linear,
    ) -> Result<Release, JointError> {
        let own = Renumbered::new(unions, &self.numbers);
        let pattern = sdc::protect(&self.system, under.rules, &own, solver);
        match pattern.unprotected().len() {
            0 => Ok(self.release(gemeente, period, under, &pattern)),
            cells => Err(JointError::Unprotected(cells)),
        }
    }

    fn release(self, gemeente: Gemeentecode, period: Period, under: RuleSet, pattern: &Pattern) -> Release {
        let RuleSet { catalogue, policy, rules } = under;
        let own: BTreeMap<usize, usize> = own(&self.numbers);
        let told = pattern.told().iter();
        let told = told.map(|tie| renumbered(tie, |number| own.get(&number).copied().unwrap_or(usize::MAX))).collect();
        let cells = self.cells.into_iter().zip(&self.numbers).map(|(cell, number)| {
            let (reason, settled) = (pattern.reason(*number), pattern.settled(*number));
            ReleasedCell { reason, settled: settled && !lattice::is_stock_after(&cell.place), ..cell }
        });
        Release {
            format: FORMAT,
            gemeente,
            period,
            catalogue,
            policy,
            rules,
            cells: cells.collect(),
            lines: self.lines,
            ties: self.ties,
            told,
        }
    }
}

/// Cells of every half-year so far.
#[derive(Default)]
struct Making {
    cells: Vec<Cell>,
    lines: Vec<Line>,
    ties: Vec<Tie>,
    told: Vec<Tie>,
    /// The cells of the half-year before, by place.
    before: BTreeMap<Place, usize>,
    period: Option<Period>,
    directions: usize,
}

impl Making {
    fn follows(&mut self, period: Period) -> Result<(), JointError> {
        let follows = self.period.is_none_or(|before| before.next() == Some(period));
        self.period = Some(period);
        if follows { Ok(()) } else { Err(JointError::Gap) }
    }

    /// The number of each cell of a half-year; `k` of one that was released.
    fn cells(&mut self, cells: &[ReleasedCell], k: Option<u64>) -> Result<Vec<usize>, JointError> {
        let mut numbers = Vec::new();
        let mut places = BTreeMap::new();
        for cell in cells {
            // The rows of those who are in a flow are not the rows that flow: a stock of them is no cell of two half-years.
            let rows = (!lattice::is_of_persons(&cell.place)).then_some(cell.rows);
            let after = lattice::after(&cell.place);
            let stock = after.as_ref().and_then(|place| self.before.get(place).copied());
            if after.is_some() && stock.is_none() && !self.before.is_empty() {
                return Err(JointError::NewStock);
            }
            let number = match stock {
                Some(number) => {
                    let known = self.cells.get(number);
                    if known.is_none_or(|known| known.persons != cell.persons || known.rows != rows) {
                        return Err(JointError::Stock);
                    }
                    number
                }
                None => {
                    self.cells.push(Cell {
                        persons: cell.persons,
                        rows,
                        shows: cell.shows,
                        wanted: cell.wanted,
                        structural: false,
                        sensitive: cell.sensitive,
                        stock: lattice::is_stock_after(&cell.place),
                        earlier: k.map(|k| Earlier { reason: cell.reason, k, settled: cell.settled }),
                    });
                    self.cells.len() - 1
                }
            };
            numbers.push(number);
            places.insert(cell.place.clone(), number);
        }
        self.before = places;
        Ok(numbers)
    }

    /// Adds the lines and ties of a half-year, whose directions are not those of another.
    fn relations(&mut self, lines: &[Line], ties: &[Tie], numbers: &[usize]) {
        let number = number_in(numbers);
        let first = self.directions;
        for line in lines {
            let direction = first + line.direction;
            self.directions = self.directions.max(direction + 1);
            let parts = line.parts.iter().map(|part| number(*part)).collect();
            self.lines.push(Line { whole: number(line.whole), parts, direction, overlaps: line.overlaps });
        }
        self.ties.extend(ties.iter().map(|tie| renumbered(tie, &number)));
    }
}

/// The number in the joint system of a cell of a half-year.
fn number_in(numbers: &[usize]) -> impl Fn(usize) -> usize {
    |cell| numbers.get(cell).copied().unwrap_or(usize::MAX)
}

/// The cell of the new half-year for each number of the joint system that it has.
fn own(numbers: &[usize]) -> BTreeMap<usize, usize> {
    numbers.iter().enumerate().map(|(cell, number)| (*number, cell)).collect()
}

fn renumbered(tie: &Tie, number: impl Fn(usize) -> usize) -> Tie {
    let terms = tie.terms.iter().map(|(count, times)| {
        let count = match count {
            Count::Persons(cell) => Count::Persons(number(*cell)),
            Count::Rows(cell) => Count::Rows(number(*cell)),
            Count::Unpublished(place) => Count::Unpublished(*place),
        };
        (count, *times)
    });
    Tie { terms: terms.collect(), ..*tie }
}

/// Unions of the new half-year, asked by the numbers of the joint system.
struct Renumbered<'u, U> {
    unions: &'u U,
    own: BTreeMap<usize, usize>,
}

impl<'u, U> Renumbered<'u, U> {
    fn new(unions: &'u U, numbers: &[usize]) -> Self {
        Self { unions, own: own(numbers) }
    }
}

impl<U: Unions> Unions for Renumbered<'_, U> {
    fn in_any(&self, asked: &[(usize, Vec<usize>)]) -> Vec<u64> {
        let number = |cell: &usize| self.own.get(cell).copied().unwrap_or(usize::MAX);
        let renumbered = asked.iter().map(|(whole, parts)| (number(whole), parts.iter().map(number).collect()));
        self.unions.in_any(&renumbered.collect::<Vec<_>>())
    }

    fn has(&self, cell: usize) -> bool {
        self.own.get(&cell).is_some_and(|cell| self.unions.has(*cell))
    }
}
