//! A form that was sent: read only if it is one of the session it comes with, so that no other site can send one in an
//! officer's name.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::header,
};
use ring::digest::{SHA256, digest};
use serde::{Deserialize, de::DeserializeOwned};

use super::page::{Admitted, Refusal, Visitor};

/// Who sent a form, and what is in it.
pub(super) struct Posted<T>(pub(super) Admitted, pub(super) T);

#[derive(Deserialize)]
struct Token {
    csrf: String,
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Posted<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let visitor = request.extensions().get::<Visitor>().cloned().ok_or(Refusal::Failed)?;
        let who = visitor.who.clone().ok_or(Refusal::SignIn)?;
        let body = body(request, state).await?;
        let token: Token = serde_urlencoded::from_bytes(&body).map_err(|_| Refusal::Foreign)?;
        // By their hashes, so that the time it takes tells nothing about the token.
        let hash = |text: &str| digest(&SHA256, text.as_bytes());
        if hash(&token.csrf).as_ref() != hash(&who.csrf).as_ref() {
            return Err(Refusal::Foreign);
        }
        let form = serde_urlencoded::from_bytes(&body).map_err(|_| Refusal::Malformed)?;
        Ok(Self(Admitted { who, visitor }, form))
    }
}

/// The body of a form.
pub(super) async fn body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Refusal> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        return Err(Refusal::Malformed);
    }
    Bytes::from_request(request, state).await.map_err(|_| Refusal::Malformed)
}
