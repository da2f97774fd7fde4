//! What anybody may know: that the coordinator runs, and what its interface is.

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};

const OPENAPI: &str = include_str!("../../openapi.json");

pub(super) async fn health() -> &'static str {
    "ok\n"
}

pub(super) async fn openapi() -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    ];
    (headers, OPENAPI).into_response()
}
