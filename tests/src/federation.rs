//! A federation in one process, on loopback: real certificates, real messages, real logs; only the population is
//! synthetic and the authority throw-away. Tests, benchmarks and the demo all stand on it.

mod build;
mod builder;
mod configuration;
mod layout;
mod node;
mod proposal;
mod witnesses;

use std::{collections::BTreeMap, path::Path, sync::Arc};

use anyhow::Context as _;
use drempel_coordinator::cli::{Exit, args::Connection};
use drempel_protocols::{
    catalogue::Catalogue,
    clock::Clock,
    id::{Gemeentecode, PurposeId},
};
use ring::signature::Ed25519KeyPair;

pub use self::{
    builder::FederationBuilder,
    configuration::{configuration, loopback, peer},
    layout::{CATALOGUE, Layout, copy_catalogue, registered_catalogue, signatures, trusted_parties},
    node::Member,
    proposal::propose,
};
use crate::authority::Authority;

/// A running federation.
pub struct Federation {
    layout: Layout,
    catalogue: Catalogue,
    authority: Authority,
    signing_key: Ed25519KeyPair,
    clock: Arc<dyn Clock>,
    members: BTreeMap<Gemeentecode, Member>,
    coordinator: Option<drempel_coordinator::Running>,
    coordinator_url: String,
    counting: Option<tokio::runtime::Runtime>,
    _temporary: Option<tempfile::TempDir>,
}

/// What a command of `drempel` did.
#[derive(Debug)]
pub struct Said {
    /// Its exit code.
    pub exit: Exit,
    /// Its standard output.
    pub out: String,
    /// Its standard error.
    pub err: String,
}

impl Federation {
    /// A federation to be set up.
    #[must_use]
    pub fn builder() -> FederationBuilder {
        FederationBuilder::default()
    }

    /// Where everything is.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The catalogue.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The authority that everyone here trusts.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The key that the coordinator signs with.
    #[must_use]
    pub fn signing_key(&self) -> &Ed25519KeyPair {
        &self.signing_key
    }

    /// The clock that everyone here goes by.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The gemeenten, by code.
    #[must_use]
    pub fn members(&self) -> &BTreeMap<Gemeentecode, Member> {
        &self.members
    }

    /// A gemeente.
    ///
    /// # Errors
    /// If it does not take part.
    pub fn member(&self, code: Gemeentecode) -> anyhow::Result<&Member> {
        self.members.get(&code).with_context(|| format!("{code} does not take part"))
    }

    /// Where analysts connect.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.coordinator_url
    }

    /// Stops the node of a gemeente.
    ///
    /// # Errors
    /// If it does not take part.
    pub async fn stop_node(&mut self, code: Gemeentecode) -> anyhow::Result<()> {
        self.members.get_mut(&code).with_context(|| format!("{code} does not take part"))?.stop().await;
        Ok(())
    }

    /// Starts the node of a gemeente again, on the address it had.
    ///
    /// # Errors
    /// If it cannot start.
    pub async fn start_node(&mut self, code: Gemeentecode) -> anyhow::Result<()> {
        let counting = self.counting.as_ref().context("the federation has stopped")?.handle().clone();
        let clock = Arc::clone(&self.clock);
        self.members.get_mut(&code).with_context(|| format!("{code} does not take part"))?.start(clock, counting).await
    }

    /// The running coordinator.
    ///
    /// # Errors
    /// If it was stopped.
    pub fn coordinator(&self) -> anyhow::Result<&drempel_coordinator::Running> {
        self.coordinator.as_ref().context("the coordinator was stopped")
    }

    /// Stops the coordinator and starts it again, on the address it had.
    ///
    /// # Errors
    /// If it cannot start.
    pub async fn restart_coordinator(&mut self) -> anyhow::Result<()> {
        if let Some(coordinator) = self.coordinator.take() {
            coordinator.shutdown().await;
        }
        let config = self.coordinator_config()?;
        self.coordinator = Some(drempel_coordinator::start(config, Arc::clone(&self.clock)).await?);
        Ok(())
    }

    /// The coordinator's configuration, as it is on disk.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn coordinator_config(&self) -> anyhow::Result<drempel_coordinator::Config> {
        Ok(drempel_coordinator::Config::read(&self.layout.coordinator().join("coordinator.toml"))?)
    }

    /// How the synthetic analyst reaches the coordinator.
    #[must_use]
    pub fn connection(&self) -> Connection {
        Connection {
            coordinator: Some(self.coordinator_url.clone()),
            ca: Some(self.layout.analyst_roots()),
            cert: None,
            key: None,
            token_file: Some(self.layout.analyst_token()),
            token: None,
        }
    }

    /// Runs `drempel` with these arguments, as the synthetic analyst.
    ///
    /// # Errors
    /// If the arguments are not a command line of `drempel`.
    pub async fn drempel(&self, arguments: &[&str]) -> anyhow::Result<Said> {
        use clap::Parser as _;
        let mut args = drempel_coordinator::cli::Args::try_parse_from(std::iter::once(&"drempel").chain(arguments))?;
        args.connection = self.connection();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let exit = drempel_coordinator::cli::run(args, &mut out, &mut err).await;
        Ok(Said { exit, out: String::from_utf8(out)?, err: String::from_utf8(err)? })
    }

    /// Asks a question as the synthetic analyst and gives the answer as JSON.
    ///
    /// # Errors
    /// If it is not answered in full.
    pub async fn query(&self, sql: &str) -> anyhow::Result<drempel_coordinator::AnswerDocument> {
        let purpose = Self::purpose()?.to_string();
        let said = self.drempel(&["query", sql, "--purpose", &purpose, "--format", "json"]).await?;
        anyhow::ensure!(said.exit == Exit::Ok, "{:?}: {}", said.exit, said.err);
        Ok(serde_json::from_str(&said.out)?)
    }

    /// The purpose that the synthetic analyst asks for.
    ///
    /// # Errors
    /// Never.
    pub fn purpose() -> anyhow::Result<PurposeId> {
        Ok("landelijke-monitor".parse()?)
    }

    /// The folder of a node, by gemeente.
    #[must_use]
    pub fn node_folder(&self, code: Gemeentecode) -> std::path::PathBuf {
        self.layout.node(code)
    }

    /// The folder that holds everything.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.layout.root()
    }

    /// Stops everything; what is on disk stays.
    pub async fn stop(mut self) {
        if let Some(coordinator) = self.coordinator.take() {
            coordinator.shutdown().await;
        }
        for member in self.members.values_mut() {
            member.stop().await;
        }
        if let Some(counting) = self.counting.take() {
            counting.shutdown_background();
        }
    }
}

impl Drop for Federation {
    fn drop(&mut self) {
        // A runtime must not be dropped where futures run.
        if let Some(counting) = self.counting.take() {
            counting.shutdown_background();
        }
    }
}
