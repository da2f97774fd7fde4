//! The key that a log is signed with: a file of its own, made once, before anything is logged. Whoever has it can write
//! another history; what others cosigned shows that.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
};

use drempel_protocols::{
    id::Gemeentecode,
    log::{Kind, LogKey, SigningKey},
};
use ring::{rand::SystemRandom, signature::Ed25519KeyPair};

use super::AuditError;

/// What the log of a gemeente is called, in its checkpoints too.
pub(super) fn name(gemeente: Gemeentecode) -> String {
    format!("drempel/{gemeente}")
}

/// The key in a file. It is made where no log has begun; where one has, it must be the key of that.
pub(super) fn read_or_make(
    file: &Path,
    gemeente: Gemeentecode,
    begun: Option<&LogKey>,
) -> Result<SigningKey, AuditError> {
    let io = |error| AuditError::Io { path: file.to_owned(), error };
    let pkcs8 = match fs::read(file) {
        Ok(pkcs8) => pkcs8,
        Err(error) if error.kind() == io::ErrorKind::NotFound && begun.is_none() => make(file)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(AuditError::KeyGone { path: file.to_owned() });
        }
        Err(error) => return Err(io(error)),
    };
    let key = SigningKey::from_pkcs8(&name(gemeente), Kind::Log, &pkcs8);
    let key = key.map_err(|_| AuditError::NoKey { path: file.to_owned() })?;
    if begun.is_some_and(|begun| begun != key.public()) {
        return Err(AuditError::OtherKey { path: file.to_owned() });
    }
    Ok(key)
}

fn make(file: &Path) -> Result<Vec<u8>, AuditError> {
    let io = |error| AuditError::Io { path: file.to_owned(), error };
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| AuditError::Encoding)?;
    if let Some(folder) = file.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(io)?;
    }
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    made.and_then(|mut made| made.write_all(pkcs8.as_ref()).and_then(|()| made.sync_all())).map_err(io)?;
    Ok(pkcs8.as_ref().to_vec())
}
