//! Sending every question to the gemeente's Logboek Dataverwerkingen, as OTLP over HTTPS. A question counts as sent once the
//! logboek has said so of that question, and the next one is sent only then: none is left out, and what breaks off goes on
//! where it was. One can come twice, under the same trace and span. Nothing here runs in the process that answers, and no
//! answer waits for it.

mod stand;

use std::{fs, path::PathBuf, time::Duration};

use drempel_protocols::transport::{CredentialError, Credentials, innermost};
use reqwest::{Client, StatusCode, Url, header, redirect};
use serde::Deserialize;
use serde_json::{Map, Value};

pub use self::stand::{Stand, StandError};
use crate::{audit::Verwerking, config::Logboek};

/// For a connection to come about, TLS included.
const CONNECT: Duration = Duration::from_secs(10);
/// For a logboek to take one question.
const PATIENCE: Duration = Duration::from_secs(30);
/// The most bytes of a reply that are read.
const MOST: usize = 64 * 1024;
/// The most characters of a logboek's words that are shown.
const WORDS: usize = 200;

/// Why a question is not in the logboek, as far as is known.
#[derive(Debug, thiserror::Error)]
pub enum LogboekError {
    /// The address.
    #[error("[logboek] url: {0} is not an address that begins with https://")]
    Url(String),
    /// The authorities.
    #[error("[logboek] roots: {0}")]
    Credentials(#[from] CredentialError),
    /// The token.
    #[error("[logboek] token_file: cannot use {path}: {why}")]
    Token {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// It cannot be reached, or broke off.
    #[error("the logboek cannot be reached: {0}")]
    Unreachable(String),
    /// It does not take requests now, or not these.
    #[error("the logboek answered with HTTP status {0}")]
    Status(u16),
    /// It said nothing that OTLP has, so that what became of it is not known.
    #[error(
        "what answers at [logboek] url does not speak OTLP over HTTP in JSON; it ends in /v1/traces at most collectors"
    )]
    NotOtlp,
    /// It did not take it.
    #[error("the logboek rejected it: {0}")]
    Rejected(String),
}

/// The questions that are to be sent after one that was: all that have ended, up to the first that has not. One that was under
/// way when its node went down ends with the next start.
pub fn due(all: &[Verwerking], after: Option<u64>) -> impl Iterator<Item = &Verwerking> {
    let is_later = move |question: &&Verwerking| after.is_none_or(|after| question.record > after);
    all.iter().filter(is_later).take_while(|question| question.ended.is_some())
}

/// A connection to a logboek.
pub struct Collector {
    http: Client,
    url: Url,
    token: Option<String>,
}

impl Collector {
    /// To the one of a configuration.
    ///
    /// # Errors
    /// [`LogboekError`].
    pub fn new(of: &Logboek) -> Result<Self, LogboekError> {
        let url = Url::parse(&of.url).ok().filter(|url| url.scheme() == "https");
        let url = url.ok_or_else(|| LogboekError::Url(of.url.clone()))?;
        let token = of.token_file.as_ref().map(|path| {
            let unfit = |why: String| LogboekError::Token { path: path.clone(), why };
            let token = fs::read_to_string(path).map_err(|error| unfit(error.to_string()))?.trim().to_owned();
            let is_fit = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
            if is_fit { Ok(token) } else { Err(unfit("it is not one word".to_owned())) }
        });
        let mut tls = Credentials::anonymous_client(&of.roots)?;
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let http = Client::builder()
            .tls_backend_preconfigured(tls)
            .https_only(true)
            // It is the gemeente's own: no variable of the environment leads elsewhere, and no answer does.
            .no_proxy()
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT)
            .timeout(PATIENCE)
            .user_agent(concat!("drempel-node/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| LogboekError::Unreachable(error.to_string()))?;
        Ok(Self { http, url, token: token.transpose()? })
    }

    /// Sends an `ExportTraceServiceRequest` of one question. That it returns well means that the logboek has taken it.
    ///
    /// # Errors
    /// [`LogboekError`].
    pub async fn send(&self, request: &Value) -> Result<(), LogboekError> {
        let mut post = self.http.post(self.url.clone()).json(request).header(header::ACCEPT, "application/json");
        if let Some(token) = &self.token {
            post = post.bearer_auth(token);
        }
        let unreachable = |error: reqwest::Error| LogboekError::Unreachable(innermost(&error));
        let mut response = post.send().await.map_err(unreachable)?;
        if response.status() != StatusCode::OK {
            return Err(LogboekError::Status(response.status().as_u16()));
        }
        let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if kind.split(';').next().unwrap_or_default().trim() != "application/json" {
            return Err(LogboekError::NotOtlp);
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            body.extend_from_slice(&chunk);
            if body.len() > MOST {
                return Err(LogboekError::NotOtlp);
            }
        }
        acknowledged(&body)
    }
}

/// Whether an `ExportTraceServiceResponse` says that everything was taken (OTLP 1.10, "Partial Success").
fn acknowledged(body: &[u8]) -> Result<(), LogboekError> {
    // As JSON of protocol buffers has it: either name of a field is one, and a list is none of its messages.
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Response {
        #[serde(default, rename = "partialSuccess", alias = "partial_success")]
        partial: Option<Map<String, Value>>,
    }
    #[derive(Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Partial {
        /// A number, or a text of one.
        #[serde(rename = "rejectedSpans", alias = "rejected_spans")]
        rejected_spans: Value,
        #[serde(rename = "errorMessage", alias = "error_message")]
        error_message: String,
    }
    let unknown = |_| LogboekError::NotOtlp;
    let object: Map<String, Value> = serde_json::from_slice(body).map_err(unknown)?;
    let Response { partial } = serde_json::from_value(object.into()).map_err(unknown)?;
    let partial = partial.unwrap_or_default();
    let Partial { rejected_spans, error_message } = serde_json::from_value(partial.into()).map_err(unknown)?;
    let rejected = match &rejected_spans {
        Value::Null => Some(0),
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    match rejected {
        Some(0) => Ok(()),
        Some(_) => Err(LogboekError::Rejected(shown(&error_message))),
        None => Err(LogboekError::NotOtlp),
    }
}

/// Words of another, for a terminal.
fn shown(words: &str) -> String {
    let shown: String = words.chars().filter(|c| !c.is_control()).take(WORDS).collect();
    if shown.is_empty() { "it does not say why".to_owned() } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{Became, verwerking};

    #[test]
    fn only_what_says_that_all_was_taken_is_an_acknowledgement() {
        for taken in [
            "{}",
            r#"{"partialSuccess": {}}"#,
            r#"{"partialSuccess": null}"#,
            r#"{"partialSuccess": {"rejectedSpans": "0", "errorMessage": "slow down"}}"#,
            r#"{"partialSuccess": {"rejectedSpans": 0}}"#,
        ] {
            assert!(acknowledged(taken.as_bytes()).is_ok(), "{taken}");
        }
        for unknown in [
            "",
            "<html>sign in</html>",
            "[]",
            "null",
            r#"{"partialSuccess": {"rejectedSpans": "many"}}"#,
            r#"{"partialSuccess": []}"#,
            r#"{"code": 16, "message": "unauthenticated"}"#,
            r#"{"error": "sign in"}"#,
        ] {
            assert!(matches!(acknowledged(unknown.as_bytes()), Err(LogboekError::NotOtlp)), "{unknown}");
        }
        for rejected in [
            r#"{"rejectedSpans": "1", "errorMessage": "no\u001b[2J room"}"#,
            r#"{"rejectedSpans": 7}"#,
            r#"{"rejected_spans": "1"}"#,
        ] {
            let body = format!(r#"{{"partialSuccess": {rejected}}}"#);
            let Err(LogboekError::Rejected(why)) = acknowledged(body.as_bytes()) else { panic!("{rejected}") };
            assert!(why == "no[2J room" || why == "it does not say why", "{why}");
        }
    }

    #[test]
    fn what_runs_is_waited_for_and_nothing_overtakes_it() {
        let question = |record, ended: Option<i64>| {
            let ended = ended.map(|second| jiff::Timestamp::from_second(second).unwrap());
            Verwerking { record, ended, ..verwerking(Became::Answered, None) }
        };
        let all = [question(1, Some(9)), question(4, Some(2)), question(5, None), question(8, Some(3))];
        let records = |after| due(&all, after).map(|question| question.record).collect::<Vec<_>>();
        assert_eq!(records(None), [1, 4]);
        assert_eq!(records(Some(1)), [4]);
        assert_eq!(records(Some(4)), [0; 0]);
    }
}
