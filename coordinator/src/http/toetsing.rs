//! What a question would be, told without touching data: its canonical form, the cube it lies in, how much it asks
//! of whom; or every refusal at once.

use std::sync::Arc;

use axum::{Json, extract::State};
use drempel_protocols::{
    catalogue::{Catalogue, Cube},
    id::{CubeName, Digest, Gemeentecode, PurposeId},
    question::Question,
    sql,
};
use serde::{Deserialize, Serialize};

use super::{App, caller::Caller, rejection::Rejection, request::Body};

/// What a question would be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// The canonical text.
    pub vraag: String,
    /// Its digest, by which nodes log it.
    pub digest: Digest,
    /// What for.
    pub doel: PurposeId,
    /// A registered cube that holds it.
    pub kubus: Option<CubeName>,
    /// The cells each gemeente answers, over all measures.
    pub cellen: usize,
    /// The gemeenten it would be put to.
    pub gemeenten: Vec<Gemeentecode>,
    /// How many gemeenten in the areas asked take no part.
    pub afwezig: usize,
}

pub(super) async fn explain(
    State(app): State<Arc<App>>,
    Caller(analyst): Caller,
    Body(request): Body,
) -> Result<Json<Explanation>, Rejection> {
    let prepared = app.jobs.prepare(&analyst, &request)?;
    let cells = prepared.grid.cells().unwrap_or(0);
    Ok(Json(Explanation {
        vraag: sql::render(&prepared.question),
        digest: sql::digest(&prepared.question),
        kubus: cube(&app.catalogue, &prepared.question, &request.doel).map(|cube| cube.name().clone()),
        doel: request.doel,
        cellen: cells.saturating_mul(prepared.question.measures().len()),
        gemeenten: prepared.targets.asked().iter().copied().collect(),
        afwezig: prepared.targets.absent().len(),
    }))
}

fn cube<'a>(catalogue: &'a Catalogue, question: &Question, purpose: &PurposeId) -> Option<&'a Cube> {
    let view = catalogue.view(question.view().as_str())?;
    catalogue.cubes().find(|cube| cube.holds(question, purpose, view))
}
