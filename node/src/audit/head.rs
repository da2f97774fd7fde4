//! The file `checkpoint`: the last two signed checkpoints, in two slots of fixed size that are written in turn. What the
//! segments have lost at their end is missing from them and not from here. A slot is a sector, which a disk writes as a whole
//! or not at all, so that a crash leaves both slots whole.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
};

/// The name of the file.
pub(super) const FILE: &str = "checkpoint";
/// A sector, so that the write of one slot leaves the other alone. A checkpoint has half as many bytes.
const SLOT: usize = 512;

/// The checkpoints that the file names, odd numbers before even ones; nothing in the place of those that were not made yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slots([Option<String>; 2]);

impl Slots {
    /// Those of a file; none if it is not as it was written.
    pub(super) fn read(content: &[u8]) -> Option<Self> {
        let (one, other) = content.split_at_checked(SLOT)?;
        Some(Self([parse(one)?, parse(other)?]))
    }

    /// Whether this one, with its number, is where it should be.
    pub(super) fn has(&self, number: usize, checkpoint: &str) -> bool {
        let [odd, even] = &self.0;
        (if number.is_multiple_of(2) { even } else { odd }).as_deref() == Some(checkpoint)
    }

    /// Those that are there.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flatten().map(String::as_str)
    }
}

/// How often a file that a node writes meanwhile is read again.
const TIMES: usize = 10;

/// What the file of a log holds, as it was twice after another: a node may be writing it.
pub(super) fn content(folder: &Path) -> io::Result<Vec<u8>> {
    let read = || {
        let mut content = Vec::new();
        // No more than it can be.
        File::open(folder.join(FILE))?.take(2 * SLOT as u64 + 1).read_to_end(&mut content)?;
        io::Result::Ok(content)
    };
    let mut found = read()?;
    for _ in 0..TIMES {
        let again = read()?;
        if again == found {
            break;
        }
        found = again;
    }
    Ok(found)
}

/// Writes the checkpoint that is the so-manieth of its log, from 1, in its slot and waits until it is on disk.
pub(super) fn write(file: &mut File, number: usize, checkpoint: &str) -> io::Result<()> {
    let rendered = render(checkpoint);
    if rendered.len() != SLOT {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "a checkpoint is too long for its place"));
    }
    file.seek(SeekFrom::Start(if number.is_multiple_of(2) { SLOT as u64 } else { 0 }))?;
    file.write_all(rendered.as_bytes())?;
    file.sync_data()
}

/// The content of the file at the start of a log.
pub(super) fn initial() -> String {
    render("").repeat(2)
}

fn render(checkpoint: &str) -> String {
    format!("{checkpoint}{}", " ".repeat(SLOT.saturating_sub(checkpoint.len())))
}

/// Of a slot that is whole what it holds.
#[expect(clippy::option_option, reason = "a slot that is not whole, one that is empty, and one that is not")]
fn parse(slot: &[u8]) -> Option<Option<String>> {
    let text = std::str::from_utf8(slot).ok()?;
    let checkpoint = text.trim_end_matches(' ');
    if text.len() != SLOT || (!checkpoint.is_empty() && !checkpoint.ends_with('\n')) {
        return None;
    }
    Some(Some(checkpoint.to_owned()).filter(|text| !text.is_empty()))
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn each_checkpoint_has_its_slot_and_any_other_byte_is_no_slot() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(initial().as_bytes()).unwrap();
        for number in 1..=3 {
            write(&mut file, number, &format!("\u{2014} {number}\n")).unwrap();
        }
        let mut content = Vec::new();
        file.seek(SeekFrom::Start(0)).unwrap();
        file.read_to_end(&mut content).unwrap();
        assert_eq!(Slots::read(&content).unwrap().iter().collect::<Vec<_>>(), ["\u{2014} 3\n", "\u{2014} 2\n"]);
        assert_eq!(Slots::read(&content[1..]), None);
        content[SLOT - 1] = b'x';
        assert_eq!(Slots::read(&content), None);
        assert_eq!(Slots::read(initial().as_bytes()).unwrap().iter().count(), 0);
        assert!(write(&mut file, 1, &"x".repeat(SLOT + 1)).is_err());
    }
}
