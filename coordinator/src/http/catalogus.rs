//! The catalogue as analysts read it: what can be asked, in which words, for which purposes.

use std::sync::Arc;

use axum::{Json, extract::State};
use drempel_protocols::catalogue::{Catalogue, Column, Cube, Purpose, Role, View};
use serde_json::{Value, json};

use super::{App, caller::Caller};
use crate::auth::Analyst;

pub(super) async fn show(State(app): State<Arc<App>>, Caller(analyst): Caller) -> Json<Value> {
    Json(document(&app.catalogue, &analyst))
}

fn document(catalogue: &Catalogue, analyst: &Analyst) -> Value {
    json!({
        "versie": catalogue.version(),
        "digest": catalogue.digest(),
        "perioden": catalogue.periods().map(|period| period.to_string()).collect::<Vec<_>>(),
        "weergaven": catalogue.views().map(view).collect::<Vec<_>>(),
        "kubussen": catalogue.cubes().map(cube).collect::<Vec<_>>(),
        "doelen": catalogue.purposes().map(|of| purpose(of, analyst)).collect::<Vec<_>>(),
        "gemeenten": gemeenten(catalogue),
    })
}

fn view(view: &View) -> Value {
    json!({
        "naam": view.name(),
        "nl": view.label().nl,
        "en": view.label().en,
        "kolommen": view.columns().iter().filter_map(column).collect::<Vec<_>>(),
    })
}

/// A column that may be named in a question, and nothing of the others.
fn column(column: &Column) -> Option<Value> {
    let role = match column.role() {
        Role::Persoon => "persoon",
        Role::Periode => "periode",
        Role::Gebied(_) => "gebied",
        Role::Dimension(_) => "dimensie",
        Role::Measure { .. } => "maat",
        Role::NeverLeaves => return None,
    };
    let dimension = column.dimension();
    Some(json!({
        "naam": column.name(),
        "nl": column.label().nl,
        "en": column.label().en,
        "rol": role,
        "perPersoon": dimension.map(|dimension| dimension.per_persoon()),
        "volgtUit": dimension.and_then(|dimension| dimension.grouping()).map(|grouping| grouping.of()),
        "leden": dimension.map(|dimension| dimension.domain().members()),
    }))
}

fn cube(cube: &Cube) -> Value {
    json!({
        "naam": cube.name(),
        "nl": cube.label().nl,
        "en": cube.label().en,
        "weergave": cube.view(),
        "dimensies": cube.dimensions(),
        "tellingen": cube.measures(),
        "doelen": cube.purposes(),
        "motivering": cube.motivation(),
        "weging": cube.weighing(),
    })
}

fn purpose(purpose: &Purpose, analyst: &Analyst) -> Value {
    json!({
        "id": purpose.id,
        "doel": purpose.doel,
        "grondslag": purpose.grondslag,
        "verwerkingsactiviteit": purpose.verwerkingsactiviteit,
        "weging": purpose.weging,
        "gebruikers": purpose.gebruikers,
        "toegestaan": analyst.purposes.contains(&purpose.id),
    })
}

fn gemeenten(catalogue: &Catalogue) -> Vec<Value> {
    let latest = catalogue.periods().last().and_then(|period| catalogue.division(period));
    latest
        .into_iter()
        .flat_map(|division| division.gemeenten())
        .map(|(code, entry)| {
            json!({ "code": code, "naam": entry.naam, "jeugdregio": entry.jeugdregio, "provincie": entry.provincie })
        })
        .collect()
}
