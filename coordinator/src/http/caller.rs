//! Who sends a request: from the certificate that TLS verified or the token in `Authorization`, never from anything
//! else in the request.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{header::AUTHORIZATION, request::Parts},
};
use drempel_protocols::{
    problem::ProblemType,
    transport::{PeerCertificate, peer_oin},
};

use super::{App, rejection::Rejection};
use crate::auth::Analyst;

/// The analyst who sends this request. Proof that somebody known does.
pub(super) struct Caller(pub(super) Arc<Analyst>);

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Rejection> {
        let unknown = || {
            Rejection::of(
                ProblemType::Unauthenticated,
                "Send the client certificate or the token (Authorization: Bearer) that is registered for you.",
            )
        };
        let token = match parts.headers.get(AUTHORIZATION) {
            Some(value) => Some(value.to_str().ok().and_then(bearer).ok_or_else(unknown)?),
            None => None,
        };
        let oin = parts
            .extensions
            .get::<PeerCertificate>()
            .and_then(|peer| peer.0.as_ref())
            .and_then(|certificate| peer_oin(certificate, app.identity));
        app.analysts.recognise(token, oin.as_ref()).map(Self).ok_or_else(unknown)
    }
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
