//! Deciding whether a catalogue, a cube or a purpose is answered: first what that would change, then the decision, which is in
//! the log before it holds.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use drempel_protocols::{catalogue::Catalogue, clock::dutch_day, policy::Policy};
use jiff::{ToSpan as _, civil::Date};
use serde::Deserialize;

use super::{
    Office, Route, UNLOGGED,
    figures::{Figures, Line},
    page::{Admitted, Page, Refusal, html},
    posted::Posted,
    proposed::refused_by,
    subjects::Stand,
};
use crate::{
    decision::{Decision, Decisions, Motivation, Overtaken, Subject, Verdict},
    gate::{Under, refused_by_change},
    proposed::Proposed,
};

/// Days of questions that a decision is held against.
pub(super) const DAYS: i64 = 30;
/// Questions that are shown of those.
pub(super) const SHOWN: usize = 20;

/// What is decided about, as pages name it.
#[derive(Deserialize)]
pub(super) struct About {
    soort: String,
    naam: String,
}

impl About {
    /// If the catalogue has it, or is it, or it is proposed; or if it is a catalogue that something was decided about, which can
    /// be declined after it is gone.
    fn subject(&self, catalogue: &Catalogue, proposed: Option<&Proposed>, decisions: &Decisions) -> Option<Subject> {
        match self.soort.as_str() {
            "catalogus" => {
                let about = Subject::Catalogue(self.naam.parse().ok()?);
                let is_here = is_here(&about, catalogue, proposed);
                (is_here || decisions.last(&about).is_some()).then_some(about)
            }
            "kubus" => {
                let cube = catalogue.cubes().find(|cube| cube.name().as_str() == self.naam)?;
                Some(Subject::Cube(cube.name().clone()))
            }
            "doel" => {
                let purpose = catalogue.purposes().find(|purpose| purpose.id.as_str() == self.naam)?;
                Some(Subject::Purpose(purpose.id.clone()))
            }
            _ => None,
        }
    }
}

/// Whether it can be read what is decided about: a catalogue is in use or proposed.
fn is_here(about: &Subject, catalogue: &Catalogue, proposed: Option<&Proposed>) -> bool {
    let proposed = proposed.map(|proposed| proposed.catalogue().digest());
    !matches!(about, Subject::Catalogue(digest) if *digest != catalogue.digest() && Some(*digest) != proposed)
}

#[derive(Template)]
#[template(path = "officer/decide.html")]
struct DecidePage {
    page: Page,
    kind: &'static str,
    name: String,
    stand: Stand,
    days: i64,
    asked: Figures,
    refused: usize,
    lines: Vec<Line>,
    four_eyes: bool,
    wrong: Option<String>,
    filled: Filled,
    /// The record of the last decision about it.
    last: Option<u64>,
    /// Whether the configuration declines it, over which no decision here goes.
    is_configured: bool,
    /// Whether the log could be read for what it would change.
    is_known: bool,
    /// Whether it is about a catalogue that is not in use.
    is_proposed: bool,
    /// Whether it is a catalogue that is gone, which can be declined only.
    is_gone: bool,
}

/// What was filled in.
#[derive(Default)]
struct Filled {
    verdict: String,
    why: String,
    until: String,
}

pub(super) async fn form(
    State(office): State<Arc<Office>>,
    about: Result<Query<About>, axum::extract::rejection::QueryRejection>,
    by: Admitted,
) -> Result<Response, Refusal> {
    let Query(about) = about.map_err(|_| Refusal::Malformed)?;
    let (node, proposed) = (&office.node, proposed(&office).await?);
    let subject = about.subject(&node.catalogue, proposed.as_ref(), &node.audit.decisions());
    let subject = subject.ok_or(Refusal::NotFound)?;
    Ok(html(&page_of(&office, by, &subject, None, Filled::default()).await?))
}

/// The page to decide on something, with what declining it would change.
async fn page_of(
    office: &Arc<Office>,
    by: Admitted,
    about: &Subject,
    wrong: Option<String>,
    filled: Filled,
) -> Result<DecidePage, Refusal> {
    let page = by.page("Besluit", "Decision");
    let (language, node) = (page.language(), &office.node);
    let today = dutch_day(node.clock.now());
    let first = today.saturating_sub(DAYS.days());
    // An officer can decline whatever becomes of the log.
    let read = office.asked().await;
    let is_known = read.is_ok();
    let all = read.unwrap_or_default();
    let lately: Vec<_> = all.iter().filter(|asked| dutch_day(asked.time) >= first).collect();
    let decisions = node.audit.decisions();
    let proposed = proposed(office).await?;
    let is_gone = !is_here(about, &node.catalogue, proposed.as_ref());
    let proposed = proposed.as_ref().map(Proposed::catalogue);
    let proposed = proposed.filter(|proposed| *about == Subject::Catalogue(proposed.digest()));
    let refused = match proposed {
        Some(proposed) => refused_by(node, proposed, &decisions, &lately),
        None if is_gone => Vec::new(),
        None => {
            // Whatever was decided about it before: with it answered, and without.
            let answered = decisions.without(about).over(node.configured(), &node.catalogue, today);
            let declined = declining(&answered, about, &node.catalogue);
            let under = |policy| Under { catalogue: &node.catalogue, policy };
            refused_by_change(lately.iter().copied(), node.config.gemeente, (under(&answered), under(&declined)))
        }
    };
    Ok(DecidePage {
        kind: match about {
            Subject::Cube(_) => "kubus",
            Subject::Purpose(_) => "doel",
            Subject::Catalogue(_) => "catalogus",
        },
        name: about.to_string(),
        stand: Stand::of(about, (node.configured(), &node.catalogue, &decisions), today, language),
        days: DAYS,
        asked: Figures::of(lately.iter().copied()),
        refused: refused.len(),
        lines: refused.iter().rev().take(SHOWN).map(|asked| Line::of(asked, language)).collect(),
        four_eyes: office.config.vier_ogen,
        wrong,
        filled,
        last: decisions.last(about),
        is_configured: match about {
            Subject::Cube(name) => !node.configured().accepts_cube(name),
            Subject::Purpose(id) => !node.configured().accepts_purpose(id),
            Subject::Catalogue(_) => false,
        },
        is_known,
        is_proposed: proposed.is_some(),
        is_gone,
        page,
    })
}

/// What is proposed; nothing where that cannot be put in place, about which nobody can decide.
async fn proposed(office: &Office) -> Result<Option<Proposed>, Refusal> {
    Ok(office.proposed().await?.ok().flatten())
}

fn declining(policy: &Policy, about: &Subject, catalogue: &Catalogue) -> Policy {
    match about {
        Subject::Cube(name) => policy.declining([name.clone()].into(), [].into()),
        Subject::Purpose(id) => policy.declining([].into(), [id.clone()].into()),
        Subject::Catalogue(_) => {
            policy.declining([].into(), catalogue.purposes().map(|purpose| purpose.id.clone()).collect())
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Form {
    soort: String,
    naam: String,
    besluit: String,
    reden: String,
    #[serde(default)]
    tot: String,
    /// The record of the last decision about it that the page knew.
    #[serde(default)]
    sinds: String,
}

pub(super) async fn decide(
    State(office): State<Arc<Office>>,
    Posted(by, form): Posted<Form>,
) -> Result<Response, Refusal> {
    let filled = Filled { verdict: form.besluit.clone(), why: form.reden.clone(), until: form.tot.clone() };
    let about = About { soort: form.soort, naam: form.naam };
    let proposed = proposed(&office).await?;
    let about = about.subject(&office.node.catalogue, proposed.as_ref(), &office.node.audit.decisions());
    let about = about.ok_or(Refusal::NotFound)?;
    let verdict = match form.besluit.as_str() {
        "aanvaarden" => Verdict::Accept,
        "afwijzen" => Verdict::Decline,
        _ => return Err(Refusal::Malformed),
    };
    if verdict == Verdict::Accept && !is_here(&about, &office.node.catalogue, proposed.as_ref()) {
        return Err(Refusal::NotFound);
    }
    let language = by.visitor.language;
    let Ok(why) = form.reden.parse::<Motivation>() else {
        let wrong = language.say("Geef een reden van 3 tot 1000 tekens.", "Give a reason of 3 to 1000 characters.");
        return again(&office, by, &about, wrong, filled).await;
    };
    let until = match form.tot.trim() {
        "" => None,
        text => match text.parse::<Date>() {
            Ok(until) if verdict == Verdict::Accept && until >= dutch_day(office.node.clock.now()) => Some(until),
            _ => {
                let wrong = language.say(
                    "Een einddatum hoort bij aanvaarden, ligt niet in het verleden, en ziet eruit als 2027-12-31.",
                    "A last day goes with accepting, is not in the past, and looks like 2027-12-31.",
                );
                return again(&office, by, &about, wrong, filled).await;
            }
        },
    };
    let kept = Admitted { who: by.who.clone(), visitor: by.visitor };
    let decision = Decision { about, verdict, why, until, four_eyes: office.config.vier_ogen, by: by.who.by };
    let node = Arc::clone(&office.node);
    let (about, why) = (decision.about.clone(), decision.why.as_str().to_owned());
    let last = form.sinds.parse().ok();
    match office.off_thread(UNLOGGED, move || node.audit.decide(decision, last)).await? {
        Ok(_) => Ok(Redirect::to(Route::Subjects.path()).into_response()),
        Err(Overtaken) => {
            let wrong = language.say(
                "Er is intussen iets anders over besloten; hieronder staat hoe het nu is. Er is niets vastgelegd.",
                "Something else was decided about it meanwhile; below is how it stands now. Nothing was recorded.",
            );
            let page =
                page_of(&office, kept, &about, Some(wrong.to_owned()), Filled { why, ..Filled::default() }).await?;
            Ok((StatusCode::CONFLICT, html(&page)).into_response())
        }
    }
}

async fn again(
    office: &Arc<Office>,
    by: Admitted,
    about: &Subject,
    wrong: &str,
    filled: Filled,
) -> Result<Response, Refusal> {
    let page = page_of(office, by, about, Some(wrong.to_owned()), filled).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)).into_response())
}

#[derive(Deserialize)]
pub(super) struct Confirmation {
    besluit: u64,
}

pub(super) async fn confirm(
    State(office): State<Arc<Office>>,
    Posted(by, Confirmation { besluit }): Posted<Confirmation>,
) -> Result<Response, Refusal> {
    let (node, who) = (Arc::clone(&office.node), by.who.by);
    // What cannot be read is not confirmed.
    let decisions = node.audit.decisions();
    let about = decisions.newest_first().find(|(record, _)| *record == besluit).map(|(_, taken)| &taken.decision.about);
    if about.is_some_and(|about| matches!(about, Subject::Catalogue(_))) {
        let proposed = proposed(&office).await?;
        if about.is_some_and(|about| !is_here(about, &node.catalogue, proposed.as_ref())) {
            return Err(Refusal::NotFound);
        }
    }
    office.off_thread(UNLOGGED, move || node.audit.confirm(besluit, who)).await?.map_err(Refusal::Unconfirmed)?;
    Ok(Redirect::to(Route::Subjects.path()).into_response())
}
