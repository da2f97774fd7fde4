//! Questions as resources: asked, followed, read and cancelled by the analyst whose they are. To anybody else they
//! do not exist.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Extension, Json,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use drempel_protocols::{
    id::{Gemeentecode, PurposeId, QuestionId},
    problem::ProblemType,
    trace::Trail,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    App,
    caller::Caller,
    rejection::Rejection,
    request::{Body, Id, idempotency_key, patience, wants_csv},
};
use crate::{
    encode,
    jobs::{Job, Parts, Status},
    registry::State as PartState,
};

/// Where a question stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateDocument {
    /// Its id.
    pub id: QuestionId,
    /// As a whole.
    pub status: Status,
    /// The canonical text.
    pub vraag: String,
    /// What for.
    pub doel: PurposeId,
    /// Whether an incomplete answer is wanted.
    pub gedeeltelijk: bool,
    /// When it was accepted.
    pub aangemaakt: Timestamp,
    /// How many gemeenten are in each state.
    pub aantallen: BTreeMap<String, usize>,
    /// Each gemeente asked.
    pub gemeenten: Vec<PartDocument>,
}

/// Where a question stands at one gemeente.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartDocument {
    /// Which.
    pub gemeente: Gemeentecode,
    /// Where it stands.
    pub staat: PartState,
    /// Why, where there is no answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reden: Option<String>,
}

impl StateDocument {
    fn new(job: Job, parts: Parts) -> Self {
        let mut aantallen: BTreeMap<String, usize> =
            PartState::ALL.into_iter().map(|state| (state.name().to_owned(), 0)).collect();
        for (state, _) in parts.values() {
            if let Some(count) = aantallen.get_mut(state.name()) {
                *count = count.saturating_add(1);
            }
        }
        let gemeenten =
            parts.into_iter().map(|(gemeente, (staat, reden))| PartDocument { gemeente, staat, reden }).collect();
        Self {
            id: job.id,
            status: job.status,
            vraag: job.question,
            doel: job.purpose,
            gedeeltelijk: job.partial,
            aangemaakt: job.created,
            aantallen,
            gemeenten,
        }
    }
}

pub(super) async fn create(
    State(app): State<Arc<App>>,
    Caller(analyst): Caller,
    Extension(trail): Extension<Trail>,
    headers: HeaderMap,
    Body(request): Body,
) -> Result<Response, Rejection> {
    let key = idempotency_key(&headers)?;
    let id = app.jobs.submit(&analyst, &request, key, trail).await?;
    app.jobs.wait(id, patience(&headers, app.patience)).await;
    let (job, parts) = app.jobs.state(&analyst, id).await?.ok_or_else(Rejection::no_such_question)?;
    let mut response = outcome(&app, job, parts, &headers).await.unwrap_or_else(Rejection::into_response);
    if let Ok(location) = HeaderValue::try_from(format!("/v1/bevragingen/{id}")) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    Caller(analyst): Caller,
    Id(id): Id,
) -> Result<Response, Rejection> {
    let (job, parts) = app.jobs.state(&analyst, id).await?.ok_or_else(Rejection::no_such_question)?;
    Ok(Json(StateDocument::new(job, parts)).into_response())
}

pub(super) async fn result(
    State(app): State<Arc<App>>,
    Caller(analyst): Caller,
    Id(id): Id,
    headers: HeaderMap,
) -> Result<Response, Rejection> {
    let (job, parts) = app.jobs.state(&analyst, id).await?.ok_or_else(Rejection::no_such_question)?;
    outcome(&app, job, parts, &headers).await
}

pub(super) async fn cancel(
    State(app): State<Arc<App>>,
    Caller(analyst): Caller,
    Id(id): Id,
) -> Result<Response, Rejection> {
    app.jobs.state(&analyst, id).await?.ok_or_else(Rejection::no_such_question)?;
    app.jobs.cancel(id).await;
    show(State(app), Caller(analyst), Id(id)).await
}

async fn outcome(app: &App, job: Job, parts: Parts, headers: &HeaderMap) -> Result<Response, Rejection> {
    let lost = || Rejection::of(ProblemType::Failed, "The coordinator failed or stopped while asking. Ask again.");
    match job.status {
        Status::Loopt => {
            let retry = [(header::RETRY_AFTER, HeaderValue::from_static("1"))];
            Ok((StatusCode::ACCEPTED, retry, Json(StateDocument::new(job, parts))).into_response())
        }
        Status::Klaar => {
            let answer = app.jobs.answer(job.id).await?.ok_or_else(lost)?;
            if wants_csv(headers) {
                let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"))];
                Ok((kind, encode::csv(&answer).map_err(|_| lost())?).into_response())
            } else {
                Ok(Json(answer).into_response())
            }
        }
        Status::Onvolledig => Err(Rejection::incomplete(app.jobs.answer(job.id).await?.ok_or_else(lost)?.coverage)),
        Status::Geannuleerd => Err(Rejection::of(ProblemType::Cancelled, "Ask again if you want the answer.")),
        Status::Mislukt => Err(lost()),
    }
}
