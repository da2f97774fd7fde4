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
mod verzameling;

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use drempel_protocols::id::Gemeentecode;

use super::{
    bestand::{make_private_dir, sync_dir, write_synced},
    feit::Dossier,
    sleutel::RecordKey,
};
use crate::lock;

use self::verzameling::Verzameling;
use self::{manifest::MANIFEST, opgeruimd::Opgeruimd};
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

/// The fingerprint of the key that the records in a folder are encrypted with; none if there are no records.
///
/// # Errors
/// [`RecordsError`].
pub(crate) fn fingerprint(dir: &Path) -> Result<Option<String>, RecordsError> {
    Ok(Manifest::read(dir)?.map(|manifest| manifest.sleutel))
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
    pub fn dossiers(&self) -> Result<impl Iterator<Item = Result<Dossier, RecordsError>> + use<>, RecordsError> {
        read(&self.dir, &self.key, &self.manifest.segmenten, None, &self.opgeruimd)
    }

    /// Reads everything, and compares it with what the manifest says. Says how many facts there are.
    ///
    /// # Errors
    /// [`RecordsError`]: the first file that is not what was written.
    pub fn verify(&self) -> Result<u64, RecordsError> {
        for entry in &self.manifest.segmenten {
            let mut rows = 0u64;
            let mut last = None;
            for dossier in segment::read(&self.dir, entry, &self.key)? {
                let Dossier { persoon, bsn, feiten } = dossier?;
                let known = persoon == self.key.persoon(bsn);
                let ordered = last < Some((persoon, bsn)) && feiten.is_sorted_by(|feit, next| feit < next);
                if !known || !ordered {
                    return Err(RecordsError::Corrupt(entry.file()));
                }
                rows += feiten.len() as u64;
                last = Some((persoon, bsn));
            }
            if rows != entry.rijen {
                return Err(RecordsError::Corrupt(entry.file()));
            }
        }
        let mut facts = 0u64;
        for dossier in self.dossiers()? {
            facts += dossier?.feiten.len() as u64;
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
        let mut buffer = Verzameling::default();
        let mut spill = |buffer: &mut Verzameling| {
            let facts = buffer.aantal();
            segmenten.push(segment::write(&self.dir, key, &buffer.orden())?);
            progress(facts as u64);
            Ok::<_, RecordsError>(())
        };
        for dossier in self.dossiers()? {
            let Dossier { bsn, feiten, .. } = dossier?;
            for feit in feiten {
                buffer.add(bsn, || key.persoon(bsn), feit);
            }
            if buffer.aantal() >= BUFFER {
                spill(&mut buffer)?;
            }
        }
        if buffer.aantal() > 0 {
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

fn read(
    dir: &Path,
    key: &RecordKey,
    segmenten: &[SegmentEntry],
    laatste: Option<Vec<Dossier>>,
    opgeruimd: &Opgeruimd,
) -> Result<impl Iterator<Item = Result<Dossier, RecordsError>> + use<>, RecordsError> {
    let on_disk = segmenten.iter().map(|entry| Ok(Bron::Bestand(segment::read(dir, entry, key)?)));
    let mut bronnen = on_disk.collect::<Result<Vec<_>, _>>()?;
    bronnen.extend(laatste.map(|laatste| Bron::Geheugen(laatste.into_iter())));
    let opgeruimd = opgeruimd.clone();
    Ok(samenvoegen::merge(bronnen).filter_map(move |dossier| {
        let mut dossier = match dossier {
            Ok(dossier) => dossier,
            Err(error) => return Some(Err(error)),
        };
        if let Some(tot) = opgeruimd.tot(dossier.bsn) {
            dossier.feiten.retain(|feit| feit.bericht.dagtekening >= tot);
        }
        if dossier.feiten.is_empty() { None } else { Some(Ok(dossier)) }
    }))
}

/// Where dossiers come from, in order.
enum Bron<B> {
    Bestand(B),
    Geheugen(std::vec::IntoIter<Dossier>),
}

impl<B: Iterator<Item = Result<Dossier, RecordsError>>> Iterator for Bron<B> {
    type Item = Result<Dossier, RecordsError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Bestand(dossiers) => dossiers.next(),
            Self::Geheugen(dossiers) => dossiers.next().map(Ok),
        }
    }
}

fn io_error(file: impl Into<String>) -> impl FnOnce(io::Error) -> RecordsError {
    let file = file.into();
    move |source| RecordsError::Io { file, source }
}
