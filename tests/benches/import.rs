//! How fast an import is beside bare tokenizing of the same files by quick-xml, how much memory it takes as files become
//! more, and how long one day's messages take on top of five years of records.
//!
//! Everything runs on one thread, so figures are per core. Files are made here: declaraties of nearly 25 MB, the largest
//! that the standard allows, and the small messages of a synthetic gemeente.

#[path = "support/declaratie.rs"]
mod declaratie;
#[path = "support/report.rs"]
mod report;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use drempel_node::ingest::{ImportReport, ImportRequest, Progress, RecordKey, afbeelding::Afbeelding, import_ijw};
use drempel_protocols::{catalogue::Definitions, id::Period};
use drempel_tests::{
    federation::registered_catalogue,
    synthetic::{Size, SyntheticGemeente},
};
use quick_xml::{Reader, events::Event};

use self::report::Settings;

/// What a process is started with that imports a folder and says how much memory it took.
const CHILD: &str = "--import";
const FIRST: &str = "2021H1";
const LAST: &str = "2025H2";

fn main() -> anyhow::Result<()> {
    if let Some(folder) = env::args().skip_while(|argument| argument != CHILD).nth(1) {
        return child(Path::new(&folder));
    }
    let settings = Settings::from_arguments()?;
    report::title(
        settings,
        "Import",
        "From files on disk to a new live snapshot, on one thread. Baseline: the same files read and tokenized by \
         quick-xml, with nothing done about the tokens. *Read and stored* is until every fact is on disk, encrypted.",
    )?;
    let folder = tempfile::tempdir()?;
    speed(settings, folder.path())?;
    memory(settings, folder.path())?;
    increment(settings, folder.path())
}

fn speed(settings: Settings, folder: &Path) -> anyhow::Result<()> {
    let large = folder.join("large");
    for file in 0..settings.or_quick(4, 1) {
        declaratie::write(&large, file, settings.or_quick(declaratie::LARGEST, 1 << 20))?;
    }
    let small = folder.join("small");
    synthetic(&small, settings.or_quick(2000, 50))?;
    let mut lines = Vec::new();
    for (name, messages) in [("JW323 of 24 MiB", large), ("small messages", small)] {
        let bytes = size(&messages)?;
        let mut best = [Duration::MAX; 3];
        for _ in 0..settings.or_quick(3, 1) {
            let tokens = time(|| tokenize(&messages))?;
            let (stored, whole) = Store::new(&folder.join("store"))?.import(&messages)?;
            for (best, time) in best.iter_mut().zip([tokens, stored, whole]) {
                *best = time.min(*best);
            }
        }
        let [tokens, stored, whole] = best;
        for (what, time) in [("tokenized", tokens), ("read and stored", stored), ("whole import", whole)] {
            lines.push(vec![
                name.to_owned(),
                what.to_owned(),
                format!("{:.2}", time.as_secs_f64()),
                format!("{:.0}", bytes as f64 / 1e6 / time.as_secs_f64()),
                format!("{:.2}", tokens.as_secs_f64() / time.as_secs_f64()),
            ]);
        }
    }
    report::table(&["files", "what", "s", "MB/s", "of tokenizing"], 2, &lines)?;
    Ok(())
}

fn memory(settings: Settings, folder: &Path) -> anyhow::Result<()> {
    let mut lines = Vec::new();
    for files in settings.or_quick([1, 10, 100], [1, 2, 3]) {
        let messages = folder.join(format!("files-{files}"));
        for file in 0..files {
            declaratie::write(&messages, file, settings.or_quick(declaratie::LARGEST, 1 << 20))?;
        }
        let output = Command::new(env::current_exe()?).arg(CHILD).arg(&messages).output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout)?;
        let (most, facts) = text.trim().split_once(' ').context("the child said nothing")?;
        let bytes = size(&messages)?;
        fs::remove_dir_all(&messages)?;
        lines.push(vec![files.to_string(), (bytes / 1_000_000).to_string(), facts.to_owned(), most.to_owned()]);
    }
    report::line("")?;
    report::table(&["files", "MB", "facts", "most resident memory, MiB"], 0, &lines)?;
    Ok(())
}

fn increment(settings: Settings, folder: &Path) -> anyhow::Result<()> {
    let (all, day) = (folder.join("years"), folder.join("day"));
    synthetic(&all, settings.or_quick(9_000, 100))?;
    fs::create_dir_all(&day)?;
    // One working day of five years: one file in 1,300, moved out of the rest.
    let names: Vec<PathBuf> = fs::read_dir(&all)?.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<_>>()?;
    for path in names.iter().step_by(settings.or_quick(1300, 10)) {
        fs::rename(path, day.join(path.file_name().context("no name")?))?;
    }
    let store = Store::new(&folder.join("store"))?;
    let (_, first) = store.import(&all)?;
    let began = Instant::now();
    let report = store.report(&day, &mut |_| {})?;
    let second = began.elapsed();
    report::line("")?;
    report::table(
        &["import", "files", "facts", "s"],
        1,
        &[
            vec![
                "five years".to_owned(),
                names.len().to_string(),
                String::new(),
                format!("{:.1}", first.as_secs_f64()),
            ],
            vec![
                format!("one day more, {} jeugdigen", report.geteld.personen),
                report.bestanden.gevonden.to_string(),
                report.feiten.values().sum::<u64>().to_string(),
                format!("{:.1}", second.as_secs_f64()),
            ],
        ],
    )?;
    Ok(())
}

/// Imports a folder, and prints the most memory that the process took, in MiB, and the number of facts.
fn child(messages: &Path) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let report = Store::new(folder.path())?.report(messages, &mut |_| {})?;
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("the system does not say")?;
    let most: u64 = line.trim().trim_end_matches(" kB").parse()?;
    report::line(&format!("{} {}", most / 1024, report.feiten.values().sum::<u64>()))?;
    Ok(())
}

/// A node's records and snapshots, empty at first.
struct Store {
    folder: PathBuf,
    key: RecordKey,
    afbeelding: Afbeelding,
    definities: Definitions,
}

impl Store {
    fn new(folder: &Path) -> anyhow::Result<Self> {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        Ok(Self {
            folder: folder.to_owned(),
            key: RecordKey::from_bytes(&RecordKey::random_bytes()?),
            afbeelding: Afbeelding::default(),
            definities: registered_catalogue()?.definitions().clone(),
        })
    }

    fn report(&self, messages: &Path, progress: &mut dyn FnMut(Progress)) -> anyhow::Result<ImportReport> {
        let request = ImportRequest {
            gemeente: "GM0014".parse()?,
            voorgangers: &[],
            first: FIRST.parse()?,
            last: LAST.parse()?,
            records: &self.folder.join("records"),
            snapshots: &self.folder.join("snapshots"),
            key: &self.key,
            afbeelding: &self.afbeelding,
            definities: &self.definities,
            bewaren: None,
            strict: false,
            now: "2026-11-01T12:00:00Z".parse()?,
        };
        Ok(import_ijw(&request, messages, progress)?)
    }

    /// How long it takes until every fact is stored, and until the snapshot is live.
    fn import(&self, messages: &Path) -> anyhow::Result<(Duration, Duration)> {
        let began = Instant::now();
        let mut stored = None;
        let report = self.report(messages, &mut |progress| {
            if let Progress::Deriving(_) = progress {
                stored = Some(began.elapsed());
            }
        })?;
        ensure!(report.bestanden.afgekeurd == 0, "files were refused");
        Ok((stored.context("nothing was stored")?, began.elapsed()))
    }
}

fn synthetic(folder: &Path, persons: usize) -> anyhow::Result<()> {
    fs::create_dir_all(folder)?;
    let (first, last): (Period, Period) = (FIRST.parse()?, LAST.parse()?);
    SyntheticGemeente::generate("GM0014".parse()?, 1, first, last, Size::Persons(persons))?.write_messages(folder)?;
    Ok(())
}

fn tokenize(folder: &Path) -> anyhow::Result<()> {
    let mut tokens = 0u64;
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<_>>()?;
    paths.sort_unstable();
    for path in paths {
        let bytes = fs::read(path)?;
        let mut reader = Reader::from_str(std::str::from_utf8(&bytes)?);
        while !matches!(reader.read_event()?, Event::Eof) {
            tokens = tokens.saturating_add(1);
        }
    }
    if tokens == 0 { bail!("no tokens") } else { Ok(()) }
}

fn time(work: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<Duration> {
    let began = Instant::now();
    work()?;
    Ok(began.elapsed())
}

fn size(folder: &Path) -> anyhow::Result<u64> {
    let sizes = fs::read_dir(folder)?.map(|entry| Ok(entry?.metadata()?.len()));
    sizes.sum()
}
