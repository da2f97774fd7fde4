//! Releases made-up records, half-year after half-year, with everything that is counted and hidden: for a judge that shares
//! no code with what hides. Every release is made from the ledger of those before it, as at a node, so that whoever trusts
//! the judge trusts what a node keeps too; after a herindeling from the ledgers of all that became the gemeente. Takes no
//! part in a node: it imports nothing, and prints true counts.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead as _, Write as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::Parser;
use drempel_node::{audit::AnsweredFrom, ledger::Ledger};
use drempel_protocols::{
    catalogue::{Catalogue, Measure, SignedBundle},
    id::{ColumnName, Gemeentecode, MemberCode, Period, ViewName},
    lattice::Lattice,
    policy::PolicyFile,
    release::Release,
};
use drempel_tests::releasing::{self, Row};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Releases made-up records.
///
/// Each line of the input is one case, in JSON: {"gemeente": "GM1969", "periods": [{"period": "2025H1", "catalogue": "DIR",
/// "policy": {"k": 12, "declined_cubes": ["stroom"]}, "withdrawn": false,
/// "zonder_afbeelding": false, "rows": [{"view": "jeugdhulp", "person": 1,
/// "members": {"categorie": "45", ...}}]}], "voorgangers": [...]}, where policy, withdrawn, zonder_afbeelding and voorgangers may be left out.
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

/// A half-year: under which catalogue and policy it is released, whether the release is withdrawn after that, whether there is
/// no mapping of product codes, and the rows.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Records {
    period: Period,
    catalogue: PathBuf,
    #[serde(default)]
    policy: PolicyFile,
    #[serde(default)]
    withdrawn: bool,
    #[serde(default)]
    zonder_afbeelding: bool,
    rows: Vec<Row>,
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
                let rows = voorganger.periods.iter().flat_map(|records| &records.rows);
                let names = releasing::names(rows, [voorganger.gemeente, self.gemeente]);
                let answered = AnsweredFrom::default();
                ledger.take_over(&voorganger.ledger(folder), self.gemeente, &names, &answered, false)?;
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
            match records.release(self.gemeente, ledger) {
                Ok(release) => {
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
}

impl Records {
    fn release(&self, gemeente: Gemeentecode, ledger: &mut Ledger) -> anyhow::Result<Release> {
        let catalogue = Catalogue::from_bundle(SignedBundle::read(&self.catalogue)?.bundle())?;
        let lattice = Lattice::of(&catalogue)?;
        let lattice = if self.zonder_afbeelding { lattice.unmapped(&catalogue) } else { lattice };
        let Self { period, policy, rows, .. } = self;
        let records = releasing::Records { period: *period, catalogue: &catalogue, lattice: &lattice, policy, rows };
        records.release(gemeente, ledger)
    }
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
