//! Writes the iJw messages of a synthetic gemeente to a directory, for a schema validator or for an import by hand, and
//! beside them what is true of it and a table of productcodes, for whoever counts it once more.

use std::{fs, path::PathBuf};

use clap::Parser;
use drempel_protocols::id::{Gemeentecode, Period};
use drempel_tests::synthetic::{Producten, Size, SyntheticGemeente};

/// Writes the messages of a synthetic gemeente.
#[derive(Parser)]
struct Arguments {
    /// The gemeente, such as GM0014.
    #[arg(long)]
    gemeente: Gemeentecode,
    /// The same seed gives the same messages.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The first half-year.
    #[arg(long, default_value = "2023H1")]
    first: Period,
    /// The last half-year.
    #[arg(long, default_value = "2025H2")]
    last: Period,
    /// The number of persons; without it, as many as the gemeente's inhabitants lead one to expect.
    #[arg(long)]
    persons: Option<usize>,
    /// Where to write; made if it does not exist.
    #[arg(long)]
    dir: PathBuf,
    /// Where to write the ground truth, as JSON.
    #[arg(long)]
    waarheid: Option<PathBuf>,
    /// Where to write a table of productcodes, as CSV. It changes neither messages nor ground truth.
    #[arg(long)]
    mapping: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let size = arguments.persons.map_or(Size::Calibrated, Size::Persons);
    let (first, last) = (arguments.first, arguments.last);
    let gemeente = SyntheticGemeente::generate(arguments.gemeente, arguments.seed, first, last, size)?;
    fs::create_dir_all(&arguments.dir)?;
    gemeente.write_messages(&arguments.dir)?;
    if let Some(path) = arguments.waarheid {
        fs::write(path, serde_json::to_vec(&gemeente.waarheid())?)?;
    }
    if let Some(path) = arguments.mapping {
        fs::write(path, Producten::example().to_csv())?;
    }
    Ok(())
}
