//! What a long log costs: how many syncs an answer takes when many ask at once, how long it takes to verify it, and to start
//! a node on it. The log is in the system's folder for temporary files (`TMPDIR`), so that must be on the disk one wants to
//! know about.

#[path = "support/report.rs"]
mod report;

use std::{
    fs,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, anyhow};
use drempel_node::audit::{AuditLog, verify};
use drempel_protocols::id::Gemeentecode;
use drempel_tests::logboek;
use ring::digest::{SHA256, digest};

use self::report::Settings;

const QUESTION: &str = "SELECT COUNT(DISTINCT persoon) AS jeugdigen FROM jeugdhulp WHERE periode = '2025H2'";
/// Syncs of a write: its segment, and the file that names the last checkpoint.
const SYNCS: f64 = 2.0;

fn main() -> anyhow::Result<()> {
    let settings = Settings::from_arguments()?;
    report::title(
        settings,
        "A long log",
        "Questions and their answers, two records each. Writing: seconds for an answer that one or more wait for, against \
         that of one. Reading: once all of it is written, against SHA-256 over the same bytes, once.",
    )?;
    let folder = tempfile::tempdir()?;
    let (log, gemeente) = (folder.path().join("audit"), "GM0014".parse()?);
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

/// How long answers take, and how many writes, for more and more that ask at once.
fn writing(folder: &Path, gemeente: Gemeentecode, settings: Settings) -> anyhow::Result<Vec<Vec<String>>> {
    let mut rows = Vec::new();
    let mut alone = None;
    // The last are as many as a node has in hand; of a million records most are written so.
    let sizes = settings
        .or_quick([(1, 500), (4, 2_000), (16, 16_000), (128, 480_000)], [(1, 20), (4, 40), (16, 160), (128, 256)]);
    for (writers, answers) in sizes {
        let log = logboek::open(folder, gemeente)?;
        let before = checkpoints(folder)?;
        let start = Instant::now();
        ask(&log, writers, answers)?;
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

fn ask(log: &AuditLog, writers: usize, answers: usize) -> anyhow::Result<()> {
    thread::scope(|scope| {
        let write = |writer: usize| {
            let asker = format!("analist {writer}");
            (0..answers / writers).try_for_each(|_| logboek::answer(log, &asker, QUESTION, "{}").map(drop))
        };
        let writing: Vec<_> = (0..writers).map(|writer| scope.spawn(move || write(writer))).collect();
        writing.into_iter().try_for_each(|writing| writing.join().map_err(|_| anyhow!("a writer stopped"))?)
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
        std::hint::black_box(digest(&SHA256, &content));
        hashing += start.elapsed();
        bytes += content.len();
    }
    let start = Instant::now();
    let verified = verify(folder, |_| {})?.map_err(|finding| anyhow!("{finding}"))?;
    let verifying = start.elapsed();
    let start = Instant::now();
    let log = logboek::open(folder, gemeente).context("the log is opened again")?;
    let starting = start.elapsed();
    drop(log);
    let row = |name: &str, time: Duration| {
        vec![
            name.to_owned(),
            verified.head.size.to_string(),
            format!("{:.0}", bytes as f64 / (1024.0 * 1024.0)),
            format!("{:.2}", time.as_secs_f64()),
            format!("{:.1}", time.as_secs_f64() / hashing.as_secs_f64()),
        ]
    };
    Ok(vec![row("SHA-256", hashing), row("verify", verifying), row("start", starting)])
}
