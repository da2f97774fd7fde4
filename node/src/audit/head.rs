//! The file `head`: the last two records by number and digest, in two slots of fixed size that are written in turn.
//! A write that is torn is noticed, and
//! leaves the other slot whole for whoever looks into it.

use std::{
    fs::File,
    io::{self, Seek as _, SeekFrom, Write as _},
};

use drempel_protocols::{answer::LogHead, id::Digest};

/// The name of the file.
pub(super) const FILE: &str = "head";
const SLOT: usize = 20 + 1 + 64 + 1;

/// The digest that stands before the first record.
pub(super) fn zero() -> Digest {
    // 64 zeros are always a digest; the fallback cannot be reached.
    "0".repeat(64).parse().unwrap_or_else(|_| Digest::of("", &[]))
}

/// Writes a record's number and digest in its slot and waits until it is on disk.
pub(super) fn write(file: &mut File, head: LogHead) -> io::Result<()> {
    let slot = if head.sequence.is_multiple_of(2) { SLOT as u64 } else { 0 };
    file.seek(SeekFrom::Start(slot))?;
    file.write_all(render(head).as_bytes())?;
    file.sync_data()
}

/// The content of the file at the start of a log.
pub(super) fn initial() -> String {
    let none = LogHead { sequence: 0, digest: zero() };
    // Slot 0 is for odd numbers; before the first record it repeats slot 1.
    format!("{}{}", render(none), render(none))
}

/// The slots that are whole: at most two. A file of another size has none.
pub(super) fn read(content: &[u8]) -> Vec<LogHead> {
    if content.len() != 2 * SLOT {
        return Vec::new();
    }
    content.chunks_exact(SLOT).filter_map(parse).collect()
}

fn render(head: LogHead) -> String {
    format!("{:020} {}\n", head.sequence, head.digest)
}

fn parse(slot: &[u8]) -> Option<LogHead> {
    let text = std::str::from_utf8(slot).ok()?;
    let (sequence, digest) = text.strip_suffix('\n')?.split_once(' ')?;
    let head = LogHead { sequence: sequence.parse().ok()?, digest: digest.parse().ok()? };
    (render(head) == text).then_some(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_record_has_its_slot_and_any_other_byte_is_no_slot() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(initial().as_bytes()).unwrap();
        for sequence in 1..=3 {
            write(&mut file, LogHead { sequence, digest: Digest::of("x", &[&sequence.to_be_bytes()]) }).unwrap();
        }
        let mut content = Vec::new();
        file.seek(SeekFrom::Start(0)).unwrap();
        io::Read::read_to_end(&mut file, &mut content).unwrap();
        assert_eq!(read(&content).iter().map(|head| head.sequence).collect::<Vec<_>>(), [3, 2]);
        assert!(read(&content[1..]).is_empty());
        content[0] = b'+';
        assert_eq!(read(&content).iter().map(|head| head.sequence).collect::<Vec<_>>(), [2]);
    }
}
