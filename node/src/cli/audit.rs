//! `audit verify` and `audit show`: read the log, also while the node is running.

use std::{io::Write, path::Path};

use anyhow::{Context as _, bail};

use drempel_protocols::answer::LogHead;

use crate::audit::{Event, Outcome, verify};

/// `witness` is a log head that someone outside this machine kept: the record must still be there, unchanged.
pub(super) fn verify_log(folder: &Path, witness: Option<LogHead>, out: &mut impl Write) -> anyhow::Result<()> {
    let mut witnessed = false;
    let (mut questions, mut answers, mut refused) = (0u64, 0u64, 0u64);
    let found = verify(folder, |entry, digest| {
        witnessed |= witness == Some(LogHead { sequence: entry.sequence, digest });
        match &entry.event {
            Event::Intent(_) => questions = questions.saturating_add(1),
            Event::Outcome { outcome: Outcome::Answered { .. }, .. } => answers = answers.saturating_add(1),
            Event::Refused { .. } => refused = refused.saturating_add(1),
            Event::Outcome { .. } | Event::Opened { .. } | Event::Release { .. } | Event::Withdrawn { .. } => {}
        }
    })
    .with_context(|| format!("cannot read the log at {}", folder.display()))?;
    match found {
        Ok(verified) => {
            writeln!(
                out,
                "whole: {} records, {questions} questions run, {answers} answers left, {refused} refused\nhead: {} {}",
                verified.head.sequence, verified.head.sequence, verified.head.digest
            )?;
            if verified.torn > 0 || verified.ahead {
                writeln!(out, "a crash cut the last write short; the next start of the node completes it")?;
            }
            match witness {
                None => Ok(()),
                Some(head) if witnessed => {
                    Ok(writeln!(out, "record {} is as the one who kept its digest saw it", head.sequence)?)
                }
                Some(head) => {
                    bail!("NOT THE SAME LOG: record {} has another digest than the one that was kept", head.sequence)
                }
            }
        }
        Err(finding) => bail!("NOT WHOLE: {finding}; keep the folder as it is and tell the privacy officer"),
    }
}

pub(super) fn show(folder: &Path, out: &mut impl Write) -> anyhow::Result<()> {
    let mut written = Ok(());
    let found = verify(folder, |entry, digest| {
        if written.is_ok() {
            written = serde_json::to_string(&serde_json::json!({ "digest": digest, "record": entry }))
                .map_err(std::io::Error::from)
                .and_then(|line| writeln!(out, "{line}"));
        }
    })
    .with_context(|| format!("cannot read the log at {}", folder.display()))?;
    written?;
    match found {
        Ok(_) => Ok(()),
        Err(finding) => bail!("NOT WHOLE: {finding}; the records before it are shown"),
    }
}
