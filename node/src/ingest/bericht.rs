//! One iJw message as an import keeps it: who sent it, whose records it holds, and the lines that start, stop or assign
//! help. What is not here (names, addresses, relations, comments, references) is never held in memory after the
//! parser, so nothing later can leak it.

mod kop;
mod lezer;
mod plek;
mod regel;
#[cfg(test)]
mod tests;
mod velden;

use std::sync::Arc;

use drempel_protocols::id::Gemeentecode;
use jiff::civil::{Date, Time};

use super::{
    bevinding::Bevinding,
    bsn::Bsn,
    codes::{Categorie, DatumGebruik, Geslacht, RedenBeeindiging, RedenWijziging},
};

pub use self::lezer::lees;

/// The largest file that is read (OP179).
pub const LARGEST_FILE: u64 = 25 * 1024 * 1024;

/// What a file turned out to hold.
#[derive(Debug)]
pub enum Gelezen {
    /// A message that an import uses.
    Bericht(Box<Bericht>),
    /// A valid root of an iJw 3.2 message that an import does not use, by its name, `JW315`.
    Overgeslagen(&'static str),
}

/// A JW301, JW305 or JW307 of this gemeente.
#[derive(Debug)]
pub struct Bericht {
    /// Who sent what when.
    pub header: Header,
    /// The one client that a message is about.
    pub client: Client,
    /// The lines that could be used.
    pub regels: Regels,
    /// Why other lines could not; one finding for each line.
    pub afgekeurd: Vec<Bevinding>,
}

/// The header of a message.
#[derive(Debug)]
pub struct Header {
    /// The gemeente that sent it (JW301) or to which it was sent (JW305, JW307).
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
    pub identificatie: Arc<str>,
}

/// The client of a message.
#[derive(Debug)]
pub struct Client {
    /// Burgerservicenummer.
    pub bsn: Bsn,
    /// What else a message says about the person.
    pub gegevens: Persoonsgegevens,
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

/// The lines of a message, by its kind.
#[derive(Debug)]
pub enum Regels {
    /// JW301.
    Toegewezen(Vec<ToegewezenProduct>),
    /// JW305.
    Gestart(Vec<StartProduct>),
    /// JW307.
    Gestopt(Vec<StopProduct>),
}

/// Product of a line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Product {
    /// Productcategorie.
    pub categorie: Categorie,
    /// Productcode, at most five characters.
    pub code: Option<Arc<str>>,
}

/// A line of a JW301. The order of the fields is that in which the current one is chosen (IV013).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ToegewezenProduct {
    /// Toewijzingsdatum.
    pub datum: Date,
    /// Toewijzingstijd.
    pub tijd: Time,
    /// ToewijzingNummer, unique in the gemeente (OP275).
    pub nummer: u32,
    /// Product; none in a generic toewijzing.
    pub product: Option<Product>,
    /// Ingangsdatum.
    pub ingangsdatum: Date,
    /// Einddatum.
    pub einddatum: Option<Date>,
    /// RedenWijziging.
    pub reden: Option<RedenWijziging>,
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

/// A line of a JW305.
#[derive(Debug)]
pub struct StartProduct {
    /// Its logical key.
    pub levering: Levering,
    /// What the line does with the key.
    pub status: Aanlevering,
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

/// A line of a JW307.
#[derive(Debug)]
pub struct StopProduct {
    /// Its logical key.
    pub beeindiging: Beeindiging,
    /// What the line does with the key.
    pub status: Aanlevering,
}

/// The two allowed members of StatusAanlevering (COD467, CS058).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aanlevering {
    /// 1: eerste aanlevering.
    Eerste,
    /// 3: verwijderen aanlevering.
    Verwijderen,
}
