//! Every question of the log as a verwerking, for whoever keeps logs of verwerkingen and of decisions beside this one: what was
//! asked for what by which organisation, what became of it, and its place in the trace that it was part of. The name of who
//! asks is not in it, nor anything of a betrokkene: what is made of it cannot have either.

use std::{collections::BTreeMap, path::Path};

use drempel_protocols::{
    id::{Digest, Oin, PurposeId, QuestionId},
    problem::ProblemType,
    trace::{SpanId, TraceId, Traceparent, TransactionId},
};
use jiff::Timestamp;

use super::{
    AuditError, Became,
    asked::{Asked, note},
    read,
    record::Event,
    verify::{Logged, Verified},
};
use crate::askers::Names;

/// A question of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verwerking {
    /// The number of its first record.
    pub record: u64,
    /// When it came.
    pub began: Timestamp,
    /// When it ended; none while it runs.
    pub ended: Option<Timestamp>,
    /// The step of the trace that this is.
    pub span: SpanId,
    /// The trace: the one that the request said, or else one that is the same at every node that was asked.
    pub trace: TraceId,
    /// The step that sent the request, where it said one.
    pub parent: Option<Traceparent>,
    /// The transaction of FSC, where the request said one.
    pub transaction: Option<TransactionId>,
    /// The asking; none if it could not be read.
    pub question: Option<QuestionId>,
    /// The organisation that sent it.
    pub peer: Oin,
    /// What for; none if it could not be read.
    pub purpose: Option<PurposeId>,
    /// The canonical text; none if what was asked is not one.
    pub sql: Option<String>,
    /// What it was admitted under; none if it was refused.
    pub admitted: Option<AdmittedUnder>,
    /// What became of it.
    pub became: Became,
    /// Why it failed or was refused.
    pub problem: Option<ProblemType>,
    /// The version of the software.
    pub software: Option<String>,
}

impl Verwerking {
    /// Why nothing left, where that is so; also of a question that was withdrawn.
    #[must_use]
    pub fn problem(&self) -> Option<ProblemType> {
        self.problem.or((self.became == Became::Withdrawn).then_some(ProblemType::Cancelled))
    }
}

/// What a question was admitted under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdmittedUnder {
    /// The register entry of its purpose.
    pub verwerkingsactiviteit: String,
    /// The digest of the question.
    pub question: Digest,
    /// The catalogue.
    pub catalogue: Digest,
    /// The policy.
    pub policy: Digest,
}

/// Every question of a log that is whole, in the order in which they came, and what the log is; none where no log has
/// begun. A node may be writing to it.
///
/// # Errors
/// [`AuditError`].
pub fn verwerkingen(folder: &Path) -> Result<Option<(Vec<Verwerking>, Verified)>, AuditError> {
    let mut found = Found::default();
    let Some(verified) = read(folder, |logged| found.note(logged))? else { return Ok(None) };
    let Found { mut asked, began, .. } = found;
    let all = began.into_iter().map(|(record, began)| began.of(asked.remove(&record)?));
    Ok(Some((all.collect::<Option<_>>().ok_or(AuditError::Encoding)?, verified)))
}

#[derive(Default)]
struct Found {
    asked: BTreeMap<u64, Asked>,
    began: BTreeMap<u64, Began>,
    software: Option<String>,
}

/// What a question has besides what became of it.
struct Began {
    ids: Option<(TraceId, SpanId)>,
    parent: Option<Traceparent>,
    transaction: Option<TransactionId>,
    admitted: Option<AdmittedUnder>,
    ended: Option<Timestamp>,
    software: Option<String>,
}

impl Found {
    fn note(&mut self, logged: Logged<'_>) {
        let Logged { entry, json, .. } = logged;
        match &entry.event {
            Event::Started { software, .. } => self.software = Some(software.clone()),
            Event::Intent(intent) => {
                let admitted = AdmittedUnder {
                    verwerkingsactiviteit: intent.verwerkingsactiviteit.clone(),
                    question: intent.digest,
                    catalogue: intent.catalogue,
                    policy: intent.policy,
                };
                self.began.insert(
                    entry.sequence,
                    Began {
                        ids: ids(json, intent.traceparent, Some(intent.question)),
                        parent: intent.traceparent,
                        transaction: intent.fsc_transaction_id,
                        admitted: Some(admitted),
                        ended: None,
                        software: self.software.clone(),
                    },
                );
            }
            Event::Refused { question, traceparent, fsc_transaction_id, .. } => {
                self.began.insert(
                    entry.sequence,
                    Began {
                        ids: ids(json, *traceparent, *question),
                        parent: *traceparent,
                        transaction: *fsc_transaction_id,
                        admitted: None,
                        ended: Some(entry.time),
                        software: self.software.clone(),
                    },
                );
            }
            Event::Outcome { intent, .. } => {
                if let Some(began) = self.began.get_mut(intent) {
                    began.ended = Some(entry.time);
                }
            }
            _ => {}
        }
        // Nobody's name leaves with it.
        note(&mut self.asked, logged, &Names::default());
    }
}

impl Began {
    fn of(self, asked: Asked) -> Option<Verwerking> {
        let Self { ids, parent, transaction, admitted, ended, software } = self;
        let (trace, span) = ids?;
        let Asked { record, time, question, peer, asker: _, purpose, sql, became, problem } = asked;
        Some(Verwerking {
            record,
            began: time,
            ended,
            span,
            trace,
            parent,
            transaction,
            question,
            peer,
            purpose,
            sql,
            admitted,
            became,
            problem,
            software,
        })
    }
}

/// Made of the record, so that they are the same whenever the log is read. A record has random bits, so they tell nothing.
fn ids(json: &str, parent: Option<Traceparent>, question: Option<QuestionId>) -> Option<(TraceId, SpanId)> {
    let of_record = Digest::of("drempel span v1", &[json.as_bytes()]);
    let span = of_record.as_bytes().last_chunk().copied().and_then(SpanId::of)?;
    let asking = || question?.to_string().replace('-', "").parse().ok();
    let alone = || of_record.as_bytes().first_chunk().copied().and_then(TraceId::of);
    Some((parent.map(Traceparent::trace).or_else(asking).or_else(alone)?, span))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A question of which this became, as its log would have it.
    pub(crate) fn verwerking(became: Became, problem: Option<ProblemType>) -> Verwerking {
        let question = Some(QuestionId::at(Timestamp::UNIX_EPOCH));
        let (trace, span) = ids("a", None, question).unwrap();
        let of = Digest::of("test", &[]);
        let verwerkingsactiviteit = "urn:drempel:verwerkingsactiviteit:landelijke-monitor".to_owned();
        let admitted = AdmittedUnder { verwerkingsactiviteit, question: of, catalogue: of, policy: of };
        Verwerking {
            record: 3,
            began: Timestamp::UNIX_EPOCH,
            ended: (became != Became::Running).then_some(Timestamp::UNIX_EPOCH),
            span,
            trace,
            parent: None,
            transaction: None,
            question,
            peer: "00000099000000000001".parse().unwrap(),
            purpose: "landelijke-monitor".parse().ok(),
            sql: None,
            admitted: (became != Became::Refused).then_some(admitted),
            became,
            problem,
            software: None,
        }
    }

    #[test]
    fn a_question_without_a_trace_is_in_one_of_its_own_that_is_the_same_at_every_node() {
        let question = Some(QuestionId::at(Timestamp::UNIX_EPOCH));
        let (one, other) = (ids("a", None, question).unwrap(), ids("b", None, question).unwrap());
        assert!(one.0 == other.0 && one.1 != other.1);
        assert_eq!(one, ids("a", None, question).unwrap());
        let said = Traceparent::begin().unwrap();
        let (trace, span) = ids("a", Some(said), question).unwrap();
        assert!(trace == said.trace() && span == one.1 && span != said.span());
        assert_ne!(ids("a", None, None).unwrap().0, ids("b", None, None).unwrap().0);
    }
}
