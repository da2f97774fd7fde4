//! A log that another takes the place of: kept as it is under another name, with nothing lost and nothing that reads it.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

use super::{AuditError, head, key, standing};
use crate::{lock, whole_file};

/// A log that nobody writes to while this is held.
pub struct Claimed {
    folder: PathBuf,
    _held: Option<File>,
}

impl Claimed {
    /// Of a log that can be there or not, and whole or not.
    ///
    /// # Errors
    /// [`AuditError`], as where a node is running.
    pub fn of(folder: &Path) -> Result<Self, AuditError> {
        let io = |error| AuditError::Io { path: folder.to_owned(), error };
        let held = match OpenOptions::new().read(true).write(true).open(folder.join(head::FILE)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            opened => Some(opened.map_err(io)?),
        };
        match held.as_ref().map_or(Ok(()), lock::take) {
            Ok(()) => Ok(Self { folder: folder.to_owned(), _held: held }),
            Err(TryLockError::WouldBlock) => Err(AuditError::InUse { path: folder.to_owned() }),
            Err(TryLockError::Error(error)) => Err(io(error)),
        }
    }

    /// Gives the folder another name beside it, and says which; it is made empty where there is no log.
    ///
    /// # Errors
    /// [`AuditError`].
    pub fn set_aside(self) -> Result<PathBuf, AuditError> {
        let io = |error| AuditError::Io { path: self.folder.clone(), error };
        let aside = key::free_name(&self.folder).map_err(io)?;
        if fs::exists(&self.folder).map_err(io)? {
            fs::rename(&self.folder, &aside).map_err(io)?;
        } else {
            fs::create_dir_all(&aside).map_err(io)?;
        }
        match fs::remove_file(standing::path(&self.folder)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io(error)),
            _ => {}
        }
        whole_file::sync_folder_of(&self.folder).map_err(io)?;
        Ok(aside)
    }
}
