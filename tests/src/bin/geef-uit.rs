//! Releases made-up records, half-year after half-year, with everything that is counted and hidden: for a judge that shares
//! no code with what hides. Takes no part in a node: it has neither imports nor a ledger, and prints true counts.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead as _, Write as _},
    path::PathBuf,
};

use anyhow::Context as _;
use clap::Parser;
use drempel_protocols::{
    catalogue::{Catalogue, Measure, SignedBundle},
    id::{ColumnName, Gemeentecode, MemberCode, Period, ViewName},
    lattice::{Lattice, Place},
    policy::Policy,
    release::{Joint, Release, RuleSet},
    sdc::{Microlp, Unions},
};
use serde::{Deserialize, Serialize};

/// Releases made-up records.
///
/// Each line of the input is one case, in JSON: {"catalogue": "DIR", "periods": [{"period": "2025H1", "rows": [{"view":
/// "jeugdhulp", "person": 1, "members": {"categorie": "45", ...}}]}]}. Each line of the output is that case with its cells,
/// or why there is no release.
#[derive(Parser)]
struct Arguments {}

/// Records of some half-years that follow each other, under a catalogue.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    catalogue: PathBuf,
    periods: Vec<Records>,
}

/// The rows of a half-year.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Records {
    period: Period,
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
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Releases(Vec<Vec<Cell>>),
    Refused(String),
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
        let bundle = SignedBundle::read(&case.catalogue)?;
        let catalogue = Catalogue::from_bundle(bundle.bundle())?;
        serde_json::to_writer(&mut output, &release(&case, &catalogue)?)?;
        writeln!(output)?;
        output.flush()?;
    }
    Ok(())
}

fn release(case: &Case, catalogue: &Catalogue) -> anyhow::Result<Outcome> {
    let lattice = Lattice::of(catalogue)?;
    let under = RuleSet::of(catalogue, &Policy::constants());
    let gemeente: Gemeentecode = "GM0014".parse()?;
    let mut releases: Vec<Release> = Vec::new();
    for records in &case.periods {
        let counted = CountedRows { lattice: &lattice, records };
        let joint = Joint::new(&releases, records.period, &lattice, &counted.counts(), &counted);
        let release = joint.and_then(|joint| joint.protect(gemeente, records.period, under, &counted, &Microlp));
        match release {
            Ok(release) => releases.push(release),
            Err(error) => return Ok(Outcome::Refused(error.to_string())),
        }
    }
    Ok(Outcome::Releases(releases.iter().map(cells).collect::<anyhow::Result<_>>()?))
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
