//! What is said between a node and whoever carries its log to witnesses: a log is offered, relayed to a witness that is no
//! party to the link, and comes back cosigned, or with why it was not. Who carries it can leave out and hold up; it can sign
//! for nobody, and what a witness saw it can only show as the log signed it.

use serde::{Deserialize, Serialize};

use super::{
    checkpoint::{CheckpointError, SignedCheckpoint},
    head::LogHead,
    key::{LogKey, WitnessKey},
    witness::{Offer, OfferError, Unwitnessed, Witnessed},
};

/// The path at which a node offers its log: since the records of `?sinds=`, and up to those of `tot=`.
pub const LOG_PATH: &str = "/v1/logboek";

/// The path at which a node takes its own log cosigned.
pub const COSIGNED_PATH: &str = "/v1/logboek/getuigenis";

/// The path at which a node is asked to cosign the log of another.
pub const WITNESS_PATH: &str = "/v1/getuigenis";

/// Most bytes of what is sent to these: an offer has at most 64 hashes, and a checkpoint a few signatures.
pub const MOST_RELAYED: usize = 16 * 1024;

/// A log that is offered to a witness by somebody else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relayed {
    /// The key that it is said to be signed with.
    pub log: LogKey,
    /// The [`Offer`], as it is written.
    pub offer: String,
}

/// What a witness says of a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Testimony {
    /// It cosigned this checkpoint.
    Cosigned(String),
    /// It did not.
    Refused {
        /// Why.
        why: Unwitnessed,
        /// The checkpoint that it saw last, as the log signed it.
        seen: Option<String>,
    },
}

/// What a witness keeps of a log, from the first time that it saw it.
#[derive(Debug, PartialEq)]
pub struct Seen {
    key: LogKey,
    checkpoint: SignedCheckpoint,
}

impl Seen {
    /// What was kept.
    ///
    /// # Errors
    /// [`CheckpointError`] if the key did not sign it.
    pub fn open(key: LogKey, checkpoint: &str) -> Result<Self, CheckpointError> {
        let checkpoint = SignedCheckpoint::open(checkpoint, &key)?;
        Ok(Self { key, checkpoint })
    }

    /// The key of the log.
    #[must_use]
    pub const fn key(&self) -> &LogKey {
        &self.key
    }

    /// How far the log went.
    #[must_use]
    pub const fn head(&self) -> LogHead {
        self.checkpoint.checkpoint().head()
    }

    /// The checkpoint, with the signatures that it was kept with.
    #[must_use]
    pub const fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }

    /// The checkpoint, to be kept elsewhere.
    #[must_use]
    pub fn into_checkpoint(self) -> SignedCheckpoint {
        self.checkpoint
    }
}

impl Relayed {
    /// Whether a witness who keeps this of the log may cosign it.
    ///
    /// # Errors
    /// [`OfferError`] if it is no offer of that log, or else [`Unwitnessed`].
    pub fn weigh(&self, kept: Option<&Seen>) -> Result<Result<Witnessed, Unwitnessed>, OfferError> {
        let offer = Offer::open(&self.offer, &self.log)?;
        match kept {
            Some(seen) if seen.key != self.log => Ok(Err(Unwitnessed::OtherKey)),
            seen => Ok(offer.consider(seen.map(Seen::head))),
        }
    }
}

impl Testimony {
    /// What a witness refused, with what it saw as far as it shows it; or the checkpoint that it cosigned.
    ///
    /// # Errors
    /// [`CheckpointError`] if it says to have cosigned what it did not.
    pub fn weigh(
        &self,
        log: &LogKey,
        witness: &WitnessKey,
    ) -> Result<Result<SignedCheckpoint, (Unwitnessed, Option<LogHead>)>, CheckpointError> {
        match self {
            Self::Cosigned(text) => {
                let signed = SignedCheckpoint::open(text, log)?;
                let mut cosigned = signed.bare(log)?;
                cosigned.join(&signed, &[witness.key()])?;
                if cosigned.witnesses(&[witness.key()])?.is_empty() {
                    return Err(CheckpointError::Unsigned);
                }
                Ok(Ok(cosigned))
            }
            Self::Refused { why, seen } => {
                let shown = seen.as_deref().and_then(|text| match why {
                    // That one is signed with the other key.
                    Unwitnessed::OtherKey => SignedCheckpoint::says(text),
                    _ => SignedCheckpoint::open(text, log).ok().map(|signed| signed.checkpoint().head()),
                });
                Ok(Err((*why, shown)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use ring::{rand::SystemRandom, signature::Ed25519KeyPair};

    use super::*;
    use crate::log::{Consistency, Kind, SigningKey, Tree, TreeHash};

    fn key(name: &str, kind: Kind) -> SigningKey {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        SigningKey::from_pkcs8(name, kind, pkcs8.as_ref()).unwrap()
    }

    fn of(key: &SigningKey, records: u64) -> SignedCheckpoint {
        let mut tree = Tree::default();
        (0..records).for_each(|number| tree.push(TreeHash::of_record(&number.to_be_bytes())));
        SignedCheckpoint::sign(records, tree.root(records).unwrap(), key).unwrap()
    }

    fn relayed(log: &SigningKey, records: u64) -> Relayed {
        let offer = Offer { old: 0, proof: Consistency(Vec::new()), checkpoint: of(log, records) };
        Relayed { log: log.public().clone(), offer: offer.to_string() }
    }

    #[test]
    fn the_key_that_a_log_had_first_is_its_key() {
        let [log, other] = [(); 2].map(|()| key("drempel/GM0014", Kind::Log));
        let seen = Seen::open(log.public().clone(), &of(&log, 3).to_string()).unwrap();
        assert!(relayed(&log, 3).weigh(None).unwrap().is_ok());
        assert_eq!(relayed(&log, 3).weigh(Some(&seen)).unwrap(), Err(Unwitnessed::Other(3)));
        assert_eq!(relayed(&other, 3).weigh(Some(&seen)).unwrap(), Err(Unwitnessed::OtherKey));
        let stolen = Relayed { log: log.public().clone(), ..relayed(&other, 3) };
        assert!(matches!(stolen.weigh(Some(&seen)), Err(OfferError::Checkpoint(CheckpointError::Unsigned))));
        assert!(Seen::open(other.public().clone(), &of(&log, 3).to_string()).is_err());
    }

    #[test]
    fn a_testimony_is_believed_of_the_witness_that_it_is_of() {
        let log = key("drempel/GM0014", Kind::Log);
        let [witness, other] =
            ["drempel/GM0034/getuige", "drempel/GM0037/getuige"].map(|name| key(name, Kind::Witness));
        let public = |key: &SigningKey| WitnessKey::try_from(key.public().clone()).unwrap();
        let cosigned = relayed(&log, 3).weigh(None).unwrap().unwrap().cosign(&witness, Timestamp::UNIX_EPOCH).unwrap();
        let testimony = Testimony::Cosigned(cosigned.to_string());
        let json = serde_json::to_string(&testimony).unwrap();
        assert_eq!(serde_json::from_str::<Testimony>(&json).unwrap(), testimony);
        assert_eq!(testimony.weigh(log.public(), &public(&witness)), Ok(Ok(cosigned)));
        assert_eq!(testimony.weigh(log.public(), &public(&other)), Err(CheckpointError::Unsigned));
        let another = key("drempel/GM0014", Kind::Log);
        assert!(testimony.weigh(another.public(), &public(&witness)).is_err());
        assert_eq!(WitnessKey::try_from(log.public().clone()), Err(crate::log::LogKeyError::Kind));
    }

    #[test]
    fn what_a_witness_saw_is_what_the_log_signed() {
        let [log, other] = [(); 2].map(|()| key("drempel/GM0014", Kind::Log));
        let witness = WitnessKey::try_from(key("drempel/GM0034/getuige", Kind::Witness).public().clone()).unwrap();
        let head = of(&log, 3).checkpoint().head();
        for (why, seen, shown) in [
            (Unwitnessed::Smaller, Some(of(&log, 3)), Some(head)),
            (Unwitnessed::Forked(3), Some(of(&other, 3)), None),
            (Unwitnessed::OtherKey, Some(of(&other, 3)), Some(head)),
            (Unwitnessed::Unproved, None, None),
        ] {
            let refused = Testimony::Refused { why, seen: seen.map(|seen| seen.to_string()) };
            let read: Testimony = serde_json::from_str(&serde_json::to_string(&refused).unwrap()).unwrap();
            assert_eq!(read.weigh(log.public(), &witness), Ok(Err((why, shown))));
        }
    }
}
