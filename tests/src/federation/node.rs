//! A node of the federation, with the truth about the records it holds.

use std::{collections::BTreeMap, fs, path::PathBuf, sync::Arc};

use anyhow::Context as _;
use drempel_node::{
    app::{Node, Running},
    config::Config,
    ledger::{Ledger, Stored},
    officer::{Accounts, Role},
};
use drempel_protocols::{clock::Clock, id::Gemeentecode};
use jiff::Timestamp;
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
    /// The passwords of its accounts for the pages, by the name to sign in with.
    pub(super) passwords: BTreeMap<String, String>,
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

    /// Where the pages of its privacy officer are; none while it is stopped, or where it has none.
    #[must_use]
    pub fn pages(&self) -> Option<String> {
        self.running.as_ref().and_then(Running::pages).map(|address| format!("https://{address}"))
    }

    /// The passwords of its accounts for the pages, by the name to sign in with.
    #[must_use]
    pub fn passwords(&self) -> &BTreeMap<String, String> {
        &self.passwords
    }

    /// The code that an account signs in with at a moment.
    ///
    /// # Errors
    /// If there is no such account.
    pub fn code(&self, name: &str, now: Timestamp) -> anyhow::Result<String> {
        let pages = self.config.paginas.as_ref().context("the node has no pages")?;
        let accounts = Accounts::read(&pages.accounts)?;
        accounts.find(name).and_then(|account| account.code(now)).context("there is no such account")
    }

    /// Makes an account for each role, and a second officer, or their passwords anew.
    pub(super) fn enrol(&mut self) -> anyhow::Result<()> {
        let Some(pages) = &self.config.paginas else { return Ok(()) };
        let roles = Role::ALL.map(|role| (role.name(), role));
        for (name, role) in roles.into_iter().chain([("tweede officer", Role::Officer)]) {
            let is_there = Accounts::read(&pages.accounts)?.find(name).is_some();
            let made = if is_there {
                Accounts::reset(&pages.accounts, name)?
            } else {
                Accounts::add(&pages.accounts, name, role)?
            };
            self.passwords.insert(name.to_owned(), made.password);
        }
        Ok(())
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
        if let (Some(config), Some(found)) = (&mut self.config.paginas, running.pages())
            && config.listen != found
        {
            let text = fs::read_to_string(&self.config_path)?;
            fs::write(&self.config_path, text.replacen(&format!("\"{}\"", config.listen), &format!("\"{found}\""), 1))?;
            config.listen = found;
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
