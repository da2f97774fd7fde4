//! What the records say about themselves: of which gemeente, under which key, and in which files.

use std::{fs, io, path::Path};

use data_encoding::HEXLOWER;
use drempel_protocols::id::{Digest, Gemeentecode};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{super::sleutel::Vingerafdruk, RecordsError, io_error};

pub(super) const MANIFEST: &str = "manifest.json";

/// The only format that this version writes and reads.
const FORMAT: u32 = 1;

/// The manifest of the records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub(super) format: u32,
    /// The gemeente.
    pub gemeente: Gemeentecode,
    /// The fingerprint of the key.
    pub sleutel: String,
    /// Until which day retention has removed who was no longer in care.
    pub opgeruimd_tot: Option<Date>,
    /// The file of those whom it removed.
    pub(super) opgeruimd: Option<String>,
    /// How many facts there are, each counted once.
    pub feiten: u64,
    /// The files.
    pub segmenten: Vec<SegmentEntry>,
}

/// One file of facts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentEntry {
    /// Its name: 128 random bits (rule R9).
    pub(super) id: String,
    /// How many facts it has.
    pub rijen: u64,
    /// SHA-256 of the file as it is.
    pub sha256: Digest,
}

impl SegmentEntry {
    /// Its name in the folder.
    #[must_use]
    pub fn file(&self) -> String {
        format!("{}.parquet", self.id)
    }

    pub(super) fn id(&self) -> Option<[u8; 16]> {
        HEXLOWER.decode(self.id.as_bytes()).ok()?.try_into().ok()
    }
}

impl Manifest {
    pub(super) fn empty(gemeente: Gemeentecode, sleutel: Vingerafdruk) -> Self {
        Self {
            format: FORMAT,
            gemeente,
            sleutel: sleutel.to_string(),
            opgeruimd_tot: None,
            opgeruimd: None,
            feiten: 0,
            segmenten: Vec::new(),
        }
    }

    /// The manifest in a folder, if there is one.
    pub(super) fn read(dir: &Path) -> Result<Option<Self>, RecordsError> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let text = match fs::read(dir.join(MANIFEST)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io_error(MANIFEST)(error)),
        };
        let corrupt = |_| RecordsError::Corrupt(MANIFEST.to_owned());
        // The format is read alone first: another format may have other fields.
        let Format { format } = serde_json::from_slice(&text).map_err(corrupt)?;
        if format != FORMAT {
            return Err(RecordsError::Format);
        }
        serde_json::from_slice(&text).map(Some).map_err(corrupt)
    }

    pub(super) fn to_json(&self) -> Result<Vec<u8>, RecordsError> {
        serde_json::to_vec_pretty(self).map_err(|_| RecordsError::Encoding)
    }

    /// The digest by which a snapshot names the records that it was made from.
    #[must_use]
    pub fn digest(&self) -> Digest {
        digest(&self.segmenten)
    }
}

pub(super) fn digest(segmenten: &[SegmentEntry]) -> Digest {
    let parts: Vec<&[u8]> = segmenten.iter().map(|segment| segment.sha256.as_bytes().as_slice()).collect();
    Digest::of("drempel records v1", &parts)
}
