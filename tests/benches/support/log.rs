//! The log alone: what every answer costs for the promise that it is on disk before it leaves. A question is two
//! records, and each is synced in its segment and, once it may leave, in the file that names the last checkpoint: four syncs,
//! that all who write at the same time share.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use anyhow::anyhow;
use drempel_node::audit::{AuditLog, Intent};
use drempel_protocols::{
    clock::{Clock as _, SystemClock},
    id::{Digest, Gemeentecode, QuestionId},
    message::LIFE,
    question::Question,
    sql,
};
use drempel_tests::{federation::Federation, participants};

/// The log of a node that does nothing else.
pub(crate) struct LogAlone(Arc<AuditLog>);

impl LogAlone {
    /// Begins a log.
    pub(crate) fn begin(folder: &Path, gemeente: Gemeentecode) -> anyhow::Result<Self> {
        let (oin, key) = (participants::oin(gemeente)?, folder.with_extension("pk8"));
        let log = AuditLog::open(folder, &key, gemeente, &oin, SystemClock::shared())?;
        Ok(Self(Arc::new(log)))
    }

    /// Logs a question and its answer.
    pub(crate) async fn question_and_answer(&self, question: &Question, answer: &str) -> anyhow::Result<()> {
        let (log, now) = (Arc::clone(&self.0), SystemClock.now());
        let id = QuestionId::at(now);
        let some = Digest::of("drempel benchmark", &[id.to_string().as_bytes()]);
        let intent = Intent {
            question: id,
            peer: participants::coordinator_oin()?,
            asker: "synthetic analyst".to_owned(),
            purpose: Federation::purpose()?,
            verwerkingsactiviteit: "urn:drempel:verwerkingsactiviteit:landelijke-monitor".to_owned(),
            sql: sql::render(question),
            digest: sql::digest(question),
            content: some,
            expires: now.checked_add(LIFE)?,
            catalogue: some,
            policy: some,
            releases: BTreeMap::new(),
        };
        let answer = answer.to_owned();
        // On a thread that may block, as in a node.
        let logged = tokio::task::spawn_blocking(move || {
            let receipt = log.intent(intent)?.map_err(|_| anyhow!("the id was used before"))?;
            log.answered(&receipt, answer)?;
            anyhow::Ok(())
        });
        logged.await?
    }
}
