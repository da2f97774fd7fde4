//! How many persons in a cell are clients of one aanbieder (rule R7): those with a row at it in the cell. Rows of a view
//! that does not say where they were count for every aanbieder that the person has elsewhere.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::unions::CodedCube;

/// Of each cell the numbers of clients.
pub(super) fn of_cells(cubes: &[CodedCube<'_>], cells: usize) -> Vec<Vec<u64>> {
    let mut everywhere: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for cube in cubes {
        for (person, aanbieder) in cube.at_aanbieders() {
            everywhere.entry(person).or_default().insert(aanbieder);
        }
    }
    let mut clients: Vec<Vec<u64>> = vec![Vec::new(); cells];
    for cube in cubes {
        let says = cube.at_aanbieders().next().is_some();
        // For each cell and aanbieder the last person seen, and how many there were.
        let mut seen: HashMap<(usize, u32), (u32, u64)> = HashMap::new();
        cube.each(|person, aanbieder, place| {
            let elsewhere = everywhere.get(&person).filter(|_| !says);
            let own = Some(aanbieder).filter(|aanbieder| *aanbieder != 0);
            for aanbieder in elsewhere.into_iter().flatten().copied().chain(own) {
                let (last, count) = seen.entry((place, aanbieder)).or_insert((person, 0));
                if *count == 0 || *last != person {
                    (*last, *count) = (person, *count + 1);
                }
            }
        });
        let mut of_cube: Vec<Vec<u64>> = vec![Vec::new(); cube.cells().len()];
        for ((place, _), (_, count)) in seen {
            if let Some(of_place) = of_cube.get_mut(place) {
                of_place.push(count);
            }
        }
        // A cell of several cubes has the same in all of them.
        for (cell, mut of_place) in cube.cells().iter().zip(of_cube) {
            of_place.sort_unstable();
            if let Some(of_cell) = clients.get_mut(*cell) {
                *of_cell = of_place;
            }
        }
    }
    clients
}
