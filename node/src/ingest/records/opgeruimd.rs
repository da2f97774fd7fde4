//! Whom retention has removed, so that an old message that comes again brings nobody back: hashes of persons under a key of
//! their own, and the day before which messages about each no longer count. The file is encrypted like the records; its
//! key lies inside it, so that it outlives a change of the key of records, when no BSN is left to hash again.

use std::{collections::BTreeMap, fmt, fs, path::Path};

use data_encoding::HEXLOWER;
use jiff::civil::Date;
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hmac,
    rand::SecureRandom as _,
};
use serde::{Deserialize, Serialize};

use super::{
    super::{bestand::write_synced, bsn::Bsn, sleutel::RecordKey},
    RecordsError, io_error,
};

const SUFFIX: &str = ".opgeruimd";

/// Whom retention has removed.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Opgeruimd {
    sleutel: Vec<u8>,
    personen: BTreeMap<String, Date>,
}

/// The file as it is inside.
#[derive(Serialize, Deserialize)]
struct Inhoud {
    sleutel: String,
    personen: BTreeMap<String, Date>,
}

/// Whether a file is named as one of these.
pub(super) fn is_name(name: &str) -> bool {
    name.strip_suffix(SUFFIX).is_some_and(|id| HEXLOWER.decode(id.as_bytes()).is_ok_and(|id| id.len() == 16))
}

impl Opgeruimd {
    /// Removes a person, of whom no message from before a day counts any more.
    pub(super) fn add(&mut self, bsn: Bsn, tot: Date) -> Result<(), RecordsError> {
        if self.sleutel.is_empty() {
            self.sleutel = RecordKey::random_bytes().map_err(|_| RecordsError::Random)?.to_vec();
        }
        let until = self.personen.entry(self.hash(bsn)).or_insert(tot);
        *until = tot.max(*until);
        Ok(())
    }

    /// The day before which messages about a person no longer count.
    pub(super) fn tot(&self, bsn: Bsn) -> Option<Date> {
        if self.personen.is_empty() { None } else { self.personen.get(&self.hash(bsn)).copied() }
    }

    /// Writes the file; gives its name. There is none where nobody was removed.
    pub(super) fn write(&self, dir: &Path, key: &RecordKey) -> Result<Option<String>, RecordsError> {
        if self.personen.is_empty() {
            return Ok(None);
        }
        let (mut id, mut nonce) = ([0; 16], [0; NONCE_LEN]);
        let random = ring::rand::SystemRandom::new();
        random.fill(&mut id).and_then(|()| random.fill(&mut nonce)).map_err(|_| RecordsError::Random)?;
        let inhoud = Inhoud { sleutel: HEXLOWER.encode(&self.sleutel), personen: self.personen.clone() };
        let mut bytes = serde_json::to_vec(&inhoud).map_err(|_| RecordsError::Encoding)?;
        let sealed =
            cipher(key, &id)?.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(id), &mut bytes);
        sealed.map_err(|_| RecordsError::Encoding)?;
        let name = format!("{}{SUFFIX}", HEXLOWER.encode(&id));
        write_synced(&dir.join(&name), &[&nonce[..], &bytes].concat()).map_err(io_error(name.clone()))?;
        Ok(Some(name))
    }

    /// Reads the file with this name.
    pub(super) fn read(dir: &Path, name: &str, key: &RecordKey) -> Result<Self, RecordsError> {
        let corrupt = || RecordsError::Corrupt(name.to_owned());
        let id = name.strip_suffix(SUFFIX).and_then(|id| HEXLOWER.decode(id.as_bytes()).ok());
        let id: [u8; 16] = id.and_then(|id| id.try_into().ok()).ok_or_else(corrupt)?;
        let bytes = fs::read(dir.join(name)).map_err(io_error(name))?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_LEN>().ok_or_else(corrupt)?;
        let mut sealed = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened = cipher(key, &id)?.open_in_place(nonce, Aad::from(id), &mut sealed).map_err(|_| corrupt())?;
        let inhoud: Inhoud = serde_json::from_slice(opened).map_err(|_| corrupt())?;
        let sleutel = HEXLOWER.decode(inhoud.sleutel.as_bytes()).map_err(|_| corrupt())?;
        Ok(Self { sleutel, personen: inhoud.personen })
    }

    fn hash(&self, bsn: Bsn) -> String {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.sleutel), bsn.digits());
        HEXLOWER.encode(tag.as_ref())
    }
}

impl fmt::Debug for Opgeruimd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opgeruimd(…)")
    }
}

fn cipher(key: &RecordKey, id: &[u8; 16]) -> Result<LessSafeKey, RecordsError> {
    let unbound = UnboundKey::new(&AES_256_GCM, &key.bestand(id)).map_err(|_| RecordsError::Encoding)?;
    Ok(LessSafeKey::new(unbound))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn what_is_written_is_read_under_its_key_only_and_names_nobody() {
        let dir = tempfile::tempdir().unwrap();
        let (one, other) = (Bsn::from_digits("999900006").unwrap(), Bsn::from_digits("999999990").unwrap());
        let (key, next) = (RecordKey::from_bytes(&[1; 32]), RecordKey::from_bytes(&[2; 32]));
        let mut gone = Opgeruimd::default();
        assert_eq!(gone.write(dir.path(), &key).unwrap(), None);
        gone.add(one, date(2016, 1, 1)).unwrap();
        gone.add(one, date(2015, 1, 1)).unwrap();
        let name = gone.write(dir.path(), &key).unwrap().unwrap();
        assert!(is_name(&name));
        let read = Opgeruimd::read(dir.path(), &name, &key).unwrap();
        assert_eq!((read.tot(one), read.tot(other)), (Some(date(2016, 1, 1)), None));
        assert!(matches!(Opgeruimd::read(dir.path(), &name, &next), Err(RecordsError::Corrupt(_))));
        let again = read.write(dir.path(), &next).unwrap().unwrap();
        assert_eq!(Opgeruimd::read(dir.path(), &again, &next).unwrap(), gone);
        let bytes = fs::read(dir.path().join(name)).unwrap();
        assert!(!bytes.windows(4).any(|window| window == b"2016"));
    }
}
