//! Removing answers from a log that is written to: first the record that says so, then the answers. Whatever ends this in
//! between, the log is whole, and the next time goes on with what was left.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::PoisonError,
};

use jiff::Timestamp;

use super::{AuditLog, commit::Closing};
use crate::audit::{
    AuditError,
    record::Event,
    removed::{Removed, last_before},
    segment,
    standing::{self, Standing},
    writer::Writer,
};

impl AuditLog {
    /// Removes the answers of before a moment from beside their records, and what an earlier time left of those that it said
    /// to remove. What was removed in all, if anything ever was.
    ///
    /// # Errors
    /// [`AuditError`]; the log is whole, and the next time goes on with what is left.
    pub fn remove_answers(&self, before: Timestamp) -> Result<Option<Removed>, AuditError> {
        let _one_at_a_time = self.removing.lock().unwrap_or_else(PoisonError::into_inner);
        let io = |error| AuditError::Io { path: self.folder.clone(), error };
        if let Some(through) = self.last_answer(before).map_err(io)? {
            self.append(Event::AnswersRemoved { through, before })?;
        }
        let Some(removed) = self.removed() else { return Ok(None) };
        self.forget_standing(removed.through).map_err(io)?;
        let segments = segment::list(&self.folder).map_err(io)?.segments;
        // No record is written to one that another follows.
        let followed = segments.iter().zip(segments.iter().skip(1)).map(|(segment, _)| segment);
        for (first, path) in followed.take_while(|(first, _)| *first <= removed.through) {
            if let Some(without) = removed.without(&fs::read(path).map_err(io)?, *first) {
                let new = self.written(path, &without).map_err(io)?;
                fs::rename(&new, path).and_then(|()| segment::sync_folder(&self.folder)).map_err(io)?;
            }
        }
        if let Some((first, path)) = segments.last().filter(|(first, _)| *first <= removed.through) {
            self.remove_from_last(*first, path, removed)?;
        }
        Ok(Some(removed))
    }

    /// What the last record that removes answers says; none if there is none.
    #[must_use]
    pub fn removed(&self) -> Option<Removed> {
        self.state().memory.removed
    }

    /// The last record with an answer of before a moment, after those that were removed.
    fn last_answer(&self, before: Timestamp) -> io::Result<Option<u64>> {
        let through = self.removed().map_or(0, |removed| removed.through);
        let segments = segment::list(&self.folder)?.segments;
        let from = segments.partition_point(|(first, _)| *first <= through.saturating_add(1)).saturating_sub(1);
        let mut last = None;
        for (_, path) in segments.iter().skip(from) {
            let (found, goes_on) = last_before(&fs::read(path)?, before);
            last = found.or(last);
            if !goes_on {
                break;
            }
        }
        Ok(last.filter(|last| *last > through))
    }

    /// From the segment that was the last one, while nobody writes.
    fn remove_from_last(&self, first: u64, path: &Path, removed: Removed) -> Result<(), AuditError> {
        let io = |error| AuditError::Io { path: self.folder.clone(), error };
        let mut state = self.state();
        let mut writer = loop {
            if state.poisoned {
                return Err(AuditError::Poisoned);
            }
            match state.writer.take() {
                Some(writer) => break writer,
                None => state = self.written.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        };
        drop(state);
        let closing = Closing { log: self, done: false };
        let replaced = fs::read(path).and_then(|content| {
            let without = removed.without(&content, first);
            without.map(|without| self.written(path, &without)).transpose()
        });
        // Until its name is given to another file nothing has changed, and the log goes on.
        let done = match replaced {
            Ok(Some(new)) => {
                writer.replace(&new, path).map_err(io)?;
                Ok(())
            }
            Ok(None) => Ok(()),
            Err(error) => Err(io(error)),
        };
        closing.done();
        self.give_back(writer);
        done
    }

    fn give_back(&self, writer: Writer) {
        self.state().writer = Some(writer);
        self.written.notify_all();
    }

    /// A file beside the folder with what is to be in one of its segments, on disk.
    fn written(&self, segment: &Path, content: &[u8]) -> io::Result<PathBuf> {
        let mut name = self.folder.file_name().unwrap_or_default().to_owned();
        name.push(".removing");
        let path = self.folder.with_file_name(name);
        let written = OpenOptions::new().write(true).create(true).truncate(true).open(&path).and_then(|mut file| {
            file.set_permissions(fs::metadata(segment)?.permissions())?;
            file.write_all(content)?;
            file.sync_all()
        });
        // On a disk that is full it would be in the way of the log.
        written.inspect_err(|_| fs::remove_file(&path).unwrap_or_default())?;
        Ok(path)
    }

    /// Removes the standing if it has one of these answers: the next start reads the whole log for it.
    fn forget_standing(&self, through: u64) -> io::Result<()> {
        let _nobody_writes_it = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        let path = standing::path(&self.folder);
        let read = Standing::read(&path, self.key.public());
        if read.is_ok_and(|read| read.memory.replays.first_answer().is_none_or(|first| first > through)) {
            return Ok(());
        }
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
