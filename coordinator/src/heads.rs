//! `drempel-coordinator heads` and `settle`: how far each log went, who has cosigned it, and which is not what it was, by the
//! name of who shows it, or says so and shows nothing; and what somebody here says of that, once it is known what happened.

use std::{
    collections::BTreeMap,
    fs::{self, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, ensure};
use drempel_protocols::{
    id::Gemeentecode,
    log::{LogHead, log_name},
};
use jiff::Timestamp;

use crate::{
    config::Config,
    jobs::{LastHead, Store},
    witness::{Cosigned, Dispute, Evidence, Settled, Settlement, Sightings},
};

/// Prints it, by the store of a coordinator that may be running.
///
/// # Errors
/// If the store cannot be read, or nothing be written.
pub fn print(config: &Config, out: &mut impl Write) -> anyhow::Result<()> {
    let keys = config.nodes.iter().filter_map(|node| Some((node.gemeente, node.logsleutel.clone()?)));
    for (gemeente, LastHead { last, other, is_signed }) in Store::log_heads(&config.store, &keys.collect())? {
        let unsigned = if is_signed { "" } else { " (not checked: no logsleutel)" };
        writeln!(out, "{gemeente} {last}{unsigned}")?;
        if let Some((one, other)) = other {
            writeln!(out, "{gemeente} HAS TWO HISTORIES: {one} and {other}; tell its privacy officer")?;
        }
    }
    let names: BTreeMap<String, Gemeentecode> =
        config.nodes.iter().map(|node| (log_name(node.gemeente), node.gemeente)).collect();
    let gemeente = |log: &str| names.get(log).map_or_else(|| log.to_owned(), Gemeentecode::to_string);
    let report = Sightings::report(&config.store)?;
    for Cosigned { log, witness, head, time } in &report.cosigned {
        writeln!(out, "{} cosigned by {witness}: {head}, {time:.0}", gemeente(log))?;
    }
    let text =
        |head: Option<LogHead>| head.map_or_else(|| "nothing that it can show".to_owned(), |head| head.to_string());
    for Dispute { log, witness, why, seen, shown, time, evidence } in &report.disputes {
        let says = if evidence.is_some() { "shows" } else { "says" };
        writeln!(
            out,
            "{} IS NOT THE LOG THAT IT WAS, {says} {witness}, {time:.0}: {why}; it had seen {} and was shown {}; tell its \
             privacy officer",
            gemeente(log),
            text(*seen),
            text(*shown)
        )?;
    }
    for Settled { dispute, time, reason } in &report.settled {
        let Dispute { log, witness, why, time: said, .. } = dispute;
        writeln!(
            out,
            "{} was not the log that it was, said {witness}, {said:.0}: {why}; settled {time:.0}: {reason}",
            gemeente(log)
        )?;
    }
    Ok(())
}

/// Writes what shows each dispute, settled or not, to anybody who has the key of the log, both checkpoints that it signed; and
/// what was seen last of logs that others took the place of.
///
/// # Errors
/// If the store cannot be read, or a file not be written; one that is there is not overwritten.
pub fn evidence(config: &Config, folder: &Path, out: &mut impl Write) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let report = Sightings::report(&config.store)?;
    let all: Vec<&Dispute> = report.disputes.iter().chain(report.settled.iter().map(|of| &of.dispute)).collect();
    let write = |name: String, checkpoint: &str| -> anyhow::Result<PathBuf> {
        let path = folder.join(name);
        let made = OpenOptions::new().write(true).create_new(true).open(&path);
        let written = made.and_then(|mut made| made.write_all(checkpoint.as_bytes()));
        written.with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    };
    for (number, Dispute { log, witness, evidence, .. }) in (1usize..).zip(&all) {
        let Some(Evidence { seen, shown }) = evidence else { continue };
        for (what, text) in [("seen", seen), ("shown", shown)] {
            let path = write(format!("{number}-{what}.checkpoint"), text)?;
            writeln!(out, "{}: {what} by {witness}, of {log}", path.display())?;
        }
    }
    for (number, (log, checkpoint)) in (1usize..).zip(&report.replaced) {
        let path = write(format!("replaced-{number}.checkpoint"), checkpoint)?;
        writeln!(out, "{}: seen last of {log} before another took its place", path.display())?;
    }
    let unshown = all.iter().filter(|dispute| dispute.evidence.is_none()).count();
    Ok(writeln!(out, "{} disputes, of which {unshown} are what a witness says and shows nothing for", all.len())?)
}

/// Lets the disputes about the log of a gemeente stand no more, and takes it for the log of the configured key from now on.
///
/// # Errors
/// If there is nothing to settle, no key for the log, or the store cannot be written.
pub fn settle(
    config: &Config,
    (gemeente, reason): (Gemeentecode, &str),
    now: Timestamp,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let reason = reason.trim();
    ensure!(
        !reason.is_empty() && !reason.contains(char::is_control),
        "say why, with --reason: it is kept with the dispute"
    );
    let node = config.nodes.iter().find(|node| node.gemeente == gemeente);
    let key = node.and_then(|node| node.logsleutel.as_ref());
    let key =
        key.with_context(|| format!("{gemeente} has no logsleutel in the configuration: whose log would it be?"))?;
    let Settlement { disputes, replaced } = Sightings::settle(&config.store, key, reason, now)?;
    ensure!(
        disputes > 0 || replaced.is_some(),
        "there is nothing to settle: no dispute, and the key is the one it had"
    );
    writeln!(
        out,
        "{disputes} disputes about the log of {gemeente} are settled; heads prints them as such from now on"
    )?;
    if let Some(replaced) = replaced {
        writeln!(
            out,
            "it is the log of\n  {key}\nfrom now on, and was that of\n  {replaced}\nThe gemeenten that cosign it have to be told \
             too, each with: drempel-node audit pin {gemeente} {key}"
        )?;
    }
    Ok(())
}
