//! How many persons in a cell are clients of one aanbieder (rule R7): those with a row at it in the cell, and at most those
//! too with a row there of which the aanbieder is not known, or that several aanbieders have had. Rows of a view that does
//! not say where they were count for what the rows of the person elsewhere say.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use drempel_protocols::{id::ViewName, sdc::Clients};

use super::{Aanbieders, unions::CodedCube};

/// Of each cell the clients of each aanbieder that has any.
pub(super) fn of_cells(cubes: &[CodedCube<'_>], cells: usize) -> Vec<Vec<Clients>> {
    let mut everywhere: BTreeMap<u32, OfPerson> = BTreeMap::new();
    if cubes.iter().any(|cube| !cube.says_aanbieders()) {
        // All cubes of a view have the same rows.
        let of_views: BTreeMap<&ViewName, &CodedCube<'_>> = cubes.iter().map(|cube| (cube.view(), cube)).collect();
        let of_views = of_views.values().filter(|cube| cube.says_aanbieders());
        for (person, aanbieders) in of_views.flat_map(|cube| cube.at_aanbieders()) {
            everywhere.entry(person).or_default().add(aanbieders);
        }
    }
    let mut clients: Vec<Vec<Clients>> = vec![Vec::new(); cells];
    for cube in cubes {
        let mut making = Making::new(&everywhere, cube.says_aanbieders());
        cube.each(|person, aanbieders, place| {
            if making.person != Some(person) {
                making.finish();
                making.person = Some(person);
            }
            making.rows.push((place, aanbieders));
        });
        making.finish();
        let mut of_cube = making.clients(cube.cells().len());
        // A cell of several cubes has the same in all of them.
        for (cell, of_place) in cube.cells().iter().zip(&mut of_cube) {
            of_place.sort_unstable();
            if let Some(of_cell) = clients.get_mut(*cell) {
                *of_cell = std::mem::take(of_place);
            }
        }
    }
    clients
}

/// The aanbieders of one person.
#[derive(Debug, Default)]
struct OfPerson {
    known: BTreeSet<u32>,
    may_be_more: bool,
}

impl OfPerson {
    fn add(&mut self, aanbieders: Aanbieders) {
        self.known.extend(aanbieders.known());
        self.may_be_more |= aanbieders.may_be_more();
    }
}

/// A cube, person by person.
struct Making<'e> {
    everywhere: &'e BTreeMap<u32, OfPerson>,
    /// Whether its rows say where they were.
    says: bool,
    person: Option<u32>,
    /// Places and aanbieders of the person's rows.
    rows: Vec<(usize, Aanbieders)>,
    /// At each place, of each aanbieder, the clients, and those of them of whom not everything is known.
    known: HashMap<(usize, u32), (u64, u64)>,
    /// At each place, those of whom not everything is known.
    uncertain: HashMap<usize, u64>,
}

impl<'e> Making<'e> {
    fn new(everywhere: &'e BTreeMap<u32, OfPerson>, says: bool) -> Self {
        Self { everywhere, says, person: None, rows: Vec::new(), known: HashMap::new(), uncertain: HashMap::new() }
    }

    /// Counts the person whose rows have come.
    fn finish(&mut self) {
        let Some(person) = self.person else { return };
        let mut rows = std::mem::take(&mut self.rows);
        rows.sort_unstable_by_key(|(place, _)| *place);
        for of_place in rows.chunk_by(|one, other| one.0 == other.0) {
            let Some((place, _)) = of_place.first().copied() else { continue };
            let mut here = OfPerson::default();
            of_place.iter().filter(|_| self.says).for_each(|(_, aanbieders)| here.add(*aanbieders));
            let of = if self.says { &here } else { self.everywhere.get(&person).unwrap_or(&here) };
            *self.uncertain.entry(place).or_default() += u64::from(of.may_be_more);
            for aanbieder in &of.known {
                let (clients, of_these) = self.known.entry((place, *aanbieder)).or_default();
                *clients += 1;
                *of_these += u64::from(of.may_be_more);
            }
        }
        rows.clear();
        self.rows = rows;
    }

    /// The clients at each place.
    fn clients(self, places: usize) -> Vec<Vec<Clients>> {
        let mut clients: Vec<Vec<Clients>> = vec![Vec::new(); places];
        let uncertain = |place: usize| self.uncertain.get(&place).copied().unwrap_or_default();
        for ((place, _), (known, of_these)) in &self.known {
            if let Some(of_place) = clients.get_mut(*place) {
                of_place.push(Clients { known: *known, at_most: known + uncertain(*place) - of_these });
            }
        }
        // Of an aanbieder that no row names.
        for (place, at_most) in self.uncertain.iter().filter(|(_, persons)| **persons > 0) {
            if let Some(of_place) = clients.get_mut(*place) {
                of_place.push(Clients { known: 0, at_most: *at_most });
            }
        }
        clients
    }
}
