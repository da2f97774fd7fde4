//! Counting the lattice: distinct persons and rows of every cell of every cube, in one pass over rows that come person by
//! person. For each cell the last person seen is remembered, so that a person counts once however many rows there are.

use std::collections::BTreeMap;

use drempel_protocols::{
    id::{ColumnName, ViewName},
    lattice::{Counting, Lattice},
    sdc::Unions,
};

/// Why the lattice could not be counted. Says nothing of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CountError {
    /// The rows lack a column that a cube has.
    #[error("the rows lack a column that a cube has; import again with this version")]
    Column,
    /// A member is not in the catalogue, for instance one that an earlier catalogue had.
    #[error("something is counted under a member that the catalogue does not have")]
    Member,
    /// There are more than can be counted.
    #[error("there are more persons or rows than can be counted")]
    TooMany,
}

/// Rows of one view as codes, person by person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coded {
    view: ViewName,
    persons: Vec<u32>,
    columns: BTreeMap<ColumnName, Vec<u8>>,
}

impl Coded {
    /// Without rows.
    #[must_use]
    pub fn new<'c>(view: ViewName, columns: impl IntoIterator<Item = &'c ColumnName>) -> Self {
        let columns = columns.into_iter().map(|column| (column.clone(), Vec::new())).collect();
        Self { view, persons: Vec::new(), columns }
    }

    /// Adds a row of a person with the place of a member of each column. Persons come one after another.
    pub fn push(&mut self, person: u32, code: impl Fn(&ColumnName) -> Option<u8>) {
        self.persons.push(person);
        for (column, codes) in &mut self.columns {
            codes.push(code(column).unwrap_or(u8::MAX));
        }
    }

    /// The person of a row.
    #[must_use]
    pub fn person(&self, row: usize) -> Option<u32> {
        self.persons.get(row).copied()
    }

    /// The place of a row's member of a column.
    #[must_use]
    pub fn code(&self, column: &ColumnName, row: usize) -> Option<u8> {
        self.columns.get(column).and_then(|codes| codes.get(row)).copied()
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.persons.len()
    }
}

/// The lattice of some rows, counted.
pub struct Counted<'r> {
    cubes: Vec<Cube<'r>>,
    counts: Vec<(u64, u64)>,
}

impl<'r> Counted<'r> {
    /// Counts every cell.
    ///
    /// # Errors
    /// [`CountError`].
    pub fn new(lattice: &Lattice, tables: &'r [Coded]) -> Result<Self, CountError> {
        let mut cubes = Vec::new();
        for counting in lattice.counting() {
            if let Some(table) = tables.iter().find(|table| table.view == counting.view) {
                cubes.push(Cube::new(counting, table)?);
            }
        }
        let mut counts = vec![None; lattice.cells().len()];
        for cube in &cubes {
            let mut tally = Tally::new(cube.cells());
            cube.each(|person, combination| tally.add(person, combination));
            for (place, cell) in cube.of_cube.iter().enumerate() {
                // A cell of several cubes is the same in all of them.
                if let (Some(count), Some(counted)) = (counts.get_mut(*cell), tally.counts.get(place)) {
                    *count = Some(*counted);
                }
            }
        }
        sums(lattice, &mut counts);
        Ok(Self { cubes, counts: counts.into_iter().map(Option::unwrap_or_default).collect() })
    }

    /// The distinct persons and the rows of every cell of the lattice.
    #[must_use]
    pub fn counts(&self) -> Vec<(u64, u64)> {
        self.counts.clone()
    }
}

/// Sums that stand in no cube are over dimensions of which a person has one member.
fn sums(lattice: &Lattice, counts: &mut [Option<(u64, u64)>]) {
    for line in lattice.lines().iter().filter(|line| !line.overlaps) {
        let mut parts = line.parts.iter().map(|part| counts.get(*part).copied().flatten());
        let sum = parts.try_fold((0, 0), |sum, part| part.map(|part| (sum.0 + part.0, sum.1 + part.1)));
        if let (Some(count), Some(sum)) = (counts.get_mut(line.whole), sum) {
            count.get_or_insert(sum);
        }
    }
}

impl Unions for Counted<'_> {
    fn in_any(&self, asked: &[(usize, Vec<usize>)]) -> Vec<u64> {
        let mut counts = vec![0; asked.len()];
        // Each question is for the cubes that have all of its parts; one of them is enough.
        let mut left: Vec<usize> = (0..asked.len()).collect();
        for cube in &self.cubes {
            let place_of: BTreeMap<usize, usize> =
                cube.of_cube.iter().enumerate().map(|(place, cell)| (*cell, place)).collect();
            let known = |number: &usize| {
                asked.get(*number).is_some_and(|(_, parts)| parts.iter().all(|part| place_of.contains_key(part)))
            };
            let (here, rest): (Vec<usize>, Vec<usize>) = left.into_iter().partition(known);
            left = rest;
            if here.is_empty() {
                continue;
            }
            let mut wanted: Vec<Vec<usize>> = vec![Vec::new(); cube.cells()];
            for (slot, number) in here.iter().enumerate() {
                for part in asked.get(*number).into_iter().flat_map(|(_, parts)| parts) {
                    if let Some(slots) = place_of.get(part).and_then(|place| wanted.get_mut(*place)) {
                        slots.push(slot);
                    }
                }
            }
            let mut tally = Tally::new(here.len());
            cube.each(|person, place| {
                for slot in wanted.get(place).into_iter().flatten() {
                    tally.add(person, *slot);
                }
            });
            for (number, (persons, _)) in here.iter().zip(tally.counts) {
                if let Some(count) = counts.get_mut(*number) {
                    *count = persons;
                }
            }
        }
        counts
    }
}

/// A cube over its rows: which of its cells a row counts in is looked up by the combination of its members.
struct Cube<'r> {
    table: &'r Coded,
    columns: Vec<(&'r [u8], usize)>,
    /// For each combination of members the places of its cells.
    of_members: Vec<Vec<usize>>,
    /// The cell of the lattice at each place.
    of_cube: Vec<usize>,
}

impl<'r> Cube<'r> {
    fn new(counting: &Counting, table: &'r Coded) -> Result<Self, CountError> {
        let mut columns = Vec::new();
        let mut of_members = vec![vec![0usize]];
        for axis in &counting.axes {
            let codes = table.columns.get(&axis.column).ok_or(CountError::Column)?;
            let members = axis.of_member.len();
            if codes.iter().any(|code| usize::from(*code) >= members) {
                return Err(CountError::Member);
            }
            columns.push((codes.as_slice(), members));
            let with = |places: &Vec<usize>, nodes: &Vec<usize>| {
                places.iter().flat_map(|place| nodes.iter().map(move |node| place * axis.nodes + node)).collect()
            };
            of_members = of_members
                .iter()
                .flat_map(|places| axis.of_member.iter().map(move |nodes| with(places, nodes)))
                .collect();
        }
        Ok(Self { table, columns, of_members, of_cube: counting.cells.clone() })
    }

    fn cells(&self) -> usize {
        self.of_cube.len()
    }

    /// Every row's person with every cell that it counts in.
    fn each(&self, mut found: impl FnMut(u32, usize)) {
        for (row, person) in self.table.persons.iter().enumerate() {
            let combination = self.columns.iter().fold(0, |place, (codes, members)| {
                place * members + codes.get(row).map_or(0, |code| usize::from(*code))
            });
            for place in self.of_members.get(combination).into_iter().flatten() {
                found(*person, *place);
            }
        }
    }
}

/// Distinct persons and rows, when persons come one after another.
struct Tally {
    last: Vec<Option<u32>>,
    counts: Vec<(u64, u64)>,
}

impl Tally {
    fn new(slots: usize) -> Self {
        Self { last: vec![None; slots], counts: vec![(0, 0); slots] }
    }

    fn add(&mut self, person: u32, slot: usize) {
        if let (Some(last), Some((persons, rows))) = (self.last.get_mut(slot), self.counts.get_mut(slot)) {
            *rows += 1;
            if *last != Some(person) {
                *last = Some(person);
                *persons += 1;
            }
        }
    }
}
