//! The one text of a question. It follows from the question alone, not from the catalogue, so that an old question
//! keeps its digest: columns in the order period, area, dimensions; filters by name; members by code.

use super::constructs;
use crate::{
    catalogue::AreaLevel,
    id::{ColumnName, MemberCode, Period},
    question::Question,
};

/// The canonical text.
pub(super) fn text(question: &Question) -> String {
    let groups = groups(question);
    let counts = question.measures().iter().map(|measure| format!("{} AS {}", measure.sql(), measure.default_name()));
    let columns: Vec<String> = groups.iter().cloned().chain(counts).collect();
    let mut text = format!("SELECT {} FROM {}", columns.join(", "), name(question.view().as_str()));
    let conditions = conditions(question);
    if !conditions.is_empty() {
        text.push_str(" WHERE ");
        text.push_str(&conditions.join(" AND "));
    }
    if !groups.is_empty() {
        text.push_str(" GROUP BY ");
        text.push_str(&grouping(question, &groups));
    }
    text
}

fn groups(question: &Question) -> Vec<String> {
    set(question, |_| true, question.by_area().is_some())
}

/// The columns, or where there is more than the set of all, every set: the larger first.
fn grouping(question: &Question, groups: &[String]) -> String {
    let sets = question.grouping_sets().iter();
    let mut sets: Vec<Vec<String>> =
        sets.map(|of| set(question, |column| of.columns().contains(column), of.by_area())).collect();
    sets.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
    if sets.len() == 1 {
        return groups.join(", ");
    }
    let sets: Vec<String> = sets.iter().map(|set| format!("({})", set.join(", "))).collect();
    format!("GROUPING SETS ({})", sets.join(", "))
}

fn set(question: &Question, has: impl Fn(&ColumnName) -> bool, by_area: bool) -> Vec<String> {
    let period = question.by_period().then(|| "periode".to_owned());
    let area = question.by_area().filter(|_| by_area).map(|level| area(level).to_owned());
    let dimensions = question.group_by().iter().filter(|column| has(column)).map(|column| name(column.as_str()));
    period.into_iter().chain(area).chain(dimensions).collect()
}

fn conditions(question: &Question) -> Vec<String> {
    let periods = condition("periode", question.periods().iter().map(Period::to_string));
    let areas = question.area_filters().iter().map(|(level, members)| condition(area(*level), codes(members)));
    let dimensions =
        question.filters().iter().map(|(column, members)| condition(&name(column.as_str()), codes(members)));
    std::iter::once(periods).chain(areas).chain(dimensions).collect()
}

fn codes<'q>(members: impl IntoIterator<Item = &'q MemberCode>) -> impl Iterator<Item = String> {
    members.into_iter().map(MemberCode::to_string)
}

fn condition(column: &str, members: impl Iterator<Item = String>) -> String {
    let members: Vec<String> = members.map(|member| format!("'{}'", member.replace('\'', "''"))).collect();
    match members.as_slice() {
        [member] => format!("{column} = {member}"),
        _ => format!("{column} IN ({})", members.join(", ")),
    }
}

/// The column of a level of area; the catalogue gives it no other name.
fn area(level: AreaLevel) -> &'static str {
    match level {
        AreaLevel::Gemeente => "gemeente",
        AreaLevel::Jeugdregio => "jeugdregio",
        AreaLevel::Provincie => "provincie",
    }
}

/// A name, in quotes where it would otherwise read as a word of SQL.
fn name(name: &str) -> String {
    if constructs::is_plain(name) { name.to_owned() } else { format!("\"{name}\"") }
}
