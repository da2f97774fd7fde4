//! The log of everything that was asked and everything that left: append-only, a tree whose root is signed (`protocols::log`),
//! on disk before what it tells of happens. Nothing runs without the [`Receipt`] of its intent, and no answer leaves before
//! its outcome is on disk, or without the proof of that.
//!
//! A folder holds segments, one line for each record, answer and checkpoint, and `checkpoint`, which names the last two of
//! those, so that a record dropped from the end is noticed too. Records stay for good; an answer goes from beside its record
//! once it was kept for long enough, and a record says so. Beside it is what a start need not read again. Who has the key and the folder can forge the log as a whole:
//! what fixes it outside this machine is the [`LogHead`](drempel_protocols::log::LogHead) that goes with every answer.

mod answered;
mod aside;
mod asked;
mod checkpoints;
mod dossier;
mod head;
mod holders;
mod inventory;
mod key;
mod line;
mod log;
mod memory;
mod record;
mod removed;
mod replay;
mod segment;
mod standing;
mod start;
mod verify;
mod verwerking;
mod writer;

pub use self::{
    answered::AnsweredFrom,
    aside::Claimed,
    asked::{Asked, Became, Sought, asked},
    checkpoints::Checkpoints,
    dossier::{Dossier, dossier},
    holders::{AccountChange, AccountKind, Holder, Holders, account_changes},
    inventory::{Inventory, InventoryChange, inventory_changes},
    key::{has as has_key, log_key_in, set_aside, witness as witness_key},
    log::{AuditLog, Receipt},
    record::{Entry, Event, Intent, Outcome},
    removed::Removed,
    replay::Earlier,
    start::Unread,
    verify::{Beside, Finding, Logged, Verified, has_begun_with, verify},
    verwerking::{AdmittedUnder, Verwerking, verwerkingen},
};

#[cfg(test)]
pub(crate) use self::verwerking::tests::verwerking;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

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
    /// A log has begun, and its key is not there.
    #[error(
        "the key of the log, {}, is gone; put it back from a backup. Without it nothing can be logged, and so nothing is \
         answered; if none is left anywhere: drempel-node audit begin-anew",
        path.display()
    )]
    KeyGone {
        /// Where it should be.
        path: PathBuf,
    },
    /// The key is of another log.
    #[error("the log was begun with another key than {}; put the right one back", path.display())]
    OtherKey {
        /// Where it is.
        path: PathBuf,
    },
    /// The file holds no key.
    #[error("{} holds no Ed25519 key in PKCS #8", path.display())]
    NoKey {
        /// Where it is.
        path: PathBuf,
    },
    /// The log is not whole.
    #[error("the log is not whole: {0}; keep the folder as it is and tell the privacy officer")]
    Broken(Finding),
    /// It is not what a witness saw of it.
    #[error(
        "the log was put back or has two histories: {witness} has seen {records} records with another root; keep the folder \
         as it is and tell the privacy officer. If a later copy of the log is there, put that back; if none is left anywhere: \
         drempel-node audit begin-anew"
    )]
    Contradicted {
        /// Who.
        witness: String,
        /// How many.
        records: u64,
    },
    /// Another log was about to begin.
    #[error(
        "another log was about to begin in the place of {}, and is not there as a whole; do it again: drempel-node audit \
         begin-anew",
        path.display()
    )]
    Unfinished {
        /// The folder of the log.
        path: PathBuf,
    },
    /// The clock is before the last record of the log.
    #[error("the clock is before the last record of the log; set it right")]
    Clock,
    /// An earlier write failed, so what is on disk is not known; or the log was found not to be whole.
    #[error("an earlier write to the log failed, or it is not whole; restart the node, which says so if it is not")]
    Poisoned,
    /// A record could not be written as JSON, or no random bytes or signature be made for it.
    #[error("a record cannot be made")]
    Encoding,
}

/// Shows every record of a log that is whole to `visit`, also while a node writes to it; none where no log has begun: the
/// folder is not there, or has no files.
///
/// # Errors
/// [`AuditError`]; what was shown does not hold then.
pub fn read(folder: &Path, visit: impl FnMut(Logged<'_>)) -> Result<Option<Verified>, AuditError> {
    let io = |error| AuditError::Io { path: folder.to_owned(), error };
    let has_begun = match fs::read_dir(folder) {
        Ok(mut files) => files.next().is_some(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) => return Err(io(error)),
    };
    if !has_begun {
        return Ok(None);
    }
    verify(folder, visit).map_err(io)?.map(Some).map_err(AuditError::Broken)
}
