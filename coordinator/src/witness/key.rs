//! The key that the coordinator cosigns logs with: a file of its own, made once. It goes with what
//! was seen: whoever loses either is another witness, and is believed again once the gemeenten have the new key.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use drempel_protocols::log::{Kind, LogKeyError, SigningKey};
use ring::{rand::SystemRandom, signature::Ed25519KeyPair};

use super::store::Sightings;
use crate::{config::Config, jobs::StoreError};

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum WitnessKeyError {
    /// The file.
    #[error("getuige.sleutel: {} cannot be read or made: {error}", path.display())]
    File {
        /// Where.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// What is in it, or the name.
    #[error("getuige: {}: {error}", path.display())]
    Key {
        /// Where.
        path: PathBuf,
        /// Why.
        error: LogKeyError,
    },
    /// The system gave no random bytes.
    #[error("getuige.sleutel: the system gives no random bits")]
    Random,
    /// What was seen.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The key of a configuration, as it is.
///
/// # Errors
/// [`WitnessKeyError`].
pub fn read(config: &Config) -> Result<SigningKey, WitnessKeyError> {
    read_file(&config.witness_key(), &config.getuige.naam)
}

/// The key in a file, to cosign with under a name by what was seen; made where there is none. A key that did not cosign by that
/// is set aside, and another made.
///
/// # Errors
/// [`WitnessKeyError`].
pub fn of(store: &Sightings, path: &Path, name: &str) -> Result<SigningKey, WitnessKeyError> {
    let file = |error| WitnessKeyError::File { path: path.to_owned(), error };
    if fs::exists(path).map_err(file)? {
        let key = read_file(path, name)?;
        if store.is_of(key.public())? {
            store.take(key.public())?;
            return Ok(key);
        }
        // What it cosigned is not known here: it could cosign a second history of a log.
        let aside = set_aside(path).map_err(file)?;
        let key = made(store, path, name)?;
        tracing::warn!(
            key = %key.public(),
            aside = %aside.display(),
            "what the coordinator saw of logs with its key is not in the store, so that it is another witness with another key: \
             give this to the gemeenten, for their [[getuige]]; the other key is set aside, and is not to be put back"
        );
        return Ok(key);
    }
    made(store, path, name)
}

fn made(store: &Sightings, path: &Path, name: &str) -> Result<SigningKey, WitnessKeyError> {
    let file = |error| WitnessKeyError::File { path: path.to_owned(), error };
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| WitnessKeyError::Random)?;
    make(path, pkcs8.as_ref()).map_err(file)?;
    let key = read_file(path, name)?;
    store.take(key.public())?;
    Ok(key)
}

fn read_file(path: &Path, name: &str) -> Result<SigningKey, WitnessKeyError> {
    let pkcs8 = fs::read(path).map_err(|error| WitnessKeyError::File { path: path.to_owned(), error })?;
    let key = SigningKey::from_pkcs8(name, Kind::Witness, &pkcs8);
    key.map_err(|error| WitnessKeyError::Key { path: path.to_owned(), error })
}

/// Gives the file another name beside it, under which nothing reads it. Says which.
fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let mut number: u32 = 1;
    let aside = loop {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".old-{number}"));
        if !fs::exists(&name)? {
            break PathBuf::from(name);
        }
        number = number.saturating_add(1);
    };
    fs::rename(path, &aside)?;
    sync_folder(path)?;
    Ok(aside)
}

/// Makes the file, so that it is there as a whole or not at all, and stays.
fn make(path: &Path, content: &[u8]) -> io::Result<()> {
    let unfinished = path.with_extension("pk8.new");
    let mut made = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    made.write_all(content)?;
    made.sync_all()?;
    fs::rename(&unfinished, path)?;
    sync_folder(path)
}

/// Makes the names in the folder of a file stay.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
