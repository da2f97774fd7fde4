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
    dossiers: Vec<Dossier>,
    places: HashMap<Bsn, usize>,
    /// Facts about one person come together.
    last: usize,
    aantal: usize,
}

impl Verzameling {
    /// Adds a fact about a person, whose place in the order of persons is found where it is not known yet.
    pub(super) fn add(&mut self, bsn: Bsn, persoon: impl FnOnce() -> PersoonSleutel, feit: Feit) {
        self.aantal += 1;
        if let Some(dossier) = self.dossiers.get_mut(self.last).filter(|dossier| dossier.bsn == bsn) {
            return dossier.feiten.push(feit);
        }
        self.last = *self.places.entry(bsn).or_insert(self.dossiers.len());
        match self.dossiers.get_mut(self.last) {
            Some(dossier) => dossier.feiten.push(feit),
            None => self.dossiers.push(Dossier { persoon: persoon(), bsn, feiten: vec![feit] }),
        }
    }

    /// How many facts were added, those that came more than once counted each time.
    pub(super) const fn aantal(&self) -> usize {
        self.aantal
    }

    /// Takes everything out, in the order of records and every fact once.
    pub(super) fn orden(&mut self) -> Vec<Dossier> {
        let mut dossiers = mem::take(self).dossiers;
        dossiers.sort_unstable_by_key(|dossier| (dossier.persoon, dossier.bsn));
        dossiers.iter_mut().for_each(Dossier::orden);
        dossiers
    }
}
