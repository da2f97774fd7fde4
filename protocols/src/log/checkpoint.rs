//! A checkpoint: that a log had so many records with this root, signed by the log and by whoever saw it (C2SP tlog-checkpoint,
//! signed-note, tlog-cosignature). What stands in one is believed of a key that is known, and of nobody else.

use std::{collections::BTreeMap, fmt};

use jiff::Timestamp;
use signed_note::{Note, NoteError, VerificationError, Verifier, Verifiers};
use tlog_tiles::Hash;

use super::{
    head::LogHead,
    key::{Kind, LogKey, SigningKey},
    tree::TreeHash,
};

/// Why a checkpoint is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// It is no signed note, or the note no checkpoint.
    #[error("this is no signed checkpoint")]
    Malformed,
    /// The log did not sign it.
    #[error("the checkpoint is not signed with the key of this log")]
    Unsigned,
    /// A signature under a key that is known does not hold.
    #[error("a signature on the checkpoint does not hold")]
    Signature,
    /// It is of another log.
    #[error("the checkpoint is of another log than its key")]
    Origin,
}

/// How many records a log had, and what their root is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log: the name of its key.
    pub origin: String,
    /// How many records.
    pub size: u64,
    /// Their root.
    pub root: TreeHash,
}

impl Checkpoint {
    /// How far the log went.
    #[must_use]
    pub const fn head(&self) -> LogHead {
        LogHead { size: self.size, root: self.root }
    }

    fn text(&self) -> Result<Vec<u8>, CheckpointError> {
        let of = tlog_tiles::Checkpoint::new(&self.origin, self.size, Hash(*self.root.as_bytes()), "");
        of.map(|of| of.to_bytes()).map_err(|_| CheckpointError::Malformed)
    }

    fn read(text: &[u8]) -> Result<Self, CheckpointError> {
        let found = tlog_tiles::Checkpoint::from_bytes(text).map_err(|_| CheckpointError::Malformed)?;
        if found.size() == 0 && found.hash().0 != *TreeHash::of_nothing().as_bytes() {
            return Err(CheckpointError::Malformed);
        }
        Ok(Self { origin: found.origin().to_owned(), size: found.size(), root: TreeHash::from_bytes(found.hash().0) })
    }
}

/// A checkpoint with the signatures of its log and of others.
#[derive(Debug, PartialEq)]
pub struct SignedCheckpoint {
    note: Note,
    checkpoint: Checkpoint,
}

/// Those whose signatures are looked at.
struct Known<'k>(&'k [&'k LogKey]);

impl Verifiers for Known<'_> {
    fn verifier(&self, name: &str, id: u32) -> Result<&dyn Verifier, VerificationError> {
        let is_it = |key: &&&LogKey| key.name() == name && key.key_id() == id;
        let found = self.0.iter().find(is_it).map(|key| *key as &dyn Verifier);
        found.ok_or_else(|| VerificationError::UnknownKey { name: name.to_owned(), id })
    }
}

impl SignedCheckpoint {
    /// Signed by its log, whose name is the origin.
    ///
    /// # Errors
    /// [`CheckpointError::Unsigned`] if the key is no key of a log.
    pub fn sign(size: u64, root: TreeHash, key: &SigningKey) -> Result<Self, CheckpointError> {
        if key.public().kind() != Kind::Log {
            return Err(CheckpointError::Unsigned);
        }
        let checkpoint = Checkpoint { origin: key.public().name().to_owned(), size, root };
        let mut note = Note::new(&checkpoint.text()?, &[]).map_err(|_| CheckpointError::Malformed)?;
        note.add_sigs(&[&key.at(0)]).map_err(|_| CheckpointError::Malformed)?;
        Ok(Self { note, checkpoint })
    }

    /// Reads one, if the log signed it. Signatures under other keys stay, and are believed of nobody.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn open(text: &str, log: &LogKey) -> Result<Self, CheckpointError> {
        let note = Note::from_bytes(text.as_bytes()).map_err(|_| CheckpointError::Malformed)?;
        note.verify(&Known(&[log])).map_err(|error| match error {
            NoteError::InvalidSignature { .. } => CheckpointError::Signature,
            _ => CheckpointError::Unsigned,
        })?;
        let checkpoint = Checkpoint::read(note.text())?;
        if log.kind() != Kind::Log {
            return Err(CheckpointError::Unsigned);
        }
        if checkpoint.origin != log.name() {
            return Err(CheckpointError::Origin);
        }
        Ok(Self { note, checkpoint })
    }

    /// What a signed checkpoint says, whoever signed it: to be looked at, and believed once a key is known.
    #[must_use]
    pub fn says(text: &str) -> Option<LogHead> {
        let note = Note::from_bytes(text.as_bytes()).ok()?;
        Checkpoint::read(note.text()).ok().map(|found| found.head())
    }

    /// What it says.
    #[must_use]
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Adds the signature of a witness at a time: only [`super::Witnessed`] may.
    pub(super) fn cosign(&mut self, witness: &SigningKey, now: Timestamp) -> Result<(), CheckpointError> {
        if witness.public().kind() != Kind::Witness {
            return Err(CheckpointError::Unsigned);
        }
        let time = u64::try_from(now.as_second()).map_err(|_| CheckpointError::Malformed)?;
        self.note.add_sigs(&[&witness.at(time)]).map_err(|_| CheckpointError::Malformed)
    }

    /// The same checkpoint with the signature of its log and no other.
    ///
    /// # Errors
    /// [`CheckpointError`] if the log did not sign it.
    pub fn bare(&self, log: &LogKey) -> Result<Self, CheckpointError> {
        let (signed, _) = self.note.verify(&Known(&[log])).map_err(|_| CheckpointError::Unsigned)?;
        let note = Note::new(self.note.text(), &signed).map_err(|_| CheckpointError::Malformed)?;
        Ok(Self { note, checkpoint: self.checkpoint.clone() })
    }

    /// Takes over the signatures of some witnesses from another copy of the same checkpoint; of others it takes nothing.
    ///
    /// # Errors
    /// [`CheckpointError`] if it is of another one, or one of those signatures does not hold.
    pub fn join(&mut self, other: &Self, keys: &[&LogKey]) -> Result<(), CheckpointError> {
        if self.note.text() != other.note.text() {
            return Err(CheckpointError::Origin);
        }
        let mut text = self.to_string();
        for signature in other.of_witnesses(keys)?.iter().map(signed_note::Signature::to_bytes) {
            let line = String::from_utf8_lossy(&signature);
            if !text.split_inclusive('\n').any(|own| own == line) {
                text += &line;
            }
        }
        self.note = Note::from_bytes(text.as_bytes()).map_err(|_| CheckpointError::Malformed)?;
        Ok(())
    }

    fn of_witnesses(&self, keys: &[&LogKey]) -> Result<Vec<signed_note::Signature>, CheckpointError> {
        let keys: Vec<&LogKey> = keys.iter().filter(|key| key.kind() == Kind::Witness).copied().collect();
        match self.note.verify(&Known(&keys)) {
            Ok((signed, _)) => Ok(signed),
            Err(NoteError::UnverifiedNote) => Ok(Vec::new()),
            Err(_) => Err(CheckpointError::Signature),
        }
    }

    /// Which of some witnesses cosigned it, by the names of their keys, and when each says that it did.
    ///
    /// # Errors
    /// [`CheckpointError::Signature`] if a signature under one of these keys does not hold.
    pub fn witnesses(&self, keys: &[&LogKey]) -> Result<BTreeMap<String, Timestamp>, CheckpointError> {
        let at = |of: &signed_note::Signature| {
            let time = u64::from_be_bytes(*of.signature().first_chunk()?);
            Some((of.name().to_owned(), Timestamp::from_second(time.try_into().ok()?).ok()?))
        };
        Ok(self.of_witnesses(keys)?.iter().filter_map(at).collect())
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A note is text: it was read from it, or made of it.
        f.write_str(&String::from_utf8_lossy(&self.note.to_bytes()))
    }
}
