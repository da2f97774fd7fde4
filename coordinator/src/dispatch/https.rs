//! The link to nodes that listen, for questions and for logs: HTTPS over TLS 1.3 with our certificate, on kept connections. The certificate that
//! answers must name the organisation registered for the node, whatever its host name says.

use std::{
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime},
};

use arc_swap::ArcSwap;
use drempel_protocols::{
    log::{COSIGNED_PATH, LOG_PATH, MOST_RELAYED, WITNESS_PATH},
    message::ASK_PATH,
    problem::Problem,
    trace::Trail,
    transport::{CredentialError, Credentials, IdentitySource, TlsFiles, innermost, peer_oin},
};
use reqwest::{Client, Method, Response, StatusCode, header::HeaderMap, redirect, tls::TlsInfo};

use super::{LinkError, LogLink, NodeLink, Reply};
use crate::registry::Node;

const JSON: &str = "application/json";
/// The largest answer that is read. A whole cube of many half-years stays well below it.
const MAX_ANSWER: usize = 8 * 1024 * 1024;
/// The largest problem document that is read.
const MAX_PROBLEM: usize = 64 * 1024;
/// The most characters of a node's words that are kept.
const MAX_REASON: usize = 500;
/// How long a node may take over its log, or that of another: it reads nothing but what it has at hand.
const LOG_PATIENCE: Duration = Duration::from_secs(15);
/// For a connection to come about, TLS included.
const CONNECT: Duration = Duration::from_secs(5);

/// Why the link cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum LinkSetupError {
    /// The certificate, key or roots.
    #[error(transparent)]
    Credentials(#[from] CredentialError),
    /// The HTTP client.
    #[error("the HTTP client cannot be made: {0}")]
    Client(#[from] reqwest::Error),
}

/// Sends questions over HTTPS.
pub struct HttpsLink {
    files: TlsFiles,
    identity: IdentitySource,
    client: ArcSwap<Client>,
}

impl HttpsLink {
    /// A link with the certificate and roots in `files`, that finds a node's OIN in its certificate at `identity`.
    ///
    /// # Errors
    /// [`LinkSetupError`].
    pub fn new(files: TlsFiles, identity: IdentitySource) -> Result<Self, LinkSetupError> {
        let client = client(&files)?;
        Ok(Self { files, identity, client: ArcSwap::from_pointee(client) })
    }

    /// Looks every `interval` whether a file has changed, and connects anew with the new ones if they are whole.
    /// Never returns.
    pub async fn follow(self: Arc<Self>, interval: Duration) {
        let mut seen = self.modified();
        loop {
            tokio::time::sleep(interval).await;
            let now = self.modified();
            if now != seen {
                match client(&self.files) {
                    Ok(client) => self.client.store(Arc::new(client)),
                    Err(error) => tracing::warn!(%error, "the federation's TLS files changed but cannot be used"),
                }
                seen = now;
            }
        }
    }

    fn modified(&self) -> Vec<Option<SystemTime>> {
        let modified = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
        [&self.files.certificate, &self.files.key, &self.files.roots].map(|path| modified(path)).to_vec()
    }

    async fn exchange(
        &self,
        node: &Node,
        (method, path): (Method, &str),
        content: Option<(&'static str, Vec<u8>)>,
        (most, trail): (usize, Trail),
    ) -> Result<Vec<u8>, LinkError> {
        let url = format!("{}{path}", node.url.trim_end_matches('/'));
        let mut headers = HeaderMap::new();
        trail.put(&mut headers);
        let mut request = self.client.load_full().request(method, url).headers(headers);
        if let Some((kind, content)) = content {
            request = request.header(reqwest::header::CONTENT_TYPE, kind).body(content);
        }
        let response = request.send().await.map_err(|error| LinkError::Unreachable(innermost(&error)))?;
        self.recognise(node, &response)?;
        match response.status() {
            StatusCode::OK | StatusCode::NO_CONTENT => body(response, most).await,
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                Err(LinkError::Unavailable(said(status, response).await))
            }
            status => Err(LinkError::Refused(said(status, response).await)),
        }
    }

    async fn of_logs(
        &self,
        node: &Node,
        request: (Method, &str),
        content: Option<(&'static str, Vec<u8>)>,
    ) -> Result<Vec<u8>, LinkError> {
        let exchange = self.exchange(node, request, content, (MOST_RELAYED, Trail::default()));
        let late = |_| LinkError::Unreachable(format!("no answer within {} seconds", LOG_PATIENCE.as_secs()));
        tokio::time::timeout(LOG_PATIENCE, exchange).await.map_err(late)?
    }

    fn recognise(&self, node: &Node, response: &Response) -> Result<(), LinkError> {
        let certificate = response.extensions().get::<TlsInfo>().and_then(TlsInfo::peer_certificate);
        let oin = certificate.and_then(|der| peer_oin(der, self.identity));
        if oin.as_ref() == Some(&node.oin) {
            Ok(())
        } else {
            Err(LinkError::Stranger("its certificate does not name the registered organisation".to_owned()))
        }
    }
}

impl NodeLink for HttpsLink {
    fn ask<'a>(&'a self, node: &'a Node, signed: Arc<[u8]>, trail: Trail) -> Reply<'a> {
        let content = Some((JSON, signed.to_vec()));
        Box::pin(self.exchange(node, (Method::POST, ASK_PATH), content, (MAX_ANSWER, trail)))
    }
}

impl LogLink for HttpsLink {
    fn offer<'a>(&'a self, node: &'a Node, since: u64, until: Option<u64>) -> Reply<'a> {
        let until = until.map_or_else(String::new, |until| format!("&tot={until}"));
        Box::pin(async move {
            let path = format!("{LOG_PATH}?sinds={since}{until}");
            self.of_logs(node, (Method::GET, &path), None).await
        })
    }

    fn testify<'a>(&'a self, node: &'a Node, relayed: Vec<u8>) -> Reply<'a> {
        Box::pin(self.of_logs(node, (Method::POST, WITNESS_PATH), Some((JSON, relayed))))
    }

    fn cosigned<'a>(&'a self, node: &'a Node, checkpoint: String) -> Reply<'a> {
        let content = Some(("text/plain; charset=utf-8", checkpoint.into_bytes()));
        Box::pin(self.of_logs(node, (Method::POST, COSIGNED_PATH), content))
    }
}

fn client(files: &TlsFiles) -> Result<Client, LinkSetupError> {
    let mut tls = Credentials::read(files)?.client()?;
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Client::builder()
        .tls_backend_preconfigured(tls)
        .tls_info(true)
        .https_only(true)
        .no_proxy()
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT)
        .http2_keep_alive_interval(Duration::from_secs(20))
        .http2_keep_alive_timeout(Duration::from_secs(10))
        .build()?)
}

async fn body(mut response: Response, limit: usize) -> Result<Vec<u8>, LinkError> {
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if bytes.len().saturating_add(chunk.len()) <= limit => bytes.extend_from_slice(&chunk),
            Ok(Some(_)) => return Err(LinkError::Stranger("its answer is too large".to_owned())),
            Ok(None) => return Ok(bytes),
            Err(error) => return Err(LinkError::Unreachable(innermost(&error))),
        }
    }
}

/// What the node said, out of its problem document: the title and every refusal.
async fn said(status: StatusCode, response: Response) -> String {
    let problem = body(response, MAX_PROBLEM).await.ok().and_then(|body| serde_json::from_slice::<Problem>(&body).ok());
    match problem {
        Some(problem) if problem.refusals.is_empty() => plain(&problem.title),
        Some(problem) => {
            let reasons: Vec<&str> = problem.refusals.iter().map(|refusal| refusal.reason.as_str()).collect();
            plain(&format!("{}: {}", problem.title, reasons.join(" ")))
        }
        None => format!("HTTP status {}", status.as_u16()),
    }
}

/// A node's words, fit for a terminal and a table whatever the node wrote.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_REASON).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_cannot_write_to_the_terminal() {
        assert_eq!(plain("no\u{1b}[2J\r\nway"), "no[2Jway");
        assert_eq!(plain(&"x".repeat(10_000)).len(), MAX_REASON);
    }
}
