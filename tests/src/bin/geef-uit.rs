//! Releases made-up records, half-year after half-year, with everything that is counted and hidden: for a judge that shares
//! no code with what hides. Every release is made from the ledger of those before it, as at a node, so that whoever trusts
//! the judge trusts what a node keeps too. Takes no part in a node: it imports nothing, and prints true counts.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead as _, Write as _},
    path::PathBuf,
};

use anyhow::Context as _;
use clap::Parser;
use drempel_node::ledger::{CountedSet, Ledger};
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
/// Each line of the input is one case, in JSON: {"periods": [{"period": "2025H1", "catalogue": "DIR", "policy": {"k": 12,
/// "declined_cubes": ["stroom"]}, "withdrawn": false, "rows": [{"view": "jeugdhulp", "person": 1, "members": {"categorie":
/// "45", ...}}]}]}, where policy and withdrawn may be left out. Each line of the output is that case with the cells of its
/// releases, and why there are no more if one was refused.
#[derive(Parser)]
struct Arguments {}

/// Records of some half-years that follow each other.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    periods: Vec<Records>,
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
        serde_json::to_writer(&mut output, &released(&case)?)?;
        writeln!(output)?;
        output.flush()?;
    }
    Ok(())
}

fn released(case: &Case) -> anyhow::Result<Outcome> {
    let folder = tempfile::tempdir()?;
    let mut ledger = Ledger::open(&folder.path().join("grootboek.sqlite"))?;
    let mut outcome = Outcome::default();
    for records in &case.periods {
        match release(records, &ledger) {
            Ok(release) => {
                let made_at = ledger.version()?;
                ledger.add(&release, &CountedSet::new(), &made_at, Timestamp::UNIX_EPOCH)?;
                if records.withdrawn {
                    ledger.withdraw(records.period, "made-up", Timestamp::UNIX_EPOCH)?;
                }
                outcome.releases.push(cells(&release)?);
            }
            Err(error) => {
                outcome.refused = Some(error.to_string());
                break;
            }
        }
    }
    Ok(outcome)
}

fn release(records: &Records, ledger: &Ledger) -> anyhow::Result<Release> {
    let catalogue = Catalogue::from_bundle(SignedBundle::read(&records.catalogue)?.bundle())?;
    let lattice = Lattice::of(&catalogue)?;
    let under = RuleSet::of(&catalogue, &Policy::from_file(&records.policy));
    let gemeente: Gemeentecode = "GM0014".parse()?;
    let earlier: Vec<Release> = ledger.releases()?.into_iter().map(|stored| stored.release).collect();
    let counted = CountedRows { lattice: &lattice, records };
    let joint = Joint::new(&earlier, Uitgave::new(gemeente, records.period), &lattice, &counted.counts(), &counted)?;
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
