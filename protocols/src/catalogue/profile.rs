//! Profiles: rules under which a gemeente can release, as the federation registered them. A gemeente chooses one and can be
//! stricter, never laxer; whatever a profile says, the constants of [`crate::policy`] hold.

use serde::{Deserialize, Serialize};

use crate::id::ProfileName;

/// The profile that holds where a gemeente chooses none.
pub const LANDELIJK: &str = "landelijk";

/// A registered profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name in a policy.
    pub naam: ProfileName,
    /// What it does, in Dutch.
    pub nl: String,
    /// In English.
    pub en: String,
    /// Cells of fewer distinct persons are hidden.
    pub k: u32,
    /// What becomes of cells without persons.
    pub nullen: Nullen,
    /// Counts that are shown are rounded to multiples of this, after protection; 1 is exact.
    #[serde(default = "exact")]
    pub afronden: u32,
}

/// What becomes of cells without persons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Nullen {
    /// They are shown, but for gevoelige ones (rule R6).
    Getoond,
    /// They are hidden like those of too few persons.
    Verborgen,
}

const fn exact() -> u32 {
    1
}
