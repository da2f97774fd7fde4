//! What a node knows of its log when it starts: from the standing and what was written after it, or from all of it. Of what is
//! read every record, hash and checkpoint is looked at, whichever way; what a start from a standing did not read is verified
//! once the node runs ([`Unread`]).

use std::path::{Path, PathBuf};

use drempel_protocols::{
    id::Gemeentecode,
    log::{LogHead, LogKey, SigningKey},
};

use super::{
    AuditError, key,
    memory::Memory,
    record::Event,
    segment,
    standing::{self, Draft, Remembered, Standing, Unbelieved},
    verify::{Finding, Verified, verify, verify_after, verify_while},
};

/// A log that was read at a start.
pub(super) struct Start {
    pub(super) key: SigningKey,
    pub(super) verified: Verified,
    pub(super) memory: Memory,
    /// What the standing stood for.
    pub(super) unread: Option<Unread>,
    /// The standing at the beginning of the last segment, where there is none that is believed.
    pub(super) draft: Option<Draft>,
}

/// The records of a log that a start from its standing did not read.
#[derive(Clone, Debug)]
pub struct Unread {
    folder: PathBuf,
    head: LogHead,
    key: LogKey,
}

impl Unread {
    /// Verifies the whole log, as a start without a standing does; a node may be writing to it. It is over once it is not
    /// wanted any more.
    ///
    /// # Errors
    /// [`AuditError`]: that start would have been refused.
    pub fn verify(&self, wanted: impl Fn() -> bool) -> Result<(), AuditError> {
        let Self { folder, head, key } = self;
        let verified = match verify_while(folder, &wanted, |_| {}) {
            Err(_) if !wanted() => return Ok(()),
            Err(error) => return Err(AuditError::Io { path: folder.clone(), error }),
            Ok(found) => found.map_err(AuditError::Broken)?,
        };
        if verified.key.as_ref() != Some(key) || verified.tree.root(head.size) != Ok(head.root) {
            return Err(AuditError::Broken(Finding::Unsigned { first: 1, last: head.size }));
        }
        Ok(())
    }
}

/// Reads the log of a gemeente, with its key in a file, which is made where no log has begun.
pub(super) fn read(folder: &Path, key_file: &Path, gemeente: Gemeentecode) -> Result<Start, AuditError> {
    match from_standing(folder, key_file, gemeente) {
        Ok(start) => Ok(start),
        Err(reason) => {
            tracing::info!(%reason, "the log is verified from its beginning");
            from_beginning(folder, key_file, gemeente)
        }
    }
}

fn from_standing(folder: &Path, key_file: &Path, gemeente: Gemeentecode) -> Result<Start, Unbelieved> {
    let key = key::read(key_file, gemeente, None).map_err(|_| Unbelieved::Seal)?;
    let Standing { at, mut memory, tree } = Standing::read(&standing::path(folder), key.public())?;
    let unread = Unread { folder: folder.to_owned(), head: at.head, key: key.public().clone() };
    let verified = verify_after(folder, (at, tree), |logged| memory.note(logged))?;
    let verified = verified.map_err(|_| Unbelieved::OtherLog)?;
    Ok(Start { key, verified, memory, unread: Some(unread), draft: None })
}

fn from_beginning(folder: &Path, key_file: &Path, gemeente: Gemeentecode) -> Result<Start, AuditError> {
    let io = |error| AuditError::Io { path: folder.to_owned(), error };
    let last = segment::list(folder).map_err(io)?.segments.pop().map_or(1, |(first, _)| first);
    let (mut memory, mut is_own, mut before) = (Memory::default(), true, None);
    let verified = verify(folder, |logged| {
        is_own &= !matches!(&logged.entry.event, Event::Opened { gemeente: of, .. } if *of != gemeente);
        if last > 1 && logged.entry.sequence == last {
            before = Remembered::of(&memory);
        }
        memory.note(logged);
    })
    .map_err(io)?
    .map_err(AuditError::Broken)?;
    if !is_own {
        return Err(AuditError::OtherGemeente { path: folder.to_owned() });
    }
    let key = key::read_or_make(key_file, gemeente, verified.key.as_ref())?;
    let size = last.saturating_sub(1);
    if size > 0 && size == verified.head.size {
        before = Remembered::of(&memory);
    }
    let draft = before.and_then(|before| {
        let checkpoints = verified.checkpoints.until(size, before.first_answer);
        Draft::of(&verified.tree, checkpoints, before, &key)
    });
    Ok(Start { key, verified, memory, unread: None, draft })
}

#[cfg(test)]
mod tests;
