//! A bundle: records of a log, each with the proof that it is in it, and proofs that the log begins with what it was before.
//! Whoever has it and the key of the log needs nothing else, neither the log nor whoever keeps it, on any machine.

use serde::{Deserialize, Serialize};

use super::{
    checkpoint::{CheckpointError, SignedCheckpoint},
    head::LogHead,
    key::LogKey,
    tree::{Consistency, Inclusion, Tree, TreeError, TreeHash},
};
use crate::answer::{LoggedAnswer, ReceiptError};

/// The only format that this version writes and reads.
const FORMAT: u32 = 1;

/// A bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    format: u32,
    checkpoint: String,
    earlier: Vec<Earlier>,
    records: Vec<BundledRecord>,
}

/// How far the log went before, and that it still begins so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Earlier {
    head: LogHead,
    path: Vec<TreeHash>,
}

/// A record, byte for byte, with the answer that stands beside it and the proof that it is in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundledRecord {
    /// The record.
    pub record: String,
    /// The answer that left, if it is one of an answer and that is still kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<BundledAnswer>,
    index: u64,
    path: Vec<TreeHash>,
}

/// An answer, with the random bits that its record has the digest with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundledAnswer {
    /// Byte for byte.
    pub text: String,
    /// Beside it.
    pub salt: String,
}

/// Why a bundle proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// It does not read as one.
    #[error("this is no bundle of a log")]
    Malformed,
    /// It was written by another version.
    #[error("the bundle has a format that this version does not read")]
    Format,
    /// The checkpoint is not believed.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A record is not in the log.
    #[error("record {0} is not in the log that the checkpoint is of")]
    Record(u64),
    /// The answer beside a record is another one.
    #[error("the answer beside record {0} is not the one that was logged: {1}")]
    Answer(u64, ReceiptError),
    /// The log does not begin as it was.
    #[error("the log does not begin with the {0} records that it had")]
    Earlier(u64),
}

impl Bundle {
    /// Of a log: some of its records, by their numbers from 1 with what stands beside them, and how far it went before, which
    /// must be so.
    ///
    /// # Errors
    /// [`TreeError`] if the tree has not so many records as a number, a head or the checkpoint says, or another root.
    pub fn of(
        tree: &Tree,
        checkpoint: &str,
        earlier: &[LogHead],
        records: Vec<(u64, String, Option<BundledAnswer>)>,
    ) -> Result<Self, TreeError> {
        let size = SignedCheckpoint::says(checkpoint).ok_or(TreeError::Size)?.size;
        let earlier = earlier.iter().map(|head| {
            if tree.root(head.size)? != head.root {
                return Err(TreeError::Proof);
            }
            Ok(Earlier { head: *head, path: tree.consistency(head.size, size)?.0 })
        });
        let earlier = earlier.collect::<Result<_, TreeError>>()?;
        let proved = |(sequence, record, answer): (u64, String, Option<BundledAnswer>)| {
            let Inclusion { index, path } = tree.inclusion(sequence.checked_sub(1).ok_or(TreeError::Size)?, size)?;
            Ok(BundledRecord { record, answer, index, path })
        };
        let records = records.into_iter().map(proved).collect::<Result<_, TreeError>>()?;
        Ok(Self { format: FORMAT, checkpoint: checkpoint.to_owned(), earlier, records })
    }

    /// Reads one.
    ///
    /// # Errors
    /// [`BundleError`].
    pub fn read(text: &str) -> Result<Self, BundleError> {
        let found: Self = serde_json::from_str(text).map_err(|_| BundleError::Malformed)?;
        if found.format == FORMAT { Ok(found) } else { Err(BundleError::Format) }
    }

    /// Whether all of it holds in the log of a key: how far that goes.
    ///
    /// # Errors
    /// [`BundleError`]: the first thing that does not hold.
    pub fn verify(&self, log: &LogKey) -> Result<LogHead, BundleError> {
        let head = SignedCheckpoint::open(&self.checkpoint, log)?.checkpoint().head();
        for earlier in &self.earlier {
            let LogHead { size, root } = earlier.head;
            let path = Consistency(earlier.path.clone());
            path.verify((size, root), (head.size, head.root)).map_err(|_| BundleError::Earlier(size))?;
        }
        for BundledRecord { record, answer, index, path } in &self.records {
            let number = index.saturating_add(1);
            let inclusion = Inclusion { index: *index, path: path.clone() };
            let leaf = TreeHash::of_record(record.as_bytes());
            inclusion.verify(leaf, head.size, head.root).map_err(|_| BundleError::Record(number))?;
            if let Some(BundledAnswer { text, salt }) = answer {
                LoggedAnswer::is_of(record, salt, text).map_err(|error| BundleError::Answer(number, error))?;
            }
        }
        Ok(head)
    }

    /// Its records, in their order.
    #[must_use]
    pub fn records(&self) -> &[BundledRecord] {
        &self.records
    }

    /// How far the log went before, where the bundle proves that it still begins so.
    pub fn earlier(&self) -> impl Iterator<Item = LogHead> {
        self.earlier.iter().map(|earlier| earlier.head)
    }
}

impl BundledRecord {
    /// Its number in the log, from 1.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.index.saturating_add(1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ring::{rand::SystemRandom, signature::Ed25519KeyPair};

    use super::*;
    use crate::log::{Kind, SigningKey};

    fn key() -> SigningKey {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        SigningKey::from_pkcs8("drempel/GM0014", Kind::Log, pkcs8.as_ref()).unwrap()
    }

    fn answer(text: &str) -> BundledAnswer {
        BundledAnswer { text: text.to_owned(), salt: "00".to_owned() }
    }

    fn answered(number: u64) -> String {
        let outcome = serde_json::json!({ "result": "answered", "answer": LoggedAnswer::digest("00", "{}") });
        let question = "01a223d8-c540-73e7-9890-0d0db2647286";
        let event = serde_json::json!({ "kind": "outcome", "question": question, "outcome": outcome });
        serde_json::json!({ "sequence": number, "salt": "00", "event": event }).to_string()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_bundle_proves_what_is_in_it_and_nothing_else(size in 1..40u64, of in any::<prop::sample::Index>(), before in any::<prop::sample::Index>()) {
            let (key, stranger) = (key(), key());
            let (of, before) = (of.index(usize::try_from(size).unwrap()) as u64, before.index(usize::try_from(size).unwrap()) as u64 + 1);
            let mut tree = Tree::default();
            (1..=size).for_each(|number| tree.push(TreeHash::of_record(answered(number).as_bytes())));
            let root = |size| tree.root(size).unwrap();
            let checkpoint = SignedCheckpoint::sign(size, root(size), &key).unwrap().to_string();
            let head = LogHead { size: before, root: root(before) };
            let record = |text: &str| vec![(of + 1, text.to_owned(), Some(answer("{}")))];
            let bundle = Bundle::of(&tree, &checkpoint, &[head], record(&answered(of + 1))).unwrap();
            let read = Bundle::read(&serde_json::to_string(&bundle).unwrap()).unwrap();
            prop_assert_eq!(read.verify(key.public()), Ok(LogHead { size, root: root(size) }));
            prop_assert_eq!((read.records()[0].number(), read.earlier().collect::<Vec<_>>()), (of + 1, vec![head]));

            prop_assert!(matches!(read.verify(stranger.public()), Err(BundleError::Checkpoint(_))));
            let mut other = read.clone();
            other.records[0].record.push(' ');
            prop_assert_eq!(other.verify(key.public()), Err(BundleError::Record(of + 1)));
            let mut other = read.clone();
            other.records[0].answer = Some(answer("{ }"));
            prop_assert_eq!(other.verify(key.public()), Err(BundleError::Answer(of + 1, ReceiptError::OtherAnswer)));
            let mut other = read;
            other.earlier[0].head.root = TreeHash::of_record(b"another history");
            prop_assert_eq!(other.verify(key.public()), Err(BundleError::Earlier(before)));
            let no_such = LogHead { size: before, root: TreeHash::of_nothing() };
            prop_assert_eq!(Bundle::of(&tree, &checkpoint, &[no_such], Vec::new()), Err(TreeError::Proof));
            prop_assert_eq!(Bundle::of(&tree, &checkpoint, &[], vec![(size + 1, String::new(), None)]), Err(TreeError::Size));
        }
    }

    #[test]
    fn what_is_no_bundle_is_an_error() {
        for (text, error) in [("{}", BundleError::Malformed), ("", BundleError::Malformed)] {
            assert_eq!(Bundle::read(text), Err(error));
        }
        let later = r#"{"format":2,"checkpoint":"","earlier":[],"records":[]}"#;
        assert_eq!(Bundle::read(later), Err(BundleError::Format));
    }
}
