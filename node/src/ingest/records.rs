//! The records: every fact that messages stated, at BSN level, encrypted (Parquet modular encryption, AES-256-GCM), as a
//! set. Adding facts twice or in any order changes nothing. To whoever reads them the records are whole: files of facts
//! are written beside those in use, brought to disk, and only then named by the manifest, in one step.

mod kolommen;
mod manifest;
mod opgeruimd;
mod plat;
mod samenvoegen;
mod segment;
#[cfg(test)]
mod tests;
mod toevoeging;

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use drempel_protocols::id::Gemeentecode;
use jiff::civil::Date;

use super::{
    bestand::{make_private_dir, sync_dir, write_synced},
    bsn::Bsn,
    feit::{Feit, uniek},
    sleutel::RecordKey,
};
use crate::lock;

use self::{manifest::MANIFEST, opgeruimd::Opgeruimd, segment::SegmentWriter};
pub use self::{
    manifest::{Manifest, SegmentEntry},
    toevoeging::{Addition, Rewrite, Settled, Staged},
};

const LOCK: &str = ".lock";
const TEMPORARY: &str = ".tmp-";
const DIRECTORY: &str = "the directory";

/// Facts that are held in memory before they are written as a file.
const BUFFER: usize = 200_000;
/// More files than this are made one at the next import.
const MOST_SEGMENTS: usize = 8;

/// Why records could not be read or written. Names files only.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    /// Another command is writing.
    #[error("another command is writing the records")]
    Busy,
    /// A file cannot be read or written.
    #[error("{file} of the records cannot be read or written")]
    Io {
        /// The file within the records.
        file: String,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// A file is not what was written.
    #[error("{0} of the records is not what was written; put back a copy of the whole folder")]
    Corrupt(String),
    /// The records were written under another key.
    #[error("the records were written under key {found}, and the configured key is {configured}")]
    OtherKey {
        /// The fingerprint in the manifest.
        found: String,
        /// That of the configured key.
        configured: String,
    },
    /// The records are of another gemeente.
    #[error("the records are of {0}")]
    OtherGemeente(Gemeentecode),
    /// The records were written by another version.
    #[error("the records have a format that this version does not read")]
    Format,
    /// Facts could not be encoded.
    #[error("facts cannot be encoded")]
    Encoding,
    /// The system gave no random bytes.
    #[error("the system gave no random bytes")]
    Random,
}

/// The records of one gemeente, open for one command at a time.
#[derive(Debug)]
pub struct Records {
    dir: PathBuf,
    key: RecordKey,
    manifest: Manifest,
    opgeruimd: Opgeruimd,
    _lock: File,
}

impl Records {
    /// Opens the records in a folder, which is made if it is not there, and removes what an interrupted command left.
    ///
    /// # Errors
    /// [`RecordsError`].
    pub fn open(dir: &Path, gemeente: Gemeentecode, key: &RecordKey) -> Result<Self, RecordsError> {
        make_private_dir(dir).map_err(io_error(DIRECTORY))?;
        let lock = File::create(dir.join(LOCK)).map_err(io_error(LOCK))?;
        match lock::take(&lock) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(RecordsError::Busy),
            Err(TryLockError::Error(source)) => return Err(RecordsError::Io { file: LOCK.to_owned(), source }),
        }
        let manifest = match Manifest::read(dir)? {
            Some(manifest) => manifest,
            None => Self::begin_folder(dir, gemeente, key)?,
        };
        if manifest.gemeente != gemeente {
            return Err(RecordsError::OtherGemeente(manifest.gemeente));
        }
        let configured = key.vingerafdruk().to_string();
        if manifest.sleutel != configured {
            return Err(RecordsError::OtherKey { found: manifest.sleutel, configured });
        }
        let opgeruimd = match &manifest.opgeruimd {
            Some(name) => Opgeruimd::read(dir, name, key)?,
            None => Opgeruimd::default(),
        };
        let records = Self { dir: dir.to_owned(), key: key.clone(), manifest, opgeruimd, _lock: lock };
        records.remove_unnamed();
        Ok(records)
    }

    /// Records of nobody. A folder that has files of records and no manifest was copied in part or lost it: nothing in it
    /// is touched.
    fn begin_folder(dir: &Path, gemeente: Gemeentecode, key: &RecordKey) -> Result<Manifest, RecordsError> {
        for entry in fs::read_dir(dir).map_err(io_error(DIRECTORY))? {
            let name = entry.map_err(io_error(DIRECTORY))?.file_name();
            if name.to_str().is_some_and(|name| segment::is_name(name) || opgeruimd::is_name(name)) {
                return Err(RecordsError::Corrupt(MANIFEST.to_owned()));
            }
        }
        let manifest = Manifest::empty(gemeente, key.vingerafdruk());
        write_manifest(dir, &manifest)?;
        Ok(manifest)
    }

    /// What the records say about themselves.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Every fact, once, person by person.
    ///
    /// # Errors
    /// [`RecordsError`], at once or on the way.
    pub fn feiten(&self) -> Result<impl Iterator<Item = Result<Feit, RecordsError>> + use<>, RecordsError> {
        read(&self.dir, &self.key, &self.manifest.segmenten, &self.opgeruimd)
    }

    /// Reads everything, and compares it with what the manifest says. Says how many facts there are.
    ///
    /// # Errors
    /// [`RecordsError`]: the first file that is not what was written.
    pub fn verify(&self) -> Result<u64, RecordsError> {
        for entry in &self.manifest.segmenten {
            let mut rows = 0u64;
            let mut last: Option<Feit> = None;
            for feit in segment::read(&self.dir, entry, &self.key)? {
                let feit = feit?;
                if feit.persoon != self.key.persoon(feit.bsn) || last.as_ref().is_some_and(|last| *last >= feit) {
                    return Err(RecordsError::Corrupt(entry.file()));
                }
                rows += 1;
                last = Some(feit);
            }
            if rows != entry.rijen {
                return Err(RecordsError::Corrupt(entry.file()));
            }
        }
        let mut facts = 0u64;
        for feit in self.feiten()? {
            feit?;
            facts += 1;
        }
        if facts == self.manifest.feiten { Ok(facts) } else { Err(RecordsError::Corrupt(MANIFEST.to_owned())) }
    }

    /// Begins to add facts.
    #[must_use]
    pub fn begin(&self) -> Addition<'_> {
        Addition::of(self)
    }

    /// Makes what a manifest names the records, in one step.
    fn commit(&mut self, manifest: Manifest) -> Result<(), RecordsError> {
        sync_dir(&self.dir).map_err(io_error(DIRECTORY))?;
        write_manifest(&self.dir, &manifest)?;
        self.manifest = manifest;
        self.remove_unnamed();
        Ok(())
    }

    /// A failure is no reason to fail a command whose records are whole: the next one tries again, and until then the
    /// remains are as encrypted as the records.
    fn remove_unnamed(&self) {
        let Ok(entries) = fs::read_dir(&self.dir) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            let named = self.manifest.segmenten.iter().any(|segment| segment.file() == name)
                || self.manifest.opgeruimd.as_deref() == Some(name);
            if !named
                && (name.starts_with(TEMPORARY) || segment::is_name(name) || opgeruimd::is_name(name))
                && let Err(error) = fs::remove_file(entry.path())
            {
                tracing::warn!(kind = ?error.kind(), "a file that is no longer of the records could not be removed");
            }
        }
    }
}

impl Records {
    /// Writes every fact again under another key, by which persons get another order, and makes those files the
    /// records. `progress` is told how many more facts were written.
    ///
    /// # Errors
    /// [`RecordsError`]; the records are then those that they were.
    pub fn rekey(&mut self, key: &RecordKey, progress: &mut dyn FnMut(u64)) -> Result<(), RecordsError> {
        let mut segmenten = Vec::new();
        let mut buffer = Vec::new();
        let mut spill = |buffer: &mut Vec<Feit>| {
            let mut writer = SegmentWriter::create(&self.dir, key)?;
            for feit in sorted(buffer) {
                writer.write(feit)?;
            }
            progress(buffer.len() as u64);
            buffer.clear();
            segmenten.push(writer.finish()?);
            Ok::<_, RecordsError>(())
        };
        for feit in self.feiten()? {
            let feit = feit?;
            buffer.push(Feit { persoon: key.persoon(feit.bsn), ..feit });
            if buffer.len() >= BUFFER {
                spill(&mut buffer)?;
            }
        }
        if !buffer.is_empty() {
            spill(&mut buffer)?;
        }
        let sleutel = key.vingerafdruk().to_string();
        let opgeruimd = self.opgeruimd.write(&self.dir, key)?;
        self.commit(Manifest { sleutel, segmenten, opgeruimd, ..self.manifest.clone() })?;
        self.key = key.clone();
        Ok(())
    }
}

fn write_manifest(dir: &Path, manifest: &Manifest) -> Result<(), RecordsError> {
    let temporary = dir.join(format!("{TEMPORARY}{MANIFEST}"));
    write_synced(&temporary, &manifest.to_json()?).map_err(io_error(MANIFEST))?;
    fs::rename(&temporary, dir.join(MANIFEST)).map_err(io_error(MANIFEST))?;
    sync_dir(dir).map_err(io_error(DIRECTORY))
}

/// Facts in order. They are large, so places are sorted and not the facts themselves.
fn sorted(feiten: &[Feit]) -> Vec<&Feit> {
    let mut places: Vec<(u64, &Feit)> = feiten.iter().map(|feit| (feit.persoon.head(), feit)).collect();
    places.sort_unstable_by(|(one, feit), (other, than)| one.cmp(other).then_with(|| feit.cmp(than)));
    places.into_iter().map(|(_, feit)| feit).collect()
}

fn read(
    dir: &Path,
    key: &RecordKey,
    segmenten: &[SegmentEntry],
    opgeruimd: &Opgeruimd,
) -> Result<impl Iterator<Item = Result<Feit, RecordsError>> + use<>, RecordsError> {
    let mut readers = segmenten.iter().map(|entry| segment::read(dir, entry, key)).collect::<Result<Vec<_>, _>>()?;
    // One file has every fact once.
    let only = if readers.len() == 1 { readers.pop() } else { None };
    let opgeruimd = opgeruimd.clone();
    // Facts about one person come together.
    let mut last: Option<(Bsn, Option<Date>)> = None;
    let mut counts = move |feit: &Feit| {
        let tot = match last {
            Some((bsn, tot)) if bsn == feit.bsn => tot,
            _ => opgeruimd.tot(feit.bsn),
        };
        last = Some((feit.bsn, tot));
        tot.is_none_or(|tot| feit.bericht.dagtekening >= tot)
    };
    let all = only.into_iter().flatten().chain(uniek(samenvoegen::merge(readers)));
    Ok(all.filter(move |feit| feit.as_ref().map_or(true, &mut counts)))
}

fn io_error(file: impl Into<String>) -> impl FnOnce(io::Error) -> RecordsError {
    let file = file.into();
    move |source| RecordsError::Io { file, source }
}
