//! What a record of the log says. Questions and released cells, never a value out of a person's record.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use drempel_protocols::{
    id::{Digest, Gemeentecode, Oin, Period, PurposeId, QuestionId},
    problem::ProblemType,
};
use jiff::Timestamp;
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};

use super::AuditError;

/// A record: what happened, when, and the record before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// From 1, without gaps.
    pub sequence: u64,
    /// By the node's clock.
    pub time: Timestamp,
    /// The digest of the record before; zeros for the first.
    pub previous: Digest,
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
        /// Who asks, according to the coordinator, where it could be read.
        asker: Option<String>,
        /// Why.
        problem: ProblemType,
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
    /// Who asks, according to the coordinator.
    pub asker: String,
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
}

/// What became of an admitted question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case", deny_unknown_fields)]
pub enum Outcome {
    /// It was answered with exactly this text.
    Answered {
        /// The answer, byte for byte.
        answer: String,
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
    /// The record after `previous`.
    pub(super) fn after(sequence: u64, previous: Digest, time: Timestamp, event: Event) -> Result<Self, AuditError> {
        let mut salt = [0; 16];
        SystemRandom::new().fill(&mut salt).map_err(|_| AuditError::Encoding)?;
        Ok(Self { sequence, time, previous, salt: HEXLOWER.encode(&salt), event })
    }

    /// The line in the segment, without its end, and the digest that fixes it.
    pub(super) fn line(&self) -> Result<(String, Digest), AuditError> {
        let json = serde_json::to_string(self).map_err(|_| AuditError::Encoding)?;
        let digest = digest_of(json.as_bytes());
        Ok((format!("{digest} {json}"), digest))
    }
}

/// The digest of a record's JSON.
pub(super) fn digest_of(json: &[u8]) -> Digest {
    Digest::of("drempel log v1", &[json])
}
