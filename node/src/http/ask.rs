//! A question from the outside, step by step: signature, recipient, freshness; re-read and compared; admitted; intent
//! on disk; counted; released; outcome on disk; answered. No step can be left out: each needs what the one before
//! gives. The trace that a request is part of is logged and given back, and nothing else is done with it.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Extension,
    body::Bytes,
    extract::State,
    extract::rejection::BytesRejection,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use drempel_protocols::{
    answer::{Answer, LoggedAnswer},
    clock::dutch_day,
    id::{Digest, Period, QuestionId},
    message::{Ask, AskError, LIFE, SignedAsk},
    policy::Policy,
    problem::ProblemType,
    question::Question,
    refusal::Refusal,
    sql,
    trace::Trail,
};

use super::{Asker, problem::Refused};
use crate::{
    app::{Loaded, Node},
    askers::AskersError,
    audit::{AnsweredFrom, AuditError, AuditLog, Earlier, Event, Intent, Receipt},
    config::Peer,
    decision::{Decisions, Pseudonym},
    engine::EngineError,
    gate::{self, Admitted},
};

/// Why a question is not answered.
enum Stop {
    /// A problem of a type.
    Problem(ProblemType),
    /// The question itself is refused.
    Question(Vec<Refusal>),
    /// It was answered before: the same bytes again.
    Again(Box<LoggedAnswer>),
}

impl From<ProblemType> for Stop {
    fn from(kind: ProblemType) -> Self {
        Self::Problem(kind)
    }
}

pub(super) async fn ask(
    State(node): State<Arc<Node>>,
    Extension(Asker(peer)): Extension<Asker>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let trail = Trail::of(&headers);
    let mut response = take(&node, &peer, trail, body).await;
    trail.put(response.headers_mut());
    response
}

async fn take(node: &Arc<Node>, peer: &Peer, trail: Trail, body: Result<Bytes, BytesRejection>) -> Response {
    // Taken before anything is written, so that a peer can fill neither memory nor disk by asking faster than is logged.
    let Ok(_place) = node.asking.try_acquire() else { return Refused::of(ProblemType::Busy).into_response() };
    let body = match body {
        Ok(body) => body,
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return Refused::of(ProblemType::TooLarge).into_response();
        }
        Err(_) => return Refused::of(ProblemType::Malformed).into_response(),
    };
    let mut asked = None;
    let stop = match answer(node, (peer, trail), &body, &mut asked).await {
        Ok(response) => return response,
        Err(stop) => stop,
    };
    let (kind, response) = match stop {
        Stop::Again(logged) => return respond(&logged),
        Stop::Problem(kind) => (kind, Refused::of(kind)),
        Stop::Question(refusals) => (ProblemType::Refused, Refused::question(refusals)),
    };
    let (logger, peer) = (Arc::clone(node), peer.oin.clone());
    let log = move || {
        let known = asked.as_ref().map(|ask: &Ask| pseudonym(&logger, ask)).transpose();
        let asker = known.unwrap_or_else(|error| {
            tracing::error!(%error, "a refusal is logged without who asked");
            None
        });
        logger.audit.append(Event::Refused {
            peer,
            question: asked.as_ref().map(|ask| ask.id),
            asker,
            purpose: asked.as_ref().map(|ask| ask.purpose.clone()),
            sql: asked.and_then(|ask| canonical(&logger, ask)),
            problem: kind,
            traceparent: trail.traceparent,
            fsc_transaction_id: trail.transaction,
        })
    };
    match tokio::task::spawn_blocking(log).await {
        Ok(Ok(_)) => response.into_response(),
        Ok(Err(error)) => {
            tracing::error!(%error, "a refusal cannot be logged");
            Refused::of(ProblemType::Unavailable).into_response()
        }
        Err(_) => Refused::of(ProblemType::Failed).into_response(),
    }
}

async fn answer(
    node: &Arc<Node>,
    (peer, trail): (&Peer, Trail),
    body: &[u8],
    asked: &mut Option<Ask>,
) -> Result<Response, Stop> {
    let (ask, question) = open(node, peer, body, asked)?;
    let policy = node.policy();
    let admitted =
        gate::admit(&question, &ask.purpose, node.config.gemeente, &node.catalogue, &policy).map_err(Stop::Question)?;
    let loaded = node.loaded().ok_or(ProblemType::Unavailable)?;
    let asker = asker_of(node, &ask).await?;
    let content = content_of(peer, &ask, &asker)?;
    let intent = intent_of(node, (peer, trail), (&ask, asker), &admitted, (&loaded, &policy), content)?;
    let releases: Vec<String> = intent.releases.values().cloned().collect();
    // From the record of a decision or a withdrawal on nothing leaves by what held before, whatever was under way.
    let (asked_of, asked_under) = (Arc::clone(node), policy.clone());
    let holds = move |decisions: &Decisions, answered: &AnsweredFrom| {
        let today = dutch_day(asked_of.clock.now());
        decisions.over(asked_of.configured(), &asked_of.catalogue, today) == asked_under
            && !releases.iter().any(|release| answered.is_withdrawn(release))
    };
    let pending = Pending::begin(node, intent, holds.clone()).await?;
    let receipt = pending.receipt.as_ref().ok_or(ProblemType::Failed)?;
    let found = node.engine.run(&admitted, receipt, &loaded.releases).await;
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            let problem = match error {
                EngineError::Busy => ProblemType::Busy,
                EngineError::Failed | EngineError::TimedOut => ProblemType::Failed,
            };
            tracing::warn!(%error, question = %ask.id, "a question was not answered");
            pending.end(move |log, receipt| log.failed(receipt, problem)).await?;
            return Ok(Refused::of(problem).into_response());
        }
    };
    let released = gate::release(&admitted, &found);
    let answer = Answer {
        question: ask.id,
        digest: admitted.digest(),
        gemeente: node.config.gemeente,
        catalogue: node.catalogue.digest(),
        policy: policy.digest(),
        releases: asked_releases(&admitted, &loaded),
        k: policy.k(),
        round_to: rounding(&admitted, &loaded),
        payload: released.into_payload(),
    };
    let answer = serde_json::to_string(&answer).map_err(|_| ProblemType::Failed)?;
    let logged = pending.end(move |log, receipt| log.answered_while(receipt, answer, holds)).await?;
    Ok(logged.map_or_else(|| Refused::of(ProblemType::Unavailable).into_response(), |logged| respond(&logged)))
}

/// Everything about a question that can be checked without the records.
fn open(node: &Node, peer: &Peer, body: &[u8], asked: &mut Option<Ask>) -> Result<(Ask, Question), Stop> {
    let signed: SignedAsk = serde_json::from_slice(body).map_err(|_| ProblemType::Malformed)?;
    let key = peer.vraagsleutel.as_ref().ok_or(ProblemType::Forbidden)?;
    let ask = signed.open(key.as_bytes(), &node.config.oin, node.clock.now()).map_err(|error| match error {
        AskError::Signature => ProblemType::Signature,
        AskError::Malformed => ProblemType::Malformed,
        AskError::Recipient => ProblemType::Recipient,
        AskError::Stale => ProblemType::Stale,
    })?;
    *asked = Some(ask.clone());
    // An id bears its own time, so one that the log has forgotten cannot be used again.
    let id_age = ask.issued.duration_since(ask.id.time().ok_or(ProblemType::Malformed)?);
    if id_age.abs() > LIFE {
        return Err(ProblemType::Stale.into());
    }
    if ask.catalogue != node.catalogue.digest() {
        return Err(ProblemType::CatalogueMismatch.into());
    }
    let (question, _) = sql::read(&ask.sql, &node.catalogue, &ask.purpose).map_err(Stop::Question)?;
    if sql::render(&question) != ask.sql || sql::digest(&question) != ask.digest {
        return Err(ProblemType::Malformed.into());
    }
    Ok((ask, question))
}

/// The text of a question, if it is a canonical one: what else a coordinator sends may say anything, and is not logged.
fn canonical(node: &Node, ask: Ask) -> Option<String> {
    let (question, _) = sql::read(&ask.sql, &node.catalogue, &ask.purpose).ok()?;
    Some(ask.sql).filter(|text| sql::render(&question) == *text)
}

/// The digest by which an honest retry is known. It has who asks as the log has: everything else of it can be found in the log,
/// so that a name could be tried against it once the key of that is erased.
fn content_of(peer: &Peer, ask: &Ask, asker: &Pseudonym) -> Result<Digest, Stop> {
    let ask = Ask { asker: asker.as_str().to_owned(), ..ask.clone() };
    let text = serde_json::to_string(&ask).map_err(|_| Stop::Problem(ProblemType::Malformed))?;
    Ok(Digest::of("drempel ask content v2", &[peer.oin.to_string().as_bytes(), text.as_bytes()]))
}

/// Who asks, as the log has it.
fn pseudonym(node: &Node, ask: &Ask) -> Result<Pseudonym, AskersError> {
    node.askers.pseudonym(&ask.asker, dutch_day(node.clock.now()))
}

async fn asker_of(node: &Arc<Node>, ask: &Ask) -> Result<Pseudonym, Stop> {
    let (book, ask) = (Arc::clone(node), ask.clone());
    match tokio::task::spawn_blocking(move || pseudonym(&book, &ask)).await {
        Ok(Ok(asker)) => Ok(asker),
        Ok(Err(error)) => {
            tracing::error!(%error, "a question was not run, because it cannot be logged who asks");
            Err(ProblemType::Unavailable.into())
        }
        Err(_) => Err(ProblemType::Failed.into()),
    }
}

fn intent_of(
    node: &Node,
    (peer, trail): (&Peer, Trail),
    (ask, asker): (&Ask, Pseudonym),
    admitted: &Admitted,
    (loaded, policy): (&Loaded, &Policy),
    content: Digest,
) -> Result<Intent, Stop> {
    let purpose = node.catalogue.purpose(&ask.purpose).ok_or(ProblemType::Failed)?;
    Ok(Intent {
        question: ask.id,
        peer: peer.oin.clone(),
        asker,
        purpose: ask.purpose.clone(),
        verwerkingsactiviteit: purpose.verwerkingsactiviteit.clone(),
        sql: ask.sql.clone(),
        digest: admitted.digest(),
        content,
        expires: ask.expires,
        catalogue: node.catalogue.digest(),
        policy: policy.digest(),
        releases: asked_releases(admitted, loaded),
        traceparent: trail.traceparent,
        fsc_transaction_id: trail.transaction,
    })
}

/// The releases of the half-years that are asked about.
fn asked_releases(admitted: &Admitted, loaded: &Loaded) -> BTreeMap<Period, String> {
    let asked = admitted.grid().periods();
    let held = loaded.ids.iter().filter(|(period, _)| asked.contains(period));
    held.map(|(period, id)| (*period, id.clone())).collect()
}

/// The coarsest of what the counts of releases asked about are rounded to.
fn rounding(admitted: &Admitted, loaded: &Loaded) -> u32 {
    let asked = admitted.grid().periods();
    let held = loaded.round_to.iter().filter(|(period, _)| asked.contains(period));
    held.map(|(_, round_to)| *round_to).max().unwrap_or(1)
}

fn known(earlier: Earlier) -> Stop {
    match earlier {
        Earlier::Answered(logged) => Stop::Again(logged),
        Earlier::Running => Stop::Problem(ProblemType::Busy),
        Earlier::Other => Stop::Problem(ProblemType::Replayed),
        Earlier::Overtaken => Stop::Problem(ProblemType::Unavailable),
    }
}

fn respond(logged: &LoggedAnswer) -> Response {
    let body = serde_json::to_string(logged).unwrap_or_default();
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// An intent that has no outcome yet. If it is dropped without one, the question was withdrawn, and that is recorded.
struct Pending {
    node: Arc<Node>,
    receipt: Option<Receipt>,
    question: QuestionId,
}

impl Pending {
    async fn begin(
        node: &Arc<Node>,
        intent: Intent,
        holds: impl FnOnce(&Decisions, &AnsweredFrom) -> bool + Send + 'static,
    ) -> Result<Self, Stop> {
        let question = intent.question;
        let guard = Arc::clone(node);
        // The guard is made on the blocking thread: if the peer goes away meanwhile, its drop still ends the intent.
        let logged = tokio::task::spawn_blocking(move || match guard.audit.intent_while(intent, holds) {
            Ok(Ok(receipt)) => Ok(Ok(Self { node: guard, receipt: Some(receipt), question })),
            Ok(Err(earlier)) => Ok(Err(earlier)),
            Err(error) => Err(error),
        })
        .await;
        match logged {
            Ok(Ok(Ok(pending))) => Ok(pending),
            Ok(Ok(Err(earlier))) => Err(known(earlier)),
            Ok(Err(error)) => {
                tracing::error!(%error, "a question was not run, because its intent cannot be logged");
                Err(ProblemType::Unavailable.into())
            }
            Err(_) => Err(ProblemType::Failed.into()),
        }
    }

    /// Records what became of it.
    async fn end<T: Send + 'static>(
        mut self,
        record: impl FnOnce(&AuditLog, &Receipt) -> Result<T, AuditError> + Send + 'static,
    ) -> Result<T, Stop> {
        let Some(receipt) = self.receipt.take() else { return Err(ProblemType::Failed.into()) };
        let node = Arc::clone(&self.node);
        match tokio::task::spawn_blocking(move || record(&node.audit, &receipt)).await {
            Ok(Ok(logged)) => Ok(logged),
            Ok(Err(error)) => {
                tracing::error!(%error, question = %self.question, "an answer was held back, because it cannot be logged");
                Err(ProblemType::Unavailable.into())
            }
            Err(_) => Err(ProblemType::Failed.into()),
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        let Some(receipt) = self.receipt.take() else { return };
        let (node, question) = (Arc::clone(&self.node), self.question);
        let record = move || {
            if let Err(error) = node.audit.cancelled(&receipt) {
                tracing::error!(%error, %question, "a withdrawn question cannot be logged as such");
            }
        };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(record)),
            Err(_) => record(),
        }
    }
}
