//! What the messages of an import say, as a set: no order of files, repetition or time of receipt changes it (OP080).
//! Everything that depends on which delivery came last is decided by what the messages themselves say, never by when
//! they were read.
//!
//! * The current toewijzing of a number is the one with the latest Toewijzingsdatum and Toewijzingstijd (IV013); of two
//!   with the same moment the greater in a total order on their content.
//! * A logical key of a start or stop (IV008) lives or is deleted by the latest Dagtekening that names it. Where that day
//!   holds deliveries and deletions both, it is deleted if it was deleted at least as often as delivered, counted in
//!   messages: deliveries and deletions of a key alternate, beginning with a delivery (TR063, TR074).
//! * Birth and geslacht are those of the latest Dagtekening, ties again by content.

mod episode;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::{
    bericht::{Aanlevering, Beeindiging, Bericht, BerichtId, Levering, Persoonsgegevens, Regels, ToegewezenProduct},
    bsn::Bsn,
};

pub use self::episode::Episodes;

/// The file that a fact was first found in, by its place in the order of file names.
pub type Bron = usize;

/// The facts of all messages, by person.
#[derive(Debug, Default)]
pub struct Feiten {
    personen: BTreeMap<Bsn, PersoonFeiten>,
}

impl Feiten {
    /// Adds what a message says.
    pub fn add(&mut self, bericht: Bericht, bron: Bron) {
        let id = bericht.header.bericht;
        let latest = (id.dagtekening, bericht.client.gegevens);
        let persoon = self.personen.entry(bericht.client.bsn).or_insert_with(|| PersoonFeiten::new(latest));
        persoon.gegevens = persoon.gegevens.max(latest);
        match bericht.regels {
            Regels::Toegewezen(regels) => regels.into_iter().for_each(|regel| persoon.assign(regel)),
            Regels::Gestart(regels) => {
                for regel in regels {
                    persoon.starts.entry(regel.levering).or_default().add(regel.status, &id, bron);
                }
            }
            Regels::Gestopt(regels) => {
                for regel in regels {
                    persoon.stops.entry(regel.beeindiging).or_default().add(regel.status, &id, bron);
                }
            }
        }
    }

    /// The persons, in no order that may be kept.
    pub fn personen(&self) -> impl Iterator<Item = (Bsn, &PersoonFeiten)> {
        self.personen.iter().map(|(bsn, feiten)| (*bsn, feiten))
    }
}

/// The facts about one person.
#[derive(Debug)]
pub struct PersoonFeiten {
    gegevens: (jiff::civil::Date, Persoonsgegevens),
    toewijzingen: BTreeMap<u32, ToegewezenProduct>,
    starts: BTreeMap<Levering, Meldingen>,
    stops: BTreeMap<Beeindiging, Meldingen>,
}

impl PersoonFeiten {
    const fn new(gegevens: (jiff::civil::Date, Persoonsgegevens)) -> Self {
        Self { gegevens, toewijzingen: BTreeMap::new(), starts: BTreeMap::new(), stops: BTreeMap::new() }
    }

    /// What the latest message says about the person.
    #[must_use]
    pub const fn gegevens(&self) -> Persoonsgegevens {
        self.gegevens.1
    }

    fn assign(&mut self, regel: ToegewezenProduct) {
        match self.toewijzingen.get_mut(&regel.nummer) {
            // The order of its fields begins with the moment of the toewijzing.
            Some(current) if *current >= regel => {}
            Some(current) => *current = regel,
            None => {
                self.toewijzingen.insert(regel.nummer, regel);
            }
        }
    }
}

/// The messages that delivered and deleted one logical key.
#[derive(Debug, Default)]
struct Meldingen {
    aangeleverd: BTreeMap<BerichtId, Bron>,
    verwijderd: BTreeMap<BerichtId, Bron>,
}

impl Meldingen {
    fn add(&mut self, status: Aanlevering, bericht: &BerichtId, bron: Bron) {
        let named = match status {
            Aanlevering::Eerste => &mut self.aangeleverd,
            Aanlevering::Verwijderen => &mut self.verwijderd,
        };
        let first = named.entry(bericht.clone()).or_insert(bron);
        *first = bron.min(*first);
    }

    fn lives(&self) -> bool {
        let day = |named: &BTreeMap<BerichtId, Bron>| named.last_key_value().map(|(id, _)| id.dagtekening);
        match (day(&self.aangeleverd), day(&self.verwijderd)) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(delivered), Some(deleted)) if delivered == deleted => self.aangeleverd.len() > self.verwijderd.len(),
            (Some(delivered), Some(deleted)) => delivered > deleted,
        }
    }

    /// The file of the latest delivery, or else deletion.
    fn bron(&self) -> Bron {
        let last = self.aangeleverd.last_key_value().or_else(|| self.verwijderd.last_key_value());
        last.map_or(Bron::MAX, |(_, bron)| *bron)
    }

    /// The latest day of delivery.
    fn dagtekening(&self) -> Option<jiff::civil::Date> {
        self.aangeleverd.last_key_value().map(|(id, _)| id.dagtekening)
    }
}
