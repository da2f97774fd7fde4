//! `drempel audit verify`: what a third person can say of the log of a node, without the node.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use drempel_protocols::log::{Bundle, BundleError, LogHead, LogKey};
use serde_json::{Value, json};

use super::Exit;

/// Why a bundle proves nothing.
#[derive(Debug, thiserror::Error)]
pub enum UnprovedError {
    /// The file cannot be read.
    #[error("cannot read the bundle: {0}")]
    Unreadable(io::Error),
    /// What it says does not hold.
    #[error("NOT PROVED: {0}")]
    Bundle(#[from] BundleError),
    /// It says nothing of how far the log went before.
    #[error(
        "NOT PROVED: the bundle does not say that the log begins with those {0} records; ask for one with `--since`"
    )]
    Since(u64),
    /// What is printed cannot be written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl UnprovedError {
    /// The exit code that goes with it.
    pub(super) fn exit(&self) -> Exit {
        match self {
            Self::Bundle(_) | Self::Since(_) => Exit::Refused,
            Self::Unreadable(_) | Self::Io(_) => Exit::Failed,
        }
    }
}

/// Prints the records of a bundle if all of it holds.
pub(super) fn verify(
    file: &Path,
    key: &LogKey,
    since: Option<LogHead>,
    out: &mut impl Write,
    err: &mut impl Write,
) -> Result<(), UnprovedError> {
    let bundle = Bundle::read(&fs::read_to_string(file).map_err(UnprovedError::Unreadable)?)?;
    let head = bundle.verify(key)?;
    if let Some(since) = since.filter(|since| *since != head && !bundle.earlier().any(|earlier| earlier == *since)) {
        return Err(UnprovedError::Since(since.size));
    }
    let parsed = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()));
    for record in bundle.records() {
        writeln!(
            out,
            "{}",
            json!({ "record": parsed(&record.record), "answer": record.answer.as_ref().map(|answer| parsed(&answer.text)) })
        )?;
    }
    for earlier in bundle.earlier() {
        writeln!(err, "its first {} records are those of {earlier}", earlier.size)?;
    }
    let count = bundle.records().len();
    writeln!(err, "proved: {count} of the {} records that {} has at {head}", head.size, key.name())?;
    Ok(())
}
