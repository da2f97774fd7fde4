//! The files of a log that is written to: the segment that batches are added to, and the checkpoints beside it. One process
//! has them at a time.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use drempel_protocols::log::{SignedCheckpoint, SigningKey};

use super::{AuditError, head, line::Line, segment, verify::Verified};
use crate::lock;

/// What a log is written with.
pub(super) struct Writer {
    folder: PathBuf,
    checkpoint: File,
    /// How many checkpoints were named.
    named: usize,
    segment: Option<File>,
    bytes: u64,
}

impl Writer {
    /// Begins a log, unless it has begun, and takes it for this process.
    pub(super) fn lock(folder: &Path) -> Result<Self, AuditError> {
        let io = |error| AuditError::Io { path: folder.to_owned(), error };
        fs::create_dir_all(folder).map_err(io)?;
        begin(folder).map_err(io)?;
        let checkpoint = OpenOptions::new().read(true).write(true).open(folder.join(head::FILE)).map_err(io)?;
        match lock::take(&checkpoint) {
            Ok(()) => Ok(Self { folder: folder.to_owned(), checkpoint, named: 0, segment: None, bytes: 0 }),
            Err(TryLockError::WouldBlock) => Err(AuditError::InUse { path: folder.to_owned() }),
            Err(TryLockError::Error(error)) => Err(io(error)),
        }
    }

    /// Goes on after what was verified: without the bytes that a crash left, and with the last checkpoint named.
    pub(super) fn take_up(&mut self, verified: &Verified, key: &SigningKey) -> io::Result<()> {
        let (segment, bytes) = open_last(&self.folder, verified.torn)?;
        self.segment = Some(segment);
        self.bytes = bytes;
        self.named = verified.checkpoints.len().saturating_sub(usize::from(verified.ahead));
        if verified.ahead {
            let signed =
                SignedCheckpoint::sign(verified.head.size, verified.head.root, key).map_err(io::Error::other)?;
            self.name(&signed.to_string())?;
        }
        Ok(())
    }

    /// Adds records, the first of which has a number, with the checkpoint that signs them, and waits until they are on disk.
    pub(super) fn batch(&mut self, first: u64, mut lines: String, checkpoint: &str) -> io::Result<()> {
        if self.bytes >= segment::FULL {
            self.segment = Some(create_segment(&self.folder, first)?);
            self.bytes = 0;
        }
        let segment = self.segment.as_mut().ok_or(io::ErrorKind::NotFound)?;
        lines.push_str(&Line::Checkpoint(self.named.saturating_add(1), checkpoint).render());
        segment.write_all(lines.as_bytes())?;
        segment.sync_data()?;
        self.bytes = self.bytes.saturating_add(lines.len() as u64);
        Ok(())
    }

    /// Names a checkpoint beside the segments and waits until that is on disk.
    pub(super) fn name(&mut self, checkpoint: &str) -> io::Result<()> {
        self.named = self.named.saturating_add(1);
        head::write(&mut self.checkpoint, self.named, checkpoint)
    }
}

#[cfg(test)]
impl Writer {
    /// From here on there is no room for a batch.
    pub(super) fn fill_disk(&mut self) {
        self.segment = OpenOptions::new().write(true).open("/dev/full").ok();
    }
}

/// Begins a log, unless it has begun. The segment is there before the file of checkpoints, so that one without a segment is
/// never a crash; one cut short while no segment holds a record is one, and is written again.
fn begin(folder: &Path) -> io::Result<()> {
    let segments = segment::list(folder)?.segments;
    let records = segments.iter().any(|(_, path)| fs::metadata(path).is_ok_and(|found| found.len() > 0));
    match fs::metadata(folder.join(head::FILE)) {
        Ok(found) if records || found.len() >= head::initial().len() as u64 => return Ok(()),
        Ok(_) => {}
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Err(_) if !records => {}
        Err(_) => {
            return Err(io::Error::new(
                io::ErrorKind::NotFound,
                "the file checkpoint is missing from a log with records",
            ));
        }
    }
    if segments.is_empty() {
        create_segment(folder, 1)?;
    }
    let mut file = File::create(folder.join(head::FILE))?;
    file.write_all(head::initial().as_bytes())?;
    file.sync_all()?;
    segment::sync_folder(folder)
}

fn create_segment(folder: &Path, first: u64) -> io::Result<File> {
    let file = OpenOptions::new().append(true).create_new(true).open(folder.join(segment::name(first)))?;
    segment::sync_folder(folder)?;
    Ok(file)
}

/// Opens the last segment for appending, without the bytes of a write that a crash cut short.
fn open_last(folder: &Path, torn: u64) -> io::Result<(File, u64)> {
    let segments = segment::list(folder)?.segments;
    let (_, path) = segments
        .last()
        .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "the log has checkpoints and no segment"))?;
    let file = OpenOptions::new().append(true).open(path)?;
    let bytes = file.metadata()?.len().saturating_sub(torn);
    if torn > 0 {
        file.set_len(bytes)?;
    }
    // Also without a torn write: a killed process may have left its last record in memory only.
    file.sync_all()?;
    Ok((file, bytes))
}
