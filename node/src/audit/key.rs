//! The key that a log is signed with: a file of its own, made once, before anything is logged. Whoever has it can write
//! another history; what others cosigned shows that. The key that the logs of others are cosigned with is another, made
//! where there is none: who loses it, or what it saw, is another witness.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use drempel_protocols::{
    id::Gemeentecode,
    log::{Kind, LogKey, SigningKey, log_name, witness_name},
};
use ring::{rand::SystemRandom, signature::Ed25519KeyPair};

use super::{AuditError, segment};
use crate::whole_file;

/// The key in a file. It is made where no log has begun; where one has, it must be the key of that.
pub(super) fn read_or_make(
    file: &Path,
    gemeente: Gemeentecode,
    begun: Option<&LogKey>,
) -> Result<SigningKey, AuditError> {
    if begun.is_none() {
        make_unless_there(file)?;
    }
    read(file, gemeente, begun)
}

/// The key in a file with which a node cosigns the logs of others; made where there is none.
///
/// # Errors
/// [`AuditError`].
pub fn witness(file: &Path, gemeente: Gemeentecode) -> Result<SigningKey, AuditError> {
    make_unless_there(file)?;
    let pkcs8 = fs::read(file).map_err(|error| AuditError::Io { path: file.to_owned(), error })?;
    let key = SigningKey::from_pkcs8(&witness_name(gemeente), Kind::Witness, &pkcs8);
    key.map_err(|_| AuditError::NoKey { path: file.to_owned() })
}

/// Gives a file, as of a key, another name beside it, under which nothing reads it. Says which.
///
/// # Errors
/// [`AuditError`].
pub fn set_aside(file: &Path) -> Result<PathBuf, AuditError> {
    let io = |error| AuditError::Io { path: file.to_owned(), error };
    let aside = free_name(file).map_err(io)?;
    fs::rename(file, &aside).map_err(io)?;
    whole_file::sync_folder_of(file).map_err(io)?;
    Ok(aside)
}

/// A name beside that of a file or folder that nothing has.
pub(super) fn free_name(path: &Path) -> io::Result<PathBuf> {
    let mut number: u32 = 1;
    loop {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".old-{number}"));
        let free = path.with_file_name(name);
        if !fs::exists(&free)? {
            return Ok(free);
        }
        number = number.saturating_add(1);
    }
}

fn make_unless_there(file: &Path) -> Result<(), AuditError> {
    if fs::exists(file).map_err(|error| AuditError::Io { path: file.to_owned(), error })? { Ok(()) } else { make(file) }
}

/// Whether the key in a file is that of a log that has begun with this one.
///
/// # Errors
/// [`AuditError`] if it is not there, or another.
pub fn has(file: &Path, gemeente: Gemeentecode, begun: &LogKey) -> Result<(), AuditError> {
    read(file, gemeente, Some(begun)).map(drop)
}

/// The public key of the log in a file; none where it is not there, or is none.
#[must_use]
pub fn log_key_in(file: &Path, gemeente: Gemeentecode) -> Option<LogKey> {
    read(file, gemeente, None).ok().map(|key| key.public().clone())
}

/// The key in a file; where a log has begun, it must be the key of that.
pub(super) fn read(file: &Path, gemeente: Gemeentecode, begun: Option<&LogKey>) -> Result<SigningKey, AuditError> {
    let path = || file.to_owned();
    let pkcs8 = fs::read(file).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => AuditError::KeyGone { path: path() },
        _ => AuditError::Io { path: path(), error },
    })?;
    let key = SigningKey::from_pkcs8(&log_name(gemeente), Kind::Log, &pkcs8);
    let key = key.map_err(|_| AuditError::NoKey { path: path() })?;
    if begun.is_some_and(|begun| begun != key.public()) {
        return Err(AuditError::OtherKey { path: path() });
    }
    Ok(key)
}

/// Makes a key, so that it is there as a whole or not at all, and stays.
fn make(file: &Path) -> Result<(), AuditError> {
    let io = |error| AuditError::Io { path: file.to_owned(), error };
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| AuditError::Encoding)?;
    let folder = file.parent().unwrap_or_else(|| Path::new("."));
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(io)?;
    let unfinished = file.with_extension("pk8.new");
    let opened = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished);
    opened.and_then(|mut made| made.write_all(pkcs8.as_ref()).and_then(|()| made.sync_all())).map_err(io)?;
    fs::rename(&unfinished, file).and_then(|()| segment::sync_folder(folder)).map_err(io)
}
