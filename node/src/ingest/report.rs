//! What an import did, for the person at the gemeente who ran it: what was read, kept, left out and why. Names files
//! and codes only; it holds no value of any record, and is the gemeente's own, not for publication.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use drempel_protocols::id::{Gemeentecode, Period};
use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::{
    bevinding::{Bevinding, Gevolg},
    bsn::passes_elfproef,
};

/// How many file names are listed with one finding; the others are counted.
const FILES_LISTED: usize = 100;

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
        Self(String::from_utf8_lossy(&bytes).into_owned())
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
    /// The snapshot that was written; none if nothing could be used.
    pub snapshot: Option<String>,
    /// Files, by what became of them.
    pub bestanden: Bestanden,
    /// Records that count.
    pub geteld: Geteld,
    /// Everything found, by code.
    pub bevindingen: Vec<BevindingRegel>,
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
    /// Passed over, by the name of the message.
    pub overgeslagen: BTreeMap<&'static str, usize>,
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
    /// Trajecten after merging.
    pub trajecten: usize,
    /// Rows of the view `jeugdhulp`, by period.
    pub rijen: BTreeMap<Period, usize>,
}

/// One code with everything found under it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BevindingRegel {
    /// The stable code.
    #[serde(serialize_with = "as_code")]
    pub code: Bevinding,
    /// Whether what it is about counts.
    pub gevolg: Gevolg,
    /// What is the matter.
    pub omschrijving: &'static str,
    /// What to do.
    pub wat_te_doen: &'static str,
    /// How many files or records.
    pub aantal: usize,
    /// In how many files.
    pub aantal_bestanden: usize,
    /// The first of these files by name.
    pub bestanden: Vec<BestandsNaam>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
fn as_code<S: Serializer>(bevinding: &Bevinding, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(bevinding.code())
}

/// Findings as they are collected.
#[derive(Debug, Default)]
pub(super) struct Bevindingen(BTreeMap<Bevinding, (usize, BTreeSet<usize>)>);

impl Bevindingen {
    /// Counts a finding in the file with this place in the order of names.
    pub(super) fn add(&mut self, bevinding: Bevinding, file: usize) {
        let (count, files) = self.0.entry(bevinding).or_default();
        *count += 1;
        files.insert(file);
    }

    /// One line for each code.
    pub(super) fn lines(&self, names: &[BestandsNaam]) -> Vec<BevindingRegel> {
        let line = |(code, (aantal, files)): (&Bevinding, &(usize, BTreeSet<usize>))| BevindingRegel {
            code: *code,
            gevolg: code.gevolg(),
            omschrijving: code.omschrijving(),
            wat_te_doen: code.wat_te_doen(),
            aantal: *aantal,
            aantal_bestanden: files.len(),
            bestanden: files.iter().filter_map(|file| names.get(*file)).take(FILES_LISTED).cloned().collect(),
        };
        self.0.iter().map(line).collect()
    }
}

impl fmt::Display for ImportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Import voor {} op {}", self.gemeente, self.tijdstip)?;
        let Bestanden { gevonden, gebruikt, afgekeurd, overgeslagen } = &self.bestanden;
        writeln!(f, "Bestanden: {gevonden} gevonden, {gebruikt} gebruikt, {afgekeurd} afgekeurd")?;
        for (name, count) in overgeslagen {
            writeln!(f, "  {name}: {count} overgeslagen, dit bericht wordt niet gebruikt")?;
        }
        let Geteld { personen, toewijzingen, starts, stops, trajecten, rijen } = &self.geteld;
        writeln!(f, "Gebruikt: {toewijzingen} toewijzingen, {starts} starts, {stops} stops")?;
        writeln!(f, "Resultaat: {trajecten} trajecten van {personen} personen")?;
        for (period, count) in rijen {
            writeln!(f, "  {period}: {count} trajecten")?;
        }
        for line in &self.bevindingen {
            let gevolg = match line.gevolg {
                Gevolg::Afgekeurd => "afgekeurd",
                Gevolg::Behouden => "telt mee",
            };
            writeln!(f, "{} ({}x, {gevolg}): {}", line.code, line.aantal, line.omschrijving)?;
            writeln!(f, "  Wat te doen: {}", line.wat_te_doen)?;
            for name in &line.bestanden {
                writeln!(f, "  {name}")?;
            }
            if let Some(more @ 1..) = line.aantal_bestanden.checked_sub(line.bestanden.len()) {
                writeln!(f, "  en nog {more} bestanden")?;
            }
        }
        match &self.snapshot {
            Some(id) => writeln!(f, "De nieuwe momentopname is {id}"),
            None => writeln!(f, "Er is geen nieuwe momentopname; de vorige blijft in gebruik"),
        }
    }
}
