//! Releases made-up records, half-year after half-year, with everything that is counted and hidden: for a judge that shares
//! no code with what hides. Every release is made from the ledger of those before it, as at a node, so that whoever trusts
//! the judge trusts what a node keeps too; after a herindeling from the ledgers of all that became the gemeente. Takes no
//! part in a node: it imports nothing, and prints true counts.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    io::{BufRead as _, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, ensure};
use clap::Parser;
use drempel_node::{
    ingest::sleutel::PersoonSleutel,
    ledger::{CountedSet, Ledger},
};
use drempel_protocols::{
    catalogue::{Catalogue, Measure, SignedBundle},
    id::{ColumnName, Gemeentecode, MemberCode, Period, ViewName},
    lattice::{Lattice, Place},
    policy::{Policy, PolicyFile},
    release::{Joint, Release, RuleSet, Uitgave},
    sdc::{Microlp, Unions},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Releases made-up records.
///
/// Each line of the input is one case, in JSON: {"gemeente": "GM1969", "periods": [{"period": "2025H1", "catalogue": "DIR",
/// "policy": {"k": 12, "declined_cubes": ["stroom"]}, "withdrawn": false, "rows": [{"view": "jeugdhulp", "person": 1,
/// "members": {"categorie": "45", ...}}]}], "voorgangers": [...]}, where policy, withdrawn and voorgangers may be left out.
/// Voorgangers are cases too, of gemeenten that became this one: it takes over their ledgers after their last half-year.
/// Each line of the output is that case with the cells of its releases, in the order in which they were made (half-years of
/// its own that voorgangers had too, those of each voorganger, the others), and why there are no more if one was refused.
#[derive(Parser)]
struct Arguments {}

/// Records of a gemeente, of some half-years that follow each other, and those of gemeenten that became it. A person has one
/// number in all of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    gemeente: Gemeentecode,
    periods: Vec<Records>,
    #[serde(default)]
    voorgangers: Vec<Self>,
}

/// A half-year: under which catalogue and policy it is released, whether the release is withdrawn after that, and the rows.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Records {
    period: Period,
    catalogue: PathBuf,
    #[serde(default)]
    policy: PolicyFile,
    #[serde(default)]
    withdrawn: bool,
    rows: Vec<Row>,
}

/// A row of a view: whose it is, and its member of every dimension that follows from no other.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    view: ViewName,
    person: u64,
    members: BTreeMap<ColumnName, MemberCode>,
}

/// What became of a case.
#[derive(Default, Serialize)]
struct Outcome {
    releases: Vec<Vec<Cell>>,
    refused: Option<String>,
}

/// A cell, with what readers may not know.
#[derive(Serialize)]
struct Cell {
    view: ViewName,
    within: BTreeMap<ColumnName, BTreeSet<MemberCode>>,
    shows_persons: bool,
    shows_rows: bool,
    persons: u64,
    rows: u64,
    reason: Option<drempel_protocols::sdc::Reason>,
}

fn main() -> anyhow::Result<()> {
    let Arguments {} = Arguments::parse();
    let mut output = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let case: Case = serde_json::from_str(&line?)?;
        let (folder, mut outcome) = (tempfile::tempdir()?, Outcome::default());
        case.release(folder.path(), &mut outcome)?;
        serde_json::to_writer(&mut output, &outcome)?;
        writeln!(output)?;
        output.flush()?;
    }
    Ok(())
}

impl Case {
    /// Releases all of it, up to the first half-year that is refused, each gemeente with a ledger in the folder.
    fn release(&self, folder: &Path, outcome: &mut Outcome) -> anyhow::Result<()> {
        let last = self.voorgangers.iter().filter_map(|of| of.periods.last()).map(|records| records.period).max();
        let before = self.periods.iter().take_while(|records| Some(records.period) <= last).count();
        let (before, after) = self.periods.split_at(before);
        let mut ledger = Ledger::open(&self.ledger(folder))?;
        self.add_all(before, &mut ledger, outcome)?;
        for voorganger in &self.voorgangers {
            voorganger.release(folder, outcome)?;
            // After a refusal its ledger does not end where the others do.
            if outcome.refused.is_none() {
                let names = voorganger.names(self.gemeente);
                ledger.take_over(&voorganger.ledger(folder), self.gemeente, &names, false)?;
            }
        }
        self.add_all(after, &mut ledger, outcome)
    }

    fn ledger(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.sqlite", self.gemeente))
    }

    fn add_all(&self, periods: &[Records], ledger: &mut Ledger, outcome: &mut Outcome) -> anyhow::Result<()> {
        for records in periods {
            if outcome.refused.is_some() {
                break;
            }
            match release(records, self.gemeente, ledger) {
                Ok(release) => {
                    let counted = records.trajecten("einde", "loopt_door", self.gemeente)?;
                    let made_at = ledger.version()?;
                    ledger.add(&release, &counted, &made_at, Timestamp::UNIX_EPOCH)?;
                    if records.withdrawn {
                        ledger.withdraw(records.period, "made-up", Timestamp::UNIX_EPOCH)?;
                    }
                    outcome.releases.push(cells(&release)?);
                }
                Err(error) => outcome.refused = Some(error.to_string()),
            }
        }
        Ok(())
    }

    /// For the name that each person has here that at another gemeente: no two gemeenten have a key in common.
    fn names(&self, other: Gemeentecode) -> HashMap<PersoonSleutel, PersoonSleutel> {
        let rows = self.periods.iter().flat_map(|records| &records.rows);
        rows.map(|row| (name(self.gemeente, row.person), name(other, row.person))).collect()
    }
}

impl Records {
    /// Trajecten with a member, of each person and kind, as a node notes in its ledger what runs on.
    fn trajecten(&self, column: &str, member: &str, gemeente: Gemeentecode) -> anyhow::Result<CountedSet> {
        let mut counted = CountedSet::new();
        let code = |row: &Row, of: &str| Ok::<_, anyhow::Error>(row.members.get(&of.parse::<ColumnName>()?).cloned());
        for row in &self.rows {
            if code(row, column)?.is_some_and(|code| code.as_str() == member) {
                let soort = code(row, "categorie")?.zip(code(row, "hulpvorm")?).context("a traject of no kind")?;
                let geteld = counted.entry(name(gemeente, row.person)).or_default().entry(soort).or_default();
                geteld.running += 1;
                geteld.known += 1;
            }
        }
        Ok(counted)
    }
}

fn name(gemeente: Gemeentecode, person: u64) -> PersoonSleutel {
    // Not longer than a key is.
    let text = format!("{gemeente}{person:010}");
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(text.bytes()).for_each(|(slot, byte)| *slot = byte);
    PersoonSleutel::from_bytes(bytes)
}

fn release(records: &Records, gemeente: Gemeentecode, ledger: &Ledger) -> anyhow::Result<Release> {
    let catalogue = Catalogue::from_bundle(SignedBundle::read(&records.catalogue)?.bundle())?;
    let lattice = Lattice::of(&catalogue)?;
    let under = RuleSet::of(&catalogue, &Policy::from_file(&records.policy, &catalogue)?);
    let earlier = ledger.history()?;
    let al_lopend = records.trajecten("begin", "al_lopend", gemeente)?;
    let as_counted = earlier.is_empty() || al_lopend == ledger.counted()?;
    ensure!(as_counted, "what is al lopend is not what the ledger has counted");
    let counted = CountedRows { lattice: &lattice, records };
    let uitgave = Uitgave { gemeente, period: records.period, voorgangers: ledger.opgegaan()? };
    let joint = Joint::new(&earlier, uitgave, &lattice, &counted.counts(), &counted)?;
    Ok(joint.protect(under, &counted, &Microlp)?)
}

fn cells(release: &Release) -> anyhow::Result<Vec<Cell>> {
    let published = release.published();
    let cell = |cell: drempel_protocols::release::OfficersCell<'_>| {
        let shown = published.get(cell.place).context("a cell that is in no table")?;
        Ok(Cell {
            view: cell.place.view().clone(),
            within: cell.place.within().clone(),
            shows_persons: shown.contains_key(&Measure::Personen),
            shows_rows: shown.contains_key(&Measure::Aantal),
            persons: cell.persons,
            rows: cell.rows,
            reason: cell.reason,
        })
    };
    release.reasons().map(cell).collect()
}

/// Rows, counted cell by cell, as slowly and plainly as can be.
struct CountedRows<'c> {
    lattice: &'c Lattice,
    records: &'c Records,
}

impl CountedRows<'_> {
    fn rows<'r>(&'r self, place: &'r Place) -> impl Iterator<Item = &'r Row> {
        self.records.rows.iter().filter(|row| {
            let has = |(column, members): (&ColumnName, &BTreeSet<MemberCode>)| {
                row.members.get(column).is_some_and(|member| members.contains(member))
            };
            row.view == *place.view() && place.within().iter().all(has)
        })
    }

    fn counts(&self) -> Vec<(u64, u64)> {
        let count = |place: &Place| {
            let persons: BTreeSet<u64> = self.rows(place).map(|row| row.person).collect();
            (persons.len() as u64, self.rows(place).count() as u64)
        };
        self.lattice.cells().iter().map(|cell| count(&cell.place)).collect()
    }
}

impl Unions for CountedRows<'_> {
    fn in_any(&self, asked: &[(usize, Vec<usize>)]) -> Vec<u64> {
        let place = |cell: &usize| self.lattice.cells().get(*cell).map(|cell| &cell.place);
        let persons = |parts: &[usize]| {
            let rows = parts.iter().filter_map(place).flat_map(|place| self.rows(place));
            rows.map(|row| row.person).collect::<BTreeSet<u64>>().len() as u64
        };
        asked.iter().map(|(_, parts)| persons(parts)).collect()
    }
}
