//! Segments: the files that hold the records, in order. A segment is named after its first record.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// A segment is closed once it is this large; the next record starts another.
pub(super) const FULL: u64 = 64 * 1024 * 1024;

/// The file name of the segment that begins with a record.
pub(super) fn name(first: u64) -> String {
    format!("{first:020}.jsonl")
}

/// What a folder holds.
pub(super) struct Listing {
    /// The segments in order, each with the number of its first record.
    pub(super) segments: Vec<(u64, PathBuf)>,
    /// The names of files that do not belong there.
    pub(super) strangers: Vec<String>,
}

/// Looks what a folder holds.
pub(super) fn list(folder: &Path) -> io::Result<Listing> {
    let (mut segments, mut strangers) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let found = entry.file_name().to_string_lossy().into_owned();
        let first = found.strip_suffix(".jsonl").and_then(|number| number.parse::<u64>().ok());
        // A pipe or a link could have no end.
        let first = first.filter(|_| entry.file_type().is_ok_and(|of| of.is_file()));
        match first {
            Some(first) if name(first) == found => segments.push((first, entry.path())),
            _ if found == super::head::FILE => {}
            _ => strangers.push(found),
        }
    }
    segments.sort();
    strangers.sort();
    Ok(Listing { segments, strangers })
}

/// Makes the entries of a folder durable.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
