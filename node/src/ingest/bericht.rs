//! One iJw message as an import keeps it: who sent it, and the facts that it states about whom. What is not here (names,
//! addresses, relations, comments) is never held in memory after the parser, so nothing later can leak it.

mod declaratie;
mod herkenning;
mod kop;
mod lezer;
mod naamruimte;
mod plek;
mod regel;
#[cfg(test)]
mod tests;
mod velden;

use compact_str::CompactString;
use drempel_protocols::id::Gemeentecode;
use jiff::civil::{Date, Time};

use super::{
    bevinding::{Bevinding, Gevolg},
    bsn::Bsn,
    codes::{
        Categorie, DatumGebruik, DebetCredit, Geslacht, RedenBeeindiging, RedenWijziging, Verwijzer, VerzoekAntwoord,
        code_list,
    },
};

pub use self::lezer::lees;

/// The largest file that is read (OP179).
pub const LARGEST_FILE: u64 = 25 * 1024 * 1024;

code_list! {
    /// The messages that an import reads.
    Soort {
        Jw301 = "JW301" "Toewijzing.",
        Jw305 = "JW305" "Start zorg.",
        Jw307 = "JW307" "Stop zorg.",
        Jw315 = "JW315" "Verzoek om toewijzing.",
        Jw317 = "JW317" "Verzoek om wijziging: counted only.",
        Jw319 = "JW319" "Antwoord op verzoek: counted only.",
        Jw323 = "JW323" "Declaratie.",
    }
}

/// What a file turned out to hold.
#[derive(Debug)]
pub enum Gelezen {
    /// A message that an import reads.
    Bericht(Box<Bericht>),
    /// A valid root of an iJw 3.2 message that an import does not read, by its name, `JW302`.
    Overgeslagen(&'static str),
}

/// A message of this gemeente.
#[derive(Debug)]
pub struct Bericht {
    /// Which message.
    pub soort: Soort,
    /// Who sent what when.
    pub header: Header,
    /// What it states; one line of the message is one fact.
    pub uitspraken: Vec<(Bsn, Uitspraak)>,
    /// Why other lines could not be used, and what else there is to say; one finding for each line.
    pub bevindingen: Vec<Bevinding>,
    /// The answer of a JW319, and whether it rejects for the woonplaatsbeginsel.
    pub antwoord: Option<VerzoekAntwoord>,
}

/// The header of a message.
#[derive(Debug)]
pub struct Header {
    /// The gemeente that sent it or to which it was sent.
    pub gemeente: Gemeentecode,
    /// The message, by the party that numbered it.
    pub bericht: BerichtId,
}

/// What tells one message from another. The day comes first: the greatest is the latest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BerichtId {
    /// Dagtekening.
    pub dagtekening: Date,
    /// AGB-code of the aanbieder that sent or receives it.
    pub aanbieder: u32,
    /// Identificatie, unique for its sender.
    pub identificatie: CompactString,
}

/// One statement of a message about one person. The order is that in which records are kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Uitspraak {
    /// Who the person is.
    Gegevens(Persoonsgegevens),
    /// A line of a JW301.
    Toewijzing(Toewijzing),
    /// A line of a JW305.
    Start(Levering, Aanlevering),
    /// A line of a JW307.
    Stop(Beeindiging, Aanlevering),
    /// A line of a JW315.
    Verzoek(Verzoek),
    /// A line of a JW323.
    Prestatie(Prestatie),
}

/// What is kept about a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Persoonsgegevens {
    /// Date of birth.
    pub geboortedatum: Date,
    /// Which part of it is not to be used.
    pub datumgebruik: Option<DatumGebruik>,
    /// Geslacht.
    pub geslacht: Geslacht,
}

impl Default for Persoonsgegevens {
    /// Of whom nothing is known (IV009).
    fn default() -> Self {
        let geboortedatum = jiff::civil::date(1900, 1, 1);
        Self { geboortedatum, datumgebruik: Some(DatumGebruik::GeheelOnbekend), geslacht: Geslacht::Onbekend }
    }
}

/// Product of a line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Product {
    /// Productcategorie.
    pub categorie: Categorie,
    /// Productcode, at most five characters.
    pub code: Option<CompactString>,
}

/// A ToegewezenProduct. The order of the fields after the number is that in which the current one is chosen (IV013).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Toewijzing {
    /// ToewijzingNummer, unique in the gemeente (OP275).
    pub nummer: u32,
    /// Toewijzingsdatum.
    pub datum: Date,
    /// Toewijzingstijd.
    pub tijd: Time,
    /// Product; none in a generic toewijzing.
    pub product: Option<Product>,
    /// Ingangsdatum.
    pub ingangsdatum: Date,
    /// Einddatum.
    pub einddatum: Option<Date>,
    /// RedenWijziging.
    pub reden: Option<RedenWijziging>,
    /// AGB-code of the aanbieder that it was sent to.
    pub aanbieder: u32,
    /// ReferentieAanbieder: the JW315 that it answers.
    pub referentie: Option<CompactString>,
}

/// What a start and its stops have in common: with the BSN the logical key of a start (IV008).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Levering {
    /// What is delivered.
    pub wat: Geleverd,
    /// Begindatum.
    pub begindatum: Date,
}

/// ToewijzingNummer and Product of a start or stop, of which at least one is there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Geleverd {
    /// ToewijzingNummer.
    pub toewijzing: Option<u32>,
    /// Product.
    pub product: Option<Product>,
}

/// The logical key of a stop within a person (IV008).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Beeindiging {
    /// Key of the start that it ends.
    pub levering: Levering,
    /// Einddatum.
    pub einddatum: Date,
    /// RedenBeeindiging.
    pub reden: RedenBeeindiging,
}

/// An AangevraagdProduct.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Verzoek {
    /// ReferentieAanbieder, by which the toewijzing that answers it is found.
    pub referentie: CompactString,
    /// Verwijzer/Type.
    pub verwijzer: Verwijzer,
    /// ToewijzingIngangsdatum: from when help is asked for.
    pub ingangsdatum: Date,
}

/// A Prestatie of a declaratie.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Prestatie {
    /// ReferentieNummer, unique for its aanbieder (OP283).
    pub referentie: CompactString,
    /// VorigReferentieNummer: the line that a credit takes back.
    pub vorige: Option<CompactString>,
    /// ToewijzingNummer.
    pub toewijzing: u32,
    /// ProductCategorie.
    pub categorie: Categorie,
    /// ProductCode.
    pub code: CompactString,
    /// First day of the ProductPeriode.
    pub begin: Date,
    /// Last day of the ProductPeriode, in the same month.
    pub einde: Date,
    /// IngediendBedrag in eurocent (IV024).
    pub bedrag: u32,
    /// Its sign.
    pub debet_credit: DebetCredit,
}

code_list! {
    /// The two allowed members of StatusAanlevering (COD467, CS058).
    Aanlevering {
        Eerste = "1" "Eerste aanlevering.",
        Verwijderen = "3" "Verwijderen aanlevering.",
    }
}

impl Bericht {
    /// Whether a line of it was used; who the client is, is none.
    #[must_use]
    pub fn bruikbaar(&self) -> bool {
        let line = |(_, uitspraak): &(Bsn, Uitspraak)| !matches!(uitspraak, Uitspraak::Gegevens(_));
        match self.soort {
            Soort::Jw317 | Soort::Jw319 => self.bevindingen.iter().all(|found| found.gevolg() == Gevolg::Behouden),
            _ => self.uitspraken.iter().any(line),
        }
    }
}

impl Soort {
    /// The code that its header must have (COD002-VEKT).
    const fn berichtcode(self) -> &'static str {
        match self {
            Self::Jw301 => "436",
            Self::Jw305 => "438",
            Self::Jw307 => "440",
            Self::Jw315 => "446",
            Self::Jw317 => "486",
            Self::Jw319 => "488",
            Self::Jw323 => "490",
        }
    }

    /// Whether the gemeente sends it; the aanbieder sends the others.
    const fn van_gemeente(self) -> bool {
        matches!(self, Self::Jw301 | Self::Jw319)
    }

    /// Whether it says when its client was born.
    const fn heeft_gegevens(self) -> bool {
        matches!(self, Self::Jw301 | Self::Jw305 | Self::Jw307 | Self::Jw315)
    }
}
