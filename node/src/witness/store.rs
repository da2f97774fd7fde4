//! What a node keeps of logs, in SQLite: a change is on disk when it returns, and what was seen of a log never goes back.
//! Whoever loses the file is another witness: a key cosigns by the file that it was made with, and by no other.

use std::{
    fs::OpenOptions,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use drempel_protocols::log::{LogHead, LogKey, Seen, SignedCheckpoint, WitnessKey};
use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, TransactionBehavior, params};

use super::WitnessError;

const SCHEMA: [&str; 3] = [include_str!("schema_1.sql"), include_str!("schema_2.sql"), include_str!("schema_3.sql")];
/// The step that made the table of contradictions.
const CONTRADICTIONS: usize = 2;

/// What a witness cosigned last of the own log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosigned {
    /// Who.
    pub key: WitnessKey,
    /// How far the log went.
    pub head: LogHead,
    /// When, as the witness says.
    pub time: Timestamp,
    /// The checkpoint, with the signatures of the log and the witness.
    pub checkpoint: String,
}

/// A checkpoint that the own log signed and did not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// Which witness had cosigned it.
    pub witness: String,
    /// How far the log went.
    pub head: LogHead,
    /// The checkpoint, with the signatures that it came with.
    pub checkpoint: String,
}

/// The open file.
pub(super) struct Store {
    path: PathBuf,
    connection: Connection,
}

impl Store {
    /// Opens or makes the file.
    pub(super) fn open(path: &Path) -> Result<Self, WitnessError> {
        let file = |error| WitnessError::File { path: path.to_owned(), error };
        OpenOptions::new().append(true).create(true).mode(0o600).open(path).map_err(file)?;
        let sqlite = |error| WitnessError::Sqlite { path: path.to_owned(), error };
        Self::begin(path, Connection::open(path).map_err(sqlite)?)
    }

    fn begin(path: &Path, mut connection: Connection) -> Result<Self, WitnessError> {
        let sqlite = |error| WitnessError::Sqlite { path: path.to_owned(), error };
        connection.busy_timeout(Duration::from_secs(5)).map_err(sqlite)?;
        for (name, value) in [("journal_mode", "WAL"), ("synchronous", "FULL"), ("trusted_schema", "OFF")] {
            connection.pragma_update(None, name, value).map_err(sqlite)?;
        }
        let found = steps(&connection).map_err(sqlite)?;
        if found > SCHEMA.len() {
            return Err(WitnessError::Newer { path: path.to_owned() });
        }
        let change = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sqlite)?;
        for step in SCHEMA.iter().skip(found) {
            change.execute_batch(step).map_err(sqlite)?;
        }
        let known = u32::try_from(SCHEMA.len()).unwrap_or(u32::MAX);
        change.pragma_update(None, "user_version", known).map_err(sqlite)?;
        change.commit().map_err(sqlite)?;
        Ok(Self { path: path.to_owned(), connection })
    }

    /// Opens the file of a node that may be running, to be read.
    pub(super) fn look(path: &Path) -> Result<Self, WitnessError> {
        let sqlite = |error| WitnessError::Sqlite { path: path.to_owned(), error };
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(sqlite)?;
        Ok(Self { path: path.to_owned(), connection })
    }

    /// Whether a key is one that cosigned by what is kept here.
    pub(super) fn is_of(&self, key: &LogKey) -> Result<bool, WitnessError> {
        // What an earlier version saw does not say by which key, and there was one.
        let sql = "SELECT EXISTS (SELECT 1 FROM own_key WHERE key = ?1)
                       OR (NOT EXISTS (SELECT 1 FROM own_key) AND EXISTS (SELECT 1 FROM seen))";
        self.connection.query_row(sql, [key.to_string()], |row| row.get(0)).map_err(|error| self.sqlite(error))
    }

    /// Takes a key for one that cosigns by what is kept here.
    pub(super) fn take(&self, key: &LogKey) -> Result<(), WitnessError> {
        let sql = "INSERT OR IGNORE INTO own_key (key) VALUES (?1)";
        self.connection.execute(sql, [key.to_string()]).map(drop).map_err(|error| self.sqlite(error))
    }

    /// What was seen of a log.
    pub(super) fn seen(&self, log: &str) -> Result<Option<Seen>, WitnessError> {
        let sql = "SELECT key, checkpoint FROM seen WHERE log = ?1";
        let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
        let found = self.connection.query_row(sql, [log], row).optional().map_err(|error| self.sqlite(error))?;
        let Some((key, checkpoint)) = found else { return Ok(None) };
        let key: LogKey = key.parse().map_err(|_| self.corrupt())?;
        Ok(Some(Seen::open(key, &checkpoint).map_err(|_| self.corrupt())?))
    }

    /// Takes a log for that of a key from now on. What was seen of it under another is seen no more. The other, where it was one.
    pub(super) fn pin(&mut self, log: &LogKey) -> Result<Option<LogKey>, WitnessError> {
        let seen = self.seen(log.name())?.map(|seen| seen.key().clone()).filter(|key| key != log);
        let path = self.path.clone();
        let row = [log.name().to_owned(), log.to_string()];
        let mut change = || -> rusqlite::Result<bool> {
            let change = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let sql = "SELECT EXISTS (SELECT 1 FROM replaced WHERE log = ?1 AND key = ?2)";
            if change.query_row(sql, row.clone(), |row| row.get(0))? {
                return Ok(false);
            }
            let sql = "INSERT OR IGNORE INTO replaced (log, key, checkpoint)
                       SELECT log, key, checkpoint FROM seen WHERE log = ?1 AND key <> ?2";
            change.execute(sql, row.clone())?;
            change.execute("INSERT OR REPLACE INTO pinned (log, key) VALUES (?1, ?2)", row.clone())?;
            change.execute("DELETE FROM seen WHERE log = ?1 AND key <> ?2", row.clone())?;
            change.commit().map(|()| true)
        };
        let is_pinned = change().map_err(|error| WitnessError::Sqlite { path, error })?;
        if is_pinned { Ok(seen) } else { Err(WitnessError::Replaced) }
    }

    /// Forgets what was cosigned of the own log and what contradicted it: there is another from now on.
    pub(super) fn forget_own(&mut self) -> Result<(), WitnessError> {
        let path = self.path.clone();
        let mut change = || -> rusqlite::Result<()> {
            let change = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            change.execute("DELETE FROM cosigned", [])?;
            change.execute("DELETE FROM contradiction", [])?;
            change.commit()
        };
        change().map_err(|error| WitnessError::Sqlite { path, error })
    }

    /// Keeps what is seen of a log now, and says whether that is the log that somebody here has named by now.
    pub(super) fn see(&self, log: &LogKey, checkpoint: &SignedCheckpoint) -> Result<bool, WitnessError> {
        let sql = "INSERT INTO seen (log, key, checkpoint)
                   SELECT ?1, ?2, ?3 WHERE NOT EXISTS (SELECT 1 FROM pinned WHERE log = ?1 AND key <> ?2)
                   ON CONFLICT (log) DO UPDATE SET checkpoint = ?3 WHERE seen.key = ?2";
        let row = params![log.name(), log.to_string(), checkpoint.to_string()];
        self.connection.execute(sql, row).map(|rows| rows > 0).map_err(|error| self.sqlite(error))
    }

    /// Keeps what a witness cosigned of a log that has so many records, unless it cosigned more. As much as before is kept as of
    /// later only if it is of all: who carries the log could show a witness the same records again and again, and none after.
    pub(super) fn keep(&self, cosigned: &Cosigned, records: u64) -> Result<(), WitnessError> {
        let Cosigned { key, head, time, checkpoint } = cosigned;
        let is_newer = self.cosigned()?.iter().filter(|kept| kept.key == *key).all(|kept| {
            head.size > kept.head.size || (head.size == records && head == &kept.head && *time > kept.time)
        });
        if !is_newer {
            return Ok(());
        }
        let sql = "INSERT OR REPLACE INTO cosigned (key, head, time, checkpoint) VALUES (?1, ?2, ?3, ?4)";
        let row = params![key.to_string(), head.to_string(), time.as_second(), checkpoint];
        self.connection.execute(sql, row).map(drop).map_err(|error| self.sqlite(error))
    }

    /// What was cosigned of the own log, the last of each witness.
    pub(super) fn cosigned(&self) -> Result<Vec<Cosigned>, WitnessError> {
        let read = || {
            let mut select =
                self.connection.prepare("SELECT key, head, time, checkpoint FROM cosigned ORDER BY key")?;
            let row = |row: &rusqlite::Row<'_>| {
                let text = |column| row.get::<_, String>(column);
                Ok((text(0)?, text(1)?, row.get::<_, i64>(2)?, text(3)?))
            };
            select.query_map([], row)?.collect::<rusqlite::Result<Vec<_>>>()
        };
        let rows = read().map_err(|error| self.sqlite(error))?;
        let parsed = |(key, head, time, checkpoint): (String, String, i64, String)| {
            let (key, head) = (key.parse().ok()?, head.parse().ok()?);
            Some(Cosigned { key, head, time: Timestamp::from_second(time).ok()?, checkpoint })
        };
        rows.into_iter().map(parsed).collect::<Option<_>>().ok_or_else(|| self.corrupt())
    }

    /// Keeps what contradicts the own log.
    pub(super) fn contradict(&self, contradiction: &Contradiction) -> Result<(), WitnessError> {
        let Contradiction { witness, head, checkpoint } = contradiction;
        let sql = "INSERT OR REPLACE INTO contradiction (witness, head, checkpoint) VALUES (?1, ?2, ?3)";
        let row = params![witness, head.to_string(), checkpoint];
        self.connection.execute(sql, row).map(drop).map_err(|error| self.sqlite(error))
    }

    /// What contradicted the own log.
    pub(super) fn contradictions(&self) -> Result<Vec<Contradiction>, WitnessError> {
        let read = || {
            // An earlier version wrote none.
            if steps(&self.connection)? < CONTRADICTIONS {
                return Ok(Vec::new());
            }
            let sql = "SELECT witness, head, checkpoint FROM contradiction ORDER BY witness";
            let mut select = self.connection.prepare(sql)?;
            let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
            select.query_map([], row)?.collect::<rusqlite::Result<Vec<(String, String, String)>>>()
        };
        let rows = read().map_err(|error| self.sqlite(error))?;
        let parsed = |(witness, head, checkpoint): (String, String, String)| {
            Some(Contradiction { witness, head: head.parse().ok()?, checkpoint })
        };
        rows.into_iter().map(parsed).collect::<Option<_>>().ok_or_else(|| self.corrupt())
    }

    fn sqlite(&self, error: rusqlite::Error) -> WitnessError {
        WitnessError::Sqlite { path: self.path.clone(), error }
    }

    fn corrupt(&self) -> WitnessError {
        WitnessError::Corrupt { path: self.path.clone() }
    }
}

/// How many steps of the schema a file has taken.
fn steps(connection: &Connection) -> rusqlite::Result<usize> {
    let version: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}
