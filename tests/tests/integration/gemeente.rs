//! A node as an operator has one: a folder that `init` made and the operator filled in, messages of a synthetic
//! gemeente in portions beside it, and everything done through the command line, in this process or in one of its own.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use arrow::{
    array::{Array as _, AsArray as _, RecordBatch},
    compute::cast,
    datatypes::DataType,
};
use clap::Parser as _;
use drempel_node::{
    cli::Cli,
    config::Config,
    ingest::{
        feit::Dossier,
        records::Records,
        snapshot::Snapshot,
        view::{VIEWS, ViewSchema},
    },
};
use drempel_protocols::id::{Gemeentecode, Period};
use drempel_tests::{
    federation::{registered_catalogue, trusted_parties},
    participants,
    synthetic::{Size, SyntheticGemeente, ViewRow},
};

use crate::watch;

pub const GEMEENTE: &str = "GM0014";
pub const FIRST: &str = "2024H1";
pub const LAST: &str = "2026H1";

/// The views of a snapshot, by name, as they are stored.
pub type Views = BTreeMap<&'static str, Vec<RecordBatch>>;

/// The rows of one person in a view, in order, by the values of every column but the person's number; empty is onbekend.
pub type OfPerson = Vec<Vec<String>>;

pub struct Gemeente {
    folder: tempfile::TempDir,
}

impl Gemeente {
    /// A node of [`GEMEENTE`].
    pub fn init() -> Self {
        Self::of(GEMEENTE)
    }

    /// A node that covers [`FIRST`] until [`LAST`], with a key of its own.
    pub fn of(code: &str) -> Self {
        let gemeente = Self { folder: tempfile::tempdir().unwrap() };
        let oin = participants::oin(code.parse().unwrap()).unwrap().to_string();
        let catalogue = concat!(env!("CARGO_MANIFEST_DIR"), "/../config/catalogus");
        let dir = gemeente.path("node");
        run(&["init", "--dir", text(&dir), "--gemeente", code, "--oin", &oin, "--catalogue", catalogue]).unwrap();
        let accepted = registered_catalogue().unwrap().digest().to_string();
        gemeente.edit(&"0".repeat(64), &accepted);
        let parties = trusted_parties().unwrap();
        let parties = parties.iter().map(|party| {
            format!("\n[[catalogus.partij]]\npartij = \"{}\"\nsleutel = \"{}\"\n", party.partij, party.sleutel)
        });
        let config = fs::read_to_string(gemeente.config_path()).unwrap();
        fs::write(gemeente.config_path(), config + &parties.collect::<String>()).unwrap();
        gemeente
    }

    /// Another node with the same key.
    pub fn with_the_key_of(other: &Self) -> Self {
        let gemeente = Self::init();
        fs::copy(other.config().paths.record_key, gemeente.config().paths.record_key).unwrap();
        gemeente
    }

    /// A path in the folder that holds the node's.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The node's own folder.
    pub fn node(&self) -> PathBuf {
        self.path("node")
    }

    fn config_path(&self) -> PathBuf {
        self.node().join("node.toml")
    }

    pub fn config(&self) -> Config {
        Config::read(&self.config_path()).unwrap()
    }

    /// Replaces what stands in the configuration, once.
    pub fn edit(&self, from: &str, to: &str) {
        let config = fs::read_to_string(self.config_path()).unwrap();
        assert_eq!(config.matches(from).count(), 1, "{from} in {config}");
        fs::write(self.config_path(), config.replacen(from, to, 1)).unwrap();
    }

    /// Runs a command of the node in this process: what it printed, or what went wrong.
    pub fn run(&self, arguments: &[&str]) -> Result<String, String> {
        run(&[&["--config", text(&self.config_path())], arguments].concat())
    }

    /// A command of the node as a process of its own.
    pub fn process(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_knoop"));
        command.arg("--config").arg(self.config_path()).args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Adds the messages in a folder to the records.
    pub fn import(&self, messages: &Path) -> String {
        self.run(&["import", "--ijw", text(messages)]).unwrap()
    }

    /// How many facts the records hold, each counted once, if they are whole.
    pub fn verify(&self) -> u64 {
        let said = self.run(&["records", "verify"]).unwrap();
        assert!(said.starts_with("whole: "), "{said}");
        let (config, key) = (self.config(), self.config().read_record_key().unwrap());
        let records = Records::open(&config.paths.records, config.gemeente, &key).unwrap();
        let dossiers: Vec<Dossier> = records.dossiers().unwrap().map(Result::unwrap).collect();
        let persons = dossiers.iter().map(|dossier| (dossier.persoon, dossier.bsn));
        assert!(persons.is_sorted_by(|one, next| one < next), "persons come once, in order");
        let in_order = |dossier: &Dossier| dossier.feiten.is_sorted_by(|one, next| one < next);
        assert!(dossiers.iter().all(in_order), "facts come once, in order");
        let facts: u64 = dossiers.iter().map(|dossier| dossier.feiten.len() as u64).sum();
        assert_eq!(records.manifest().feiten, facts);
        records.manifest().feiten
    }

    /// The views of the live snapshot, every digest checked.
    pub fn views(&self) -> Views {
        let snapshot = Snapshot::open_current(&self.config().paths.snapshots).unwrap();
        VIEWS.iter().map(|view| (view.naam, snapshot.rows(view).unwrap().map(Result::unwrap).collect())).collect()
    }

    /// Every file that a finished command leaves, with its content, by path under the node's folder.
    pub fn kept(&self) -> BTreeMap<String, Vec<u8>> {
        let node = self.node();
        let paths = ["records", "snapshots"].into_iter().map(|name| node.join(name)).filter(|path| path.exists());
        let files = paths.flat_map(|path| watch::files(&path, ""));
        files.map(|path| (text(path.strip_prefix(&node).unwrap()).to_owned(), fs::read(&path).unwrap())).collect()
    }

    /// Puts records and snapshots back as [`Gemeente::kept`] found them.
    pub fn put_back(&self, kept: &BTreeMap<String, Vec<u8>>) {
        for name in ["records", "snapshots"] {
            fs::remove_dir_all(self.node().join(name)).unwrap();
        }
        for (name, content) in kept {
            let path = self.node().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
    }

    /// The files of records and snapshots that nothing names.
    pub fn remains(&self) -> Vec<String> {
        let node = self.node();
        let records = fs::read_to_string(node.join("records/manifest.json")).unwrap_or_default();
        let live = fs::read_to_string(node.join("snapshots/current")).unwrap();
        let named = |name: &str| match name.split('/').collect::<Vec<_>>().as_slice() {
            [_, ".lock"] | ["records", "manifest.json"] | ["snapshots", "current"] => true,
            ["records", file] => file.strip_suffix(".parquet").is_some_and(|id| records.contains(&format!("\"{id}\""))),
            ["snapshots", id, _] => *id == live.trim(),
            _ => false,
        };
        self.kept().into_keys().filter(|name| !named(name)).collect()
    }
}

fn run(arguments: &[&str]) -> Result<String, String> {
    let mut out = Vec::new();
    let done = Cli::try_parse_from([&["drempel-node"], arguments].concat()).unwrap().run(&mut out);
    done.map(|()| String::from_utf8(out).unwrap()).map_err(|error| format!("{error:#}"))
}

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A synthetic gemeente of which every view has rows.
pub fn synthetic(seed: u64, persons: usize) -> SyntheticGemeente {
    let (first, last) = (FIRST.parse().unwrap(), LAST.parse().unwrap());
    let code: Gemeentecode = GEMEENTE.parse().unwrap();
    SyntheticGemeente::generate(code, seed, first, last, Size::Persons(persons)).unwrap()
}

/// Its messages in two folders, each with half of what is about everybody.
pub fn portions(truth: &SyntheticGemeente, folder: &Path) -> [PathBuf; 2] {
    let portions = ["eerste", "tweede"].map(|name| folder.join(name));
    portions.iter().for_each(|portion| fs::create_dir_all(portion).unwrap());
    truth.write_messages(&portions[0]).unwrap();
    let files = watch::files(&portions[0], "");
    for path in files.iter().filter(|path| text(path).trim_end_matches(".xml").ends_with(['1', '3', '5', '7', '9'])) {
        fs::rename(path, portions[1].join(path.file_name().unwrap())).unwrap();
    }
    portions
}

/// The rows of a view of a snapshot, person by person in the order in which they are stored.
pub fn rows(views: &Views, view: &str) -> Vec<OfPerson> {
    let mut persons: Vec<(String, OfPerson)> = Vec::new();
    for batch in &views[view] {
        let columns: Vec<_> = batch.columns().iter().map(|column| cast(column, &DataType::Utf8).unwrap()).collect();
        for row in 0..batch.num_rows() {
            let value = |column: &arrow::array::ArrayRef| {
                let texts = column.as_string::<i32>();
                if texts.is_valid(row) { texts.value(row).to_owned() } else { String::new() }
            };
            let mut values: Vec<String> = columns.iter().map(value).collect();
            let persoon = values.remove(0);
            match persons.last_mut() {
                Some((last, rows)) if *last == persoon => rows.push(values),
                _ => persons.push((persoon, vec![values])),
            }
        }
    }
    persons.into_iter().map(|(_, rows)| rows).collect()
}

/// Who has which rows in every view, without any order.
pub fn persons(views: &Views) -> BTreeMap<&'static str, Vec<OfPerson>> {
    VIEWS.iter().map(|view| (view.naam, unordered(rows(views, view.naam)))).collect()
}

/// Who gave the care of a row beside who gave it last, as a view says it.
fn others(row: &ViewRow) -> String {
    let others: Vec<u32> = row.aanbieders().into_iter().filter(|other| Some(*other) != row.aanbieder()).collect();
    match others.as_slice() {
        [] => String::new(),
        [other] => other.to_string(),
        _ => "0".to_owned(),
    }
}

/// The same from the truth.
pub fn true_persons(truth: &SyntheticGemeente) -> BTreeMap<&'static str, Vec<OfPerson>> {
    let (first, last): (Period, Period) = (FIRST.parse().unwrap(), LAST.parse().unwrap());
    let of_view = |view: &&'static ViewSchema| {
        let mut persons: BTreeMap<usize, OfPerson> = BTreeMap::new();
        for period in first.through(last) {
            for row in truth.view_rows(view.naam, period) {
                let value = |column: &'static str| match column {
                    "periode" => period.to_string(),
                    "aanbieder" => row.aanbieder().unwrap().to_string(),
                    "eerdere_aanbieder" => others(&row),
                    "bedrag" => row.bedrag().unwrap().to_string(),
                    _ => row.member(column).unwrap_or_default().to_owned(),
                };
                persons.entry(row.persoon()).or_default().push(view.kolommen().skip(1).map(value).collect());
            }
        }
        (view.naam, unordered(persons.into_values().collect()))
    };
    VIEWS.iter().map(of_view).collect()
}

fn unordered(mut persons: Vec<OfPerson>) -> Vec<OfPerson> {
    persons.iter_mut().for_each(|rows| rows.sort_unstable());
    persons.sort_unstable();
    persons
}

/// Waits until something holds; a test that waits longer than a minute has failed.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !holds() {
        assert!(begin.elapsed() < Duration::from_secs(60), "never: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
