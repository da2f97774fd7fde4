//! Whether a log is whole: every record there, unchanged, in order, up to the last checkpoint, and that signed with the key
//! of the log. Needs only the folder, so a third person can do it offline. Names the first record that is not as it was
//! written.

mod walk;

use std::{fmt, io, path::Path};

use drempel_protocols::log::{LogHead, LogKey, Tree};

use self::walk::Walk;
use super::{
    AuditError,
    checkpoints::Checkpoints,
    head::{self, Slots},
    record::Entry,
    standing::At,
};

/// Whether the log in a folder is whole and begins with what each of these witnesses saw of it; a node may be writing to it.
///
/// # Errors
/// [`AuditError`].
pub fn has_begun_with(folder: &Path, seen: impl IntoIterator<Item = (String, LogHead)>) -> Result<(), AuditError> {
    let mut seen = seen.into_iter().peekable();
    if seen.peek().is_none() {
        return Ok(());
    }
    let verified = verify(folder, |_| {}).map_err(|error| AuditError::Io { path: folder.to_owned(), error })?;
    let verified = verified.map_err(AuditError::Broken)?;
    match seen.find(|(_, head)| !verified.begins_with(*head)) {
        Some((witness, head)) => Err(AuditError::Contradicted { witness, records: head.size }),
        None => Ok(()),
    }
}

/// A log that is whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified {
    /// How far it goes.
    pub head: LogHead,
    /// The key that it is signed with, as its first record has it; none for a log without records.
    pub key: Option<LogKey>,
    /// The last checkpoint, as it was signed; none for a log without records.
    pub checkpoint: Option<String>,
    /// The tree over its records.
    pub tree: Tree,
    /// How many records each of its checkpoints has.
    pub checkpoints: Checkpoints,
    /// Bytes of what was written last that holds, with its checkpoint.
    pub(super) last_bytes: u64,
    /// Bytes after the last checkpoint: a write that a crash cut short. Nothing left the node on its account.
    pub torn: u64,
    /// Whether the last checkpoint is not named beside the segments yet, as a crash between two writes leaves it, or a node
    /// that is writing.
    pub ahead: bool,
}

impl Verified {
    /// Whether it begins with what it was once.
    #[must_use]
    pub fn begins_with(&self, earlier: LogHead) -> bool {
        self.tree.root(earlier.size) == Ok(earlier.root)
    }
}

/// The first thing that is wrong with a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// A record, or the answer beside it, is not as it was written.
    Changed(u64),
    /// A record is missing, or another stands in its place.
    Missing(u64),
    /// A record stands where another should.
    OutOfOrder {
        /// The number that should stand here.
        expected: u64,
        /// The number that does.
        found: u64,
    },
    /// Records that are not as the log signed them.
    Unsigned {
        /// The first of them.
        first: u64,
        /// The last.
        last: u64,
    },
    /// A record is without its answer, and the record that should say so does not, or is not there.
    Unsaid {
        /// The record.
        record: u64,
        /// The one that should.
        by: u64,
    },
    /// The file `checkpoint` is not as it was written.
    Head,
    /// A file that does not belong in the folder.
    Stranger(String),
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed(sequence) => write!(f, "record {sequence} has been changed"),
            Self::Missing(sequence) => write!(f, "record {sequence} is missing"),
            Self::OutOfOrder { expected, found } => write!(f, "record {found} stands where record {expected} should"),
            Self::Unsigned { first, last } if first == last => write!(f, "record {first} is not as the log signed it"),
            Self::Unsigned { first, last } => write!(f, "records {first} to {last} are not as the log signed them"),
            Self::Unsaid { record, by } => {
                write!(f, "record {record} is without its answer, and there is no record {by} that says so")
            }
            Self::Head => f.write_str("the file checkpoint has been changed"),
            Self::Stranger(name) => write!(f, "the file {} does not belong in the log", name.escape_debug()),
        }
    }
}

/// A record as it stands in the log.
#[derive(Clone, Copy, Debug)]
pub struct Logged<'l> {
    /// What it says.
    pub entry: &'l Entry,
    /// Byte for byte: the leaf of the tree.
    pub json: &'l str,
    /// The answer that stands beside it.
    pub answer: Option<Beside<'l>>,
    /// The record that says that its answer was removed.
    pub removed: Option<u64>,
}

/// What stands beside a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beside<'l> {
    /// 128 random bits.
    pub salt: &'l str,
    /// The answer.
    pub text: &'l str,
}

/// Reads a log and shows every record to `visit`, in order, while it goes: what was shown holds only if there is no finding
/// at the end. A node may be writing to the log meanwhile.
///
/// # Errors
/// An error of the file system.
pub fn verify(folder: &Path, visit: impl FnMut(Logged<'_>)) -> io::Result<Result<Verified, Finding>> {
    verify_while(folder, &|| true, visit)
}

/// Verifies a log for as long as that is wanted.
///
/// # Errors
/// An error of the file system; [`io::ErrorKind::Interrupted`] once it is not wanted any more.
pub(super) fn verify_while(
    folder: &Path,
    wanted: &dyn Fn() -> bool,
    mut visit: impl FnMut(Logged<'_>),
) -> io::Result<Result<Verified, Finding>> {
    let Some(slots) = Slots::read(&head::content(folder)?) else { return Ok(Err(Finding::Head)) };
    let mut walk = Walk::new(&slots, false);
    if let Err(finding) = walk.folder(folder, wanted, &mut visit)? {
        return Ok(Err(finding));
    }
    match walk.judge() {
        Err(Finding::Unsigned { first, last }) => {
            // The last signature fixes everything before it. Where it does not hold each is looked at, for the first.
            let mut walk = Walk::new(&slots, true);
            let each = walk.folder(folder, wanted, &mut |_| ())?.err();
            Ok(Err(each.or(walk.damage).unwrap_or(Finding::Unsigned { first, last })))
        }
        judged => Ok(judged),
    }
}

/// Reads what a log has after its standing, by the same rules. A finding need not be the first thing that is wrong with it.
///
/// # Errors
/// An error of the file system.
pub(super) fn verify_after(
    folder: &Path,
    (at, tree): (At, Tree),
    mut visit: impl FnMut(Logged<'_>),
) -> io::Result<Result<Verified, Finding>> {
    let Some(slots) = Slots::read(&head::content(folder)?) else { return Ok(Err(Finding::Head)) };
    let mut walk = Walk::after(&slots, at, tree);
    if let Err(finding) = walk.folder(folder, &|| true, &mut visit)? {
        return Ok(Err(finding));
    }
    Ok(walk.judge())
}

#[cfg(test)]
mod tests;
