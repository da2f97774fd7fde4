//! Signing in with a password and a code, and signing out. What is wrong is never said more precisely than that something is.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
};
use serde::Deserialize;

use super::{
    Office, Route,
    page::{Page, Refusal, Visitor, html},
    posted::{self, Posted},
    serve::{SESSION, kept_cookie},
};
use crate::audit::Event;

#[derive(Template)]
#[template(path = "officer/sign_in.html")]
struct SignInPage {
    page: Page,
    wrong: Option<&'static str>,
}

#[derive(Deserialize)]
struct Credentials {
    naam: String,
    wachtwoord: String,
    code: String,
}

#[derive(Deserialize)]
pub(super) struct Nothing {}

pub(super) async fn form(visitor: Visitor) -> Response {
    if visitor.who.is_some() {
        return Redirect::to(Route::Today.path()).into_response();
    }
    html(&SignInPage { page: visitor.page("Aanmelden", "Sign in"), wrong: None })
}

pub(super) async fn sign_in(
    State(office): State<Arc<Office>>,
    visitor: Visitor,
    request: Request,
) -> Result<Response, Refusal> {
    let body = posted::body(request, &()).await?;
    let given: Credentials = serde_urlencoded::from_bytes(&body).map_err(|_| Refusal::Malformed)?;
    let language = visitor.language;
    let again = |status, nl, en| {
        let page = SignInPage { page: visitor.page("Aanmelden", "Sign in"), wrong: Some(language.say(nl, en)) };
        (status, html(&page)).into_response()
    };
    let waits = (
        "Er is te vaak geprobeerd aan te melden. Probeer het over een kwartier weer.",
        "There were too many attempts to sign in. Try again in a quarter of an hour.",
    );
    let Ok(_place) = office.hashing.acquire().await else { return Err(Refusal::Failed) };
    let accounts = office.accounts().await?;
    let now = office.node.clock.now();
    let known = accounts.find(&given.naam).map(|account| (account.name().to_owned(), account.pseudonym()));
    let counted = office.guard().counted(&given.naam, known.is_some());
    if !office.guard().may_try(&counted, now) {
        return Ok(again(StatusCode::TOO_MANY_REQUESTS, waits.0, waits.1));
    }
    let checked = tokio::task::spawn_blocking(move || {
        let account = accounts.with_password(&given.naam, &given.wachtwoord).cloned()?;
        let step = account.code_step(&given.code, now)?;
        Some((account, step))
    });
    let checked = checked.await.map_err(|_| Refusal::Failed)?;
    let Some((account, _)) = checked.filter(|(account, step)| office.guard().takes(account.name(), *step)) else {
        let is_closed = office.guard().failed(&counted, now);
        if let (true, Some((_, by))) = (is_closed, known) {
            office.log(Event::LockedOut { by }).await?;
        }
        return Ok(again(
            StatusCode::UNAUTHORIZED,
            "Naam, wachtwoord of code klopt niet. Een code is één keer te gebruiken.",
            "Name, password or code is not right. A code can be used once.",
        ));
    };
    office.guard().succeeded(&counted);
    office.log(Event::SignedIn { by: account.pseudonym(), role: account.role() }).await?;
    let token = office.sessions().begin(account, now).ok_or(Refusal::Failed)?;
    let cookie = HeaderValue::from_str(&kept_cookie(SESSION, &token)).map_err(|_| Refusal::Failed)?;
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(Route::Today.path())).into_response())
}

pub(super) async fn sign_out(State(office): State<Arc<Office>>, Posted(by, Nothing {}): Posted<Nothing>) -> Response {
    office.sessions().end(&by.who.token);
    let cookie = format!("{}; Max-Age=0", kept_cookie(SESSION, ""));
    ([(header::SET_COOKIE, cookie)], Redirect::to(Route::SignInForm.path())).into_response()
}
