//! Today at a glance: what was asked lately, what waits for the officer, and whether the node can answer.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};
use drempel_protocols::clock::dutch_day;
use jiff::ToSpan as _;

use super::{
    Office,
    figures::{Figures, Line},
    page::{Admitted, Page, Refusal, html},
};

/// Questions that are shown.
const LATEST: usize = 8;

#[derive(Template)]
#[template(path = "officer/today.html")]
struct TodayPage {
    page: Page,
    periods: Vec<(&'static str, Figures)>,
    latest: Vec<Line>,
    is_proposed: bool,
    waiting: usize,
    declined: usize,
    releases: Vec<String>,
    records: u64,
    is_closed: bool,
    is_read: bool,
    late: Vec<String>,
    contradicted: Option<String>,
    answers_nothing: bool,
}

pub(super) async fn show(State(office): State<Arc<Office>>, by: Admitted) -> Result<Response, Refusal> {
    // What is wrong with the node is said here whatever becomes of the log.
    let read = office.asked().await;
    let is_read = read.is_ok();
    let all = read.unwrap_or_default();
    let witnessing = Arc::clone(&office.node);
    let late = move || witnessing.late_witnesses();
    let late = office.off_thread("a page cannot show who witnesses the log", late).await?;
    let is_proposed = office.is_proposed().await;
    let page = by.page("Vandaag", "Today");
    let language = page.language();
    let today = dutch_day(office.node.clock.now());
    let since = |days: i64| {
        let first = today.saturating_sub((days - 1).days());
        Figures::of(all.iter().filter(|asked| dutch_day(asked.time) >= first))
    };
    let periods = vec![
        (page.say("Vandaag", "Today"), since(1)),
        (page.say("Zeven dagen", "Seven days"), since(7)),
        (page.say("Dertig dagen", "Thirty days"), since(30)),
    ];
    let latest = all.iter().rev().take(LATEST).map(|asked| Line::of(asked, language)).collect();
    let decisions = office.node.audit.decisions();
    let policy = office.node.policy();
    let catalogue = &office.node.catalogue;
    let loaded = office.node.loaded();
    Ok(html(&TodayPage {
        periods,
        latest,
        is_proposed,
        waiting: decisions
            .newest_first()
            .filter(|(record, taken)| super::subjects::waits(&decisions, *record, taken))
            .count(),
        answers_nothing: !catalogue.cubes().any(|cube| policy.answers(cube)),
        declined: catalogue.cubes().filter(|cube| !policy.answers(cube)).count(),
        releases: loaded.iter().flat_map(|loaded| loaded.ids.keys()).map(ToString::to_string).collect(),
        records: office.node.audit.head().size,
        is_closed: office.node.audit.poisoned(),
        is_read,
        contradicted: office.node.witness.contradicted(),
        late,
        page,
    }))
}
