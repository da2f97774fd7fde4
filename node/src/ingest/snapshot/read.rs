//! Opens the live snapshot. What it gives has the digests that the manifest names, so a table that was damaged, or
//! replaced by another, is never counted.

use std::{
    fs::{self, File},
    io::{self, Seek as _},
    path::Path,
};

use arrow::{array::RecordBatch, datatypes::SchemaRef};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::{
    CURRENT, JEUGDHULP, MANIFEST, SnapshotError, SnapshotId, TRAJECTEN,
    columns::{BATCH, JEUGDHULP_SCHEMA},
    io_error,
    manifest::{FORMAT, Manifest, sha256},
};

/// A snapshot, read and verified.
#[derive(Clone, Debug)]
pub struct Snapshot {
    id: SnapshotId,
    manifest: Manifest,
    jeugdhulp: Vec<RecordBatch>,
}

impl Snapshot {
    /// Reads the live snapshot in `dir`: its manifest, and the rows of `jeugdhulp`. Both tables are verified.
    ///
    /// # Errors
    /// [`SnapshotError`]: there is none, or it is not as it was written.
    pub fn open_current(dir: &Path) -> Result<Self, SnapshotError> {
        let mut id = current(dir)?;
        loop {
            match Self::open(dir, id) {
                // An import may have moved the pointer and removed this one since it was read.
                Err(SnapshotError::Io { source, file }) if source.kind() == io::ErrorKind::NotFound => {
                    let now = current(dir)?;
                    if now == id {
                        return Err(SnapshotError::Io { source, file });
                    }
                    id = now;
                }
                opened => return opened,
            }
        }
    }

    /// The name of the live snapshot in `dir`, without opening it.
    ///
    /// # Errors
    /// [`SnapshotError::None`] if there is none yet.
    pub fn current(dir: &Path) -> Result<SnapshotId, SnapshotError> {
        current(dir)
    }

    /// Its name.
    #[must_use]
    pub const fn id(&self) -> SnapshotId {
        self.id
    }

    /// What it says about itself.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The columns of the view `jeugdhulp`.
    #[must_use]
    pub fn jeugdhulp_schema() -> SchemaRef {
        JEUGDHULP_SCHEMA.clone()
    }

    /// The rows of the view `jeugdhulp`, sorted by period and person.
    #[must_use]
    pub fn jeugdhulp(&self) -> &[RecordBatch] {
        &self.jeugdhulp
    }

    fn open(dir: &Path, id: SnapshotId) -> Result<Self, SnapshotError> {
        let dir = dir.join(id.to_string());
        let manifest = fs::read(dir.join(MANIFEST)).map_err(io_error(MANIFEST))?;
        let manifest = parse(&manifest)?;
        verified(&dir, TRAJECTEN, &manifest)?;
        let file = verified(&dir, JEUGDHULP, &manifest)?;
        let corrupt = || SnapshotError::Corrupt(JEUGDHULP);
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|_| corrupt())?;
        if reader.schema().fields() != JEUGDHULP_SCHEMA.fields() {
            return Err(SnapshotError::Format);
        }
        let reader = reader.with_batch_size(BATCH).build().map_err(|_| corrupt())?;
        let jeugdhulp: Vec<RecordBatch> = reader.collect::<Result<_, _>>().map_err(|_| corrupt())?;
        let rows: usize = jeugdhulp.iter().map(RecordBatch::num_rows).sum();
        if manifest.files.get(JEUGDHULP).is_none_or(|entry| entry.rows != rows) {
            return Err(corrupt());
        }
        Ok(Self { id, manifest, jeugdhulp })
    }
}

fn current(dir: &Path) -> Result<SnapshotId, SnapshotError> {
    match fs::read_to_string(dir.join(CURRENT)) {
        Ok(text) => text.trim_ascii_end().parse(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(SnapshotError::None),
        Err(source) => Err(SnapshotError::Io { file: CURRENT, source }),
    }
}

/// The format is read alone first: another format may have other fields.
fn parse(manifest: &[u8]) -> Result<Manifest, SnapshotError> {
    #[derive(serde::Deserialize)]
    struct Format {
        format: u32,
    }
    let corrupt = |_| SnapshotError::Corrupt(MANIFEST);
    let Format { format } = serde_json::from_slice(manifest).map_err(corrupt)?;
    if format != FORMAT {
        return Err(SnapshotError::Format);
    }
    serde_json::from_slice(manifest).map_err(corrupt)
}

fn verified(dir: &Path, name: &'static str, manifest: &Manifest) -> Result<File, SnapshotError> {
    let entry = manifest.files.get(name).ok_or(SnapshotError::Corrupt(MANIFEST))?;
    let mut file = File::open(dir.join(name)).map_err(io_error(name))?;
    if sha256(&file).map_err(io_error(name))? != entry.sha256 {
        return Err(SnapshotError::Corrupt(name));
    }
    file.rewind().map_err(io_error(name))?;
    Ok(file)
}
