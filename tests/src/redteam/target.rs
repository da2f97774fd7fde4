//! A node that answers over mutual TLS from the releases of a gemeente, as `serve` starts one, for whoever attacks it through
//! what everybody can reach: it asks as the coordinator does, and sees status, headers and bytes.

use std::{collections::BTreeMap, fs, net::Ipv4Addr, path::Path, sync::Arc};

use anyhow::Context as _;
use data_encoding::BASE64;
use drempel_node::{
    app::{Node, Running},
    config::{CatalogueTrust, Config, LimitsFile, Paths, Peer, Periods, Retention, Role},
};
use drempel_protocols::{
    answer::{Answer, LoggedAnswer},
    catalogue::{Bundle, Catalogue, SignedBundle},
    clock::{Clock as _, SystemClock},
    id::QuestionId,
    message::{ASK_PATH, Ask, LIFE, SignedAsk},
    policy::PolicyFile,
    sql,
    transport::{IdentitySource, TlsFiles},
};
use ring::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair as _},
};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use tokio::runtime::Runtime;

use super::{life::HALVES, registry::GEMEENTE};
use crate::{
    authority::{Authority, Issued, write_private},
    federation::{Federation, signatures, trusted_parties},
    participants,
};

/// A node that is up, and who asks it.
pub struct Target {
    /// Under which it answers.
    pub catalogue: Catalogue,
    config: Config,
    key: Ed25519KeyPair,
    client: reqwest::Client,
    url: String,
    running: Option<Running>,
    counting: Option<Runtime>,
    _folder: tempfile::TempDir,
}

/// What came back, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The status.
    pub status: u16,
    /// All headers but the date.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Seen {
    /// The answer; none if it is a refusal.
    #[must_use]
    pub fn answer(&self) -> Option<Answer> {
        let logged: LoggedAnswer = serde_json::from_slice(&self.body).ok()?;
        serde_json::from_str(&logged.answer).ok()
    }
}

impl Target {
    /// Starts a node on a ledger, under a policy, with a catalogue that throw-away parties sign.
    ///
    /// # Errors
    /// If it cannot be started.
    pub async fn start(bundle: &Bundle, ledger: &Path, beleid: PolicyFile) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let at = |name: &str| folder.path().join(name);
        let [first, .., last] = HALVES;
        let gemeente = GEMEENTE.parse()?;
        let oin = participants::oin(gemeente)?;
        let authority = Authority::new("Drempel throw-away authority")?;
        authority.issue(&oin, 1)?.write(&at("keys"), "node", &authority.root())?;
        write_private(&at("keys/records.key"), &[7; 32])?;
        fs::create_dir(at("catalogus"))?;
        for (name, text) in bundle.files() {
            fs::write(at("catalogus").join(name), text)?;
        }
        let signatures = signatures(bundle)?;
        fs::write(at("catalogus").join(SignedBundle::SIGNATURES), SignedBundle::signatures_file(&signatures))?;
        let parties = trusted_parties()?;
        let catalogue = SignedBundle::read(&at("catalogus"))?.open(&parties)?;
        fs::copy(ledger, at("ledger.sqlite"))?;
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).ok().context("no key can be made")?;
        let key = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).ok().context("the key is no key")?;
        let coordinator = participants::coordinator_oin()?;
        let config = Config {
            gemeente,
            oin,
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            voorgangers: Vec::new(),
            perioden: Periods { eerste: first.parse()?, laatste: last.parse()? },
            paths: Paths {
                records: at("records"),
                snapshots: at("snapshots"),
                ledger: at("ledger.sqlite"),
                audit: at("audit"),
                catalogus: at("catalogus"),
                record_key: at("keys/records.key"),
                record_key_command: Vec::new(),
                mapping: None,
                rapporten: at("rapporten"),
            },
            tls: TlsFiles {
                certificate: at("keys/node.crt"),
                key: at("keys/node.key"),
                roots: at("keys/federation-roots.pem"),
                revoked: None,
            },
            peers: vec![Peer {
                naam: "coordinator".to_owned(),
                oin: coordinator.clone(),
                identity: IdentitySource::default(),
                rol: Role::Coordinator,
                vraagsleutel: Some(
                    BASE64
                        .encode(key.public_key().as_ref())
                        .try_into()
                        .map_err(|error: &str| anyhow::anyhow!(error))?,
                ),
            }],
            catalogus: CatalogueTrust { aanvaard: catalogue.digest(), parties },
            beleid,
            bewaren: Retention::default(),
            limits: LimitsFile::default(),
        };
        let counting = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build()?;
        let node = Node::new(config.clone(), Arc::new(SystemClock), counting.handle().clone())?;
        let running = Running::start(node).await?;
        let client = client(&authority, &authority.issue(&coordinator, 50_000)?)?;
        let url = format!("https://{}{ASK_PATH}", running.address());
        let (running, counting) = (Some(running), Some(counting));
        Ok(Self { catalogue, config, key, client, url, running, counting, _folder: folder })
    }

    /// A question as a coordinator signs it; a text that this catalogue does not allow is sent as it is, for the node to
    /// refuse.
    ///
    /// # Errors
    /// If there is no such purpose.
    pub fn question(&self, text: &str) -> anyhow::Result<Ask> {
        let (now, purpose) = (SystemClock.now(), Federation::purpose()?);
        let read = sql::read(text, &self.catalogue, &purpose).ok().map(|(question, _)| question);
        Ok(Ask {
            id: QuestionId::at(now),
            recipient: self.config.oin.clone(),
            asker: "an analyst".to_owned(),
            purpose,
            sql: read.as_ref().map_or_else(|| text.to_owned(), sql::render),
            digest: read.as_ref().map_or_else(|| self.catalogue.digest(), sql::digest),
            catalogue: self.catalogue.digest(),
            issued: now,
            expires: now + LIFE,
        })
    }

    /// The key that this node knows the coordinator's questions by.
    #[must_use]
    pub const fn key(&self) -> &Ed25519KeyPair {
        &self.key
    }

    /// Sends a question, signed with a key.
    ///
    /// # Errors
    /// If the node does not answer at all.
    pub async fn send(&self, ask: &Ask, key: &Ed25519KeyPair) -> anyhow::Result<Seen> {
        let request = self.client.post(&self.url).header("content-type", "application/json");
        let response = request.body(serde_json::to_vec(&SignedAsk::sign(ask, key)?)?).send().await?;
        let headers = response.headers().iter().filter(|(name, _)| *name != "date");
        let headers = headers.map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into()));
        let (status, headers) = (response.status().as_u16(), headers.collect());
        Ok(Seen { status, headers, body: response.bytes().await?.to_vec() })
    }

    /// Asks a question as a coordinator does.
    ///
    /// # Errors
    /// If the node does not answer at all.
    pub async fn ask(&self, text: &str) -> anyhow::Result<Seen> {
        self.send(&self.question(text)?, &self.key).await
    }

    /// Stops the node.
    pub async fn stop(mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if let Some(counting) = self.counting.take() {
            counting.shutdown_background();
        }
    }
}

/// A client that is the coordinator.
fn client(authority: &Authority, issued: &Issued) -> anyhow::Result<reqwest::Client> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.root().as_bytes())?)?;
    let chain = CertificateDer::pem_slice_iter(issued.certificate.as_bytes()).collect::<Result<Vec<_>, _>>()?;
    let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, PrivateKeyDer::from_pem_slice(issued.key.as_bytes())?)?;
    let builder = reqwest::Client::builder().tls_backend_preconfigured(tls).https_only(true).no_proxy();
    Ok(builder.build()?)
}
