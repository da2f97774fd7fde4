//! The rules under which cells leave a node: the constants that nobody can configure away, met with the gemeente's own
//! file, which can only be stricter.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    catalogue::Cube,
    id::{CubeName, Digest, PurposeId},
};

/// The threshold that nobody can configure away: a cell of fewer distinct persons is hidden.
pub const LEAST_K: u32 = 10;
/// The most cells any answer of one node may have.
pub const MOST_CELLS: usize = 50_000;

/// A policy: as strict as [`Policy::constants`], or stricter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Policy {
    k: u32,
    max_cells: usize,
    declined_cubes: BTreeSet<CubeName>,
    declined_purposes: BTreeSet<PurposeId>,
}

/// A policy as it is written in a file. What it leaves out is as the constants have it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PolicyFile {
    /// The threshold in persons; below [`LEAST_K`] it has no effect.
    pub k: Option<u32>,
    /// The most cells of an answer.
    pub max_cells: Option<usize>,
    /// Cubes that this gemeente does not answer.
    pub declined_cubes: BTreeSet<CubeName>,
    /// Purposes for which this gemeente does not answer.
    pub declined_purposes: BTreeSet<PurposeId>,
}

impl Policy {
    /// The layer that nobody can configure away.
    #[must_use]
    pub fn constants() -> Self {
        Self { k: LEAST_K, max_cells: MOST_CELLS, declined_cubes: BTreeSet::new(), declined_purposes: BTreeSet::new() }
    }

    /// A file's policy met with the constants.
    #[must_use]
    pub fn from_file(file: &PolicyFile) -> Self {
        Self::constants().strictest(&Self {
            k: file.k.unwrap_or(LEAST_K),
            max_cells: file.max_cells.unwrap_or(MOST_CELLS),
            declined_cubes: file.declined_cubes.clone(),
            declined_purposes: file.declined_purposes.clone(),
        })
    }

    /// The strictest of both: commutative, idempotent, never weaker than either.
    #[must_use]
    pub fn strictest(&self, other: &Self) -> Self {
        Self {
            k: self.k.max(other.k),
            max_cells: self.max_cells.min(other.max_cells),
            declined_cubes: self.declined_cubes.union(&other.declined_cubes).cloned().collect(),
            declined_purposes: self.declined_purposes.union(&other.declined_purposes).cloned().collect(),
        }
    }

    /// The threshold: fewest distinct persons of a cell that is shown and not zero.
    #[must_use]
    pub fn k(&self) -> u32 {
        self.k
    }

    /// The most cells of an answer.
    #[must_use]
    pub fn max_cells(&self) -> usize {
        self.max_cells
    }

    /// Whether a cube is answered.
    #[must_use]
    pub fn accepts_cube(&self, cube: &CubeName) -> bool {
        !self.declined_cubes.contains(cube)
    }

    /// Whether a purpose is answered for.
    #[must_use]
    pub fn accepts_purpose(&self, purpose: &PurposeId) -> bool {
        !self.declined_purposes.contains(purpose)
    }

    /// Whether a cube is answered for any purpose at all.
    #[must_use]
    pub fn answers(&self, cube: &Cube) -> bool {
        self.accepts_cube(cube.name()) && cube.purposes().iter().any(|purpose| self.accepts_purpose(purpose))
    }

    /// The digest that every answer and log record names it by.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut parts = vec![format!("k {}", self.k), format!("max_cells {}", self.max_cells)];
        parts.extend(self.declined_cubes.iter().map(|cube| format!("cube {cube}")));
        parts.extend(self.declined_purposes.iter().map(|purpose| format!("purpose {purpose}")));
        let parts: Vec<&[u8]> = parts.iter().map(String::as_bytes).collect();
        Digest::of("drempel policy v1", &parts)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn policies() -> impl Strategy<Value = Policy> {
        let names = || proptest::collection::btree_set("[a-c]", 0..3);
        (0u32..40, 0usize..100_000, names(), names()).prop_map(|(k, cells, cubes, purposes)| {
            Policy::from_file(&PolicyFile {
                k: Some(k),
                max_cells: Some(cells),
                declined_cubes: cubes.iter().map(|name| name.parse().unwrap()).collect(),
                declined_purposes: purposes.iter().map(|name| name.parse().unwrap()).collect(),
            })
        })
    }

    proptest! {
        #[test]
        fn meeting_is_commutative_idempotent_associative_and_never_weaker(a in policies(), b in policies(), c in policies()) {
            let met = a.strictest(&b);
            prop_assert_eq!(&met, &b.strictest(&a));
            prop_assert_eq!(&a.strictest(&a), &a);
            prop_assert_eq!(met.strictest(&c), a.strictest(&b.strictest(&c)));
            prop_assert!(met.k() >= a.k().max(b.k()) && met.k() >= LEAST_K);
            prop_assert!(met.max_cells() <= a.max_cells().min(b.max_cells()));
            for cube in a.declined_cubes.union(&b.declined_cubes) {
                prop_assert!(!met.accepts_cube(cube));
            }
            prop_assert_eq!(met.digest() == a.digest(), met == a);
        }
    }
}
