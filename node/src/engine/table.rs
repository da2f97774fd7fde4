//! A view in memory: one byte a dimension, by the order of the catalogue's domain, and the person's number. Loaded
//! from a snapshot and never changed; a question counts one table from beginning to end, whatever is imported
//! meanwhile.

#![expect(clippy::disallowed_types, reason = "the one module that names DataFusion")]

use std::{collections::BTreeMap, sync::Arc};

use datafusion::{
    arrow::{
        array::{Array as _, ArrayRef, RecordBatch, StringArray, UInt8Array, UInt32Array},
        datatypes::{DataType, Field, Schema, SchemaRef},
    },
    catalog::TableProvider,
    datasource::MemTable,
};
use drempel_protocols::{
    catalogue::{Dimension, View},
    id::{ColumnName, Period, ViewName},
};

/// The column of the half-year.
pub(super) const PERIODE: &str = "periode";
/// The column of the person.
pub(super) const PERSOON: &str = "persoon";
/// Plans run in as many parts, on any machine, so that the time they take varies less.
pub(super) const PARTITIONS: usize = 2;

/// Why a snapshot cannot be counted. Names columns, never values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// The snapshot does not have a column that the catalogue has.
    #[error("the snapshot has no usable column {0}; import again with this version")]
    Column(String),
    /// A column holds a member that the catalogue does not have.
    #[error("column {0} of the snapshot holds a member that the catalogue does not have; import again")]
    Member(String),
    /// DataFusion did not take the table.
    #[error("the snapshot cannot be loaded")]
    Load,
}

/// A view of one snapshot, in memory.
pub struct Table {
    view: ViewName,
    provider: Arc<dyn TableProvider>,
    periods: Vec<Period>,
    rows: usize,
}

/// A view on its way into memory, batch by batch, so that its texts are never there all at once.
pub struct TableBuilder<'v> {
    view: &'v View,
    schema: SchemaRef,
    periods: Vec<Period>,
    parts: Vec<Vec<RecordBatch>>,
    batches: usize,
    rows: usize,
}

impl<'v> TableBuilder<'v> {
    /// Of the rows of a view that hold `periods`.
    #[must_use]
    pub fn new(view: &'v View, periods: &[Period]) -> Self {
        let mut fields =
            vec![Field::new(PERIODE, DataType::UInt8, false), Field::new(PERSOON, DataType::UInt32, false)];
        fields.extend(view.dimensions().map(|(name, _)| Field::new(name.as_str(), DataType::UInt8, false)));
        Self {
            view,
            schema: Arc::new(Schema::new(fields)),
            periods: periods.to_vec(),
            parts: vec![Vec::new(); PARTITIONS],
            batches: 0,
            rows: 0,
        }
    }

    /// Adds rows. Columns are those of the view's Parquet file: `periode` and the dimensions as text, `persoon` as an
    /// unsigned number; null is `onbekend`. Groupings are made here, from the catalogue; columns that no question can
    /// name are left out.
    ///
    /// # Errors
    /// [`TableError`].
    pub fn push(&mut self, batch: &RecordBatch) -> Result<(), TableError> {
        let columns = columns(self.view, &self.periods, batch)?;
        let coded = RecordBatch::try_new(Arc::clone(&self.schema), columns).map_err(|_| TableError::Load)?;
        self.rows = self.rows.saturating_add(coded.num_rows());
        let part = self.batches.checked_rem(PARTITIONS).and_then(|part| self.parts.get_mut(part));
        part.ok_or(TableError::Load)?.push(coded);
        self.batches = self.batches.saturating_add(1);
        Ok(())
    }

    /// The view in memory.
    ///
    /// # Errors
    /// [`TableError::Load`].
    pub fn finish(self) -> Result<Table, TableError> {
        let provider = Arc::new(MemTable::try_new(self.schema, self.parts).map_err(|_| TableError::Load)?);
        Ok(Table { view: self.view.name().clone(), provider, periods: self.periods, rows: self.rows })
    }
}

impl Table {
    /// The view whose rows these are.
    #[must_use]
    pub fn view(&self) -> &ViewName {
        &self.view
    }

    /// Whether the snapshot covers a half-year. Set by the node's configuration at import, not by its records.
    #[must_use]
    pub fn holds(&self, period: Period) -> bool {
        self.periods.contains(&period)
    }

    /// How many rows there are.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn provider(&self) -> &Arc<dyn TableProvider> {
        &self.provider
    }

    pub(super) fn period(&self, code: u8) -> Option<Period> {
        self.periods.get(usize::from(code)).copied()
    }

    pub(super) fn period_code(&self, period: Period) -> Option<u8> {
        self.periods.iter().position(|held| *held == period).and_then(|place| u8::try_from(place).ok())
    }
}

fn columns(view: &View, periods: &[Period], batch: &RecordBatch) -> Result<Vec<ArrayRef>, TableError> {
    let period_codes: BTreeMap<String, u8> = periods.iter().map(ToString::to_string).zip(0..=u8::MAX).collect();
    let periode = coded(PERIODE, text(batch, PERIODE)?, &period_codes, None)?;
    let persoon = batch
        .column_by_name(PERSOON)
        .filter(|column| column.null_count() == 0)
        .and_then(|column| column.as_any().downcast_ref::<UInt32Array>())
        .ok_or_else(|| TableError::Column(PERSOON.to_owned()))?;
    let mut dimensions: BTreeMap<&ColumnName, UInt8Array> = BTreeMap::new();
    for (name, dimension) in view.dimensions() {
        let column = match dimension.grouping() {
            None => {
                let domain = dimension.domain();
                let codes = domain
                    .members()
                    .iter()
                    .filter_map(|member| Some((member.code.to_string(), domain.index_of(member.code.as_str())?)))
                    .collect();
                coded(name.as_str(), text(batch, name.as_str())?, &codes, Some(domain.onbekend()))?
            }
            Some(grouping) => {
                let finer = view.dimension(grouping.of()).ok_or_else(|| TableError::Column(name.to_string()))?;
                let column =
                    dimensions.get(grouping.of()).ok_or_else(|| TableError::Column(grouping.of().to_string()))?;
                grouped(name, column, &group_codes(dimension, finer))?
            }
        };
        dimensions.insert(name, column);
    }
    let mut columns: Vec<ArrayRef> = vec![Arc::new(periode), Arc::new(persoon.clone())];
    columns
        .extend(view.dimensions().filter_map(|(name, _)| dimensions.remove(name)).map(|column| Arc::new(column) as _));
    Ok(columns)
}

fn text<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a StringArray, TableError> {
    batch
        .column_by_name(name)
        .and_then(|column| column.as_any().downcast_ref::<StringArray>())
        .ok_or_else(|| TableError::Column(name.to_owned()))
}

fn coded(
    name: &str,
    column: &StringArray,
    codes: &BTreeMap<String, u8>,
    null: Option<u8>,
) -> Result<UInt8Array, TableError> {
    let unknown = || TableError::Member(name.to_owned());
    let codes: Vec<u8> = column
        .iter()
        .map(|value| match value {
            None => null.ok_or_else(unknown),
            Some(member) => codes.get(member).copied().ok_or_else(unknown),
        })
        .collect::<Result<_, _>>()?;
    Ok(UInt8Array::from(codes))
}

/// The group of each member of the finer domain, by their places.
fn group_codes(dimension: &Dimension, finer: &Dimension) -> Vec<Option<u8>> {
    finer
        .domain()
        .members()
        .iter()
        .map(|member| dimension.domain().index_of(dimension.grouping()?.group_of(&member.code)?.as_str()))
        .collect()
}

fn grouped(name: &ColumnName, finer: &UInt8Array, groups: &[Option<u8>]) -> Result<UInt8Array, TableError> {
    let codes: Vec<u8> = finer
        .values()
        .iter()
        .map(|code| groups.get(usize::from(*code)).copied().flatten())
        .collect::<Option<_>>()
        .ok_or_else(|| TableError::Member(name.to_string()))?;
    Ok(UInt8Array::from(codes))
}
