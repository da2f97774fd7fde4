//! Whether a log is whole: every record there, unchanged, in order, up to the head. Needs only the folder, so a third
//! person can do it offline. Names the first record that is not as it was written.

use std::{fmt, fs, io, path::Path};

use drempel_protocols::{answer::LogHead, id::Digest};

use super::{
    head,
    record::{Entry, digest_of},
    segment,
};

/// A log that is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The last record; number 0 for a log without records.
    pub head: LogHead,
    /// Bytes after the last whole record: a write that a crash cut short. Nothing left the node on its account.
    pub torn: u64,
    /// Whether the last record is ahead of `head`, as a crash between two writes leaves it, or a node that is writing.
    pub ahead: bool,
}

/// The first thing that is wrong with a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// A record is not as it was written.
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
    /// A record does not follow from the one before it.
    Unlinked(u64),
    /// The file `head` is not as it was written.
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
            Self::Unlinked(sequence) => write!(f, "record {sequence} does not follow from the record before it"),
            Self::Head => f.write_str("the file head has been changed"),
            Self::Stranger(name) => write!(f, "the file {name} does not belong in the log"),
        }
    }
}

/// Reads a log and shows every record to `visit`, in order, while it goes; those shown before a finding are as they
/// were written. A node may be writing to the log meanwhile.
///
/// # Errors
/// An error of the file system.
pub fn verify(folder: &Path, mut visit: impl FnMut(&Entry, Digest)) -> io::Result<Result<Verified, Finding>> {
    let head_file = fs::read(folder.join(head::FILE))?;
    let Some(named) = Named::read(&head_file) else { return Ok(Err(Finding::Head)) };
    let walked = match walk(folder, named, &mut visit)? {
        Ok(walked) => walked,
        Err(finding) => return Ok(Err(finding)),
    };
    // A head that has moved on since tells that the node is writing: then records after the one it named are its own.
    let writing = fs::read(folder.join(head::FILE))? != head_file;
    Ok(walked.judge(writing))
}

/// The two records that the head names.
#[derive(Clone, Copy)]
struct Named {
    older: LogHead,
    newer: LogHead,
}

impl Named {
    fn read(head_file: &[u8]) -> Option<Self> {
        let slots = head::read(head_file);
        let [odd, even] = slots.as_slice() else { return None };
        // Before the first record both slots hold number 0.
        let begun = odd != even;
        if !even.sequence.is_multiple_of(2) || (begun && odd.sequence.is_multiple_of(2)) {
            return None;
        }
        let (older, newer) = if odd.sequence < even.sequence { (odd, even) } else { (even, odd) };
        (newer.sequence.saturating_sub(older.sequence) <= 1).then_some(Self { older: *older, newer: *newer })
    }
}

/// What was found on the way to the end of a log.
struct Walked {
    named: Named,
    /// How many of the named records stand in the log with their digests.
    found: usize,
    last: LogHead,
    torn: u64,
}

impl Walked {
    fn pass(&mut self, record: LogHead) {
        self.last = record;
        self.found =
            self.found.saturating_add([self.named.older, self.named.newer].iter().filter(|n| **n == record).count());
    }

    fn judge(self, writing: bool) -> Result<Verified, Finding> {
        let Self { named, found, last, torn } = self;
        if named.newer.sequence > last.sequence {
            let gone = last.sequence.saturating_add(1);
            return Err(if torn > 0 { Finding::Changed(gone) } else { Finding::Missing(gone) });
        }
        let ahead = last.sequence.saturating_sub(named.newer.sequence);
        if found < 2 || (!writing && ahead > 1) {
            return Err(Finding::Head);
        }
        if !writing && torn > 0 && ahead > 0 {
            return Err(Finding::Changed(last.sequence.saturating_add(1)));
        }
        Ok(Verified { head: last, torn, ahead: ahead > 0 })
    }
}

fn walk(folder: &Path, named: Named, visit: &mut impl FnMut(&Entry, Digest)) -> io::Result<Result<Walked, Finding>> {
    let segment::Listing { segments, strangers } = segment::list(folder)?;
    if let Some(stranger) = strangers.into_iter().next() {
        return Ok(Err(Finding::Stranger(stranger)));
    }
    let beginning = LogHead { sequence: 0, digest: head::zero() };
    let mut walked = Walked { named, found: 0, last: beginning, torn: 0 };
    walked.pass(beginning);
    let count = segments.len();
    for (index, (first, path)) in segments.into_iter().enumerate() {
        if first != walked.last.sequence.saturating_add(1) {
            return Ok(Err(Finding::Missing(walked.last.sequence.saturating_add(1))));
        }
        let content = fs::read(path)?;
        let whole = content.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end.saturating_add(1));
        let (lines, rest) = content.split_at_checked(whole).unwrap_or((&content, &[]));
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            match read_line(line, walked.last) {
                Ok((entry, digest)) => {
                    walked.pass(LogHead { sequence: entry.sequence, digest });
                    visit(&entry, digest);
                }
                Err(finding) => return Ok(Err(finding)),
            }
        }
        if !rest.is_empty() && index.saturating_add(1) < count {
            return Ok(Err(Finding::Changed(walked.last.sequence.saturating_add(1))));
        }
        walked.torn = rest.len() as u64;
    }
    Ok(Ok(walked))
}

fn read_line(line: &[u8], last: LogHead) -> Result<(Entry, Digest), Finding> {
    let expected = last.sequence.saturating_add(1);
    let changed = || Finding::Changed(expected);
    let text = std::str::from_utf8(line).map_err(|_| changed())?.strip_suffix('\n').ok_or_else(changed)?;
    let (stated, json) = text.split_once(' ').ok_or_else(changed)?;
    let digest = digest_of(json.as_bytes());
    if digest.to_string() != stated {
        return Err(changed());
    }
    let entry: Entry = serde_json::from_str(json).map_err(|_| changed())?;
    if entry.sequence == expected.saturating_add(1) {
        return Err(Finding::Missing(expected));
    }
    if entry.sequence != expected {
        return Err(Finding::OutOfOrder { expected, found: entry.sequence });
    }
    if entry.previous != last.digest {
        return Err(Finding::Unlinked(expected));
    }
    Ok((entry, digest))
}

#[cfg(test)]
mod tests;
