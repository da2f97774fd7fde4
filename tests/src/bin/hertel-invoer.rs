//! Makes synthetic gemeenten, imports their messages with the node's own library and exports the views that it derived,
//! with the ground truth and the mapping beside them: what `.ci/hertel.py` counts once more. Of each seed, in
//! `DIR/<seed>`: `waarheid.json`, with an odd seed `producten.csv`, and `export` with a CSV of each view.

use std::{
    fs::{self, File},
    ops::RangeInclusive,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, ensure};
use clap::Parser;
use drempel_node::ingest::{
    ImportRequest, RecordKey, afbeelding::Afbeelding, import_ijw, records::Records, views::export_views,
};
use drempel_protocols::{
    catalogue::Catalogue,
    id::{Gemeentecode, Period},
};
use drempel_tests::{
    federation::registered_catalogue,
    synthetic::{Producten, Size, SyntheticGemeente},
};
use jiff::Timestamp;

/// Writes what a second implementation of the definitions needs to agree or disagree with the node.
#[derive(Parser)]
struct Arguments {
    /// The seeds, such as 1..=5. Odd ones have a mapping of productcodes, even ones have none.
    #[arg(long, value_parser = seeds)]
    seeds: RangeInclusive<u64>,
    /// The number of persons of each gemeente.
    #[arg(long)]
    persons: usize,
    /// Where to write; made if it does not exist. It may have none of the seeds yet.
    #[arg(long)]
    dir: PathBuf,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let catalogue = registered_catalogue()?;
    for seed in arguments.seeds {
        let dir = arguments.dir.join(seed.to_string());
        write(seed, arguments.persons, &dir, &catalogue).with_context(|| format!("seed {seed}"))?;
    }
    Ok(())
}

fn write(seed: u64, persons: usize, dir: &Path, catalogue: &Catalogue) -> anyhow::Result<()> {
    let (first, last): (Period, Period) = (FIRST.parse()?, LAST.parse()?);
    let code: Gemeentecode = GEMEENTE.parse()?;
    let gemeente = SyntheticGemeente::generate(code, seed, first, last, Size::Persons(persons))?;
    let export = dir.join("export");
    fs::create_dir_all(&export)?;
    fs::write(dir.join("waarheid.json"), serde_json::to_vec(&gemeente.waarheid())?)?;
    let afbeelding = if seed.is_multiple_of(2) {
        Afbeelding::default()
    } else {
        let path = dir.join("producten.csv");
        fs::write(&path, Producten::example().to_csv())?;
        Afbeelding::read(File::open(path)?)?
    };

    let node = tempfile::tempdir()?;
    let [messages, records, snapshots] = ["berichten", "records", "snapshots"].map(|name| node.path().join(name));
    fs::create_dir(&messages)?;
    gemeente.write_messages(&messages)?;
    let key = RecordKey::from_bytes(&RecordKey::random_bytes()?);
    let request = ImportRequest {
        gemeente: code,
        voorgangers: &[],
        first,
        last,
        records: &records,
        snapshots: &snapshots,
        key: &key,
        afbeelding: &afbeelding,
        definities: catalogue.definitions(),
        bewaren: None,
        strict: false,
        now: NOW.parse::<Timestamp>()?,
    };
    let report = import_ijw(&request, &messages, &mut |_| {})?;
    ensure!(report.bestanden.afgekeurd == 0, "the node refused {} files", report.bestanden.afgekeurd);
    export_views(&request, &Records::open(&records, code, &key)?, &export)?;
    Ok(())
}

fn seeds(text: &str) -> Result<RangeInclusive<u64>, String> {
    let ends = text.split_once("..=").and_then(|(from, to)| Some(from.parse().ok()?..=to.parse().ok()?));
    ends.filter(|seeds| !seeds.is_empty()).ok_or_else(|| "expected a range of seeds, such as 1..=5".to_owned())
}

const GEMEENTE: &str = "GM0014";
const FIRST: &str = "2023H1";
const LAST: &str = "2025H2";
/// Later than every message: what is dated after the import is refused.
const NOW: &str = "2026-07-01T12:00:00Z";
