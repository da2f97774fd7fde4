//! Opens the live snapshot. What it gives has the digests that the manifest names, so a table that was damaged, or
//! replaced by another, is never counted.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Seek as _},
    path::Path,
};

use arrow::{
    array::{AsArray as _, RecordBatch},
    datatypes::{SchemaRef, UInt32Type},
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::{
    super::{
        bestand::sha256,
        sleutel::PersoonSleutel,
        view::{VIEWS, ViewSchema},
    },
    CURRENT, MANIFEST, PERSONEN, SnapshotError, SnapshotId, TRAJECTEN,
    columns::{BATCH, PERSONEN_SCHEMA},
    io_error,
    manifest::{FORMAT, Manifest},
};

/// A snapshot whose files are verified and open: it stays readable when another takes its place.
#[derive(Debug)]
pub struct Snapshot {
    id: SnapshotId,
    manifest: Manifest,
    files: BTreeMap<String, File>,
}

impl Snapshot {
    /// Opens the live snapshot in `dir`. Every file is verified.
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

    /// The rows of a view, sorted by person and period, batch by batch.
    ///
    /// # Errors
    /// [`SnapshotError`], at once or on the way.
    pub fn rows(
        &self,
        view: &ViewSchema,
    ) -> Result<impl Iterator<Item = Result<RecordBatch, SnapshotError>> + use<>, SnapshotError> {
        self.table(&view.file(), &view.arrow())
    }

    /// By what each person is known from one snapshot to the next, in the order of their numbers, which are 0, 1, 2...
    ///
    /// # Errors
    /// [`SnapshotError`].
    pub fn personen(&self) -> Result<Vec<PersoonSleutel>, SnapshotError> {
        let corrupt = || SnapshotError::Corrupt(PERSONEN.to_owned());
        let mut personen = Vec::new();
        for batch in self.table(PERSONEN, &PERSONEN_SCHEMA)? {
            let batch = batch?;
            let nummers = batch.column(0).as_primitive_opt::<UInt32Type>().ok_or_else(corrupt)?;
            let sleutels = batch.column(1).as_fixed_size_binary_opt().ok_or_else(corrupt)?;
            for (nummer, sleutel) in nummers.values().iter().zip(sleutels.iter()) {
                let sleutel = sleutel.and_then(|bytes| bytes.try_into().ok()).ok_or_else(corrupt)?;
                if usize::try_from(*nummer).ok() != Some(personen.len()) {
                    return Err(corrupt());
                }
                personen.push(PersoonSleutel::from_bytes(sleutel));
            }
        }
        Ok(personen)
    }

    fn table(
        &self,
        name: &str,
        schema: &SchemaRef,
    ) -> Result<impl Iterator<Item = Result<RecordBatch, SnapshotError>> + use<>, SnapshotError> {
        let name = name.to_owned();
        let entry = self.manifest.files.get(&name).zip(self.files.get(&name));
        let (entry, file) = entry.ok_or_else(|| SnapshotError::Corrupt(MANIFEST.to_owned()))?;
        let mut file = file.try_clone().map_err(io_error(&name))?;
        file.rewind().map_err(io_error(&name))?;
        let corrupt = move || SnapshotError::Corrupt(name.clone());
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|_| corrupt())?;
        if reader.schema().fields() != schema.fields() {
            return Err(SnapshotError::Format);
        }
        if usize::try_from(reader.metadata().file_metadata().num_rows()).ok() != Some(entry.rows) {
            return Err(corrupt());
        }
        let batches = reader.with_batch_size(BATCH).build().map_err(|_| corrupt())?;
        Ok(batches.map(move |batch| batch.map_err(|_| corrupt())))
    }

    fn open(dir: &Path, id: SnapshotId) -> Result<Self, SnapshotError> {
        let dir = dir.join(id.to_string());
        let manifest = parse(&fs::read(dir.join(MANIFEST)).map_err(io_error(MANIFEST))?)?;
        let mut files = BTreeMap::new();
        for name in VIEWS.iter().map(|view| view.file()).chain([TRAJECTEN.to_owned(), PERSONEN.to_owned()]) {
            let entry = manifest.files.get(&name).ok_or_else(|| SnapshotError::Corrupt(MANIFEST.to_owned()))?;
            let file = File::open(dir.join(&name)).map_err(io_error(&name))?;
            if sha256(&file).map_err(io_error(&name))? != entry.sha256 {
                return Err(SnapshotError::Corrupt(name));
            }
            files.insert(name, file);
        }
        Ok(Self { id, manifest, files })
    }
}

fn current(dir: &Path) -> Result<SnapshotId, SnapshotError> {
    match fs::read_to_string(dir.join(CURRENT)) {
        Ok(text) => text.trim_ascii_end().parse(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(SnapshotError::None),
        Err(source) => Err(io_error(CURRENT)(source)),
    }
}

/// The format is read alone first: another format may have other fields.
fn parse(manifest: &[u8]) -> Result<Manifest, SnapshotError> {
    #[derive(serde::Deserialize)]
    struct Format {
        format: u32,
    }
    let corrupt = |_| SnapshotError::Corrupt(MANIFEST.to_owned());
    let Format { format } = serde_json::from_slice(manifest).map_err(corrupt)?;
    if format != FORMAT {
        return Err(SnapshotError::Format);
    }
    serde_json::from_slice(manifest).map_err(corrupt)
}
