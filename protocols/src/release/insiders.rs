//! Which cells of a half-year others than the public know too much of to show them (rule R7).

use super::Uitgave;
use crate::{
    catalogue::Catalogue,
    lattice::{Lattice, population},
    policy::Policy,
    sdc::{Clients, Insiders},
};

/// The numbers of those cells, from the persons and rows of every cell and, of every cell, the clients of each
/// aanbieder.
#[must_use]
pub fn insiders(
    catalogue: &Catalogue,
    policy: &Policy,
    uitgave: &Uitgave,
    lattice: &Lattice,
    counts: &[(u64, u64)],
    clients: Vec<Vec<Clients>>,
) -> Vec<usize> {
    let cells = lattice.cells().iter().zip(counts).zip(clients).enumerate();
    let known = cells.filter_map(|(number, ((cell, (persons, _)), clients))| {
        let population = population(catalogue, uitgave.gemeente, uitgave.period, &cell.place);
        Insiders { clients, population }.know_too_much(*persons, policy.k().into()).then_some(number)
    });
    known.collect()
}
