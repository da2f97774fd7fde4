//! What the coordinator saw of logs, in the store of questions: on disk before it is cosigned, and never put back. Kept beside
//! it are how far others cosigned, and who said that a log is not what it was, with what shows it.

use std::{path::Path, time::Duration};

use drempel_protocols::log::{
    CheckpointError, LogHead, LogKey, Offer, OfferError, Relayed, Seen, SignedCheckpoint, SigningKey, Unwitnessed,
};
use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, TransactionBehavior, params};
use serde::{Deserialize, Serialize};

use crate::jobs::{StoreError, parsed};

/// The step of the schema of the store that made the tables as they are.
const SINCE: u32 = 4;
/// The step that made those of what is settled.
const SETTLED: u32 = 5;

/// What the coordinator says of an offer.
#[derive(Debug)]
pub(super) enum Weighed {
    /// It cosigned this.
    Cosigned(SignedCheckpoint),
    /// It did not, and this is what it saw before.
    Refused(Unwitnessed, Option<Seen>),
}

/// How far a witness cosigned a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosigned {
    /// Which log.
    pub log: String,
    /// Who.
    pub witness: String,
    /// How far.
    pub head: LogHead,
    /// When, as the witness says.
    pub time: Timestamp,
}

/// That a witness did not find a log to be what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// Which log.
    pub log: String,
    /// Who says so.
    pub witness: String,
    /// What is wrong.
    pub why: Unwitnessed,
    /// What the witness saw last, as far as it shows that the log signed it.
    pub seen: Option<LogHead>,
    /// What the log showed now.
    pub shown: Option<LogHead>,
    /// When it was said first.
    pub time: Timestamp,
    /// What shows it to anybody; otherwise it is what the witness says.
    pub evidence: Option<Evidence>,
}

/// Two checkpoints that a log signed, of which the second does not go on from the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// What the witness saw last.
    pub seen: String,
    /// What the log showed now.
    pub shown: String,
}

impl Evidence {
    /// Of what a log offered to a witness, who says that it does not cosign it for what it saw. None where the key of the log did
    /// not sign both, or where who saw that would have cosigned, or not for this: a witness can say what it wants.
    pub(super) fn of(relayed: &Relayed, why: Unwitnessed, seen: &str) -> Option<Self> {
        let kept = Seen::open(relayed.log.clone(), seen).ok()?;
        if relayed.weigh(Some(&kept)) != Ok(Err(why)) {
            return None;
        }
        let shown = Offer::open(&relayed.offer, &relayed.log).ok()?.checkpoint.to_string();
        Some(Self { seen: kept.into_checkpoint().to_string(), shown })
    }
}

/// A dispute that stands no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// What it was.
    pub dispute: Dispute,
    /// When it was settled.
    pub time: Timestamp,
    /// Why.
    pub reason: String,
}

/// What settling did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// How many disputes stand no more.
    pub disputes: usize,
    /// The key that the log had, where another is taken for it from now on.
    pub replaced: Option<LogKey>,
}

/// What is known of logs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// By log and witness.
    pub cosigned: Vec<Cosigned>,
    /// By log, oldest first.
    pub disputes: Vec<Dispute>,
    /// By log, oldest first.
    pub settled: Vec<Settled>,
    /// What was seen last of logs that others took the place of: the log, and its checkpoint.
    pub replaced: Vec<(String, String)>,
}

/// The open store.
pub struct Sightings(Connection);

impl Sightings {
    /// Opens the file of a [`Store`](crate::jobs::Store) that was opened before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "trusted_schema", "OFF")?;
        Ok(Self(connection))
    }

    /// What the file of a coordinator that may be running says.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn report(path: &Path) -> Result<Report, StoreError> {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let version: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if version < SINCE {
            return Ok(Report::default());
        }
        let mut select =
            connection.prepare("SELECT log, witness, head, time FROM log_cosigned ORDER BY log, witness")?;
        let cosigned = select.query_map([], |row| {
            Ok(Cosigned { log: row.get(0)?, witness: row.get(1)?, head: parsed(row, 2)?, time: parsed(row, 3)? })
        })?;
        let cosigned = cosigned.collect::<Result<_, _>>()?;
        let sql = "SELECT log, witness, why, seen, shown, time, evidence FROM dispute ORDER BY log, time, witness";
        let disputes = connection.prepare(sql)?.query_map([], dispute)?.collect::<Result<_, _>>()?;
        if version < SETTLED {
            return Ok(Report { cosigned, disputes, ..Report::default() });
        }
        let sql = "SELECT log, witness, why, seen, shown, time, evidence, settled, reason FROM dispute_settled
                   ORDER BY log, settled, time, witness";
        let mut select = connection.prepare(sql)?;
        let settled = select
            .query_map([], |row| Ok(Settled { dispute: dispute(row)?, time: parsed(row, 7)?, reason: row.get(8)? }))?;
        let settled = settled.collect::<Result<_, _>>()?;
        let mut select = connection.prepare("SELECT log, checkpoint FROM log_replaced ORDER BY log, time")?;
        let replaced = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Report { cosigned, disputes, settled, replaced: replaced.collect::<Result<_, _>>()? })
    }

    /// Lets disputes about a log stand no more, and takes it for the log of this key from now on. A coordinator may be running.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn settle(path: &Path, log: &LogKey, reason: &str, now: Timestamp) -> Result<Settlement, StoreError> {
        let mut open = Self::open(path)?;
        let version: u32 = open.0.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if version < SETTLED {
            return Err(StoreError::Earlier);
        }
        let change = open.0.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if is_replaced(&change, log)? {
            return Err(StoreError::Replaced);
        }
        let keep = "INSERT INTO dispute_settled (log, witness, kind, why, seen, shown, time, evidence, settled, reason)
                    SELECT log, witness, kind, why, seen, shown, time, evidence, ?2, ?3 FROM dispute WHERE log = ?1";
        let disputes = change.execute(keep, [log.name(), &now.to_string(), reason])?;
        change.execute("DELETE FROM dispute WHERE log = ?1", [log.name()])?;
        let sql = "SELECT key FROM log_seen WHERE log = ?1";
        let pinned = change.query_row(sql, [log.name()], |row| parsed::<LogKey>(row, 0)).optional()?;
        let replaced = pinned.filter(|pinned| pinned != log);
        if replaced.is_some() {
            let sql = "INSERT INTO log_replaced (log, key, checkpoint, time, reason)
                       SELECT log, key, checkpoint, ?2, ?3 FROM log_seen WHERE log = ?1";
            change.execute(sql, [log.name(), &now.to_string(), reason])?;
            for table in ["log_seen", "log_cosigned"] {
                change.execute(&format!("DELETE FROM {table} WHERE log = ?1"), [log.name()])?;
            }
        }
        change.commit()?;
        Ok(Settlement { disputes, replaced })
    }

    /// Whether a key is one that cosigned by what is kept here.
    pub(super) fn is_of(&self, key: &LogKey) -> Result<bool, StoreError> {
        // What an earlier version saw does not say by which key, and there was one.
        let sql = "SELECT EXISTS (SELECT 1 FROM own_witness_key WHERE key = ?1)
                       OR (NOT EXISTS (SELECT 1 FROM own_witness_key) AND EXISTS (SELECT 1 FROM log_seen))";
        Ok(self.0.query_row(sql, [key.to_string()], |row| row.get(0))?)
    }

    /// Takes a key for one that cosigns by what is kept here.
    pub(super) fn take(&self, key: &LogKey) -> Result<(), StoreError> {
        self.0.execute("INSERT OR IGNORE INTO own_witness_key (key) VALUES (?1)", [key.to_string()])?;
        Ok(())
    }

    /// What was seen of a log.
    pub(super) fn seen(&self, log: &str) -> Result<Option<Seen>, StoreError> {
        seen(&self.0, log)
    }

    /// Cosigns what is offered if it may; what was seen is on disk when this returns.
    pub(super) fn weigh(
        &mut self,
        relayed: &Relayed,
        key: &SigningKey,
        now: Timestamp,
    ) -> Result<Result<Weighed, OfferError>, StoreError> {
        let change = self.0.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let kept = seen(&change, relayed.log.name())?;
        if is_replaced(&change, &relayed.log)? {
            return Ok(Ok(Weighed::Refused(Unwitnessed::OtherKey, kept)));
        }
        let witnessed = match relayed.weigh(kept.as_ref()) {
            Ok(Ok(witnessed)) => witnessed,
            Ok(Err(why)) => return Ok(Ok(Weighed::Refused(why, kept))),
            // It is signed with another key than it was, whatever it is.
            Err(OfferError::Checkpoint(CheckpointError::Unsigned | CheckpointError::Signature)) if kept.is_some() => {
                return Ok(Ok(Weighed::Refused(Unwitnessed::OtherKey, kept)));
            }
            Err(error) => return Ok(Err(error)),
        };
        let head = witnessed.seen();
        let cosigned = match witnessed.cosign(key, now) {
            Ok(cosigned) => cosigned,
            Err(error) => return Ok(Err(error.into())),
        };
        let sql = "INSERT INTO log_seen (log, key, checkpoint) VALUES (?1, ?2, ?3)
                   ON CONFLICT (log) DO UPDATE SET checkpoint = ?3";
        change.execute(sql, params![relayed.log.name(), relayed.log.to_string(), cosigned.to_string()])?;
        let witness = key.public().name();
        note(&change, &Cosigned { log: relayed.log.name().to_owned(), witness: witness.to_owned(), head, time: now })?;
        change.commit()?;
        Ok(Ok(Weighed::Cosigned(cosigned)))
    }

    /// How far a witness cosigned a log.
    pub(super) fn cosigned(&self, log: &str, witness: &str) -> Result<Option<LogHead>, StoreError> {
        let sql = "SELECT head FROM log_cosigned WHERE log = ?1 AND witness = ?2";
        Ok(self.0.query_row(sql, [log, witness], |row| parsed(row, 0)).optional()?)
    }

    /// Notes what a witness cosigned.
    pub(super) fn note(&self, cosigned: &Cosigned) -> Result<(), StoreError> {
        note(&self.0, cosigned)
    }

    /// Keeps what a witness said of a kind, the first time that it said so, or the first time that it showed it.
    pub(super) fn dispute(&self, dispute: &Dispute) -> Result<(), StoreError> {
        let Dispute { log, witness, why, seen, shown, time, evidence } = dispute;
        let text = |head: &Option<LogHead>| head.map_or_else(String::new, |head| head.to_string());
        let json = |error| rusqlite::Error::ToSqlConversionFailure(Box::new(error));
        let (kind, why) = (kind(*why), serde_json::to_string(why).map_err(json)?);
        let evidence = evidence.as_ref().map(serde_json::to_string).transpose().map_err(json)?;
        let sql = "INSERT INTO dispute (log, witness, kind, why, seen, shown, time, evidence)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                   ON CONFLICT (log, witness, kind) DO UPDATE SET why = ?4, seen = ?5, shown = ?6, evidence = ?8
                   WHERE dispute.evidence IS NULL AND excluded.evidence IS NOT NULL";
        self.0.execute(sql, params![log, witness, kind, why, text(seen), text(shown), time.to_string(), evidence])?;
        Ok(())
    }
}

/// What is wrong, whatever the size.
const fn kind(why: Unwitnessed) -> &'static str {
    match why {
        Unwitnessed::Smaller => "smaller",
        Unwitnessed::Other(_) => "other",
        Unwitnessed::Forked(_) => "forked",
        Unwitnessed::Unproved => "unproved",
        Unwitnessed::OtherKey => "other-key",
    }
}

fn dispute(row: &rusqlite::Row<'_>) -> rusqlite::Result<Dispute> {
    let why = serde_json::from_str(&row.get::<_, String>(2)?).map_err(|_| rusqlite::Error::InvalidQuery)?;
    let evidence = row.get::<_, Option<String>>(6)?.map(|json| serde_json::from_str(&json)).transpose();
    let evidence = evidence.map_err(|_| rusqlite::Error::InvalidQuery)?;
    let head = |column| Ok::<_, rusqlite::Error>(row.get::<_, String>(column)?.parse().ok());
    let (seen, shown) = (head(3)?, head(4)?);
    Ok(Dispute { log: row.get(0)?, witness: row.get(1)?, why, seen, shown, time: parsed(row, 5)?, evidence })
}

/// Whether another took the place of the log of a key: with that key a second history of it could be cosigned.
fn is_replaced(connection: &Connection, log: &LogKey) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM log_replaced WHERE log = ?1 AND key = ?2)";
    Ok(connection.query_row(sql, [log.name(), &log.to_string()], |row| row.get(0))?)
}

fn seen(connection: &Connection, log: &str) -> Result<Option<Seen>, StoreError> {
    let sql = "SELECT key, checkpoint FROM log_seen WHERE log = ?1";
    let row = |row: &rusqlite::Row<'_>| Ok((parsed::<LogKey>(row, 0)?, row.get::<_, String>(1)?));
    let Some((key, checkpoint)) = connection.query_row(sql, [log], row).optional()? else { return Ok(None) };
    Ok(Some(Seen::open(key, &checkpoint).map_err(|_| rusqlite::Error::InvalidQuery)?))
}

fn note(connection: &Connection, cosigned: &Cosigned) -> Result<(), StoreError> {
    let Cosigned { log, witness, head, time } = cosigned;
    let sql = "INSERT OR REPLACE INTO log_cosigned (log, witness, head, time) VALUES (?1, ?2, ?3, ?4)";
    connection.execute(sql, params![log, witness, head.to_string(), time.to_string()])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use drempel_protocols::log::{Consistency, Kind, Tree, TreeHash};
    use ring::{rand::SystemRandom, signature::Ed25519KeyPair};

    use super::*;
    use crate::jobs::Store;

    fn key(name: &str, kind: Kind) -> SigningKey {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        SigningKey::from_pkcs8(name, kind, pkcs8.as_ref()).unwrap()
    }

    #[test]
    fn the_key_of_a_log_whose_place_another_took_is_taken_for_none_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bevragingen.sqlite");
        drop(Store::open(&path).unwrap());
        let own = key("drempel/coordinator", Kind::Witness);
        let (old, new) = (key("drempel/GM0014", Kind::Log), key("drempel/GM0014", Kind::Log));
        let now = Timestamp::UNIX_EPOCH;
        let offered = |log: &SigningKey, record: &[u8]| {
            let mut tree = Tree::default();
            tree.push(TreeHash::of_record(record));
            let checkpoint = SignedCheckpoint::sign(1, tree.root(1).unwrap(), log).unwrap();
            let offer = Offer { old: 0, proof: Consistency(Vec::new()), checkpoint }.to_string();
            Relayed { log: log.public().clone(), offer }
        };
        let mut store = Sightings::open(&path).unwrap();
        let mut weigh = |log: &SigningKey, record: &[u8]| match store.weigh(&offered(log, record), &own, now) {
            Ok(Ok(Weighed::Cosigned(_))) => Ok(()),
            Ok(Ok(Weighed::Refused(why, _))) => Err(why),
            other => panic!("{other:?}"),
        };
        assert_eq!(weigh(&old, b"first"), Ok(()));
        let settlement = Sightings::settle(&path, new.public(), "lost", now).unwrap();
        assert_eq!(settlement, Settlement { disputes: 0, replaced: Some(old.public().clone()) });
        // Also while nothing of the new one is seen: a second history of the old one could be cosigned.
        assert_eq!(weigh(&old, b"another"), Err(Unwitnessed::OtherKey));
        assert!(matches!(Sightings::settle(&path, old.public(), "back", now), Err(StoreError::Replaced)));
        assert_eq!(weigh(&new, b"first"), Ok(()));
    }

    #[test]
    fn disputes_of_an_earlier_version_stay_one_of_each_kind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bevragingen.sqlite");
        drop(Store::open(&path).unwrap());
        let earlier = Connection::open(&path).unwrap();
        earlier
            .execute_batch(
                "DROP TABLE dispute; DROP TABLE dispute_settled; DROP TABLE log_replaced;
                 DROP TABLE own_witness_key; PRAGMA user_version = 3",
            )
            .unwrap();
        let (_, disputes) = include_str!("../jobs/schema_3.sql").split_once("CREATE TABLE log_dispute").unwrap();
        earlier.execute_batch(&format!("CREATE TABLE log_dispute{disputes}")).unwrap();
        for (why, seen, time) in [
            (r#"{"forked":5}"#, "a", "2026-03-02T00:00:00Z"),
            (r#"{"forked":9}"#, "b", "2026-03-01T00:00:00Z"),
            (r#""other-key""#, "", "2026-03-03T00:00:00Z"),
        ] {
            let sql =
                "INSERT INTO log_dispute (log, witness, why, seen, shown, time) VALUES ('l', 'w', ?1, ?2, '', ?3)";
            earlier.execute(sql, [why, seen, time]).unwrap();
        }
        drop(earlier);
        drop(Store::open(&path).unwrap());
        let report = Sightings::report(&path).unwrap();
        let said: Vec<_> = report.disputes.iter().map(|said| (said.why, said.evidence.as_ref())).collect();
        assert_eq!(said, [(Unwitnessed::Forked(9), None), (Unwitnessed::OtherKey, None)]);
    }
}
