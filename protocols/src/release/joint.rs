//! A new half-year and everything released before, as one system: cells of earlier releases with the status that they
//! have, those of the new one without, and what ties them. A stock at the beginning is the cell that it was at the end of
//! the half-year before; after a herindeling it is the sum of what the gemeenten had that became this one.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    FORMAT, Release, ReleasedCell,
    unions::{Known, Renumbered},
};
use crate::{
    catalogue::Catalogue,
    id::{Digest, Gemeentecode, Period},
    lattice::{self, Lattice, Place},
    policy::Policy,
    sdc::{self, Cell, Count, Earlier, Line, Linear, Pattern, Rules, System, SystemError, Tie, Union, Unions},
};

/// Values that every unsafe cell keeps (rule R4).
const VALUES: usize = 4;

/// What a release is made under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleSet {
    catalogue: Digest,
    policy: Digest,
    rules: Rules,
    round_to: u32,
}

impl RuleSet {
    /// Of a catalogue and a policy.
    #[must_use]
    pub fn of(catalogue: &Catalogue, policy: &Policy) -> Self {
        let (k, hide_zeros) = (u64::from(policy.k()), policy.hides_zeros());
        let rules = Rules { k, hide_zeros, values: VALUES, remainders: true };
        Self { catalogue: catalogue.digest(), policy: policy.digest(), rules, round_to: policy.round_to() }
    }
}

/// Whose half-year is released.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uitgave {
    /// The gemeente.
    pub gemeente: Gemeentecode,
    /// The half-year.
    pub period: Period,
    /// Gemeenten that become this one with this half-year.
    pub voorgangers: BTreeSet<Gemeentecode>,
}

impl Uitgave {
    /// Of a gemeente that is what it was.
    #[must_use]
    pub const fn new(gemeente: Gemeentecode, period: Period) -> Self {
        Self { gemeente, period, voorgangers: BTreeSet::new() }
    }

    fn of(release: &Release) -> Self {
        Self { gemeente: release.gemeente, period: release.period, voorgangers: release.voorgangers.clone() }
    }
}

/// A new half-year on its way to a release.
pub struct Joint {
    uitgave: Uitgave,
    system: System,
    /// The cell of the system for each cell of the lattice.
    numbers: Vec<usize>,
    cells: Vec<ReleasedCell>,
    lines: Vec<Line>,
    ties: Vec<Tie>,
    unions: Vec<Union>,
    zonder_afbeelding: bool,
}

/// Why there is no release. Says which relation fails and never a count; for the officer only all the same, as it depends
/// on records.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JointError {
    /// Releases are not of half-years that follow each other.
    #[error("the releases are not of half-years that follow each other")]
    Gap,
    /// Counts are rounded.
    #[error(
        "counts of the release of {0} are rounded, and a certificate would have to give them exactly: that they add up, and \
         what they leave, cannot be checked from rounded ones"
    )]
    Rounded(Period),
    /// There is not one count for each cell.
    #[error("there is not one count for each cell of the catalogue")]
    Counts,
    /// A stock is not what it was at the end of the half-year before.
    #[error("a stock at the beginning of the half-year is not what it was at the end of the half-year before")]
    Stock,
    /// What ran on is grouped otherwise than at the end of the half-year before.
    #[error(
        "the catalogue groups what ran on by categorie or hulpvorm otherwise than the half-year before did: what readers \
         can tell from both is not known. Lists and groups can be added to those there are; those that overlap with new \
         ones have to stay"
    )]
    NewStock,
    /// The records have a row that the catalogue says cannot be.
    #[error(
        "the records have {0}, which the catalogue says cannot be (uitgesloten, in weergaven.toml): correct the views \
         that were imported; with records from messages it is a mistake of Drempel"
    )]
    Excluded(String),
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
    /// Of all releases before, those of gemeenten that became this one among them, in the order of half-years, and the
    /// persons and rows of every cell of the lattice.
    ///
    /// # Errors
    /// [`JointError`].
    pub fn new(
        earlier: &[Release],
        uitgave: Uitgave,
        lattice: &Lattice,
        counts: &[(u64, u64)],
        unions: &impl Unions,
    ) -> Result<Self, JointError> {
        if counts.len() != lattice.cells().len() {
            return Err(JointError::Counts);
        }
        let mut making = Making::default();
        for release in earlier {
            making.released(release)?;
        }
        let mut cells: Vec<ReleasedCell> = lattice
            .cells()
            .iter()
            .zip(counts)
            .map(|(cell, (persons, rows))| ReleasedCell {
                place: cell.place.clone(),
                shows: cell.shows,
                wanted: cell.wanted,
                sensitive: cell.sensitive,
                structural: cell.structural.holds(earlier.is_empty()),
                persons: *persons,
                rows: *rows,
                reason: None,
                settled: false,
            })
            .collect();
        if let Some(cell) = cells.iter().find(|cell| cell.structural && cell.persons > 0) {
            return Err(JointError::Excluded(format!("{} {}", cell.place.view(), cell.place.members())));
        }
        let (numbers, summed) = making.cells(&uitgave, &cells, None)?;
        for (cell, number) in cells.iter_mut().zip(&numbers) {
            // A stock shows what it showed before, whatever cubes there are now.
            cell.shows = making.cells.get(*number).map_or(cell.shows, |known| known.shows);
        }
        // Who was in two gemeenten at once may have two trajecten of one kind before, that are one from now on.
        let holds = |tie: &&Tie| !summed || !lattice.is_of_stocks_before(tie);
        let of_first = lattice.ties_of_first().iter().filter(|_| earlier.is_empty());
        let of_one = lattice.ties_of_one_before().iter().filter(|_| !summed);
        let own_ties: Vec<Tie> = lattice.ties().iter().filter(holds).chain(of_first).chain(of_one).cloned().collect();
        making.relations(lattice.lines(), &own_ties, &numbers);
        let system = System::new(making.cells, making.lines)?;
        let known = Known::new(Renumbered::new(unions, &numbers), &making.unions);
        let (overlaps, unions) = sdc::overlaps(&system, &known);
        let ties = making.ties.into_iter().chain(overlaps).collect();
        let system = system.with(ties, unions.clone())?.after(making.told)?;
        let inside = lattice.inside().iter().map(|pair| pair.map(number_in(&numbers))).collect();
        let system = system.with_inside(inside);
        let own = own(&numbers);
        let unions = unions.iter().filter_map(|union| union_of(union, |number| own.get(&number).copied())).collect();
        let (lines, zonder_afbeelding) = (lattice.lines().to_vec(), lattice.is_unmapped());
        Ok(Self { uitgave, system, numbers, cells, lines, ties: own_ties, unions, zonder_afbeelding })
    }

    /// With cells of the lattice of which others than the public know too much to show them (rule R7). What was shown
    /// before is shown all the same.
    #[must_use]
    pub fn with_insiders(self, cells: impl IntoIterator<Item = usize>) -> Self {
        let numbers = cells.into_iter().filter_map(|cell| self.numbers.get(cell).copied());
        let system = self.system.with_insiders(numbers);
        Self { system, ..self }
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
    pub fn protect(self, under: RuleSet, unions: &impl Unions, solver: &impl Linear) -> Result<Release, JointError> {
        let own = Renumbered::new(unions, &self.numbers);
        let pattern = sdc::protect(&self.system, under.rules, &own, solver);
        match pattern.unprotected().len() {
            0 => Ok(self.release(under, &pattern)),
            cells => Err(JointError::Unprotected(cells)),
        }
    }

    fn release(self, under: RuleSet, pattern: &Pattern) -> Release {
        let RuleSet { catalogue, policy, rules, round_to } = under;
        let Uitgave { gemeente, period, voorgangers } = self.uitgave;
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
            voorgangers,
            zonder_afbeelding: self.zonder_afbeelding,
            catalogue,
            policy,
            rules,
            round_to,
            cells: cells.collect(),
            lines: self.lines,
            ties: self.ties,
            unions: self.unions,
            told,
        }
    }
}

/// Cells of every half-year so far.
#[derive(Default)]
pub(super) struct Making {
    pub(super) cells: Vec<Cell>,
    pub(super) lines: Vec<Line>,
    pub(super) ties: Vec<Tie>,
    told: Vec<Tie>,
    /// How many persons each union of two parts of a released cell has.
    unions: BTreeMap<(usize, [usize; 2]), u64>,
    /// Of each gemeente its last half-year, and the cells of that by place.
    before: BTreeMap<Gemeentecode, (Period, BTreeMap<Place, usize>)>,
    directions: usize,
}

impl Making {
    /// Adds a release; gives the number of each of its cells.
    pub(super) fn released(&mut self, release: &Release) -> Result<Vec<usize>, JointError> {
        let (numbers, _) = self.cells(&Uitgave::of(release), &release.cells, Some(release.rules.k))?;
        self.relations(&release.lines, &release.ties, &numbers);
        let unions = release.unions.iter().filter_map(|union| union_of(union, |cell| numbers.get(cell).copied()));
        self.unions.extend(unions.map(|union| ((union.whole, union.parts), union.persons)));
        self.told.extend(release.told.iter().map(|tie| renumbered(tie, number_in(&numbers))));
        Ok(numbers)
    }

    /// The cells of the half-year before, of the gemeente itself and of those that became it.
    fn before(&self, uitgave: &Uitgave) -> Result<Vec<BTreeMap<Place, usize>>, JointError> {
        let own = self.before.get(&uitgave.gemeente).into_iter();
        let others = uitgave.voorgangers.iter().map(|gemeente| self.before.get(gemeente).ok_or(JointError::Gap));
        let all = own.map(Ok).chain(others).collect::<Result<Vec<_>, _>>()?;
        if all.iter().any(|(last, _)| last.next() != Some(uitgave.period)) {
            return Err(JointError::Gap);
        }
        Ok(all.into_iter().map(|(_, places)| places.clone()).collect())
    }

    /// The number of each cell of a half-year, and whether its stocks at the beginning are sums; `k` of one that was
    /// released.
    fn cells(
        &mut self,
        uitgave: &Uitgave,
        cells: &[ReleasedCell],
        k: Option<u64>,
    ) -> Result<(Vec<usize>, bool), JointError> {
        let before = self.before(uitgave)?;
        let (summed, direction) = (before.len() > 1, self.directions);
        self.directions += usize::from(summed);
        let after: BTreeSet<Place> = cells.iter().filter_map(|cell| lattice::after(&cell.place)).collect();
        let mut numbers = Vec::new();
        let mut places = BTreeMap::new();
        for cell in cells {
            // The rows of those who are in a flow are not the rows that flow: a stock of them is no cell of two half-years.
            let rows = (!lattice::is_of_persons(&cell.place)).then_some(cell.rows);
            let stocks = match lattice::after(&cell.place) {
                Some(place) => stocks_before(&place, &before, &after)?,
                None => Vec::new(),
            };
            let number = match stocks.as_slice() {
                [number] => {
                    let number = *number;
                    let known = self.cells.get(number);
                    if known.is_none_or(|known| known.persons != cell.persons || known.rows != rows) {
                        return Err(JointError::Stock);
                    }
                    number
                }
                parts => {
                    self.cells.push(Cell {
                        persons: cell.persons,
                        rows,
                        shows: cell.shows,
                        wanted: cell.wanted,
                        structural: cell.structural,
                        sensitive: cell.sensitive,
                        insider: false,
                        stock: lattice::is_stock_after(&cell.place),
                        earlier: k.map(|k| Earlier { reason: cell.reason, k, settled: cell.settled }),
                    });
                    let whole = self.cells.len() - 1;
                    if !parts.is_empty() {
                        // A person may have been in more than one of the gemeenten.
                        self.lines.push(Line { whole, parts: parts.to_vec(), direction, overlaps: true });
                    }
                    whole
                }
            };
            numbers.push(number);
            places.insert(cell.place.clone(), number);
        }
        for gone in &uitgave.voorgangers {
            self.before.remove(gone);
        }
        self.before.insert(uitgave.gemeente, (uitgave.period, places));
        Ok((numbers, summed))
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

/// The cells that a stock at the beginning was at the end before, one of each gemeente; none of a stock that is new and
/// that its margins tie to what there was (rule R3). `stocks` are all that there are at the beginning.
fn stocks_before(
    stock: &Place,
    before: &[BTreeMap<Place, usize>],
    stocks: &BTreeSet<Place>,
) -> Result<Vec<usize>, JointError> {
    let found: Vec<usize> = before.iter().filter_map(|places| places.get(stock).copied()).collect();
    // Of what a new stock overlaps with nothing may be gone, or nothing says how they hang together.
    let is_tied = || {
        let earlier = before.iter().flat_map(BTreeMap::keys).filter(|place| lattice::is_stock_after(place));
        earlier.filter(|place| place.overlaps(stock)).all(|place| stocks.contains(place))
    };
    match found.len() {
        all if all == before.len() => Ok(found),
        0 if is_tied() => Ok(found),
        _ => Err(JointError::NewStock),
    }
}

/// The number in the joint system of a cell of a half-year.
fn number_in(numbers: &[usize]) -> impl Fn(usize) -> usize {
    |cell| numbers.get(cell).copied().unwrap_or(usize::MAX)
}

/// The cell of the new half-year for each number of the joint system that it has.
pub(super) fn own(numbers: &[usize]) -> BTreeMap<usize, usize> {
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

/// A union under other numbers; none if it is not of cells that have one.
fn union_of(union: &Union, number: impl Fn(usize) -> Option<usize>) -> Option<Union> {
    let [one, other] = union.parts;
    let mut parts = [number(one)?, number(other)?];
    parts.sort_unstable();
    Some(Union { whole: number(union.whole)?, parts, persons: union.persons })
}
