//! What a node sends back for an admitted question.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    catalogue::Measure,
    cell::Cell,
    id::{Digest, Gemeentecode, Period, QuestionId},
    log::{LogHead, LogKey, LogProof, LogProofError},
};

/// The payload: for each measure asked, every cell of the question's [`Grid`](crate::grid::Grid) in canonical order.
pub type Payload = BTreeMap<Measure, Vec<Cell>>;

/// An answer with what it was computed under. The payload depends on question, catalogue, policy and released cells
/// only; ids differ from one asking to the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The asking that is answered.
    pub question: QuestionId,
    /// The digest of the canonical question.
    pub digest: Digest,
    /// The gemeente that answers.
    pub gemeente: Gemeentecode,
    /// The catalogue it was read with.
    pub catalogue: Digest,
    /// The policy it was released under.
    pub policy: Digest,
    /// The release of each half-year that it is from: random ids. A half-year without one is not held.
    pub releases: BTreeMap<Period, String>,
    /// The threshold of the node's policy; a release shows its own cells by the one that it was built under.
    pub k: u32,
    /// What counts of these releases are rounded to multiples of, after protection; 1 is exact.
    pub round_to: u32,
    /// The cells.
    pub payload: Payload,
}

/// The body of a node's response: the answer as one string, the record of the node's log that says so, and the proof that
/// the record is in the log. Who keeps the three keeps a receipt: [`LoggedAnswer::verify`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoggedAnswer {
    /// An [`Answer`] in JSON.
    pub answer: String,
    /// 128 random bits, that stand beside the answer and not in its record.
    pub salt: String,
    /// The record, byte for byte as it is a leaf of the log.
    pub record: String,
    /// A [`LogProof`] of it.
    pub proof: String,
}

/// Why an answer is no logged one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// The record does not read as one of an answer.
    #[error("the record that came with the answer is not one of an answer")]
    Malformed,
    /// The record is of another answer.
    #[error("the record that came with the answer is of another one")]
    OtherAnswer,
    /// The record is not proved to be in the log.
    #[error(transparent)]
    Proof(#[from] LogProofError),
}

/// What the record of an answer says; the node's log has other records too.
#[derive(Deserialize)]
struct AnswerRecord {
    event: OutcomeEvent,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum OutcomeEvent {
    Outcome { question: QuestionId, outcome: AnsweredOutcome },
}

#[derive(Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
enum AnsweredOutcome {
    Answered { answer: Digest },
}

impl LoggedAnswer {
    /// The digest of an answer as its record has it. Random bits go into it that stand beside the answer, so that the record
    /// tells nothing of the answer once that is gone, and they with it (rule R9).
    #[must_use]
    pub fn digest(salt: &str, answer: &str) -> Digest {
        Digest::of("drempel logged answer v1", &[salt.as_bytes(), answer.as_bytes()])
    }

    /// Whether a record is one of this answer; to which question.
    ///
    /// # Errors
    /// [`ReceiptError`].
    pub fn is_of(record: &str, salt: &str, answer: &str) -> Result<QuestionId, ReceiptError> {
        let record: AnswerRecord = serde_json::from_str(record).map_err(|_| ReceiptError::Malformed)?;
        let OutcomeEvent::Outcome { question, outcome: AnsweredOutcome::Answered { answer: of } } = record.event;
        if of == Self::digest(salt, answer) { Ok(question) } else { Err(ReceiptError::OtherAnswer) }
    }

    /// Whether the record is one of this answer to a question.
    ///
    /// # Errors
    /// [`ReceiptError`].
    pub fn is_recorded(&self, question: QuestionId) -> Result<(), ReceiptError> {
        let of = Self::is_of(&self.record, &self.salt, &self.answer)?;
        if of == question { Ok(()) } else { Err(ReceiptError::OtherAnswer) }
    }

    /// Whether this answer to a question was logged in the log of a key; how far the log went then.
    ///
    /// # Errors
    /// [`ReceiptError`].
    pub fn verify(&self, question: QuestionId, log: &LogKey) -> Result<LogHead, ReceiptError> {
        self.is_recorded(question)?;
        let proof = LogProof::open(&self.proof, self.record.as_bytes(), log)?;
        Ok(proof.checkpoint.checkpoint().head())
    }
}

#[cfg(test)]
mod tests {
    use ring::{rand::SystemRandom, signature::Ed25519KeyPair};

    use super::*;
    use crate::{
        clock::{Clock as _, SystemClock},
        log::{Kind, SignedCheckpoint, SigningKey, Tree, TreeHash},
    };

    fn record(question: QuestionId, result: &str, answer: &str) -> String {
        let outcome = serde_json::json!({ "result": result, "answer": LoggedAnswer::digest("5a", answer) });
        let event = serde_json::json!({ "kind": "outcome", "intent": 1, "question": question, "outcome": outcome });
        serde_json::json!({ "sequence": 2, "salt": "00", "event": event }).to_string()
    }

    #[test]
    fn a_receipt_is_of_one_answer_to_one_question_in_one_log() {
        let key = || {
            let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
            SigningKey::from_pkcs8("drempel/GM0014", Kind::Log, pkcs8.as_ref()).unwrap()
        };
        let (own, other) = (key(), key());
        let question = QuestionId::at(SystemClock.now());
        let logged = |record: String| {
            let mut tree = Tree::default();
            tree.push(TreeHash::of_record(b"an intent"));
            tree.push(TreeHash::of_record(record.as_bytes()));
            let checkpoint = SignedCheckpoint::sign(2, tree.root(2).unwrap(), &own).unwrap();
            let proof = LogProof { inclusion: tree.inclusion(1, 2).unwrap(), checkpoint }.to_string();
            LoggedAnswer { answer: "{}".to_owned(), salt: "5a".to_owned(), record, proof }
        };
        let good = logged(record(question, "answered", "{}"));
        let head = good.verify(question, own.public()).unwrap();
        assert_eq!((head.size, Some(head)), (2, LogProof::says(&good.proof)));
        assert_eq!(head.to_string().parse(), Ok(head));

        assert!(matches!(good.verify(question, other.public()), Err(ReceiptError::Proof(_))));
        assert_eq!(good.is_recorded(QuestionId::at(SystemClock.now())), Err(ReceiptError::OtherAnswer));
        let changed = LoggedAnswer { answer: "{ }".to_owned(), ..good.clone() };
        assert_eq!(changed.is_recorded(question), Err(ReceiptError::OtherAnswer));
        let salted = LoggedAnswer { salt: "00".to_owned(), ..good.clone() };
        assert_eq!(salted.is_recorded(question), Err(ReceiptError::OtherAnswer));
        // A record that says so and is in no log, and one of a question that was not answered.
        let said = LoggedAnswer { answer: "{ }".to_owned(), record: record(question, "answered", "{ }"), ..good };
        assert_eq!(said.is_recorded(question), Ok(()));
        assert!(matches!(said.verify(question, own.public()), Err(ReceiptError::Proof(_))));
        assert_eq!(logged(record(question, "failed", "{}")).is_recorded(question), Err(ReceiptError::Malformed));
    }
}
