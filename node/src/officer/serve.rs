//! The pages over HTTP: every request is admitted by its route before anything else is done, and every response tells the
//! browser to take nothing from elsewhere and to keep nothing.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header, uri::Authority},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::{MethodRouter, get, post},
};
use tower_http::{catch_panic::CatchPanicLayer, set_header::SetResponseHeaderLayer, timeout::RequestBodyTimeoutLayer};

use super::{
    Asks, Office, Route, decide,
    language::Language,
    log_health, may,
    page::{Refusal, Visitor, Who},
    policy, preview, proposed, quality, question, questions, register, releases, report, sign_in, subjects, today,
};

/// Most bytes of a form.
const MOST_BYTES: usize = 16 * 1024;
/// Longest silence while a form is sent.
const BODY_TIME: Duration = Duration::from_secs(10);
/// The cookie of a session. The prefix makes browsers take it from this host only, over TLS only.
pub(super) const SESSION: &str = "__Host-sessie";
const LANGUAGE: &str = "__Host-taal";

/// What a browser is told of every page.
const HEADERS: [(&str, &str); 9] = [
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    ("cache-control", "no-store"),
    ("referrer-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("strict-transport-security", "max-age=31536000"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
];

/// The routes of the pages.
pub fn router(office: Arc<Office>) -> Router {
    let mut router = Router::new();
    for route in Route::ALL {
        let admission = middleware::from_fn_with_state((Arc::clone(&office), *route), admit);
        router = router.route(route.path(), handler(*route).layer(admission));
    }
    let mut router = router
        .fallback(|| async { Refusal::NotFound })
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .layer(RequestBodyTimeoutLayer::new(BODY_TIME))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| Refusal::Failed.into_response()));
    // Last, so that they are on what the others say too; a report has a style of its own.
    for (name, value) in HEADERS {
        let (name, value) = (HeaderName::from_static(name), HeaderValue::from_static(value));
        router = router.layer(SetResponseHeaderLayer::if_not_present(name, value));
    }
    router.with_state(office)
}

fn handler(route: Route) -> MethodRouter<Arc<Office>> {
    match route {
        Route::SignInForm => get(sign_in::form),
        Route::SignIn => post(sign_in::sign_in),
        Route::Style => get(style),
        Route::SignOut => post(sign_in::sign_out),
        Route::Today => get(today::show),
        Route::Questions => get(questions::show),
        Route::Question => get(question::show),
        Route::Proof => get(question::proof),
        Route::Subjects => get(subjects::show),
        Route::Proposed => get(proposed::show),
        Route::DecideForm => get(decide::form),
        Route::Decide => post(decide::decide),
        Route::Confirm => post(decide::confirm),
        Route::Releases => get(releases::list),
        Route::Release => get(releases::show),
        Route::Hidden => get(releases::hidden),
        Route::Preview => get(preview::show),
        Route::BeginPreview => post(preview::begin),
        Route::Policy => get(policy::show),
        Route::Quality => get(quality::show),
        Route::QualityReport => get(quality::report),
        Route::Log => get(log_health::show),
        Route::Verify => post(log_health::verify),
        Route::Report => get(report::show),
        Route::ReportCsv => get(report::csv),
        Route::Register => get(register::show),
        Route::RegisterJson => get(register::json),
    }
}

async fn admit(State((office, route)): State<(Arc<Office>, Route)>, mut request: Request, next: Next) -> Response {
    if request.method() == Method::POST && !is_own(&request) {
        return Refusal::Foreign.into_response();
    }
    let chosen = chosen_language(request.uri());
    let kept = cookie(request.headers(), LANGUAGE).and_then(|code| Language::of(&code));
    let language = chosen.or(kept).unwrap_or_default();
    let who = match signed_in(&office, request.headers()).await {
        Ok(who) => who,
        Err(refusal) => return refusal.into_response(),
    };
    if let Asks::ToMay(act) = route.asks() {
        match &who {
            None => return Refusal::SignIn.into_response(),
            Some(who) if !may(who.role, act) => return Refusal::Forbidden.into_response(),
            Some(_) => {}
        }
    }
    let gemeente = office.node.name();
    let here = again(route, request.uri());
    request.extensions_mut().insert(Visitor { language, who, gemeente, route, here });
    let mut response = next.run(request).await;
    if let Some(language) = chosen
        && let Ok(cookie) = HeaderValue::from_str(&kept_cookie(LANGUAGE, language.code()))
    {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// Whether a form comes from a page of this host: browsers say so in one header or the other.
fn is_own(request: &Request) -> bool {
    let text = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap_or_default());
    // HTTP/2 has the host in its target, HTTP/1.1 in a header.
    let host = request.uri().authority().map(Authority::as_str).or_else(|| text("host"));
    let own = format!("https://{}", host.unwrap_or_default());
    text("sec-fetch-site").is_none_or(|site| site == "same-origin") && text("origin").is_none_or(|origin| origin == own)
}

async fn signed_in(office: &Office, headers: &HeaderMap) -> Result<Option<Who>, Refusal> {
    let Some(token) = cookie(headers, SESSION) else { return Ok(None) };
    let accounts = office.accounts().await?;
    let found = office.sessions().find(&token, &accounts, office.node.clock.now());
    Ok(found.map(|(session, account)| Who {
        name: account.name().to_owned(),
        role: account.role(),
        by: account.pseudonym(),
        csrf: session.csrf,
        token,
    }))
}

/// Where the same page is to be had in another language: what it was asked with, but for the language, and the end of the
/// query at which that is put. Of a form that was sent, the page of that path, or the first one.
fn again(route: Route, uri: &Uri) -> String {
    if route.method() == "POST" {
        let is_page = |other: &&Route| other.method() == "GET" && other.path() == route.path();
        let page = Route::ALL.iter().find(is_page).filter(|page| **page != Route::DecideForm);
        return format!("{}?", page.map_or(Route::Today.path(), |page| page.path()));
    }
    let kept = uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("taal="));
    kept.fold(format!("{}?", uri.path()), |here, pair| here + pair + "&")
}

fn chosen_language(uri: &Uri) -> Option<Language> {
    uri.query()?.split('&').find_map(|pair| Language::of(pair.strip_prefix("taal=")?))
}

/// The value of a cookie.
pub(super) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(of, _)| *of == name).map(|(_, value)| value.to_owned())
}

/// A cookie that no script and no other site sees.
pub(super) fn kept_cookie(name: &str, value: &str) -> String {
    format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Strict")
}

async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("style.css")).into_response()
}
