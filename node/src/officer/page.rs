//! What every page has: who looks at it, in which language, and the answers that are no page.

use askama::Template;
use axum::{
    extract::FromRequestParts,
    http::{StatusCode, header, request::Parts},
    response::{Html, IntoResponse, Redirect, Response},
};

use super::{Act, Role, Route, language::Language, may};
use crate::decision::{Pseudonym, Unconfirmed};

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub(super) struct Who {
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) by: Pseudonym,
    /// What every form carries.
    pub(super) csrf: String,
    /// Of the session.
    pub(super) token: String,
}

impl Who {
    pub(super) const fn may(&self, act: Act) -> bool {
        may(self.role, act)
    }
}

/// Who looks, as the routing has found.
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    pub(super) language: Language,
    pub(super) who: Option<Who>,
    pub(super) gemeente: String,
    pub(super) route: Route,
    /// The path of the same page, to which a language is added.
    pub(super) here: String,
}

/// Somebody who is signed in, and may have what the route asks.
pub(super) struct Admitted {
    pub(super) who: Who,
    pub(super) visitor: Visitor,
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        parts.extensions.get::<Self>().cloned().ok_or(Refusal::Failed)
    }
}

impl<S: Sync> FromRequestParts<S> for Admitted {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let visitor = parts.extensions.get::<Visitor>().cloned().ok_or(Refusal::Failed)?;
        let who = visitor.who.clone().ok_or(Refusal::SignIn)?;
        Ok(Self { who, visitor })
    }
}

impl Visitor {
    /// The frame of a page with a title in both languages.
    pub(super) fn page(self, nl: &str, en: &str) -> Page {
        let title = self.language.say(nl, en).to_owned();
        Page { visitor: self, title }
    }
}

impl Admitted {
    /// The frame of a page with a title in both languages.
    pub(super) fn page(self, nl: &str, en: &str) -> Page {
        self.visitor.page(nl, en)
    }
}

/// The frame of a page.
pub(super) struct Page {
    pub(super) visitor: Visitor,
    pub(super) title: String,
}

/// A place in the menu.
pub(super) struct MenuItem {
    pub(super) path: &'static str,
    pub(super) name: &'static str,
    pub(super) is_here: bool,
}

impl Page {
    pub(super) const fn say<'t>(&self, nl: &'t str, en: &'t str) -> &'t str {
        self.visitor.language.say(nl, en)
    }

    pub(super) const fn language(&self) -> Language {
        self.visitor.language
    }

    /// The other language, with its own name for itself.
    pub(super) const fn other(&self) -> (&'static str, &'static str) {
        match self.visitor.language {
            Language::Nl => ("en", "English"),
            Language::En => ("nl", "Nederlands"),
        }
    }

    pub(super) fn may(&self, act: Act) -> bool {
        self.visitor.who.as_ref().is_some_and(|who| who.may(act))
    }

    pub(super) fn may_decide(&self) -> bool {
        self.may(Act::Decide)
    }

    pub(super) fn may_see_hidden(&self) -> bool {
        self.may(Act::SeeHidden)
    }

    pub(super) fn csrf(&self) -> &str {
        self.visitor.who.as_ref().map_or("", |who| who.csrf.as_str())
    }

    /// Where this one may go.
    pub(super) fn menu(&self) -> Vec<MenuItem> {
        let (here, say) = (self.visitor.route, |nl, en| self.visitor.language.say(nl, en));
        let is_here = |routes: &[Route]| routes.contains(&here);
        let item =
            |route: Route, name, routes: &[Route]| MenuItem { path: route.path(), name, is_here: is_here(routes) };
        let mut menu = vec![
            item(Route::Today, say("Vandaag", "Today"), &[Route::Today]),
            item(Route::Questions, say("Vragen", "Questions"), &[Route::Questions, Route::Question]),
            item(
                Route::Subjects,
                say("Kubussen en doelen", "Cubes and purposes"),
                &[Route::Subjects, Route::Proposed, Route::DecideForm, Route::Decide],
            ),
            item(
                Route::Releases,
                say("Vrijgaven", "Releases"),
                &[Route::Releases, Route::Release, Route::Hidden, Route::Preview],
            ),
            item(Route::Policy, say("Beleid", "Policy"), &[Route::Policy]),
            item(Route::Quality, say("Gegevens", "Data"), &[Route::Quality, Route::QualityReport]),
            item(Route::Log, say("Logboek", "Log"), &[Route::Log, Route::Verify]),
            item(Route::Report, say("Maandverslag", "Monthly report"), &[Route::Report]),
            item(Route::Register, say("Openbaar register", "Public register"), &[Route::Register]),
        ];
        if !self.may(Act::SeeData) {
            menu.retain(|item| item.path != Route::Quality.path());
        }
        menu
    }
}

/// Why there is no page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Nobody is signed in.
    SignIn,
    /// The role may not.
    Forbidden,
    /// The form is not one of this session, or comes from another site.
    Foreign,
    /// A decision cannot be confirmed.
    Unconfirmed(Unconfirmed),
    /// What was sent cannot be read.
    Malformed,
    /// There is no such thing.
    NotFound,
    /// Others are reading the log.
    Busy,
    /// The log is not whole, or something failed; the node's own messages say what.
    Failed,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, nl, en) = match self {
            Self::SignIn => return Redirect::to(Route::SignInForm.path()).into_response(),
            Self::Forbidden => {
                (StatusCode::FORBIDDEN, "Uw rol mag dit niet zien of doen.", "Your role may not see or do this.")
            }
            Self::Foreign => (
                StatusCode::FORBIDDEN,
                "Dit formulier is verlopen of komt van elders. Open de pagina opnieuw.",
                "This form has expired or comes from elsewhere. Open the page again.",
            ),
            Self::Unconfirmed(Unconfirmed::Nothing) => (
                StatusCode::CONFLICT,
                "Er is geen besluit meer dat hierop wacht: het is al bevestigd.",
                "There is no decision that waits for this any more: it has been confirmed.",
            ),
            Self::Unconfirmed(Unconfirmed::Same) => (
                StatusCode::CONFLICT,
                "Een andere medewerker dan wie het besluit nam, moet het bevestigen.",
                "Another officer than the one who took the decision must confirm it.",
            ),
            Self::Unconfirmed(Unconfirmed::Overtaken) => (
                StatusCode::CONFLICT,
                "Er is intussen iets anders over besloten. Neem het besluit zo nodig opnieuw.",
                "Something else was decided about it since. Take the decision again if need be.",
            ),
            Self::Malformed => (
                StatusCode::BAD_REQUEST,
                "Wat is ingevuld, kan niet worden gelezen. Ga terug en vul het opnieuw in.",
                "What was filled in cannot be read. Go back and fill it in again.",
            ),
            Self::NotFound => (StatusCode::NOT_FOUND, "Deze pagina bestaat niet.", "There is no such page."),
            Self::Busy => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Het logboek wordt net gelezen. Probeer het zo weer.",
                "The log is being read. Try again in a moment.",
            ),
            Self::Failed => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "Dit kan nu niet. De meldingen van de node zeggen waarom.",
                "This cannot be done now. The messages of the node say why.",
            ),
        };
        let shown = RefusalPage { status: status.as_u16(), nl, en }.render().unwrap_or_default();
        (status, Html(shown)).into_response()
    }
}

#[derive(Template)]
#[template(path = "officer/refusal.html")]
struct RefusalPage {
    status: u16,
    nl: &'static str,
    en: &'static str,
}

/// A page.
pub(super) fn html(template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => Html(text).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page cannot be made");
            Refusal::Failed.into_response()
        }
    }
}

/// A file to keep, under a name that is none of somebody's choosing.
pub(super) fn file(kind: &'static str, name: &str, body: String) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], body).into_response()
}
