//! Linked tables as one system of cells: dimensions with their groupings, cubes with all their margins, and the counts of
//! persons. A cell that stands in several cubes is one cell.

mod dimension;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};

pub use self::dimension::{Dimension, DimensionError, TOTAL};
use super::{
    hypergraph::circle,
    overlap::overlaps,
    remainder::Unions,
    system::{Cell, Line, Shows, System, SystemError},
};

/// More cells than this are refused before any is made.
pub const MOST_CELLS: usize = 1_000_000;

/// How an analyst's rows count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rows {
    /// Persons in each combination of members, each combination at most once.
    Counts(Vec<(Vec<String>, u64)>),
    /// One row for each record, with a number for its person: persons are counted once in every cell.
    Records(Vec<(Vec<String>, u64)>),
}

/// Linked tables.
#[derive(Clone, Debug)]
pub struct Table {
    dimensions: Vec<Dimension>,
    /// For each cell its place in every dimension.
    places: Vec<Vec<usize>>,
    system: System,
    /// The members of each record, person by person, where persons do not add up.
    persons: Vec<Vec<Vec<usize>>>,
}

/// Why there is no table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// A row has a member that the dimension does not.
    #[error("row {row}: {dimension} has no member like this")]
    Member {
        /// The row, the first is 1.
        row: usize,
        /// The dimension.
        dimension: String,
    },
    /// Two rows of counts are about the same combination.
    #[error("row {0} is about a combination that an earlier row is about")]
    Twice(usize),
    /// A person has two members of a dimension of which every person has one.
    #[error("row {row}: this person has another member of {dimension} too, of which every person has exactly one")]
    TwoMembers {
        /// The row, the first is 1.
        row: usize,
        /// The dimension.
        dimension: String,
    },
    /// The cubes go round in a circle over their dimensions (rule R12).
    #[error("the cubes over {0} go round in a circle: make them one cube, or leave one out")]
    Cyclic(String),
    /// Persons do not add up, and only records say how many there are.
    #[error(
        "a person can have several members of {0}, so that counts say too little: give a row for each record, with `person`"
    )]
    Records(String),
    /// Two groupings of a dimension of which a person can have several members.
    #[error(
        "{0} has two groupings and a person can have several of its members: what follows from both is not known to be all \
         of it; leave one out"
    )]
    Alternatives(String),
    /// A cube has two dimensions of which a person can have several members (rule R1).
    #[error(
        "a cube has two dimensions of which a person can have several members ({0} and {1}): it can count no persons"
    )]
    TwoOverlapping(String, String),
    /// Too many cells.
    #[error("the cubes have more than {MOST_CELLS} cells")]
    TooLarge,
    /// A row is about a cell that no cube has.
    #[error("a row is about a cell that no cube has")]
    NoSuchCell,
    /// Nothing is said of a cell, and it follows from nothing that is.
    #[error("there is no row for the cell ({0}), and it does not follow from the others")]
    NothingSaid(String),
    /// The cells do not add up.
    #[error(transparent)]
    System(#[from] SystemError),
}

impl Table {
    /// Of rows, and of cubes that each name their dimensions by place. Combinations without a row have nobody; where
    /// `absent_structural` holds everybody knows that nobody can be in them.
    ///
    /// # Errors
    /// [`TableError`].
    pub fn new(
        dimensions: Vec<Dimension>,
        cubes: &[BTreeSet<usize>],
        rows: &Rows,
        absent_structural: bool,
    ) -> Result<Self, TableError> {
        let places = all_cells(&dimensions, cubes)?;
        let overlapping = || dimensions.iter().filter(|dimension| dimension.overlaps());
        if let Some(dimension) = overlapping().find(|dimension| dimension.has_alternatives()) {
            return Err(TableError::Alternatives(dimension.name().to_owned()));
        }
        if let (Some(dimension), Rows::Counts(_)) = (overlapping().next(), rows) {
            return Err(TableError::Records(dimension.name().to_owned()));
        }
        let numbers = numbers(&places);
        let mut counted = Counted::new(&dimensions, &numbers, places.len());
        counted.rows(rows)?;
        let cells = places.iter().zip(&counted.cells).map(|(place, (persons, possible))| Cell {
            persons: *persons,
            shows: Shows::PERSONS,
            wanted: leaves(&dimensions, place),
            structural: absent_structural && !possible,
            ..Cell::default()
        });
        let system = System::new(cells.collect(), lines(&dimensions, &places, &numbers))?;
        let persons = counted.persons;
        let mut table = Self { dimensions, places, system, persons };
        let (ties, unions) = overlaps(&table.system, &table);
        table.system = table.system.with(ties, unions)?;
        Ok(table)
    }

    /// Of what is shown of every cell, by its labels: its persons, or nothing where they are hidden. A cell of which
    /// nothing is said is shown if it follows from cells below it.
    ///
    /// # Errors
    /// [`TableError`].
    pub fn seen(
        dimensions: Vec<Dimension>,
        cubes: &[BTreeSet<usize>],
        said: &BTreeMap<Vec<String>, Option<u64>>,
    ) -> Result<(Self, Vec<bool>), TableError> {
        let places = all_cells(&dimensions, cubes)?;
        let numbers = numbers(&places);
        let lines = lines(&dimensions, &places, &numbers);
        let labels = |place: &[usize]| -> Vec<String> {
            dimensions.iter().zip(place).map(|(dimension, node)| dimension.label(*node).to_owned()).collect()
        };
        let mut known: Vec<Option<Option<u64>>> =
            places.iter().map(|place| said.get(&labels(place)).copied()).collect();
        let cells_said = known.iter().flatten().count();
        if cells_said < said.len() {
            return Err(TableError::NoSuchCell);
        }
        let empty = || Cell { wanted: 1, shows: Shows::PERSONS, ..Cell::default() };
        let ordered = System::seen(places.iter().map(|_| empty()).collect(), lines.clone(), |_| false)?;
        for line in ordered.lines().iter().filter(|line| !line.overlaps) {
            let mut parts = line.parts.iter().map(|part| known.get(*part).copied().flatten().flatten());
            // What is too large to add up is refused with the system.
            let parts = parts.try_fold(0u64, |sum, part| Some(sum.saturating_add(part?)));
            if let (Some(slot), Some(sum)) = (known.get_mut(line.whole).filter(|slot| slot.is_none()), parts) {
                *slot = Some(Some(sum));
            }
        }
        if let Some(missing) = known.iter().position(Option::is_none) {
            let place = places.get(missing).map(|place| labels(place).join(", "));
            return Err(TableError::NothingSaid(place.unwrap_or_default()));
        }
        let persons: Vec<Option<u64>> = known.into_iter().flatten().collect();
        let hidden: Vec<bool> = persons.iter().map(Option::is_none).collect();
        let cells = places.iter().zip(&persons).map(|(place, persons)| Cell {
            persons: persons.unwrap_or(0),
            shows: Shows::PERSONS,
            wanted: leaves(&dimensions, place),
            ..Cell::default()
        });
        let shown = |cell: usize| hidden.get(cell).is_some_and(|hidden| !hidden);
        let system = System::seen(cells.collect(), lines, shown)?;
        Ok((Self { dimensions, places, system, persons: Vec::new() }, hidden))
    }

    /// The cells and what is known of them.
    #[must_use]
    pub const fn system(&self) -> &System {
        &self.system
    }

    /// The dimensions.
    #[must_use]
    pub fn dimensions(&self) -> &[Dimension] {
        &self.dimensions
    }

    /// The member, group or total of a cell in every dimension.
    #[must_use]
    pub fn labels(&self, cell: usize) -> Vec<&str> {
        let places = self.places.get(cell).into_iter().flatten();
        self.dimensions.iter().zip(places).map(|(dimension, node)| dimension.label(*node)).collect()
    }
}

impl Unions for Table {
    fn in_any(&self, asked: &[(usize, Vec<usize>)]) -> Vec<u64> {
        let within = |record: &[usize], cell: usize| {
            let place = self.places.get(cell).map(Vec::as_slice).unwrap_or_default();
            let mut all = self.dimensions.iter().zip(place).zip(record);
            all.all(|((dimension, node), member)| dimension.holds(*node, *member))
        };
        let count = |(_, parts): &(usize, Vec<usize>)| {
            let in_any = |records: &&Vec<Vec<usize>>| {
                records.iter().any(|record| parts.iter().any(|part| within(record, *part)))
            };
            self.persons.iter().filter(in_any).count() as u64
        };
        asked.iter().map(count).collect()
    }
}

/// The cells of all cubes, each once.
fn all_cells(dimensions: &[Dimension], cubes: &[BTreeSet<usize>]) -> Result<Vec<Vec<usize>>, TableError> {
    let circle = circle(cubes);
    if !circle.is_empty() {
        let names: Vec<&str> = circle.iter().filter_map(|place| Some(dimensions.get(*place)?.name())).collect();
        return Err(TableError::Cyclic(names.join(", ")));
    }
    for cube in cubes {
        let overlapping =
            dimensions.iter().enumerate().filter(|(place, dimension)| cube.contains(place) && dimension.overlaps());
        let names: Vec<&str> = overlapping.map(|(_, dimension)| dimension.name()).collect();
        if let [one, other, ..] = names.as_slice() {
            return Err(TableError::TwoOverlapping((*one).to_owned(), (*other).to_owned()));
        }
    }
    let mut sizes = cubes.iter().map(|cube| {
        let sizes = dimensions.iter().enumerate().filter(|(place, _)| cube.contains(place));
        sizes.fold(1usize, |cells, (_, dimension)| cells.saturating_mul(dimension.nodes()))
    });
    if sizes.try_fold(0usize, usize::checked_add).is_none_or(|cells| cells > MOST_CELLS) {
        return Err(TableError::TooLarge);
    }
    let places: BTreeSet<Vec<usize>> = cubes.iter().flat_map(|cube| all_places(dimensions, cube)).collect();
    Ok(places.into_iter().collect())
}

fn numbers(places: &[Vec<usize>]) -> HashMap<&[usize], usize> {
    places.iter().enumerate().map(|(number, place)| (place.as_slice(), number)).collect()
}

/// Every cell of a cube with its margins, those of dimensions outside it at the total.
fn all_places(dimensions: &[Dimension], cube: &BTreeSet<usize>) -> Vec<Vec<usize>> {
    let mut places = vec![Vec::new()];
    for (place, dimension) in dimensions.iter().enumerate() {
        let nodes = if cube.contains(&place) { dimension.nodes() } else { 1 };
        places = places
            .into_iter()
            .flat_map(|place: Vec<usize>| (0..nodes).map(move |node| [place.as_slice(), &[node]].concat()))
            .collect();
    }
    places
}

fn leaves(dimensions: &[Dimension], place: &[usize]) -> u64 {
    dimensions.iter().zip(place).fold(1, |leaves, (dimension, node)| leaves.saturating_mul(dimension.leaves(*node)))
}

/// Every level of every grouping of every dimension of which all cells are there, once.
fn lines(dimensions: &[Dimension], places: &[Vec<usize>], numbers: &HashMap<&[usize], usize>) -> Vec<Line> {
    let mut directions = BTreeMap::new();
    let mut lines = Vec::new();
    for (whole, place) in places.iter().enumerate() {
        for (at, (dimension, node)) in dimensions.iter().zip(place).enumerate() {
            for (grouping, children) in dimension.children(*node) {
                let parts = children.iter().map(|child| {
                    let mut part = place.clone();
                    if let Some(slot) = part.get_mut(at) {
                        *slot = *child;
                    }
                    numbers.get(part.as_slice()).copied()
                });
                // A dimension outside the cube of this cell has its total only.
                let Some(parts) = parts.collect::<Option<Vec<usize>>>() else { continue };
                let next = directions.len();
                let direction = *directions.entry((at, grouping)).or_insert(next);
                lines.push(Line { whole, parts, direction, overlaps: dimension.overlaps() });
            }
        }
    }
    lines
}

/// Distinct persons of every cell, and whether any row is about it.
struct Counted<'t> {
    dimensions: &'t [Dimension],
    numbers: &'t HashMap<&'t [usize], usize>,
    cells: Vec<(u64, bool)>,
    persons: Vec<Vec<Vec<usize>>>,
}

impl<'t> Counted<'t> {
    fn new(dimensions: &'t [Dimension], numbers: &'t HashMap<&'t [usize], usize>, cells: usize) -> Self {
        Self { dimensions, numbers, cells: vec![(0, false); cells], persons: Vec::new() }
    }

    fn rows(&mut self, rows: &Rows) -> Result<(), TableError> {
        match rows {
            Rows::Counts(rows) => {
                let mut seen = BTreeSet::new();
                for (row, (members, persons)) in rows.iter().enumerate() {
                    let members = self.members(row, members)?;
                    for cell in self.cells_of(&members) {
                        let (counted, possible) = self.cells.get_mut(cell).ok_or(TableError::TooLarge)?;
                        *counted = counted.checked_add(*persons).ok_or(SystemError::TooMany)?;
                        *possible = true;
                    }
                    if !seen.insert(members) {
                        return Err(TableError::Twice(row + 1));
                    }
                }
            }
            Rows::Records(rows) => {
                let mut persons: BTreeMap<u64, Vec<(usize, Vec<usize>)>> = BTreeMap::new();
                for (row, (members, person)) in rows.iter().enumerate() {
                    persons.entry(*person).or_default().push((row, self.members(row, members)?));
                }
                for records in persons.into_values() {
                    self.one_member(&records)?;
                    let cells: BTreeSet<usize> =
                        records.iter().flat_map(|(_, members)| self.cells_of(members)).collect();
                    for cell in cells {
                        if let Some((counted, possible)) = self.cells.get_mut(cell) {
                            (*counted, *possible) = (*counted + 1, true);
                        }
                    }
                    if self.dimensions.iter().any(Dimension::overlaps) {
                        self.persons.push(records.into_iter().map(|(_, members)| members).collect());
                    }
                }
            }
        }
        Ok(())
    }

    fn members(&self, row: usize, members: &[String]) -> Result<Vec<usize>, TableError> {
        let place = |(dimension, member): (&Dimension, &String)| {
            let unknown = || TableError::Member { row: row + 1, dimension: dimension.name().to_owned() };
            dimension.member(member).ok_or_else(unknown)
        };
        self.dimensions.iter().zip(members).map(place).collect()
    }

    /// Every person has one member of each dimension of which it can have one (rule R1).
    fn one_member(&self, records: &[(usize, Vec<usize>)]) -> Result<(), TableError> {
        let Some((_, first)) = records.first() else { return Ok(()) };
        for (row, members) in records {
            let mut members = members.iter().zip(first).zip(self.dimensions);
            let other = members.find(|((one, other), dimension)| one != other && !dimension.overlaps());
            if let Some((_, dimension)) = other {
                return Err(TableError::TwoMembers { row: row + 1, dimension: dimension.name().to_owned() });
            }
        }
        Ok(())
    }

    /// The cells that count who is in these members.
    fn cells_of(&self, members: &[usize]) -> Vec<usize> {
        let mut places = vec![Vec::new()];
        for (dimension, member) in self.dimensions.iter().zip(members) {
            let above = dimension.ancestors(*member);
            places = places
                .into_iter()
                .flat_map(|place: Vec<usize>| above.iter().map(move |node| [place.as_slice(), &[*node]].concat()))
                .collect();
        }
        places.iter().filter_map(|place| self.numbers.get(place.as_slice()).copied()).collect()
    }
}
