//! From the answers of gemeenten to the rows of the answer. Pure. The rows are the full grid, every area asked times
//! every cell, in canonical order; ordering and limiting look at released cells only, and come last.

use std::{cmp::Ordering, collections::BTreeMap};

use drempel_protocols::{
    answer::Payload,
    catalogue::Measure,
    grid::Grid,
    id::{ColumnName, Gemeentecode, MemberCode, Period},
    question::{OrderKey, OutputContent, Presentation},
};

use crate::{
    combine::{Combined, combine},
    document::Row,
    targets::Targets,
};

/// One row before it is laid out: its place in the grid and its cells.
struct Line<'a> {
    period: Period,
    area: Option<&'a MemberCode>,
    members: Vec<&'a MemberCode>,
    /// The place of each member in its axis, for ordering.
    places: Vec<usize>,
    cells: BTreeMap<Measure, Combined>,
}

/// The rows of an answer.
#[must_use]
pub fn rows(
    presentation: &Presentation,
    grid: &Grid,
    targets: &Targets,
    answers: &BTreeMap<Gemeentecode, &Payload>,
) -> Vec<Row> {
    let measures: Vec<Measure> = presentation
        .columns
        .iter()
        .filter_map(|column| if let OutputContent::Measure(measure) = column.content { Some(measure) } else { None })
        .collect();
    let mut lines = lines(&measures, grid, targets, answers);
    if !presentation.order_by.is_empty() {
        lines.sort_by(|one, other| compare(one, other, presentation, grid));
    }
    let limit = presentation.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    lines.iter().take(limit).map(|line| line.lay_out(presentation, grid)).collect()
}

fn lines<'a>(
    measures: &[Measure],
    grid: &'a Grid,
    targets: &'a Targets,
    answers: &BTreeMap<Gemeentecode, &Payload>,
) -> Vec<Line<'a>> {
    let coordinates: Vec<(usize, Period, Vec<&MemberCode>)> =
        grid.coordinates().enumerate().map(|(position, (period, members))| (position, period, members)).collect();
    let mut lines = Vec::new();
    for period in grid.periods() {
        for (area, gemeenten) in targets.rows(*period) {
            for (position, _, members) in coordinates.iter().filter(|(_, at, _)| at == period) {
                let part = |gemeente: &Gemeentecode, measure: &Measure| {
                    answers.get(gemeente)?.get(measure)?.get(*position).copied()
                };
                let cells = measures
                    .iter()
                    .map(|measure| (*measure, combine(gemeenten.iter().map(|gemeente| part(gemeente, measure)))))
                    .collect();
                let places = grid
                    .axes()
                    .iter()
                    .zip(members)
                    .map(|(axis, member)| axis.members.iter().position(|(_, code)| code == *member).unwrap_or(0))
                    .collect();
                lines.push(Line { period: *period, area, members: members.clone(), places, cells });
            }
        }
    }
    lines
}

impl Line<'_> {
    fn lay_out(&self, presentation: &Presentation, grid: &Grid) -> Row {
        let mut row = Row::default();
        for column in &presentation.columns {
            match &column.content {
                OutputContent::Period => row.push_text(&column.name, self.period.to_string()),
                OutputContent::Area => row.push_text(&column.name, self.area.map_or("", MemberCode::as_str)),
                OutputContent::Dimension(dimension) => {
                    let member = axis(grid, dimension).and_then(|axis| self.members.get(axis));
                    row.push_text(&column.name, member.map_or("", |member| member.as_str()));
                }
                OutputContent::Measure(measure) => row.push_measure(&column.name, self.cell(*measure)),
            }
        }
        row
    }

    fn cell(&self, measure: Measure) -> Combined {
        self.cells.get(&measure).copied().unwrap_or(Combined::NoAnswer)
    }

    /// The figure to order by: a count, or the bound of a count, which is a released figure as well.
    fn number(&self, measure: Measure) -> Option<u64> {
        match self.cell(measure) {
            Combined::Value(number) | Combined::AtLeast(number) => Some(number),
            Combined::Hidden | Combined::NotHeld | Combined::NoAnswer => None,
        }
    }
}

fn axis(grid: &Grid, dimension: &ColumnName) -> Option<usize> {
    grid.axes().iter().position(|axis| axis.column == *dimension)
}

/// By the keys in turn; a row without a number comes after those with one, whichever way a key runs. Rows that are equal
/// under every key keep their canonical order, as the sort is stable.
fn compare(one: &Line<'_>, other: &Line<'_>, presentation: &Presentation, grid: &Grid) -> Ordering {
    presentation
        .order_by
        .iter()
        .map(|OrderKey { column, descending }| {
            let directed = |ordering: Ordering| if *descending { ordering.reverse() } else { ordering };
            match presentation.columns.get(*column).map(|column| &column.content) {
                Some(OutputContent::Period) => directed(one.period.cmp(&other.period)),
                Some(OutputContent::Area) => directed(one.area.cmp(&other.area)),
                Some(OutputContent::Dimension(dimension)) => axis(grid, dimension)
                    .map_or(Ordering::Equal, |axis| directed(one.places.get(axis).cmp(&other.places.get(axis)))),
                Some(OutputContent::Measure(measure)) => match (one.number(*measure), other.number(*measure)) {
                    (Some(one), Some(other)) => directed(one.cmp(&other)),
                    (Some(_), None) => Ordering::Less,
                    (None, Some(_)) => Ordering::Greater,
                    (None, None) => Ordering::Equal,
                },
                None => Ordering::Equal,
            }
        })
        .find(|ordering| ordering.is_ne())
        .unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests;
