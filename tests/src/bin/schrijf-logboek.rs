//! Writes the log of a node that is asked a lot, or goes on with one: for who wants to see what a verifier makes of it
//! (`.ci/tamper.py`). The questions were never asked; the answers have nothing in them.

use std::{io::Write as _, path::PathBuf, thread};

use anyhow::anyhow;
use clap::Parser;
use drempel_protocols::id::Gemeentecode;
use drempel_tests::logboek;
use jiff::Timestamp;

/// Writes the log of a node that is asked a lot; prints how far it goes then, and its key.
#[derive(Parser)]
struct Arguments {
    /// The gemeente, such as GM0014.
    #[arg(long, default_value = "GM0014")]
    gemeente: Gemeentecode,
    /// How many records to add, about.
    #[arg(long)]
    records: u64,
    /// How many write at the same time.
    #[arg(long, default_value_t = 1)]
    writers: u64,
    /// Remove every answer that there is then, as a node does with those that were kept long enough.
    #[arg(long)]
    remove: bool,
    /// The folder of the log; its key is beside it, DIR.pk8.
    #[arg(long)]
    dir: PathBuf,
}

const QUESTION: &str = "SELECT COUNT(DISTINCT persoon) AS jeugdigen FROM jeugdhulp WHERE periode = '2025H2'";

fn main() -> anyhow::Result<()> {
    let Arguments { gemeente, records, writers, remove, dir } = Arguments::parse();
    let log = logboek::open(&dir, gemeente)?;
    // A question is two records, and each has a refusal after it.
    let rounds = records / writers.max(1) / 3;
    thread::scope(|scope| {
        let write = |writer: u64| {
            let (log, asker) = (&log, format!("analist {writer}"));
            (0..rounds).try_for_each(|round| {
                logboek::answer(log, &asker, QUESTION, &format!("{{\"round\":{round}}}"))?;
                logboek::refusal(log, &asker)
            })
        };
        let writing: Vec<_> = (0..writers).map(|writer| scope.spawn(move || write(writer))).collect();
        writing.into_iter().try_for_each(|writing| writing.join().map_err(|_| anyhow!("a writer stopped"))?)
    })?;
    if remove {
        log.remove_answers(Timestamp::MAX)?;
    }
    Ok(writeln!(std::io::stdout(), "{}\n{}", log.head(), log.key())?)
}
