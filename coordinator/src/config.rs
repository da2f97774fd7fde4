//! The configuration: one TOML file in which an unknown key is an error and secrets are paths. Every problem is
//! reported at once, each with its place, before anything is opened to the outside.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use drempel_protocols::{
    catalogue::{Catalogue, SignedBundle, TrustedParty},
    id::{Oin, PurposeId},
    transport::{IdentitySource, TlsFiles},
};
use reqwest::Url;
use serde::{Deserialize, Serialize};

use crate::{
    auth::{Analyst, Analysts, TokenHash},
    registry::Node,
};

/// The commented example, which a test keeps valid.
pub const EXAMPLE: &str = include_str!("../../config/coordinator.example.toml");

/// Everything a coordinator must be told. Relative paths are relative to the configuration file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where analysts connect.
    pub listen: SocketAddr,
    /// The SQLite file with questions and answers.
    pub store: PathBuf,
    /// The Ed25519 key that signs questions: PKCS#8, PEM or DER.
    pub signing_key: PathBuf,
    /// The catalogue.
    pub catalogue: CatalogueConfig,
    /// Certificate shown to analysts, and the authorities of theirs.
    pub tls: TlsFiles,
    /// Certificate shown to nodes, and the authorities of theirs.
    pub federation: TlsFiles,
    /// Where in a certificate the OIN stands.
    #[serde(default)]
    pub identity: IdentitySource,
    /// How much, and for how long.
    #[serde(default)]
    pub limits: LimitsConfig,
    /// The coordinator as a witness of the logs of gemeenten.
    #[serde(default)]
    pub getuige: WitnessConfig,
    /// Who may ask.
    #[serde(default, rename = "analyst")]
    pub analysts: Vec<AnalystConfig>,
    /// Who is asked.
    #[serde(default, rename = "node")]
    pub nodes: Vec<Node>,
}

/// Where the catalogue is and whose signatures count.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogueConfig {
    /// The folder with the bundle.
    pub folder: PathBuf,
    /// The parties of whom at least two must have signed it.
    #[serde(rename = "party")]
    pub parties: Vec<TrustedParty>,
}

/// How much, and for how long.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsConfig {
    /// How many nodes are asked at a time, over all questions.
    pub nodes_at_a_time: usize,
    /// How many questions each analyst may have under way.
    pub questions_per_analyst: usize,
    /// How long a node may take.
    pub node_seconds: u64,
    /// How long a request may wait for an answer (`Prefer: wait`).
    pub wait_seconds: u64,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self { nodes_at_a_time: 64, questions_per_analyst: 8, node_seconds: 30, wait_seconds: 60 }
    }
}

impl LimitsConfig {
    /// How long a node may take.
    #[must_use]
    pub fn node_deadline(&self) -> Duration {
        Duration::from_secs(self.node_seconds)
    }
}

/// The coordinator as a witness of the logs of gemeenten.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WitnessConfig {
    /// The name that it cosigns under.
    pub naam: String,
    /// The key that it cosigns with, made at the first start; without it `getuige.pk8` beside the store.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sleutel: Option<PathBuf>,
    /// Seconds from one round past all nodes to the next.
    pub seconden: u64,
}

impl Default for WitnessConfig {
    fn default() -> Self {
        Self { naam: "drempel/coordinator".to_owned(), sleutel: None, seconden: 300 }
    }
}

/// An analyst: a name, what it shows, what it may ask for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnalystConfig {
    /// The name that nodes log.
    pub name: String,
    /// The organisation in its client certificate.
    pub oin: Option<Oin>,
    /// The SHA-256 of its token.
    pub token_sha256: Option<TokenHash>,
    /// The purposes it may ask for.
    pub purposes: BTreeSet<PurposeId>,
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("cannot read the configuration {}: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// Not TOML, an unknown key, or a value that does not have its form.
    #[error("the configuration {} is not valid: {error}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What and where.
        error: Box<toml::de::Error>,
    },
    /// Parts that do not fit: each as "place: problem".
    #[error("the configuration cannot be used:\n  {}", .0.join("\n  "))]
    Problems(Vec<String>),
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// [`ConfigError::Unreadable`] or [`ConfigError::Malformed`].
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text =
            fs::read_to_string(path).map_err(|error| ConfigError::Unreadable { path: path.to_owned(), error })?;
        let mut config: Self = toml::from_str(&text)
            .map_err(|error| ConfigError::Malformed { path: path.to_owned(), error: Box::new(error) })?;
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        for relative in config.paths_mut() {
            *relative = folder.join(&relative);
        }
        Ok(config)
    }

    /// The catalogue, and the analysts who may ask about it.
    ///
    /// # Errors
    /// [`ConfigError::Problems`] with everything that does not fit.
    pub fn open(&self) -> Result<(Catalogue, Analysts), ConfigError> {
        let mut problems = self.problems();
        let catalogue =
            SignedBundle::read(&self.catalogue.folder).and_then(|bundle| bundle.open(&self.catalogue.parties));
        match catalogue {
            Ok(catalogue) => {
                problems.extend(self.problems_with(&catalogue));
                if problems.is_empty() {
                    Ok((catalogue, self.analysts()))
                } else {
                    Err(ConfigError::Problems(problems))
                }
            }
            Err(error) => {
                problems.push(format!("catalogue: {error}"));
                Err(ConfigError::Problems(problems))
            }
        }
    }

    /// Where the key is that the logs of gemeenten are cosigned with.
    #[must_use]
    pub fn witness_key(&self) -> PathBuf {
        self.getuige.sleutel.clone().unwrap_or_else(|| self.store.with_file_name("getuige.pk8"))
    }

    fn analysts(&self) -> Analysts {
        let mut analysts = Analysts::default();
        for AnalystConfig { name, oin, token_sha256, purposes } in &self.analysts {
            let analyst = Analyst { name: name.clone(), purposes: purposes.clone() };
            analysts.add(analyst, oin.clone(), *token_sha256);
        }
        analysts
    }

    fn paths_mut(&mut self) -> Vec<&mut PathBuf> {
        let mut paths = vec![&mut self.store, &mut self.signing_key, &mut self.catalogue.folder];
        paths.extend(self.getuige.sleutel.as_mut());
        for tls in [&mut self.tls, &mut self.federation] {
            paths.extend([&mut tls.certificate, &mut tls.key, &mut tls.roots]);
            paths.extend(tls.revoked.as_mut());
        }
        paths
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for (place, value) in [
            ("limits.nodes_at_a_time", self.limits.nodes_at_a_time),
            ("limits.questions_per_analyst", self.limits.questions_per_analyst),
        ] {
            if value == 0 {
                problems.push(format!("{place}: must be at least 1"));
            }
        }
        if !(1..=240).contains(&self.limits.node_seconds) {
            problems.push("limits.node_seconds: must be 1 to 240, as a signed question lives five minutes".to_owned());
        }
        if !(1..=600).contains(&self.getuige.seconden) {
            problems
                .push("getuige.seconden: must be 1 to 600, as a log is to be cosigned within 15 minutes".to_owned());
        }
        problems.extend(repeated("analyst", "name", self.analysts.iter().map(|analyst| Some(&analyst.name))));
        problems.extend(repeated("analyst", "oin", self.analysts.iter().map(|analyst| analyst.oin.as_ref())));
        let tokens =
            self.analysts.iter().map(|analyst| analyst.token_sha256.map(|hash| hash.to_string())).collect::<Vec<_>>();
        problems.extend(repeated("analyst", "token_sha256", tokens.iter().map(Option::as_ref)));
        problems.extend(repeated("node", "gemeente", self.nodes.iter().map(|node| Some(&node.gemeente))));
        problems.extend(repeated("node", "logsleutel", self.nodes.iter().map(|node| node.logsleutel.as_ref())));
        problems.extend(repeated("node", "getuigesleutel", self.nodes.iter().map(|node| node.getuigesleutel.as_ref())));
        for (place, analyst) in self.analysts.iter().enumerate() {
            if analyst.oin.is_none() && analyst.token_sha256.is_none() {
                problems.push(format!("analyst[{place}]: give oin, token_sha256 or both"));
            }
            if analyst.name.trim().is_empty() {
                problems.push(format!("analyst[{place}].name: must not be empty"));
            }
        }
        if self.federation.revoked.is_some() {
            problems.push(
                "federation.revoked: certificates of nodes are not checked against a list; leave it out".to_owned(),
            );
        }
        for (place, node) in self.nodes.iter().enumerate() {
            if node.logsleutel.as_ref().is_some_and(|key| key.gemeente() != Some(node.gemeente)) {
                problems.push(format!("node[{place}].logsleutel: is not that of the log of {}", node.gemeente));
            }
            if Url::parse(&node.url).is_ok_and(|url| url.scheme() == "https" && url.query().is_none()) {
                continue;
            }
            problems.push(format!("node[{place}].url: must be an https:// address without a query"));
        }
        problems
    }

    fn problems_with(&self, catalogue: &Catalogue) -> Vec<String> {
        let mut problems = Vec::new();
        for (place, analyst) in self.analysts.iter().enumerate() {
            for purpose in analyst.purposes.iter().filter(|purpose| catalogue.purpose(purpose).is_none()) {
                problems.push(format!("analyst[{place}].purposes: {purpose} is not in the catalogue"));
            }
        }
        for (place, node) in self.nodes.iter().enumerate() {
            if !catalogue.divisions().iter().any(|division| division.gemeente(node.gemeente).is_some()) {
                problems.push(format!("node[{place}].gemeente: {} is not in the catalogue", node.gemeente));
            }
        }
        problems
    }
}

/// A problem for each value that stands in more than one entry of a list.
fn repeated<'a, T: Ord + 'a>(list: &str, field: &str, values: impl Iterator<Item = Option<&'a T>>) -> Vec<String> {
    let mut first = BTreeMap::new();
    let mut problems = Vec::new();
    for (place, value) in values.enumerate() {
        let Some(value) = value else { continue };
        if let Some(earlier) = first.insert(value, place) {
            problems.push(format!("{list}[{place}].{field}: also in {list}[{earlier}]"));
        }
    }
    problems
}

#[cfg(test)]
mod tests;
