//! The rules under which cells leave a node: the constants that nobody can configure away, met with a registered profile
//! and with the gemeente's own file, which can only be stricter.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    catalogue::{Catalogue, Cube, LANDELIJK, Nullen, Profile},
    id::{CubeName, Digest, ProfileName, PurposeId},
};

/// The threshold that nobody can configure away: a cell of fewer distinct persons is hidden.
pub const LEAST_K: u32 = 10;
/// The most cells any answer of one node may have.
pub const MOST_CELLS: usize = 50_000;

/// A policy: as strict as [`Policy::constants`], or stricter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Policy {
    k: u32,
    hides_zeros: bool,
    round_to: u32,
    max_cells: usize,
    declined_cubes: BTreeSet<CubeName>,
    declined_purposes: BTreeSet<PurposeId>,
}

/// A policy as it is written in a file. What it leaves out is as the constants have it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PolicyFile {
    /// The registered profile to release under; `landelijk` if none is chosen.
    pub profiel: Option<ProfileName>,
    /// The threshold in persons; below [`LEAST_K`] it has no effect.
    pub k: Option<u32>,
    /// The most cells of an answer.
    pub max_cells: Option<usize>,
    /// Cubes that this gemeente does not answer.
    pub declined_cubes: BTreeSet<CubeName>,
    /// Purposes for which this gemeente does not answer.
    pub declined_purposes: BTreeSet<PurposeId>,
}

/// Why a file is no policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// It chooses what the catalogue does not have.
    #[error("[beleid] chooses profiel {name}, which the catalogue does not have; it has: {known}")]
    UnknownProfile {
        /// The profile that it names.
        name: String,
        /// Those that there are.
        known: String,
    },
}

impl Policy {
    /// The layer that nobody can configure away.
    #[must_use]
    pub fn constants() -> Self {
        Self {
            k: LEAST_K,
            hides_zeros: false,
            round_to: 1,
            max_cells: MOST_CELLS,
            declined_cubes: BTreeSet::new(),
            declined_purposes: BTreeSet::new(),
        }
    }

    /// A file's policy met with its profile and with the constants.
    ///
    /// # Errors
    /// [`PolicyError`].
    pub fn from_file(file: &PolicyFile, catalogue: &Catalogue) -> Result<Self, PolicyError> {
        let name = file.profiel.as_ref().map_or(LANDELIJK, ProfileName::as_str);
        let profile = catalogue.profiles().find(|profile| profile.naam.as_str() == name).ok_or_else(|| {
            let known: Vec<&str> = catalogue.profiles().map(|profile| profile.naam.as_str()).collect();
            PolicyError::UnknownProfile { name: name.to_owned(), known: known.join(", ") }
        })?;
        let own = Self {
            k: file.k.unwrap_or(LEAST_K),
            max_cells: file.max_cells.unwrap_or(MOST_CELLS),
            declined_cubes: file.declined_cubes.clone(),
            declined_purposes: file.declined_purposes.clone(),
            ..Self::constants()
        };
        Ok(Self::constants().strictest(&Self::of_profile(profile)).strictest(&own))
    }

    fn of_profile(profile: &Profile) -> Self {
        let hides_zeros = profile.nullen == Nullen::Verborgen;
        Self { k: profile.k, hides_zeros, round_to: profile.afronden, ..Self::constants() }
    }

    /// The strictest of both: commutative, idempotent, never weaker than either.
    #[must_use]
    pub fn strictest(&self, other: &Self) -> Self {
        Self {
            k: self.k.max(other.k),
            hides_zeros: self.hides_zeros || other.hides_zeros,
            round_to: self.round_to.max(other.round_to),
            max_cells: self.max_cells.min(other.max_cells),
            declined_cubes: self.declined_cubes.union(&other.declined_cubes).cloned().collect(),
            declined_purposes: self.declined_purposes.union(&other.declined_purposes).cloned().collect(),
        }
    }

    /// The same, with these cubes and purposes declined too.
    #[must_use]
    pub fn declining(&self, cubes: BTreeSet<CubeName>, purposes: BTreeSet<PurposeId>) -> Self {
        self.strictest(&Self { declined_cubes: cubes, declined_purposes: purposes, ..Self::constants() })
    }

    /// The threshold: fewest distinct persons of a cell that is shown and not zero.
    #[must_use]
    pub fn k(&self) -> u32 {
        self.k
    }

    /// Whether cells without persons are hidden like those of too few.
    #[must_use]
    pub fn hides_zeros(&self) -> bool {
        self.hides_zeros
    }

    /// What released counts are rounded to multiples of; 1 is exact.
    #[must_use]
    pub fn round_to(&self) -> u32 {
        self.round_to
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
        parts.extend(self.hides_zeros.then(|| "zeros hidden".to_owned()));
        parts.extend((self.round_to > 1).then(|| format!("rounded to {}", self.round_to)));
        parts.extend(self.declined_cubes.iter().map(|cube| format!("cube {cube}")));
        parts.extend(self.declined_purposes.iter().map(|purpose| format!("purpose {purpose}")));
        let parts: Vec<&[u8]> = parts.iter().map(String::as_bytes).collect();
        Digest::of("drempel policy v1", &parts)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::catalogue::tests::registered;

    fn policies() -> impl Strategy<Value = Policy> {
        let names = || proptest::collection::btree_set("[a-c]", 0..3);
        let profile = prop::option::of(prop::sample::select(vec!["landelijk", "cbs"]));
        (profile, 0u32..40, 0usize..100_000, names(), names()).prop_map(|(profile, k, cells, cubes, purposes)| {
            let file = PolicyFile {
                profiel: profile.map(|name| name.parse().unwrap()),
                k: Some(k),
                max_cells: Some(cells),
                declined_cubes: cubes.iter().map(|name| name.parse().unwrap()).collect(),
                declined_purposes: purposes.iter().map(|name| name.parse().unwrap()).collect(),
            };
            Policy::from_file(&file, &CATALOGUE).unwrap()
        })
    }

    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::from_bundle(registered().bundle()).unwrap());

    #[test]
    fn a_profile_is_as_registered_and_never_laxer_than_the_constants() {
        let policy = |name: &str| {
            Policy::from_file(&PolicyFile { profiel: Some(name.parse().unwrap()), ..PolicyFile::default() }, &CATALOGUE)
        };
        let of = |policy: Policy| (policy.k(), policy.hides_zeros(), policy.round_to());
        assert_eq!(policy("landelijk"), Ok(Policy::constants()));
        assert_eq!(Policy::from_file(&PolicyFile::default(), &CATALOGUE), Ok(Policy::constants()));
        // The registered one hides 0 to 7; nobody shows fewer than ten.
        assert_eq!(of(policy("cbs").unwrap()), (LEAST_K, true, 5));
        let unknown = policy("cbs2").unwrap_err().to_string();
        assert!(unknown.contains("cbs2") && unknown.ends_with("it has: cbs, landelijk"), "{unknown}");
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
            prop_assert!(met.hides_zeros() >= a.hides_zeros().max(b.hides_zeros()));
            prop_assert!(met.round_to() >= a.round_to().max(b.round_to()));
            for cube in a.declined_cubes.union(&b.declined_cubes) {
                prop_assert!(!met.accepts_cube(cube));
            }
            prop_assert_eq!(met.digest() == a.digest(), met == a);
        }
    }
}
