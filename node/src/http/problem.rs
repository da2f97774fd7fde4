//! Problems as responses. What goes out is one of a closed list with a fixed text; what happened inside is for the
//! node's own log.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use drempel_protocols::{
    problem::{Problem, ProblemType},
    refusal::Refusal,
};

/// A problem to answer with.
pub(super) struct Refused(Problem);

impl Refused {
    /// A problem of a type, with the fixed text of that type.
    pub(super) fn of(kind: ProblemType) -> Self {
        Self(Problem::new(kind, detail(kind)))
    }

    /// The problem that the question itself is refused.
    pub(super) fn question(refusals: Vec<Refusal>) -> Self {
        Self(Problem::refused(refusals))
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_string(&self.0).unwrap_or_default();
        let json = HeaderValue::from_static("application/problem+json");
        (status, [(header::CONTENT_TYPE, json)], body).into_response()
    }
}

fn detail(kind: ProblemType) -> &'static str {
    match kind {
        ProblemType::Refused => "Each refusal says what to write instead.",
        ProblemType::Malformed => {
            "Send what the path takes: a signed question as JSON, with the canonical text and its digest; or a log to witness."
        }
        ProblemType::Unauthenticated => "Connect with a client certificate of the federation.",
        ProblemType::Forbidden => "The node's administrator decides in its configuration who may do what.",
        ProblemType::NotFound => "Questions are sent to /v1/vragen.",
        ProblemType::MethodNotAllowed => "Questions are sent with POST.",
        ProblemType::Conflict => "Send the request again as it was first sent.",
        ProblemType::Signature => "Sign with the key that the node has for this coordinator.",
        ProblemType::Recipient => "Send each node the question that is addressed to its OIN.",
        ProblemType::Stale => "Sign the question anew; look at the clocks of both sides.",
        ProblemType::Replayed => "Give every question an id of its own.",
        ProblemType::CatalogueMismatch => {
            "The coordinator and this node have different catalogues; the one that is behind takes up the new bundle."
        }
        ProblemType::TooLarge => "A question is at most 64 KiB in all, and a log to witness 16 KiB.",
        ProblemType::Busy => "The same question is running, or too many are; try again in a few seconds.",
        ProblemType::Cancelled => "The question was withdrawn.",
        ProblemType::Incomplete => "Not every gemeente answered.",
        ProblemType::Failed => "The node's own log says more; nothing of the records has left.",
        ProblemType::Unavailable => "The node cannot use its releases, or its log cannot be written.",
    }
}
