//! Who asks, according to the coordinators: each person has a key here, and in the log the pseudonym that it makes of the name.
//! Once a key is erased nobody can say whose the pseudonym was, and the log stays as it is. Nothing else of a node keeps a
//! name. A key is said to be erased once it is out of the file and its journal; in backups, which the gemeente keeps, it stays.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::OpenOptions,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::civil::Date;
use ring::rand::{SecureRandom as _, SystemRandom};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, TransactionBehavior, params};
use serde::Serialize;

use crate::decision::Pseudonym;

/// The only schema that this version writes and reads. `erased` has what is erased and not in the log yet.
const SCHEMA: &str = "
CREATE TABLE asker (name TEXT PRIMARY KEY, key BLOB NOT NULL, last_day TEXT NOT NULL) STRICT;
CREATE TABLE erased (pseudonym TEXT PRIMARY KEY) STRICT;
PRAGMA user_version = 1;
";

/// Why it is not known who asks. Then nothing is answered, because it could not be logged.
#[derive(Debug, thiserror::Error)]
pub enum AskersError {
    /// The file cannot be made or opened.
    #[error("cannot use {}, in which it stands who asked: {error}", path.display())]
    File {
        /// Where.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The file cannot be read or written.
    #[error("cannot use {}, in which it stands who asked: {error}", path.display())]
    Sqlite {
        /// Where.
        path: PathBuf,
        /// Why.
        error: rusqlite::Error,
    },
    /// A later version wrote it.
    #[error("{} was written by a later version; use that", path.display())]
    Newer {
        /// Where.
        path: PathBuf,
    },
    /// Somebody reads the file for so long that a key that is erased stays in its journal.
    #[error(
        "a key is erased, and still in the journal of {}, which somebody reads; a node that runs tries again",
        path.display()
    )]
    Journal {
        /// Where.
        path: PathBuf,
    },
    /// There are no random bytes, or a key is none.
    #[error("a key for who asks cannot be made or read")]
    Key,
}

/// Somebody who asked, as far as that is still known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Asker {
    /// By this name, according to the coordinator.
    Named(String),
    /// The key is erased, or is not of this reader.
    Erased(Pseudonym),
}

impl Asker {
    /// The name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(name),
            Self::Erased(_) => None,
        }
    }
}

/// The names of those whose key is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names(BTreeMap<Pseudonym, String>);

impl Names {
    /// By the file of a node, which may be running; none where there is no file.
    ///
    /// # Errors
    /// [`AskersError`].
    pub fn read(path: &Path) -> Result<Self, AskersError> {
        if !path.exists() {
            return Ok(Self::default());
        }
        let opened = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY);
        let sqlite = |error| AskersError::Sqlite { path: path.to_owned(), error };
        Self::of_all(&opened.map_err(sqlite)?).map_err(sqlite)
    }

    fn of_all(connection: &Connection) -> rusqlite::Result<Self> {
        Self::those(connection, "?1 IS NULL", None)
    }

    /// Of those who are so.
    fn those(connection: &Connection, which: &str, of: Option<&str>) -> rusqlite::Result<Self> {
        let mut those = connection.prepare(&format!("SELECT name, key FROM asker WHERE {which}"))?;
        let named = |row: &rusqlite::Row<'_>| {
            let (name, key): (String, [u8; 32]) = (row.get(0)?, row.get(1)?);
            Ok((Pseudonym::of(&name, &key), name))
        };
        let those = those.query_map([of], named)?.collect::<rusqlite::Result<_>>()?;
        Ok(Self(those))
    }

    /// Whose a pseudonym is.
    #[must_use]
    pub fn of(&self, pseudonym: &Pseudonym) -> Asker {
        self.0.get(pseudonym).map_or_else(|| Asker::Erased(pseudonym.clone()), |name| Asker::Named(name.clone()))
    }
}

/// The open file.
pub struct Askers {
    path: PathBuf,
    connection: Mutex<Connection>,
}

impl Askers {
    /// Opens or makes the file.
    ///
    /// # Errors
    /// [`AskersError`].
    pub fn open(path: &Path) -> Result<Self, AskersError> {
        let file = |error| AskersError::File { path: path.to_owned(), error };
        OpenOptions::new().append(true).create(true).mode(0o600).open(path).map_err(file)?;
        let sqlite = |error| AskersError::Sqlite { path: path.to_owned(), error };
        let mut connection = Connection::open(path).map_err(sqlite)?;
        connection.busy_timeout(Duration::from_secs(5)).map_err(sqlite)?;
        let settings = [("journal_mode", "WAL"), ("synchronous", "FULL"), ("trusted_schema", "OFF")];
        for (name, value) in settings.into_iter().chain([("secure_delete", "ON"), ("temp_store", "MEMORY")]) {
            connection.pragma_update(None, name, value).map_err(sqlite)?;
        }
        let change = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(sqlite)?;
        match change.pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0)).map_err(sqlite)? {
            0 => change.execute_batch(SCHEMA).map_err(sqlite)?,
            1 => {}
            _ => return Err(AskersError::Newer { path: path.to_owned() }),
        }
        change.commit().map_err(sqlite)?;
        Ok(Self { path: path.to_owned(), connection: Mutex::new(connection) })
    }

    /// The pseudonym of somebody who asks on a day. The key is on disk when this returns.
    ///
    /// # Errors
    /// [`AskersError`].
    pub fn pseudonym(&self, name: &str, day: Date) -> Result<Pseudonym, AskersError> {
        let connection = self.connection();
        let day = day.to_string();
        let known = connection
            .prepare_cached("SELECT key, last_day FROM asker WHERE name = ?1")
            .and_then(|mut known| known.query_row([name], |row| Ok((row.get(0)?, row.get(1)?))).optional())
            .map_err(self.sqlite())?;
        match known {
            Some((key, last_day)) => {
                let (key, last_day): ([u8; 32], String) = (key, last_day);
                if last_day < day {
                    let update = "UPDATE asker SET last_day = ?2 WHERE name = ?1";
                    connection.execute(update, params![name, day]).map_err(self.sqlite())?;
                }
                Ok(Pseudonym::of(name, &key))
            }
            None => {
                let mut key = [0; 32];
                SystemRandom::new().fill(&mut key).map_err(|_| AskersError::Key)?;
                let insert = "INSERT INTO asker (name, key, last_day) VALUES (?1, ?2, ?3)";
                connection.execute(insert, params![name, key, day]).map_err(self.sqlite())?;
                Ok(Pseudonym::of(name, &key))
            }
        }
    }

    /// The names of those whose key is there.
    ///
    /// # Errors
    /// [`AskersError`].
    pub fn names(&self) -> Result<Names, AskersError> {
        Names::of_all(&self.connection()).map_err(self.sqlite())
    }

    /// Erases the key of somebody; says whether there was one.
    ///
    /// # Errors
    /// [`AskersError`].
    pub fn erase(&self, name: &str) -> Result<bool, AskersError> {
        Ok(self.erase_those("name = ?1", name)? > 0)
    }

    /// Erases the keys of those who asked last before a day; says how many.
    ///
    /// # Errors
    /// [`AskersError`].
    pub fn erase_before(&self, day: Date) -> Result<usize, AskersError> {
        self.erase_those("last_day < ?1", &day.to_string())
    }

    fn erase_those(&self, which: &str, of: &str) -> Result<usize, AskersError> {
        let mut connection = self.connection();
        let erase = |connection: &mut Connection| {
            let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let Names(those) = Names::those(&change, which, Some(of))?;
            for pseudonym in those.keys() {
                change.execute("INSERT OR IGNORE INTO erased (pseudonym) VALUES (?1)", [pseudonym.as_str()])?;
            }
            change.execute(&format!("DELETE FROM asker WHERE {which}"), [of])?;
            change.commit()?;
            Ok(those.len())
        };
        let erased = erase(&mut connection).map_err(self.sqlite())?;
        if erased > 0 {
            self.leave_nothing(&connection)?;
        }
        Ok(erased)
    }

    /// What was written before stands in the free places of pages until the file is written anew, and in the journal of SQLite
    /// until that is emptied, which waits for who reads it.
    fn leave_nothing(&self, connection: &Connection) -> Result<(), AskersError> {
        connection.execute_batch("VACUUM").map_err(self.sqlite())?;
        let is_busy: bool =
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).map_err(self.sqlite())?;
        if is_busy { Err(AskersError::Journal { path: self.path.clone() }) } else { Ok(()) }
    }

    /// Erases the keys of these again: a file that was put back from a backup can have them.
    ///
    /// # Errors
    /// [`AskersError`].
    pub fn erase_again(&self, erased: &BTreeSet<Pseudonym>) -> Result<(), AskersError> {
        let again: Vec<String> = {
            let Names(names) = self.names()?;
            names.into_iter().filter(|(of, _)| erased.contains(of)).map(|(_, name)| name).collect()
        };
        again.iter().try_for_each(|name| self.erase(name).map(drop))
    }

    /// Those whose key is erased, and of whom the log does not say so yet. Nothing of them is left in the file.
    ///
    /// # Errors
    /// [`AskersError`]; also while somebody reads the file, as a key can be in its journal then.
    pub fn erased(&self) -> Result<Vec<Pseudonym>, AskersError> {
        let connection = self.connection();
        let found = connection.prepare_cached("SELECT pseudonym FROM erased").and_then(|mut all| {
            all.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()
        });
        let found = found.map_err(self.sqlite())?;
        if !found.is_empty() {
            self.leave_nothing(&connection)?;
        }
        found.into_iter().map(|text| text.try_into().map_err(|_| AskersError::Key)).collect()
    }

    /// The log says that the key of this one is erased.
    ///
    /// # Errors
    /// [`AskersError`].
    pub fn is_logged(&self, erased: &Pseudonym) -> Result<(), AskersError> {
        let delete = "DELETE FROM erased WHERE pseudonym = ?1";
        self.connection().execute(delete, [erased.as_str()]).map(drop).map_err(self.sqlite())
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sqlite(&self) -> impl Fn(rusqlite::Error) -> AskersError + '_ {
        |error| AskersError::Sqlite { path: self.path.clone(), error }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    /// All that is on disk of it.
    fn bytes(path: &Path) -> Vec<u8> {
        let files = ["", "-wal", "-shm"].map(|end| format!("{}{end}", path.display()));
        files.iter().flat_map(|file| fs::read(file).unwrap_or_default()).collect()
    }

    fn has(haystack: &[u8], needle: &[u8]) -> bool {
        haystack.windows(needle.len()).any(|window| window == needle)
    }

    #[test]
    fn somebody_has_one_pseudonym_until_the_key_is_erased_and_nothing_is_left_of_that() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vragers.sqlite");
        let (askers, other) = (Askers::open(&path).unwrap(), Askers::open(&path).unwrap());
        let name = "Anna Achterberg";
        let pseudonym = askers.pseudonym(name, day("2026-11-01")).unwrap();
        assert_eq!(other.pseudonym(name, day("2026-11-02")).unwrap(), pseudonym);
        assert_ne!(askers.pseudonym("Bert", day("2026-11-01")).unwrap(), pseudonym);
        assert_eq!(Names::read(&path).unwrap().of(&pseudonym), Asker::Named(name.to_owned()));
        let key: [u8; 32] =
            askers.connection().query_row("SELECT key FROM asker WHERE name = ?1", [name], |row| row.get(0)).unwrap();
        assert!(has(&bytes(&path), name.as_bytes()) && has(&bytes(&path), &key));

        assert!(other.erase(name).unwrap() && !other.erase(name).unwrap());
        assert!(!has(&bytes(&path), name.as_bytes()) && !has(&bytes(&path), &key), "the rest is there");
        assert!(has(&bytes(&path), b"Bert"));
        assert_eq!(askers.names().unwrap().of(&pseudonym), Asker::Erased(pseudonym.clone()));
        assert_eq!(askers.erased().unwrap(), std::slice::from_ref(&pseudonym));
        askers.is_logged(&pseudonym).unwrap();
        assert_eq!(other.erased().unwrap(), []);
        assert_ne!(askers.pseudonym(name, day("2026-11-03")).unwrap(), pseudonym, "a new key is another person");
        assert_eq!(Names::read(&folder.path().join("none")).unwrap(), Names::default());
    }

    #[test]
    fn a_key_that_stays_in_the_journal_is_said_to_and_goes_later() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vragers.sqlite");
        let askers = Askers::open(&path).unwrap();
        let pseudonym = askers.pseudonym("Anna", day("2026-11-01")).unwrap();
        let reader = Connection::open(&path).unwrap();
        reader.execute_batch("BEGIN").unwrap();
        let read: i64 = reader.query_row("SELECT count(*) FROM asker", [], |row| row.get(0)).unwrap();
        askers.connection().busy_timeout(Duration::from_millis(50)).unwrap();
        assert!(matches!(askers.erase("Anna"), Err(AskersError::Journal { .. })) && read == 1);
        assert!(matches!(askers.erased(), Err(AskersError::Journal { .. })), "the log does not say so yet");
        drop(reader);
        assert_eq!(askers.erased().unwrap(), std::slice::from_ref(&pseudonym));
        assert!(!has(&bytes(&path), b"Anna"));
        askers.is_logged(&pseudonym).unwrap();
        assert!(askers.erased().unwrap().is_empty());
    }

    #[test]
    fn whatever_moved_between_pages_is_gone_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vragers.sqlite");
        let askers = Askers::open(&path).unwrap();
        let name = |number: u32| format!("vrager{number:04}.{}", "x".repeat(usize::try_from(number % 90).unwrap()));
        // In an order that fills pages from everywhere.
        let numbers: Vec<u32> = (0..400).map(|of| of * 163 % 400).collect();
        let all: Vec<Pseudonym> =
            numbers.iter().map(|number| askers.pseudonym(&name(*number), day("2026-11-01")).unwrap()).collect();
        for number in (0..400).step_by(7) {
            assert!(askers.erase(&name(number)).unwrap());
        }
        let left = bytes(&path);
        for number in 0..400 {
            assert_eq!(has(&left, format!("vrager{number:04}").as_bytes()), number % 7 != 0, "{number}");
        }
        // A backup from before comes back, and the log still says who was erased.
        let erased =
            numbers.iter().zip(&all).filter(|(number, _)| *number % 5 == 0).map(|(_, of)| of.clone()).collect();
        askers.erase_again(&erased).unwrap();
        let left = bytes(&path);
        assert!((0..400).all(|number| number % 5 != 0 || !has(&left, format!("vrager{number:04}").as_bytes())));
        assert!(has(&left, b"vrager0001"));
    }

    #[test]
    fn who_asked_last_before_a_day_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let askers = Askers::open(&folder.path().join("vragers.sqlite")).unwrap();
        let of = |name, on: &str| askers.pseudonym(name, day(on)).unwrap();
        let (early, _late) = (of("early", "2020-01-01"), of("late", "2020-01-01"));
        of("late", "2022-05-01");
        // A clock that goes back takes no day away.
        of("late", "2021-01-01");
        assert_eq!(askers.erase_before(day("2022-01-01")).unwrap(), 1);
        assert_eq!(askers.erased().unwrap(), [early]);
        assert_eq!(askers.erase_before(day("2022-05-01")).unwrap(), 0);
        assert_eq!(askers.erase_before(day("2022-05-02")).unwrap(), 1);
    }
}
