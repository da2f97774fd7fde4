//! Reads the file of a view row by row, CSV or Parquet alike, and each row as a value of its columns.

use std::{fs::File, path::Path};

use arrow::{
    array::{Array as _, AsArray as _, RecordBatch},
    compute::cast,
    datatypes::DataType,
};
use csv::StringRecord;
use drempel_protocols::id::Period;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::{
    super::{
        bevinding::Bevinding,
        bsn::Bsn,
        sleutel::{PersoonSleutel, RecordKey},
        view::{MOST_LEDEN, ONBEKEND, Rij, ViewSchema},
    },
    ViewsError, Vorm,
};

/// The longest name that a warehouse may give a person.
const LONGEST_PERSOON: usize = 36;

/// The largest amount of a row in eurocents, which is that of a whole declaratie.
const MOST_BEDRAG: u64 = 999_999_999_999;

/// A row, or why it is left out.
pub(super) type Gelezen = Result<(PersoonSleutel, Rij), Bevinding>;

/// The rows of one file.
pub(super) struct Lezer {
    records: Box<dyn Iterator<Item = Result<StringRecord, ViewsError>>>,
    view: &'static ViewSchema,
    key: RecordKey,
}

impl Lezer {
    /// Opens the file of a view.
    pub(super) fn open(
        path: &Path,
        view: &'static ViewSchema,
        vorm: Vorm,
        key: &RecordKey,
    ) -> Result<Self, ViewsError> {
        let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let opened = File::open(path).map_err(|source| ViewsError::Io { file: file.clone(), source })?;
        let records: Box<dyn Iterator<Item = _>> = match vorm {
            Vorm::Csv => Box::new(csv_records(opened, file, view)?),
            Vorm::Parquet => Box::new(parquet_records(opened, file, view)?),
        };
        Ok(Self { records, view, key: key.clone() })
    }

    fn parse(&self, record: &StringRecord) -> Gelezen {
        let mut fields = record.iter().map(str::trim);
        let mut next = || fields.next().ok_or(Bevinding::NietVolgensSchema);
        let persoon = persoon(next()?, &self.key)?;
        let periode: Period = next()?.parse().map_err(|_| Bevinding::PeriodeOngeldig)?;
        let mut rij =
            Rij { persoon: 0, periode, leden: [0; MOST_LEDEN], aanbieder: 0, eerdere_aanbieder: None, bedrag: 0 };
        for ((_, codes), slot) in self.view.leden.iter().zip(&mut rij.leden) {
            *slot = match next()? {
                "" => ONBEKEND,
                code => {
                    let place = codes.iter().position(|member| *member == code).ok_or(Bevinding::OnbekendeCode)?;
                    u8::try_from(place).map_err(|_| Bevinding::OnbekendeCode)?
                }
            };
        }
        let agb = |text: &str| match text {
            "" => Ok(None),
            text => text.parse().ok().filter(|agb| *agb <= 99_999_999).map(Some).ok_or(Bevinding::NietVolgensSchema),
        };
        if self.view.aanbieder {
            rij.aanbieder = agb(next()?)?.unwrap_or_default();
        }
        if self.view.eerdere_aanbieder {
            rij.eerdere_aanbieder = agb(next()?)?;
        }
        if self.view.bedrag {
            rij.bedrag = next()?.parse().map_err(|_| Bevinding::BedragOngeldig)?;
        }
        // A declaratie is of a month of its half-year, and of something.
        if let [("maand", _), ..] = self.view.leden {
            let [maand, ..] = rij.leden;
            if maand != ONBEKEND && (maand < 6) != (periode.first_day().month() == 1) {
                return Err(Bevinding::PeriodeOngeldig);
            }
        }
        if self.view.bedrag && (rij.bedrag == 0 || rij.bedrag.unsigned_abs() > MOST_BEDRAG) {
            return Err(Bevinding::BedragOngeldig);
        }
        if next().is_ok() { Err(Bevinding::NietVolgensSchema) } else { Ok((persoon, rij)) }
    }
}

impl Iterator for Lezer {
    type Item = Result<Gelezen, ViewsError>;

    fn next(&mut self) -> Option<Self::Item> {
        let record = self.records.next()?;
        Some(record.map(|record| self.parse(&record)))
    }
}

/// A BSN, or the name by which the warehouse knows the person. Nine digits are a BSN, and must be one; spaces around it
/// are nobody's name, or one child would count as two.
fn persoon(text: &str, key: &RecordKey) -> Result<PersoonSleutel, Bevinding> {
    let text = text.trim();
    if text.len() == 9 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Bsn::from_digits(text).map(|bsn| key.persoon(bsn)).ok_or(Bevinding::BsnOngeldig);
    }
    if text.is_empty() || text.chars().count() > LONGEST_PERSOON {
        return Err(Bevinding::NietVolgensSchema);
    }
    Ok(key.anders_genoemd(text))
}

fn csv_records(
    file: File,
    name: String,
    view: &ViewSchema,
) -> Result<impl Iterator<Item = Result<StringRecord, ViewsError>> + use<>, ViewsError> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);
    let malformed = |name: &str, error: csv::Error| match error.into_kind() {
        csv::ErrorKind::Io(source) => ViewsError::Io { file: name.to_owned(), source },
        _ => ViewsError::Malformed(name.to_owned()),
    };
    let headers = reader.headers().map_err(|error| malformed(&name, error))?;
    if !headers.iter().map(|header| header.trim_start_matches('\u{feff}').trim()).eq(view.kolommen()) {
        return Err(columns(name, view));
    }
    Ok(reader.into_records().map(move |record| record.map_err(|error| malformed(&name, error))))
}

fn parquet_records(
    file: File,
    name: String,
    view: &ViewSchema,
) -> Result<impl Iterator<Item = Result<StringRecord, ViewsError>> + use<>, ViewsError> {
    let malformed = {
        let name = name.clone();
        move || ViewsError::Malformed(name.clone())
    };
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|_| malformed())?;
    if !reader.schema().fields().iter().map(|field| field.name().as_str()).eq(view.kolommen()) {
        return Err(columns(name, view));
    }
    let batches = reader.build().map_err(|_| malformed())?;
    Ok(batches.flat_map(move |batch| match batch.ok().and_then(|batch| texts(&batch)) {
        Some(records) => records.into_iter().map(Ok).collect(),
        None => vec![Err(malformed())],
    }))
}

/// Every row as texts, whatever the types of the columns; null is empty.
fn texts(batch: &RecordBatch) -> Option<Vec<StringRecord>> {
    let columns: Vec<_> =
        batch.columns().iter().map(|column| cast(column, &DataType::Utf8)).collect::<Result<_, _>>().ok()?;
    let columns: Vec<_> = columns.iter().map(|column| column.as_string_opt::<i32>()).collect::<Option<_>>()?;
    let record = |row| columns.iter().map(|column| if column.is_valid(row) { column.value(row) } else { "" }).collect();
    Some((0..batch.num_rows()).map(record).collect())
}

fn columns(file: String, view: &ViewSchema) -> ViewsError {
    ViewsError::Columns { file, columns: view.kolommen().collect::<Vec<_>>().join(",") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_around_a_person_make_no_other_person() {
        let key = RecordKey::from_bytes(&[7; 32]);
        for name in ["999900006", "client 12"] {
            assert_eq!(persoon(&format!(" {name}\t"), &key), persoon(name, &key));
        }
        assert_ne!(persoon("999900006", &key), persoon("client 12", &key));
        assert_eq!(persoon(" 999900007", &key), Err(Bevinding::BsnOngeldig));
        assert_eq!(persoon("  ", &key), Err(Bevinding::NietVolgensSchema));
    }
}
