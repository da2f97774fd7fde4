//! Questions on disk: an accepted question and its answer outlive the process. One writer, each change one
//! transaction, synced before it counts; a question found running at start is marked failed, never lost.

use std::{collections::BTreeMap, path::Path};

use drempel_protocols::id::{Digest, Gemeentecode, PurposeId, QuestionId};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params, types::Type};

use super::Status;
use crate::{dispatch::Outcome, registry::State};

/// The schema's steps; `user_version` is how many have been taken.
const SCHEMA: [&str; 5] = [
    include_str!("schema_1.sql"),
    include_str!("schema_2.sql"),
    include_str!("schema_3.sql"),
    include_str!("schema_4.sql"),
    include_str!("schema_5.sql"),
];

/// Why the store could not do something.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite.
    #[error("the store of questions: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// Made by an earlier version, and not opened by this one since.
    #[error("the store of questions is of an earlier version; start the coordinator with this one first")]
    Earlier,
    /// Another took the place of the log of this key before.
    #[error("that is the key of a log whose place another took; what it signs counts no more")]
    Replaced,
    /// Made by a later version.
    #[error("the store of questions has schema {found} and this version knows {known}; use the later version")]
    Newer {
        /// Its schema.
        found: u32,
        /// The last schema known.
        known: usize,
    },
}

/// A question that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its id, the same at every node.
    pub id: QuestionId,
    /// Who asked it.
    pub analyst: String,
    /// The digest of the request, by which a repeat is known.
    pub fingerprint: Digest,
    /// The canonical text.
    pub question: String,
    /// What for.
    pub purpose: PurposeId,
    /// Whether an incomplete answer is wanted.
    pub partial: bool,
    /// When it was accepted.
    pub created: Timestamp,
    /// Where it stands.
    pub status: Status,
}

/// Where a question stands at each gemeente, and why where there is no answer.
pub type Parts = BTreeMap<Gemeentecode, (State, Option<String>)>;

/// The store.
pub struct Store {
    pub(super) connection: Connection,
}

impl Store {
    /// Opens or makes the file, and marks what was running as failed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::with(Connection::open(path)?)
    }

    /// A store in memory, for tests.
    #[cfg(test)]
    pub(crate) fn in_memory() -> Result<Self, StoreError> {
        Self::with(Connection::open_in_memory()?)
    }

    fn with(mut connection: Connection) -> Result<Self, StoreError> {
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", "ON")?;
        connection.pragma_update(None, "trusted_schema", "OFF")?;
        let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if steps(found) > SCHEMA.len() {
            return Err(StoreError::Newer { found, known: SCHEMA.len() });
        }
        let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for step in SCHEMA.iter().skip(steps(found)) {
            change.execute_batch(step)?;
        }
        change.pragma_update(None, "user_version", u32::try_from(SCHEMA.len()).unwrap_or(u32::MAX))?;
        change
            .execute("UPDATE job SET status = ?1 WHERE status = ?2", [Status::Mislukt.name(), Status::Loopt.name()])?;
        change.commit()?;
        Ok(Self { connection })
    }

    /// Adds a question with the gemeenten it will be put to.
    ///
    /// # Errors
    /// [`StoreError`]; also if the analyst has used the key before.
    pub fn add(
        &mut self,
        job: &Job,
        key: Option<&str>,
        asked: impl Iterator<Item = Gemeentecode>,
    ) -> Result<(), StoreError> {
        let change = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        change.execute(
            "INSERT INTO job (id, analyst, key, fingerprint, question, purpose, partial, created, status)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                job.id.to_string(),
                job.analyst,
                key,
                job.fingerprint.to_string(),
                job.question,
                job.purpose.as_str(),
                job.partial,
                job.created.to_string(),
                job.status.name(),
            ],
        )?;
        {
            let mut insert = change.prepare("INSERT INTO part (job, gemeente, state) VALUES (?1, ?2, ?3)")?;
            for gemeente in asked {
                insert.execute([job.id.to_string().as_str(), &gemeente.to_string(), State::Wacht.name()])?;
            }
        }
        change.commit()?;
        Ok(())
    }

    /// Ends a question: its status, its answer if there is one, where it stands at each gemeente, and what each sent.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn finish(
        &mut self,
        id: QuestionId,
        status: Status,
        document: Option<&str>,
        parts: &Parts,
        outcomes: &BTreeMap<Gemeentecode, Outcome>,
    ) -> Result<(), StoreError> {
        let change = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let id = id.to_string();
        change
            .execute("UPDATE job SET status = ?2, document = ?3 WHERE id = ?1", params![id, status.name(), document])?;
        {
            let mut update = change
                .prepare("UPDATE part SET state = ?3, reason = ?4, answer = ?5 WHERE job = ?1 AND gemeente = ?2")?;
            for (gemeente, (state, reason)) in parts {
                let answer = match outcomes.get(gemeente) {
                    Some(Outcome::Answered(answer)) => serde_json::to_string(&answer.1).ok(),
                    _ => None,
                };
                update.execute(params![id, gemeente.to_string(), state.name(), reason, answer])?;
            }
        }
        change.commit()?;
        Ok(())
    }

    /// A question of an analyst, by its id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn job(&self, id: QuestionId, analyst: &str) -> Result<Option<Job>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM job WHERE id = ?1 AND analyst = ?2");
        Ok(self.connection.query_row(&sql, [id.to_string().as_str(), analyst], read_job).optional()?)
    }

    /// A question of an analyst, by the key it was sent with.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn job_with_key(&self, key: &str, analyst: &str) -> Result<Option<Job>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM job WHERE key = ?1 AND analyst = ?2");
        Ok(self.connection.query_row(&sql, [key, analyst], read_job).optional()?)
    }

    /// The answer to a question, in JSON, if it has one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn document(&self, id: QuestionId) -> Result<Option<String>, StoreError> {
        let found = self
            .connection
            .query_row("SELECT document FROM job WHERE id = ?1", [id.to_string()], |row| row.get(0))
            .optional()?;
        Ok(found.flatten())
    }

    /// Where a question stands at each gemeente.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn parts(&self, id: QuestionId) -> Result<Parts, StoreError> {
        let mut select = self.connection.prepare("SELECT gemeente, state, reason FROM part WHERE job = ?1")?;
        let rows = select.query_map([id.to_string()], |row| {
            let state = row.get::<_, String>(1)?;
            let state = State::named(&state).ok_or_else(|| malformed(1, "a state"))?;
            Ok((parsed(row, 0)?, (state, row.get(2)?)))
        })?;
        Ok(rows.collect::<Result<Parts, _>>()?)
    }
}

fn steps(version: u32) -> usize {
    usize::try_from(version).unwrap_or(usize::MAX)
}

const COLUMNS: &str = "id, analyst, fingerprint, question, purpose, partial, created, status";

fn read_job(row: &Row<'_>) -> rusqlite::Result<Job> {
    Ok(Job {
        id: parsed(row, 0)?,
        analyst: row.get(1)?,
        fingerprint: parsed(row, 2)?,
        question: row.get(3)?,
        purpose: parsed(row, 4)?,
        partial: row.get(5)?,
        created: parsed(row, 6)?,
        status: Status::named(&row.get::<_, String>(7)?).ok_or_else(|| malformed(7, "a status"))?,
    })
}

pub(crate) fn parsed<T: std::str::FromStr>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    row.get::<_, String>(column)?.parse().map_err(|_| malformed(column, "a name of the form it was written in"))
}

pub(super) fn malformed(column: usize, expected: &str) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, format!("expected {expected}").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job() -> Job {
        Job {
            id: QuestionId::at(Timestamp::UNIX_EPOCH),
            analyst: "a".to_owned(),
            fingerprint: Digest::of("f", &[]),
            question: "SELECT".to_owned(),
            purpose: "landelijke-monitor".parse().unwrap(),
            partial: false,
            created: Timestamp::UNIX_EPOCH,
            status: Status::Loopt,
        }
    }

    #[test]
    fn a_restart_keeps_what_ended_and_fails_what_ran() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jobs.sqlite");
        let (running, ended) = (job(), job());
        let gemeente: Gemeentecode = "GM0014".parse().unwrap();
        {
            let mut store = Store::open(&path).unwrap();
            store.add(&running, None, [gemeente].into_iter()).unwrap();
            store.add(&ended, Some("key"), [gemeente].into_iter()).unwrap();
            let parts = BTreeMap::from([(gemeente, (State::Geweigerd, Some("declined".to_owned())))]);
            store.finish(ended.id, Status::Onvolledig, Some("{}"), &parts, &BTreeMap::new()).unwrap();
        }
        let store = Store::open(&path).unwrap();
        assert_eq!(store.job(running.id, "a").unwrap().unwrap().status, Status::Mislukt);
        let kept = store.job_with_key("key", "a").unwrap().unwrap();
        assert_eq!(kept, Job { status: Status::Onvolledig, ..ended.clone() });
        assert_eq!(store.document(ended.id).unwrap().as_deref(), Some("{}"));
        let parts = store.parts(ended.id).unwrap();
        assert_eq!(parts[&gemeente], (State::Geweigerd, Some("declined".to_owned())));
        assert_eq!(store.job(ended.id, "b").unwrap(), None);
    }

    #[test]
    fn a_key_is_used_once_by_each_analyst() {
        let mut store = Store::in_memory().unwrap();
        store.add(&job(), Some("key"), std::iter::empty()).unwrap();
        assert!(store.add(&job(), Some("key"), std::iter::empty()).is_err());
        store.add(&Job { analyst: "b".to_owned(), ..job() }, Some("key"), std::iter::empty()).unwrap();
    }

    #[test]
    fn a_later_schema_is_left_alone() {
        let connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(Store::with(connection), Err(StoreError::Newer { found: 99, .. })));
    }
}
