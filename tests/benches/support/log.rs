//! The log alone: what every answer costs for the promise that it is on disk before it leaves. A question is two
//! records, and each is synced in its segment and, once it may leave, in the file that names the last checkpoint: four syncs,
//! that all who write at the same time share.

use std::{path::Path, sync::Arc};

use drempel_node::audit::AuditLog;
use drempel_protocols::{id::Gemeentecode, question::Question, sql};
use drempel_tests::logboek;

/// The log of a node that does nothing else.
pub(crate) struct LogAlone(Arc<AuditLog>);

impl LogAlone {
    /// Begins a log.
    pub(crate) fn begin(folder: &Path, gemeente: Gemeentecode) -> anyhow::Result<Self> {
        Ok(Self(Arc::new(logboek::open(folder, gemeente)?)))
    }

    /// Logs a question and its answer.
    pub(crate) async fn question_and_answer(&self, question: &Question, answer: &str) -> anyhow::Result<()> {
        let (log, sql, answer) = (Arc::clone(&self.0), sql::render(question), answer.to_owned());
        // On a thread that may block, as in a node.
        tokio::task::spawn_blocking(move || logboek::answer(&log, "synthetic analyst", &sql, &answer).map(drop)).await?
    }
}
