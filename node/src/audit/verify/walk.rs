//! The way through the files of a log to its end, from its beginning or from a standing.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use drempel_protocols::{
    answer::LoggedAnswer,
    log::{LogHead, LogKey, SignedCheckpoint, Tree},
};

use super::{Beside, Finding, Logged, Verified};
use crate::audit::{
    checkpoints::Checkpoints,
    head::Slots,
    line::Line,
    record::{Entry, Event, Outcome},
    removed::Removed,
    segment,
    standing::At,
};

/// A record that no checkpoint has signed yet.
struct Unsigned<'c> {
    entry: Entry,
    json: &'c str,
    answer: Option<Beside<'c>>,
    removed: Option<u64>,
}

/// What is wrong with a line.
enum Wrong {
    /// It is not as it was written: a crash can have left it so.
    Damaged(Finding),
    /// It is as somebody wrote it, and does not belong there.
    Other(Finding),
}

/// What was found on the way to the end of a log.
pub(super) struct Walk<'s> {
    slots: &'s Slots,
    /// Whether every signature is looked at, and not only the last.
    each: bool,
    /// Of which checkpoints the slots are, by their numbers from 1.
    named: Vec<usize>,
    key: Option<LogKey>,
    tree: Tree,
    checkpoints: Checkpoints,
    /// The text of the last checkpoint, and the records before it since the one before that.
    last: Option<String>,
    since: (u64, u64),
    torn: u64,
    /// By the record that should say that answers were removed: the first record that is without, and the last.
    removed: BTreeMap<u64, (u64, u64)>,
    /// Of the last batch with its checkpoint.
    last_bytes: u64,
    /// What is wrong with what was written last: a crash can have left it so, if no checkpoint after it is named.
    pub(super) damage: Option<Finding>,
}

impl<'s> Walk<'s> {
    /// From the beginning of a log.
    pub(super) fn new(slots: &'s Slots, each: bool) -> Self {
        Self {
            slots,
            each,
            named: Vec::new(),
            key: None,
            tree: Tree::default(),
            checkpoints: Checkpoints::default(),
            last: None,
            since: (1, 0),
            torn: 0,
            removed: BTreeMap::new(),
            last_bytes: 0,
            damage: None,
        }
    }

    /// From a standing on, with the tree of that.
    pub(super) fn after(slots: &'s Slots, at: At, tree: Tree) -> Self {
        let At { head, key, checkpoints, last, .. } = at;
        let numbers = (1..=checkpoints.count()).rev();
        let named = numbers.zip(last.iter().rev()).filter(|(number, text)| slots.has(*number, text));
        let mut named: Vec<usize> = named.map(|(number, _)| number).collect();
        named.reverse();
        let (last, since) = (last.into_iter().next_back(), (head.size, head.size));
        Self { named, key: Some(key), tree, checkpoints, last, since, ..Self::new(slots, false) }
    }

    /// The number of the next record that is not signed yet.
    fn next(&self) -> u64 {
        self.checkpoints.last().saturating_add(1)
    }

    pub(super) fn folder(
        &mut self,
        folder: &Path,
        wanted: &dyn Fn() -> bool,
        visit: &mut impl FnMut(Logged<'_>),
    ) -> io::Result<Result<(), Finding>> {
        let from = self.next();
        let mut segments = match listed(folder, from)? {
            Ok(segments) if segments.is_empty() && from > 1 => return Ok(Err(Finding::Missing(from))),
            Ok(segments) => segments,
            Err(stranger) => return Ok(Err(stranger)),
        };
        while !segments.is_empty() {
            let last = segments.last().map_or(from, |(first, _)| *first);
            for (first, path) in segments {
                if first != self.next() {
                    return Ok(Err(Finding::Missing(self.next())));
                }
                if !wanted() {
                    return Err(io::ErrorKind::Interrupted.into());
                }
                let content = fs::read(path)?;
                let is_last = first == last;
                match self.segment(&content, visit) {
                    Err(Wrong::Damaged(finding)) if is_last && self.is_one_write(&content) => {
                        self.damage = Some(finding);
                    }
                    Err(Wrong::Damaged(finding) | Wrong::Other(finding)) => return Ok(Err(finding)),
                    Ok(()) if self.torn > 0 && !is_last => return Ok(Err(Finding::Changed(self.next()))),
                    Ok(()) => {}
                }
            }
            // What a node removed while this went on can be said in a segment that was not there at its beginning.
            let is_all_said = self.removed.is_empty() || self.torn > 0 || self.damage.is_some();
            segments =
                if is_all_said { Vec::new() } else { listed(folder, last.saturating_add(1))?.unwrap_or_default() };
        }
        Ok(Ok(()))
    }

    fn segment(&mut self, content: &[u8], visit: &mut impl FnMut(Logged<'_>)) -> Result<(), Wrong> {
        let (mut left, mut batch) = (content.len(), Vec::new());
        self.torn = left as u64;
        for line in content.split_inclusive(|byte| *byte == b'\n') {
            if !line.ends_with(b"\n") {
                break;
            }
            left = left.saturating_sub(line.len());
            let Some(read) = Line::read(line) else {
                return Err(Wrong::Damaged(self.unreadable(line, batch.len() as u64)));
            };
            let signed = self.checkpoints.count();
            match self.take(read, &mut batch, visit) {
                Ok(()) => {}
                // An answer has no hash of its own.
                Err(changed @ Finding::Changed(_)) => return Err(Wrong::Damaged(changed)),
                Err(finding) => return Err(Wrong::Other(finding)),
            }
            if self.checkpoints.count() > signed {
                self.last_bytes = self.torn.saturating_sub(left as u64);
                self.torn = left as u64;
            }
        }
        Ok(())
    }

    /// Whether what comes after the last good checkpoint was written at once: a crash leaves no more than that.
    fn is_one_write(&self, segment: &[u8]) -> bool {
        let after = segment.len().saturating_sub(usize::try_from(self.torn).unwrap_or(usize::MAX));
        let lines = segment.get(after..).unwrap_or_default().split(|byte| *byte == b'\n');
        lines.filter(|line| line.starts_with(b"checkpoint ")).count() <= 1
    }

    /// What a line that is not as it was written was: a record, the answer after it, or the checkpoint over them.
    fn unreadable(&self, line: &[u8], unsigned: u64) -> Finding {
        let first = self.next();
        let next = first.saturating_add(unsigned);
        if unsigned == 0 || line.starts_with(b"record ") {
            Finding::Changed(next)
        } else if line.starts_with(b"checkpoint ") {
            Finding::Unsigned { first, last: next.saturating_sub(1) }
        } else {
            Finding::Unsigned { first, last: next }
        }
    }

    fn take<'c>(
        &mut self,
        line: Line<'c>,
        batch: &mut Vec<Unsigned<'c>>,
        visit: &mut impl FnMut(Logged<'_>),
    ) -> Result<(), Finding> {
        let next = self.next().saturating_add(batch.len() as u64);
        match line {
            Line::Record(json, hash) => {
                batch.push(Unsigned { entry: read(json, next)?, json, answer: None, removed: None });
                self.tree.push(hash);
                Ok(())
            }
            Line::Answer { salt, text } => answer(batch, next, Beside { salt, text }),
            Line::Removed(by) => removed(batch, next, by),
            Line::Checkpoint(number, text) => self.checkpoint((number, &text), batch, visit),
        }
    }

    fn checkpoint(
        &mut self,
        (number, text): (usize, &str),
        batch: &mut Vec<Unsigned<'_>>,
        visit: &mut impl FnMut(Logged<'_>),
    ) -> Result<(), Finding> {
        let first = self.next();
        let last = first.saturating_add(batch.len() as u64).saturating_sub(1);
        let unsigned = Finding::Unsigned { first, last };
        if let (None, Some(Event::Opened { key, .. })) = (&self.key, batch.first().map(|first| &first.entry.event)) {
            self.key = Some(key.clone());
        }
        let says = SignedCheckpoint::says(text).ok_or(unsigned.clone())?;
        let root = self.tree.root(says.size).map_err(|_| Finding::Missing(last.saturating_add(1)))?;
        let is_next = number == self.checkpoints.count().saturating_add(1);
        if !is_next || batch.is_empty() || says != (LogHead { size: self.tree.size(), root }) {
            return Err(unsigned);
        }
        if self.each && !self.is_signed(text) {
            return Err(unsigned);
        }
        for Unsigned { entry, json, answer, removed } in batch.drain(..) {
            let wants = matches!(entry.event, Event::Outcome { outcome: Outcome::Answered { .. }, .. });
            if wants && answer.is_none() && removed.is_none() {
                return Err(Finding::Changed(entry.sequence));
            }
            self.removal(&entry, removed)?;
            visit(Logged { entry: &entry, json, answer, removed });
        }
        self.checkpoints.push(says.size);
        if self.slots.has(number, text) {
            self.named.push(number);
        }
        self.last = Some(text.to_owned());
        self.since = (first, last);
        Ok(())
    }

    /// Holds what was removed against the records that say so, which come after.
    fn removal(&mut self, entry: &Entry, removed: Option<u64>) -> Result<(), Finding> {
        if let Some((first, last)) = self.removed.remove(&entry.sequence)
            && Removed::of(entry).is_none_or(|removed| removed.through < last)
        {
            return Err(Finding::Unsaid { record: first, by: entry.sequence });
        }
        if let Some(by) = removed {
            self.removed.entry(by).or_insert((entry.sequence, 0)).1 = entry.sequence;
        }
        Ok(())
    }

    fn is_signed(&self, text: &str) -> bool {
        self.key.as_ref().is_some_and(|key| SignedCheckpoint::open(text, key).is_ok())
    }

    /// What is found at the end.
    pub(super) fn judge(self) -> Result<Verified, Finding> {
        let gone = self.next();
        let size = self.checkpoints.last();
        let beyond = |text: &str| SignedCheckpoint::says(text).is_some_and(|head| head.size > size);
        if self.slots.iter().any(beyond) {
            let torn = if self.torn > 0 { Finding::Changed(gone) } else { Finding::Missing(gone) };
            return Err(self.damage.unwrap_or(torn));
        }
        // What is not named is signed all the same: a crash leaves one so, and a copy of a node that is writing some.
        if self.named.len() != self.slots.iter().count() {
            return Err(Finding::Head);
        }
        let ahead = self.named.last().copied().unwrap_or(0) < self.checkpoints.count();
        // The last one fixes everything before it.
        if let Some(text) = &self.last {
            let (first, last) = self.since;
            if !self.is_signed(text) {
                return Err(Finding::Unsigned { first, last });
            }
        }
        if let Some((by, (record, _))) = self.removed.first_key_value() {
            return Err(Finding::Unsaid { record: *record, by: *by });
        }
        let mut tree = self.tree;
        let root = tree.root(size).map_err(|_| Finding::Missing(gone))?;
        if tree.size() > size {
            // What a crash left after it is no part of the log.
            tree = Tree::restore(size, &tree.since(0)).ok_or(Finding::Missing(gone))?;
        }
        let Self { key, last: checkpoint, checkpoints, last_bytes, torn, .. } = self;
        Ok(Verified { head: LogHead { size, root }, key, checkpoint, tree, checkpoints, last_bytes, torn, ahead })
    }
}

/// The segments of a folder from a record on, or what does not belong there.
fn listed(folder: &Path, from: u64) -> io::Result<Result<Vec<(u64, PathBuf)>, Finding>> {
    let segment::Listing { mut segments, strangers } = segment::list(folder)?;
    if let Some(stranger) = strangers.into_iter().next() {
        return Ok(Err(Finding::Stranger(stranger)));
    }
    segments.retain(|(first, _)| from <= 1 || *first >= from);
    Ok(Ok(segments))
}

/// The record that stands where one with this number should.
fn read(json: &str, expected: u64) -> Result<Entry, Finding> {
    let entry: Entry = serde_json::from_str(json).map_err(|_| Finding::Changed(expected))?;
    if entry.sequence == expected.saturating_add(1) {
        return Err(Finding::Missing(expected));
    }
    if entry.sequence != expected {
        return Err(Finding::OutOfOrder { expected, found: entry.sequence });
    }
    Ok(entry)
}

/// Says of the record before it, which is of an answer, that this was removed.
fn removed(batch: &mut [Unsigned<'_>], next: u64, by: u64) -> Result<(), Finding> {
    let Some(Unsigned { entry, answer: None, removed: removed @ None, .. }) = batch.last_mut() else {
        return Err(Finding::Changed(next));
    };
    let is_answer = matches!(entry.event, Event::Outcome { outcome: Outcome::Answered { .. }, .. });
    if !is_answer || by <= entry.sequence {
        return Err(Finding::Changed(entry.sequence));
    }
    *removed = Some(by);
    Ok(())
}

/// Puts an answer beside the record before it, which has its digest.
fn answer<'c>(batch: &mut [Unsigned<'c>], next: u64, beside: Beside<'c>) -> Result<(), Finding> {
    let Some(Unsigned { entry, answer: answer @ None, removed: None, .. }) = batch.last_mut() else {
        return Err(Finding::Changed(next));
    };
    match &entry.event {
        Event::Outcome { outcome: Outcome::Answered { answer: of }, .. }
            if *of == LoggedAnswer::digest(beside.salt, beside.text) =>
        {
            *answer = Some(beside);
            Ok(())
        }
        _ => Err(Finding::Changed(entry.sequence)),
    }
}
