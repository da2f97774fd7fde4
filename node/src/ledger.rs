//! The ledger: the one store of everything that was ever released, and of what it counted (rules R2 and R3). A release is
//! added once, in one transaction that is on disk before it is used, and never changed; withdrawing one adds to it. It
//! holds the counts of hidden cells and never leaves the node.

mod herindeling;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, HashMap},
    fs::OpenOptions,
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

pub use self::herindeling::Overgenomen;
use data_encoding::HEXLOWER;
use drempel_protocols::{
    id::{Gemeentecode, MemberCode, Period},
    release::Release,
};
use jiff::Timestamp;
use ring::rand::{SecureRandom as _, SystemRandom};
use rusqlite::{Connection, TransactionBehavior, params};

use crate::{audit::AnsweredFrom, ingest::sleutel::PersoonSleutel};

/// The schema's steps; `user_version` is how many have been taken.
const SCHEMA: [&str; 2] = [include_str!("ledger/schema_1.sql"), include_str!("ledger/schema_2.sql")];

/// Why the ledger could not do something. Names no count and no person.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// SQLite.
    #[error("the ledger of releases cannot be read or written")]
    Sqlite(#[from] rusqlite::Error),
    /// Made by a later version.
    #[error("the ledger of releases was made by a later version; use that one")]
    Newer,
    /// A release in it is not as it was written.
    #[error("the release of {0} in the ledger is not as it was written; put the ledger back from a backup")]
    Corrupt(String),
    /// The half-year was released before.
    #[error("{0} has been released; a release is never revised")]
    Released(Period),
    /// It was put back from before something that was answered from.
    #[error(
        "the ledger lacks a release of {0} that the log has, or that it was withdrawn: it was put back from a backup that \
         was made before. Put back a later one; from this one nothing is answered or released, because the figures that \
         left are known"
    )]
    Behind(Period),
    /// Something was added while a release was made.
    #[error("something else was added to the ledger while this release was made; build it again")]
    Changed,
    /// The file cannot be made.
    #[error("the ledger of releases cannot be made: {0}")]
    File(#[from] std::io::Error),
    /// There is nothing to take over.
    #[error("the ledger of the other gemeente has no releases, so there is nothing to take over")]
    Nothing,
    /// The ledger is of this gemeente, or was taken over before.
    #[error("the ledger of {0} was taken over before, or is this gemeente's own")]
    TakenOver(Gemeentecode),
    /// Most of those who were counted are not in the records.
    #[error(
        "less than half of the children whom {0} counted are in the records here: import its messages first, and give the \
         key of its records. If they are really gone: --accept-loss"
    )]
    Strangers(Gemeentecode),
    /// The ledgers end at different half-years.
    #[error("{gemeente} has released up to {found}, and others that become this gemeente up to {wanted}: {advice}")]
    OtherEnd {
        /// The other gemeente.
        gemeente: Gemeentecode,
        /// Its last half-year.
        found: Period,
        /// That of the others.
        wanted: Period,
        /// What to do.
        advice: &'static str,
    },
    /// The half-year was not released, or was withdrawn before.
    #[error("{0} has no release, or it was withdrawn before")]
    NotReleased(Period),
    /// The system gave no random bytes.
    #[error("the system gave no random bytes")]
    Random,
}

/// A release as the ledger has it.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Random: it tells nothing (rule R9).
    pub id: String,
    /// When it was built.
    pub built: Timestamp,
    /// When and why it was withdrawn.
    pub withdrawn: Option<(Timestamp, String)>,
    /// What it holds.
    pub release: Release,
}

/// A categorie and a hulpvorm, by their codes.
pub type Soort = (MemberCode, MemberCode);

/// What releases counted of the trajecten of one person, categorie and hulpvorm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Geteld {
    /// Counted in the last release, and running on after it.
    pub running: u32,
    /// Known when it was built, ended ones included.
    pub known: u32,
}

/// What the last release counted, by the keyed hash of each person.
pub type CountedSet = HashMap<PersoonSleutel, BTreeMap<Soort, Geteld>>;

/// What a ledger holds at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(String);

impl Version {
    fn of(connection: &Connection) -> Result<Self, LedgerError> {
        let query = "SELECT coalesce(group_concat(is_in, ' '), '') FROM
                     (SELECT id AS is_in FROM release UNION ALL SELECT period FROM withdrawal
                      UNION ALL SELECT count(*) FROM renamed UNION ALL SELECT gemeente FROM voorganger ORDER BY 1)";
        Ok(Self(connection.query_row(query, [], |row| row.get(0))?))
    }
}

/// The ledger of a node.
pub struct Ledger {
    connection: Connection,
}

impl Ledger {
    /// Opens or makes the file.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        // SQLite gives its other files the permissions of this one.
        OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", "ON")?;
        connection.pragma_update(None, "trusted_schema", "OFF")?;
        let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found: u32 = change.pragma_query_value(None, "user_version", |row| row.get(0))?;
        let found = usize::try_from(found).unwrap_or(usize::MAX);
        if found > SCHEMA.len() {
            return Err(LedgerError::Newer);
        }
        for step in SCHEMA.iter().skip(found) {
            change.execute_batch(step)?;
        }
        change.pragma_update(None, "user_version", u32::try_from(SCHEMA.len()).unwrap_or(u32::MAX))?;
        change.commit()?;
        Ok(Self { connection })
    }

    /// Every release, withdrawn ones too, in the order of their half-years.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn releases(&self) -> Result<Vec<Stored>, LedgerError> {
        let mut query = self.connection.prepare(
            "SELECT period, id, built, body, at, reason FROM release LEFT JOIN withdrawal USING (period) ORDER BY period",
        )?;
        let rows = query.query_map([], |row| {
            let text = |place: usize| row.get::<_, String>(place);
            let withdrawn = row.get::<_, Option<String>>(4)?.zip(row.get::<_, Option<String>>(5)?);
            Ok((text(0)?, text(1)?, text(2)?, text(3)?, withdrawn))
        })?;
        let mut releases = Vec::new();
        for row in rows {
            let (period, id, built, body, withdrawn) = row?;
            let corrupt = || LedgerError::Corrupt(period.clone());
            let release: Release = serde_json::from_str(&body).map_err(|_| corrupt())?;
            if !release.is_known_format() || release.period().to_string() != period {
                return Err(corrupt());
            }
            let time = |text: &str| text.parse::<Timestamp>().map_err(|_| corrupt());
            let withdrawn = withdrawn.map(|(at, reason)| Ok::<_, LedgerError>((time(&at)?, reason))).transpose()?;
            releases.push(Stored { id, built: time(&built)?, withdrawn, release });
        }
        Ok(releases)
    }

    /// Every release, if everything that was answered from is among them, and what was withdrawn is so.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn releases_after(&self, answered: &AnsweredFrom) -> Result<Vec<Stored>, LedgerError> {
        let releases = self.releases()?;
        let here = releases.iter().map(|stored| (stored.id.as_str(), stored.withdrawn.is_some()));
        match answered.lacking(here) {
            Some(period) => Err(LedgerError::Behind(period)),
            None => Ok(releases),
        }
    }

    /// A text that changes with everything that is added: to see cheaply whether anything was.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn version(&self) -> Result<Version, LedgerError> {
        Version::of(&self.connection)
    }

    /// What the last release counted.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn counted(&self) -> Result<CountedSet, LedgerError> {
        let mut query = self.connection.prepare("SELECT person, categorie, hulpvorm, running, known FROM counted")?;
        let rows = query.query_map([], |row| {
            let person: [u8; 16] = row.get(0)?;
            let (categorie, hulpvorm): (String, String) = (row.get(1)?, row.get(2)?);
            Ok((person, categorie, hulpvorm, Geteld { running: row.get(3)?, known: row.get(4)? }))
        })?;
        let mut counted = CountedSet::new();
        for row in rows {
            let (person, categorie, hulpvorm, geteld) = row?;
            let code = |text: &str| {
                text.parse::<MemberCode>().map_err(|_| LedgerError::Corrupt("the counted trajecten".to_owned()))
            };
            let soort = (code(&categorie)?, code(&hulpvorm)?);
            counted.entry(PersoonSleutel::from_bytes(person)).or_default().insert(soort, geteld);
        }
        Ok(counted)
    }

    /// For each person whose hash became another the hash that the counted set may know.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn renamed(&self) -> Result<HashMap<PersoonSleutel, PersoonSleutel>, LedgerError> {
        let mut query = self.connection.prepare("SELECT new, old FROM renamed")?;
        let rows = query.query_map([], |row| Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, [u8; 16]>(1)?)))?;
        rows.map(|row| row.map(|(new, old)| (PersoonSleutel::from_bytes(new), PersoonSleutel::from_bytes(old))))
            .collect::<Result<_, _>>()
            .map_err(LedgerError::from)
    }

    /// Adds a release and what it counted, if the ledger still is as it was when the release was made: it was protected
    /// together with what there was then. On disk when this returns; its random id.
    ///
    /// # Errors
    /// [`LedgerError`]; nothing was added then.
    pub fn add(
        &mut self,
        release: &Release,
        counted: &CountedSet,
        made_at: &Version,
        now: Timestamp,
    ) -> Result<String, LedgerError> {
        let mut id = [0; 16];
        SystemRandom::new().fill(&mut id).map_err(|_| LedgerError::Random)?;
        let id = HEXLOWER.encode(&id);
        let period = release.period().to_string();
        let body = serde_json::to_string(release).map_err(|_| LedgerError::Corrupt(period.clone()))?;
        let change = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if Version::of(&change)? != *made_at {
            return Err(LedgerError::Changed);
        }
        let added = change.execute(
            "INSERT INTO release (period, id, built, body) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
            params![period, id, now.to_string(), body],
        )?;
        if added == 0 {
            return Err(LedgerError::Released(release.period()));
        }
        change.execute_batch("DELETE FROM counted; DELETE FROM renamed; DELETE FROM opgegaan;")?;
        {
            let mut insert = change.prepare(
                "INSERT INTO counted (person, categorie, hulpvorm, running, known) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?;
            for (person, soorten) in counted {
                for ((categorie, hulpvorm), geteld) in soorten {
                    let (running, known) = (geteld.running, geteld.known);
                    insert.execute(params![
                        person.as_bytes(),
                        categorie.as_str(),
                        hulpvorm.as_str(),
                        running,
                        known
                    ])?;
                }
            }
        }
        change.commit()?;
        Ok(id)
    }

    /// Answers from a release no more. Its figures stay in the ledger, as they stay with who has them.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn withdraw(&mut self, period: Period, reason: &str, now: Timestamp) -> Result<(), LedgerError> {
        let added = self.connection.execute(
            "INSERT INTO withdrawal (period, at, reason) SELECT period, ?2, ?3 FROM release WHERE period = ?1
             ON CONFLICT DO NOTHING",
            params![period.to_string(), now.to_string(), reason],
        )?;
        if added == 0 { Err(LedgerError::NotReleased(period)) } else { Ok(()) }
    }

    /// Notes that persons are known by another hash from now on, so that what was counted of them is still found.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn rename(
        &mut self,
        persons: impl IntoIterator<Item = (PersoonSleutel, PersoonSleutel)>,
    ) -> Result<(), LedgerError> {
        let earlier = self.renamed()?;
        let change = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut insert = change.prepare("INSERT INTO renamed (new, old) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?;
            for (old, new) in persons {
                // Twice renamed since the last release: it is the first that was counted.
                let first = earlier.get(&old).copied().unwrap_or(old);
                if new != first {
                    insert.execute(params![new.as_bytes(), first.as_bytes()])?;
                }
            }
        }
        change.commit()?;
        Ok(())
    }
}
