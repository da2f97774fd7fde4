//! Proposed cubes: what an analyst would like to ask and no registered table holds. An analyst sees their own.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde_json::{Value, json};

use super::{App, caller::Caller, rejection::Rejection, request::Body};
use crate::jobs::{Voorstel, VoorstelRequest};

pub(super) async fn create(
    State(app): State<Arc<App>>,
    Caller(analyst): Caller,
    Body(request): Body<VoorstelRequest>,
) -> Result<(StatusCode, Json<Voorstel>), Rejection> {
    Ok((StatusCode::CREATED, Json(app.jobs.propose(&analyst, &request).await?)))
}

pub(super) async fn list(State(app): State<Arc<App>>, Caller(analyst): Caller) -> Result<Json<Value>, Rejection> {
    Ok(Json(json!({ "voorstellen": app.jobs.proposals(&analyst).await? })))
}
