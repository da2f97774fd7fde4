//! The policy in plain words, beside the lines of the configuration that make it.

use std::{num::NonZero, sync::Arc};

use askama::Template;
use axum::{extract::State, response::Response};

use super::{
    Office,
    page::{Admitted, Page, html},
};

#[derive(Template)]
#[template(path = "officer/policy.html")]
struct PolicyPage {
    page: Page,
    k: u32,
    hides_zeros: bool,
    round_to: u32,
    max_cells: usize,
    declined_cubes: Vec<String>,
    declined_purposes: Vec<String>,
    profile: String,
    digest: String,
    version: String,
    catalogue: String,
    file: String,
    four_eyes: bool,
    years: Option<u16>,
    answer_years: Option<NonZero<u16>>,
    asker_years: Option<NonZero<u16>>,
}

pub(super) async fn show(State(office): State<Arc<Office>>, by: Admitted) -> Response {
    let (node, policy) = (&office.node, office.node.policy());
    let (catalogue, beleid) = (&node.catalogue, &node.config.beleid);
    let cubes = catalogue.cubes().map(drempel_protocols::catalogue::Cube::name);
    let purposes = catalogue.purposes().map(|purpose| &purpose.id);
    html(&PolicyPage {
        page: by.page("Beleid", "Policy"),
        k: policy.k(),
        hides_zeros: policy.hides_zeros(),
        round_to: policy.round_to(),
        max_cells: policy.max_cells(),
        declined_cubes: cubes.filter(|name| !policy.accepts_cube(name)).map(ToString::to_string).collect(),
        declined_purposes: purposes.filter(|id| !policy.accepts_purpose(id)).map(ToString::to_string).collect(),
        profile: beleid.profiel.as_ref().map_or_else(|| "landelijk".to_owned(), ToString::to_string),
        digest: policy.digest().to_string(),
        version: catalogue.version().to_owned(),
        catalogue: catalogue.digest().to_string(),
        file: toml::to_string(beleid).unwrap_or_default(),
        four_eyes: office.config.vier_ogen,
        years: node.config.bewaren.jaren,
        answer_years: node.config.bewaren.antwoorden,
        asker_years: node.config.bewaren.vragers,
    })
}
