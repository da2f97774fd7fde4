//! The standing of a log: what a node knew of all records before a segment, in a file beside the folder, so that a start need
//! not read those. It is sealed with the key of the log: who has not that can make no node forget which releases it answered
//! from, or which ids were used. What is not of the log as it stands is not believed, and then all of it is read.

use std::{
    collections::BTreeSet,
    fs::{self, OpenOptions},
    io::{self, BufWriter, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use drempel_protocols::log::{LogHead, LogKey, SignedCheckpoint, SigningKey, Tree};
use jiff::Timestamp;
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

use super::{
    answered::AnsweredFrom, checkpoints::Checkpoints, holders::Holders, inventory::Inventory, memory::Memory,
    removed::Removed, replay::Replays, segment,
};
use crate::decision::{Decisions, Motivation, Pseudonym};

/// What the seal says it is, with the version of what is below.
const LABEL: &str = "standing of a log 3";
/// Bytes of a seal.
const SEAL: usize = 64;
/// How many records' hashes are written at once: others can write to the log in between.
const AT_ONCE: u64 = 16 * 1024;
/// Most bytes of the ids in use: a start that had to read more could as well read a segment.
const MOST: usize = 64 * 1024 * 1024;

/// Why a standing is not believed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unbelieved {
    #[error("there is no standing that can be read: {0}")]
    Unreadable(#[from] io::Error),
    #[error("the standing is not sealed with the key of the log")]
    Seal,
    #[error("the standing is not that of a log")]
    Content,
    #[error("the standing is not of the log as it is in the folder")]
    OtherLog,
}

/// Where a log stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct At {
    /// How far it went.
    pub(super) head: LogHead,
    pub(super) key: LogKey,
    /// Those that may still be asked for.
    pub(super) checkpoints: Checkpoints,
    /// The texts of the last ones, which the file beside the segments can name.
    pub(super) last: Vec<String>,
    last_time: Timestamp,
    answered: AnsweredFrom,
    decisions: Decisions,
    holders: Holders,
    removed: Option<Removed>,
    erased: BTreeSet<Pseudonym>,
    inventory: Inventory,
    anew: Option<(Timestamp, Motivation)>,
    /// How many ids follow.
    used: usize,
}

/// A standing that was read.
#[derive(Debug, PartialEq)]
pub(super) struct Standing {
    pub(super) at: At,
    pub(super) memory: Memory,
    /// Over all records before.
    pub(super) tree: Tree,
}

/// What was remembered of the records before a segment.
pub(super) struct Remembered {
    last_time: Timestamp,
    answered: AnsweredFrom,
    decisions: Decisions,
    holders: Holders,
    removed: Option<Removed>,
    erased: BTreeSet<Pseudonym>,
    inventory: Inventory,
    anew: Option<(Timestamp, Motivation)>,
    used: usize,
    lines: String,
    /// The first of them whose checkpoint may still be asked for.
    pub(super) first_answer: u64,
}

impl Remembered {
    /// None where more ids are in use than a start should read.
    pub(super) fn of(
        Memory { last_time, replays, answered, decisions, holders, removed, erased, inventory, anew }: &Memory,
    ) -> Option<Self> {
        Some(Self {
            last_time: *last_time,
            answered: answered.clone(),
            decisions: decisions.clone(),
            holders: holders.clone(),
            removed: *removed,
            erased: erased.clone(),
            inventory: inventory.clone(),
            anew: anew.clone(),
            used: replays.count(),
            lines: replays.lines(MOST)?,
            first_answer: replays.first_answer().unwrap_or(u64::MAX),
        })
    }
}

/// A standing that is not written yet: all but the hashes of its tree, which no later record changes.
pub(super) struct Draft {
    size: u64,
    text: Vec<u8>,
}

/// The file of the standing of a log.
pub(super) fn path(folder: &Path) -> PathBuf {
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(".standing");
    folder.with_file_name(name)
}

impl Draft {
    /// Of a log when it had these checkpoints and no record after them.
    pub(super) fn of(tree: &Tree, checkpoints: Checkpoints, remembered: Remembered, key: &SigningKey) -> Option<Self> {
        let Remembered {
            last_time, answered, decisions, holders, removed, erased, inventory, anew, used, lines, ..
        } = remembered;
        let size = checkpoints.last();
        let sign = |size: &u64| SignedCheckpoint::sign(*size, tree.root(*size).ok()?, key).ok();
        let last = checkpoints.named().iter().map(|size| Some(sign(size)?.to_string())).collect::<Option<_>>()?;
        let head = LogHead { size, root: tree.root(size).ok()? };
        let key = key.public().clone();
        let at = At {
            head,
            key,
            checkpoints,
            last,
            last_time,
            answered,
            decisions,
            holders,
            removed,
            erased,
            inventory,
            anew,
            used,
        };
        let mut text = serde_json::to_vec(&at).ok()?;
        text.push(b'\n');
        text.extend_from_slice(lines.as_bytes());
        Some(Self { size, text })
    }

    /// How many records it is over.
    pub(super) const fn size(&self) -> u64 {
        self.size
    }

    /// Writes it to its file, so that it is there as a whole or what was there before stays. `hashes` gives those that were
    /// added to the tree between two sizes.
    pub(super) fn write(&self, file: &Path, key: &SigningKey, hashes: impl Fn(u64, u64) -> Vec<u8>) -> io::Result<()> {
        let mut unfinished = file.as_os_str().to_owned();
        unfinished.push(".new");
        let written = self.fill(Path::new(&unfinished), key, hashes).and_then(|()| fs::rename(&unfinished, file));
        if written.is_err() {
            // On a disk that is full it would be in the way of the log.
            fs::remove_file(&unfinished).unwrap_or_default();
        }
        written.and_then(|()| file.parent().map_or(Ok(()), segment::sync_folder))
    }

    fn fill(&self, file: &Path, key: &SigningKey, hashes: impl Fn(u64, u64) -> Vec<u8>) -> io::Result<()> {
        let opened = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file);
        let (mut file, mut hash) = (BufWriter::new(opened?), Context::new(&SHA256));
        let mut write = |bytes: &[u8]| {
            hash.update(bytes);
            file.write_all(bytes)
        };
        write(&self.text)?;
        let mut done = 0;
        while done < self.size {
            let next = done.saturating_add(AT_ONCE).min(self.size);
            write(&hashes(done, next))?;
            done = next;
        }
        file.write_all(&key.seal(LABEL, &finish(hash)))?;
        file.into_inner()?.sync_all()
    }
}

impl Standing {
    /// The standing of a log, if it is sealed with this key.
    pub(super) fn read(file: &Path, key: &LogKey) -> Result<Self, Unbelieved> {
        // A pipe could have no end.
        if !fs::symlink_metadata(file)?.is_file() {
            return Err(io::Error::from(io::ErrorKind::InvalidInput).into());
        }
        Self::open(&fs::read(file)?, key)
    }

    /// What is in the file of a standing, if it is sealed with this key.
    pub(super) fn open(content: &[u8], key: &LogKey) -> Result<Self, Unbelieved> {
        let (sealed, seal) = content.split_last_chunk::<SEAL>().ok_or(Unbelieved::Seal)?;
        let mut hash = Context::new(&SHA256);
        hash.update(sealed);
        if !key.sealed(LABEL, &finish(hash), seal) {
            return Err(Unbelieved::Seal);
        }
        Self::parse(sealed).filter(|standing| standing.at.key == *key).ok_or(Unbelieved::Content)
    }

    fn parse(sealed: &[u8]) -> Option<Self> {
        let end = sealed.iter().position(|byte| *byte == b'\n')?;
        let (head, rest) = sealed.split_at_checked(end)?;
        let at: At = serde_json::from_slice(head).ok()?;
        // How many bytes the lines have is known once they are read.
        let mut left = rest.get(1..)?;
        let mut lines = std::iter::from_fn(|| {
            let end = left.iter().position(|byte| *byte == b'\n')?;
            let (line, after) = left.split_at_checked(end)?;
            left = after.get(1..)?;
            std::str::from_utf8(line).ok()
        });
        let replays = Replays::read(at.used, &mut lines)?;
        let tree = Tree::restore(at.head.size, left)?;
        let is_whole = tree.root(at.head.size) == Ok(at.head.root) && at.checkpoints.last() == at.head.size;
        let memory = Memory {
            last_time: at.last_time,
            replays,
            answered: at.answered.clone(),
            decisions: at.decisions.clone(),
            holders: at.holders.clone(),
            removed: at.removed,
            erased: at.erased.clone(),
            inventory: at.inventory.clone(),
            anew: at.anew.clone(),
        };
        is_whole.then_some(Self { at, memory, tree })
    }
}

fn finish(hash: Context) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(hash.finish().as_ref());
    bytes
}
