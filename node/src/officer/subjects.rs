//! The registered cubes and purposes, where each stands at this gemeente, and what was decided about them.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};
use drempel_protocols::{
    catalogue::{Catalogue, Cube, Purpose, Weighing},
    clock::dutch_day,
    policy::Policy,
};
use jiff::civil::Date;

use super::{
    Accounts, Office,
    language::{Language, moment},
    page::{Admitted, Page, Refusal, html},
};
use crate::decision::{Decisions, Pseudonym, Standing, Subject, Taken, Verdict};

/// Where something stands, in words.
pub(super) struct Stand {
    pub(super) words: String,
    pub(super) class: &'static str,
}

impl Stand {
    /// By the configuration and the decisions.
    pub(super) fn of(
        about: &Subject,
        (configured, catalogue, decisions): (&Policy, &Catalogue, &Decisions),
        today: Date,
        language: Language,
    ) -> Self {
        let say = |nl: &str, en: &str| language.say(nl, en).to_owned();
        let in_configuration = match about {
            Subject::Cube(name) => configured.accepts_cube(name),
            Subject::Purpose(id) => configured.accepts_purpose(id),
            Subject::Catalogue(_) => true,
        };
        if !in_configuration {
            return Self { words: say("afgewezen in node.toml", "declined in node.toml"), class: "nee" };
        }
        let (words, class) = match decisions.standing(about, today) {
            Standing::Undecided => match about {
                Subject::Catalogue(digest) if *digest == catalogue.digest() => {
                    (say("aanvaard in node.toml", "accepted in node.toml"), "goed")
                }
                Subject::Catalogue(_) => (say("nog niet aanvaard", "not accepted yet"), "let-op"),
                Subject::Cube(_) | Subject::Purpose(_) => {
                    (say("aanvaard met de catalogus", "accepted with the catalogue"), "goed")
                }
            },
            Standing::Accepted(None) => (say("aanvaard", "accepted"), "goed"),
            Standing::Accepted(Some(until)) => {
                (format!("{} {until}", language.say("aanvaard tot en met", "accepted through")), "goed")
            }
            Standing::Lapsed(until) => {
                (format!("{} {until}", language.say("aanvaarding liep tot en met", "acceptance ended after")), "nee")
            }
            Standing::Declined => (say("afgewezen", "declined"), "nee"),
            Standing::Unaccepted => (say("nog niet aanvaard", "not accepted yet"), "let-op"),
        };
        Self { words, class }
    }
}

/// Whether a decision waits for a second officer, and can still be confirmed.
pub(super) fn waits(decisions: &Decisions, record: u64, taken: &Taken) -> bool {
    let about = &taken.decision.about;
    let last = decisions.newest_first().find(|(_, later)| later.decision.about == *about);
    taken.waits() && last.is_some_and(|(last, _)| last == record)
}

/// A table as it is shown.
pub(super) struct CubeLine {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) view: String,
    pub(super) dimensions: Vec<String>,
    pub(super) counts: Vec<&'static str>,
    pub(super) purposes: Vec<String>,
    /// Per gemeente and half-year.
    pub(super) cells: usize,
    pub(super) motivation: String,
    pub(super) weighing: Weighing,
}

impl CubeLine {
    pub(super) fn of(cube: &Cube, catalogue: &Catalogue, language: Language) -> Self {
        Self {
            name: cube.name().to_string(),
            label: language.label(cube.label()).to_owned(),
            view: cube.view().to_string(),
            dimensions: dimensions(cube, catalogue, language),
            counts: cube.measures().iter().map(|measure| measure.default_name()).collect(),
            purposes: cube.purposes().iter().map(ToString::to_string).collect(),
            cells: catalogue.view(cube.view().as_str()).map_or(0, |view| cube.cells(view)),
            motivation: cube.motivation().to_owned(),
            weighing: cube.weighing().clone(),
        }
    }
}

struct PurposeLine {
    purpose: Purpose,
    stand: Stand,
}

/// A decision as it is shown.
pub(super) struct DecisionLine {
    pub(super) record: u64,
    pub(super) moment: String,
    pub(super) about: String,
    pub(super) verdict: &'static str,
    pub(super) class: &'static str,
    pub(super) until: String,
    pub(super) why: String,
    pub(super) by: String,
    pub(super) confirmed: Option<String>,
    pub(super) waits: bool,
    /// Whether this one took it, who cannot confirm it.
    pub(super) is_own: bool,
    /// Whether it is about a catalogue.
    pub(super) is_catalogue: bool,
    /// Whether it is about one that is not in use, which is confirmed where it can be read.
    pub(super) is_elsewhere: bool,
}

impl DecisionLine {
    /// As one who is signed in sees them.
    pub(super) fn all(decisions: &Decisions, in_use: &Catalogue, accounts: &Accounts, page: &Page) -> Vec<Self> {
        let (language, who) = (page.language(), page.visitor.who.as_ref());
        let name = |by: &Pseudonym| name_of(by, accounts, language);
        let line = |(record, taken): (u64, &Taken)| {
            let decision = &taken.decision;
            let (verdict, class) = match decision.verdict {
                Verdict::Accept => (language.say("aanvaard", "accepted"), "goed"),
                Verdict::Decline => (language.say("afgewezen", "declined"), "nee"),
            };
            Self {
                record,
                moment: moment(taken.at),
                about: decision.about.to_string(),
                verdict,
                class,
                until: decision.until.map(|until| until.to_string()).unwrap_or_default(),
                why: decision.why.as_str().to_owned(),
                by: name(&decision.by),
                confirmed: taken.confirmed.as_ref().map(|(by, at)| format!("{}, {}", name(by), moment(*at))),
                waits: waits(decisions, record, taken),
                is_own: who.is_some_and(|who| who.by == decision.by),
                is_catalogue: matches!(decision.about, Subject::Catalogue(_)),
                is_elsewhere: matches!(decision.about, Subject::Catalogue(digest) if digest != in_use.digest()),
            }
        };
        decisions.newest_first().map(line).collect()
    }
}

/// The name of somebody of the log; of whose account is gone the beginning of the pseudonym.
pub(super) fn name_of(by: &Pseudonym, accounts: &Accounts, language: Language) -> String {
    let former = || {
        let known = by.as_str().get(..8).unwrap_or_default();
        format!("{} {known}", language.say("vroegere medewerker", "former employee"))
    };
    accounts.named(by).map_or_else(former, str::to_owned)
}

#[derive(Template)]
#[template(path = "officer/subjects.html")]
struct SubjectsPage {
    page: Page,
    version: String,
    digest: String,
    catalogue: Stand,
    is_proposed: bool,
    cubes: Vec<(CubeLine, Stand)>,
    purposes: Vec<PurposeLine>,
    decisions: Vec<DecisionLine>,
    four_eyes: bool,
}

pub(super) async fn show(State(office): State<Arc<Office>>, by: Admitted) -> Result<Response, Refusal> {
    let accounts = office.accounts().await?;
    let page = by.page("Kubussen en doelen", "Cubes and purposes");
    let (language, catalogue, decisions) = (page.language(), &office.node.catalogue, office.node.audit.decisions());
    let today = dutch_day(office.node.clock.now());
    let stand = |about| Stand::of(&about, (office.node.configured(), catalogue, &decisions), today, language);
    let cubes = catalogue.cubes().map(|cube| {
        let line = CubeLine::of(cube, catalogue, language);
        (line, stand(Subject::Cube(cube.name().clone())))
    });
    let purposes = catalogue
        .purposes()
        .map(|purpose| PurposeLine { purpose: purpose.clone(), stand: stand(Subject::Purpose(purpose.id.clone())) });
    Ok(html(&SubjectsPage {
        version: catalogue.version().to_owned(),
        digest: catalogue.digest().to_string(),
        catalogue: stand(Subject::Catalogue(catalogue.digest())),
        is_proposed: office.is_proposed().await,
        cubes: cubes.collect(),
        purposes: purposes.collect(),
        decisions: DecisionLine::all(&decisions, catalogue, &accounts, &page),
        four_eyes: office.config.vier_ogen,
        page,
    }))
}

fn dimensions(cube: &Cube, catalogue: &Catalogue, language: Language) -> Vec<String> {
    let view = catalogue.view(cube.view().as_str());
    let label = |name: &drempel_protocols::id::ColumnName| {
        let column = view.and_then(|view| view.column(name.as_str()));
        column.map_or_else(|| name.to_string(), |column| language.label(column.label()).to_owned())
    };
    cube.dimensions().iter().map(label).collect()
}
