//! What a node that is asked a lot writes to its log, without the node: for benchmarks, and for who wants a long log.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use anyhow::Context as _;
use drempel_node::{
    audit::{AuditLog, Entry, Event, Intent, Outcome},
    decision::Pseudonym,
};
use drempel_protocols::{
    answer::LoggedAnswer,
    clock::{Clock, SystemClock},
    id::{Digest, Gemeentecode, QuestionId},
    message::LIFE,
    problem::ProblemType,
};
use jiff::Timestamp;

use crate::{federation::Federation, participants};

/// The log in a folder, begun or gone on with; its key is beside it, with the extension `pk8`.
///
/// # Errors
/// If it cannot be opened.
pub fn open(folder: &Path, gemeente: Gemeentecode) -> anyhow::Result<AuditLog> {
    open_by(folder, gemeente, SystemClock::shared())
}

/// The same, by another clock: a log of months is written in minutes.
///
/// # Errors
/// If it cannot be opened.
pub fn open_by(folder: &Path, gemeente: Gemeentecode, clock: Arc<dyn Clock>) -> anyhow::Result<AuditLog> {
    let (oin, key) = (participants::oin(gemeente)?, folder.with_extension("pk8"));
    Ok(AuditLog::open(folder, &key, gemeente, &oin, clock)?)
}

/// Logs a question that was not asked, and an answer to it.
///
/// # Errors
/// If it cannot be logged.
pub fn answer(log: &AuditLog, asker: &str, sql: &str, answer: &str) -> anyhow::Result<LoggedAnswer> {
    answer_at(log, SystemClock.now(), asker, (sql, answer))
}

/// The same, for a question of this moment.
///
/// # Errors
/// If it cannot be logged.
pub fn answer_at(
    log: &AuditLog,
    now: Timestamp,
    asker: &str,
    (sql, answer): (&str, &str),
) -> anyhow::Result<LoggedAnswer> {
    let receipt = log.intent(intent(now, asker, sql)?)?.ok().context("the id was used before")?;
    Ok(log.answered(&receipt, answer.to_owned())?)
}

/// Makes the bytes of the two records of an answer, which nobody keeps.
///
/// # Errors
/// If a record cannot be made.
pub fn unlogged(now: Timestamp, asker: &str, (sql, answer): (&str, &str)) -> anyhow::Result<LoggedAnswer> {
    let salt = "00".repeat(16);
    let intent = intent(now, asker, sql)?;
    let question = intent.question;
    let outcome = Outcome::Answered { answer: LoggedAnswer::digest(&salt, answer) };
    let record = |sequence, event| {
        serde_json::to_string(&Entry { sequence, time: now, salt: "00".repeat(16), event }).context("a record")
    };
    record(1, Event::Intent(Box::new(intent)))?;
    let record = record(2, Event::Outcome { intent: 1, question, outcome })?;
    Ok(LoggedAnswer { answer: answer.to_owned(), salt, record, proof: String::new() })
}

fn intent(now: Timestamp, asker: &str, sql: &str) -> anyhow::Result<Intent> {
    let question = QuestionId::at(now);
    let some = Digest::of("drempel made-up question", &[question.to_string().as_bytes()]);
    Ok(Intent {
        question,
        peer: participants::coordinator_oin()?,
        asker: Pseudonym::of(asker, &[0; 32]),
        purpose: Federation::purpose()?,
        verwerkingsactiviteit: "urn:drempel:verwerkingsactiviteit:landelijke-monitor".to_owned(),
        sql: sql.to_owned(),
        digest: some,
        content: some,
        expires: now.checked_add(LIFE)?,
        catalogue: some,
        policy: some,
        releases: BTreeMap::new(),
        traceparent: None,
        fsc_transaction_id: None,
    })
}

/// Logs a refusal.
///
/// # Errors
/// If it cannot be logged.
pub fn refusal(log: &AuditLog, asker: &str) -> anyhow::Result<()> {
    let (peer, problem) = (participants::coordinator_oin()?, ProblemType::Refused);
    let asker = Some(Pseudonym::of(asker, &[0; 32]));
    let (traceparent, fsc_transaction_id) = (None, None);
    let (question, purpose, sql) = (None, None, None);
    log.append(Event::Refused { peer, question, asker, purpose, sql, problem, traceparent, fsc_transaction_id })?;
    Ok(())
}
