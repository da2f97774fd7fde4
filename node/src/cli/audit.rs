//! `audit verify` and `audit show`: read the log, also while the node is running.

use std::{io::Write, path::Path};

use anyhow::{Context as _, bail};

use crate::audit::{Event, Outcome, verify};

pub(super) fn verify_log(folder: &Path, out: &mut impl Write) -> anyhow::Result<()> {
    let (mut questions, mut answers, mut refused) = (0u64, 0u64, 0u64);
    let found = verify(folder, |entry, _| match &entry.event {
        Event::Intent(_) => questions = questions.saturating_add(1),
        Event::Outcome { outcome: Outcome::Answered { .. }, .. } => answers = answers.saturating_add(1),
        Event::Refused { .. } => refused = refused.saturating_add(1),
        Event::Outcome { .. } | Event::Opened { .. } | Event::Snapshot { .. } => {}
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
            Ok(())
        }
        Err(finding) => bail!("NOT WHOLE: {finding}; keep the folder as it is and tell the privacy officer"),
    }
}

pub(super) fn show(folder: &Path, out: &mut impl Write) -> anyhow::Result<()> {
    let mut lines = Vec::new();
    let found = verify(folder, |entry, _| lines.push(serde_json::to_string(entry)))
        .with_context(|| format!("cannot read the log at {}", folder.display()))?;
    for line in lines {
        writeln!(out, "{}", line?)?;
    }
    if let Err(finding) = found {
        bail!("NOT WHOLE: {finding}; the records before it are shown");
    }
    Ok(())
}
