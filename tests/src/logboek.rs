//! What a node that is asked a lot writes to its log, without the node: for benchmarks, and for who wants a long log.

use std::{collections::BTreeMap, path::Path};

use anyhow::Context as _;
use drempel_node::audit::{AuditLog, Event, Intent};
use drempel_protocols::{
    answer::LoggedAnswer,
    clock::{Clock as _, SystemClock},
    id::{Digest, Gemeentecode, QuestionId},
    message::LIFE,
    problem::ProblemType,
};

use crate::{federation::Federation, participants};

/// The log in a folder, begun or gone on with; its key is beside it, with the extension `pk8`.
///
/// # Errors
/// If it cannot be opened.
pub fn open(folder: &Path, gemeente: Gemeentecode) -> anyhow::Result<AuditLog> {
    let (oin, key) = (participants::oin(gemeente)?, folder.with_extension("pk8"));
    Ok(AuditLog::open(folder, &key, gemeente, &oin, SystemClock::shared())?)
}

/// Logs a question that was not asked, and an answer to it.
///
/// # Errors
/// If it cannot be logged.
pub fn answer(log: &AuditLog, asker: &str, sql: &str, answer: &str) -> anyhow::Result<LoggedAnswer> {
    let now = SystemClock.now();
    let question = QuestionId::at(now);
    let some = Digest::of("drempel made-up question", &[question.to_string().as_bytes()]);
    let intent = Intent {
        question,
        peer: participants::coordinator_oin()?,
        asker: asker.to_owned(),
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
    };
    let receipt = log.intent(intent)?.ok().context("the id was used before")?;
    Ok(log.answered(&receipt, answer.to_owned())?)
}

/// Logs a refusal.
///
/// # Errors
/// If it cannot be logged.
pub fn refusal(log: &AuditLog, asker: &str) -> anyhow::Result<()> {
    let (peer, problem) = (participants::coordinator_oin()?, ProblemType::Refused);
    let asker = Some(asker.to_owned());
    let (traceparent, fsc_transaction_id) = (None, None);
    let (question, purpose, sql) = (None, None, None);
    log.append(Event::Refused { peer, question, asker, purpose, sql, problem, traceparent, fsc_transaction_id })?;
    Ok(())
}
