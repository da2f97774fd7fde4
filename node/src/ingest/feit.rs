//! The unit of the records: one statement of one message about one person. Records are a set of these, so adding the
//! same message twice, or messages in another order, gives the same records (OP080).

use std::mem;

use super::{
    bericht::{BerichtId, Uitspraak},
    bsn::Bsn,
    sleutel::PersoonSleutel,
};

/// A fact about a person. The order is that within the person's dossier.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Feit {
    /// What was stated.
    pub uitspraak: Uitspraak,
    /// By which message.
    pub bericht: BerichtId,
}

/// All facts about one person. The order is that of the records: person by person under their keyed order, never by BSN
/// (rule R9).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dossier {
    /// The person's place in the order of persons.
    pub persoon: PersoonSleutel,
    /// The person.
    pub bsn: Bsn,
    /// The facts.
    pub feiten: Vec<Feit>,
}

impl Feit {
    /// Whether this fact, which comes after `eerder` in a dossier, takes its place. A fact is kept once; of a toewijzing
    /// or of a person's characteristics, which every message repeats (OP087), the latest message that states them is
    /// enough.
    #[must_use]
    pub fn vervangt(&self, eerder: &Self) -> bool {
        self.uitspraak == eerder.uitspraak
            && (self.bericht == eerder.bericht
                || matches!(self.uitspraak, Uitspraak::Gegevens(_) | Uitspraak::Toewijzing(_)))
    }
}

impl Dossier {
    /// Puts the facts in order, each once.
    pub(super) fn orden(&mut self) {
        self.feiten.sort_unstable();
        self.feiten.dedup_by(|feit, eerder| {
            let replaces = feit.vervangt(eerder);
            if replaces {
                mem::swap(feit, eerder);
            }
            replaces
        });
    }
}
