//! What the records say about one person, as a set: no order of files, repetition or time of receipt changes it (OP080).
//! Everything that depends on which delivery came last is decided by what the messages themselves say, never by when
//! they were read.
//!
//! * The current toewijzing of a number is the one with the latest Toewijzingsdatum and Toewijzingstijd (IV013); of two
//!   with the same moment the greater in a total order on their content.
//! * A logical key of a start or stop (IV008) lives or is deleted by the latest Dagtekening that names it. Where that day
//!   holds deliveries and deletions both, it is deleted if it was deleted at least as often as delivered, counted in
//!   messages: deliveries and deletions of a key alternate, beginning with a delivery (TR063, TR074).
//! * Birth and geslacht are those of the latest Dagtekening, ties again by content.
//! * A verzoek counts from its first Dagtekening; a line of a declaratie counts once (OP283).

mod declaratie;
mod episode;
mod meldingen;
#[cfg(test)]
mod tests;
mod toewijzing;

use std::collections::BTreeMap;

use compact_str::CompactString;
use jiff::civil::Date;

use super::{
    bericht::{Beeindiging, BerichtId, Levering, Persoonsgegevens, Toewijzing, Uitspraak},
    bevinding::Bevinding,
    codes::Verwijzer,
};

use self::{declaratie::Regels, meldingen::Meldingen};
pub use self::{
    declaratie::{Cel, Declaraties},
    episode::Episodes,
    toewijzing::Verwijzing,
};

/// A finding and the message that it is about.
pub type Vondst = (Bevinding, BerichtId);

/// The facts about one person.
#[derive(Debug, Default)]
pub struct PersoonFeiten {
    gegevens: Option<(Date, Persoonsgegevens)>,
    toewijzingen: BTreeMap<u32, (Toewijzing, BerichtId)>,
    starts: BTreeMap<Levering, Meldingen>,
    stops: BTreeMap<Beeindiging, Meldingen>,
    /// The first day and verwijzer of a verzoek, by aanbieder and ReferentieAanbieder.
    verzoeken: BTreeMap<(u32, CompactString), (Date, Verwijzer)>,
    prestaties: Regels,
    laatste: Option<Date>,
}

impl PersoonFeiten {
    /// Adds what a message says.
    pub fn add(&mut self, uitspraak: Uitspraak, bericht: BerichtId) {
        self.laatste = self.laatste.max(Some(bericht.dagtekening));
        match uitspraak {
            Uitspraak::Gegevens(gegevens) => {
                self.gegevens = self.gegevens.max(Some((bericht.dagtekening, gegevens)));
            }
            Uitspraak::Toewijzing(regel) => self.assign(regel, bericht),
            Uitspraak::Start(levering, status) => {
                self.starts.entry(levering).or_default().add(status, bericht);
            }
            Uitspraak::Stop(beeindiging, status) => {
                self.stops.entry(beeindiging).or_default().add(status, bericht);
            }
            Uitspraak::Verzoek(verzoek) => {
                let asked = (bericht.dagtekening, verzoek.verwijzer);
                let first = self.verzoeken.entry((bericht.aanbieder, verzoek.referentie)).or_insert(asked);
                *first = asked.min(*first);
            }
            Uitspraak::Prestatie(prestatie) => self.prestaties.add(prestatie, bericht),
        }
    }

    /// What the latest message says about the person; none if no message but declaraties names the person.
    #[must_use]
    pub fn gegevens(&self) -> Option<Persoonsgegevens> {
        self.gegevens.map(|(_, gegevens)| gegevens)
    }

    /// The latest Dagtekening of any message about the person.
    #[must_use]
    pub const fn laatste(&self) -> Option<Date> {
        self.laatste
    }

    fn assign(&mut self, regel: Toewijzing, bericht: BerichtId) {
        let new = (regel, bericht);
        match self.toewijzingen.get_mut(&new.0.nummer) {
            // IV013: the order of its fields begins with the moment of the toewijzing.
            Some(current) if *current >= new => {}
            Some(current) => *current = new,
            None => {
                self.toewijzingen.insert(new.0.nummer, new);
            }
        }
    }
}
