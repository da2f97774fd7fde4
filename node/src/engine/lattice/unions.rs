//! Unions of cells: how many persons are in at least one of some cells of a cube, which cells alone do not give where a
//! person can be in several (rule R5).

use std::collections::BTreeMap;

use drempel_protocols::{id::ViewName, lattice::Counting, sdc::Unions};

use super::{Aanbieders, Coded, CountError, Counted, combination::Combinations};

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
            let mut wanted: Vec<Vec<usize>> = vec![Vec::new(); cube.cells().len()];
            for (slot, number) in here.iter().enumerate() {
                for part in asked.get(*number).into_iter().flat_map(|(_, parts)| parts) {
                    if let Some(slots) = place_of.get(part).and_then(|place| wanted.get_mut(*place)) {
                        slots.push(slot);
                    }
                }
            }
            // For each question the last person that it counted.
            let mut last = vec![None; here.len()];
            cube.each(|person, _, place| {
                for slot in wanted.get(place).into_iter().flatten() {
                    if let Some((last, number)) = last.get_mut(*slot).zip(here.get(*slot))
                        && *last != Some(person)
                        && let Some(count) = counts.get_mut(*number)
                    {
                        *last = Some(person);
                        *count += 1;
                    }
                }
            });
        }
        counts
    }
}

/// A cube over its rows.
pub(super) struct CodedCube<'r> {
    table: &'r Coded,
    combinations: Combinations,
    /// The combination of each row.
    of_rows: Vec<u32>,
    /// The cell of the lattice at each place.
    of_cube: Vec<usize>,
}

impl<'r> CodedCube<'r> {
    pub(super) fn new(counting: &Counting, table: &'r Coded) -> Result<Self, CountError> {
        let combinations = Combinations::of(counting)?;
        let mut of_rows = Vec::new();
        let codes = |column: &_| table.columns.get(column).map(Vec::as_slice);
        combinations.of_rows(table.rows(), codes, &mut of_rows)?;
        Ok(Self { table, combinations, of_rows, of_cube: counting.cells.clone() })
    }

    /// The cell of the lattice at each place.
    pub(super) fn cells(&self) -> &[usize] {
        &self.of_cube
    }

    /// Every row's person and aanbieders with the place of every cell that it counts in.
    pub(super) fn each(&self, mut found: impl FnMut(u32, Aanbieders, usize)) {
        let rows = self.table.persons.iter().zip(&self.table.aanbieders).zip(&self.of_rows);
        for ((person, aanbieders), combination) in rows {
            for place in self.combinations.places(*combination as usize) {
                found(*person, *aanbieders, *place as usize);
            }
        }
    }

    /// The view whose rows count.
    pub(super) fn view(&self) -> &ViewName {
        &self.table.view
    }

    /// Whether its view says at which aanbieder a row was.
    pub(super) const fn says_aanbieders(&self) -> bool {
        self.table.says_aanbieders
    }

    /// The person and the aanbieders of every row.
    pub(super) fn at_aanbieders(&self) -> impl Iterator<Item = (u32, Aanbieders)> {
        self.table.persons.iter().copied().zip(self.table.aanbieders.iter().copied())
    }
}
