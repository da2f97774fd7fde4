//! Whether a question lies within a registered table (cube) for its purpose, and if not, the nearest question that
//! does: privacy is reviewed table by table, so what lies within none was never reviewed.

use std::collections::BTreeSet;

use super::{canonical, findings::Findings, nearest::listed};
use crate::{
    catalogue::{Catalogue, Cube, Dimension, Grouping, Measure, View},
    grid::Grid,
    id::{ColumnName, PurposeId, ViewName},
    question::Question,
    refusal::RefusalCode,
};

/// Most cells of an answer of one gemeente.
const MOST_CELLS: usize = 50_000;

/// Refuses a question that lies within no table, or whose answer would be too large.
pub(super) fn check(
    question: &Question,
    view: &View,
    catalogue: &Catalogue,
    purpose: &PurposeId,
    findings: &mut Findings,
) {
    let cells = Grid::of(question, catalogue).and_then(|grid| grid.cells());
    if cells.is_none_or(|cells| cells > MOST_CELLS) {
        findings.add(
            RefusalCode::TooManyCells,
            None,
            format!("The answer would have more than {MOST_CELLS} cells for each gemeente."),
            "Group by fewer columns, or select members with IN.",
        );
    }
    if holds_any(question, view, catalogue, purpose) {
        return;
    }
    let cubes: Vec<&Cube> = catalogue.cubes().filter(|cube| cube.view() == view.name()).collect();
    let reason = format!("No table registered for {purpose} counts {}.", in_words(question));
    let elsewhere: BTreeSet<&str> = cubes
        .iter()
        .filter(|cube| holds(cube, question, view))
        .flat_map(|cube| cube.purposes().iter().map(PurposeId::as_str))
        .collect();
    let other_purpose = if elsewhere.is_empty() {
        String::new()
    } else {
        format!(" It can be asked for {}.", listed(elsewhere.iter().copied()))
    };
    let remedy = match nearest(question, view, catalogue, purpose) {
        Some((cube, accepted)) => {
            let change = change(question, &accepted, view, cube);
            format!("{change}{other_purpose} This would be accepted: {}", canonical::text(&accepted))
        }
        None if cubes.is_empty() => {
            let views =
                catalogue.views().map(View::name).filter(|name| catalogue.cubes().any(|cube| cube.view() == *name));
            format!(
                "Nothing of {} can be asked yet; the views with registered tables are: {}.",
                view.name(),
                listed(views.map(ViewName::as_str))
            )
        }
        None if elsewhere.is_empty() => {
            format!("Nothing of {} is registered for this purpose; choose another.", view.name())
        }
        None => format!("Choose another purpose.{other_purpose}"),
    };
    findings.add(RefusalCode::OutsideCubes, None, reason, remedy);
}

/// Whether a table registered for the purpose holds a question.
pub(super) fn holds_any(question: &Question, view: &View, catalogue: &Catalogue, purpose: &PurposeId) -> bool {
    catalogue.cubes().any(|cube| cube.holds(question, purpose, view))
}

fn used(question: &Question) -> BTreeSet<&ColumnName> {
    question.group_by().iter().chain(question.filters().keys()).collect()
}

fn holds(cube: &Cube, question: &Question, view: &View) -> bool {
    used(question).into_iter().all(|column| cube.has_dimension(view, column))
        && question.measures().is_subset(cube.measures())
}

fn in_words(question: &Question) -> String {
    let measures: Vec<&str> = question.measures().iter().map(|measure| measure.default_name()).collect();
    let columns = used(question);
    let over = if columns.is_empty() {
        String::new()
    } else {
        format!(" over {}", columns.into_iter().map(ColumnName::as_str).collect::<Vec<_>>().join(", "))
    };
    format!("{}{over}", measures.join(" and "))
}

/// The table that loses least of the question, and what is left of it there.
pub(super) fn nearest<'c>(
    question: &Question,
    view: &View,
    catalogue: &'c Catalogue,
    purpose: &PurposeId,
) -> Option<(&'c Cube, Question)> {
    let kept = |accepted: &Question| {
        let columns = used(question).intersection(&used(accepted)).count();
        let replaced = used(accepted).len().saturating_sub(columns);
        let measures = question.measures().intersection(accepted.measures()).count();
        (columns.saturating_add(replaced), columns, measures)
    };
    catalogue
        .cubes()
        .filter(|cube| cube.view() == view.name() && cube.purposes().contains(purpose))
        .map(|cube| (cube, lowered(question, view, cube)))
        .reduce(|best, other| if kept(&other.1) > kept(&best.1) { other } else { best })
}

/// The question with only what a table has: a dimension it lacks is replaced by one that groups it, or left out.
fn lowered(question: &Question, view: &View, cube: &Cube) -> Question {
    let mut lowered = question.clone();
    for (name, _) in view.dimensions() {
        if cube.has_dimension(view, name) || !used(question).contains(name) {
            continue;
        }
        let grouped = lowered.group_by.contains(name);
        lowered.group_by.retain(|column| column != name);
        let mut by = None;
        let mut members = lowered.filters.remove(name);
        let fits = |column: &ColumnName| cube.has_dimension(view, column) && !used(question).contains(column);
        let mut finer = name;
        // The finest grouping that the table has.
        while let Some((coarser, dimension, grouping)) = grouping_over(view, finer) {
            members = members.map(|members| members.iter().filter_map(|one| grouping.group_of(one)).cloned().collect());
            if fits(coarser) {
                if grouped {
                    lowered.group_by.push(coarser.clone());
                    by = Some(coarser);
                }
                if let Some(groups) = members.filter(|groups| groups.len() < dimension.domain().members().len()) {
                    lowered.filters.insert(coarser.clone(), groups);
                }
                break;
            }
            finer = coarser;
        }
        lowered.grouping_sets = lowered.grouping_sets.iter().map(|set| set.replacing(name, by)).collect();
    }
    // Of what has come to be limited to some members there is no total.
    let limited = lowered.group_by.iter().filter(|column| lowered.filters.contains_key(*column));
    lowered.grouping_sets = lowered.grouping_sets.iter().map(|set| set.with(limited.clone())).collect();
    lowered.group_by =
        view.dimensions().map(|(name, _)| name).filter(|name| lowered.group_by.contains(name)).cloned().collect();
    let measures: BTreeSet<Measure> = question.measures.intersection(cube.measures()).copied().collect();
    lowered.measures = if measures.is_empty() { cube.measures().clone() } else { measures };
    lowered
}

/// The dimension that groups another one.
fn grouping_over<'v>(view: &'v View, finer: &ColumnName) -> Option<(&'v ColumnName, &'v Dimension, &'v Grouping)> {
    view.dimensions().find_map(|(coarser, dimension)| {
        dimension.grouping().filter(|grouping| grouping.of() == finer).map(|grouping| (coarser, dimension, grouping))
    })
}

/// What to change, in words.
fn change(question: &Question, accepted: &Question, view: &View, cube: &Cube) -> String {
    let (before, after) = (used(question), used(accepted));
    let new: Vec<&ColumnName> = after.difference(&before).copied().collect();
    let by = |gone: &&ColumnName| new.iter().find(|new| view.root(new) == view.root(gone)).copied();
    let gone = || before.difference(&after).copied();
    let replaced: Vec<String> = gone().filter_map(|gone| Some(format!("{gone} by {}", by(&gone)?))).collect();
    let left_out = gone().filter(|gone| by(gone).is_none()).map(|gone| gone.as_str());
    let uncounted = question.measures().difference(accepted.measures()).map(|measure| measure.sql());
    let left_out: Vec<&str> = left_out.chain(uncounted).collect();
    let of = listed(cube.dimensions().iter().map(ColumnName::as_str));
    let mut words = format!("The nearest table is {} ({of}).", cube.name());
    for (what, names) in [("Replace", replaced.join(" and ")), ("Leave out", left_out.join(" and "))] {
        if !names.is_empty() {
            words += &format!(" {what} {names}.");
        }
    }
    words
}
