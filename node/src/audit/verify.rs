//! Whether a log is whole: every record there, unchanged, in order, up to the last checkpoint, and that signed with the key
//! of the log. Needs only the folder, so a third person can do it offline. Names the first record that is not as it was
//! written.

use std::{fmt, fs, io, mem, path::Path};

use drempel_protocols::{
    answer::LoggedAnswer,
    log::{LogHead, LogKey, SignedCheckpoint, Tree, TreeHash},
};

use super::{
    head::{self, Slots},
    line::Line,
    record::{Entry, Event, Outcome},
    segment,
};

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
    /// How many records each of its checkpoints has, in order.
    pub checkpoints: Vec<u64>,
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
pub fn verify(folder: &Path, mut visit: impl FnMut(Logged<'_>)) -> io::Result<Result<Verified, Finding>> {
    let Some(slots) = Slots::read(&head::content(folder)?) else { return Ok(Err(Finding::Head)) };
    let mut walk = Walk::new(&slots, false);
    if let Err(finding) = walk.folder(folder, &mut visit)? {
        return Ok(Err(finding));
    }
    match walk.judge() {
        Err(Finding::Unsigned { first, last }) => {
            // The last signature fixes everything before it. Where it does not hold each is looked at, for the first.
            let mut walk = Walk::new(&slots, true);
            let each = walk.folder(folder, &mut |_| ())?.err();
            Ok(Err(each.or(walk.damage).unwrap_or(Finding::Unsigned { first, last })))
        }
        judged => Ok(judged),
    }
}

/// A record that no checkpoint has signed yet, with the random bits and the text of its answer.
struct Unsigned {
    entry: Entry,
    json: String,
    answer: Option<(String, String)>,
}

/// What is wrong with a line.
enum Wrong {
    /// It is not as it was written: a crash can have left it so.
    Damaged(Finding),
    /// It is as somebody wrote it, and does not belong there.
    Other(Finding),
}

/// What was found on the way to the end of a log.
struct Walk<'s> {
    slots: &'s Slots,
    /// Whether every signature is looked at, and not only the last.
    each: bool,
    /// Of which checkpoints the slots are, by their numbers from 1.
    named: Vec<usize>,
    key: Option<LogKey>,
    tree: Tree,
    checkpoints: Vec<u64>,
    /// The text of the last checkpoint, and the records before it since the one before that.
    last: Option<String>,
    since: (u64, u64),
    batch: Vec<Unsigned>,
    torn: u64,
    /// Of the last batch with its checkpoint.
    last_bytes: u64,
    /// What is wrong with what was written last: a crash can have left it so, if no checkpoint after it is named.
    damage: Option<Finding>,
}

impl<'s> Walk<'s> {
    fn new(slots: &'s Slots, each: bool) -> Self {
        Self {
            slots,
            each,
            named: Vec::new(),
            key: None,
            tree: Tree::default(),
            checkpoints: Vec::new(),
            last: None,
            since: (1, 0),
            batch: Vec::new(),
            torn: 0,
            last_bytes: 0,
            damage: None,
        }
    }

    /// The number of the next record that is not signed yet.
    fn next(&self) -> u64 {
        self.checkpoints.last().map_or(1, |size| size.saturating_add(1))
    }

    fn folder(&mut self, folder: &Path, visit: &mut impl FnMut(Logged<'_>)) -> io::Result<Result<(), Finding>> {
        let segment::Listing { segments, strangers } = segment::list(folder)?;
        if let Some(stranger) = strangers.into_iter().next() {
            return Ok(Err(Finding::Stranger(stranger)));
        }
        let count = segments.len();
        for (index, (first, path)) in segments.into_iter().enumerate() {
            if first != self.next() {
                return Ok(Err(Finding::Missing(self.next())));
            }
            let content = fs::read(path)?;
            let is_last = index.saturating_add(1) == count;
            match self.segment(&content, visit) {
                Err(Wrong::Damaged(finding)) if is_last && self.is_one_write(&content) => self.damage = Some(finding),
                Err(Wrong::Damaged(finding) | Wrong::Other(finding)) => return Ok(Err(finding)),
                Ok(()) if self.torn > 0 && !is_last => return Ok(Err(Finding::Changed(self.next()))),
                Ok(()) => {}
            }
        }
        Ok(Ok(()))
    }

    fn segment(&mut self, content: &[u8], visit: &mut impl FnMut(Logged<'_>)) -> Result<(), Wrong> {
        let mut left = content.len();
        self.torn = left as u64;
        for line in content.split_inclusive(|byte| *byte == b'\n') {
            if !line.ends_with(b"\n") {
                break;
            }
            left = left.saturating_sub(line.len());
            let signed = self.checkpoints.len();
            match Line::read(line, |line| self.take(line, visit)) {
                Some(Ok(())) => {}
                // An answer has no hash of its own.
                Some(Err(changed @ Finding::Changed(_))) => return Err(Wrong::Damaged(changed)),
                Some(Err(finding)) => return Err(Wrong::Other(finding)),
                None => return Err(Wrong::Damaged(self.unreadable(line))),
            }
            if self.checkpoints.len() > signed {
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
    fn unreadable(&self, line: &[u8]) -> Finding {
        let (first, unsigned) = (self.next(), self.batch.len() as u64);
        let next = first.saturating_add(unsigned);
        if unsigned == 0 || line.starts_with(b"record ") {
            Finding::Changed(next)
        } else if line.starts_with(b"checkpoint ") {
            Finding::Unsigned { first, last: next.saturating_sub(1) }
        } else {
            Finding::Unsigned { first, last: next }
        }
    }

    fn take(&mut self, line: Line<'_>, visit: &mut impl FnMut(Logged<'_>)) -> Result<(), Finding> {
        match line {
            Line::Record(json, hash) => self.record(json, hash),
            Line::Answer { salt, text } => self.answer(Beside { salt, text }),
            Line::Checkpoint(number, text) => self.checkpoint((number, text), visit),
        }
    }

    fn record(&mut self, json: &str, hash: TreeHash) -> Result<(), Finding> {
        let expected = self.next().saturating_add(self.batch.len() as u64);
        let entry: Entry = serde_json::from_str(json).map_err(|_| Finding::Changed(expected))?;
        if entry.sequence == expected.saturating_add(1) {
            return Err(Finding::Missing(expected));
        }
        if entry.sequence != expected {
            return Err(Finding::OutOfOrder { expected, found: entry.sequence });
        }
        self.tree.push(hash);
        self.batch.push(Unsigned { entry, json: json.to_owned(), answer: None });
        Ok(())
    }

    fn answer(&mut self, Beside { salt, text }: Beside<'_>) -> Result<(), Finding> {
        let here = self.next().saturating_add(self.batch.len() as u64);
        let Some(Unsigned { entry, answer: answer @ None, .. }) = self.batch.last_mut() else {
            return Err(Finding::Changed(here));
        };
        let digest = LoggedAnswer::digest(salt, text);
        match &entry.event {
            Event::Outcome { outcome: Outcome::Answered { answer: of }, .. } if *of == digest => {
                *answer = Some((salt.to_owned(), text.to_owned()));
                Ok(())
            }
            _ => Err(Finding::Changed(entry.sequence)),
        }
    }

    fn checkpoint(&mut self, (number, text): (usize, &str), visit: &mut impl FnMut(Logged<'_>)) -> Result<(), Finding> {
        let first = self.next();
        let last = first.saturating_add(self.batch.len() as u64).saturating_sub(1);
        let unsigned = Finding::Unsigned { first, last };
        if let (None, Some(Event::Opened { key, .. })) = (&self.key, self.batch.first().map(|first| &first.entry.event))
        {
            self.key = Some(key.clone());
        }
        let says = SignedCheckpoint::says(text).ok_or(unsigned.clone())?;
        let root = self.tree.root(says.size).map_err(|_| Finding::Missing(last.saturating_add(1)))?;
        let is_next = number == self.checkpoints.len().saturating_add(1);
        if !is_next || self.batch.is_empty() || says != (LogHead { size: self.tree.size(), root }) {
            return Err(unsigned);
        }
        if self.each && !self.is_signed(text) {
            return Err(unsigned);
        }
        for Unsigned { entry, json, answer } in mem::take(&mut self.batch) {
            let wants = matches!(entry.event, Event::Outcome { outcome: Outcome::Answered { .. }, .. });
            if wants && answer.is_none() {
                return Err(Finding::Changed(entry.sequence));
            }
            let answer = answer.as_ref().map(|(salt, text)| Beside { salt, text });
            visit(Logged { entry: &entry, json: &json, answer });
        }
        self.checkpoints.push(says.size);
        if self.slots.has(number, text) {
            self.named.push(number);
        }
        self.last = Some(text.to_owned());
        self.since = (first, last);
        Ok(())
    }

    fn is_signed(&self, text: &str) -> bool {
        self.key.as_ref().is_some_and(|key| SignedCheckpoint::open(text, key).is_ok())
    }

    fn judge(self) -> Result<Verified, Finding> {
        let gone = self.next();
        let size = self.checkpoints.last().copied().unwrap_or(0);
        let beyond = |text: &str| SignedCheckpoint::says(text).is_some_and(|head| head.size > size);
        if self.slots.iter().any(beyond) {
            let torn = if self.torn > 0 { Finding::Changed(gone) } else { Finding::Missing(gone) };
            return Err(self.damage.unwrap_or(torn));
        }
        // What is not named is signed all the same: a crash leaves one so, and a copy of a node that is writing some.
        if self.named.len() != self.slots.iter().count() {
            return Err(Finding::Head);
        }
        let ahead = self.named.last().copied().unwrap_or(0) < self.checkpoints.len();
        // The last one fixes everything before it.
        if let Some(text) = &self.last {
            let (first, last) = self.since;
            if !self.is_signed(text) {
                return Err(Finding::Unsigned { first, last });
            }
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

#[cfg(test)]
mod tests;
