//! One question in full, with exactly the table that left.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use drempel_protocols::{
    answer::Answer,
    catalogue::{Catalogue, Purpose},
    cell::Cell,
    grid::Grid,
    id::PurposeId,
    sql,
};

use super::{
    Office,
    figures::{Line, cubes_of},
    language::{Language, moment},
    page::{Admitted, Page, Refusal, file, html},
};
use crate::audit::{Dossier, Intent, dossier};

/// The table of an answer.
pub(super) struct AnswerTable {
    pub(super) columns: Vec<String>,
    pub(super) counts: Vec<String>,
    pub(super) rows: Vec<TableRow>,
}

/// A row: what it is of, and its cells.
pub(super) struct TableRow {
    pub(super) of: Vec<String>,
    pub(super) cells: Vec<String>,
}

impl AnswerTable {
    /// Of an answer to a question; none if the catalogue is another than that which it was asked with.
    fn of(
        answer: &Answer,
        text: &str,
        purpose: &PurposeId,
        (catalogue, language): (&Catalogue, Language),
    ) -> Option<Self> {
        if answer.catalogue != catalogue.digest() {
            return None;
        }
        let (question, _) = sql::read(text, catalogue, purpose).ok()?;
        let (view, grid) = (catalogue.view(question.view().as_str())?, Grid::of(&question, catalogue)?);
        let coordinates = grid.coordinates();
        if answer.payload.values().any(|cells| cells.len() != coordinates.len()) {
            return None;
        }
        let column = |name: &str| view.column(name).map(|column| language.label(column.label()).to_owned());
        let axes = grid.axes().iter().map(|axis| column(axis.column.as_str())).collect::<Option<Vec<_>>>()?;
        let row = |(place, cell): (usize, &drempel_protocols::grid::Coordinate)| {
            let member = |(axis, at): (&drempel_protocols::grid::Axis, &Option<usize>)| {
                let Some(code) = at.and_then(|at| axis.members.get(at)) else {
                    return Some(language.say("totaal", "total").to_owned());
                };
                let domain = view.dimension(&axis.column)?.domain();
                let member = domain.member(domain.index_of(code.as_str())?)?;
                Some(language.label(&member.label).to_owned())
            };
            let members = grid.axes().iter().zip(&cell.places).map(member).collect::<Option<Vec<_>>>()?;
            let cells = answer.payload.values().filter_map(|cells| cells.get(place)).map(|cell| shown(*cell, language));
            Some(TableRow {
                of: std::iter::once(cell.period.to_string()).chain(members).collect(),
                cells: cells.collect(),
            })
        };
        Some(Self {
            columns: std::iter::once(language.say("Halfjaar", "Half-year").to_owned()).chain(axes).collect(),
            counts: answer.payload.keys().map(|measure| measure.default_name().to_owned()).collect(),
            rows: coordinates.iter().enumerate().map(row).collect::<Option<_>>()?,
        })
    }
}

fn shown(cell: Cell, language: Language) -> String {
    match cell {
        Cell::Value(count) => count.to_string(),
        Cell::Hidden => language.say("verborgen", "hidden").to_owned(),
        Cell::NotHeld => language.say("niet aanwezig", "not held").to_owned(),
    }
}

#[derive(Template)]
#[template(path = "officer/question.html")]
struct QuestionPage {
    page: Page,
    line: Line,
    question: String,
    peer: String,
    problem: Option<&'static str>,
    purpose: Option<Purpose>,
    intent: Option<Intent>,
    cubes: Vec<String>,
    ended: Option<(u64, String)>,
    answer: Option<String>,
    removed: Option<u64>,
    table: Option<AnswerTable>,
}

pub(super) async fn show(
    State(office): State<Arc<Office>>,
    Path(record): Path<String>,
    by: Admitted,
) -> Result<Response, Refusal> {
    let Dossier { asked, intent, ended, answer, removed, .. } = find(&office, &record).await?;
    let page = by.page("Vraag", "Question");
    let (language, catalogue) = (page.language(), &office.node.catalogue);
    let left = answer.as_deref().and_then(|text| serde_json::from_str::<Answer>(text).ok());
    let table = left
        .zip(asked.sql.as_deref().zip(asked.purpose.as_ref()))
        .and_then(|(answer, (text, purpose))| AnswerTable::of(&answer, text, purpose, (catalogue, language)));
    let peer = office.node.config.peers.iter().find(|peer| peer.oin == asked.peer);
    Ok(html(&QuestionPage {
        line: Line::of(&asked, language),
        question: asked.question.map(|id| id.to_string()).unwrap_or_default(),
        peer: peer.map_or_else(|| asked.peer.to_string(), |peer| format!("{} ({})", peer.naam, peer.oin)),
        problem: asked.problem.map(drempel_protocols::problem::ProblemType::title),
        purpose: asked.purpose.as_ref().and_then(|id| catalogue.purpose(id)).cloned(),
        cubes: cubes_of(&asked, catalogue).iter().map(ToString::to_string).collect(),
        ended: ended.map(|(record, at)| (record, moment(at))),
        intent,
        answer,
        removed,
        table,
        page,
    }))
}

/// The records of a question with the proof that they are in the log, for who is to check that elsewhere.
pub(super) async fn proof(
    State(office): State<Arc<Office>>,
    Path(record): Path<String>,
    _by: Admitted,
) -> Result<Response, Refusal> {
    let found = find(&office, &record).await?;
    let text = serde_json::to_string(&found.bundle).map_err(|_| Refusal::Failed)?;
    Ok(file("application/json", &format!("drempel-vraag-{}.json", found.asked.record), text))
}

async fn find(office: &Arc<Office>, record: &str) -> Result<Dossier, Refusal> {
    let record: u64 = record.parse().map_err(|_| Refusal::NotFound)?;
    let names = office.names().await?;
    office.read(move |folder| dossier(folder, record, &names)).await?.ok_or(Refusal::NotFound)
}
