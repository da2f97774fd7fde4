//! One import from beginning to end. Messages become facts of the records, and all facts a new snapshot. Records and live
//! snapshot stay as they are until everything new is whole on disk; an import in which no message could be used changes
//! nothing. An import that was interrupted is completed by running it again, in whatever order.

mod bestanden;

use std::{collections::BTreeMap, io, mem, path::Path};

use drempel_protocols::{
    catalogue::Definitions,
    clock::dutch_day,
    id::{Gemeentecode, Period},
};
use jiff::{Span, Timestamp, civil::Date};

pub use self::bestanden::Bestand;
use self::bestanden::Lezing;
use super::{
    afbeelding::Afbeelding,
    afleiding::{Afleiding, Regels, Stand, soort},
    feit::Feit,
    records::{Records, RecordsError},
    report::{Bestanden, BestandsNaam, Geteld, ImportReport},
    sleutel::RecordKey,
    snapshot::{ManifestInput, SnapshotError, SnapshotWriter},
    views::ViewsError,
};

/// What to import, and where to.
#[derive(Debug)]
pub struct ImportRequest<'r> {
    /// The node's own gemeente.
    pub gemeente: Gemeentecode,
    /// Gemeenten that became this one, whose messages are its own.
    pub voorgangers: &'r [Gemeentecode],
    /// The first period to make rows for.
    pub first: Period,
    /// The last.
    pub last: Period,
    /// The folder of records.
    pub records: &'r Path,
    /// The folder of snapshots.
    pub snapshots: &'r Path,
    /// The key of records.
    pub key: &'r RecordKey,
    /// The gemeente's mapping of product codes.
    pub afbeelding: &'r Afbeelding,
    /// The federation's definitions.
    pub definities: &'r Definitions,
    /// Years after which who is no longer in care is removed; none keeps everyone.
    pub bewaren: Option<u16>,
    /// Whether an import that would leave something out fails.
    pub strict: bool,
    /// When the import is run.
    pub now: Timestamp,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// So many bytes in so many files were found.
    Found {
        /// Files.
        files: usize,
        /// All together.
        bytes: u64,
    },
    /// One more file of so many bytes was read.
    Read(u64),
    /// All files were read; trajecten are being made and written, of so many facts.
    Deriving(u64),
    /// So many more facts were taken.
    Derived(u64),
}

/// Why an import failed. Records and live snapshot are then what they were, or the records are whole with what is new and
/// the next import makes the snapshot of them.
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
    /// Something would be left out, and `strict` forbids it.
    #[error("something would be left out, and --strict forbids that")]
    Strict(Box<ImportReport>),
    /// There are more persons than a snapshot numbers.
    #[error("there are more persons than a snapshot can number")]
    TooMany,
    /// The records could not be read or written.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// The snapshot could not be written.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// Files of views could not be read or written.
    #[error(transparent)]
    Views(#[from] ViewsError),
}

impl ImportRequest<'_> {
    /// The half-years to make rows for.
    pub(super) fn periods(&self) -> Result<Vec<Period>, ImportError> {
        if self.last < self.first {
            return Err(ImportError::Periods);
        }
        Ok(self.first.through(self.last).collect())
    }

    /// The day of the import in the Netherlands.
    fn today(&self) -> Date {
        dutch_day(self.now)
    }

    pub(super) fn report(&self, gevonden: usize) -> ImportReport {
        ImportReport {
            gemeente: self.gemeente,
            tijdstip: self.now,
            snapshot: None,
            bestanden: Bestanden { gevonden, ..Bestanden::default() },
            feiten: BTreeMap::new(),
            nieuwe_feiten: 0,
            opgeruimd: 0,
            geteld: Geteld::default(),
            bevindingen: Vec::new(),
            aanbieders: Vec::new(),
        }
    }
}

/// Adds the iJw messages in a folder to the records and makes a new live snapshot of all of them.
///
/// # Errors
/// [`ImportError`]; no part of it holds a value of a record.
pub fn import_ijw(
    request: &ImportRequest<'_>,
    folder: &Path,
    progress: &mut dyn FnMut(Progress),
) -> Result<ImportReport, ImportError> {
    import_files(request, &Bestand::in_folder(folder).map_err(ImportError::Messages)?, progress)
}

/// Makes a new live snapshot of the records as they are: for another mapping, key, definition or period.
///
/// # Errors
/// [`ImportError`].
pub fn rebuild(request: &ImportRequest<'_>, progress: &mut dyn FnMut(Progress)) -> Result<ImportReport, ImportError> {
    derive(request, None, progress)
}

/// Adds messages to the records and makes a new live snapshot of all of them.
///
/// # Errors
/// [`ImportError`].
pub fn import_files(
    request: &ImportRequest<'_>,
    files: &[Bestand],
    progress: &mut dyn FnMut(Progress),
) -> Result<ImportReport, ImportError> {
    derive(request, Some(files), progress)
}

fn derive(
    request: &ImportRequest<'_>,
    given: Option<&[Bestand]>,
    progress: &mut dyn FnMut(Progress),
) -> Result<ImportReport, ImportError> {
    let periods = request.periods()?;
    let files = given.unwrap_or_default();
    progress(Progress::Found { files: files.len(), bytes: files.iter().map(|file| file.bytes).sum() });
    let names: Vec<BestandsNaam> = files.iter().map(|file| file.name.clone()).collect();
    let mut report = request.report(files.len());

    let mut records = Records::open(request.records, request.gemeente, request.key)?;
    let mut lezing = Lezing::new(request.gemeente, request.voorgangers, request.today());
    let mut addition = records.begin();
    for (place, file) in files.iter().enumerate() {
        if let Some((uitspraken, bericht)) = lezing.file(file, place) {
            for (bsn, uitspraak) in uitspraken {
                addition.add(bsn, uitspraak, bericht.clone())?;
            }
        }
        progress(Progress::Read(file.bytes));
    }
    let mut staged = addition.finish()?;
    let Lezing { bestanden, mut bevindingen, .. } = lezing;
    report.bestanden = Bestanden { gevonden: files.len(), ..bestanden };
    if given.is_some() && report.bestanden.gebruikt == 0 {
        report.bevindingen = bevindingen.lines(&names);
        return Err(ImportError::NothingUsable(Box::new(report)));
    }

    let before = records.manifest().feiten;
    progress(Progress::Deriving(staged.rijen()));
    let input = ManifestInput {
        gemeente: request.gemeente,
        created: request.now,
        periods: periods.clone(),
        afbeelding: !request.afbeelding.is_empty(),
    };
    let mut snapshot = SnapshotWriter::create(request.snapshots, input)?;
    let regels =
        Regels { periods: &periods, afbeelding: request.afbeelding, definities: request.definities, key: request.key };
    let mut afleiding = Afleiding::new(regels);
    let tot = request.bewaren.map(|years| removable(request.today(), years, request.first));
    let mut rewrite = if staged.fragmented() || tot.is_some() { Some(staged.rewrite(request.key)?) } else { None };
    let mut kept = 0;
    for dossier in staged.dossiers()? {
        let dossier = dossier?;
        let (bsn, facts, kinds) = (dossier.bsn, dossier.feiten.len() as u64, kinds(&dossier.feiten));
        progress(Progress::Derived(facts));
        let copy = rewrite.is_some().then(|| dossier.clone());
        let stand = Stand::of(dossier, request.afbeelding);
        if let Some(tot) = tot.filter(|tot| stand.laatste_dag().is_some_and(|last| last < *tot)) {
            report.opgeruimd += 1;
            staged.remove(bsn, tot)?;
            continue;
        }
        kept += facts;
        for (kind, count) in kinds {
            *report.feiten.entry(kind).or_default() += count;
        }
        afleiding.persoon(stand, &mut snapshot)?;
        if let (Some(rewrite), Some(dossier)) = (&mut rewrite, copy) {
            rewrite.write(&dossier)?;
        }
    }
    let (found, geteld) = afleiding.finish(&mut snapshot)?;
    bevindingen.join(found);
    report.nieuwe_feiten = kept.saturating_sub(before);
    report.geteld = geteld;
    report.aanbieders = bevindingen.aanbieders();
    report.bevindingen = bevindingen.lines(&names);
    if request.strict && bevindingen.rejected() {
        return Err(ImportError::Strict(Box::new(report)));
    }
    let settled = staged.settle(rewrite)?;
    let written = snapshot.finish(Some(settled.digest()))?;
    settled.commit(&mut records, kept, tot)?;
    report.snapshot = Some(written.publish()?.to_string());
    Ok(report)
}

/// How many facts there are of each kind, in the order of a dossier, which is by kind.
fn kinds(feiten: &[Feit]) -> Vec<(&'static str, u64)> {
    let same = |one: &Feit, other: &Feit| mem::discriminant(&one.uitspraak) == mem::discriminant(&other.uitspraak);
    let kinds = feiten.chunk_by(same);
    kinds.filter_map(|kind| Some((soort(&kind.first()?.uitspraak), kind.len() as u64))).collect()
}

/// The day before which the last sign of a person must be for the person to be removed: so many years ago, and never
/// within the half-years that are counted, so that no removal counts as an einde.
fn removable(today: Date, years: u16, first: Period) -> Date {
    let kept = Span::new().try_years(years).map_or(Date::MIN, |years| today.saturating_sub(years));
    kept.min(first.first_day())
}
