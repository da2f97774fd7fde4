//! The key under which a node names what it may not name by BSN. Without the key no traject or person in a snapshot
//! can be found again from a BSN; the key itself shows in no `Debug`, error or log.

use std::{fmt, fs, io, path::Path};

use data_encoding::HEXLOWER;
use jiff::civil::Date;
use ring::hmac;

use super::{
    bsn::Bsn,
    codes::{Categorie, Hulpvorm},
};

/// The node's own key for identifiers of records.
#[derive(Clone)]
pub struct RecordKey(hmac::Key);

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum RecordKeyError {
    /// The file cannot be read.
    #[error("the key of records cannot be read")]
    Unreadable(#[source] io::Error),
    /// The file does not hold a key.
    #[error("the key of records is not exactly 32 bytes")]
    Length,
}

impl RecordKey {
    /// From 32 bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// From a file of exactly 32 bytes.
    ///
    /// # Errors
    /// [`RecordKeyError`] if it cannot be read or has another length.
    pub fn read(path: &Path) -> Result<Self, RecordKeyError> {
        let bytes = fs::read(path).map_err(RecordKeyError::Unreadable)?;
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| RecordKeyError::Length)?;
        Ok(Self::from_bytes(&bytes))
    }

    /// The identifier of a traject: of the key of the Beleidsinformatie Jeugd's record (BSN, hulpvorm, aanvang), and
    /// categorie.
    pub(super) fn traject(
        &self,
        bsn: Bsn,
        categorie: Option<Categorie>,
        hulpvorm: Option<Hulpvorm>,
        aanvang: Date,
    ) -> TrajectId {
        // Every part has a fixed length, so no two sequences of parts share an input.
        let mut context = hmac::Context::with_key(&self.0);
        context.update(b"traject");
        context.update(bsn.digits());
        context.update(categorie.map_or("--", Categorie::code).as_bytes());
        context.update(hulpvorm.map_or("--", Hulpvorm::code).as_bytes());
        context.update(&aanvang.year().to_be_bytes());
        context.update(&aanvang.month().to_be_bytes());
        context.update(&aanvang.day().to_be_bytes());
        let tag = context.sign();
        let mut id = [0; 16];
        for (byte, from) in id.iter_mut().zip(tag.as_ref()) {
            *byte = *from;
        }
        TrajectId(id)
    }

    /// By what persons are numbered (rule R9): an order that tells nothing about their BSNs.
    pub(super) fn person_order(&self, bsn: Bsn) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(b"persoon");
        context.update(bsn.digits());
        let tag = context.sign();
        let mut order = [0; 32];
        for (byte, from) in order.iter_mut().zip(tag.as_ref()) {
            *byte = *from;
        }
        order
    }
}

impl fmt::Debug for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordKey(…)")
    }
}

/// The keyed identifier of a traject, written as 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrajectId([u8; 16]);

impl TrajectId {
    /// From 16 bytes: for snapshots that are not made from messages.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for TrajectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn r9_identifiers_depend_on_key_and_record_and_tell_neither() {
        let bsn = Bsn::from_digits("999900006").unwrap();
        let (one, other) = (RecordKey::from_bytes(&[1; 32]), RecordKey::from_bytes(&[2; 32]));
        let day = date(2024, 1, 1);
        let id = one.traject(bsn, Some(Categorie::C45), None, day);
        assert_eq!(id, one.traject(bsn, Some(Categorie::C45), None, day));
        assert_ne!(id, other.traject(bsn, Some(Categorie::C45), None, day));
        assert_ne!(id, one.traject(bsn, None, None, day));
        assert_ne!(id, one.traject(bsn, Some(Categorie::C45), None, date(2024, 1, 2)));
        assert_ne!(one.person_order(bsn), other.person_order(bsn));
        assert_eq!(id.to_string().len(), 32);
        assert_eq!(format!("{one:?}"), "RecordKey(…)");
    }

    #[test]
    fn a_key_is_32_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        assert!(matches!(RecordKey::read(&path), Err(RecordKeyError::Unreadable(_))));
        fs::write(&path, [7; 31]).unwrap();
        assert!(matches!(RecordKey::read(&path), Err(RecordKeyError::Length)));
        fs::write(&path, [7; 32]).unwrap();
        assert!(RecordKey::read(&path).is_ok());
    }
}
