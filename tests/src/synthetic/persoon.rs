//! The jeugdigen: who they are according to their latest message, and what an older message may have said instead.
//! Names and addresses are made up of syllables, so that a leak is visible as such and touches nobody.

use jiff::civil::{Date, date};

use super::{
    bsn::Bsn,
    draw::{Draw, Weights, after},
    irregularity::{Irregularity, Tally},
};

/// A jeugdige.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Persoon {
    /// A test BSN, unique within the gemeente; another gemeente may have it too.
    pub bsn: Bsn,
    /// What the latest message says, which is what counts.
    pub kenmerken: Kenmerken,
    /// What the messages of the earliest day say, where that differs.
    pub vroeger: Option<Kenmerken>,
    /// The given names.
    pub voornamen: String,
    /// The prefix of the surname.
    pub voorvoegsel: Option<&'static str>,
    /// The surname, without prefix.
    pub achternaam: String,
    /// Free text about the person in every JW301; only the planted canary has it.
    pub commentaar: Option<String>,
}

/// The characteristics that are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kenmerken {
    /// The birth date as the message has it: unknown parts are 01, or 1900 (IV009).
    pub geboortedatum: Date,
    /// Which part of the birth date is unknown.
    pub datum_gebruik: Option<DatumGebruik>,
    /// The geslacht.
    pub geslacht: Geslacht,
}

/// COD046.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Geslacht {
    /// 0.
    Onbekend,
    /// 1.
    Mannelijk,
    /// 2.
    Vrouwelijk,
}

/// COD170.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatumGebruik {
    /// 1.
    DagOnbekend,
    /// 2.
    DagEnMaandOnbekend,
    /// 3.
    GeheelOnbekend,
}

impl Geslacht {
    pub(super) fn ijw(self) -> &'static str {
        match self {
            Self::Onbekend => "0",
            Self::Mannelijk => "1",
            Self::Vrouwelijk => "2",
        }
    }
}

impl DatumGebruik {
    pub(super) fn ijw(self) -> &'static str {
        match self {
            Self::DagOnbekend => "1",
            Self::DagEnMaandOnbekend => "2",
            Self::GeheelOnbekend => "3",
        }
    }
}

impl Persoon {
    /// A person whose care began on `start`.
    pub(super) fn draw(draw: &mut Draw, bsn: Bsn, start: Date, tally: &mut Tally) -> Self {
        let geslacht = draw.one_of(&GESLACHT);
        if geslacht == Geslacht::Onbekend {
            tally.note(Irregularity::GeslachtUnknown);
        }
        let born = birth(draw, start, tally);
        let kenmerken = with_unknown_parts(draw, born, geslacht, tally);
        let (surname, given) = (draw.word(&SURNAME_STARTS), draw.word(&GIVEN_STARTS));
        Self {
            bsn,
            kenmerken,
            vroeger: None,
            voornamen: format!("{given}{}", draw.word(&GIVEN_ENDS)),
            voorvoegsel: draw.one_of(&VOORVOEGSEL),
            achternaam: format!("{surname}{}", draw.word(&SURNAME_ENDS)),
            commentaar: None,
        }
    }

    /// What an earlier message said of this person: another geslacht, sometimes without the day of birth.
    pub(super) fn former(&self, draw: &mut Draw) -> Kenmerken {
        let geslacht = match self.kenmerken.geslacht {
            Geslacht::Mannelijk => Geslacht::Vrouwelijk,
            Geslacht::Vrouwelijk => Geslacht::Mannelijk,
            Geslacht::Onbekend => draw.one_of(&GESLACHT_KNOWN),
        };
        let born = self.kenmerken.geboortedatum;
        if self.kenmerken.datum_gebruik.is_none() && draw.chance(500) {
            Kenmerken {
                geboortedatum: date(born.year(), 1, 1),
                datum_gebruik: Some(DatumGebruik::DagEnMaandOnbekend),
                geslacht,
            }
        } else {
            Kenmerken { geslacht, ..self.kenmerken }
        }
    }
}

fn birth(draw: &mut Draw, start: Date, tally: &mut Tally) -> Date {
    if draw.chance(3) {
        tally.note(Irregularity::BornAfterStart);
        return after(start, draw.number(1..=400));
    }
    let (youngest, oldest) = draw.one_of(&AGES_AT_START);
    let latest = after(start, -youngest * 365 - youngest / 4 - 1);
    draw.day(after(start, -oldest * 365 - oldest / 4), latest)
}

fn with_unknown_parts(draw: &mut Draw, born: Date, geslacht: Geslacht, tally: &mut Tally) -> Kenmerken {
    let datum_gebruik = draw.one_of(&DATUM_GEBRUIK);
    let geboortedatum = match datum_gebruik {
        None => born,
        Some(DatumGebruik::DagOnbekend) => date(born.year(), born.month(), 1),
        Some(DatumGebruik::DagEnMaandOnbekend) => date(born.year(), 1, 1),
        Some(DatumGebruik::GeheelOnbekend) => date(1900, 1, 1),
    };
    match datum_gebruik {
        None => {}
        Some(DatumGebruik::DagOnbekend) => tally.note(Irregularity::BirthDayUnknown),
        Some(DatumGebruik::DagEnMaandOnbekend) => tally.note(Irregularity::BirthMonthUnknown),
        Some(DatumGebruik::GeheelOnbekend) => tally.note(Irregularity::BirthYearUnknown),
    }
    Kenmerken { geboortedatum, datum_gebruik, geslacht }
}

/// 54.3 % of the jongeren with jeugdzorg are boys (CBS, 31-12-2023).
const GESLACHT: Weights<Geslacht> =
    Weights { usual: Geslacht::Mannelijk, rarer: &[(Geslacht::Vrouwelijk, 455), (Geslacht::Onbekend, 4)] };

const GESLACHT_KNOWN: Weights<Geslacht> = Weights { usual: Geslacht::Mannelijk, rarer: &[(Geslacht::Vrouwelijk, 500)] };

/// From and up to which age care begins, such that those in care on a peildatum are as old as CBS finds them: 4.3 %
/// up to 3 years, 45.7 % from 4 to 11, 43.9 % from 12 to 17 and 6.2 % older (31-12-2023).
const AGES_AT_START: Weights<(i32, i32)> =
    Weights { usual: (3, 10), rarer: &[((10, 15), 415), ((15, 17), 65), ((17, 21), 14), ((0, 3), 55)] };

const DATUM_GEBRUIK: Weights<Option<DatumGebruik>> = Weights {
    usual: None,
    rarer: &[
        (Some(DatumGebruik::DagOnbekend), 4),
        (Some(DatumGebruik::DagEnMaandOnbekend), 4),
        (Some(DatumGebruik::GeheelOnbekend), 3),
    ],
};

const VOORVOEGSEL: Weights<Option<&str>> =
    Weights { usual: None, rarer: &[(Some("van"), 120), (Some("de"), 90), (Some("van der"), 60), (Some("'t"), 10)] };

const SURNAME_STARTS: [&str; 16] = [
    "Zwalm", "Klomper", "Vlier", "Doorn", "Höge", "Brink", "Steen", "Wilgen", "Mees", "Kraai", "Özel", "Plas", "Rozen",
    "Schaar", "Têtu", "Luim",
];

const SURNAME_ENDS: [&str; 14] = [
    "beek",
    "stra",
    "mans",
    "inga",
    "huis",
    "veld",
    "dijk",
    "aert",
    "oğlu",
    "sma",
    "hoek",
    "kamp",
    "'en & Zoon",
    "ink",
];

const GIVEN_STARTS: [&str; 12] = ["Jo", "An", "Ma", "Li", "Fen", "Sam", "Noë", "Bra", "Zey", "Ti", "El", "Ru"];

const GIVEN_ENDS: [&str; 10] = ["ra", "lie", "no", "mke", "lla", "nep", "sin", "don", "ïs", "ben"];
