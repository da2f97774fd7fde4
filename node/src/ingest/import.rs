//! One import from beginning to end. The live snapshot stays as it is until the new one is whole; an import in which
//! no message could be used changes nothing.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use drempel_protocols::id::{Gemeentecode, Period};
use jiff::Timestamp;

use super::{
    bericht::{self, Gelezen, LARGEST_FILE},
    bevinding::Bevinding,
    bsn::Bsn,
    feiten::Feiten,
    report::{Bestanden, BestandsNaam, Bevindingen, Geteld, ImportReport},
    sleutel::RecordKey,
    snapshot::{ManifestInput, SnapshotError, TrajectRow, write_snapshot},
    traject::{Traject, merge},
    view::{CountedSet, Persoon, Row, jeugdhulp},
};

/// What to import, and where to.
#[derive(Debug)]
pub struct ImportRequest<'r> {
    /// The node's own gemeente.
    pub gemeente: Gemeentecode,
    /// The first period to make rows for.
    pub first: Period,
    /// The last.
    pub last: Period,
    /// The directory of messages; every `.xml` in it and below is read.
    pub messages: &'r Path,
    /// The directory of snapshots.
    pub snapshots: &'r Path,
    /// The key of identifiers.
    pub key: &'r RecordKey,
    /// When the import is run.
    pub now: Timestamp,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// So many files were found.
    Found(usize),
    /// One more file was read.
    Read,
    /// All files were read; trajecten are being made and written.
    Writing,
}

/// Why an import failed. The live snapshot is then the one that it was.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The last period is before the first.
    #[error("the last period is before the first")]
    Periods,
    /// The directory of messages cannot be read.
    #[error("the directory of messages cannot be read")]
    Messages(#[source] io::Error),
    /// No message could be used.
    #[error("none of {} files is a message that can be used", .0.bestanden.gevonden)]
    NothingUsable(Box<ImportReport>),
    /// There are more persons than a snapshot numbers.
    #[error("there are more persons than a snapshot can number")]
    TooMany,
    /// The snapshot could not be written.
    #[error("the snapshot could not be written")]
    Snapshot(#[from] SnapshotError),
}

/// Imports the iJw messages of a directory into a new live snapshot.
///
/// # Errors
/// [`ImportError`]; no part of it holds a value of a record.
pub fn import_ijw(
    request: &ImportRequest<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<ImportReport, ImportError> {
    if request.last < request.first {
        return Err(ImportError::Periods);
    }
    let paths = xml_files(request.messages).map_err(ImportError::Messages)?;
    progress(Progress::Found(paths.len()));
    let mut read = Read::default();
    for (place, path) in paths.iter().enumerate() {
        read.file(path, place, request.gemeente);
        progress(Progress::Read);
    }
    let names: Vec<BestandsNaam> = paths.iter().map(|path| name(path, request.messages)).collect();
    let mut report = ImportReport {
        gemeente: request.gemeente,
        tijdstip: request.now,
        snapshot: None,
        bestanden: Bestanden { gevonden: paths.len(), ..read.bestanden },
        geteld: Geteld::default(),
        bevindingen: Vec::new(),
    };
    if report.bestanden.gebruikt == 0 {
        report.bevindingen = read.bevindingen.lines(&names);
        return Err(ImportError::NothingUsable(Box::new(report)));
    }
    progress(Progress::Writing);
    let periods: Vec<Period> = request.first.through(request.last).collect();
    let tables = Tables::of(&read.feiten, request.key, &periods, &mut read.bevindingen, &mut report.geteld)?;
    let input = ManifestInput { gemeente: request.gemeente, created: request.now, periods };
    let id = write_snapshot(request.snapshots, &input, tables.trajecten, tables.rows)?;
    report.snapshot = Some(id.to_string());
    report.bevindingen = read.bevindingen.lines(&names);
    Ok(report)
}

/// What the files read so far say.
#[derive(Default)]
struct Read {
    feiten: Feiten,
    bestanden: Bestanden,
    bevindingen: Bevindingen,
    buffer: Vec<u8>,
}

impl Read {
    fn file(&mut self, path: &Path, place: usize, gemeente: Gemeentecode) {
        let gelezen = read_file(path, &mut self.buffer).and_then(|()| bericht::lees(&self.buffer, gemeente));
        match gelezen {
            Ok(Gelezen::Bericht(bericht)) => {
                for bevinding in &bericht.afgekeurd {
                    self.bevindingen.add(*bevinding, place);
                }
                // Otherwise a directory of refused lines would replace a good snapshot by an empty one.
                if bericht.regels.is_empty() {
                    self.bestanden.afgekeurd += 1;
                } else {
                    self.bestanden.gebruikt += 1;
                    self.feiten.add(*bericht, place);
                }
            }
            Ok(Gelezen::Overgeslagen(name)) => *self.bestanden.overgeslagen.entry(name).or_insert(0) += 1,
            Err(bevinding) => {
                self.bestanden.afgekeurd += 1;
                self.bevindingen.add(bevinding, place);
            }
        }
    }
}

fn read_file(path: &Path, buffer: &mut Vec<u8>) -> Result<(), Bevinding> {
    buffer.clear();
    let file = File::open(path).map_err(|_| Bevinding::NietLeesbaar)?;
    let read = file.take(LARGEST_FILE + 1).read_to_end(buffer).map_err(|_| Bevinding::NietLeesbaar)?;
    match u64::try_from(read) {
        Ok(..=LARGEST_FILE) => Ok(()),
        _ => Err(Bevinding::TeGroot),
    }
}

/// The rows of a snapshot.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) trajecten: Vec<TrajectRow>,
    pub(super) rows: Vec<Row>,
}

impl Tables {
    /// The rows that the facts make. Only persons with a traject are numbered.
    pub(super) fn of(
        feiten: &Feiten,
        key: &RecordKey,
        periods: &[Period],
        bevindingen: &mut Bevindingen,
        geteld: &mut Geteld,
    ) -> Result<Self, ImportError> {
        let mut personen: Vec<([u8; 32], Bsn, Vec<Traject>, bericht::Persoonsgegevens)> = Vec::new();
        for (bsn, feiten) in feiten.personen() {
            let found = feiten.episodes();
            for (bevinding, bron) in found.bevindingen {
                bevindingen.add(bevinding, bron);
            }
            geteld.toewijzingen += feiten.toewijzingen();
            geteld.starts += found.starts;
            geteld.stops += found.stops;
            let trajecten = merge(found.episodes);
            if !trajecten.is_empty() {
                personen.push((key.person_order(bsn), bsn, trajecten, feiten.gegevens()));
            }
        }
        personen.sort_unstable_by_key(|(order, ..)| *order);
        geteld.personen = personen.len();
        let counted = CountedSet::empty();
        let mut tables = Self::default();
        for (place, (_, bsn, trajecten, gegevens)) in personen.into_iter().enumerate() {
            let persoon = u32::try_from(place).map_err(|_| ImportError::TooMany)?;
            geteld.trajecten += trajecten.len();
            tables.trajecten.extend(trajecten.iter().map(|traject| TrajectRow {
                persoon,
                categorie: traject.categorie,
                hulpvorm: traject.hulpvorm,
                aanvang: traject.aanvang,
                einde: traject.einde,
                geslacht: gegevens.geslacht,
                traject_id: key.traject(bsn, traject.categorie, traject.hulpvorm, traject.aanvang),
            }));
            let person = Persoon { nummer: persoon, gegevens, trajecten };
            for period in periods {
                let rows = jeugdhulp(&person, *period, &counted);
                *geteld.rijen.entry(*period).or_insert(0) += rows.len();
                tables.rows.extend(rows);
            }
        }
        Ok(tables)
    }
}

/// Every `.xml` in a directory and below, by name.
fn xml_files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut dirs = vec![dir.to_owned()];
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            let path = entry.path();
            // A link to a directory is not followed, so that links cannot make a circle.
            if entry.file_type()?.is_dir() {
                dirs.push(path);
            } else if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("xml")) {
                found.push(path);
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}

fn name(path: &Path, dir: &Path) -> BestandsNaam {
    BestandsNaam::new(&path.strip_prefix(dir).unwrap_or(path).to_string_lossy())
}
