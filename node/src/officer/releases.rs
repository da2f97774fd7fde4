//! The releases: what is shown of each, and to the officer what is hidden and why, which goes nowhere else (rule R4).

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use drempel_protocols::{cell::Cell, id::Period, release::Release, sdc::Reason};
use serde::Deserialize;

use super::{
    Office,
    language::{Language, moment},
    page::{Admitted, Page, Refusal, html},
};
use crate::ledger::{Ledger, Stored};

/// Cells that are shown at once.
const MOST: usize = 500;

struct ReleaseLine {
    period: String,
    built: String,
    withdrawn: Option<(String, String)>,
    shown: usize,
    cells: usize,
    round_to: u32,
}

impl ReleaseLine {
    fn of(stored: &Stored) -> Self {
        let (shown, cells) = stored.release.shown();
        Self {
            period: stored.release.period().to_string(),
            built: moment(stored.built),
            withdrawn: stored.withdrawn.as_ref().map(|(at, why)| (moment(*at), why.clone())),
            shown,
            cells,
            round_to: stored.release.round_to(),
        }
    }
}

#[derive(Template)]
#[template(path = "officer/releases.html")]
struct ReleasesPage {
    page: Page,
    lines: Vec<ReleaseLine>,
}

#[derive(Template)]
#[template(path = "officer/release.html")]
struct ReleasePage {
    page: Page,
    line: ReleaseLine,
    catalogue: String,
    policy: String,
    search: String,
    hidden_only: bool,
    cells: Vec<CellLine>,
    found: usize,
}

/// A cell in a table.
pub(super) struct CellLine {
    pub(super) view: String,
    pub(super) members: String,
    pub(super) persons: String,
    pub(super) rows: String,
    pub(super) reason: &'static str,
}

/// What somebody looks for among the cells.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Search {
    pub(super) zoek: String,
}

pub(super) async fn list(State(office): State<Arc<Office>>, by: Admitted) -> Result<Response, Refusal> {
    let lines = stored(&office).await?.iter().rev().map(ReleaseLine::of).collect();
    Ok(html(&ReleasesPage { page: by.page("Vrijgaven", "Releases"), lines }))
}

pub(super) async fn show(
    State(office): State<Arc<Office>>,
    Path(period): Path<String>,
    Query(search): Query<Search>,
    by: Admitted,
) -> Result<Response, Refusal> {
    let stored = find(&office, &period).await?;
    let language = by.visitor.language;
    let cell = |cell: Option<&Cell>| match cell {
        None => "\u{2013}".to_owned(),
        Some(Cell::Value(count)) => count.to_string(),
        Some(Cell::Hidden) => language.say("verborgen", "hidden").to_owned(),
        Some(Cell::NotHeld) => language.say("niet aanwezig", "not held").to_owned(),
    };
    let lines = stored.release.published().into_iter().map(|(place, cells)| CellLine {
        view: place.view().to_string(),
        members: place.members(),
        persons: cell(cells.get(&drempel_protocols::catalogue::Measure::Personen)),
        rows: cell(cells.get(&drempel_protocols::catalogue::Measure::Aantal)),
        reason: "",
    });
    let lines = lines.collect();
    Ok(html(&page_of(by.page("Vrijgave", "Release"), &stored, search, lines, false)))
}

pub(super) async fn hidden(
    State(office): State<Arc<Office>>,
    Path(period): Path<String>,
    Query(search): Query<Search>,
    by: Admitted,
) -> Result<Response, Refusal> {
    let stored = find(&office, &period).await?;
    let language = by.visitor.language;
    office.log_hidden(&by.who, (stored.release.period(), None)).await?;
    let lines = hidden_lines(&stored.release, language);
    Ok(html(&page_of(by.page("Verborgen cellen", "Hidden cells"), &stored, search, lines, true)))
}

/// What is hidden of a release, and why.
pub(super) fn hidden_lines(release: &Release, language: Language) -> Vec<CellLine> {
    let line = |cell: drempel_protocols::release::OfficersCell<'_>| {
        Some(CellLine {
            view: cell.place.view().to_string(),
            members: cell.place.members(),
            persons: cell.persons.to_string(),
            rows: cell.rows.to_string(),
            reason: reason(cell.reason?, language),
        })
    };
    release.reasons().filter_map(line).collect()
}

const fn reason(reason: Reason, language: Language) -> &'static str {
    match reason {
        Reason::Unsafe => language.say("te weinig jeugdigen", "too few"),
        Reason::Insider => language.say(
            "een aanbieder of het inwonertal zou over te weinig anderen iets zeggen",
            "an aanbieder or the population would tell of too few others",
        ),
        Reason::Secondary => language.say("andere zouden eruit volgen", "others would follow from it"),
        Reason::Remainder => {
            language.say("er zouden er te weinig naast overblijven", "too few would be left beside it")
        }
        Reason::Interval => language.say("andere zouden te precies bekend zijn", "others would be too narrow"),
    }
}

fn page_of(page: Page, stored: &Stored, search: Search, lines: Vec<CellLine>, hidden_only: bool) -> ReleasePage {
    let (cells, found) = cells_sought(lines, &search);
    ReleasePage {
        line: ReleaseLine::of(stored),
        catalogue: stored.release.catalogue().to_string(),
        policy: stored.release.policy().to_string(),
        search: search.zoek,
        hidden_only,
        cells,
        found,
        page,
    }
}

/// Those that are looked for, as many as a page shows, and how many there are.
pub(super) fn cells_sought(lines: Vec<CellLine>, search: &Search) -> (Vec<CellLine>, usize) {
    let sought = search.zoek.trim().to_lowercase();
    let is_sought =
        |line: &CellLine| line.members.to_lowercase().contains(&sought) || line.view.to_lowercase().contains(&sought);
    let mut cells: Vec<_> = lines.into_iter().filter(is_sought).collect();
    let found = cells.len();
    cells.truncate(MOST);
    (cells, found)
}

async fn find(office: &Arc<Office>, period: &str) -> Result<Stored, Refusal> {
    let period: Period = period.parse().map_err(|_| Refusal::NotFound)?;
    let all = stored(office).await?;
    all.into_iter().find(|stored| stored.release.period() == period).ok_or(Refusal::NotFound)
}

async fn stored(office: &Arc<Office>) -> Result<Vec<Stored>, Refusal> {
    let ledger = office.node.config.paths.ledger.clone();
    match tokio::task::spawn_blocking(move || Ledger::open(&ledger)?.releases()).await {
        Ok(Ok(stored)) => Ok(stored),
        Ok(Err(error)) => {
            tracing::error!(%error, "a page cannot show the releases");
            Err(Refusal::Failed)
        }
        Err(_) => Err(Refusal::Failed),
    }
}
