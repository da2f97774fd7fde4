//! Beginning another log, where the one that was is lost or contradicted and cannot be put back: under another key, with a record
//! of why, and with everything that is left of the other kept beside it. What officers decided goes with the other log, so that
//! nothing is answered until one accepts the catalogue in this one.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use drempel_protocols::{
    clock::Clock,
    log::{LogHead, LogKey},
};
use serde::Serialize;

use crate::{
    audit::{AuditError, AuditLog, Claimed, Event, log_key_in, set_aside, verify},
    config::Config,
    decision::{Decisions, Motivation},
    officer::Accounts,
    whole_file,
    witness::{Contradiction, Cosigned, WitnessError, forget_own},
};

/// The file beside a log that was set aside with what witnesses saw of it.
const SEEN: &str = "getuigenis.json";

/// Why no other log has begun. It can be done again.
#[derive(Debug, thiserror::Error)]
pub enum AnewError {
    /// The log.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// What was seen of it.
    #[error(transparent)]
    Witness(#[from] WitnessError),
    /// Nobody could accept the catalogue in it.
    #[error(
        "there are no pages on which an officer could accept the catalogue in another log: configure [paginas], or say \
         --no-officers if this gemeente never had an account"
    )]
    NoPages,
    /// There is somebody to accept it.
    #[error(
        "--no-officers is for a gemeente that never had an account for the pages; this one has pages, or had accounts"
    )]
    Officers,
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

/// Sets the log of a node aside and begins another. The node may not be running. `has_officers` is whether the gemeente has, or
/// had, accounts for the pages.
///
/// # Errors
/// [`AnewError`].
pub fn begin_anew(
    config: &Config,
    (reason, has_officers): (Motivation, bool),
    clock: Arc<dyn Clock>,
) -> Result<Begun, AnewError> {
    let paths = &config.paths;
    // Before anything is moved, so that what cannot be read is put in order first.
    let accounts = config.paginas.as_ref().map(|pages| Accounts::read(&pages.accounts)).transpose();
    let accounts = accounts.map_err(|error| AnewError::Accounts(error.to_string()))?;
    let cosigned = Cosigned::read(&paths.getuigenis)?;
    let contradictions = Contradiction::read(&paths.getuigenis)?;
    let kept = cosigned.iter().map(|of| Kept { witness: of.key.name(), head: of.head, checkpoint: &of.checkpoint });
    let contradicting =
        contradictions.iter().map(|of| Kept { witness: &of.witness, head: of.head, checkpoint: &of.checkpoint });
    let kept: Vec<Kept<'_>> = kept.chain(contradicting).collect();
    let claimed = Claimed::of(&paths.audit)?;

    // From here on no node starts before another log is there as a whole. What was found the first time holds.
    let marker = marker(&paths.audit);
    let event = match fs::read(&marker) {
        Ok(found) => serde_json::from_slice(&found).map_err(|error| AnewError::File {
            path: marker.clone(),
            error: io::Error::new(io::ErrorKind::InvalidData, error),
        })?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let had = Decisions::read(&paths.audit).is_ok_and(|decisions| decisions.has_officers());
            match (config.paginas.is_some(), has_officers) {
                (false, true) => return Err(AnewError::NoPages),
                (has_pages, false) if has_pages || had => return Err(AnewError::Officers),
                _ => {}
            }
            let seen = kept.iter().map(|kept| (kept.witness.to_owned(), kept.head)).collect();
            let event = Event::BegunAnew { reason, before: key_of(config, &cosigned), seen, officers: has_officers };
            write(&marker, &event)?;
            event
        }
        Err(error) => return Err(AnewError::File { path: marker, error }),
    };

    let aside = claimed.set_aside()?;
    write(&aside.join(SEEN), &kept)?;
    let moved = |file: &Path| file.exists().then(|| set_aside(file)).transpose();
    moved(&paths.logboek_stand)?;
    let key_aside = moved(&paths.log_key)?;
    let log = AuditLog::open(&paths.audit, &paths.log_key, config.gemeente, &config.oin, clock)?;
    log.append(event)?;
    if let Some(accounts) = accounts {
        log.hold(&accounts.iter().map(|account| (account.pseudonym(), account.holder())).collect())?;
    }
    if paths.getuigenis.exists() {
        forget_own(&paths.getuigenis)?;
    }
    let removed = fs::remove_file(&marker).and_then(|()| whole_file::sync_folder_of(&marker));
    removed.map_err(|error| AnewError::File { path: marker, error })?;
    Ok(Begun { key: log.key().clone(), aside, key_aside })
}

/// Whether no other log was about to begin in the place of one.
///
/// # Errors
/// [`AuditError::Unfinished`].
pub fn is_finished(folder: &Path) -> Result<(), AuditError> {
    if marker(folder).exists() { Err(AuditError::Unfinished { path: folder.to_owned() }) } else { Ok(()) }
}

fn marker(folder: &Path) -> PathBuf {
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(".anew");
    folder.with_file_name(name)
}

/// The key of the log that was, as it says itself, or else as witnesses saw it: the key that is in the file can be a new one.
fn key_of(config: &Config, cosigned: &[Cosigned]) -> Option<LogKey> {
    let whole = verify(&config.paths.audit, |_| {}).ok().and_then(Result::ok);
    whole.and_then(|log| log.key).or_else(|| {
        let found = log_key_in(&config.paths.log_key, config.gemeente)?;
        cosigned.iter().any(|of| of.holds(&found)).then_some(found)
    })
}

fn write(path: &Path, content: &impl Serialize) -> Result<(), AnewError> {
    let json = serde_json::to_vec_pretty(content).map_err(io::Error::from);
    let written = json.and_then(|json| whole_file::write(path, &json));
    written.map_err(|error| AnewError::File { path: path.to_owned(), error })
}
