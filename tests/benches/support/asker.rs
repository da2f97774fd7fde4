//! Asks one node as the coordinator does: over a kept HTTPS connection, with the coordinator's certificate and a fresh
//! question signed with its key.

use std::{fs, time::Duration};

use anyhow::{Context as _, anyhow};
use drempel_protocols::{
    catalogue::Catalogue,
    clock::{Clock as _, SystemClock},
    id::{Oin, QuestionId},
    message::{ASK_PATH, Ask, LIFE, SignedAsk},
    question::Question,
    sql,
    transport::{Credentials, TlsFiles},
};
use drempel_tests::federation::{Federation, Layout};
use reqwest::{Client, StatusCode, header, redirect};
use ring::signature::Ed25519KeyPair;

/// Whoever holds the coordinator's keys.
pub(crate) struct Asker {
    client: Client,
    key: Ed25519KeyPair,
}

impl Asker {
    /// From the folder of the coordinator of a federation.
    pub(crate) fn new(layout: &Layout) -> anyhow::Result<Self> {
        let keys = layout.coordinator().join("keys");
        let key = fs::read(keys.join("questions.pk8"))?;
        let key = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&key).map_err(|_| anyhow!("the key is no key"))?;
        let mut tls = Credentials::read(&TlsFiles {
            certificate: keys.join("coordinator.crt"),
            key: keys.join("coordinator.key"),
            roots: keys.join("federation-roots.pem"),
            revoked: None,
        })?
        .client()?;
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        // As the coordinator's own link to its nodes is set up.
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .tls_info(true)
            .https_only(true)
            .no_proxy()
            .redirect(redirect::Policy::none())
            .connect_timeout(Duration::from_secs(5))
            .http2_keep_alive_interval(Duration::from_secs(20))
            .http2_keep_alive_timeout(Duration::from_secs(10))
            .build()?;
        Ok(Self { client, key })
    }

    /// A question that was never asked before, signed for one node.
    pub(crate) fn sign(&self, question: &Question, catalogue: &Catalogue, recipient: &Oin) -> anyhow::Result<Vec<u8>> {
        let issued = SystemClock.now();
        let ask = Ask {
            id: QuestionId::at(issued),
            recipient: recipient.clone(),
            asker: "synthetic analyst".to_owned(),
            purpose: Federation::purpose()?,
            sql: sql::render(question),
            digest: sql::digest(question),
            catalogue: catalogue.digest(),
            issued,
            expires: issued.checked_add(LIFE)?,
        };
        Ok(serde_json::to_vec(&SignedAsk::sign(&ask, &self.key)?)?)
    }

    /// Sends signed bytes and waits for the whole of what comes back.
    pub(crate) async fn send(&self, url: &str, signed: Vec<u8>) -> anyhow::Result<(StatusCode, Vec<u8>)> {
        let request = self.client.post(format!("{url}{ASK_PATH}")).header(header::CONTENT_TYPE, "application/json");
        let response = request.body(signed).send().await?;
        Ok((response.status(), response.bytes().await?.into()))
    }
}

/// A question, for the purpose of the synthetic analyst.
pub(crate) fn question(text: &str, catalogue: &Catalogue) -> anyhow::Result<Question> {
    let read = sql::read(text, catalogue, &Federation::purpose()?);
    let (question, _) = read.ok().with_context(|| format!("refused: {text}"))?;
    Ok(question)
}
