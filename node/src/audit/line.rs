//! The lines of a segment: records, the answers that stand beside theirs or what they left, and after each batch the checkpoint
//! that signs everything before it. What a line says of itself shows where damage is; what the checkpoint says shows
//! everything else.

use std::{borrow::Cow, str::FromStr};

use drempel_protocols::log::TreeHash;

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line<'t> {
    /// A record in JSON, and its hash: a leaf of the tree.
    Record(&'t str, TreeHash),
    /// The answer whose digest the record before it has, and the random bits that go into that.
    Answer {
        /// In hexadecimal.
        salt: &'t str,
        /// In JSON.
        text: &'t str,
    },
    /// In the place of an answer that was kept long enough, the number of the record that says so.
    Removed(u64),
    /// A signed checkpoint over all records before it, with its number from 1.
    Checkpoint(usize, Cow<'t, str>),
}

impl<'t> Line<'t> {
    /// As it stands in a segment, with its end. A checkpoint has lines of its own, so that those are escaped.
    pub(super) fn render(&self) -> String {
        match self {
            Self::Record(json, hash) => format!("record {hash} {json}\n"),
            Self::Answer { salt, text } => format!("answer {salt} {text}\n"),
            Self::Removed(by) => format!("removed {by}\n"),
            Self::Checkpoint(number, text) => {
                let hash = TreeHash::of_record(text.as_bytes());
                format!("checkpoint {hash} {number} {}\n", text.replace('\n', "\\n"))
            }
        }
    }

    /// Reads a line with its end; nothing where it is not as it was written.
    pub(super) fn read(line: &'t [u8]) -> Option<Self> {
        let (kind, text) = std::str::from_utf8(line).ok()?.strip_suffix('\n')?.split_once(' ')?;
        if kind == "answer" {
            let (salt, text) = text.split_once(' ')?;
            return Some(Self::Answer { salt, text });
        }
        if kind == "removed" {
            return number(text).map(Self::Removed);
        }
        let (hash, text) = text.split_once(' ')?;
        let hash: TreeHash = hash.parse().ok()?;
        let is_it = |text: &str| TreeHash::of_record(text.as_bytes()) == hash;
        match kind {
            "record" => is_it(text).then_some(Self::Record(text, hash)),
            "checkpoint" => {
                let (count, escaped) = text.split_once(' ')?;
                let text = escaped.replace("\\n", "\n");
                let number = number(count)?;
                is_it(&text).then_some(Self::Checkpoint(number, text.into()))
            }
            _ => None,
        }
    }
}

/// A number, if it is written as it would be.
fn number<N: FromStr + ToString>(text: &str) -> Option<N> {
    text.parse::<N>().ok().filter(|parsed| parsed.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_in_one_way() {
        for other in ["removed 012\n", "removed +12\n", "removed 12 \n", "removed\n", "removed -1\n"] {
            assert_eq!(Line::read(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn every_line_reads_as_it_was_written_and_no_other_does() {
        for line in [
            Line::Record("{}", TreeHash::of_record(b"{}")),
            Line::Answer { salt: "00", text: "{\"a\": 1}" },
            Line::Removed(12),
            Line::Checkpoint(3, "drempel/GM0014\n3\nx\n\n-\n".into()),
        ] {
            let written = line.render();
            assert_eq!(Line::read(written.as_bytes()), Some(line.clone()));
            assert_eq!(Line::read(&written.as_bytes()[..written.len() - 1]), None);
            // The log itself knows the digest of an answer.
            if !matches!(line, Line::Answer { .. }) {
                for (place, byte) in written.bytes().enumerate() {
                    let mut changed = written.clone().into_bytes();
                    changed[place] = byte ^ 0x02;
                    assert_ne!(Line::read(&changed), Some(line.clone()), "byte {place} of {written}");
                }
            }
        }
    }
}
