//! How far a log was sent to the gemeente's logboek: a file of its own, written as a whole after each question that was taken.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use drempel_protocols::log::LogKey;
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::lock;

/// Why it is not known how far it is.
#[derive(Debug, thiserror::Error)]
pub enum StandError {
    /// The file cannot be read or written.
    #[error("cannot use {path}: {error}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Another process is sending.
    #[error("another process is sending to the logboek")]
    Taken,
    /// The file is none of ours.
    #[error("{0} does not say how far a log was sent; without it everything is sent again")]
    Content(PathBuf),
    /// The log is another, or not as far as it was.
    #[error(
        "{0} is of another log, or of this one when it went further: the log was put back from before. Tell the privacy \
         officer; without that file everything is sent again"
    )]
    OtherLog(PathBuf),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    log: LogKey,
    /// The first record of the last question that was taken.
    through: u64,
}

/// How far it is, while this process may send.
pub struct Stand {
    path: PathBuf,
    log: LogKey,
    through: Option<u64>,
    _lock: File,
}

impl Stand {
    /// Reads how far a log with this key and this many records was sent; nothing was where there is no file.
    ///
    /// # Errors
    /// [`StandError`].
    pub fn open(path: &Path, log: &LogKey, records: u64) -> Result<Self, StandError> {
        let failed = |error| StandError::File { path: path.to_owned(), error };
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".lock");
        let held = File::create(path.with_file_name(name)).map_err(failed)?;
        lock::take(&held).map_err(|_| StandError::Taken)?;
        let through = Self::read(path, log, records)?;
        Ok(Self { path: path.to_owned(), log: log.clone(), through, _lock: held })
    }

    /// The first record of the last question of such a log that was taken, whoever is sending.
    ///
    /// # Errors
    /// [`StandError`].
    pub fn read(path: &Path, log: &LogKey, records: u64) -> Result<Option<u64>, StandError> {
        let text = match fs::read_to_string(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StandError::File { path: path.to_owned(), error }),
            Ok(text) => text,
        };
        let found: Content = serde_json::from_str(&text).map_err(|_| StandError::Content(path.to_owned()))?;
        if found.log != *log || found.through >= records {
            return Err(StandError::OtherLog(path.to_owned()));
        }
        Ok(Some(found.through))
    }

    /// The first record of the last question that was taken.
    #[must_use]
    pub fn through(&self) -> Option<u64> {
        self.through
    }

    /// Keeps that a question was taken.
    ///
    /// # Errors
    /// [`StandError`]; it is sent again then.
    pub fn advance(&mut self, through: u64) -> Result<(), StandError> {
        let content = Content { log: self.log.clone(), through };
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let write = || {
            let mut new = NamedTempFile::new_in(folder)?;
            serde_json::to_writer(&mut new, &content)?;
            new.write_all(b"\n")?;
            new.as_file().sync_all()?;
            new.persist(&self.path)?;
            File::open(folder)?.sync_all()
        };
        write().map_err(|error: io::Error| StandError::File { path: self.path.clone(), error })?;
        self.through = Some(through);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use drempel_protocols::log::{Kind, SigningKey};
    use ring::{rand::SystemRandom, signature::Ed25519KeyPair};

    use super::*;

    fn key() -> LogKey {
        let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        SigningKey::from_pkcs8("drempel/GM0014", Kind::Log, made.as_ref()).unwrap().public().clone()
    }

    #[test]
    fn it_goes_on_where_it_was_with_the_same_log_only() {
        let folder = tempfile::tempdir().unwrap();
        let (path, log) = (folder.path().join("logboek.json"), key());
        let mut stand = Stand::open(&path, &log, 9).unwrap();
        assert_eq!(stand.through(), None);
        stand.advance(3).unwrap();
        stand.advance(7).unwrap();
        assert!(matches!(Stand::open(&path, &log, 9), Err(StandError::Taken)));
        drop(stand);
        assert_eq!(Stand::open(&path, &log, 8).unwrap().through(), Some(7));
        assert!(matches!(Stand::open(&path, &log, 7), Err(StandError::OtherLog(_))), "it has no record 7");
        assert!(matches!(Stand::open(&path, &key(), 9), Err(StandError::OtherLog(_))));
        fs::write(&path, "{}").unwrap();
        assert!(matches!(Stand::open(&path, &log, 9), Err(StandError::Content(_))));
    }
}
