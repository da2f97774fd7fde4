//! Released cells as a table in memory: for each half-year and cell the node of every dimension, the counts that are
//! shown, and whether it is hidden. The value of a hidden cell is not in it. What a question asks is looked up here, and
//! nothing else is within reach of a question.

#![expect(clippy::disallowed_types, reason = "one of the modules that name DataFusion")]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use datafusion::{
    arrow::{
        array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, UInt8Array, UInt16Array},
        datatypes::{DataType, Field, Schema},
    },
    catalog::TableProvider,
    datasource::MemTable,
};
use drempel_protocols::{
    catalogue::{Catalogue, Measure},
    cell::Cell,
    id::{ColumnName, MemberCode, Period, ViewName},
    lattice::Place,
    release::Release,
};

use super::EngineError;

/// The column of the half-year.
pub(super) const PERIODE: &str = "periode";
/// The column of distinct persons, null where they are not shown.
pub(super) const PERSONEN: &str = "personen";
/// The column of rows, null where they are not shown.
pub(super) const RIJEN: &str = "rijen";
/// The column that says whether a cell is hidden.
pub(super) const VERBORGEN: &str = "verborgen";
/// The node of a dimension that counts all of its members.
const TOTAAL: u16 = 0;

/// A dimension that a cell can be limited in, with the sets of members that cells of a release have.
#[derive(Debug)]
pub(super) struct Axis {
    pub(super) column: ColumnName,
    nodes: BTreeMap<BTreeSet<MemberCode>, u16>,
}

/// The released cells of one view, of every half-year that is answered.
#[derive(Debug)]
pub struct ReleasedTable {
    provider: Arc<dyn TableProvider>,
    periods: Vec<Period>,
    axes: Vec<Axis>,
    cells: usize,
}

impl ReleasedTable {
    /// Of releases, for each view that one of their cells counts.
    ///
    /// # Errors
    /// [`EngineError::Failed`] if DataFusion does not take them.
    pub fn of<'r>(
        releases: impl Iterator<Item = &'r Release> + Clone,
    ) -> Result<BTreeMap<ViewName, Self>, EngineError> {
        let published: Vec<_> = releases.clone().map(Release::published).collect();
        let periods: Vec<Period> = releases.map(Release::period).collect();
        let views: BTreeSet<&ViewName> =
            published.iter().flat_map(|cells| cells.keys().map(|place| place.view())).collect();
        let mut tables = BTreeMap::new();
        for view in views {
            let mut making = Making::default();
            for (code, cells) in (0u8..).zip(&published) {
                for (place, measures) in cells.iter().filter(|(place, _)| place.view() == view) {
                    making.cell(code, place, measures)?;
                }
            }
            tables.insert(view.clone(), making.finish(periods.clone())?);
        }
        Ok(tables)
    }

    /// How many cells there are.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.cells
    }

    /// Whether there is a release of a half-year.
    #[must_use]
    pub fn holds(&self, period: Period) -> bool {
        self.periods.contains(&period)
    }

    pub(super) fn provider(&self) -> &Arc<dyn TableProvider> {
        &self.provider
    }

    pub(super) fn axes(&self) -> &[Axis] {
        &self.axes
    }

    pub(super) fn period_code(&self, period: Period) -> Option<u8> {
        self.periods.iter().position(|held| *held == period).and_then(|place| u8::try_from(place).ok())
    }

    /// The node of each dimension of a cell; none for a cell that no release has.
    pub(super) fn nodes(&self, place: &Place) -> Option<Vec<u16>> {
        let known = |column: &ColumnName| self.axes.iter().any(|axis| axis.column == *column);
        if !place.within().keys().all(known) {
            return None;
        }
        let node = |axis: &Axis| match place.within().get(&axis.column) {
            None => Some(TOTAAL),
            Some(members) => axis.nodes.get(members).copied(),
        };
        self.axes.iter().map(node).collect()
    }
}

/// The view whose cells answer questions about another: itself, or that of which it is a part.
#[must_use]
pub(super) fn base(catalogue: &Catalogue, view: &ViewName) -> Option<ViewName> {
    Place::of(catalogue, view, []).flatten().map(|place| place.view().clone())
}

#[derive(Default)]
struct Making {
    axes: Vec<Axis>,
    rows: Vec<Row>,
}

struct Row {
    period: u8,
    nodes: Vec<u16>,
    persons: Option<i64>,
    rows: Option<i64>,
    hidden: bool,
}

impl Making {
    fn cell(&mut self, period: u8, place: &Place, measures: &BTreeMap<Measure, Cell>) -> Result<(), EngineError> {
        for (column, members) in place.within() {
            let axis = match self.axes.iter_mut().find(|axis| axis.column == *column) {
                Some(axis) => axis,
                None => {
                    self.axes.push(Axis { column: column.clone(), nodes: BTreeMap::new() });
                    self.axes.last_mut().ok_or(EngineError::Failed)?
                }
            };
            let next = u16::try_from(axis.nodes.len() + 1).map_err(|_| EngineError::Failed)?;
            axis.nodes.entry(members.clone()).or_insert(next);
        }
        let node = |axis: &Axis| place.within().get(&axis.column).and_then(|node| axis.nodes.get(node)).copied();
        let nodes = self.axes.iter().map(|axis| node(axis).unwrap_or(TOTAAL)).collect();
        let count = |measure: Measure| match measures.get(&measure) {
            Some(Cell::Value(count)) => i64::try_from(*count).ok(),
            _ => None,
        };
        let hidden = measures.values().any(|cell| *cell == Cell::Hidden);
        let (persons, rows) = (count(Measure::Personen), count(Measure::Aantal));
        self.rows.push(Row { period, nodes, persons, rows, hidden });
        Ok(())
    }

    fn finish(self, periods: Vec<Period>) -> Result<ReleasedTable, EngineError> {
        let mut fields = vec![Field::new(PERIODE, DataType::UInt8, false)];
        fields.extend(self.axes.iter().map(|axis| Field::new(axis.column.as_str(), DataType::UInt16, false)));
        fields.push(Field::new(PERSONEN, DataType::Int64, true));
        fields.push(Field::new(RIJEN, DataType::Int64, true));
        fields.push(Field::new(VERBORGEN, DataType::Boolean, false));
        let rows = &self.rows;
        let mut columns: Vec<ArrayRef> =
            vec![Arc::new(UInt8Array::from_iter_values(rows.iter().map(|row| row.period)))];
        for place in 0..self.axes.len() {
            // A dimension that was met later was not limited in the cells before.
            let nodes = rows.iter().map(|row| row.nodes.get(place).copied().unwrap_or(TOTAAL));
            columns.push(Arc::new(UInt16Array::from_iter_values(nodes)));
        }
        columns.push(Arc::new(Int64Array::from_iter(rows.iter().map(|row| row.persons))));
        columns.push(Arc::new(Int64Array::from_iter(rows.iter().map(|row| row.rows))));
        columns.push(Arc::new(BooleanArray::from_iter(rows.iter().map(|row| Some(row.hidden)))));
        let schema = Arc::new(Schema::new(fields));
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns).map_err(|_| EngineError::Failed)?;
        let cells = batch.num_rows();
        let provider = MemTable::try_new(schema, vec![vec![batch]]).map_err(|_| EngineError::Failed)?;
        Ok(ReleasedTable { provider: Arc::new(provider), periods, axes: self.axes, cells })
    }
}
