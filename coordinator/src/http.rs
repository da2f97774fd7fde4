//! What analysts reach: resources under `/v1` in the form of the NL API Design Rules. Every response carries the
//! version and the security headers, and every refusal is a problem document, also for a path that does not exist.

mod bevragingen;
mod caller;
mod catalogus;
mod kenbaar;
mod knooppunten;
mod rejection;
mod request;
mod toetsing;
mod trail;
mod voorstellen;

use std::{any::Any, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderName, HeaderValue, header},
    middleware::{from_fn, map_response},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use drempel_protocols::{
    catalogue::Catalogue,
    problem::{Problem, ProblemType},
    transport::IdentitySource,
};
use tower_http::catch_panic::CatchPanicLayer;

use self::rejection::Rejection;
pub use self::{
    bevragingen::{PartDocument, StateDocument},
    rejection::ProblemDocument,
    toetsing::Explanation,
};
use crate::{auth::Analysts, jobs::Jobs, registry::Registry};

/// The version of the interface, in every response.
pub const API_VERSION: &str = "0.1.0";

/// The largest body of a request.
const MAX_BODY: usize = 64 * 1024;

/// Every path with its methods; the OpenAPI document describes exactly these.
pub const ROUTES: &[(&str, &[&str])] = &[
    ("/healthz", &["get"]),
    ("/v1/openapi.json", &["get"]),
    ("/v1/catalogus", &["get"]),
    ("/v1/knooppunten", &["get"]),
    ("/v1/bevragingen", &["post"]),
    ("/v1/bevragingen/toetsing", &["post"]),
    ("/v1/bevragingen/{id}", &["get", "delete"]),
    ("/v1/bevragingen/{id}/resultaat", &["get"]),
    ("/v1/voorstellen", &["get", "post"]),
];

/// What the resources need.
pub struct App {
    /// The catalogue.
    pub catalogue: Arc<Catalogue>,
    /// The nodes.
    pub registry: Arc<Registry>,
    /// The questions.
    pub jobs: Arc<Jobs>,
    /// The analysts.
    pub analysts: Analysts,
    /// Where in a certificate the OIN stands.
    pub identity: IdentitySource,
    /// How long a request may wait for an answer.
    pub patience: Duration,
}

/// All resources.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/healthz", get(kenbaar::health))
        .route("/v1/openapi.json", get(kenbaar::openapi))
        .route("/v1/catalogus", get(catalogus::show))
        .route("/v1/knooppunten", get(knooppunten::list))
        .route("/v1/bevragingen", post(bevragingen::create).layer(from_fn(trail::carried)))
        .route("/v1/bevragingen/toetsing", post(toetsing::explain))
        .route("/v1/bevragingen/{id}", get(bevragingen::show).delete(bevragingen::cancel))
        .route("/v1/bevragingen/{id}/resultaat", get(bevragingen::result))
        .route("/v1/voorstellen", get(voorstellen::list).post(voorstellen::create))
        .fallback(async || Rejection::of(ProblemType::NotFound, "Look at /v1/openapi.json for what there is."))
        .method_not_allowed_fallback(async || {
            Rejection::of(ProblemType::MethodNotAllowed, "Look at /v1/openapi.json for the methods there are.")
        })
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(map_response(with_headers))
        .with_state(app)
}

/// A panic is logged by its hook; its message does not go out.
fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    Rejection::from(Problem::new(ProblemType::Failed, "Try again later.")).into_response()
}

const HEADERS: [(HeaderName, HeaderValue); 6] = [
    (HeaderName::from_static("api-version"), HeaderValue::from_static(API_VERSION)),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
    (header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000; includeSubDomains")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
];

async fn with_headers(mut response: Response) -> Response {
    response.headers_mut().extend(HEADERS);
    response
}

#[cfg(test)]
mod tests;
