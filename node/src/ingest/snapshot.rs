//! A snapshot: the trajecten of one import and the rows of every view, in Parquet, without a BSN and under person
//! numbers that mean nothing elsewhere. To whoever reads one, a snapshot is whole: it is written beside the live one,
//! brought to disk, and only then does the pointer `current` move to it, in one step. What a reader gets has the
//! digests that its manifest names.

mod columns;
mod manifest;
mod read;
#[cfg(test)]
mod tests;
mod write;

use std::{fmt, io, str::FromStr};

use data_encoding::HEXLOWER;
use jiff::civil::Date;

use super::{
    afbeelding::Zorg,
    codes::Geslacht,
    sleutel::{PersoonSleutel, TrajectId},
    traject::Einde,
};

pub use self::{
    manifest::{FileEntry, Manifest, ManifestInput},
    read::Snapshot,
    write::{SnapshotWriter, Written},
};

/// The pointer to the live snapshot.
const CURRENT: &str = "current";
const MANIFEST: &str = "manifest.json";
const TRAJECTEN: &str = "trajecten.parquet";
const PERSONEN: &str = "personen.parquet";

/// A traject as a snapshot holds it. The order of rows is that of the person's number, then of the other fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TrajectRow {
    /// The number of the person in this snapshot.
    pub persoon: u32,
    /// What it is counted as.
    pub zorg: Zorg,
    /// The first day.
    pub aanvang: Date,
    /// How it ended.
    pub einde: Option<Einde>,
    /// Geslacht of the person.
    pub geslacht: Geslacht,
    /// The keyed identifier.
    pub traject_id: TrajectId,
}

/// A person: by number within the snapshot, and by the keyed hash that stays from one snapshot to the next.
pub(super) type PersoonRow = (u32, PersoonSleutel);

/// The name of a snapshot: 128 random bits (rule R9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotId([u8; 16]);

impl SnapshotId {
    fn random() -> Result<Self, SnapshotError> {
        let mut bytes = [0; 16];
        ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut bytes)
            .map_err(|_| SnapshotError::Random)?;
        Ok(Self(bytes))
    }
}

impl FromStr for SnapshotId {
    type Err = SnapshotError;

    fn from_str(text: &str) -> Result<Self, SnapshotError> {
        let bytes = HEXLOWER.decode(text.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| SnapshotError::Corrupt(CURRENT.to_owned()))
    }
}

impl fmt::Display for SnapshotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

/// Why a snapshot could not be written or read. Names files of the snapshot only.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// There is no live snapshot.
    #[error("there is no snapshot")]
    None,
    /// Another import is writing one.
    #[error("another import is writing a snapshot")]
    Busy,
    /// A file cannot be read or written.
    #[error("{file} of the snapshot cannot be read or written")]
    Io {
        /// The file within the snapshot.
        file: String,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// A file is not what was written.
    #[error("{0} of the snapshot is not what was written")]
    Corrupt(String),
    /// The snapshot was written by another version.
    #[error("the snapshot has a format that this version does not read; import again")]
    Format,
    /// A table could not be made or encoded.
    #[error("{0} of the snapshot cannot be encoded")]
    Encoding(String),
    /// A person has two members of a dimension that allows one (rule R1).
    #[error("a person has more than one member of {0} in a half-year")]
    PerPersoon(&'static str),
    /// The system gave no random bytes.
    #[error("the system gave no random bytes")]
    Random,
}

fn io_error(file: &str) -> impl FnOnce(io::Error) -> SnapshotError + use<> {
    let file = file.to_owned();
    move |source| SnapshotError::Io { file, source }
}
