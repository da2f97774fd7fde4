//! What a snapshot says about itself: for which gemeente and periods, made when and from which records, and the digest
//! by which each of its files is known.

use std::collections::BTreeMap;

use drempel_protocols::id::{Digest, Gemeentecode, Period};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The only format that this version writes and reads.
pub(super) const FORMAT: u32 = 4;

/// What the maker of a snapshot knows and its rows do not say.
#[derive(Clone, Debug)]
pub struct ManifestInput {
    /// The gemeente.
    pub gemeente: Gemeentecode,
    /// When it was made.
    pub created: Timestamp,
    /// The periods it holds, those without rows too.
    pub periods: Vec<Period>,
    /// Whether product codes were mapped.
    pub afbeelding: bool,
}

/// The manifest of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Format of the whole snapshot.
    pub format: u32,
    /// The gemeente.
    pub gemeente: Gemeentecode,
    /// When it was made.
    pub created: Timestamp,
    /// The periods it holds.
    pub periods: Vec<Period>,
    /// Whether product codes were mapped; else hulpvormen follow from categorieën.
    pub afbeelding: bool,
    /// The records that it was made from; none if it was not made from records.
    pub records: Option<Digest>,
    /// Its files by name.
    pub files: BTreeMap<String, FileEntry>,
}

/// One file of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// How many rows it has.
    pub rows: usize,
    /// SHA-256 of the file as it is.
    pub sha256: Digest,
}
