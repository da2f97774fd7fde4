//! Witnesses of logs, both ways: this node cosigns the logs of other gemeenten, one history of each, and keeps what those who
//! are configured as its own witnesses cosigned of its log. What it saw is on disk before a cosignature leaves, and a key
//! cosigns only by what was seen with it; lateness of others is told and stops nothing.

mod store;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use drempel_protocols::{
    id::Gemeentecode,
    log::{
        CheckpointError, LogHead, LogKey, OfferError, Relayed, SignedCheckpoint, SigningKey, Testimony, Unwitnessed,
    },
    message::CLOCK_SKEW,
};
use jiff::{SignedDuration, Timestamp};

use self::store::Store;
pub use self::store::{Contradiction, Cosigned};
use crate::{
    audit::{AuditError, AuditLog, set_aside, witness_key},
    config::Getuige,
};

/// How long a witness may not have cosigned while there are newer records.
pub const PATIENCE: SignedDuration = SignedDuration::from_mins(15);

/// Who is said to have seen what no witness of the configuration has cosigned.
const NO_WITNESS: &str = "somebody who is no witness of the configuration";

/// Why a node cannot be a witness, or have any.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// What was kept cannot be read or written.
    #[error(
        "what this node saw of logs, {}, cannot be read or written ({error}); put it back as it was last, no older copy; if \
         that is lost, move it away: then the node makes another key and is another witness",
        path.display()
    )]
    Sqlite {
        /// Where.
        path: PathBuf,
        /// Why.
        error: rusqlite::Error,
    },
    /// The file cannot be made.
    #[error("what this node saw of logs cannot be kept at {}: {error}", path.display())]
    File {
        /// Where.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It was written by a later version.
    #[error("what this node saw of logs, {}, was written by a later version; use that one", path.display())]
    Newer {
        /// Where.
        path: PathBuf,
    },
    /// What was kept is not as it was written.
    #[error(
        "what this node saw of logs, {}, is not as it was written; put it back as it was last, no older copy; if that is \
         lost, move it away: then the node makes another key and is another witness",
        path.display()
    )]
    Corrupt {
        /// Where.
        path: PathBuf,
    },
    /// The key.
    #[error(transparent)]
    Key(#[from] AuditError),
    /// Another took the place of the log of this key before.
    #[error("that is the key of a log whose place another took; what it signs counts no more")]
    Replaced,
    /// Only the logs of other gemeenten are witnessed.
    #[error("the log is not that of another gemeente of the catalogue")]
    NotAnother,
    /// What is offered is no log.
    #[error(transparent)]
    Offer(#[from] OfferError),
    /// It cannot be signed.
    #[error(transparent)]
    Signing(#[from] CheckpointError),
}

/// Why a cosigned checkpoint of the own log is not kept.
#[derive(Debug, thiserror::Error)]
pub enum Unkept {
    /// It is none, or not of this log, or a signature of a witness does not hold.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Nobody cosigned it whom this node believes.
    #[error("no witness of the configuration cosigned it at a time that can be")]
    Nobody,
    /// The log has another history.
    #[error("the log was put back or has two histories: {witness} has seen {records} records with another root")]
    Contradicted {
        /// Who.
        witness: String,
        /// How many.
        records: u64,
    },
    /// It cannot be kept.
    #[error(transparent)]
    Store(#[from] WitnessError),
}

/// A node as a witness, with what it saw.
pub struct Witness {
    key: SigningKey,
    logs: BTreeSet<Gemeentecode>,
    since: Timestamp,
    store: Mutex<Store>,
    contradicted: Mutex<Option<String>>,
}

impl Witness {
    /// Of the logs of other gemeenten, with a file of what it saw and one of its key, which are made where there are none. A
    /// key that did not cosign by that file is set aside, and another made.
    ///
    /// # Errors
    /// [`WitnessError`].
    pub fn open(
        (file, key_file): (&Path, &Path),
        gemeente: Gemeentecode,
        others: impl IntoIterator<Item = Gemeentecode>,
        now: Timestamp,
    ) -> Result<Self, WitnessError> {
        let store = Store::open(file)?;
        let key = own_key(&store, key_file, gemeente)?;
        let logs = others.into_iter().filter(|code| *code != gemeente).collect();
        Ok(Self { key, logs, since: now, store: Mutex::new(store), contradicted: Mutex::default() })
    }

    /// The key that it cosigns with.
    #[must_use]
    pub const fn key(&self) -> &LogKey {
        self.key.public()
    }

    /// Cosigns the log of another gemeente, or says why not. One at a time, and what it saw is on disk when this returns.
    ///
    /// # Errors
    /// [`WitnessError`]; then nothing was seen.
    pub fn testify(&self, relayed: &Relayed, now: Timestamp) -> Result<Testimony, WitnessError> {
        if relayed.log.gemeente().is_none_or(|code| !self.logs.contains(&code)) {
            return Err(WitnessError::NotAnother);
        }
        let store = self.store();
        let kept = store.seen(relayed.log.name())?;
        match relayed.weigh(kept.as_ref())? {
            Ok(witnessed) => {
                if !store.see(&relayed.log, witnessed.checkpoint())? {
                    return Ok(Testimony::Refused { why: Unwitnessed::OtherKey, seen: None });
                }
                Ok(Testimony::Cosigned(witnessed.cosign(&self.key, now)?.to_string()))
            }
            Err(why) => {
                if why.is_dispute() {
                    let records = kept.as_ref().map_or(0, |seen| seen.head().size);
                    tracing::error!(log = relayed.log.name(), records, %why, "a log was not cosigned");
                }
                // Where to begin is no dispute, and needs no evidence.
                let seen = kept.filter(|_| why.is_dispute()).map(|seen| seen.into_checkpoint().to_string());
                Ok(Testimony::Refused { why, seen })
            }
        }
    }

    /// Keeps what witnesses that are believed cosigned of this node's own log, if that has it. Says who they are. A log that
    /// signed what it does not have is closed, and not opened by the next start.
    ///
    /// # Errors
    /// [`Unkept`]; then nothing is kept but what contradicts the log.
    pub fn keep(
        &self,
        cosigned: &str,
        log: &AuditLog,
        believed: &[Getuige],
        now: Timestamp,
    ) -> Result<BTreeSet<String>, Unkept> {
        let signed = SignedCheckpoint::open(cosigned, log.key())?;
        let head = signed.checkpoint().head();
        let records = log.head().size;
        if !log.has(head) {
            return Err(self.contradict(&signed, log, believed));
        }
        let latest = now.saturating_add(CLOCK_SKEW).unwrap_or(Timestamp::MAX);
        let mut all = Vec::new();
        for Getuige { sleutel, .. } in believed {
            // By one key at a time: who has a new one has two of one name.
            let time = signed.witnesses(&[sleutel.key()])?.remove(sleutel.name());
            let Some(time) = time.filter(|time| *time <= latest) else { continue };
            let mut checkpoint = signed.bare(log.key())?;
            checkpoint.join(&signed, &[sleutel.key()])?;
            all.push(Cosigned { key: sleutel.clone(), head, time, checkpoint: checkpoint.to_string() });
        }
        if all.is_empty() {
            return Err(Unkept::Nobody);
        }
        let store = self.store();
        for cosigned in &all {
            store.keep(cosigned, records)?;
        }
        Ok(all.iter().map(|cosigned| cosigned.key.name().to_owned()).collect())
    }

    /// Closes a log that signed what it does not have, and keeps the proof of it for the next start.
    fn contradict(&self, signed: &SignedCheckpoint, log: &AuditLog, believed: &[Getuige]) -> Unkept {
        // No witness is needed for that. The signature was checked, and only the key of this log makes it; it leaves once its
        // records are on disk, and a start keeps or refuses what is there. So the log was put back, or its key signs for two of
        // them. Who has not that key can close no log by this.
        let cosigned = |getuige: &&Getuige| signed.witnesses(&[getuige.sleutel.key()]).is_ok_and(|by| !by.is_empty());
        let witness = believed.iter().find(cosigned).map_or(NO_WITNESS, |getuige| &getuige.naam).to_owned();
        let (head, checkpoint) = (signed.checkpoint().head(), signed.to_string());
        let contradicted = Unkept::Contradicted { witness: witness.clone(), records: head.size };
        tracing::error!(
            %contradicted,
            "nothing is answered any more: keep the folder of the log as it is, tell the privacy officer, and put the later \
             log back"
        );
        log.close();
        *self.contradicted.lock().unwrap_or_else(PoisonError::into_inner) = Some(contradicted.to_string());
        if let Err(error) = self.store().contradict(&Contradiction { witness, head, checkpoint }) {
            tracing::error!(%error, "what contradicts the log cannot be kept; do not start the node with this log again");
        }
        contradicted
    }

    /// How far the own log went by what witnesses cosigned and by what contradicted it, with who says so.
    ///
    /// # Errors
    /// [`WitnessError`].
    pub fn seen(&self) -> Result<Vec<(String, LogHead)>, WitnessError> {
        let store = self.store();
        let cosigned = store.cosigned()?.into_iter().map(|of| (of.key.name().to_owned(), of.head));
        let contradictions = store.contradictions()?.into_iter().map(|of| (of.witness, of.head));
        Ok(cosigned.chain(contradictions).collect())
    }

    /// What was cosigned of the own log, the last of each witness.
    ///
    /// # Errors
    /// [`WitnessError`].
    pub fn cosigned(&self) -> Result<Vec<Cosigned>, WitnessError> {
        self.store().cosigned()
    }

    /// The names of the witnesses that are late, for a log that goes so far.
    ///
    /// # Errors
    /// [`WitnessError`].
    pub fn late(&self, believed: &[Getuige], head: LogHead, now: Timestamp) -> Result<Vec<String>, WitnessError> {
        let cosigned = self.cosigned()?;
        let is_late = |getuige: &&Getuige| Cosigned::is_late(getuige.of(&cosigned), head.size, self.since, now);
        Ok(believed.iter().filter(is_late).map(|getuige| getuige.naam.clone()).collect())
    }

    /// How a witness contradicted this log since the node was started.
    #[must_use]
    pub fn contradicted(&self) -> Option<String> {
        self.contradicted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes the log of another gemeente for that of a key from now on, in the file of a node that may be running: it cosigns no
/// log of another key by that name, also where it has not seen any yet. The key that it had seen, where that was another.
///
/// # Errors
/// [`WitnessError`].
pub fn pin(file: &Path, log: &LogKey) -> Result<Option<LogKey>, WitnessError> {
    Store::open(file)?.pin(log)
}

/// Forgets what others saw of the own log: another has begun.
///
/// # Errors
/// [`WitnessError`].
pub fn forget_own(file: &Path) -> Result<(), WitnessError> {
    Store::open(file)?.forget_own()
}

/// The key to cosign with by what is kept.
fn own_key(store: &Store, file: &Path, gemeente: Gemeentecode) -> Result<SigningKey, WitnessError> {
    let is_made = !file.exists();
    let mut key = witness_key(file, gemeente)?;
    if !is_made && !store.is_of(key.public())? {
        // What it cosigned is not known here: it could cosign a second history of a log.
        let aside = set_aside(file)?;
        key = witness_key(file, gemeente)?;
        tracing::warn!(
            key = %key.public(),
            aside = %aside.display(),
            "what this node saw of logs with its key is not there, so that it is another witness with another key: give this to \
             the coordinator, as `getuigesleutel`, and to the gemeenten that have this node as [[getuige]]; the other key is \
             set aside, and is not to be put back"
        );
    }
    store.take(key.public())?;
    Ok(key)
}

impl Contradiction {
    /// What was kept in a file, by a node that may be running; nothing where there is none.
    ///
    /// # Errors
    /// [`WitnessError`].
    pub fn read(path: &Path) -> Result<Vec<Self>, WitnessError> {
        if path.exists() { Store::look(path)?.contradictions() } else { Ok(Vec::new()) }
    }
}

impl Cosigned {
    /// What was kept in a file, by a node that may be running; nothing where there is none.
    ///
    /// # Errors
    /// [`WitnessError`].
    pub fn read(path: &Path) -> Result<Vec<Self>, WitnessError> {
        if path.exists() { Store::look(path)?.cosigned() } else { Ok(Vec::new()) }
    }

    /// Whether a witness is late with a log that goes so far, of which nobody could cosign anything before `since`.
    #[must_use]
    pub fn is_late(last: Option<&Self>, records: u64, since: Timestamp, now: Timestamp) -> bool {
        let (seen, time) = last.map_or((0, since), |last| (last.head.size, last.time.max(since)));
        records > seen && now.duration_since(time) > PATIENCE
    }

    /// Whether the log of a key has signed it, and its witness cosigned it.
    #[must_use]
    pub fn holds(&self, log: &LogKey) -> bool {
        SignedCheckpoint::open(&self.checkpoint, log).is_ok_and(|signed| {
            let times = signed.witnesses(&[self.key.key()]).unwrap_or_default();
            signed.checkpoint().head() == self.head && times.get(self.key.name()) == Some(&self.time)
        })
    }
}

#[cfg(test)]
mod tests;
