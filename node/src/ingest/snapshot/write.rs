//! Writes a snapshot so that a crash at any moment leaves the old one or the new one live, never a half. Order: the
//! new directory under a temporary name with every file brought to disk, its rename, the pointer, and last the removal
//! of what the pointer no longer names. Only one writer at a time. Rows go to disk as they come.

use std::{
    collections::BTreeMap,
    fs::{self, File, TryLockError},
    io::Seek as _,
    path::{Path, PathBuf},
};

use arrow::{array::RecordBatch, datatypes::SchemaRef, error::ArrowError};
use drempel_protocols::id::Digest;
use parquet::{arrow::ArrowWriter, basic::Compression, errors::ParquetError, file::properties::WriterProperties};

use super::{
    super::{
        bestand::{make_private_dir, sha256, sync_dir, write_synced},
        sleutel::PersoonSleutel,
        view::{EenPerPersoon, Rij, VIEWS, ViewSchema},
    },
    CURRENT, MANIFEST, PERSONEN, PersoonRow, SnapshotError, SnapshotId, TRAJECTEN, TrajectRow,
    columns::{self, PERSONEN_SCHEMA, TRAJECTEN_SCHEMA},
    io_error,
    manifest::{FORMAT, FileEntry, Manifest, ManifestInput},
};
use crate::lock;

const LOCK: &str = ".lock";
const TEMPORARY: &str = ".tmp-";
const DIRECTORY: &str = "the directory";

/// Rows that are held before they are written.
const BATCH: usize = 8192;

/// A snapshot on its way to disk. Rows are added person by person, in the order of their numbers.
pub struct SnapshotWriter {
    dir: PathBuf,
    id: SnapshotId,
    input: ManifestInput,
    views: Vec<(&'static ViewSchema, Table<Rij>)>,
    trajecten: Table<TrajectRow>,
    personen: Table<PersoonRow>,
    een: EenPerPersoon,
    lock: File,
}

/// A snapshot that is whole on disk, and not yet live.
pub struct Written {
    dir: PathBuf,
    id: SnapshotId,
    _lock: File,
}

impl SnapshotWriter {
    /// Begins a snapshot beside the live one in `dir`, which is made if it is not there.
    ///
    /// # Errors
    /// [`SnapshotError`].
    pub fn create(dir: &Path, input: ManifestInput) -> Result<Self, SnapshotError> {
        make_private_dir(dir).map_err(io_error(DIRECTORY))?;
        let lock = File::create(dir.join(LOCK)).map_err(io_error(LOCK))?;
        match lock::take(&lock) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(SnapshotError::Busy),
            Err(TryLockError::Error(source)) => return Err(io_error(LOCK)(source)),
        }
        remove(dir, |name| name.starts_with(TEMPORARY));
        let id = SnapshotId::random()?;
        let temporary = temporary(dir, id);
        make_private_dir(&temporary).map_err(io_error(DIRECTORY))?;
        let view = |view: &'static ViewSchema| Ok((view, Table::create(&temporary, view.file(), &view.arrow())?));
        let views = VIEWS.into_iter().map(view).collect::<Result<_, SnapshotError>>()?;
        let trajecten = Table::create(&temporary, TRAJECTEN.to_owned(), &TRAJECTEN_SCHEMA)?;
        let personen = Table::create(&temporary, PERSONEN.to_owned(), &PERSONEN_SCHEMA)?;
        Ok(Self { dir: dir.to_owned(), id, input, views, trajecten, personen, een: EenPerPersoon::default(), lock })
    }

    /// Adds all rows of one person in a view, in any order.
    ///
    /// # Errors
    /// [`SnapshotError`] if they cannot be written, or give the person two members where there can be one.
    pub fn rows(&mut self, view: &ViewSchema, rows: &mut [Rij]) -> Result<(), SnapshotError> {
        rows.sort_unstable();
        self.een.check(view, rows).map_err(SnapshotError::PerPersoon)?;
        match self.views.iter_mut().find(|(known, _)| known.naam == view.naam) {
            Some((view, table)) => table.push(rows, |rows| view.columns(rows)),
            None => Err(SnapshotError::Encoding(view.file())),
        }
    }

    /// Adds all trajecten of one person, in any order.
    ///
    /// # Errors
    /// [`SnapshotError`] if they cannot be written.
    pub fn trajecten(&mut self, rows: &mut [TrajectRow]) -> Result<(), SnapshotError> {
        rows.sort_unstable();
        self.trajecten.push(rows, columns::trajecten)
    }

    /// Adds a person, and by what the person is known from one snapshot to the next.
    ///
    /// # Errors
    /// [`SnapshotError`] if it cannot be written.
    pub fn persoon(&mut self, nummer: u32, sleutel: PersoonSleutel) -> Result<(), SnapshotError> {
        self.personen.push(&[(nummer, sleutel)], columns::personen)
    }

    /// Brings everything to disk. `records` is by what the records are known that it was made from.
    ///
    /// # Errors
    /// [`SnapshotError`].
    pub fn finish(self, records: Option<Digest>) -> Result<Written, SnapshotError> {
        let temporary = temporary(&self.dir, self.id);
        let mut files = BTreeMap::new();
        for (view, table) in self.views {
            files.insert(view.file(), table.finish(|rows| view.columns(rows))?);
        }
        files.insert(TRAJECTEN.to_owned(), self.trajecten.finish(columns::trajecten)?);
        files.insert(PERSONEN.to_owned(), self.personen.finish(columns::personen)?);
        let ManifestInput { gemeente, created, periods, afbeelding } = self.input;
        let manifest = Manifest { format: FORMAT, gemeente, created, periods, afbeelding, records, files };
        let manifest =
            serde_json::to_vec_pretty(&manifest).map_err(|_| SnapshotError::Encoding(MANIFEST.to_owned()))?;
        write_synced(&temporary.join(MANIFEST), &manifest).map_err(io_error(MANIFEST))?;
        sync_dir(&temporary).map_err(io_error(DIRECTORY))?;
        fs::rename(&temporary, self.dir.join(self.id.to_string())).map_err(io_error(DIRECTORY))?;
        sync_dir(&self.dir).map_err(io_error(DIRECTORY))?;
        Ok(Written { dir: self.dir, id: self.id, _lock: self.lock })
    }
}

impl Written {
    /// Makes the snapshot the live one, and removes those that are no longer.
    ///
    /// # Errors
    /// [`SnapshotError`]; the live snapshot is then the one that it was.
    pub fn publish(self) -> Result<SnapshotId, SnapshotError> {
        let pointer = self.dir.join(format!("{TEMPORARY}{CURRENT}"));
        write_synced(&pointer, format!("{}\n", self.id).as_bytes()).map_err(io_error(CURRENT))?;
        fs::rename(&pointer, self.dir.join(CURRENT)).map_err(io_error(CURRENT))?;
        sync_dir(&self.dir).map_err(io_error(DIRECTORY))?;
        remove(&self.dir, |name| {
            name.starts_with(TEMPORARY) || name.parse::<SnapshotId>().is_ok_and(|id| id != self.id)
        });
        Ok(self.id)
    }
}

fn temporary(dir: &Path, id: SnapshotId) -> PathBuf {
    dir.join(format!("{TEMPORARY}{id}"))
}

/// One table on its way to disk.
struct Table<R> {
    name: String,
    file: File,
    writer: ArrowWriter<File>,
    buffer: Vec<R>,
    rows: usize,
}

impl<R: Copy> Table<R> {
    fn create(dir: &Path, name: String, schema: &SchemaRef) -> Result<Self, SnapshotError> {
        let file = File::options().read(true).write(true).create_new(true).open(dir.join(&name));
        let file = file.map_err(io_error(&name))?;
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let second = file.try_clone().map_err(io_error(&name))?;
        let writer = ArrowWriter::try_new(second, schema.clone(), Some(properties));
        let writer = writer.map_err(|error| failed(&name, error))?;
        Ok(Self { name, file, writer, buffer: Vec::new(), rows: 0 })
    }

    fn push(
        &mut self,
        rows: &[R],
        columns: impl Fn(&[R]) -> Result<RecordBatch, ArrowError>,
    ) -> Result<(), SnapshotError> {
        self.rows += rows.len();
        self.buffer.extend_from_slice(rows);
        if self.buffer.len() >= BATCH { self.flush(columns) } else { Ok(()) }
    }

    fn flush(&mut self, columns: impl Fn(&[R]) -> Result<RecordBatch, ArrowError>) -> Result<(), SnapshotError> {
        let batch = columns(&self.buffer).map_err(|_| SnapshotError::Encoding(self.name.clone()))?;
        self.buffer.clear();
        self.writer.write(&batch).map_err(|error| failed(&self.name, error))
    }

    fn finish(mut self, columns: impl Fn(&[R]) -> Result<RecordBatch, ArrowError>) -> Result<FileEntry, SnapshotError> {
        self.flush(columns)?;
        self.writer.close().map_err(|error| failed(&self.name, error))?;
        self.file.sync_all().map_err(io_error(&self.name))?;
        self.file.rewind().map_err(io_error(&self.name))?;
        Ok(FileEntry { rows: self.rows, sha256: sha256(&self.file).map_err(io_error(&self.name))? })
    }
}

/// What the encoder says may quote a value; what the system says does not.
fn failed(name: &str, error: ParquetError) -> SnapshotError {
    match error {
        ParquetError::External(source) => match source.downcast() {
            Ok(source) => io_error(name)(*source),
            Err(_) => SnapshotError::Encoding(name.to_owned()),
        },
        _ => SnapshotError::Encoding(name.to_owned()),
    }
}

/// Removes what no pointer names. A failure is no reason to fail an import whose snapshot is live: the next
/// one tries again, and until then the remains are no more open to readers than the snapshot itself.
fn remove(dir: &Path, ours: impl Fn(&str) -> bool) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        if ours(name) {
            let path = entry.path();
            let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            if let Err(error) = removed {
                tracing::warn!(kind = ?error.kind(), "an older snapshot could not be removed");
            }
        }
    }
}
