//! A log that another takes the place of: kept as it is under another name, with nothing lost and nothing that reads it.

use std::{
    fs::{self, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

use super::{AuditError, head, key, segment, standing};
use crate::lock;

/// Gives the folder of a log another name beside it, and says which; it is made empty where there is no log. No node may be
/// running.
///
/// # Errors
/// [`AuditError`].
pub fn set_log_aside(folder: &Path) -> Result<PathBuf, AuditError> {
    let io = |error| AuditError::Io { path: folder.to_owned(), error };
    // Held until the folder has its other name.
    let held = match OpenOptions::new().read(true).write(true).open(folder.join(head::FILE)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        opened => Some(opened.map_err(io)?),
    };
    match held.as_ref().map_or(Ok(()), lock::take) {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(AuditError::InUse { path: folder.to_owned() }),
        Err(TryLockError::Error(error)) => return Err(io(error)),
    }
    let aside = key::free_name(folder).map_err(io)?;
    if fs::exists(folder).map_err(io)? {
        fs::rename(folder, &aside).map_err(io)?;
    } else {
        fs::create_dir_all(&aside).map_err(io)?;
    }
    match fs::remove_file(standing::path(folder)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io(error)),
        _ => {}
    }
    segment::sync_folder(folder.parent().unwrap_or_else(|| Path::new("."))).map_err(io)?;
    Ok(aside)
}
