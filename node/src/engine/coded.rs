//! Rows of a snapshot as codes: the place of each member in the catalogue's domain.

use std::collections::BTreeMap;

use arrow::array::{Array as _, AsArray as _, RecordBatch, StringArray};
use arrow::datatypes::UInt32Type;
use drempel_protocols::{
    catalogue::View,
    id::{ColumnName, Period},
};

use super::Aanbieders;

const PERIODE: &str = "periode";
const PERSOON: &str = "persoon";
pub(super) const AANBIEDER: &str = "aanbieder";
const EERDERE_AANBIEDER: &str = "eerdere_aanbieder";

/// Why a snapshot cannot be counted. Names columns, never values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// The snapshot does not have a column that the catalogue has.
    #[error("the snapshot has no usable column {0}; import again with this version")]
    Column(String),
    /// A column holds a member that the catalogue does not have.
    #[error("column {0} of the snapshot holds a member that the catalogue does not have; import again")]
    Member(String),
}

/// Rows as codes.
pub struct CodedRows {
    persons: Vec<u32>,
    aanbieders: Vec<Aanbieders>,
    periods: Vec<u8>,
    columns: BTreeMap<ColumnName, Vec<u8>>,
}

impl CodedRows {
    /// The person of each row.
    #[must_use]
    pub fn persons(&self) -> &[u32] {
        &self.persons
    }

    /// The aanbieders of each row.
    #[must_use]
    pub fn aanbieders(&self) -> &[Aanbieders] {
        &self.aanbieders
    }

    /// The half-year of each row, by its place among those of the snapshot.
    #[must_use]
    pub fn periods(&self) -> &[u8] {
        &self.periods
    }

    /// The members of a dimension that follows from no other, by their places in its domain.
    #[must_use]
    pub fn column(&self, name: &ColumnName) -> &[u8] {
        self.columns.get(name).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Codes rows of a view as a snapshot holds them: `periode` and the dimensions as text, `persoon` as an unsigned number;
/// null is `onbekend`, and no `aanbieder`. Other columns that no question can name are left out.
///
/// # Errors
/// [`TableError`].
pub fn coded(view: &View, periods: &[Period], batch: &RecordBatch) -> Result<CodedRows, TableError> {
    let period_codes: BTreeMap<String, u8> = periods.iter().map(ToString::to_string).zip(0..=u8::MAX).collect();
    let persons = batch.column_by_name(PERSOON).filter(|column| column.null_count() == 0);
    let persons = persons.and_then(|column| column.as_primitive_opt::<UInt32Type>());
    let persons = persons.ok_or_else(|| TableError::Column(PERSOON.to_owned()))?.values().to_vec();
    let mut columns = BTreeMap::new();
    for (name, dimension) in view.dimensions().filter(|(_, dimension)| dimension.grouping().is_none()) {
        let members = dimension.domain().members().iter().zip(0..=u8::MAX);
        let codes = members.map(|(member, place)| (member.code.to_string(), place)).collect();
        let codes = codes_of(name.as_str(), batch, &codes, Some(dimension.domain().onbekend()))?;
        columns.insert(name.clone(), codes);
    }
    let agb_codes = |name: &str| match batch.column_by_name(name) {
        None if view.column(name).is_none() => Ok(vec![None; persons.len()]),
        None => Err(TableError::Column(name.to_owned())),
        Some(column) => {
            let column = column.as_primitive_opt::<UInt32Type>();
            Ok(column.ok_or_else(|| TableError::Column(name.to_owned()))?.iter().collect())
        }
    };
    let (last, others): (Vec<Option<u32>>, Vec<_>) = (agb_codes(AANBIEDER)?, agb_codes(EERDERE_AANBIEDER)?);
    let aanbieders = last.into_iter().zip(others);
    let aanbieders = aanbieders.map(|(last, other)| Aanbieders::new(last.unwrap_or_default(), other)).collect();
    Ok(CodedRows { persons, aanbieders, periods: codes_of(PERIODE, batch, &period_codes, None)?, columns })
}

fn codes_of(
    name: &str,
    batch: &RecordBatch,
    codes: &BTreeMap<String, u8>,
    null: Option<u8>,
) -> Result<Vec<u8>, TableError> {
    let column = batch.column_by_name(name).and_then(|column| column.as_any().downcast_ref::<StringArray>());
    let column = column.ok_or_else(|| TableError::Column(name.to_owned()))?;
    let code = |value: Option<&str>| value.map_or(null, |member| codes.get(member).copied());
    column.iter().map(|value| code(value).ok_or_else(|| TableError::Member(name.to_owned()))).collect()
}

#[cfg(test)]
mod tests {
    use std::{path::Path, sync::Arc};

    use arrow::{
        array::{ArrayRef, UInt32Array},
        datatypes::{DataType, Field, Schema},
    };
    use drempel_protocols::catalogue::{Catalogue, SignedBundle};

    use super::*;

    /// A row of jeugdhulp with only its person known, without some columns.
    fn row(view: &View, without: &[&str]) -> RecordBatch {
        let names = view.columns().iter().map(|column| column.name().as_str()).filter(|name| !without.contains(name));
        let column = |name: &str| -> (Field, ArrayRef) {
            let (field, array): (DataType, ArrayRef) = match name {
                PERSOON => (DataType::UInt32, Arc::new(UInt32Array::from(vec![1]))),
                AANBIEDER => (DataType::UInt32, Arc::new(UInt32Array::from(vec![7]))),
                EERDERE_AANBIEDER => (DataType::UInt32, Arc::new(UInt32Array::from(vec![0]))),
                PERIODE => (DataType::Utf8, Arc::new(StringArray::from(vec!["2025H2"]))),
                _ => (DataType::Utf8, Arc::new(StringArray::from(vec![None::<&str>]))),
            };
            (Field::new(name, field, true), array)
        };
        let (fields, columns): (Vec<Field>, Vec<ArrayRef>) = names.map(column).unzip();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
    }

    #[test]
    fn a_snapshot_that_does_not_say_all_aanbieders_is_refused() {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../config/catalogus"));
        let catalogue = Catalogue::from_bundle(SignedBundle::read(folder).unwrap().bundle()).unwrap();
        let view = catalogue.view("jeugdhulp").unwrap();
        let of = |without: &[&str]| {
            let coded = coded(view, &["2025H2".parse().unwrap()], &row(view, without));
            coded.map(|coded| coded.aanbieders().to_vec())
        };
        assert_eq!(of(&[]), Ok(vec![Aanbieders::new(7, Some(0))]));
        for column in [AANBIEDER, EERDERE_AANBIEDER] {
            assert_eq!(of(&[column]), Err(TableError::Column(column.to_owned())));
        }
    }
}
