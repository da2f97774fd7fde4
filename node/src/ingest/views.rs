//! Views as files, for a gemeente that makes them in its own warehouse, and for its own use of what the node made: one
//! file a view, CSV or Parquet, with the columns that `drempel-node schema` prints. What is read is held to the same
//! lists and rules as what the node derives itself; a row that is not as it should be is left out and counted.

mod export;
mod lezer;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, fs, io, path::Path};

use super::{
    bevinding::Bevinding,
    import::{ImportError, ImportRequest, Progress},
    report::{BestandsNaam, Bevindingen, ImportReport},
    sleutel::PersoonSleutel,
    snapshot::{ManifestInput, SnapshotWriter},
    view::{EenPerPersoon, Rij, VIEWS, ViewSchema},
};

pub use self::export::{CsvExport, export_feiten, export_views};
use self::lezer::Lezer;

/// How the files of views are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vorm {
    /// `jeugdhulp.csv`: comma, UTF-8, with a header.
    Csv,
    /// `jeugdhulp.parquet`: the same columns, as text or numbers.
    Parquet,
}

impl Vorm {
    const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Parquet => "parquet",
        }
    }
}

/// Why files of views cannot be used. Names files and columns only.
#[derive(Debug, thiserror::Error)]
pub enum ViewsError {
    /// A file cannot be read or written.
    #[error("{file} cannot be read or written")]
    Io {
        /// The file.
        file: String,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// A file has other columns.
    #[error("{file} does not have exactly these columns in this order: {columns}; see: drempel-node schema")]
    Columns {
        /// The file.
        file: String,
        /// The columns of the view.
        columns: String,
    },
    /// A file is not what its name says.
    #[error("{0} is not a whole file of its kind")]
    Malformed(String),
    /// There is none.
    #[error("there is no file of a view in the folder, such as jeugdhulp.{0}; see: drempel-node schema")]
    None(&'static str),
}

/// Makes a new live snapshot of the files of views in a folder. The records stay as they are.
///
/// # Errors
/// [`ImportError`]; no part of it holds a value of a record.
pub fn import_views(
    request: &ImportRequest<'_>,
    folder: &Path,
    vorm: Vorm,
    progress: &mut dyn FnMut(Progress),
) -> Result<ImportReport, ImportError> {
    let periods = request.periods()?;
    let mut files = Vec::new();
    for view in VIEWS {
        let path = folder.join(format!("{}.{}", view.naam, vorm.extension()));
        match fs::metadata(&path) {
            Ok(metadata) => files.push((view, path, metadata.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(ViewsError::Io { file: view.naam.to_owned(), source }.into()),
        }
    }
    if files.is_empty() {
        return Err(ViewsError::None(vorm.extension()).into());
    }
    progress(Progress::Found { files: files.len(), bytes: files.iter().map(|(_, _, bytes)| bytes).sum() });
    let mut report = request.report(files.len());
    let mut bevindingen = Bevindingen::default();
    let mut personen: BTreeMap<PersoonSleutel, Vec<(&'static ViewSchema, usize, Rij)>> = BTreeMap::new();
    let mut names = Vec::new();
    for (place, (view, path, bytes)) in files.iter().enumerate() {
        names.push(BestandsNaam::new(&format!("{}.{}", view.naam, vorm.extension())));
        let mut used = false;
        for row in Lezer::open(path, view, vorm, request.key)? {
            match row? {
                Ok((persoon, rij)) => {
                    used = true;
                    if periods.contains(&rij.periode) {
                        personen.entry(persoon).or_default().push((*view, place, rij));
                    }
                }
                Err(bevinding) => bevindingen.in_file(bevinding, place),
            }
        }
        report.bestanden.gebruikt += usize::from(used);
        report.bestanden.afgekeurd += usize::from(!used);
        progress(Progress::Read(*bytes));
    }
    progress(Progress::Deriving(personen.len() as u64));
    // Whether whoever made the views mapped product codes is not known.
    let input = ManifestInput { gemeente: request.gemeente, created: request.now, periods, afbeelding: true };
    let mut snapshot = SnapshotWriter::create(request.snapshots, input)?;
    for (place, (sleutel, rows)) in personen.into_iter().enumerate() {
        let nummer = u32::try_from(place).map_err(|_| ImportError::TooMany)?;
        progress(Progress::Derived(1));
        snapshot.persoon(nummer, sleutel)?;
        write(nummer, rows, &mut snapshot, &mut bevindingen, &mut report)?;
    }
    report.bevindingen = bevindingen.lines(&names);
    if report.bestanden.gebruikt == 0 {
        return Err(ImportError::NothingUsable(Box::new(report)));
    }
    if request.strict && bevindingen.rejected() {
        return Err(ImportError::Strict(Box::new(report)));
    }
    report.snapshot = Some(snapshot.finish(None)?.publish()?.to_string());
    Ok(report)
}

/// Writes the rows of one person, without the half-years in which the person has two members of what allows one.
fn write(
    nummer: u32,
    mut rows: Vec<(&'static ViewSchema, usize, Rij)>,
    snapshot: &mut SnapshotWriter,
    bevindingen: &mut Bevindingen,
    report: &mut ImportReport,
) -> Result<(), ImportError> {
    rows.iter_mut().for_each(|(.., rij)| rij.persoon = nummer);
    let mut periods: Vec<_> = rows.iter().map(|(.., rij)| rij.periode).collect();
    periods.sort_unstable();
    periods.dedup();
    for period in periods {
        let mut een = EenPerPersoon::default();
        let of_period = |(_, _, rij): &(&ViewSchema, usize, Rij)| rij.periode == period;
        let conflict = rows.iter().filter(|row| of_period(row)).any(|(view, _, rij)| een.check(view, &[*rij]).is_err());
        if conflict {
            for (_, place, _) in rows.iter().filter(|row| of_period(row)) {
                bevindingen.in_file(Bevinding::MeerDanEenLid, *place);
            }
            rows.retain(|row| !of_period(row));
        }
    }
    for view in VIEWS {
        let mut own: Vec<Rij> = rows.iter().filter(|(of, ..)| of.naam == view.naam).map(|(.., rij)| *rij).collect();
        report.geteld.tel(view, &own);
        snapshot.rows(view, &mut own)?;
    }
    report.geteld.personen += usize::from(!rows.is_empty());
    Ok(())
}
