//! What the next release would show and hide, computed in full and released to nobody: for the officer, before anything leaves
//! (rule R4). One at a time, since it takes as long as the release itself.

use std::sync::{Arc, MutexGuard, PoisonError};

use askama::Template;
use axum::{
    extract::{Query, State},
    response::{IntoResponse as _, Redirect, Response},
};
use drempel_protocols::{id::Period, release::Release};
use jiff::Timestamp;
use serde::Deserialize;

use super::{
    Office, Route,
    language::{Language, moment},
    page::{Admitted, Page, Refusal, html},
    posted::Posted,
    releases::{CellLine, Search, cells_sought, hidden_lines},
};
use crate::{
    ledger::Ledger,
    proposed::Proposed,
    release::{Build, BuildError, Stage},
};

/// How far a preview is.
#[derive(Default)]
pub(super) enum Preview {
    /// None was asked for since the node has started.
    #[default]
    None,
    /// It is being computed.
    Running(Stage),
    /// There it is.
    Ready(Box<Made>),
    /// Every half-year of the catalogue has been released.
    NothingNext,
    /// There is none, for this reason.
    Failed(String),
}

/// A preview.
pub(super) struct Made {
    /// The version and the digest of the proposed catalogue, where it is made with that.
    proposed: Option<(String, String)>,
    period: Period,
    at: Timestamp,
    release: Release,
}

#[derive(Template)]
#[template(path = "officer/preview.html")]
struct PreviewPage {
    page: Page,
    running: Option<&'static str>,
    failed: Option<String>,
    is_nothing_next: bool,
    made: Option<MadeLine>,
    search: String,
    cells: Vec<CellLine>,
    found: usize,
}

struct MadeLine {
    period: String,
    proposed: Option<(String, String)>,
    at: String,
    shown: usize,
    cells: usize,
    with_persons: (usize, usize),
}

pub(super) async fn show(
    State(office): State<Arc<Office>>,
    Query(search): Query<Search>,
    by: Admitted,
) -> Result<Response, Refusal> {
    let ready = match &*office.preview() {
        Preview::Ready(made) => Some((made.period, made.at)),
        _ => None,
    };
    if let Some((period, at)) = ready {
        office.log_hidden(&by.who, (period, Some(at))).await?;
    }
    let page = by.page("Voorbeeld van de volgende vrijgave", "Preview of the next release");
    let language = page.language();
    let preview = office.preview();
    let (mut running, mut failed, mut made, mut lines) = (None, None, None, Vec::new());
    match &*preview {
        Preview::None | Preview::NothingNext => {}
        Preview::Running(stage) => running = Some(words(*stage, language)),
        Preview::Failed(why) => failed = Some(why.clone()),
        // One that has come since is not in the log yet.
        Preview::Ready(made) if Some((made.period, made.at)) != ready => {
            running = Some(words(Stage::Protecting, language))
        }
        Preview::Ready(ready) => {
            let (shown, cells) = ready.release.shown();
            made = Some(MadeLine {
                period: ready.period.to_string(),
                proposed: ready.proposed.clone(),
                at: moment(ready.at),
                shown,
                cells,
                with_persons: ready.release.shown_with_persons(),
            });
            lines = hidden_lines(&ready.release, language);
        }
    }
    let is_nothing_next = matches!(*preview, Preview::NothingNext);
    drop(preview);
    let (cells, found) = cells_sought(lines, &search);
    Ok(html(&PreviewPage { page, running, failed, is_nothing_next, made, search: search.zoek, cells, found }))
}

/// What to make one with.
#[derive(Deserialize)]
pub(super) struct With {
    /// The digest of the proposed catalogue; without it the one in use.
    #[serde(default)]
    catalogus: String,
}

/// Begins one, unless one is being computed.
pub(super) async fn begin(
    State(office): State<Arc<Office>>,
    Posted(_, With { catalogus }): Posted<With>,
) -> Result<Response, Refusal> {
    let proposed = match catalogus.as_str() {
        "" => None,
        digest => {
            let found = office.proposed().await?.ok().flatten();
            let found = found.filter(|proposed| proposed.catalogue().digest().to_string() == digest);
            Some(found.ok_or(Refusal::NotFound)?)
        }
    };
    let mut preview = office.preview();
    if !matches!(*preview, Preview::Running(_)) {
        *preview = Preview::Running(Stage::Reading);
        let office = Arc::clone(&office);
        tokio::spawn(async move {
            let computing = Arc::clone(&office);
            let ended = match tokio::task::spawn_blocking(move || compute(&computing, proposed.as_ref())).await {
                Ok(Ok(Some(made))) => Preview::Ready(Box::new(made)),
                Ok(Ok(None)) => Preview::NothingNext,
                Ok(Err(error)) => Preview::Failed(error.to_string()),
                Err(_) => Preview::Failed("it broke off; the messages of the node say why".to_owned()),
            };
            office.set_preview(ended);
        });
    }
    drop(preview);
    Ok(Redirect::to(Route::Preview.path()).into_response())
}

fn compute(office: &Office, proposed: Option<&Proposed>) -> Result<Option<Made>, BuildError> {
    let node = &office.node;
    let at = node.clock.now();
    let ledger = Ledger::open(&node.config.paths.ledger)?;
    let catalogue = proposed.map_or(&node.catalogue, Proposed::catalogue);
    let build = Build { config: &node.config, catalogue, now: at, accept_loss: true };
    let Some(period) = build.next(&ledger)? else { return Ok(None) };
    let built = build.make(period, &ledger, &mut |stage| office.set_preview(Preview::Running(stage)))?;
    let proposed = proposed.map(|proposed| {
        let catalogue = proposed.catalogue();
        (catalogue.version().to_owned(), catalogue.digest().to_string())
    });
    Ok(Some(Made { proposed, period, at, release: built.release().clone() }))
}

impl Office {
    fn preview(&self) -> MutexGuard<'_, Preview> {
        self.preview.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_preview(&self, to: Preview) {
        *self.preview() = to;
    }
}

const fn words(stage: Stage, language: Language) -> &'static str {
    match stage {
        Stage::Reading => language.say("de momentopname wordt gelezen", "reading the snapshot"),
        Stage::Counting => language.say("iedere cel wordt geteld", "counting every cell"),
        Stage::Protecting | Stage::Storing => language.say(
            "zij worden beschermd, samen met alles wat eerder is vrijgegeven",
            "protecting them together with everything released before",
        ),
    }
}
