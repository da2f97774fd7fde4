//! How far a log was sent to the gemeente's logboek: a file of its own, written as a whole after each question that was taken.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use drempel_protocols::{log::LogKey, trace::SpanId};
use serde::{Deserialize, Serialize};

use crate::{audit::Verwerking, lock, whole_file};

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
    /// The log is another, or has not that question.
    #[error(
        "{0} is of another log, or of this one before it was put back from a backup. Tell the privacy \
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
    /// Its step of the trace, which is of that record and no other.
    span: SpanId,
}

/// How far it is, while this process may send.
pub struct Stand {
    path: PathBuf,
    log: LogKey,
    through: Option<u64>,
    _lock: File,
}

impl Stand {
    /// Reads how far a log with this key and these questions was sent; nothing was where there is no file.
    ///
    /// # Errors
    /// [`StandError`].
    pub fn open(path: &Path, log: &LogKey, questions: &[Verwerking]) -> Result<Self, StandError> {
        let failed = |error| StandError::File { path: path.to_owned(), error };
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".lock");
        let held = File::create(path.with_file_name(name)).map_err(failed)?;
        lock::take(&held).map_err(|_| StandError::Taken)?;
        let through = Self::read(path, log, questions)?;
        Ok(Self { path: path.to_owned(), log: log.clone(), through, _lock: held })
    }

    /// The first record of the last question of such a log that was taken, whoever is sending.
    ///
    /// # Errors
    /// [`StandError`].
    pub fn read(path: &Path, log: &LogKey, questions: &[Verwerking]) -> Result<Option<u64>, StandError> {
        let text = match fs::read_to_string(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StandError::File { path: path.to_owned(), error }),
            Ok(text) => text,
        };
        let found: Content = serde_json::from_str(&text).map_err(|_| StandError::Content(path.to_owned()))?;
        let is_it = |question: &Verwerking| question.record == found.through && question.span == found.span;
        if found.log != *log || !questions.iter().any(is_it) {
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
    pub fn advance(&mut self, question: &Verwerking) -> Result<(), StandError> {
        let content = Content { log: self.log.clone(), through: question.record, span: question.span };
        let written = serde_json::to_vec(&content).map_err(io::Error::from);
        let written = written.and_then(|json| whole_file::write(&self.path, &json));
        written.map_err(|error| StandError::File { path: self.path.clone(), error })?;
        self.through = Some(question.record);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use drempel_protocols::log::{Kind, SigningKey};
    use ring::{rand::SystemRandom, signature::Ed25519KeyPair};

    use super::*;
    use crate::audit::{Became, verwerking};

    fn key() -> LogKey {
        let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        SigningKey::from_pkcs8("drempel/GM0014", Kind::Log, made.as_ref()).unwrap().public().clone()
    }

    #[test]
    fn it_goes_on_where_it_was_with_the_same_log_only() {
        let folder = tempfile::tempdir().unwrap();
        let (path, log) = (folder.path().join("logboek.json"), key());
        let question = |record, span| {
            let question = verwerking(Became::Answered, None);
            Verwerking { record, span: SpanId::of([span; 8]).unwrap(), ..question }
        };
        let all = [question(3, 1), question(7, 2), question(9, 3)];
        let mut stand = Stand::open(&path, &log, &all).unwrap();
        assert_eq!(stand.through(), None);
        stand.advance(&all[0]).unwrap();
        stand.advance(&all[1]).unwrap();
        assert!(matches!(Stand::open(&path, &log, &all), Err(StandError::Taken)));
        drop(stand);
        assert_eq!(Stand::open(&path, &log, &all).unwrap().through(), Some(7));
        let gone_on = [question(3, 1), question(7, 4), question(9, 5)];
        for other in [&all[..1], &gone_on] {
            assert!(matches!(Stand::open(&path, &log, other), Err(StandError::OtherLog(_))), "it was put back");
        }
        assert!(matches!(Stand::open(&path, &key(), &all), Err(StandError::OtherLog(_))));
        fs::write(&path, "{}").unwrap();
        assert!(matches!(Stand::open(&path, &log, &all), Err(StandError::Content(_))));
    }
}
