//! The unit of the records: one statement of one message about one person. Records are a set of these, so adding the
//! same message twice, or messages in another order, gives the same records (OP080).

use super::{
    bericht::{BerichtId, Uitspraak},
    bsn::Bsn,
    sleutel::PersoonSleutel,
};

/// A fact. The order is that of the records: person by person under their keyed order, never by BSN (rule R9).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Feit {
    /// The person's place in the order of persons.
    pub persoon: PersoonSleutel,
    /// The person.
    pub bsn: Bsn,
    /// What was stated.
    pub uitspraak: Uitspraak,
    /// By which message.
    pub bericht: BerichtId,
}

impl Feit {
    /// Whether this fact, which comes after `eerder` in the order of records, takes its place. A fact is kept once; of
    /// a toewijzing or of a person's characteristics, which every message repeats (OP087), the latest message that
    /// states them is enough.
    #[must_use]
    pub fn vervangt(&self, eerder: &Self) -> bool {
        self.persoon == eerder.persoon
            && self.bsn == eerder.bsn
            && self.uitspraak == eerder.uitspraak
            && (self.bericht == eerder.bericht
                || matches!(self.uitspraak, Uitspraak::Gegevens(_) | Uitspraak::Toewijzing(_)))
    }
}

/// Facts in order, each once.
pub fn uniek<E>(feiten: impl Iterator<Item = Result<Feit, E>>) -> impl Iterator<Item = Result<Feit, E>> {
    let mut feiten = feiten.fuse();
    let mut vorige: Option<Feit> = None;
    std::iter::from_fn(move || {
        loop {
            match feiten.next() {
                Some(Err(error)) => return Some(Err(error)),
                Some(Ok(feit)) => match vorige.replace(feit) {
                    Some(eerder) if vorige.as_ref().is_some_and(|feit| feit.vervangt(&eerder)) => {}
                    Some(eerder) => return Some(Ok(eerder)),
                    None => {}
                },
                None => return vorige.take().map(Ok),
            }
        }
    })
}
