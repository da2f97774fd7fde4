//! The key that the coordinator cosigns logs with: a file of its own, made once. Whoever loses it is a new witness, and is
//! believed again once the gemeenten have the new key.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use drempel_protocols::log::{Kind, LogKeyError, SigningKey};
use ring::{rand::SystemRandom, signature::Ed25519KeyPair};

use crate::config::Config;

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
}

/// The key of a configuration, as it is.
///
/// # Errors
/// [`WitnessKeyError`].
pub fn read(config: &Config) -> Result<SigningKey, WitnessKeyError> {
    let path = config.witness_key();
    let pkcs8 = fs::read(&path).map_err(|error| WitnessKeyError::File { path: path.clone(), error })?;
    let key = SigningKey::from_pkcs8(&config.getuige.naam, Kind::Witness, &pkcs8);
    key.map_err(|error| WitnessKeyError::Key { path, error })
}

/// The key of a configuration, made where there is none.
///
/// # Errors
/// [`WitnessKeyError`].
pub fn read_or_make(config: &Config) -> Result<SigningKey, WitnessKeyError> {
    let path = config.witness_key();
    let file = |error| WitnessKeyError::File { path: path.clone(), error };
    if !fs::exists(&path).map_err(file)? {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| WitnessKeyError::Random)?;
        make(&path, pkcs8.as_ref()).map_err(file)?;
    }
    read(config)
}

/// Makes the file, so that it is there as a whole or not at all, and stays.
fn make(path: &Path, content: &[u8]) -> io::Result<()> {
    let unfinished = path.with_extension("pk8.new");
    let mut made = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    made.write_all(content)?;
    made.sync_all()?;
    fs::rename(&unfinished, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
