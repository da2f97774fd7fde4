//! How many records each checkpoint of a log has: of all of them, or of the last ones after a start that did not read the
//! others. What is answered again gets the proof of the checkpoint that signed it first.

use serde::{Deserialize, Serialize};

/// How many the file beside the segments names.
const NAMED: usize = 2;

/// The sizes of the checkpoints of a log, in order, and how many there were before those.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoints {
    before: usize,
    sizes: Vec<u64>,
}

impl Checkpoints {
    /// How many there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.before.saturating_add(self.sizes.len())
    }

    /// How many records the last one has.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.sizes.last().copied().unwrap_or(0)
    }

    /// Whether one of those that are known has so many records.
    pub(super) fn has(&self, size: u64) -> bool {
        self.sizes.binary_search(&size).is_ok()
    }

    pub(super) fn push(&mut self, size: u64) {
        self.sizes.push(size);
    }

    /// Of the last ones that the file beside the segments can name.
    pub(super) fn named(&self) -> &[u64] {
        self.sizes.get(self.sizes.len().saturating_sub(NAMED)..).unwrap_or_default()
    }

    /// How many records the first one with this record has.
    pub(super) fn signing(&self, record: u64) -> Option<u64> {
        let signed = self.sizes.partition_point(|size| *size < record);
        self.sizes.get(signed).copied()
    }

    /// Those that there were when the log had so many records, without those that signed nothing from a record on; the
    /// last ones, which are named, stay.
    pub(super) fn until(&self, size: u64, record: u64) -> Self {
        let until = self.sizes.partition_point(|of| *of <= size);
        let from = self.sizes.partition_point(|of| *of < record).min(until.saturating_sub(NAMED));
        let sizes = self.sizes.get(from..until).unwrap_or_default().to_vec();
        Self { before: self.before.saturating_add(from), sizes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_the_first_ones_only_their_number_is_kept() {
        let mut all = Checkpoints::default();
        assert_eq!((all.count(), all.last(), all.named(), all.signing(1)), (0, 0, &[][..], None));
        for size in [1, 4, 5, 9, 12] {
            all.push(size);
        }
        for (size, record, before, sizes) in [
            (12, 5, 2, vec![5, 9, 12]),
            (12, 2, 1, vec![4, 5, 9, 12]),
            (12, 13, 3, vec![9, 12]),
            (9, 13, 2, vec![5, 9]),
            (9, 4, 1, vec![4, 5, 9]),
            (1, 13, 0, vec![1]),
        ] {
            let kept = all.until(size, record);
            assert_eq!(kept, Checkpoints { before, sizes });
            assert!((record..=size).all(|record| kept.signing(record) == all.signing(record)));
            assert_eq!(kept.until(size, record), kept);
            assert!(kept.has(size) && !kept.has(3));
        }
    }
}
