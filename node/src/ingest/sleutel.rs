//! The secret of a node's records, and the keys that follow from it: for encrypting each file of records, for the order
//! of persons and for the identifiers of trajecten. Without the secret no person or traject can be found again from a
//! BSN; it shows in no `Debug`, error or log.

use std::{fmt, fs, io, path::Path, process::Command};

use data_encoding::{BASE64, HEXLOWER, HEXLOWER_PERMISSIVE};
use jiff::civil::Date;
use ring::{hkdf, hmac, rand::SecureRandom};

use super::{
    afbeelding::Zorg,
    bsn::Bsn,
    codes::{Categorie, Hulpvorm},
};

/// Bytes of the secret.
const LENGTH: usize = 32;

/// The secret of a node's records.
#[derive(Clone)]
pub struct RecordKey {
    personen: hmac::Key,
    trajecten: hmac::Key,
    bestanden: hkdf::Prk,
    vingerafdruk: Vingerafdruk,
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum RecordKeyError {
    /// The file cannot be read or made.
    #[error("the key of records cannot be read or made")]
    File(#[from] io::Error),
    /// The command did not run, or did not end well.
    #[error("the command for the key of records failed")]
    Command,
    /// What was found is not a key.
    #[error("the key of records is not 32 bytes, as they are or written in hexadecimal or base64")]
    Length,
    /// The system gave no random bytes.
    #[error("the system gave no random bytes")]
    Random,
}

impl RecordKey {
    /// From 32 bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; LENGTH]) -> Self {
        let derive = |name: &str| {
            let mut key = [0; LENGTH];
            let okm = hkdf::Salt::new(hkdf::HKDF_SHA256, b"drempel records v2");
            let okm = okm.extract(bytes);
            fill(&okm, &[name.as_bytes()], &mut key);
            key
        };
        let personen = hmac::Key::new(hmac::HMAC_SHA256, &derive("personen"));
        let mut vingerafdruk = [0; 8];
        vingerafdruk.iter_mut().zip(derive("vingerafdruk")).for_each(|(slot, byte)| *slot = byte);
        Self {
            personen,
            trajecten: hmac::Key::new(hmac::HMAC_SHA256, &derive("trajecten")),
            bestanden: hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, &derive("bestanden")),
            vingerafdruk: Vingerafdruk(vingerafdruk),
        }
    }

    /// From a file of 32 bytes, as they are or written in hexadecimal or base64.
    ///
    /// # Errors
    /// [`RecordKeyError`].
    pub fn read(path: &Path) -> Result<Self, RecordKeyError> {
        Self::parse(&fs::read(path)?)
    }

    /// From what a command writes to its standard output, such as one that asks a vault.
    ///
    /// # Errors
    /// [`RecordKeyError`].
    pub fn from_command(command: &[String]) -> Result<Self, RecordKeyError> {
        let [program, arguments @ ..] = command else { return Err(RecordKeyError::Command) };
        let output = Command::new(program).args(arguments).output().map_err(|_| RecordKeyError::Command)?;
        if !output.status.success() {
            return Err(RecordKeyError::Command);
        }
        Self::parse(&output.stdout)
    }

    /// Makes a secret of random bytes.
    ///
    /// # Errors
    /// [`RecordKeyError::Random`].
    pub fn random_bytes() -> Result<[u8; LENGTH], RecordKeyError> {
        let mut bytes = [0; LENGTH];
        ring::rand::SystemRandom::new().fill(&mut bytes).map_err(|_| RecordKeyError::Random)?;
        Ok(bytes)
    }

    /// By what a secret is recognised without telling anything about it.
    #[must_use]
    pub const fn vingerafdruk(&self) -> Vingerafdruk {
        self.vingerafdruk
    }

    fn parse(content: &[u8]) -> Result<Self, RecordKeyError> {
        if let Ok(bytes) = content.try_into() {
            return Ok(Self::from_bytes(bytes));
        }
        let text = content.trim_ascii();
        let decoded = HEXLOWER_PERMISSIVE.decode(text).or_else(|_| BASE64.decode(text));
        let bytes =
            decoded.ok().and_then(|bytes| <[u8; LENGTH]>::try_from(bytes).ok()).ok_or(RecordKeyError::Length)?;
        Ok(Self::from_bytes(&bytes))
    }

    /// The key of one file of records: AES-256.
    pub(super) fn bestand(&self, id: &[u8; 16]) -> [u8; LENGTH] {
        let mut key = [0; LENGTH];
        fill(&self.bestanden, &[b"bestand", id], &mut key);
        key
    }

    /// By what persons are ordered and numbered (rule R9): an order that tells nothing about their BSNs.
    pub(crate) fn persoon(&self, bsn: Bsn) -> PersoonSleutel {
        PersoonSleutel(first(hmac::sign(&self.personen, bsn.digits()).as_ref()))
    }

    /// The same for a person whom a warehouse names in its own way; no such name is a BSN's.
    pub(super) fn anders_genoemd(&self, name: &str) -> PersoonSleutel {
        let mut context = hmac::Context::with_key(&self.personen);
        context.update(b"naam ");
        context.update(name.as_bytes());
        PersoonSleutel(first(context.sign().as_ref()))
    }

    /// The identifier of a traject: of the key of the Beleidsinformatie Jeugd's record (BSN, hulpvorm, aanvang), and
    /// categorie.
    pub(super) fn traject(&self, bsn: Bsn, zorg: Zorg, aanvang: Date) -> TrajectId {
        // Every part has a fixed length, so no two sequences of parts share an input.
        let mut context = hmac::Context::with_key(&self.trajecten);
        context.update(bsn.digits());
        context.update(zorg.categorie.map_or("--", Categorie::code).as_bytes());
        context.update(zorg.hulpvorm.map_or("--", Hulpvorm::code).as_bytes());
        context.update(&aanvang.year().to_be_bytes());
        context.update(&aanvang.month().to_be_bytes());
        context.update(&aanvang.day().to_be_bytes());
        TrajectId(first(context.sign().as_ref()))
    }
}

fn fill(key: &hkdf::Prk, info: &[&[u8]], out: &mut [u8; LENGTH]) {
    // A length of 32 is one block of HMAC-SHA256, of which HKDF gives up to 255: neither step can fail.
    if let Ok(okm) = key.expand(info, hkdf::HKDF_SHA256) {
        okm.fill(out).unwrap_or_default();
    }
}

fn first(tag: &[u8]) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(tag).for_each(|(slot, byte)| *slot = *byte);
    bytes
}

impl fmt::Debug for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordKey(…)")
    }
}

/// By what a secret is recognised, written as 16 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vingerafdruk([u8; 8]);

impl fmt::Display for Vingerafdruk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

/// A person's place in the order of persons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersoonSleutel([u8; 16]);

impl PersoonSleutel {
    /// From 16 bytes, as they were stored.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes, to be stored within the node.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
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
        let (day, help) = (date(2024, 1, 1), Zorg { categorie: Some(Categorie::C45), hulpvorm: None });
        let id = one.traject(bsn, help, day);
        assert_eq!(id, one.traject(bsn, help, day));
        assert_ne!(id, other.traject(bsn, help, day));
        assert_ne!(id, one.traject(bsn, Zorg { categorie: None, ..help }, day));
        assert_ne!(id, one.traject(bsn, help, date(2024, 1, 2)));
        assert_ne!(one.persoon(bsn), other.persoon(bsn));
        assert_ne!(one.bestand(&[1; 16]), one.bestand(&[2; 16]));
        assert_ne!(one.bestand(&[1; 16]), other.bestand(&[1; 16]));
        assert_ne!(one.vingerafdruk(), other.vingerafdruk());
        assert_eq!(id.to_string().len(), 32);
        assert_eq!(format!("{one:?}"), "RecordKey(…)");
    }

    #[test]
    fn a_key_is_32_bytes_however_they_are_written() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        assert!(matches!(RecordKey::read(&path), Err(RecordKeyError::File(_))));
        fs::write(&path, [7; 31]).unwrap();
        assert!(matches!(RecordKey::read(&path), Err(RecordKeyError::Length)));
        let key = RecordKey::from_bytes(&[7; 32]);
        let forms = [
            vec![7; 32],
            b"07".repeat(32),
            BASE64.encode(&[7; 32]).into_bytes(),
            [&b"07".repeat(32), &b"\n"[..]].concat(),
        ];
        for form in forms {
            fs::write(&path, form).unwrap();
            assert_eq!(RecordKey::read(&path).unwrap().vingerafdruk(), key.vingerafdruk());
        }
        let command = |text: &str| ["sh", "-c", text].map(str::to_owned);
        let printed = RecordKey::from_command(&command(&format!("echo {}", "07".repeat(32)))).unwrap();
        assert_eq!(printed.vingerafdruk(), key.vingerafdruk());
        assert!(matches!(RecordKey::from_command(&command("exit 3")), Err(RecordKeyError::Command)));
        assert!(matches!(RecordKey::from_command(&command("echo no")), Err(RecordKeyError::Length)));
        assert!(matches!(RecordKey::from_command(&[]), Err(RecordKeyError::Command)));
    }
}
