//! The parts of a request, in their own forms, or the problem that they do not have them.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Request as HttpRequest},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::IntoResponse as _,
};
use drempel_protocols::{id::QuestionId, problem::ProblemType};
use serde::de::DeserializeOwned;

use super::{App, rejection::Rejection};
use crate::jobs::{Request, VoorstelRequest};

/// What can be sent in a body.
pub(super) trait Sent: DeserializeOwned {
    /// Its form, for who sent something else.
    const FORM: &'static str;
}

impl Sent for Request {
    const FORM: &'static str = r#"{"vraag": the SQL, "doel": the purpose, "gedeeltelijk": true or false}"#;
}

impl Sent for VoorstelRequest {
    const FORM: &'static str = r#"{"vraag": the SQL, "doel": the purpose, "motivering": why, "weging": {"doelmatig": …, "rechtmatig": …, "verantwoord": …}}"#;
}

/// What stands in the body: a question, unless another form is wanted.
pub(super) struct Body<T = Request>(pub(super) T);

impl<T: Sent> FromRequest<Arc<App>> for Body<T> {
    type Rejection = Rejection;

    async fn from_request(request: HttpRequest, app: &Arc<App>) -> Result<Self, Rejection> {
        let json = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.split(';').next().unwrap_or_default().trim() == "application/json");
        if !json {
            return Err(Rejection::of(ProblemType::Malformed, "Send Content-Type: application/json."));
        }
        let bytes = Bytes::from_request(request, app).await.map_err(|rejection| {
            if rejection.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE {
                Rejection::of(ProblemType::TooLarge, "A request is at most 64 KiB.")
            } else {
                Rejection::of(ProblemType::Malformed, "The body broke off.")
            }
        })?;
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|error| Rejection::of(ProblemType::Malformed, format!("Send {}: {error}.", T::FORM)))
    }
}

/// The id in the path.
pub(super) struct Id(pub(super) QuestionId);

impl FromRequestParts<Arc<App>> for Id {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Rejection> {
        let path = Path::<String>::from_request_parts(parts, app).await.map_err(|_| Rejection::no_such_question())?;
        path.0.parse().map(Self).map_err(|_| Rejection::no_such_question())
    }
}

/// How long the request may wait: `Prefer: wait=<seconds>`, or `wait` for as long as allowed.
pub(super) fn patience(headers: &HeaderMap, most: Duration) -> Duration {
    headers
        .get_all("prefer")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .find_map(|preference| {
            let (name, seconds) = preference.trim().split_once('=').unwrap_or((preference.trim(), ""));
            match (name.trim().eq_ignore_ascii_case("wait"), seconds.trim().trim_matches('"')) {
                (false, _) => None,
                (true, "") => Some(most),
                (true, seconds) => Some(Duration::from_secs(seconds.parse().ok()?).min(most)),
            }
        })
        .unwrap_or(Duration::ZERO)
}

/// The `Idempotency-Key`, if there is one.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Rejection> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    match value.to_str() {
        Ok(key) if (1..=255).contains(&key.len()) => Ok(Some(key.to_owned())),
        _ => Err(Rejection::of(ProblemType::Malformed, "An Idempotency-Key is 1 to 255 visible ASCII characters.")),
    }
}

/// Whether CSV is asked for rather than JSON.
pub(super) fn wants_csv(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted
        .flat_map(|value| value.split(','))
        .map(|kind| kind.split(';').next().unwrap_or_default().trim())
        .find_map(|kind| match kind {
            "text/csv" => Some(true),
            "application/json" => Some(false),
            _ => None,
        })
        .unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &'static str, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        headers
    }

    #[test]
    fn prefer_wait_is_bounded() {
        let most = Duration::from_secs(60);
        for (value, seconds) in
            [("wait=10", 10), ("respond-async, wait=5", 5), ("wait", 60), ("wait=600", 60), ("wait=x", 0), ("other", 0)]
        {
            assert_eq!(patience(&with("prefer", value), most), Duration::from_secs(seconds), "{value}");
        }
        assert_eq!(patience(&HeaderMap::new(), most), Duration::ZERO);
    }

    #[test]
    fn json_unless_csv_is_asked_for_first() {
        assert!(wants_csv(&with("accept", "text/csv")));
        assert!(wants_csv(&with("accept", "text/csv;header=present, application/json;q=0.5")));
        assert!(!wants_csv(&with("accept", "application/json, text/csv")));
        assert!(!wants_csv(&with("accept", "*/*")));
        assert!(!wants_csv(&HeaderMap::new()));
    }
}
