//! A node of the federation, with the truth about the records it holds.

use std::{fs, path::PathBuf, sync::Arc};

use drempel_node::{
    app::{Node, Running},
    config::Config,
    ledger::{Ledger, Stored},
};
use drempel_protocols::{clock::Clock, id::Gemeentecode};
use tokio::runtime::Handle;

use crate::synthetic::SyntheticGemeente;

/// A gemeente that takes part.
pub struct Member {
    /// The gemeente.
    pub code: Gemeentecode,
    /// What really happened there; none for a federation whose data were kept from an earlier run or made directly.
    pub truth: Option<SyntheticGemeente>,
    pub(super) config_path: PathBuf,
    pub(super) config: Config,
    pub(super) running: Option<Running>,
}

impl Member {
    /// The node's configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The running node; none while it is stopped.
    #[must_use]
    pub fn node(&self) -> Option<&Arc<Node>> {
        self.running.as_ref().map(Running::node)
    }

    /// The releases in its ledger, in the order of their half-years.
    ///
    /// # Errors
    /// If the ledger cannot be read.
    pub fn releases(&self) -> anyhow::Result<Vec<Stored>> {
        Ok(Ledger::open(&self.config.paths.ledger)?.releases()?)
    }

    /// Where questions are sent to.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://{}", self.config.listen)
    }

    pub(super) async fn start(&mut self, clock: Arc<dyn Clock>, counting: Handle) -> anyhow::Result<()> {
        let config = self.config.clone();
        let node = tokio::task::spawn_blocking(move || Node::new(config, clock, counting)).await??;
        let running = Running::start(node).await?;
        if self.config.listen != running.address() {
            // The file names the address that was found, so that the node can be started by hand from it.
            let text = fs::read_to_string(&self.config_path)?;
            let (old, new) = (self.config.listen.to_string(), running.address().to_string());
            fs::write(&self.config_path, text.replacen(&format!("\"{old}\""), &format!("\"{new}\""), 1))?;
            self.config.listen = running.address();
        }
        self.running = Some(running);
        Ok(())
    }

    pub(super) async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
    }
}
