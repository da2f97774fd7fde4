//! From a text in the small SQL dialect to a [`Question`] and its [`Presentation`], or to every refusal at once.
//!
//! SQL is a notation here, not a program: what is read is a closed type, and what that type cannot say is refused
//! with its place, the reason and what to write instead. Nothing of the text reaches an engine. The dialect is
//!
//! ```text
//! SELECT <column or count> [AS name], …
//! FROM <view>
//! WHERE <column> = 'member' AND <grouped column> IN ('member', …) AND …
//! GROUP BY <column or ROLLUP (…), CUBE (…) or GROUPING SETS (…)>, …
//! ORDER BY <name or place in SELECT> [ASC | DESC], …
//! LIMIT <1 to 10000>
//! ```
//!
//! with the counts `COUNT(DISTINCT persoon)` and `COUNT(*)`. Every column grouped by is shown once. The half-year is
//! fixed by `periode = '2025H2'` or grouped by, in every set. Names without quotes are folded to lower case. A row of a
//! set has the member [`TOTAAL`](crate::catalogue::TOTAAL) in the columns that the set lacks.
//!
//! [`render`] gives the one text of a question: `read(render(q))` is `q`, and equal questions have equal texts, so the
//! [`digest`] of that text names the question to node and coordinator alike.

mod canonical;
mod constructs;
mod count;
mod draft;
mod filters;
mod findings;
mod grouping;
mod names;
mod nearest;
mod output;
mod parse;
mod predicate;
mod shape;
mod text;
mod within;

use std::collections::BTreeSet;

use self::{draft::Draft, findings::Findings, grouping::Groups};
use crate::{
    catalogue::{Catalogue, Measure, View},
    id::{Digest, PurposeId},
    question::{Presentation, Question},
    refusal::{Refusal, RefusalCode},
};

/// Reads a text as a question for a purpose.
///
/// # Errors
/// Every [`Refusal`] at once, in the order of the text, and at most 32: a text with more faults is no question yet.
pub fn read(text: &str, catalogue: &Catalogue, purpose: &PurposeId) -> Result<(Question, Presentation), Vec<Refusal>> {
    let mut findings = Findings::default();
    let read = meaning(text, catalogue, purpose, &mut findings);
    if let Some((view, (question, _))) = &read {
        within::check(question, view, catalogue, purpose, &mut findings);
    }
    match read {
        Some((_, read)) if findings.is_empty() => Ok(read),
        _ => Err(findings.into_refusals()),
    }
}

/// Reads a text as a question that no registered table holds for a purpose; none if one holds it.
///
/// # Errors
/// Every [`Refusal`] at once, but for those that say that no table holds it.
pub fn outside(text: &str, catalogue: &Catalogue, purpose: &PurposeId) -> Result<Option<Question>, Vec<Refusal>> {
    let mut findings = Findings::default();
    let read = meaning(text, catalogue, purpose, &mut findings);
    let Some((view, (question, _))) = read.filter(|_| findings.is_empty()) else {
        return Err(findings.into_refusals());
    };
    if within::holds_any(&question, view, catalogue, purpose) {
        return Ok(None);
    }
    Ok(Some(question))
}

/// The canonical text of a question.
#[must_use]
pub fn render(question: &Question) -> String {
    canonical::text(question)
}

/// The digest of the canonical text.
#[must_use]
pub fn digest(question: &Question) -> Digest {
    Digest::of("drempel question v1", &[render(question).as_bytes()])
}

/// What the text says, whatever the catalogue holds.
fn draft(text: &str, findings: &mut Findings) -> Option<Draft> {
    let tokens = text::tokens(text, findings)?;
    if !constructs::scan(&tokens, findings) {
        return None;
    }
    let query = parse::query(text, tokens.clone(), findings)?;
    Some(shape::draft(&query, &tokens, findings))
}

/// The question that a text is, whether or not a table holds it, and its view; the findings say what is wrong with it.
fn meaning<'c>(
    text: &str,
    catalogue: &'c Catalogue,
    purpose: &PurposeId,
    findings: &mut Findings,
) -> Option<(&'c View, (Question, Presentation))> {
    if catalogue.purpose(purpose).is_none() {
        findings.add(
            RefusalCode::Purpose,
            None,
            format!("There is no purpose {purpose}."),
            format!("Ask for one of {}.", nearest::listed(catalogue.purposes().map(|purpose| purpose.id.as_str()))),
        );
    }
    let draft = draft(text, findings)?;
    let read = question(&draft, catalogue, findings)?;
    Some((catalogue.view(read.0.view().as_str())?, read))
}

/// What it means by the catalogue; `None` if it means nothing, which the findings then say.
fn question(draft: &Draft, catalogue: &Catalogue, findings: &mut Findings) -> Option<(Question, Presentation)> {
    let view = names::view(draft, catalogue, findings)?;
    let groups = Groups::of(draft, view, catalogue, findings);
    let filters = filters::read(draft, &groups, view, catalogue, findings);
    groups.check_filters(&filters, findings);
    let presentation = output::read(draft, &groups, view, catalogue, findings);
    let measures: BTreeSet<Measure> = draft.items.iter().filter_map(|item| item.content.measure()).collect();
    if !findings.is_empty() {
        return None;
    }
    let question = Question {
        view: view.name().clone(),
        periods: filters.periods,
        by_period: groups.period,
        by_area: groups.area,
        area_filters: filters.areas,
        grouping_sets: groups.sets.clone(),
        group_by: view.dimensions().map(|(name, _)| name).filter(|name| groups.has(name)).cloned().collect(),
        filters: filters.dimensions,
        measures,
    };
    text::check_canonical(&render(&question), findings);
    Some((question, presentation))
}

#[cfg(test)]
mod tests;
