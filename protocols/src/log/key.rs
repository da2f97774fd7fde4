//! Keys of a log and of those who cosign it, as C2SP writes them: `name+id+key`, where the id is four bytes of a hash over all
//! of it, so that a key is known by what it says.

use std::{fmt, str::FromStr};

use data_encoding::{BASE64, HEXLOWER};
use ring::{
    digest::{SHA256, digest},
    signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey},
};
use serde::{Deserialize, Serialize};
use signed_note::{Signer, Verifier, is_key_name_valid};

use crate::id::Gemeentecode;

/// Why a text is no key, or a key no key of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogKeyError {
    /// It does not read `name+id+key`.
    #[error("a key of a log or a witness reads name+id+key, the key in base64 after the byte of its kind")]
    Format,
    /// The id is not of this name and key.
    #[error("the id of the key is not that of its name and bytes: a part was left out or changed")]
    Id,
    /// The name has spaces or pluses, or is none.
    #[error("the name of a key has no spaces and no pluses")]
    Name,
    /// It is the key of a log, where one of a witness is wanted.
    #[error("this is the key of a log and not of a witness; `drempel-node audit witness-key` prints that of a node")]
    Kind,
    /// It is no private key in PKCS #8.
    #[error("this is no Ed25519 key in PKCS #8")]
    Private,
}

/// What the log of a gemeente is called, in its checkpoints too.
#[must_use]
pub fn log_name(gemeente: Gemeentecode) -> String {
    format!("drempel/{gemeente}")
}

/// What the node of a gemeente is called as a witness of the logs of others.
#[must_use]
pub fn witness_name(gemeente: Gemeentecode) -> String {
    format!("drempel/{gemeente}/getuige")
}

/// What a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The checkpoints of its log.
    Log,
    /// Those of others, with the time.
    Witness,
}

impl Kind {
    /// Its signature type in signed-note.
    const fn byte(self) -> u8 {
        match self {
            Self::Log => 1,
            Self::Witness => 4,
        }
    }
}

/// A public key, with its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LogKey {
    name: String,
    kind: Kind,
    public: [u8; 32],
}

impl LogKey {
    /// Whose it is.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it signs.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Of which gemeente's log it is, if of any.
    #[must_use]
    pub fn gemeente(&self) -> Option<Gemeentecode> {
        let code = Some(&self.name).filter(|_| self.kind == Kind::Log)?.strip_prefix("drempel/")?;
        code.parse().ok()
    }

    /// Whether it signed this.
    pub(super) fn signed(&self, text: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.public).verify(text, signature).is_ok()
    }

    /// Whether it sealed something with this SHA-256 under a label ([`SigningKey::seal`]).
    #[must_use]
    pub fn sealed(&self, label: &str, hash: &[u8; 32], seal: &[u8]) -> bool {
        self.signed(&to_seal(label, hash), seal)
    }

    fn encoded(&self) -> Vec<u8> {
        [&[self.kind.byte()], &self.public[..]].concat()
    }
}

impl Verifier for LogKey {
    fn name(&self) -> &str {
        &self.name
    }

    fn key_id(&self) -> u32 {
        key_id(&self.name, &self.encoded())
    }

    fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        match self.kind {
            Kind::Log => self.signed(text, signature),
            Kind::Witness => signature.split_first_chunk().is_some_and(|(time, signature)| {
                let time = u64::from_be_bytes(*time);
                time <= i64::MAX.unsigned_abs() && self.signed(&cosigned(time, text), signature)
            }),
        }
    }
}

/// What a witness signs of a checkpoint (tlog-cosignature, v1).
fn cosigned(time: u64, text: &[u8]) -> Vec<u8> {
    [format!("cosignature/v1\ntime {time}\n").as_bytes(), text].concat()
}

/// What a seal signs. A note has no byte 0, so that it is never one.
fn to_seal(label: &str, hash: &[u8; 32]) -> Vec<u8> {
    [b"drempel seal\0", label.as_bytes(), b"\0", hash].concat()
}

fn key_id(name: &str, encoded: &[u8]) -> u32 {
    let hash = digest(&SHA256, &[name.as_bytes(), b"\n", encoded].concat());
    hash.as_ref().first_chunk().map_or(0, |id| u32::from_be_bytes(*id))
}

impl fmt::Display for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = HEXLOWER.encode(&self.key_id().to_be_bytes());
        write!(f, "{}+{id}+{}", self.name, BASE64.encode(&self.encoded()))
    }
}

impl FromStr for LogKey {
    type Err = LogKeyError;

    fn from_str(text: &str) -> Result<Self, LogKeyError> {
        let (name, rest) = text.split_once('+').ok_or(LogKeyError::Format)?;
        let (id, key) = rest.split_once('+').ok_or(LogKeyError::Format)?;
        let encoded = BASE64.decode(key.as_bytes()).map_err(|_| LogKeyError::Format)?;
        let (kind, public) = encoded.split_first().ok_or(LogKeyError::Format)?;
        let kind = [Kind::Log, Kind::Witness].into_iter().find(|of| of.byte() == *kind).ok_or(LogKeyError::Format)?;
        let public = public.try_into().map_err(|_| LogKeyError::Format)?;
        if !is_key_name_valid(name) {
            return Err(LogKeyError::Name);
        }
        let found = Self { name: name.to_owned(), kind, public };
        if HEXLOWER.encode(&found.key_id().to_be_bytes()) == id { Ok(found) } else { Err(LogKeyError::Id) }
    }
}

impl TryFrom<String> for LogKey {
    type Error = LogKeyError;

    fn try_from(text: String) -> Result<Self, LogKeyError> {
        text.parse()
    }
}

impl From<LogKey> for String {
    fn from(key: LogKey) -> Self {
        key.to_string()
    }
}

/// The public key of a witness, and of nothing else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "LogKey", into = "LogKey")]
pub struct WitnessKey(LogKey);

impl WitnessKey {
    /// As the key that it is.
    #[must_use]
    pub const fn key(&self) -> &LogKey {
        &self.0
    }

    /// Whose it is.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.name()
    }
}

impl TryFrom<LogKey> for WitnessKey {
    type Error = LogKeyError;

    fn try_from(key: LogKey) -> Result<Self, LogKeyError> {
        if key.kind == Kind::Witness { Ok(Self(key)) } else { Err(LogKeyError::Kind) }
    }
}

impl From<WitnessKey> for LogKey {
    fn from(key: WitnessKey) -> Self {
        key.0
    }
}

impl FromStr for WitnessKey {
    type Err = LogKeyError;

    fn from_str(text: &str) -> Result<Self, LogKeyError> {
        text.parse::<LogKey>()?.try_into()
    }
}

impl fmt::Display for WitnessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A private key, with the name and kind that it signs under.
pub struct SigningKey {
    public: LogKey,
    pair: Ed25519KeyPair,
}

impl SigningKey {
    /// From PKCS #8.
    ///
    /// # Errors
    /// [`LogKeyError`].
    pub fn from_pkcs8(name: &str, kind: Kind, pkcs8: &[u8]) -> Result<Self, LogKeyError> {
        if !is_key_name_valid(name) {
            return Err(LogKeyError::Name);
        }
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|_| LogKeyError::Private)?;
        let public = pair.public_key().as_ref().try_into().map_err(|_| LogKeyError::Private)?;
        Ok(Self { public: LogKey { name: name.to_owned(), kind, public }, pair })
    }

    /// The key that others know it by.
    #[must_use]
    pub const fn public(&self) -> &LogKey {
        &self.public
    }

    /// Signs something of its owner's own by its SHA-256, under a label that says what it is: no checkpoint, nor anything with
    /// another label.
    #[must_use]
    pub fn seal(&self, label: &str, hash: &[u8; 32]) -> Vec<u8> {
        self.pair.sign(&to_seal(label, hash)).as_ref().to_vec()
    }

    /// For a witness the time in seconds since 1970 goes into what it signs.
    pub(super) const fn at(&self, time: u64) -> Signing<'_> {
        Signing { key: self, time }
    }
}

/// A private key at a time.
pub(super) struct Signing<'k> {
    key: &'k SigningKey,
    time: u64,
}

impl Signer for Signing<'_> {
    fn name(&self) -> &str {
        &self.key.public.name
    }

    fn key_id(&self) -> u32 {
        self.key.public.key_id()
    }

    fn sign(&self, text: &[u8]) -> Result<Vec<u8>, signature::Error> {
        let signature = |text: &[u8]| self.key.pair.sign(text).as_ref().to_vec();
        Ok(match self.key.public.kind {
            Kind::Log => signature(text),
            Kind::Witness => [&self.time.to_be_bytes()[..], &signature(&cosigned(self.time, text))].concat(),
        })
    }
}
