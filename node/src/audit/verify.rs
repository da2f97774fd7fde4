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
    /// Whether the last record is one ahead of `head`, as a crash between two writes leaves it.
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

/// Reads a log and shows every record to `visit`, in order. A node may be writing to it meanwhile.
///
/// # Errors
/// An error of the file system.
pub fn verify(folder: &Path, mut visit: impl FnMut(&Entry, Digest)) -> io::Result<Result<Verified, Finding>> {
    const TRIES: usize = 20;
    for _ in 0..TRIES {
        let before = fs::read(folder.join(head::FILE))?;
        let mut records = Vec::new();
        let found = walk(folder, &before, &mut |entry, digest| records.push((entry, digest)));
        // A head that moved while the segments were read says nothing about them.
        if fs::read(folder.join(head::FILE))? == before {
            records.iter().for_each(|(entry, digest)| visit(entry, *digest));
            return found;
        }
    }
    Err(io::Error::new(io::ErrorKind::ResourceBusy, "the log is being written too fast to be read"))
}

fn walk(
    folder: &Path,
    head_file: &[u8],
    visit: &mut impl FnMut(Entry, Digest),
) -> io::Result<Result<Verified, Finding>> {
    let segment::Listing { segments, strangers } = segment::list(folder)?;
    if let Some(stranger) = strangers.into_iter().next() {
        return Ok(Err(Finding::Stranger(stranger)));
    }
    let mut last = LogHead { sequence: 0, digest: head::zero() };
    let mut tail = Tail::default();
    let mut torn = 0;
    let count = segments.len();
    for (index, (first, path)) in segments.into_iter().enumerate() {
        if first != last.sequence.saturating_add(1) {
            return Ok(Err(Finding::Missing(last.sequence.saturating_add(1))));
        }
        let content = fs::read(path)?;
        let whole = content.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end.saturating_add(1));
        let (lines, rest) = content.split_at_checked(whole).unwrap_or((&content, &[]));
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            match read_line(line, last) {
                Ok((entry, digest)) => {
                    tail.push(last);
                    last = LogHead { sequence: entry.sequence, digest };
                    visit(entry, digest);
                }
                Err(finding) => return Ok(Err(finding)),
            }
        }
        if !rest.is_empty() && index.saturating_add(1) < count {
            return Ok(Err(Finding::Changed(last.sequence.saturating_add(1))));
        }
        torn = rest.len() as u64;
    }
    tail.push(last);
    Ok(against_head(head_file, &tail, last, torn))
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

/// The last three records, the beginning of the log counting as one.
#[derive(Default)]
struct Tail(Vec<LogHead>);

impl Tail {
    fn push(&mut self, record: LogHead) {
        self.0.push(record);
        if self.0.len() > 3 {
            self.0.remove(0);
        }
    }
}

/// The head names the last two records or, after a crash between two writes, the two before the last.
fn against_head(head_file: &[u8], tail: &Tail, last: LogHead, torn: u64) -> Result<Verified, Finding> {
    let slots = head::read(head_file);
    let [odd, even] = slots.as_slice() else { return Err(Finding::Head) };
    // Before the first record both slots hold number 0.
    let begun = odd != even;
    if !even.sequence.is_multiple_of(2) || (begun && odd.sequence.is_multiple_of(2)) {
        return Err(Finding::Head);
    }
    let (older, newer) = if odd.sequence < even.sequence { (odd, even) } else { (even, odd) };
    if newer.sequence.saturating_sub(older.sequence) > 1 {
        return Err(Finding::Head);
    }
    if newer.sequence > last.sequence {
        let gone = last.sequence.saturating_add(1);
        return Err(if torn > 0 { Finding::Changed(gone) } else { Finding::Missing(gone) });
    }
    let ahead = last.sequence.saturating_sub(newer.sequence);
    if ahead > 1 || !tail.0.contains(older) || !tail.0.contains(newer) {
        return Err(Finding::Head);
    }
    if torn > 0 && ahead > 0 {
        return Err(Finding::Changed(last.sequence.saturating_add(1)));
    }
    Ok(Verified { head: last, torn, ahead: ahead == 1 })
}

#[cfg(test)]
mod tests;
