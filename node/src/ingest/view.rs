//! The views: the tables that a snapshot holds, one row per thing counted. A row holds members of closed lists, and what
//! never leaves the node (aanbieder) or is only ever summed (bedrag); no date and nothing else that singles a child
//! out, so that whatever reads a snapshot cannot ask for more. The lists are those of the catalogue. Pure.

mod declaratie;
mod herhaald;
mod jeugdhulp;
mod per_persoon;
mod persoon;
#[cfg(test)]
mod tests;
mod wisseling;

use drempel_protocols::id::Period;

use super::codes::{Categorie, Hulpvorm, Verwijzer, code_list};

pub use self::{
    declaratie::declaratie,
    herhaald::herhaald_beroep,
    jeugdhulp::{Gebruik, Uitkomst, jeugdhulp},
    per_persoon::EenPerPersoon,
    persoon::Persoon,
    wisseling::wisseling,
};

/// The place of `onbekend` in a column of members.
pub const ONBEKEND: u8 = u8::MAX;
/// The most columns of members that a view has.
pub const MOST_LEDEN: usize = 10;

/// A view: its name and the columns after `persoon` and `periode`, columns of members first.
#[derive(Debug)]
pub struct ViewSchema {
    /// Its name in the catalogue.
    pub naam: &'static str,
    /// Columns of members: name and list; what is not on the list is onbekend.
    pub leden: &'static [(&'static str, &'static [&'static str])],
    /// Whether it has the column `aanbieder`: an AGB-code, which never leaves.
    pub aanbieder: bool,
    /// Whether it has the column `eerdere_aanbieder`: the AGB-code of who else delivered the same, or 0 for several others.
    pub eerdere_aanbieder: bool,
    /// Whether it has the column `bedrag`: eurocents.
    pub bedrag: bool,
}

/// The columns of which a person has exactly one member in a half-year, in every view that has them (rule R1).
pub const EEN: [&str; 3] = ["leeftijdsgroep", "geslacht", "stroom"];

/// A row of any view. The order of the fields is that in which rows are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rij {
    /// The number of the person in this snapshot.
    pub persoon: u32,
    /// The half-year.
    pub periode: Period,
    /// The place of each member in its list, or [`ONBEKEND`]; places without a column are 0.
    pub leden: [u8; MOST_LEDEN],
    /// AGB-code, or 0 where the view has none or it is not known.
    pub aanbieder: u32,
    /// AGB-code of who else delivered the same, or 0 for several others.
    pub eerdere_aanbieder: Option<u32>,
    /// Eurocents, or 0 where the view has none.
    pub bedrag: i64,
}

code_list! {
    /// Whether a traject was counted before the period.
    Begin {
        AlLopend = "al_lopend" "It was, and had not ended.",
        Gestart = "gestart" "It was not.",
    }
}

code_list! {
    /// Age on the last day of the period.
    Leeftijdsgroep {
        Tot4 = "0-3" "Until the fourth birthday.",
        Tot12 = "4-11" "Until the twelfth birthday.",
        Tot18 = "12-17" "Until the eighteenth birthday.",
        Vanaf18 = "18+" "From the eighteenth birthday.",
    }
}

code_list! {
    /// How long a traject has run at its end, or on the last day of the period.
    Duurklasse {
        Tot3Maanden = "tot_3_maanden" "Less than three months.",
        Tot6Maanden = "3_tot_6_maanden" "Three to six months.",
        Tot12Maanden = "6_tot_12_maanden" "Six to twelve months.",
        Tot2Jaar = "1_tot_2_jaar" "One to two years.",
        Vanaf2Jaar = "2_jaar_of_langer" "Two years or longer.",
    }
}

code_list! {
    /// Whether a person was counted just before the period and still is after its last day, over all trajecten.
    Stroom {
        Doorlopend = "doorlopend" "Both.",
        Uitstroom = "uitstroom" "Before only.",
        Instroom = "instroom" "After only.",
        InEnUit = "in_en_uit" "Neither.",
    }
}

code_list! {
    /// Why help by the earlier aanbieder ended.
    RedenGroep {
        Overstap = "overstap" "Overstap naar andere aanbieder.",
        VolgensPlan = "volgens_plan" "Volgens plan.",
        Voortijdig = "voortijdig" "Voortijdig.",
        Anders = "anders" "Otherwise.",
    }
}

/// Classes whose bounds are in the catalogue's definitions.
const WACHTTIJDKLASSE: &[&str] =
    &["voor_verzoek", "tot_4_weken", "4_tot_10_weken", "10_tot_26_weken", "26_weken_of_langer"];
const HERHAALD: &[&str] = &["eerste", "aansluitend", "binnen_6_maanden", "binnen_12_maanden", "later"];
const AANSLUITING: &[&str] = &["overlappend", "aansluitend", "onderbroken"];
const GESLACHT: &[&str] = &["M", "V"];
const MAANDEN: &[&str] = &["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"];
/// `loopt_door`, and every reden but the temporary one.
const EINDE: &[&str] = &["loopt_door", "02", "31", "32", "33", "34", "35", "36", "37", "38", "39"];

/// One row per traject and half-year in which it was in use.
pub const JEUGDHULP: ViewSchema = ViewSchema {
    naam: "jeugdhulp",
    leden: &[
        ("begin", Begin::CODES),
        ("einde", EINDE),
        ("categorie", Categorie::CODES),
        ("hulpvorm", Hulpvorm::CODES),
        ("leeftijdsgroep", Leeftijdsgroep::CODES),
        ("geslacht", GESLACHT),
        ("duurklasse", Duurklasse::CODES),
        ("stroom", Stroom::CODES),
        ("verwijzer", Verwijzer::CODES),
        ("wachttijdklasse", WACHTTIJDKLASSE),
    ],
    aanbieder: true,
    eerdere_aanbieder: true,
    bedrag: false,
};

/// One row per traject that began in the half-year.
pub const HERHAALD_BEROEP: ViewSchema = ViewSchema {
    naam: "herhaald_beroep",
    leden: &[
        ("categorie", Categorie::CODES),
        ("hulpvorm", Hulpvorm::CODES),
        ("herhaald", HERHAALD),
        ("leeftijdsgroep", Leeftijdsgroep::CODES),
        ("geslacht", GESLACHT),
    ],
    aanbieder: false,
    eerdere_aanbieder: false,
    bedrag: false,
};

/// One row per change of aanbieder in the half-year.
pub const WISSELING: ViewSchema = ViewSchema {
    naam: "wisseling",
    leden: &[
        ("categorie", Categorie::CODES),
        ("hulpvorm", Hulpvorm::CODES),
        ("aansluiting", AANSLUITING),
        ("reden", RedenGroep::CODES),
        ("leeftijdsgroep", Leeftijdsgroep::CODES),
        ("geslacht", GESLACHT),
    ],
    aanbieder: false,
    eerdere_aanbieder: false,
    bedrag: false,
};

/// One row per person, month, categorie and aanbieder of which the declared amount is not nothing.
pub const DECLARATIE: ViewSchema = ViewSchema {
    naam: "declaratie",
    leden: &[("maand", MAANDEN), ("categorie", Categorie::CODES)],
    aanbieder: true,
    eerdere_aanbieder: false,
    bedrag: true,
};

/// Every view, in the order in which a snapshot holds them.
pub const VIEWS: [&ViewSchema; 4] = [&JEUGDHULP, &HERHAALD_BEROEP, &WISSELING, &DECLARATIE];

impl ViewSchema {
    /// The view with this name.
    #[must_use]
    pub fn by_name(naam: &str) -> Option<&'static Self> {
        VIEWS.into_iter().find(|view| view.naam == naam)
    }

    /// The names of its columns, as a file of the view has them.
    pub fn kolommen(&self) -> impl Iterator<Item = &'static str> + use<> {
        let leden = self.leden.iter().map(|(naam, _)| *naam);
        let more = [
            self.aanbieder.then_some("aanbieder"),
            self.eerdere_aanbieder.then_some("eerdere_aanbieder"),
            self.bedrag.then_some("bedrag"),
        ];
        ["persoon", "periode"].into_iter().chain(leden).chain(more.into_iter().flatten())
    }

    /// The code of a member of a row, by the place of its column; none where it is onbekend.
    #[must_use]
    pub fn lid(&self, column: usize, rij: &Rij) -> Option<&'static str> {
        let (_, codes) = self.leden.get(column)?;
        codes.get(usize::from(*rij.leden.get(column)?)).copied()
    }
}

impl Rij {
    /// A row whose members are those given, in the order of the view's columns.
    fn new<const N: usize>(persoon: u32, periode: Period, given: [u8; N]) -> Self {
        let mut leden = [0; MOST_LEDEN];
        for (slot, lid) in leden.iter_mut().zip(given) {
            *slot = lid;
        }
        Self { persoon, periode, leden, aanbieder: 0, eerdere_aanbieder: None, bedrag: 0 }
    }
}

/// The place of a member that may be unknown.
fn of<T>(member: Option<T>, place: impl Fn(T) -> u8) -> u8 {
    member.map_or(ONBEKEND, place)
}

/// The place of a code in a list.
fn place(codes: &[&str], code: &str) -> u8 {
    codes.iter().position(|member| *member == code).and_then(|place| u8::try_from(place).ok()).unwrap_or(ONBEKEND)
}
