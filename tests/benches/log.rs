//! What a log costs: how much of the time of an answer it takes, how many syncs when many ask at once, and how long it takes to
//! verify a long one, and to start a node on it, with its standing and without. The log is in the system's folder for temporary files (`TMPDIR`), so that must be on the disk one wants to
//! know about.

#[path = "support/report.rs"]
mod report;

use std::{
    fs,
    hint::black_box,
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, anyhow, ensure};
use drempel_node::audit::{AuditLog, verify};
use drempel_protocols::{clock::Clock as _, id::Gemeentecode};
use drempel_tests::{clock::TestClock, logboek};
use jiff::SignedDuration;
use ring::digest::{SHA256, digest};

use self::report::Settings;

const QUESTION: &str = "SELECT COUNT(DISTINCT persoon) AS jeugdigen FROM jeugdhulp WHERE periode = '2025H2'";
/// Records of a log that has more than one segment.
const LONG: u64 = 500_000;
/// Between two questions, by the clock of the log: it is one of days.
const PAUSE: SignedDuration = SignedDuration::from_secs(1);
/// Syncs of a write: its segment, and the file that names the last checkpoint.
const SYNCS: f64 = 2.0;

fn main() -> anyhow::Result<()> {
    let settings = Settings::from_arguments()?;
    report::title(
        settings,
        "A long log",
        "Questions and their answers, two records each. An answer: half of them took no longer, against making the same \
         records and keeping none. Writing: seconds for an answer that one or more wait for, against that of one. Reading: \
         once all of it is written, against SHA-256 over the same bytes, once.",
    )?;
    let folder = tempfile::tempdir()?;
    let (log, gemeente) = (folder.path().join("audit"), "GM0014".parse()?);
    report::table(
        &["an answer", "at the same time", "ms", "ratio"],
        1,
        &answering(&folder.path().join("short"), gemeente, settings)?,
    )?;
    report::line("")?;
    let rows = writing(&log, gemeente, settings)?;
    report::table(
        &["at the same time", "answers", "ms an answer waits", "syncs an answer", "answers a second", "ratio"],
        1,
        &rows,
    )?;
    report::line("")?;
    report::table(&["once", "records", "MiB", "seconds", "ratio"], 1, &reading(&log, gemeente)?)?;
    Ok(())
}

/// How long the records of an answer take, with the log and without.
fn answering(folder: &Path, gemeente: Gemeentecode, settings: Settings) -> anyhow::Result<Vec<Vec<String>>> {
    let answers = settings.or_quick(1_000, 40);
    let clock = TestClock::shared();
    let middle = |mut taken: Vec<Duration>| {
        taken.sort();
        taken.get(taken.len() / 2).copied().context("nothing was answered")
    };
    let mut alone = Vec::new();
    for _ in 0..answers {
        let start = Instant::now();
        black_box(logboek::unlogged(clock.now(), "analist 0", (QUESTION, "{}"))?);
        alone.push(start.elapsed());
    }
    let alone = middle(alone)?;
    let mut rows = vec![("its records, not logged", 1, alone)];
    for writers in [1, 16] {
        let log = logboek::open_by(folder, gemeente, Arc::<TestClock>::clone(&clock))?;
        rows.push(("logged, and on disk", writers, middle(ask(&log, &clock, writers, answers * writers)?)?));
    }
    let row = |(name, writers, time): (&str, usize, Duration)| {
        let (time, alone) = (time.as_secs_f64(), alone.as_secs_f64());
        vec![name.to_owned(), writers.to_string(), format!("{:.3}", time * 1e3), format!("{:.1}", time / alone)]
    };
    Ok(rows.into_iter().map(row).collect())
}

/// How long answers take, and how many writes, for more and more that ask at once.
fn writing(folder: &Path, gemeente: Gemeentecode, settings: Settings) -> anyhow::Result<Vec<Vec<String>>> {
    let mut rows = Vec::new();
    let (mut alone, clock) = (None, TestClock::shared());
    // The last are as many as a node has in hand; of a million records most are written so.
    let sizes = settings
        .or_quick([(1, 500), (4, 2_000), (16, 16_000), (128, 480_000)], [(1, 20), (4, 40), (16, 160), (128, 256)]);
    for (writers, answers) in sizes {
        let log = logboek::open_by(folder, gemeente, Arc::<TestClock>::clone(&clock))?;
        let before = checkpoints(folder)?;
        let start = Instant::now();
        ask(&log, &clock, writers, answers)?;
        let seconds = start.elapsed().as_secs_f64();
        drop(log);
        let writes = (checkpoints(folder)? - before) as f64;
        let rate = answers as f64 / seconds;
        let baseline = *alone.get_or_insert(rate);
        rows.push(vec![
            writers.to_string(),
            answers.to_string(),
            format!("{:.2}", seconds * 1e3 * writers as f64 / answers as f64),
            format!("{:.2}", SYNCS * writes / answers as f64),
            format!("{rate:.0}"),
            format!("{:.1}", rate / baseline),
        ]);
    }
    Ok(rows)
}

/// Has so many answered at once, and says how long each took.
fn ask(log: &AuditLog, clock: &TestClock, writers: usize, answers: usize) -> anyhow::Result<Vec<Duration>> {
    let write = |writer: usize| {
        let asker = format!("analist {writer}");
        let one = |_| {
            clock.advance(PAUSE);
            let start = Instant::now();
            black_box(logboek::answer_at(log, clock.now(), &asker, (QUESTION, "{}"))?);
            Ok(start.elapsed())
        };
        (0..answers / writers).map(one).collect::<anyhow::Result<Vec<_>>>()
    };
    thread::scope(|scope| {
        let writing: Vec<_> = (0..writers).map(|writer| scope.spawn(move || write(writer))).collect();
        let taken = writing.into_iter().map(|writing| writing.join().map_err(|_| anyhow!("a writer stopped"))?);
        Ok(taken.collect::<anyhow::Result<Vec<_>>>()?.concat())
    })
}

fn checkpoints(folder: &Path) -> anyhow::Result<usize> {
    Ok(verify(folder, |_| {})?.map_err(|finding| anyhow!("{finding}"))?.checkpoints.count())
}

/// How long it takes to verify the log, and to start on it.
fn reading(folder: &Path, gemeente: Gemeentecode) -> anyhow::Result<Vec<Vec<String>>> {
    let (mut bytes, mut hashing) = (0, Duration::ZERO);
    for file in fs::read_dir(folder)? {
        let content = fs::read(file?.path())?;
        let start = Instant::now();
        black_box(digest(&SHA256, &content));
        hashing += start.elapsed();
        bytes += content.len();
    }
    let start = Instant::now();
    let verified = verify(folder, |_| {})?.map_err(|finding| anyhow!("{finding}"))?;
    let verifying = start.elapsed();
    let starting = || {
        let start = Instant::now();
        let log = logboek::open(folder, gemeente).context("the log is opened again")?;
        anyhow::Ok((start.elapsed(), log.unread().is_some()))
    };
    // A log of one segment has no standing.
    let (standing, is_short) = (starting()?, verified.checkpoints.last() < LONG);
    let file = folder.with_extension("standing");
    if file.exists() {
        fs::remove_file(file)?;
    }
    let all = starting()?;
    ensure!(is_short || (standing.1 && !all.1), "the log is not started from its standing");
    let row = |name: &str, time: Duration| {
        vec![
            name.to_owned(),
            verified.head.size.to_string(),
            format!("{:.0}", bytes as f64 / (1024.0 * 1024.0)),
            format!("{:.2}", time.as_secs_f64()),
            format!("{:.1}", time.as_secs_f64() / hashing.as_secs_f64()),
        ]
    };
    Ok(vec![
        row("SHA-256", hashing),
        row("verify", verifying),
        row("start from its standing", standing.0),
        row("start without", all.0),
    ])
}
