//! A question: the closed type that every SQL text becomes or is refused (architecture section 4). What cannot be
//! said in it cannot be asked.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    catalogue::{AreaLevel, Measure},
    id::{ColumnName, MemberCode, Period, ViewName},
};

/// Counts of one view by some dimensions, for some half-years, of some members. Its fields are sets and sorted maps,
/// so two texts that ask the same are the same question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub(crate) view: ViewName,
    pub(crate) periods: BTreeSet<Period>,
    pub(crate) by_period: bool,
    pub(crate) by_area: Option<AreaLevel>,
    pub(crate) area_filters: BTreeMap<AreaLevel, BTreeSet<MemberCode>>,
    pub(crate) group_by: Vec<ColumnName>,
    pub(crate) grouping_sets: BTreeSet<GroupingSet>,
    pub(crate) filters: BTreeMap<ColumnName, BTreeSet<MemberCode>>,
    pub(crate) measures: BTreeSet<Measure>,
}

impl Question {
    /// The view whose rows are counted.
    #[must_use]
    pub fn view(&self) -> &ViewName {
        &self.view
    }

    /// The half-years asked about: at least one, and exactly one unless grouped by period.
    #[must_use]
    pub fn periods(&self) -> &BTreeSet<Period> {
        &self.periods
    }

    /// Whether the answer has a row for each half-year.
    #[must_use]
    pub fn by_period(&self) -> bool {
        self.by_period
    }

    /// The level of area the answer has a row for; `None` sums over all gemeenten asked.
    #[must_use]
    pub fn by_area(&self) -> Option<AreaLevel> {
        self.by_area
    }

    /// The areas the question is limited to, by level; a gemeente is asked if it lies in one of each level named.
    #[must_use]
    pub fn area_filters(&self) -> &BTreeMap<AreaLevel, BTreeSet<MemberCode>> {
        &self.area_filters
    }

    /// The dimensions grouped by, in the view's order.
    #[must_use]
    pub fn group_by(&self) -> &[ColumnName] {
        &self.group_by
    }

    /// The sets of columns that rows are of: at least one, and together all that is grouped by. Without `ROLLUP`, `CUBE`
    /// or `GROUPING SETS` the one set of all.
    #[must_use]
    pub fn grouping_sets(&self) -> &BTreeSet<GroupingSet> {
        &self.grouping_sets
    }

    /// The members each filtered dimension is limited to: one, or several where it is also grouped by.
    #[must_use]
    pub fn filters(&self) -> &BTreeMap<ColumnName, BTreeSet<MemberCode>> {
        &self.filters
    }

    /// What is counted: at least one.
    #[must_use]
    pub fn measures(&self) -> &BTreeSet<Measure> {
        &self.measures
    }
}

/// A set of columns that rows are of; the half-year, where it is grouped by, is in every set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupingSet {
    by_area: bool,
    columns: BTreeSet<ColumnName>,
}

impl GroupingSet {
    pub(crate) fn new(by_area: bool, columns: BTreeSet<ColumnName>) -> Self {
        Self { by_area, columns }
    }

    /// With more dimensions.
    pub(crate) fn with<'c>(&self, columns: impl Iterator<Item = &'c ColumnName>) -> Self {
        Self { by_area: self.by_area, columns: self.columns.iter().cloned().chain(columns.cloned()).collect() }
    }

    /// With another dimension, or none, in the place of one.
    pub(crate) fn replacing(&self, column: &ColumnName, by: Option<&ColumnName>) -> Self {
        let mut columns = self.columns.clone();
        if columns.remove(column) {
            columns.extend(by.cloned());
        }
        Self { by_area: self.by_area, columns }
    }

    /// Whether each area has a row; otherwise there is one row for all gemeenten that are asked.
    #[must_use]
    pub fn by_area(&self) -> bool {
        self.by_area
    }

    /// The dimensions of which each member has a row; the others are totals.
    #[must_use]
    pub fn columns(&self) -> &BTreeSet<ColumnName> {
        &self.columns
    }
}

/// How an answer is laid out for the one who asked: names, order and number of rows. Decided on released cells by the
/// coordinator; a node never sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presentation {
    /// The columns to show, in order.
    pub columns: Vec<OutputColumn>,
    /// The columns to order by, first key first; none for canonical order.
    pub order_by: Vec<OrderKey>,
    /// The most rows to show.
    pub limit: Option<u32>,
}

/// A column of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputColumn {
    /// The name it is shown under: the alias, or the default name.
    pub name: String,
    /// What it holds.
    pub content: OutputContent,
}

/// What a column of the answer holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutputContent {
    /// The half-year.
    Period,
    /// The area at the level grouped by.
    Area,
    /// The member of a dimension grouped by.
    Dimension(ColumnName),
    /// A count.
    Measure(Measure),
}

/// A key to order rows by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderKey {
    /// Which of [`Presentation::columns`], from 0. Rows without a number come last either way.
    pub column: usize,
    /// From high to low.
    pub descending: bool,
}
