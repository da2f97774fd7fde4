//! The log of a node as others see it: a tree of records of which none can be changed or left out without its root changing
//! (RFC 6962 section 2.1, RFC 9162), roots that are signed and cosigned, and proofs that hold on any machine, without the log
//! and without whoever keeps it. Formats are those of C2SP: signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof and
//! tlog-witness. Whoever trusts a key of the log, and one of somebody who cosigned, trusts nothing else here.

mod bundle;
mod checkpoint;
mod head;
mod key;
mod proof;
mod relay;
mod tree;
mod witness;

pub use self::{
    bundle::{Bundle, BundleError, BundledAnswer, BundledRecord},
    checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint},
    head::LogHead,
    key::{Kind, LogKey, LogKeyError, SigningKey, WitnessKey, log_name, witness_name},
    proof::{LogProof, LogProofError},
    relay::{COSIGNED_PATH, LOG_PATH, MOST_RELAYED, Relayed, Seen, Testimony, WITNESS_PATH},
    tree::{Consistency, Inclusion, Tree, TreeError, TreeHash},
    witness::{Offer, OfferError, Unwitnessed, Witnessed},
};

#[cfg(test)]
mod tests;
