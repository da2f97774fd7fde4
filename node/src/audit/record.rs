//! What a record of the log says. Questions and released cells, never a value out of a person's record.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use drempel_protocols::{
    id::{Digest, Gemeentecode, Oin, Period, PurposeId, QuestionId},
    log::{LogHead, LogKey},
    problem::ProblemType,
    trace::{Traceparent, TransactionId},
};
use jiff::Timestamp;
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};

use super::{AuditError, holders::Holder};
use crate::{
    decision::{Decision, Motivation, Pseudonym},
    officer::Role,
};

/// A record: what happened, and when. In JSON it is a leaf of the tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// From 1, without gaps.
    pub sequence: u64,
    /// By the node's clock, in whole seconds: the record of an answer leaves with it, and must not tell how long it took.
    pub time: Timestamp,
    /// 128 random bits, so that a digest tells nothing about what it covers (rule R9).
    pub salt: String,
    /// What happened.
    pub event: Event,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Event {
    /// The log begins.
    Opened {
        /// The gemeente whose log it is.
        gemeente: Gemeentecode,
        /// Its OIN.
        oin: Oin,
        /// The key that signs its checkpoints.
        key: LogKey,
    },
    /// The log takes the place of another, which is lost or cannot be put back.
    BegunAnew {
        /// Why.
        reason: Motivation,
        /// The key of the other, where that was there.
        before: Option<LogKey>,
        /// How far the other went by what witnesses saw, by the name of each.
        seen: BTreeMap<String, LogHead>,
        /// Whether officers of the gemeente decide; otherwise nobody did in the other, as far as that can be read.
        officers: bool,
    },
    /// A release is answered from, from here on.
    Release {
        /// Its half-year.
        period: Period,
        /// Its random id.
        release: String,
    },
    /// A release is answered from no more.
    Withdrawn {
        /// Its half-year.
        period: Period,
        /// Its random id.
        release: String,
    },
    /// The node has started.
    Started {
        /// The version of the software.
        software: String,
        /// SHA-256 of the program, as `sha256sum` gives it; none where it could not be read.
        program: Option<Digest>,
        /// The catalogue that questions are admitted under.
        catalogue: Digest,
        /// The policy of the configuration, without what is decided over it.
        policy: Digest,
    },
    /// The node has stopped as it was told to.
    Stopped,
    /// A key that the node works with or trusts is this one from here on.
    Key {
        /// What it is the key of.
        of: String,
        /// Its digest, which tells no secret; none where it is not used any more.
        digest: Option<Digest>,
    },
    /// The data that the node holds are these from here on.
    Imported {
        /// The random id of their snapshot.
        snapshot: String,
    },
    /// An officer decided something.
    Decided(Decision),
    /// An officer confirmed what another decided.
    Confirmed {
        /// The record of the decision.
        decision: u64,
        /// Who confirmed it.
        by: Pseudonym,
    },
    /// The answers beside the first records are removed: they were kept for as long as the policy has it.
    AnswersRemoved {
        /// The last of those records.
        through: u64,
        /// All of them are of before this.
        before: Timestamp,
    },
    /// The key of somebody who asked is erased: nobody can say any more who it was.
    AskerErased {
        /// Whose.
        of: Pseudonym,
    },
    /// An account for the pages was made, changed or removed.
    Account {
        /// Whose.
        of: Pseudonym,
        /// What it is since; none where it was removed.
        holder: Option<Holder>,
    },
    /// Somebody signed in to the pages.
    SignedIn {
        /// Who.
        by: Pseudonym,
        /// As what.
        role: Role,
    },
    /// Somebody looked at what a release hides, which nobody but an officer may see (rule R4).
    HiddenSeen {
        /// Who.
        by: Pseudonym,
        /// Of which half-year.
        period: Period,
        /// Whether it was the preview of a release that is not made.
        preview: bool,
    },
    /// An account is closed for a while, after too many attempts to sign in to it.
    LockedOut {
        /// Whose.
        by: Pseudonym,
    },
    /// A question was admitted and is about to run.
    Intent(Box<Intent>),
    /// What became of an intent.
    Outcome {
        /// The record of the intent.
        intent: u64,
        /// The asking.
        question: QuestionId,
        /// What became of it.
        outcome: Outcome,
    },
    /// A question was refused before it could run.
    Refused {
        /// The peer that sent it, by its certificate.
        peer: Oin,
        /// The asking, where it could be read.
        question: Option<QuestionId>,
        /// Who asks, according to the coordinator, where it could be read ([`crate::askers`]).
        asker: Option<Pseudonym>,
        /// What for, where it could be read.
        purpose: Option<PurposeId>,
        /// The canonical text, where it is one.
        sql: Option<String>,
        /// Why.
        problem: ProblemType,
        /// The trace that the request was part of, where it said one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        traceparent: Option<Traceparent>,
        /// Its transaction of FSC, where it said one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fsc_transaction_id: Option<TransactionId>,
    },
}

/// An admitted question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intent {
    /// The asking.
    pub question: QuestionId,
    /// The peer that sent it, by its certificate.
    pub peer: Oin,
    /// Who asks, according to the coordinator ([`crate::askers`]).
    pub asker: Pseudonym,
    /// What for.
    pub purpose: PurposeId,
    /// The register entry of the processing (Logboek Dataverwerkingen `dpl.core.processing_activity_id`).
    pub verwerkingsactiviteit: String,
    /// The canonical text.
    pub sql: String,
    /// The digest of the canonical question.
    pub digest: Digest,
    /// The digest of the signed text, by which an honest retry is known.
    pub content: Digest,
    /// Until when it may be retried.
    pub expires: Timestamp,
    /// The catalogue it was admitted under.
    pub catalogue: Digest,
    /// The policy it was admitted under.
    pub policy: Digest,
    /// The releases that are looked in, by half-year.
    pub releases: BTreeMap<Period, String>,
    /// The trace that the request was part of, where it said one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<Traceparent>,
    /// Its transaction of FSC, where it said one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fsc_transaction_id: Option<TransactionId>,
}

/// What became of an admitted question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case", deny_unknown_fields)]
pub enum Outcome {
    /// It was answered with exactly the text that stands beside the record.
    Answered {
        /// Its digest, with the random bits beside it (`LoggedAnswer::digest`).
        answer: Digest,
    },
    /// It failed, and nothing left but this problem.
    Failed {
        /// The problem.
        problem: ProblemType,
    },
    /// The peer withdrew it, or the node stopped, before there was an answer.
    Cancelled,
}

impl Entry {
    /// A record of what happened, by its random bits.
    pub(super) fn new(sequence: u64, time: Timestamp, event: Event) -> Result<Self, AuditError> {
        let time = Timestamp::from_second(time.as_second()).map_err(|_| AuditError::Encoding)?;
        Ok(Self { sequence, time, salt: salt()?, event })
    }

    /// As it stands in the log.
    pub(super) fn json(&self) -> Result<String, AuditError> {
        serde_json::to_string(self).map_err(|_| AuditError::Encoding)
    }
}

/// 128 random bits, in hexadecimal.
pub(super) fn salt() -> Result<String, AuditError> {
    let mut salt = [0; 16];
    SystemRandom::new().fill(&mut salt).map_err(|_| AuditError::Encoding)?;
    Ok(HEXLOWER.encode(&salt))
}

#[cfg(test)]
impl Intent {
    /// Of a question that nobody asked, with some content.
    pub(crate) fn made_up(question: QuestionId, content: &str) -> Self {
        let of = |label| Digest::of(label, &[content.as_bytes()]);
        Self {
            question,
            peer: "00000099000000000014".parse().unwrap(),
            asker: Pseudonym::of("analist", &[0; 32]),
            purpose: "landelijke-monitor".parse().unwrap(),
            verwerkingsactiviteit: "urn:x".to_owned(),
            sql: "SELECT".to_owned(),
            digest: of("q"),
            content: of("c"),
            expires: question.time().unwrap() + drempel_protocols::message::LIFE,
            catalogue: of("k"),
            policy: of("p"),
            releases: BTreeMap::new(),
            traceparent: None,
            fsc_transaction_id: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_as_long_whenever_it_is_made() {
        let release = || Event::Release { period: "2025H2".parse().unwrap(), release: "a".to_owned() };
        let of = |nanosecond: i128| {
            Entry::new(1, Timestamp::from_nanosecond(nanosecond).unwrap(), release()).unwrap().json().unwrap()
        };
        let of = [0, 1, 1_000_000, 120_000_000, 1_795_000_000_123_456_789].map(of);
        assert!(of.iter().all(|json| json.len() == of[0].len()), "{of:?}");
        let read: Entry = serde_json::from_str(&of[4]).unwrap();
        assert_eq!(read.json().unwrap(), of[4]);
    }

    #[test]
    fn a_refusal_of_before_traces_is_still_read_as_it_was_written() {
        let before = r#"{"sequence":3,"time":"2026-01-01T00:00:00Z","salt":"00","event":{"kind":"refused","peer":"00000099000000000001","question":null,"asker":null,"purpose":null,"sql":null,"problem":"urn:drempel:probleem:verlopen"}}"#;
        let read: Entry = serde_json::from_str(before).unwrap();
        assert!(matches!(&read.event, Event::Refused { traceparent: None, fsc_transaction_id: None, .. }));
        assert_eq!(read.json().unwrap(), before);
        let unknown = before.replace("\"problem\"", "\"trace\":1,\"problem\"");
        assert!(serde_json::from_str::<Entry>(&unknown).is_err());
    }
}
