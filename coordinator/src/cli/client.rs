//! The coordinator as the command line sees it: requests out, documents or problems back.

use std::{fs, net::IpAddr, path::Path, time::Duration};

use drempel_protocols::{
    id::QuestionId,
    problem::ProblemType,
    trace::Trail,
    transport::{CredentialError, Credentials, TlsFiles, innermost},
};
use reqwest::{Method, RequestBuilder, Response, StatusCode, header};
use serde::de::DeserializeOwned;

use super::{CliError, Exit, args::Connection, refusal::refusals};
use crate::{
    auth::new_token,
    document::AnswerDocument,
    http::{Explanation, ProblemDocument, StateDocument},
    jobs::{Request, Voorstel, VoorstelRequest},
};

/// Why the coordinator gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// It said no.
    #[error("{}", document.problem.title)]
    Problem {
        /// What it said.
        document: Box<ProblemDocument>,
        /// The question as it was sent.
        sql: Option<String>,
    },
    /// It could not be reached.
    #[error("the coordinator cannot be reached: {0}")]
    Unreachable(String),
    /// It sent something else than was expected.
    #[error("the coordinator sent something unexpected (HTTP status {0})")]
    Unexpected(u16),
    /// Own certificate, key or authority.
    #[error(transparent)]
    Credentials(#[from] CredentialError),
}

impl ClientError {
    /// The exit code that goes with it.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Problem { document, .. } => match document.problem.kind {
                ProblemType::Refused | ProblemType::Forbidden | ProblemType::TooLarge => Exit::Refused,
                ProblemType::Incomplete => Exit::Incomplete,
                _ => Exit::Failed,
            },
            Self::Credentials(_) => Exit::Usage,
            Self::Unreachable(_) | Self::Unexpected(_) => Exit::Failed,
        }
    }
}

/// What to say of a problem: what is wrong where, and what to do.
#[must_use]
pub fn explain(document: &ProblemDocument, sql: Option<&str>) -> String {
    let problem = &document.problem;
    let mut said = format!("{}.\n", problem.title);
    if problem.refusals.is_empty() {
        said.push_str(&format!("{}\n", problem.detail));
    } else {
        said.push_str(&refusals(&problem.refusals, sql.unwrap_or_default()));
    }
    for (what, missing) in document.coverage.iter().flat_map(|coverage| coverage.missing()) {
        said.push_str(&format!("  {} {what}: {}\n", missing.gemeente, missing.reason));
    }
    if problem.kind == ProblemType::Incomplete {
        said.push_str("With --partial you get the answer of the others.\n");
    }
    said
}

/// An answer, or where the question stands.
pub(super) enum Reply {
    Answer(Box<AnswerDocument>),
    Pending(Box<StateDocument>),
}

/// A connection to the coordinator.
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

impl Client {
    /// From what the command line says.
    ///
    /// # Errors
    /// [`CliError::Usage`] for what is missing, [`CliError::Client`] for files that cannot be used.
    pub fn new(connection: &Connection) -> Result<Self, CliError> {
        let missing = |what: &str| CliError::Usage(format!("{what} is missing; see drempel --help"));
        let base = connection.coordinator.as_deref().ok_or_else(|| missing("--coordinator"))?;
        if !reqwest::Url::parse(base).is_ok_and(|url| url.scheme() == "https") {
            return Err(CliError::Usage(format!("--coordinator: {base} is not an address that begins with https://")));
        }
        let ca = connection.ca.as_deref().ok_or_else(|| missing("--ca"))?;
        let token = match (&connection.token_file, &connection.token) {
            (Some(_), Some(_)) => {
                return Err(CliError::Usage("Give a token file or DREMPEL_TOKEN, not both".to_owned()));
            }
            (Some(path), None) => Some(read_token(path)?),
            (None, token) => token.clone(),
        };
        let mut tls = match (&connection.cert, &connection.key) {
            (Some(certificate), Some(key)) => {
                let files =
                    TlsFiles { certificate: certificate.clone(), key: key.clone(), roots: ca.into(), revoked: None };
                Credentials::read(&files).and_then(|credentials| credentials.client()).map_err(ClientError::from)?
            }
            _ if token.is_none() => return Err(missing("--cert with --key, or --token-file,")),
            _ => Credentials::anonymous_client(ca).map_err(ClientError::from)?,
        };
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let builder = reqwest::Client::builder();
        // A proxy of the environment has its own loopback, so it never leads to a coordinator on this machine.
        let builder = if is_loopback(base) { builder.no_proxy() } else { builder };
        let http = builder
            .tls_backend_preconfigured(tls)
            .https_only(true)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(10))
            .timeout(Duration::from_secs(60))
            .user_agent(concat!("drempel/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| ClientError::Unreachable(error.to_string()))?;
        Ok(Self { http, base: base.trim_end_matches('/').to_owned(), token })
    }

    /// Asks a question as part of a trail; one retry under the same key, so that it is never asked twice.
    pub(super) async fn ask(&self, request: &Request, trail: Trail) -> Result<(QuestionId, Reply), ClientError> {
        let key = new_token().map_err(|_| ClientError::Unreachable("the system gives no random bits".to_owned()))?;
        let mut headers = header::HeaderMap::new();
        trail.put(&mut headers);
        let asked = || self.request(Method::POST, "/v1/bevragingen").headers(headers.clone());
        let send = || self.send(asked().header("idempotency-key", &key).json(request));
        let response = match send().await {
            Err(_) => send().await?,
            Ok(response) => response,
        };
        let id = response
            .headers()
            .get(header::LOCATION)
            .and_then(|location| location.to_str().ok()?.rsplit('/').next()?.parse().ok());
        let status = response.status();
        let reply = reply(response, Some(&request.vraag)).await?;
        Ok((id.ok_or(ClientError::Unexpected(status.as_u16()))?, reply))
    }

    /// Where a question stands.
    pub(super) async fn state(&self, id: QuestionId) -> Result<StateDocument, ClientError> {
        self.get(&format!("/v1/bevragingen/{id}")).await
    }

    /// The answer to a question.
    pub(super) async fn result(&self, id: QuestionId) -> Result<Reply, ClientError> {
        let path = format!("/v1/bevragingen/{id}/resultaat");
        let request = self.request(Method::GET, &path).header(header::ACCEPT, "application/json");
        reply(self.send(request).await?, None).await
    }

    /// Cancels a question.
    pub(super) async fn cancel(&self, id: QuestionId) -> Result<StateDocument, ClientError> {
        let request = self.request(Method::DELETE, &format!("/v1/bevragingen/{id}"));
        document(self.send(request).await?, None).await
    }

    /// What a question would be.
    pub(super) async fn explain(&self, request: &Request) -> Result<Explanation, ClientError> {
        let sent = self.send(self.request(Method::POST, "/v1/bevragingen/toetsing").json(request)).await?;
        document(sent, Some(&request.vraag)).await
    }

    /// Proposes a table.
    pub(super) async fn propose(&self, request: &VoorstelRequest) -> Result<Voorstel, ClientError> {
        let sent = self.send(self.request(Method::POST, "/v1/voorstellen").json(request)).await?;
        document(sent, Some(&request.vraag)).await
    }

    /// Any document.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        document(self.send(self.request(Method::GET, path)).await?, None).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, ClientError> {
        request.send().await.map_err(|error| ClientError::Unreachable(innermost(&error)))
    }
}

async fn reply(response: Response, sql: Option<&str>) -> Result<Reply, ClientError> {
    if response.status() == StatusCode::ACCEPTED {
        Ok(Reply::Pending(Box::new(document(response, sql).await?)))
    } else {
        Ok(Reply::Answer(Box::new(document(response, sql).await?)))
    }
}

async fn document<T: DeserializeOwned>(response: Response, sql: Option<&str>) -> Result<T, ClientError> {
    let status = response.status();
    let body = response.bytes().await.map_err(|error| ClientError::Unreachable(innermost(&error)))?;
    if status.is_success() {
        return serde_json::from_slice(&body).map_err(|_| ClientError::Unexpected(status.as_u16()));
    }
    match serde_json::from_slice(&body) {
        Ok(document) => Err(ClientError::Problem { document: Box::new(document), sql: sql.map(str::to_owned) }),
        Err(_) => Err(ClientError::Unexpected(status.as_u16())),
    }
}

/// Whether an address is of this machine itself.
fn is_loopback(base: &str) -> bool {
    let url = reqwest::Url::parse(base).ok();
    let host = url.as_ref().and_then(|url| url.host_str()).unwrap_or_default();
    host == "localhost" || host.trim_matches(['[', ']']).parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

fn read_token(path: &Path) -> Result<String, CliError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(text.trim().to_owned()),
        Err(error) => Err(CliError::Usage(format!("cannot read {}: {error}", path.display()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_command_line_has_wrong_is_usage() {
        let connection = |coordinator: &str, token: Option<&str>| Connection {
            coordinator: Some(coordinator.to_owned()),
            ca: Some("ca.pem".into()),
            cert: None,
            key: None,
            token_file: Some("no-such-file".into()),
            token: token.map(str::to_owned),
        };
        for (connection, said) in [
            (connection("http://c", None), "https://"),
            (connection("c:8443", None), "https://"),
            (connection("https://c", None), "no-such-file"),
            (connection("https://c", Some("t")), "not both"),
        ] {
            let error = Client::new(&connection).err().unwrap();
            assert_eq!(error.exit(), Exit::Usage, "{error}");
            assert!(error.to_string().contains(said), "{error}");
        }
    }

    #[test]
    fn this_machine_is_reached_without_a_proxy() {
        for here in ["https://localhost:8443", "https://LOCALHOST", "https://127.0.0.1:1/", "https://[::1]:8443"] {
            assert!(is_loopback(here), "{here}");
        }
        for elsewhere in ["https://localhost.example", "https://10.0.0.1", "https://[::2]", "localhost"] {
            assert!(!is_loopback(elsewhere), "{elsewhere}");
        }
    }
}
