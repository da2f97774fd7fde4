//! What an import did, for the person at the gemeente who can act on it: what was read, kept, left out and why, by
//! aanbieder and message. Names files, messages and codes only; it holds no BSN and no value of any record, and is the
//! gemeente's own, not for publication.

mod bevindingen;
mod html;
mod tekst;

use std::{collections::BTreeMap, fmt};

use drempel_protocols::id::{Gemeentecode, Period};
use jiff::{Timestamp, civil::Date};
use serde::{Serialize, Serializer};

use super::{
    bevinding::{Aard, Bevinding, Gevolg},
    bsn::passes_elfproef,
    view::{Rij, ViewSchema},
};

pub use self::bevindingen::Bevindingen;

/// The name of a file of messages, relative to their directory, without any number in it that could be a BSN.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct BestandsNaam(String);

impl BestandsNaam {
    /// From the name as it is on disk. Whoever names files after children keeps doing so; this report does not.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let mut bytes = name.as_bytes().to_vec();
        for start in 0..bytes.len() {
            if let Some(window) = bytes.get_mut(start..start + 9)
                && <&[u8; 9]>::try_from(&*window).is_ok_and(passes_elfproef)
            {
                window.fill(b'*');
            }
        }
        let text = String::from_utf8_lossy(&bytes);
        Self(text.chars().map(|character| if character.is_control() { '?' } else { character }).collect())
    }
}

impl fmt::Display for BestandsNaam {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The report of one import.
#[derive(Clone, Debug, Serialize)]
pub struct ImportReport {
    /// The gemeente.
    pub gemeente: Gemeentecode,
    /// When the import was run.
    pub tijdstip: Timestamp,
    /// The snapshot that was written; none if nothing changed.
    pub snapshot: Option<String>,
    /// Files, by what became of them.
    pub bestanden: Bestanden,
    /// Facts of the records, by kind.
    pub feiten: BTreeMap<&'static str, u64>,
    /// Facts that the records did not have.
    pub nieuwe_feiten: u64,
    /// Persons whom retention removed.
    pub opgeruimd: usize,
    /// What the snapshot is made of.
    pub geteld: Geteld,
    /// Everything found, by code.
    pub bevindingen: Vec<BevindingRegel>,
    /// What is known of each aanbieder.
    pub aanbieders: Vec<AanbiederRegel>,
}

impl ImportReport {
    /// When the import was run, for people.
    fn moment(&self) -> String {
        self.tijdstip.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
    }
}

/// Files, by what became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Bestanden {
    /// Found in the directory.
    pub gevonden: usize,
    /// With at least one line that can be used.
    pub gebruikt: usize,
    /// Refused whole, or without a line that can be used.
    pub afgekeurd: usize,
    /// Read, by the name of the message.
    pub berichten: BTreeMap<&'static str, usize>,
    /// Passed over, by the name of the message.
    pub overgeslagen: BTreeMap<&'static str, usize>,
    /// Answers of JW319, by `afgewezen` and `in_onderzoek`.
    pub antwoorden: BTreeMap<&'static str, usize>,
}

/// What the snapshot is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Geteld {
    /// Persons with at least one traject.
    pub personen: usize,
    /// Current toewijzingen.
    pub toewijzingen: usize,
    /// Starts that count.
    pub starts: usize,
    /// Stops that count.
    pub stops: usize,
    /// Lines of declaraties that count.
    pub declaratieregels: usize,
    /// Trajecten after merging.
    pub trajecten: usize,
    /// Of these, with an end that was estimated.
    pub geschat: usize,
    /// Rows by view and period.
    pub rijen: BTreeMap<&'static str, BTreeMap<Period, usize>>,
}

impl Geteld {
    pub(super) fn tel(&mut self, view: &ViewSchema, rows: &[Rij]) {
        let periods = self.rijen.entry(view.naam).or_default();
        for rij in rows {
            *periods.entry(rij.periode).or_default() += 1;
        }
    }
}

/// One code with everything found under it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BevindingRegel {
    /// The stable code.
    #[serde(serialize_with = "as_code")]
    pub code: Bevinding,
    /// What kind of thing is the matter.
    #[serde(serialize_with = "as_aard")]
    pub aard: Aard,
    /// Whether what it is about counts.
    pub gevolg: Gevolg,
    /// What is the matter.
    pub omschrijving: &'static str,
    /// What to do.
    pub wat_te_doen: &'static str,
    /// How many files or records.
    pub aantal: usize,
    /// In how many files, where it is about files.
    pub aantal_bestanden: usize,
    /// The first of these files by name.
    pub bestanden: Vec<BestandsNaam>,
    /// By aanbieder, where it is about records.
    pub aanbieders: Vec<AanbiederBerichten>,
}

/// Findings of one code about one aanbieder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AanbiederBerichten {
    /// AGB-code.
    pub aanbieder: Agb,
    /// How many.
    pub aantal: usize,
    /// The latest messages that they are about.
    pub berichten: Vec<BerichtRegel>,
}

/// A message, by which the gemeente can look it up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct BerichtRegel {
    /// Dagtekening.
    pub dagtekening: Date,
    /// Identificatie; stars in place of any number in it that could be a BSN.
    pub identificatie: String,
}

/// What is known of one aanbieder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AanbiederRegel {
    /// AGB-code.
    pub aanbieder: Agb,
    /// Episodes of help that it started.
    pub episodes: usize,
    /// Dagtekening of the latest message that reported one.
    pub laatste_bericht: Option<Date>,
    /// Findings by kind.
    pub bevindingen: BTreeMap<&'static str, usize>,
}

/// An AGB-code, written with eight digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Agb(pub u32);

impl fmt::Display for Agb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08}", self.0)
    }
}

impl Serialize for Agb {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
fn as_code<S: Serializer>(bevinding: &Bevinding, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(bevinding.code())
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
fn as_aard<S: Serializer>(aard: &Aard, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(aard.code())
}
