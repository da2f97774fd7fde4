//! The question on the wire: what the coordinator asks one node, signed for that node alone and for five minutes.
//! A node believes nothing in it that it cannot check.

use data_encoding::BASE64;
use jiff::{SignedDuration, Timestamp};
use ring::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

use crate::id::{Digest, Oin, PurposeId, QuestionId};

/// How long a signed question may be used.
pub const LIFE: SignedDuration = SignedDuration::from_mins(5);

/// How far the clocks of coordinator and node may differ.
pub const CLOCK_SKEW: SignedDuration = SignedDuration::from_secs(30);

/// Most characters of the name of who asks: it stands in every node's log.
pub const MOST_ASKER: usize = 200;

/// The path at which a node takes questions.
pub const ASK_PATH: &str = "/v1/vragen";

const CONTEXT: &[u8] = b"drempel question v1\n";

/// A question to one node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// The asking; the same id at every node.
    pub id: QuestionId,
    /// The organisation this copy is meant for.
    pub recipient: Oin,
    /// Who asks, according to the coordinator.
    pub asker: String,
    /// What for.
    pub purpose: PurposeId,
    /// The canonical text.
    pub sql: String,
    /// The digest of the canonical question.
    pub digest: Digest,
    /// The catalogue it was read with.
    pub catalogue: Digest,
    /// From when it may be used.
    pub issued: Timestamp,
    /// Until when it may be used: at most [`LIFE`] after `issued`.
    pub expires: Timestamp,
}

/// An [`Ask`] as it was signed: the exact text, and an Ed25519 signature over it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedAsk {
    /// The ask in JSON; what is signed is this text, byte for byte.
    ask: String,
    /// The signature, base64.
    signature: String,
}

/// Why a signed question cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// The signature is not of the expected key over this text.
    #[error("the signature does not hold")]
    Signature,
    /// The signed text is not an ask.
    #[error("the signed text is not a question")]
    Malformed,
    /// The question is meant for another organisation.
    #[error("the question is addressed to another organisation")]
    Recipient,
    /// Before `issued`, after `expires`, or a life longer than [`LIFE`].
    #[error("the question is not fresh")]
    Stale,
}

impl SignedAsk {
    /// Signs a question.
    ///
    /// # Errors
    /// If the question cannot be written as JSON.
    pub fn sign(ask: &Ask, key: &Ed25519KeyPair) -> Result<Self, serde_json::Error> {
        let ask = serde_json::to_string(ask)?;
        let signature = BASE64.encode(key.sign(&signed_bytes(&ask)).as_ref());
        Ok(Self { ask, signature })
    }

    /// The question, if it was signed with the key, is meant for `recipient`, and may be used at `now`.
    ///
    /// # Errors
    /// [`AskError`]; the signature is looked at before anything else.
    pub fn open(&self, public_key: &[u8], recipient: &Oin, now: Timestamp) -> Result<Ask, AskError> {
        let signature = BASE64.decode(self.signature.as_bytes()).map_err(|_| AskError::Signature)?;
        UnparsedPublicKey::new(&ED25519, public_key)
            .verify(&signed_bytes(&self.ask), &signature)
            .map_err(|_| AskError::Signature)?;
        let ask: Ask = serde_json::from_str(&self.ask).map_err(|_| AskError::Malformed)?;
        if ask.asker.chars().count() > MOST_ASKER || ask.asker.chars().any(char::is_control) {
            return Err(AskError::Malformed);
        }
        if ask.recipient != *recipient {
            return Err(AskError::Recipient);
        }
        let life = ask.expires.duration_since(ask.issued);
        let fresh = !life.is_negative()
            && life <= LIFE
            && now.duration_since(ask.issued) >= -CLOCK_SKEW
            && ask.expires.duration_since(now).is_positive();
        if fresh { Ok(ask) } else { Err(AskError::Stale) }
    }
}

fn signed_bytes(ask: &str) -> Vec<u8> {
    [CONTEXT, ask.as_bytes()].concat()
}
