//! From the answers of gemeenten to the rows of the answer. Pure. The rows are the full grid, every area asked times
//! every cell, in canonical order, totals after what they count; ordering and limiting look at released cells only, and come last.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
};

use drempel_protocols::{
    answer::Payload,
    catalogue::{Measure, TOTAAL},
    grid::{Coordinate, Grid},
    id::{ColumnName, Gemeentecode, MemberCode, Period},
    question::{GroupingSet, OrderKey, OutputContent, Presentation, Question},
};

use crate::{
    combine::{Combined, combine},
    document::Row,
    targets::Targets,
};

/// One row before it is laid out: its place in the grid and its cells.
struct Line<'a> {
    period: Period,
    /// None where it counts all areas.
    area: Option<&'a MemberCode>,
    /// For each axis the place of its member; none where it counts all members.
    places: &'a [Option<usize>],
    cells: BTreeMap<Measure, Combined>,
}

/// The rows of an answer.
#[must_use]
pub fn rows(
    question: &Question,
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
    let coordinates = grid.coordinates();
    let sets = question.grouping_sets();
    let mut lines = lines(&measures, sets, grid, &coordinates, targets, answers);
    if !presentation.order_by.is_empty() {
        lines.sort_by(|one, other| compare(one, other, presentation, grid));
    }
    let limit = presentation.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    lines.iter().take(limit).map(|line| line.lay_out(presentation, grid)).collect()
}

fn lines<'a>(
    measures: &[Measure],
    sets: &BTreeSet<GroupingSet>,
    grid: &Grid,
    coordinates: &'a [Coordinate],
    targets: &'a Targets,
    answers: &BTreeMap<Gemeentecode, &Payload>,
) -> Vec<Line<'a>> {
    let of_set = |set: &GroupingSet, cell: &Coordinate| {
        let mut axes = grid.axes().iter().zip(&cell.places);
        axes.all(|(axis, place)| place.is_some() == set.columns().contains(&axis.column))
    };
    let has = |area: bool, cell: &Coordinate| sets.iter().any(|set| set.by_area() == area && of_set(set, cell));
    // For each cell whether every area has a row of it, and whether all of them together have.
    let rows_of: Vec<[bool; 2]> = coordinates.iter().map(|cell| [true, false].map(|area| has(area, cell))).collect();
    let mut lines = Vec::new();
    for period in grid.periods() {
        for (area, gemeenten) in targets.rows(*period) {
            let cells = coordinates.iter().zip(&rows_of).enumerate().filter(|(_, (cell, _))| cell.period == *period);
            for (position, (cell, [by_area, in_total])) in cells {
                if !(if area.is_some() { *by_area } else { *in_total }) {
                    continue;
                }
                let part = |gemeente: &Gemeentecode, measure: &Measure| {
                    answers.get(gemeente)?.get(measure)?.get(position).copied()
                };
                let cells = measures
                    .iter()
                    .map(|measure| (*measure, combine(gemeenten.iter().map(|gemeente| part(gemeente, measure)))))
                    .collect();
                lines.push(Line { period: *period, area, places: &cell.places, cells });
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
                OutputContent::Area => row.push_text(&column.name, self.area.map_or(TOTAAL, MemberCode::as_str)),
                OutputContent::Dimension(dimension) => {
                    row.push_text(&column.name, self.member(grid, dimension).map_or(TOTAAL, MemberCode::as_str));
                }
                OutputContent::Measure(measure) => row.push_measure(&column.name, self.cell(*measure)),
            }
        }
        row
    }

    fn member<'g>(&self, grid: &'g Grid, dimension: &ColumnName) -> Option<&'g MemberCode> {
        let axis = axis(grid, dimension)?;
        grid.axes().get(axis)?.members.get((*self.places.get(axis)?)?)
    }

    /// For ordering: a total comes after what it counts.
    fn place(&self, grid: &Grid, dimension: &ColumnName) -> usize {
        axis(grid, dimension).and_then(|axis| *self.places.get(axis)?).unwrap_or(usize::MAX)
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
                Some(OutputContent::Area) => {
                    directed((one.area.is_none(), one.area).cmp(&(other.area.is_none(), other.area)))
                }
                Some(OutputContent::Dimension(dimension)) => {
                    directed(one.place(grid, dimension).cmp(&other.place(grid, dimension)))
                }
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
