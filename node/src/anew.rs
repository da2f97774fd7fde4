//! Beginning another log, where the one that was is lost or contradicted and cannot be put back: under another key, with a record
//! of why, and with everything that is left of the other kept beside it. What officers decided goes with the other log, so that
//! nothing is answered until one accepts the catalogue in this one.

use std::{
    collections::BTreeMap,
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use drempel_protocols::{
    clock::Clock,
    log::{LogHead, LogKey},
};
use serde::Serialize;

use crate::{
    audit::{AuditError, AuditLog, Event, log_key_in, set_key_aside, set_log_aside},
    config::Config,
    decision::Motivation,
    officer::Accounts,
    witness::{Contradiction, Cosigned, WitnessError, forget_own},
};

/// The file beside a log that was set aside with what witnesses saw of it.
const SEEN: &str = "getuigenis.json";
/// The file there with how far it was sent to the gemeente's logboek.
const SENT: &str = "logboek.json";

/// Why no other log has begun. It can be done again.
#[derive(Debug, thiserror::Error)]
pub enum AnewError {
    /// The log.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// What was seen of it.
    #[error(transparent)]
    Witness(#[from] WitnessError),
    /// The accounts, of whom one has to accept the catalogue.
    #[error("cannot read the accounts: {0}")]
    Accounts(String),
    /// A file.
    #[error("cannot use {path}: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

/// A log that has begun anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// Its key.
    pub key: LogKey,
    /// The folder of the other.
    pub aside: PathBuf,
    /// The file of the key of the other, where it was there.
    pub key_aside: Option<PathBuf>,
}

/// What is kept of what witnesses saw of a log: checkpoints that it signed.
#[derive(Serialize)]
struct Kept<'k> {
    witness: &'k str,
    head: LogHead,
    checkpoint: &'k str,
}

/// Sets the log of a node aside and begins another. The node may not be running.
///
/// # Errors
/// [`AnewError`].
pub fn begin_anew(config: &Config, reason: Motivation, clock: Arc<dyn Clock>) -> Result<Begun, AnewError> {
    let paths = &config.paths;
    // Before anything is moved, so that what cannot be read is put in order first.
    let accounts = config.paginas.as_ref().map(|pages| Accounts::read(&pages.accounts)).transpose();
    let accounts = accounts.map_err(|error| AnewError::Accounts(error.to_string()))?;
    let cosigned = Cosigned::read(&paths.getuigenis)?;
    let contradictions = Contradiction::read(&paths.getuigenis)?;
    let before = log_key_in(&paths.log_key, config.gemeente);

    let aside = set_log_aside(&paths.audit)?;
    let kept = cosigned.iter().map(|of| Kept { witness: of.key.name(), head: of.head, checkpoint: &of.checkpoint });
    let contradicting =
        contradictions.iter().map(|of| Kept { witness: &of.witness, head: of.head, checkpoint: &of.checkpoint });
    let kept: Vec<Kept<'_>> = kept.chain(contradicting).collect();
    keep(&aside.join(SEEN), &kept)?;
    if paths.logboek_stand.exists() {
        let file = |error| AnewError::File { path: paths.logboek_stand.clone(), error };
        fs::rename(&paths.logboek_stand, aside.join(SENT)).map_err(file)?;
    }
    let key_aside = paths.log_key.exists().then(|| set_key_aside(&paths.log_key)).transpose()?;

    let log = AuditLog::open(&paths.audit, &paths.log_key, config.gemeente, &config.oin, clock)?;
    let seen: BTreeMap<String, LogHead> = kept.iter().map(|kept| (kept.witness.to_owned(), kept.head)).collect();
    log.append(Event::BegunAnew { reason, before, seen })?;
    if let Some(accounts) = accounts {
        log.hold(&accounts.iter().map(|account| (account.pseudonym(), account.holder())).collect())?;
    }
    // Last: until then a start says that a witness has seen another log, and this can be done again.
    if paths.getuigenis.exists() {
        forget_own(&paths.getuigenis)?;
    }
    Ok(Begun { key: log.key().clone(), aside, key_aside })
}

fn keep(path: &Path, kept: &[Kept<'_>]) -> Result<(), AnewError> {
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        serde_json::to_writer_pretty(&mut file, kept)?;
        file.write_all(b"\n")?;
        file.sync_all()
    };
    write().map_err(|error: io::Error| AnewError::File { path: path.to_owned(), error })
}
