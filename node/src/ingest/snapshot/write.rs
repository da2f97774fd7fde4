//! Writes a snapshot so that a crash at any moment leaves the old one or the new one live, never a half. Order: the
//! new directory under a temporary name with every file brought to disk, its rename, the pointer, and last the removal
//! of what the pointer no longer names. Only one writer at a time.

use std::{
    collections::BTreeMap,
    fs::{self, File, TryLockError},
    io::{self, Seek as _, Write as _},
    path::Path,
};

use arrow::{array::RecordBatch, datatypes::SchemaRef, error::ArrowError};
use parquet::{arrow::ArrowWriter, basic::Compression, file::properties::WriterProperties};

use super::{
    super::view::Row,
    CURRENT, JEUGDHULP, MANIFEST, SnapshotError, SnapshotId, TRAJECTEN, TrajectRow,
    columns::{self, BATCH, JEUGDHULP_SCHEMA, TRAJECTEN_SCHEMA},
    io_error,
    manifest::{FORMAT, FileEntry, Manifest, ManifestInput, sha256},
};

const LOCK: &str = ".lock";
const TEMPORARY: &str = ".tmp-";
const DIRECTORY: &str = "the directory";

/// Writes a snapshot in `dir` and makes it the live one. Rows are sorted first: the same rows in any order give the same
/// tables. The snapshot that was live stays until the new one is whole, then it is removed.
///
/// # Errors
/// [`SnapshotError`]; the live snapshot is then the one that it was.
pub fn write_snapshot(
    dir: &Path,
    input: &ManifestInput,
    mut trajecten: Vec<TrajectRow>,
    mut rows: Vec<Row>,
) -> Result<SnapshotId, SnapshotError> {
    make_private_dir(dir).map_err(io_error(DIRECTORY))?;
    let lock = File::create(dir.join(LOCK)).map_err(io_error(LOCK))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(SnapshotError::Busy),
        Err(TryLockError::Error(source)) => return Err(SnapshotError::Io { file: LOCK, source }),
    }
    trajecten.sort_unstable();
    rows.sort_unstable();

    let id = SnapshotId::random()?;
    let temporary = dir.join(format!("{TEMPORARY}{id}"));
    make_private_dir(&temporary).map_err(io_error(DIRECTORY))?;
    let files = BTreeMap::from([
        (TRAJECTEN.to_owned(), table(&temporary, TRAJECTEN, &TRAJECTEN_SCHEMA, &trajecten, columns::trajecten)?),
        (JEUGDHULP.to_owned(), table(&temporary, JEUGDHULP, &JEUGDHULP_SCHEMA, &rows, columns::jeugdhulp)?),
    ]);
    let ManifestInput { gemeente, created, ref periods } = *input;
    let manifest = Manifest { format: FORMAT, gemeente, created, periods: periods.clone(), files };
    let manifest = serde_json::to_vec_pretty(&manifest).map_err(|_| SnapshotError::Encoding(MANIFEST))?;
    write_synced(&temporary.join(MANIFEST), &manifest).map_err(io_error(MANIFEST))?;
    sync_dir(&temporary).map_err(io_error(DIRECTORY))?;
    fs::rename(&temporary, dir.join(id.to_string())).map_err(io_error(DIRECTORY))?;
    sync_dir(dir).map_err(io_error(DIRECTORY))?;

    let pointer = dir.join(format!("{TEMPORARY}{CURRENT}"));
    write_synced(&pointer, format!("{id}\n").as_bytes()).map_err(io_error(CURRENT))?;
    fs::rename(&pointer, dir.join(CURRENT)).map_err(io_error(CURRENT))?;
    sync_dir(dir).map_err(io_error(DIRECTORY))?;
    remove_others(dir, id);
    Ok(id)
}

fn table<R>(
    dir: &Path,
    name: &'static str,
    schema: &SchemaRef,
    rows: &[R],
    batch: impl Fn(&[R]) -> Result<RecordBatch, ArrowError>,
) -> Result<FileEntry, SnapshotError> {
    let encoding = |_| SnapshotError::Encoding(name);
    let mut file =
        File::options().read(true).write(true).create_new(true).open(dir.join(name)).map_err(io_error(name))?;
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = ArrowWriter::try_new(&mut file, schema.clone(), Some(properties)).map_err(encoding)?;
    for chunk in rows.chunks(BATCH) {
        let batch = batch(chunk).map_err(|_| SnapshotError::Encoding(name))?;
        writer.write(&batch).map_err(encoding)?;
    }
    writer.close().map_err(encoding)?;
    file.sync_all().map_err(io_error(name))?;
    file.rewind().map_err(io_error(name))?;
    Ok(FileEntry { rows: rows.len(), sha256: sha256(&file).map_err(io_error(name))? })
}

/// Removes what the pointer does not name. A failure is no reason to fail an import whose snapshot is live: the next
/// one tries again, and until then the remains are no more open to readers than the snapshot itself.
fn remove_others(dir: &Path, live: SnapshotId) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let ours = name.starts_with(TEMPORARY) || name.parse::<SnapshotId>().is_ok_and(|id| id != live);
        if ours {
            let path = entry.path();
            let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            if let Err(error) = removed {
                tracing::warn!(kind = ?error.kind(), "an older snapshot could not be removed");
            }
        }
    }
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Only the node's own account enters: a snapshot has dates, though no BSN.
fn make_private_dir(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}
