//! A question before and after the nodes: read and weighed without touching data, and made into an answer from what
//! came back. Pure.

use std::collections::BTreeMap;

use drempel_protocols::{
    answer::Payload,
    catalogue::Catalogue,
    grid::Grid,
    id::{Digest, Gemeentecode, PurposeId},
    question::{Presentation, Question},
    refusal::{Refusal, RefusalCode},
    sql,
};
use serde::{Deserialize, Serialize};

use super::{Job, SubmitError};
use crate::{
    auth::Analyst, coverage::Coverage, dispatch::Outcome, document::AnswerDocument, notes, registry::Registry,
    rows::rows, targets::Targets,
};

/// What an analyst sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The question, in SQL.
    pub vraag: String,
    /// What for.
    pub doel: PurposeId,
    /// Whether an answer is wanted even if not every gemeente gives one.
    #[serde(default)]
    pub gedeeltelijk: bool,
}

/// A question read and weighed, before anything is asked.
pub struct Prepared {
    /// The question.
    pub question: Question,
    /// How its answer is laid out.
    pub presentation: Presentation,
    /// Every cell of an answer of one gemeente.
    pub grid: Grid,
    /// Who would be asked.
    pub targets: Targets,
}

impl Request {
    /// By which a repeat of the same request is known.
    #[must_use]
    pub fn fingerprint(&self) -> Digest {
        let partial: &[u8] = if self.gedeeltelijk { b"1" } else { b"0" };
        Digest::of("drempel request v1", &[self.vraag.as_bytes(), self.doel.as_str().as_bytes(), partial])
    }
}

impl Prepared {
    pub(super) fn of(
        request: &Request,
        analyst: &Analyst,
        catalogue: &Catalogue,
        registry: &Registry,
    ) -> Result<Self, SubmitError> {
        if !analyst.purposes.contains(&request.doel) {
            return Err(SubmitError::Purpose(not_for(analyst, &request.doel)));
        }
        let (question, presentation) =
            sql::read(&request.vraag, catalogue, &request.doel).map_err(SubmitError::Refused)?;
        let grid = Grid::of(&question, catalogue).ok_or_else(|| SubmitError::Refused(Vec::new()))?;
        let targets = Targets::of(&question, catalogue, registry);
        if targets.asked().is_empty() {
            return Err(SubmitError::Refused(vec![nobody_to_ask()]));
        }
        Ok(Self { question, presentation, grid, targets })
    }

    /// The answer, from what became of each gemeente.
    pub(super) fn document(&self, job: &Job, outcomes: &BTreeMap<Gemeentecode, Outcome>) -> AnswerDocument {
        let payloads: BTreeMap<Gemeentecode, &Payload> = outcomes
            .iter()
            .filter_map(|(gemeente, outcome)| match outcome {
                Outcome::Answered(answer) => Some((*gemeente, &answer.0.payload)),
                _ => None,
            })
            .collect();
        let rounding: BTreeMap<Gemeentecode, u32> = outcomes
            .iter()
            .filter_map(|(gemeente, outcome)| match outcome {
                Outcome::Answered(answer) if answer.0.round_to > 1 => Some((*gemeente, answer.0.round_to)),
                _ => None,
            })
            .collect();
        AnswerDocument {
            question: job.question.clone(),
            purpose: job.purpose.clone(),
            coverage: Coverage::of(outcomes),
            columns: self.presentation.columns.iter().map(|column| column.name.clone()).collect(),
            measures: notes::measure_columns(&self.presentation),
            rows: rows(&self.question, &self.presentation, &self.grid, &self.targets, &payloads),
            notes: notes::notes(&self.question, &self.targets, &rounding),
            blind_spots: notes::blind_spots(&self.question, &self.targets),
        }
    }
}

pub(super) fn not_for(analyst: &Analyst, purpose: &PurposeId) -> Refusal {
    let own: Vec<&str> = analyst.purposes.iter().map(PurposeId::as_str).collect();
    Refusal {
        code: RefusalCode::Purpose,
        position: None,
        reason: format!("You may not ask for the purpose {purpose}."),
        remedy: format!("Ask for one of yours: {}.", own.join(", ")),
    }
}

fn nobody_to_ask() -> Refusal {
    Refusal {
        code: RefusalCode::Filter,
        position: None,
        reason: "No gemeente in the areas asked takes part.".to_owned(),
        remedy: "Ask about areas with a gemeente that does; the list of nodes names them.".to_owned(),
    }
}
