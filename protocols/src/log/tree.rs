//! The tree over the records of a log: its root changes with every record, a record is proved to be in it, and a tree to begin
//! with an earlier one, by a few hashes each. The arithmetic is that of `tlog_tiles`.

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use tlog_tiles::{
    EMPTY_HASH, Error, Hash, HashReader, check_record, check_tree, prove_record, prove_tree, record_hash,
    stored_hash_count, stored_hash_index, stored_hashes_for_record_hash, tree_hash,
};

/// Why there is no proof, or why one does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// The tree is smaller, or the earlier one larger, than was asked about.
    #[error("the tree does not reach so far")]
    Size,
    /// The hashes do not lead to the root.
    #[error("the proof does not hold")]
    Proof,
    /// The text is no hash.
    #[error("a hash is 32 bytes in base64")]
    Hash,
}

/// SHA-256 over a record, or over two hashes: RFC 6962 section 2.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TreeHash([u8; 32]);

impl TreeHash {
    /// Of a record, byte for byte.
    #[must_use]
    pub fn of_record(record: &[u8]) -> Self {
        Self(record_hash(record).0)
    }

    /// The root over no records.
    #[must_use]
    pub const fn of_nothing() -> Self {
        Self(EMPTY_HASH.0)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// From 32 bytes that were a hash before.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    const fn hash(self) -> Hash {
        Hash(self.0)
    }
}

impl std::fmt::Display for TreeHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&BASE64.encode(&self.0))
    }
}

impl std::str::FromStr for TreeHash {
    type Err = TreeError;

    fn from_str(text: &str) -> Result<Self, TreeError> {
        // The last of its 44 characters is padding, for which there is room too.
        let mut bytes = [0; 33];
        if BASE64.decode_len(text.len()) != Ok(bytes.len()) {
            return Err(TreeError::Hash);
        }
        let length = BASE64.decode_mut(text.as_bytes(), &mut bytes).map_err(|_| TreeError::Hash)?;
        let hash = bytes.get(..length).and_then(|hash| hash.try_into().ok());
        hash.map(Self).ok_or(TreeError::Hash)
    }
}

impl TryFrom<String> for TreeHash {
    type Error = TreeError;

    fn try_from(text: String) -> Result<Self, TreeError> {
        text.parse()
    }
}

impl From<TreeHash> for String {
    fn from(hash: TreeHash) -> Self {
        hash.to_string()
    }
}

/// A tree, with the hash of every record and of every whole subtree: less than two for each record.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tree {
    size: u64,
    hashes: Hashes,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Hashes(Vec<Hash>);

impl HashReader for Hashes {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        let hash = |index: &u64| usize::try_from(*index).ok().and_then(|place| self.0.get(place)).copied();
        indexes.iter().map(hash).collect::<Option<_>>().ok_or(Error::IndexesNotInTree)
    }
}

impl Tree {
    /// Adds a record.
    pub fn push(&mut self, record: TreeHash) {
        // What it reads are hashes of whole subtrees before this record, which are all there.
        if let Ok(new) = stored_hashes_for_record_hash(self.size, record.hash(), &self.hashes) {
            self.hashes.0.extend(new);
            self.size = self.size.saturating_add(1);
        }
    }

    /// How many records it has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The hash of a record, by its place from 0.
    #[must_use]
    pub fn record(&self, index: u64) -> Option<TreeHash> {
        // The place of a number that is too large would not be one.
        let index = Some(index).filter(|index| *index < self.size)?;
        let place = usize::try_from(stored_hash_index(0, index)).ok()?;
        self.hashes.0.get(place).map(|hash| TreeHash(hash.0))
    }

    /// The root over the first records.
    ///
    /// # Errors
    /// [`TreeError::Size`] if there are not so many.
    pub fn root(&self, size: u64) -> Result<TreeHash, TreeError> {
        if size > self.size {
            return Err(TreeError::Size);
        }
        tree_hash(size, &self.hashes).map(|hash| TreeHash(hash.0)).map_err(|_| TreeError::Size)
    }

    /// That a record is among the first records.
    ///
    /// # Errors
    /// [`TreeError::Size`] if it is not.
    pub fn inclusion(&self, index: u64, size: u64) -> Result<Inclusion, TreeError> {
        if size > self.size {
            return Err(TreeError::Size);
        }
        let path = prove_record(size, index, &self.hashes).map_err(|_| TreeError::Size)?;
        Ok(Inclusion { index, path: path.into_iter().map(|hash| TreeHash(hash.0)).collect() })
    }

    /// That the first `size` records begin with the first `earlier` ones.
    ///
    /// # Errors
    /// [`TreeError::Size`] if there are not so many.
    pub fn consistency(&self, earlier: u64, size: u64) -> Result<Consistency, TreeError> {
        if size > self.size || earlier > size {
            return Err(TreeError::Size);
        }
        if earlier == 0 {
            return Ok(Consistency(Vec::new()));
        }
        let path = prove_tree(size, earlier, &self.hashes).map_err(|_| TreeError::Size)?;
        Ok(Consistency(path.into_iter().map(|hash| TreeHash(hash.0)).collect()))
    }

    /// The hashes that were added since there were so many records, to be kept in the order of `tlog_tiles`.
    #[must_use]
    pub fn since(&self, size: u64) -> Vec<u8> {
        self.between(size, self.size)
    }

    /// The hashes that were added since there were `earlier` records and until there were `later`: a part of what
    /// [`Tree::since`] gives, which no later record changes.
    #[must_use]
    pub fn between(&self, earlier: u64, later: u64) -> Vec<u8> {
        let count = |size: u64| usize::try_from(stored_hash_count(size.min(self.size))).unwrap_or(usize::MAX);
        let added = self.hashes.0.get(count(earlier)..count(later)).unwrap_or_default();
        added.iter().flat_map(|hash| hash.0).collect()
    }

    /// A tree of so many records from its hashes, as [`Tree::since`] gave them since the beginning; none if they are too few.
    /// Only its root tells whether they are right.
    #[must_use]
    pub fn restore(size: u64, kept: &[u8]) -> Option<Self> {
        let (hashes, _) = kept.as_chunks::<32>();
        // Each record has a hash of its own, so that no size overflows what comes next.
        let size = Some(size).filter(|size| *size <= hashes.len() as u64)?;
        let count = usize::try_from(stored_hash_count(size)).ok()?;
        let hashes = hashes.get(..count)?.iter().map(|bytes| Hash(*bytes)).collect();
        Some(Self { size, hashes: Hashes(hashes) })
    }
}

/// A proof that a record is in a tree: RFC 6962 section 2.1.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inclusion {
    /// The place of the record, from 0.
    pub index: u64,
    /// From the sibling of the record to the child of the root.
    pub path: Vec<TreeHash>,
}

/// A tree that is larger than any can be has no proof longer than this.
const LONGEST: usize = 64;

impl Inclusion {
    /// Whether a record is where this says, in a tree of this size and root.
    ///
    /// # Errors
    /// [`TreeError`] if it is not proved.
    pub fn verify(&self, record: TreeHash, size: u64, root: TreeHash) -> Result<(), TreeError> {
        if self.index >= size || self.path.len() > LONGEST {
            return Err(TreeError::Size);
        }
        let path = self.path.iter().map(|hash| hash.hash()).collect();
        check_record(&path, size, root.hash(), self.index, record.hash()).map_err(|_| TreeError::Proof)
    }
}

/// A proof that a tree begins with an earlier one: RFC 6962 section 2.1.2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consistency(pub Vec<TreeHash>);

impl Consistency {
    /// Whether a tree begins with an earlier one, each by its size and root.
    ///
    /// # Errors
    /// [`TreeError`] if it is not proved.
    pub fn verify(&self, earlier: (u64, TreeHash), later: (u64, TreeHash)) -> Result<(), TreeError> {
        let ((old, old_root), (new, new_root)) = (earlier, later);
        if old > new || self.0.len() > LONGEST {
            return Err(TreeError::Size);
        }
        if old == 0 || old == new {
            // Of nothing, and of the same, there is nothing to prove but the roots.
            let is_known = (old > 0 || old_root == TreeHash::of_nothing()) && (old < new || old_root == new_root);
            return if self.0.is_empty() && is_known { Ok(()) } else { Err(TreeError::Proof) };
        }
        let path = self.0.iter().map(|hash| hash.hash()).collect();
        check_tree(&path, new, new_root.hash(), old, old_root.hash()).map_err(|_| TreeError::Proof)
    }
}
