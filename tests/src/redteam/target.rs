//! A node that answers over mutual TLS from the releases of a gemeente, as `serve` starts one, for whoever attacks it through
//! what everybody can reach: it asks as the coordinator does, and sees status and bytes.

use std::{fs, path::Path, sync::Arc};

use anyhow::Context as _;
use drempel_node::{
    app::{Node, Running},
    config::{Config, Periods},
    officer::Role,
};
use drempel_protocols::{
    answer::{Answer, LoggedAnswer},
    catalogue::{Bundle, Catalogue, SignedBundle},
    clock::Clock,
    id::QuestionId,
    log::{LogHead, LogProof},
    message::{ASK_PATH, Ask, LIFE, SignedAsk},
    policy::PolicyFile,
    sql,
};
use reqwest::header::{DATE, HeaderName, HeaderValue};
use ring::{rand::SystemRandom, signature::Ed25519KeyPair};
use tokio::runtime::Runtime;

use super::{life::HALVES, reader::Readers, registry::GEMEENTE};
use crate::{
    authority::{Authority, tls, write_private},
    federation::{Federation, configuration, signatures, trusted_parties},
    participants,
};

/// A node that is up, and who asks it.
pub struct Target {
    /// Under which it answers.
    pub catalogue: Catalogue,
    config: Config,
    clock: Arc<dyn Clock>,
    key: Ed25519KeyPair,
    client: reqwest::Client,
    url: String,
    readers: Readers,
    running: Option<Running>,
    counting: Option<Runtime>,
    _folder: tempfile::TempDir,
}

/// What came back, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The status.
    pub status: u16,
    /// The headers, in order, but for the time.
    pub headers: Vec<(String, String)>,
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

    /// How far the log went that has the answer, as the node says; none if it is a refusal.
    #[must_use]
    pub fn head(&self) -> Option<LogHead> {
        let logged: LoggedAnswer = serde_json::from_slice(&self.body).ok()?;
        LogProof::says(&logged.proof)
    }

    /// The headers without that of the length.
    #[must_use]
    pub fn without_length(&self) -> Vec<&(String, String)> {
        self.headers.iter().filter(|(name, _)| name != "content-length").collect()
    }
}

impl Target {
    /// Starts a node on a ledger, under a policy, with a catalogue that throw-away parties sign.
    ///
    /// # Errors
    /// If it cannot be started.
    pub async fn start(
        bundle: &Bundle,
        ledger: &Path,
        beleid: PolicyFile,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let at = |name: &str| folder.path().join(name);
        let [first, .., last] = HALVES;
        let gemeente = GEMEENTE.parse()?;
        let authority = Authority::new("Drempel throw-away authority")?;
        authority.issue(&participants::oin(gemeente)?, 1)?.write(&at("keys"), "node", &authority.root())?;
        write_private(&at("keys/records.key"), &[7; 32])?;
        fs::create_dir(at("catalogus"))?;
        for (name, text) in bundle.files() {
            fs::write(at("catalogus").join(name), text)?;
        }
        let signatures = signatures(bundle)?;
        fs::write(at("catalogus").join(SignedBundle::SIGNATURES), SignedBundle::signatures_file(&signatures))?;
        let catalogue = SignedBundle::read(&at("catalogus"))?.open(&trusted_parties()?)?;
        fs::copy(ledger, at("ledger.sqlite"))?;
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).ok().context("no key can be made")?;
        let key = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).ok().context("the key is no key")?;
        let perioden = Periods { eerste: first.parse()?, laatste: last.parse()? };
        let own = configuration(folder.path(), gemeente, &catalogue, perioden, &key)?;
        let readers = Readers::new(folder.path(), &authority)?;
        let config = Config { beleid, paginas: Some(readers.pages()), ..own };
        let counting = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build()?;
        let node = Node::new(config.clone(), Arc::clone(&clock), counting.handle().clone())?;
        let running = Running::start(node).await?;
        let issued = authority.issue(&participants::coordinator_oin()?, 50_000)?;
        let tls = tls(&authority.root(), Some(&issued), &[&rustls::version::TLS13])?;
        let client = reqwest::Client::builder().tls_backend_preconfigured(tls).https_only(true).no_proxy().build()?;
        let url = format!("https://{}{ASK_PATH}", running.address());
        let (running, counting) = (Some(running), Some(counting));
        Ok(Self { catalogue, config, clock, key, client, url, readers, running, counting, _folder: folder })
    }

    /// The node's configuration.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// Stops the node, puts another ledger in the place of its own, and sets it up again, without listening.
    ///
    /// # Errors
    /// If it cannot be set up: for that reason.
    pub async fn put_back(&mut self, ledger: &Path) -> anyhow::Result<()> {
        self.stop().await;
        let own = &self.config.paths.ledger;
        for beside in ["", "-wal", "-shm"] {
            let mut path = own.clone().into_os_string();
            path.push(beside);
            if Path::new(&path).exists() {
                fs::remove_file(path)?;
            }
        }
        fs::copy(ledger, own)?;
        let counting = self.counting.as_ref().context("a node that has stopped counting")?;
        Node::new(self.config.clone(), Arc::clone(&self.clock), counting.handle().clone())?;
        Ok(())
    }

    /// A question as a coordinator signs it; a text that this catalogue does not allow is sent as it is, for the node to
    /// refuse.
    ///
    /// # Errors
    /// If there is no such purpose.
    pub fn question(&self, text: &str) -> anyhow::Result<Ask> {
        let (now, purpose) = (self.clock.now(), Federation::purpose()?);
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
        let header = |(name, value): (&HeaderName, &HeaderValue)| {
            (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let mut headers: Vec<_> = response.headers().iter().filter(|(name, _)| **name != DATE).map(header).collect();
        headers.sort_unstable();
        Ok(Seen { status: response.status().as_u16(), headers, body: response.bytes().await?.to_vec() })
    }

    /// Asks a question as a coordinator does.
    ///
    /// # Errors
    /// If the node does not answer at all.
    pub async fn ask(&self, text: &str) -> anyhow::Result<Seen> {
        self.send(&self.question(text)?, &self.key).await
    }

    /// What its pages show of these paths to somebody with a role.
    ///
    /// # Errors
    /// If nobody of that role can sign in.
    pub async fn pages(&self, role: Role, paths: &[String]) -> anyhow::Result<String> {
        let running = self.running.as_ref().context("the node has stopped")?;
        self.readers.see(running, (role, self.clock.now()), paths).await
    }

    /// Stops the node.
    pub async fn stop(&mut self) {
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
