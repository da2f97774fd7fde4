//! The log of everything that was asked and everything that left: append-only, each record fixed by the digest of the
//! next, on disk before what it tells of happens. Nothing runs without the [`Receipt`] of its intent, and no answer
//! leaves before its outcome is on disk.
//!
//! A folder holds segments, one record a line (`<digest> <json>`), and `head`, which names the last two records, so
//! that a record dropped from the end is noticed too. Who can write the folder can forge it as a whole: what fixes it
//! outside this machine is the [`LogHead`](drempel_protocols::answer::LogHead) that goes with every answer.

mod answered;
mod head;
mod log;
mod record;
mod replay;
mod segment;
mod verify;

pub use self::{
    answered::AnsweredFrom,
    log::{AuditLog, Receipt},
    record::{Entry, Event, Intent, Outcome},
    replay::Earlier,
    verify::{Finding, Verified, verify},
};

use std::{io, path::PathBuf};

/// Why the log cannot be written or opened. None of these lets an answer leave.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The folder or a file in it could not be read or written.
    #[error("cannot use the log at {}: {error}", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Another process has it open.
    #[error("the log at {} is in use by another process; stop that first", path.display())]
    InUse {
        /// Where.
        path: PathBuf,
    },
    /// It is another gemeente's.
    #[error("the log at {} is of another gemeente; use this gemeente's own", path.display())]
    OtherGemeente {
        /// Where.
        path: PathBuf,
    },
    /// The log is not whole.
    #[error("the log is not whole: {0}; keep the folder as it is and tell the privacy officer")]
    Broken(Finding),
    /// The clock is before the last record of the log.
    #[error("the clock is before the last record of the log; set it right")]
    Clock,
    /// An earlier write failed, so what is on disk is not known.
    #[error("an earlier write to the log failed; restart the node")]
    Poisoned,
    /// A record could not be written as JSON.
    #[error("a record cannot be written as JSON")]
    Encoding,
}
