//! The files of a log that is written to: the segment that batches are added to, and the checkpoints beside it. One process
//! has them at a time.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write as _},
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
};

use super::{
    AuditError,
    head::{self, Slots},
    line::Line,
    segment,
    verify::{Finding, Verified},
};
use crate::lock;

/// What a log is written with.
pub(super) struct Writer {
    folder: PathBuf,
    checkpoint: File,
    /// How many checkpoints were named.
    named: usize,
    segment: Option<File>,
    bytes: u64,
    /// From how many bytes on the next batch begins another segment.
    full: u64,
}

impl Writer {
    /// Takes a log for this process, and begins it unless it has begun.
    pub(super) fn lock(folder: &Path) -> Result<Self, AuditError> {
        let io = |error| AuditError::Io { path: folder.to_owned(), error };
        fs::create_dir_all(folder).map_err(io)?;
        let path = folder.join(head::FILE);
        if has_records(folder).map_err(io)? && !fs::exists(&path).map_err(io)? {
            return Err(AuditError::Broken(Finding::Head));
        }
        let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
        let mut checkpoint = opened.map_err(io)?;
        match lock::take(&checkpoint) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(AuditError::InUse { path: folder.to_owned() }),
            Err(TryLockError::Error(error)) => return Err(io(error)),
        }
        begin(folder, &mut checkpoint).map_err(io)?;
        let folder = folder.to_owned();
        Ok(Self { folder, checkpoint, named: 0, segment: None, bytes: 0, full: segment::FULL })
    }

    /// Goes on after what was verified: without the bytes that a crash left, and with the last checkpoint named.
    pub(super) fn take_up(&mut self, verified: &Verified) -> io::Result<()> {
        let (segment, bytes) = open_last(&self.folder, verified)?;
        self.segment = Some(segment);
        self.bytes = bytes;
        self.named = verified.checkpoints.count().saturating_sub(usize::from(verified.ahead));
        if let Some(checkpoint) = verified.checkpoint.as_deref().filter(|_| verified.ahead) {
            self.name(checkpoint)?;
        }
        if self.bytes >= self.full { self.begin_segment(verified.head.size.saturating_add(1)) } else { Ok(()) }
    }

    /// Whether these records are the last of their segment.
    pub(super) fn ends_with(&self, lines: &str) -> bool {
        self.bytes.saturating_add(lines.len() as u64) >= self.full
    }

    /// Begins another segment with the next record, once everything before it is on disk and named.
    pub(super) fn begin_segment(&mut self, first: u64) -> io::Result<()> {
        self.segment = Some(create_segment(&self.folder, first)?);
        self.bytes = 0;
        Ok(())
    }

    /// Adds records, with the checkpoint that signs them, and waits until they are on disk.
    pub(super) fn batch(&mut self, mut lines: String, checkpoint: &str) -> io::Result<()> {
        let segment = self.segment.as_mut().ok_or(io::ErrorKind::NotFound)?;
        lines.push_str(&Line::Checkpoint(self.named.saturating_add(1), checkpoint.into()).render());
        segment.write_all(lines.as_bytes())?;
        segment.sync_data()?;
        self.bytes = self.bytes.saturating_add(lines.len() as u64);
        Ok(())
    }

    /// Goes on in another file, which takes the place and the name of the segment if that is still this one.
    pub(super) fn replace(&mut self, new: &Path, segment: &Path) -> io::Result<()> {
        fs::rename(new, segment)?;
        segment::sync_folder(&self.folder)?;
        if segment::list(&self.folder)?.segments.last().is_some_and(|(_, path)| path == segment) {
            let file = OpenOptions::new().append(true).open(segment)?;
            self.bytes = file.metadata()?.len();
            self.segment = Some(file);
        }
        Ok(())
    }

    /// Names a checkpoint beside the segments and waits until that is on disk.
    pub(super) fn name(&mut self, checkpoint: &str) -> io::Result<()> {
        self.named = self.named.saturating_add(1);
        head::write(&mut self.checkpoint, self.named, checkpoint)
    }
}

/// Begins a log, unless it has begun. The segment is there before the file of checkpoints is right, so that one without a
/// segment is never a crash; one that is not right while no segment holds a record is one, and is written again.
fn begin(folder: &Path, checkpoint: &mut File) -> io::Result<()> {
    if has_records(folder)? || Slots::read(&head::content(folder)?).is_some() {
        return Ok(());
    }
    if segment::list(folder)?.segments.is_empty() {
        create_segment(folder, 1)?;
    }
    checkpoint.set_len(0)?;
    checkpoint.write_all(head::initial().as_bytes())?;
    checkpoint.sync_all()?;
    segment::sync_folder(folder)?;
    folder.parent().map_or(Ok(()), segment::sync_folder)
}

fn has_records(folder: &Path) -> io::Result<bool> {
    let segments = segment::list(folder)?.segments;
    Ok(segments.iter().any(|(_, path)| fs::metadata(path).is_ok_and(|found| found.len() > 0)))
}

fn create_segment(folder: &Path, first: u64) -> io::Result<File> {
    let file = OpenOptions::new().append(true).create_new(true).open(folder.join(segment::name(first)))?;
    segment::sync_folder(folder)?;
    Ok(file)
}

/// Opens the last segment for appending, without the bytes of a write that a crash cut short. What was written last and is
/// not named was perhaps never synced, and a disk that failed to do so does not try again by itself: it is written anew.
fn open_last(folder: &Path, verified: &Verified) -> io::Result<(File, u64)> {
    let none = || io::Error::new(io::ErrorKind::NotFound, "the log has checkpoints and no segment");
    let (_, path) = segment::list(folder)?.segments.pop().ok_or_else(none)?;
    let mut file = OpenOptions::new().read(true).append(true).open(path)?;
    let whole = file.metadata()?.len().saturating_sub(verified.torn);
    if verified.ahead {
        let before = whole.saturating_sub(verified.last_bytes);
        let mut last = vec![0; usize::try_from(whole.saturating_sub(before)).map_err(io::Error::other)?];
        file.read_exact_at(&mut last, before)?;
        file.set_len(before)?;
        file.write_all(&last)?;
    } else {
        file.set_len(whole)?;
    }
    file.sync_all()?;
    Ok((file, whole))
}

#[cfg(test)]
impl Writer {
    /// Another segment from so many bytes on.
    pub(super) fn roll_at(&mut self, full: u64) {
        self.full = full;
    }

    /// From here on there is no room for a batch.
    pub(super) fn fill_disk(&mut self) {
        self.segment = OpenOptions::new().write(true).open("/dev/full").ok();
    }
}
