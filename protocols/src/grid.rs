//! The grid of a question: every cell its answer has, in canonical order. It follows from question and catalogue
//! alone, so which cells an answer has tells nothing about records.

use std::collections::BTreeSet;

use crate::{
    catalogue::{Catalogue, View},
    id::{ColumnName, MemberCode, Period},
    question::{GroupingSet, Question},
};

/// The axes of an answer of one node: the periods, then each dimension grouped by, and which of these are totals. Areas
/// are not an axis: a node answers for its own gemeente only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    periods: Vec<Period>,
    axes: Vec<Axis>,
    /// For each set of columns that rows are of, whether an axis is in it.
    sets: BTreeSet<Vec<bool>>,
}

/// A dimension of the grid with the members that are asked, in canonical order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    /// The dimension.
    pub column: ColumnName,
    /// The members asked.
    pub members: Vec<MemberCode>,
}

/// Where a cell of a grid is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coordinate {
    /// The half-year.
    pub period: Period,
    /// For each axis the place of its member among those asked; none for the total.
    pub places: Vec<Option<usize>>,
}

impl Grid {
    /// The grid of a question read with this catalogue; `None` if the question names what the catalogue lacks.
    #[must_use]
    pub fn of(question: &Question, catalogue: &Catalogue) -> Option<Self> {
        let view = catalogue.view(question.view().as_str())?;
        let axes =
            question.group_by().iter().map(|column| Axis::of(column, question, view)).collect::<Option<Vec<_>>>()?;
        let within = |set: &GroupingSet| axes.iter().map(|axis| set.columns().contains(&axis.column)).collect();
        let sets = question.grouping_sets().iter().map(within).collect();
        Some(Self { periods: question.periods().iter().copied().collect(), axes, sets })
    }

    /// The half-years, in order.
    #[must_use]
    pub fn periods(&self) -> &[Period] {
        &self.periods
    }

    /// The dimensions, in the view's order.
    #[must_use]
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// How many cells there are; `None` if more than can be counted.
    #[must_use]
    pub fn cells(&self) -> Option<usize> {
        let of_set = |set: &Vec<bool>| {
            let axes = self.axes.iter().zip(set).filter(|(_, within)| **within);
            axes.map(|(axis, _)| axis.members.len()).try_fold(self.periods.len(), usize::checked_mul)
        };
        self.sets.iter().map(of_set).try_fold(0usize, |cells, of_set| cells.checked_add(of_set?))
    }

    /// Every cell, in canonical order: periods vary slowest, the last dimension fastest, and a total comes after the
    /// members that it counts.
    #[must_use]
    pub fn coordinates(&self) -> Vec<Coordinate> {
        let mut within: Vec<Vec<Option<usize>>> = self.sets.iter().flat_map(|set| self.places(set)).collect();
        within.sort_by_cached_key(|places| places.iter().map(|place| place.unwrap_or(usize::MAX)).collect::<Vec<_>>());
        let of_period = |period: &Period| {
            let period = *period;
            within.iter().map(move |places| Coordinate { period, places: places.clone() }).collect::<Vec<_>>()
        };
        self.periods.iter().flat_map(of_period).collect()
    }

    /// The dimensions with the member that a cell has of each; a total has none.
    pub fn members<'g>(&'g self, cell: &'g Coordinate) -> impl Iterator<Item = (&'g ColumnName, &'g MemberCode)> {
        self.axes
            .iter()
            .zip(&cell.places)
            .filter_map(|(axis, place)| Some((&axis.column, axis.members.get((*place)?)?)))
    }

    fn places(&self, set: &[bool]) -> Vec<Vec<Option<usize>>> {
        self.axes.iter().zip(set).fold(vec![Vec::new()], |cells, (axis, within)| {
            let places: Vec<Option<usize>> =
                if *within { (0..axis.members.len()).map(Some).collect() } else { vec![None] };
            let longer = |cell: &Vec<Option<usize>>| {
                places.iter().map(|place| cell.iter().copied().chain([*place]).collect()).collect::<Vec<_>>()
            };
            cells.iter().flat_map(longer).collect()
        })
    }
}

impl Axis {
    fn of(column: &ColumnName, question: &Question, view: &View) -> Option<Self> {
        let domain = view.dimension(column)?.domain();
        let filter = question.filters().get(column);
        let members = domain
            .members()
            .iter()
            .filter(|member| filter.is_none_or(|wanted| wanted.contains(&member.code)))
            .map(|member| member.code.clone())
            .collect();
        Some(Self { column: column.clone(), members })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{catalogue::tests::registered, sql};

    fn grid(group_by: &str) -> Grid {
        let catalogue = Catalogue::from_bundle(registered().bundle()).unwrap();
        let text = format!(
            "SELECT periode, hoofdgroep, levensfase, COUNT(*) FROM jeugdhulp WHERE periode IN ('2025H1', '2025H2') \
             AND hoofdgroep IN ('ggz', 'ambulant') GROUP BY {group_by}"
        );
        let (question, _) = sql::read(&text, &catalogue, &"landelijke-monitor".parse().unwrap()).unwrap();
        Grid::of(&question, &catalogue).unwrap()
    }

    #[test]
    fn totals_come_after_what_they_count() {
        let grid = grid("periode, hoofdgroep, ROLLUP (levensfase)");
        let coordinates = grid.coordinates();
        let members = grid.axes()[1].members.len();
        assert_eq!(coordinates.len(), 2 * 2 * (members + 1));
        assert_eq!(grid.cells(), Some(coordinates.len()));
        let first: Vec<_> = coordinates.iter().take(members + 1).map(|cell| cell.places.clone()).collect();
        let expected = (0..members).map(Some).chain([None]).map(|place| vec![Some(0), place]);
        assert_eq!(first, expected.collect::<Vec<_>>());
        assert!(coordinates.is_sorted_by_key(|cell| cell.period));
        assert_eq!(grid.members(&coordinates[members]).count(), 1);
    }

    #[test]
    fn every_set_has_its_cells_once() {
        let sets = grid("GROUPING SETS ((periode, hoofdgroep, levensfase), (periode, hoofdgroep))");
        let rollup = grid("periode, hoofdgroep, CUBE (levensfase)");
        assert_eq!(sets, rollup);
        let coordinates = sets.coordinates();
        let different: BTreeSet<_> = coordinates.iter().map(|cell| (cell.period, cell.places.clone())).collect();
        assert_eq!(different.len(), coordinates.len());
    }
}
