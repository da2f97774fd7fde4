//! The node's HTTP surface: one resource for questions, three for its log and its witnesses, and one that says the node is up. Every request comes with a
//! certificate that TLS verified; what its holder may do is decided here, from the configuration.

mod ask;
mod problem;
mod witness;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderValue, header},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing,
};
use drempel_protocols::{
    log::{COSIGNED_PATH, LOG_PATH, MOST_RELAYED, WITNESS_PATH},
    message::ASK_PATH,
    problem::ProblemType,
    transport::PeerCertificate,
};
use tower_http::{catch_panic::CatchPanicLayer, set_header::SetResponseHeaderLayer, timeout::RequestBodyTimeoutLayer};

use self::problem::Refused;
use crate::{
    app::Node,
    config::{Peer, Role},
};

/// Most bytes of a request. A question's text is at most 16 KiB.
const MOST_BYTES: usize = 64 * 1024;

/// Longest silence while a request's body is sent.
const BODY_TIME: Duration = Duration::from_secs(10);

/// The version of this surface, on every response (NL API Design Rules, /core/version-header).
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What a route asks of a peer. The table of [`may`] is the whole of the node's authorisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send a question.
    Ask,
    /// See how far the log goes, with the proof that it still begins as it did.
    SeeLog,
    /// See that the node is up.
    SeeStatus,
    /// Bring the log of another to be cosigned, and its own that others cosigned.
    Witness,
}

/// Whether a role may do something.
#[must_use]
pub fn may(role: Role, action: Action) -> bool {
    match (role, action) {
        (Role::Coordinator, Action::Ask | Action::SeeLog | Action::SeeStatus | Action::Witness)
        | (Role::Monitor, Action::SeeStatus) => true,
        (Role::Monitor, Action::Ask | Action::SeeLog | Action::Witness) => false,
    }
}

/// The routes of a node.
pub fn router(node: Arc<Node>) -> Router {
    Router::new()
        .route(ASK_PATH, routing::post(ask::ask))
        .route(LOG_PATH, routing::get(witness::offer))
        .route(COSIGNED_PATH, routing::post(witness::keep).layer(DefaultBodyLimit::max(MOST_RELAYED)))
        .route(WITNESS_PATH, routing::post(witness::testify).layer(DefaultBodyLimit::max(MOST_RELAYED)))
        .route("/v1/status", routing::get(status))
        .fallback(|| async { Refused::of(ProblemType::NotFound).into_response() })
        .method_not_allowed_fallback(|| async { Refused::of(ProblemType::MethodNotAllowed).into_response() })
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .layer(RequestBodyTimeoutLayer::new(BODY_TIME))
        .layer(middleware::from_fn_with_state(Arc::clone(&node), authorise))
        .layer(SetResponseHeaderLayer::overriding(
            header::HeaderName::from_static("api-version"),
            HeaderValue::from_static(VERSION),
        ))
        .layer(SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            Refused::of(ProblemType::Failed).into_response()
        }))
        .with_state(node)
}

async fn authorise(State(node): State<Arc<Node>>, mut request: Request, next: Next) -> Response {
    let certificate = request.extensions().get::<PeerCertificate>().and_then(|peer| peer.0.clone());
    let Some(certificate) = certificate else { return Refused::of(ProblemType::Unauthenticated).into_response() };
    let Some(peer) = node.config.peer(&certificate).cloned() else {
        tracing::warn!("a certificate of the federation whose organisation is not in the configuration was refused");
        return Refused::of(ProblemType::Forbidden).into_response();
    };
    let action = match request.uri().path() {
        ASK_PATH => Some(Action::Ask),
        LOG_PATH => Some(Action::SeeLog),
        COSIGNED_PATH | WITNESS_PATH => Some(Action::Witness),
        "/v1/status" => Some(Action::SeeStatus),
        _ => None,
    };
    if action.is_some_and(|action| !may(peer.rol, action)) {
        tracing::warn!(peer = %peer.oin, path = request.uri().path(), "a peer asked for what its role may not do");
        return Refused::of(ProblemType::Forbidden).into_response();
    }
    request.extensions_mut().insert(Asker(Arc::new(peer)));
    next.run(request).await
}

/// The configured peer a request comes from.
#[derive(Clone)]
struct Asker(Arc<Peer>);

async fn status(State(node): State<Arc<Node>>) -> Response {
    let looked = Arc::clone(&node);
    let late = tokio::task::spawn_blocking(move || looked.late_witnesses().ok()).await.unwrap_or_default();
    axum::Json(serde_json::json!({
        "gemeente": node.config.gemeente,
        "catalogue": node.catalogue.digest(),
        "policy": node.policy().digest(),
        "answering": node.loaded().is_some() && !node.audit.poisoned(),
        "late_witnesses": late,
        "log_contradicted": node.witness.contradicted().is_some(),
    }))
    .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_roles_and_actions() {
        let table: Vec<(Role, Action, bool)> = [Role::Coordinator, Role::Monitor]
            .into_iter()
            .flat_map(|role| {
                let actions = [Action::Ask, Action::SeeLog, Action::SeeStatus, Action::Witness];
                actions.map(|action| (role, action, may(role, action)))
            })
            .collect();
        assert_eq!(
            table,
            [
                (Role::Coordinator, Action::Ask, true),
                (Role::Coordinator, Action::SeeLog, true),
                (Role::Coordinator, Action::SeeStatus, true),
                (Role::Coordinator, Action::Witness, true),
                (Role::Monitor, Action::Ask, false),
                (Role::Monitor, Action::SeeLog, false),
                (Role::Monitor, Action::SeeStatus, true),
                (Role::Monitor, Action::Witness, false),
            ]
        );
    }
}
