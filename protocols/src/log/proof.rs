//! A proof that a record is in the log, for whoever has nothing but the record, the proof and the key of the log (C2SP
//! tlog-proof). Who cosigned the checkpoint in it is asked of the checkpoint: a log that nobody cosigned can have shown
//! somebody else another history.

use std::fmt;

use data_encoding::BASE64;

use super::{
    checkpoint::{CheckpointError, SignedCheckpoint},
    head::LogHead,
    key::LogKey,
    tree::{Inclusion, TreeError, TreeHash},
};

const FIRST: &str = "c2sp.org/tlog-proof@v1\n";

/// Why a receipt proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogProofError {
    /// It does not read as one.
    #[error("this is no proof: it begins with c2sp.org/tlog-proof@v1, an index and hashes, and ends with a checkpoint")]
    Malformed,
    /// The checkpoint is not believed.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The record is not in the log.
    #[error("the record is not in the log that the proof is of: {0}")]
    Tree(#[from] TreeError),
}

/// That a record is in the log.
#[derive(Debug, PartialEq)]
pub struct LogProof {
    /// Where it is.
    pub inclusion: Inclusion,
    /// In the log of which checkpoint.
    pub checkpoint: SignedCheckpoint,
}

impl LogProof {
    /// What a proof says, of a log of which nobody knows the key: to be looked at, and believed once a key is known.
    #[must_use]
    pub fn says(text: &str) -> Option<LogHead> {
        let (_, checkpoint) = text.strip_prefix(FIRST)?.split_once("\n\n")?;
        SignedCheckpoint::says(checkpoint)
    }

    /// How far the log of a key went by a proof; nothing if that log did not sign it.
    #[must_use]
    pub fn signed(text: &str, log: &LogKey) -> Option<LogHead> {
        let (_, checkpoint) = text.strip_prefix(FIRST)?.split_once("\n\n")?;
        Some(SignedCheckpoint::open(checkpoint, log).ok()?.checkpoint().head())
    }

    /// Reads one, and sees that it is of this record in the log of this key.
    ///
    /// # Errors
    /// [`LogProofError`].
    pub fn open(text: &str, record: &[u8], log: &LogKey) -> Result<Self, LogProofError> {
        let malformed = || LogProofError::Malformed;
        let (proof, checkpoint) =
            text.strip_prefix(FIRST).and_then(|rest| rest.split_once("\n\n")).ok_or_else(malformed)?;
        let mut lines = proof.split('\n').peekable();
        if let Some(extra) = lines.peek().and_then(|line| line.strip_prefix("extra ")) {
            BASE64.decode(extra.as_bytes()).map_err(|_| LogProofError::Malformed)?;
            lines.next();
        }
        let index = lines.next().and_then(|line| line.strip_prefix("index ")).ok_or_else(malformed)?;
        let index = index.parse::<u64>().ok().filter(|number| number.to_string() == index).ok_or_else(malformed)?;
        let path = lines.map(str::parse).collect::<Result<_, _>>().map_err(|_| LogProofError::Malformed)?;
        let found = Self { inclusion: Inclusion { index, path }, checkpoint: SignedCheckpoint::open(checkpoint, log)? };
        let said = found.checkpoint.checkpoint();
        found.inclusion.verify(TreeHash::of_record(record), said.size, said.root)?;
        Ok(found)
    }
}

impl fmt::Display for LogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST}index {}", self.inclusion.index)?;
        for hash in &self.inclusion.path {
            writeln!(f, "{hash}")?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}
