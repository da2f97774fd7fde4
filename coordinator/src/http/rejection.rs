//! Every no of the coordinator: a problem document, with what goes beside it in the headers.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use drempel_protocols::problem::{Problem, ProblemType};
use serde::{Deserialize, Serialize};

use crate::{
    coverage::Coverage,
    jobs::{StoreError, SubmitError},
};

/// A problem document of the coordinator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemDocument {
    /// The problem.
    #[serde(flatten)]
    pub problem: Problem,
    /// Who did not answer, where that is the problem.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Coverage>,
}

/// A request that ends in a problem.
#[derive(Debug)]
pub(super) struct Rejection(Box<ProblemDocument>);

impl Rejection {
    pub(super) fn of(kind: ProblemType, detail: impl Into<String>) -> Self {
        Problem::new(kind, detail).into()
    }

    pub(super) fn incomplete(coverage: Coverage) -> Self {
        let problem = Problem::new(ProblemType::Incomplete, coverage.shortfall());
        Self(Box::new(ProblemDocument { problem, coverage: Some(coverage) }))
    }

    pub(super) fn no_such_question() -> Self {
        Self::of(ProblemType::NotFound, "You have no question with this id.")
    }
}

impl From<Problem> for Rejection {
    fn from(problem: Problem) -> Self {
        Self(Box::new(ProblemDocument { problem, coverage: None }))
    }
}

impl From<SubmitError> for Rejection {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Refused(refusals) => Problem::refused(refusals).into(),
            SubmitError::Purpose(refusal) => {
                let detail = format!("{} {}", refusal.reason, refusal.remedy);
                Problem { refusals: vec![refusal], ..Problem::new(ProblemType::Forbidden, detail) }.into()
            }
            SubmitError::Conflict => Self::of(
                ProblemType::Conflict,
                "The Idempotency-Key was used for another question; use a new key for each question.",
            ),
            SubmitError::Busy => {
                Self::of(ProblemType::Busy, "Wait until one of your questions has ended, or cancel one.")
            }
            SubmitError::Full => Self::of(
                ProblemType::Conflict,
                "You have as many proposals as are kept; ask the federation to weigh those first.",
            ),
            SubmitError::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for Rejection {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store of questions failed");
        Self::of(ProblemType::Failed, "The question could not be stored or found; try again later.")
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let kind = self.0.problem.kind;
        let status = StatusCode::from_u16(self.0.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self.0).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        match kind {
            ProblemType::Unauthenticated => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            ProblemType::Busy => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
            }
            _ => {}
        }
        response
    }
}
