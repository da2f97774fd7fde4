//! The two tables of a snapshot as Arrow. Every text is a member of a closed list; an unknown member is null.

use std::sync::{Arc, LazyLock};

use arrow::{
    array::{ArrayRef, Date32Array, RecordBatch, StringArray, UInt32Array},
    datatypes::{DataType, Field, Schema, SchemaRef},
    error::ArrowError,
};
use jiff::{Unit, civil::Date};

use super::{
    super::{
        codes::{Categorie, Hulpvorm, RedenBeeindiging},
        view::{Leeftijdsgroep, Row},
    },
    TrajectRow,
};

/// Rows in one batch, so that a table of a million rows is not twice in memory.
pub(super) const BATCH: usize = 1 << 16;

/// Columns of `trajecten.parquet`.
pub(super) static TRAJECTEN_SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    Arc::new(Schema::new(vec![
        Field::new("traject_id", DataType::Utf8, false),
        Field::new("persoon", DataType::UInt32, false),
        Field::new("categorie", DataType::Utf8, true),
        Field::new("hulpvorm", DataType::Utf8, true),
        Field::new("geslacht", DataType::Utf8, true),
        Field::new("aanvang", DataType::Date32, false),
        Field::new("einde", DataType::Date32, true),
        Field::new("reden", DataType::Utf8, true),
    ]))
});

/// Columns of `jeugdhulp.parquet`.
pub(super) static JEUGDHULP_SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    let members =
        ["begin", "einde", "categorie", "hulpvorm", "leeftijdsgroep", "geslacht", "duurklasse", "stroom"].into_iter();
    let keys = [Field::new("periode", DataType::Utf8, false), Field::new("persoon", DataType::UInt32, false)];
    let members = members.map(|name| Field::new(name, DataType::Utf8, true));
    Arc::new(Schema::new(keys.into_iter().chain(members).collect::<Vec<_>>()))
});

/// Rows of `trajecten.parquet`.
pub(super) fn trajecten(rows: &[TrajectRow]) -> Result<RecordBatch, ArrowError> {
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(rows.iter().map(|row| row.traject_id.to_string()))),
        Arc::new(UInt32Array::from_iter_values(rows.iter().map(|row| row.persoon))),
        members(rows, |row| row.categorie.map(Categorie::code)),
        members(rows, |row| row.hulpvorm.map(Hulpvorm::code)),
        members(rows, |row| row.geslacht.member()),
        Arc::new(Date32Array::from_iter_values(rows.iter().map(|row| days(row.aanvang)))),
        Arc::new(Date32Array::from_iter(rows.iter().map(|row| row.einde.map(|einde| days(einde.datum))))),
        members(rows, |row| row.einde.map(|einde| RedenBeeindiging::code(einde.reden))),
    ];
    RecordBatch::try_new(TRAJECTEN_SCHEMA.clone(), columns)
}

/// Rows of `jeugdhulp.parquet`.
pub(super) fn jeugdhulp(rows: &[Row]) -> Result<RecordBatch, ArrowError> {
    // Rows come sorted by period: its text is made once for each run of rows.
    let mut last = rows.first().map(|row| (row.periode, row.periode.to_string()));
    let periods = rows.iter().map(|row| match &last {
        Some((period, text)) if *period == row.periode => text.clone(),
        _ => {
            let text = row.periode.to_string();
            last = Some((row.periode, text.clone()));
            text
        }
    });
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(periods)),
        Arc::new(UInt32Array::from_iter_values(rows.iter().map(|row| row.persoon))),
        members(rows, |row| Some(row.begin.code())),
        members(rows, |row| Some(row.einde.code())),
        members(rows, |row| row.categorie.map(Categorie::code)),
        members(rows, |row| row.hulpvorm.map(Hulpvorm::code)),
        members(rows, |row| row.leeftijdsgroep.map(Leeftijdsgroep::code)),
        members(rows, |row| row.geslacht.member()),
        members(rows, |row| Some(row.duurklasse.code())),
        members(rows, |row| Some(row.stroom.code())),
    ];
    RecordBatch::try_new(JEUGDHULP_SCHEMA.clone(), columns)
}

fn members<R>(rows: &[R], member: impl Fn(&R) -> Option<&'static str>) -> ArrayRef {
    Arc::new(StringArray::from_iter(rows.iter().map(member)))
}

/// Days since 1970-01-01, as Date32 counts them.
fn days(day: Date) -> i32 {
    const EPOCH: Date = jiff::civil::date(1970, 1, 1);
    EPOCH.until((Unit::Day, day)).map_or(0, |span| span.get_days())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn days_count_from_the_epoch() {
        assert_eq!(days(date(1970, 1, 1)), 0);
        assert_eq!(days(date(1969, 12, 31)), -1);
        assert_eq!(days(date(2024, 1, 1)), 19_723);
    }
}
