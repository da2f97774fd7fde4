//! The rule of a witness (C2SP tlog-witness): it cosigns a checkpoint only if the log that it saw before is the beginning of
//! the one it sees now. So it cosigns one history of a log, as long as what it has seen is kept before the cosignature
//! leaves, one offer at a time, and is never put back.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint},
    head::LogHead,
    key::{LogKey, SigningKey},
    tree::Consistency,
};

/// A checkpoint that is offered to be cosigned.
#[derive(Debug, PartialEq)]
pub struct Offer {
    /// The records that the witness saw before, as who offers it thinks.
    pub old: u64,
    /// That those are the beginning.
    pub proof: Consistency,
    /// The checkpoint.
    pub checkpoint: SignedCheckpoint,
}

/// Why a text is no offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OfferError {
    /// It does not read as one.
    #[error("an offer reads: old SIZE, hashes, an empty line, and a checkpoint")]
    Malformed,
    /// The checkpoint is not believed.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

/// Why a witness does not cosign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unwitnessed {
    /// The log is smaller than it was said to have been.
    #[error("the log is smaller than it is said to have been")]
    Smaller,
    /// The witness saw another number of records last, and says which.
    #[error("the witness saw {0} records last")]
    Other(u64),
    /// So many records had another root before: the log has two histories.
    #[error("the log has two histories: its {0} records had another root before")]
    Forked(u64),
    /// What was seen before is not proved to be the beginning.
    #[error("the records seen before are not proved to be the beginning of these")]
    Unproved,
    /// The log had another key when the witness saw it first.
    #[error("the log is signed with another key than when it was seen first")]
    OtherKey,
}

impl Unwitnessed {
    /// Whether the log is not what it was; otherwise who offers it only has to begin elsewhere.
    #[must_use]
    pub const fn is_dispute(self) -> bool {
        !matches!(self, Self::Other(_))
    }
}

impl Offer {
    /// Reads one, if its log signed it. Other signatures on the checkpoint are left out.
    ///
    /// # Errors
    /// [`OfferError`].
    pub fn open(text: &str, log: &LogKey) -> Result<Self, OfferError> {
        let (proof, checkpoint) = text.split_once("\n\n").ok_or(OfferError::Malformed)?;
        let mut lines = proof.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old ")).ok_or(OfferError::Malformed)?;
        let old = old.parse::<u64>().ok().filter(|size| size.to_string() == old).ok_or(OfferError::Malformed)?;
        let path = lines.map(str::parse).collect::<Result<Vec<_>, _>>().map_err(|_| OfferError::Malformed)?;
        let checkpoint = SignedCheckpoint::open(checkpoint, log)?.bare(log)?;
        Ok(Self { old, proof: Consistency(path), checkpoint })
    }

    /// Whether a witness who saw this last may cosign it.
    ///
    /// # Errors
    /// [`Unwitnessed`].
    pub fn consider(self, seen: Option<LogHead>) -> Result<Witnessed, Unwitnessed> {
        let Checkpoint { size, root, .. } = *self.checkpoint.checkpoint();
        let known = seen.map_or(0, |seen| seen.size);
        if self.old != known {
            return Err(Unwitnessed::Other(known));
        }
        if self.old > size {
            return Err(Unwitnessed::Smaller);
        }
        if let Some(before) = seen {
            if before.size == size && before.root != root {
                return Err(Unwitnessed::Forked(size));
            }
            self.proof.verify((before.size, before.root), (size, root)).map_err(|_| Unwitnessed::Unproved)?;
        } else if !self.proof.0.is_empty() {
            return Err(Unwitnessed::Unproved);
        }
        Ok(Witnessed { seen: LogHead { size, root }, checkpoint: self.checkpoint })
    }
}

/// A checkpoint that a witness may cosign.
#[derive(Debug, PartialEq)]
pub struct Witnessed {
    seen: LogHead,
    checkpoint: SignedCheckpoint,
}

impl Witnessed {
    /// What the witness has seen by it: to be kept before it is cosigned.
    #[must_use]
    pub const fn seen(&self) -> LogHead {
        self.seen
    }

    /// The checkpoint, to be kept with it.
    #[must_use]
    pub const fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }

    /// Cosigned at a time.
    ///
    /// # Errors
    /// [`CheckpointError`] if the key is no witness's, or the time before 1970.
    pub fn cosign(mut self, witness: &SigningKey, now: Timestamp) -> Result<SignedCheckpoint, CheckpointError> {
        self.checkpoint.cosign(witness, now)?;
        Ok(self.checkpoint)
    }
}

impl std::fmt::Display for Offer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "old {}", self.old)?;
        for hash in &self.proof.0 {
            writeln!(f, "{hash}")?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}
