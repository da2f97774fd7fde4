//! The log: how far it goes, by which key, whether it is whole, and who witnesses it.

use std::{path::Path, sync::Arc};

use askama::Template;
use axum::{extract::State, response::Response};
use jiff::Timestamp;

use super::{
    Act, Office,
    language::moment,
    page::{Admitted, Page, Refusal, html},
    posted::Posted,
    sign_in::Nothing,
};
use crate::{
    audit::{self, AuditError},
    config::Getuige,
};

/// What a verification found.
struct Found {
    moment: String,
    /// How far the log went, if it was whole.
    whole: Option<(u64, String)>,
    /// What is wrong with it, if it was not.
    finding: Option<String>,
}

/// A witness of the log.
struct WitnessLine {
    name: String,
    /// How many records it has cosigned, and when; none yet.
    last: Option<(u64, String)>,
    is_late: bool,
}

#[derive(Template)]
#[template(path = "officer/log_health.html")]
struct LogPage {
    page: Page,
    records: u64,
    head: String,
    key: String,
    /// Until which record answers were removed, by which record.
    removed: Option<(u64, u64)>,
    /// When the log began in the place of another, and why.
    anew: Option<(String, String)>,
    is_closed: bool,
    witnesses: Vec<WitnessLine>,
    contradicted: Option<String>,
    may_verify: bool,
    found: Option<Found>,
}

pub(super) async fn show(State(office): State<Arc<Office>>, by: Admitted) -> Result<Response, Refusal> {
    Ok(html(&page_of(&office, by, None).await?))
}

pub(super) async fn verify(
    State(office): State<Arc<Office>>,
    Posted(by, Nothing {}): Posted<Nothing>,
) -> Result<Response, Refusal> {
    let io = |path: &Path, error| AuditError::Io { path: path.to_owned(), error };
    let verified = office.read(move |folder| audit::verify(folder, |_| {}).map_err(|error| io(folder, error))).await?;
    let now: Timestamp = office.node.clock.now();
    let (whole, finding) = match verified {
        Ok(verified) => (Some((verified.head.size, verified.head.to_string())), None),
        Err(finding) => {
            tracing::error!(%finding, "the log is not whole; keep the folder as it is and tell the privacy officer");
            (None, Some(finding.to_string()))
        }
    };
    Ok(html(&page_of(&office, by, Some(Found { moment: moment(now), whole, finding })).await?))
}

async fn page_of(office: &Office, by: Admitted, found: Option<Found>) -> Result<LogPage, Refusal> {
    let page = by.page("Logboek", "Log");
    let (node, log) = (&office.node, &office.node.audit);
    let head = log.head();
    let witnessing = Arc::clone(node);
    let witnessed = move || witnessing.witness.cosigned().and_then(|all| Ok((all, witnessing.late_witnesses()?)));
    let (cosigned, late) = office.off_thread("a page cannot show who witnesses the log", witnessed).await?;
    let witness = |getuige: &Getuige| WitnessLine {
        name: getuige.naam.clone(),
        last: getuige.of(&cosigned).map(|last| (last.head.size, moment(last.time))),
        is_late: late.contains(&getuige.naam),
    };
    Ok(LogPage {
        witnesses: node.config.getuigen.iter().map(witness).collect(),
        contradicted: node.witness.contradicted(),
        records: head.size,
        head: head.to_string(),
        key: log.key().to_string(),
        removed: log.removed().map(|removed| (removed.through, removed.record)),
        anew: log.begun_anew().map(|(at, why)| (moment(at), why.as_str().to_owned())),
        is_closed: log.poisoned(),
        may_verify: page.may(Act::Verify),
        found,
        page,
    })
}
