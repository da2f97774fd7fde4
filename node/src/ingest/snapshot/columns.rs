//! The tables of a snapshot as Arrow. Every text is a member of a closed list; an unknown member is null.

use std::sync::{Arc, LazyLock};

use arrow::{
    array::{ArrayRef, Date32Array, FixedSizeBinaryBuilder, Int64Array, RecordBatch, StringArray, UInt32Array},
    datatypes::{DataType, Field, Schema, SchemaRef},
    error::ArrowError,
};
use jiff::{Unit, civil::Date};

use super::{
    super::{
        codes::{Categorie, Hulpvorm, RedenBeeindiging},
        view::{Rij, ViewSchema},
    },
    PersoonRow, TrajectRow,
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

/// Rows of `trajecten.parquet`.
pub(super) fn trajecten(rows: &[TrajectRow]) -> Result<RecordBatch, ArrowError> {
    let members = |member: fn(&TrajectRow) -> Option<&'static str>| -> ArrayRef {
        Arc::new(StringArray::from_iter(rows.iter().map(member)))
    };
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(rows.iter().map(|row| row.traject_id.to_string()))),
        Arc::new(UInt32Array::from_iter_values(rows.iter().map(|row| row.persoon))),
        members(|row| row.zorg.categorie.map(Categorie::code)),
        members(|row| row.zorg.hulpvorm.map(Hulpvorm::code)),
        members(|row| row.geslacht.member()),
        Arc::new(Date32Array::from_iter_values(rows.iter().map(|row| days(row.aanvang)))),
        Arc::new(Date32Array::from_iter(rows.iter().map(|row| row.einde.map(|einde| days(einde.datum))))),
        members(|row| row.einde.and_then(|einde| einde.reden).map(RedenBeeindiging::code)),
    ];
    RecordBatch::try_new(TRAJECTEN_SCHEMA.clone(), columns)
}

/// Columns of `personen.parquet`.
pub(super) static PERSONEN_SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
    Arc::new(Schema::new(vec![
        Field::new("persoon", DataType::UInt32, false),
        Field::new("sleutel", DataType::FixedSizeBinary(16), false),
    ]))
});

/// Rows of `personen.parquet`.
pub(super) fn personen(rows: &[PersoonRow]) -> Result<RecordBatch, ArrowError> {
    let mut sleutels = FixedSizeBinaryBuilder::new(16);
    for (_, sleutel) in rows {
        sleutels.append_value(sleutel.as_bytes())?;
    }
    let nummers = UInt32Array::from_iter_values(rows.iter().map(|(nummer, _)| *nummer));
    let columns: Vec<ArrayRef> = vec![Arc::new(nummers), Arc::new(sleutels.finish())];
    RecordBatch::try_new(PERSONEN_SCHEMA.clone(), columns)
}

impl ViewSchema {
    /// The file of the view in a snapshot.
    #[must_use]
    pub fn file(&self) -> String {
        format!("{}.parquet", self.naam)
    }

    /// Its columns in Arrow: `persoon` a number, members as text, aanbieders numbers, `bedrag` in eurocents.
    #[must_use]
    pub fn arrow(&self) -> SchemaRef {
        let fields = self.kolommen().map(|name| match name {
            "persoon" => Field::new(name, DataType::UInt32, false),
            "periode" => Field::new(name, DataType::Utf8, false),
            "aanbieder" | "eerdere_aanbieder" => Field::new(name, DataType::UInt32, true),
            "bedrag" => Field::new(name, DataType::Int64, false),
            _ => Field::new(name, DataType::Utf8, true),
        });
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }

    /// Rows as columns.
    pub(super) fn columns(&self, rows: &[Rij]) -> Result<RecordBatch, ArrowError> {
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(UInt32Array::from_iter_values(rows.iter().map(|row| row.persoon))),
            Arc::new(StringArray::from_iter_values(rows.iter().map(|row| row.periode.to_string()))),
        ];
        for column in 0..self.leden.len() {
            columns.push(Arc::new(StringArray::from_iter(rows.iter().map(|row| self.lid(column, row)))));
        }
        if self.aanbieder {
            let known = |row: &Rij| Some(row.aanbieder).filter(|aanbieder| *aanbieder != 0);
            columns.push(Arc::new(UInt32Array::from_iter(rows.iter().map(known))));
        }
        if self.eerdere_aanbieder {
            columns.push(Arc::new(UInt32Array::from_iter(rows.iter().map(|row| row.eerdere_aanbieder))));
        }
        if self.bedrag {
            columns.push(Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.bedrag))));
        }
        RecordBatch::try_new(self.arrow(), columns)
    }
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
