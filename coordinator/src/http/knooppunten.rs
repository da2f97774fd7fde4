//! The nodes that take part, and how the last question to each ended.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde_json::{Value, json};

use super::{App, caller::Caller};

pub(super) async fn list(State(app): State<Arc<App>>, _: Caller) -> Json<Value> {
    let division = app.catalogue.divisions().last();
    let nodes: Vec<Value> = app
        .registry
        .nodes()
        .map(|node| {
            let entry = division.and_then(|division| division.gemeente(node.gemeente));
            json!({
                "gemeente": node.gemeente,
                "naam": entry.map(|entry| &entry.naam),
                "jeugdregio": entry.map(|entry| &entry.jeugdregio),
                "oin": node.oin,
                "laatst": app.registry.last_seen(node.gemeente).map(|seen| json!({
                    "tijdstip": seen.at,
                    "staat": seen.state,
                })),
            })
        })
        .collect();
    Json(json!({ "knooppunten": nodes }))
}
