//! The node's configuration: one TOML file. Secrets are in files of their own, named by path; paths are relative to
//! the folder of the file. Unknown keys are refused, so that a misspelt rule is not silently no rule.

mod logboek;
mod pages;
mod paths;
mod retention;

use std::{
    fs::{self, File},
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use data_encoding::BASE64;
use drempel_protocols::{
    catalogue::{Definitions, TrustedParty},
    id::{Digest, Gemeentecode, Oin, Period},
    log::WitnessKey,
    policy::PolicyFile,
    transport::{IdentitySource, TlsFiles},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use self::{logboek::Logboek, pages::Pages, paths::Paths, retention::Retention};
use crate::{
    engine::EngineLimits,
    ingest::{
        ImportRequest, RecordKey,
        afbeelding::{Afbeelding, AfbeeldingError},
        sleutel::RecordKeyError,
    },
    witness::Cosigned,
};

/// The commented example that `init` writes, with places to fill in between braces.
pub const EXAMPLE: &str = include_str!("../../config/node.example.toml");

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("cannot read {}: {error}; make one with: drempel-node init", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It is not a configuration.
    #[error("{}: {error}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Where and why.
        error: Box<toml::de::Error>,
    },
}

/// A node's configuration, with every path made absolute or relative to the working folder.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The gemeente.
    pub gemeente: Gemeentecode,
    /// Its OIN: questions must be addressed to it.
    pub oin: Oin,
    /// The address to listen on.
    pub listen: SocketAddr,
    /// Gemeenten that became this one (herindeling): messages of and for them are its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub voorgangers: Vec<Gemeentecode>,
    /// The half-years that an import covers.
    pub perioden: Periods,
    /// Where the node keeps what it keeps.
    pub paths: Paths,
    /// Certificate, key and whom to trust.
    pub tls: TlsFiles,
    /// Who may connect, and as what. Whoever is not listed may not.
    #[serde(default, rename = "peer")]
    pub peers: Vec<Peer>,
    /// Whose cosignatures on the log are believed.
    #[serde(default, rename = "getuige", skip_serializing_if = "Vec::is_empty")]
    pub getuigen: Vec<Getuige>,
    /// The catalogue.
    pub catalogus: CatalogueTrust,
    /// The gemeente's own policy: only ever stricter than what holds for everyone.
    #[serde(default)]
    pub beleid: PolicyFile,
    /// How long records are kept.
    #[serde(default)]
    pub bewaren: Retention,
    /// What a question may use.
    #[serde(default)]
    pub limits: LimitsFile,
    /// The pages of the privacy officer; without it there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paginas: Option<Pages>,
    /// The gemeente's own Logboek Dataverwerkingen; without it nothing is sent anywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logboek: Option<Logboek>,
}

/// A range of half-years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Periods {
    /// The first.
    pub eerste: Period,
    /// The last, which is included.
    pub laatste: Period,
}

/// Someone who may connect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peer {
    /// A name for people.
    pub naam: String,
    /// The OIN in its certificate.
    pub oin: Oin,
    /// Where in the certificate the OIN stands.
    #[serde(default)]
    pub identity: IdentitySource,
    /// What it may do.
    pub rol: Role,
    /// The Ed25519 public key with which a coordinator signs its questions.
    pub vraagsleutel: Option<PublicKey>,
}

/// What a peer may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Send questions.
    Coordinator,
    /// See that the node is up, and nothing else.
    Monitor,
}

/// A witness of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Getuige {
    /// A name for people.
    pub naam: String,
    /// The key that it cosigns with.
    pub sleutel: WitnessKey,
}

impl Getuige {
    /// What it cosigned, out of what was kept.
    #[must_use]
    pub fn of<'c>(&self, cosigned: &'c [Cosigned]) -> Option<&'c Cosigned> {
        cosigned.iter().find(|cosigned| cosigned.key == self.sleutel)
    }
}

/// Whose signatures a catalogue needs, and which catalogue the privacy officer has accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogueTrust {
    /// The digest that the privacy officer accepted (rule R10); a bundle with another is not used.
    pub aanvaard: Digest,
    /// The federation's parties.
    #[serde(default, rename = "partij")]
    pub parties: Vec<TrustedParty>,
}

/// What a question may use, as it is written in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsFile {
    /// Memory for counting, in MiB.
    pub memory_mib: usize,
    /// Seconds for one question.
    pub seconds: u64,
    /// Questions that are counted at once.
    pub concurrent: usize,
}

impl Default for LimitsFile {
    fn default() -> Self {
        Self { memory_mib: 512, seconds: 30, concurrent: 2 }
    }
}

impl LimitsFile {
    /// For the engine.
    #[must_use]
    pub fn engine(&self) -> EngineLimits {
        EngineLimits {
            memory: self.memory_mib.max(1).saturating_mul(1024 * 1024),
            time: Duration::from_secs(self.seconds.max(1)),
            concurrent: self.concurrent.clamp(1, 64),
            ..EngineLimits::default()
        }
    }
}

/// An Ed25519 public key, base64.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicKey(Vec<u8>);

impl PublicKey {
    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl TryFrom<String> for PublicKey {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = BASE64.decode(text.as_bytes()).ok().filter(|bytes| bytes.len() == 32);
        bytes.map(Self).ok_or("expected an Ed25519 public key: 32 bytes in base64")
    }
}

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> Self {
        BASE64.encode(&key.0)
    }
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text =
            fs::read_to_string(path).map_err(|error| ConfigError::Unreadable { path: path.to_owned(), error })?;
        let config = Self::parse(&text)
            .map_err(|error| ConfigError::Invalid { path: path.to_owned(), error: Box::new(error) })?;
        Ok(config.relative_to(path.parent().unwrap_or(Path::new("."))))
    }

    /// Reads a text; its paths stay as they are written.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    fn relative_to(mut self, folder: &Path) -> Self {
        let paths = [
            &mut self.paths.records,
            &mut self.paths.rapporten,
            &mut self.paths.snapshots,
            &mut self.paths.ledger,
            &mut self.paths.audit,
            &mut self.paths.log_key,
            &mut self.paths.vragers,
            &mut self.paths.getuigenis,
            &mut self.paths.witness_key,
            &mut self.paths.logboek_stand,
            &mut self.paths.catalogus,
            &mut self.paths.catalogus_voorstel,
            &mut self.paths.record_key,
            &mut self.tls.certificate,
            &mut self.tls.key,
            &mut self.tls.roots,
        ];
        let pages = self.paginas.iter_mut().flat_map(|pages| {
            [Some(&mut pages.accounts), pages.certificate.as_mut(), pages.key.as_mut()].into_iter().flatten()
        });
        let logboek =
            self.logboek.iter_mut().flat_map(|logboek| [Some(&mut logboek.roots), logboek.token_file.as_mut()]);
        let others = self
            .tls
            .revoked
            .as_mut()
            .into_iter()
            .chain(self.paths.mapping.as_mut())
            .chain(pages)
            .chain(logboek.flatten());
        for path in paths.into_iter().chain(others) {
            *path = folder.join(&path);
        }
        self
    }

    /// The key of the records, from the file or the command.
    ///
    /// # Errors
    /// [`RecordKeyError`].
    pub fn read_record_key(&self) -> Result<RecordKey, RecordKeyError> {
        match self.paths.record_key_command.as_slice() {
            [] => RecordKey::read(&self.paths.record_key),
            command => RecordKey::from_command(command),
        }
    }

    /// The gemeente's mapping of product codes.
    ///
    /// # Errors
    /// [`AfbeeldingError`].
    pub fn read_mapping(&self) -> Result<Afbeelding, AfbeeldingError> {
        match &self.paths.mapping {
            None => Ok(Afbeelding::default()),
            Some(path) => Afbeelding::read(File::open(path)?),
        }
    }

    /// An import as this configuration has it.
    #[must_use]
    pub fn import<'r>(
        &'r self,
        key: &'r RecordKey,
        afbeelding: &'r Afbeelding,
        definities: &'r Definitions,
        now: Timestamp,
    ) -> ImportRequest<'r> {
        ImportRequest {
            gemeente: self.gemeente,
            voorgangers: &self.voorgangers,
            first: self.perioden.eerste,
            last: self.perioden.laatste,
            records: &self.paths.records,
            snapshots: &self.paths.snapshots,
            key,
            afbeelding,
            definities,
            bewaren: self.bewaren.jaren,
            strict: false,
            now,
        }
    }

    /// The peer with an OIN.
    #[must_use]
    pub fn peer(&self, certificate: &[u8]) -> Option<&Peer> {
        self.peers
            .iter()
            .find(|peer| drempel_protocols::transport::peer_oin(certificate, peer.identity).as_ref() == Some(&peer.oin))
    }
}
