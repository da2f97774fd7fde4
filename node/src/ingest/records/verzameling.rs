//! Facts in memory, person by person, until there are enough for a file.

use std::{collections::HashMap, mem};

use super::super::{
    bsn::Bsn,
    feit::{Dossier, Feit},
    sleutel::PersoonSleutel,
};

/// Facts as they come.
#[derive(Debug, Default)]
pub(super) struct Verzameling {
    dossiers: HashMap<Bsn, Dossier>,
    aantal: usize,
}

impl Verzameling {
    /// Adds a fact about a person, whose place in the order of persons is found where it is not known yet.
    pub(super) fn add(&mut self, bsn: Bsn, persoon: impl FnOnce() -> PersoonSleutel, feit: Feit) {
        let dossier =
            self.dossiers.entry(bsn).or_insert_with(|| Dossier { persoon: persoon(), bsn, feiten: Vec::new() });
        dossier.feiten.push(feit);
        self.aantal += 1;
    }

    /// How many facts were added, those that came more than once counted each time.
    pub(super) const fn aantal(&self) -> usize {
        self.aantal
    }

    /// Takes everything out, in the order of records and every fact once.
    pub(super) fn orden(&mut self) -> Vec<Dossier> {
        let mut dossiers: Vec<Dossier> = mem::take(self).dossiers.into_values().collect();
        dossiers.sort_unstable_by_key(|dossier| (dossier.persoon, dossier.bsn));
        dossiers.iter_mut().for_each(Dossier::orden);
        dossiers
    }
}
