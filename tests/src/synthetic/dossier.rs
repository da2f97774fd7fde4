//! What gemeente and aanbieders report about one jeugdige: the lines that the messages are made of.

use std::fmt;

use jiff::civil::{Date, DateTime};

use super::episode::{Einde, Productcode};

/// Everything reported about one jeugdige.
#[derive(Debug, Default)]
pub(super) struct Dossier {
    pub(super) toewijzingen: Vec<Toewijzing>,
    pub(super) meldingen: Vec<Melding>,
    pub(super) verzoeken: Vec<Verzoek>,
    pub(super) wijzigingen: Vec<Wijziging>,
    pub(super) antwoorden: Vec<Antwoord>,
    pub(super) prestaties: Vec<Prestatie>,
}

/// A toewijzing and the versions of it that were sent.
#[derive(Debug)]
pub(super) struct Toewijzing {
    pub(super) nummer: u32,
    pub(super) aanbieder: u32,
    /// That of the verzoek that it answers.
    pub(super) referentie: Option<Referentie>,
    pub(super) product: Option<Product>,
    pub(super) ingang: Date,
    pub(super) versies: Vec<Versie>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Product {
    pub(super) categorie: &'static str,
    /// The number within the categorie's own products, where the product is that specific.
    pub(super) nummer: Option<i32>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Versie {
    pub(super) vastgesteld: DateTime,
    pub(super) dagtekening: Date,
    pub(super) einde: Option<Date>,
    pub(super) reden_wijziging: Option<&'static str>,
}

/// A start, or with `stop` a stop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Melding {
    pub(super) toewijzing: usize,
    pub(super) dagtekening: Date,
    pub(super) product: Option<Product>,
    pub(super) begin: Date,
    pub(super) stop: Option<Einde>,
    /// StatusAanlevering 3: the earlier one with this key is deleted.
    pub(super) verwijdert: bool,
}

/// ReferentieAanbieder: the aanbieder's own number of a verzoek.
#[derive(Clone, Copy, Debug)]
pub(super) struct Referentie(pub(super) u32);

/// A verzoek om toewijzing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verzoek {
    pub(super) aanbieder: u32,
    pub(super) referentie: Referentie,
    pub(super) dagtekening: Date,
    pub(super) product: Option<Product>,
    pub(super) ingang: Date,
    pub(super) verwijzer: &'static str,
}

/// A verzoek om wijziging of a toewijzing's last day.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wijziging {
    pub(super) toewijzing: usize,
    pub(super) referentie: Referentie,
    pub(super) dagtekening: Date,
    pub(super) einde: Date,
}

/// What the gemeente says of a verzoek before, or instead of, a toewijzing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Antwoord {
    pub(super) aanbieder: u32,
    pub(super) referentie: Referentie,
    pub(super) dagtekening: Date,
    pub(super) afgewezen: bool,
}

/// A line of a declaratie.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prestatie {
    pub(super) toewijzing: usize,
    /// The first day of the month over which it is declared, which may be later than that of the care.
    pub(super) declaratiemaand: Date,
    /// Unique for its aanbieder.
    pub(super) nummer: u32,
    /// The line that it credits.
    pub(super) crediteert: Option<u32>,
    pub(super) product: Productcode,
    pub(super) begin: Date,
    pub(super) einde: Date,
    pub(super) volume: i32,
    pub(super) eenheid: &'static str,
    pub(super) tarief: i32,
}

impl Product {
    /// The productcode, where there is one.
    pub(super) fn code(self) -> Option<Productcode> {
        self.nummer.map(|nummer| Productcode { categorie: self.categorie, nummer })
    }
}

impl Prestatie {
    /// In cents, without the sign.
    pub(super) fn bedrag(&self) -> i64 {
        i64::from(self.volume) * i64::from(self.tarief)
    }
}

impl fmt::Display for Referentie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VOT-{:07}", self.0)
    }
}

/// The AGB code of an aanbieder. It is synthetic: 99 is no kind of care.
pub(super) fn agb(aanbieder: u32) -> u32 {
    99_001_000 + aanbieder
}
