//! The catalogue: what may be asked at all. Views with their columns, the definitions of what is derived, purposes with
//! their weighing, gemeenten with their regions by year, and the registered cubes that every question must lie within.
//!
//! A [`Catalogue`] only exists if every name it uses is defined, a column means the same in every view, every cube keeps
//! the rules on measures (R1, R2) and size, and every grouping is complete. Node and coordinator each load it from their
//! own disk (R10), so both compute the same grid for the same question.

mod area;
mod bundle;
mod change;
mod column;
mod cube;
mod definition;
mod exclusion;
mod parse;
mod profile;
mod proposal;
mod purpose;
mod view;

use std::collections::BTreeMap;

use jiff::{ToSpan as _, civil::Date};

pub use self::{
    area::{Area, AreaLevel, Division, GemeenteEntry},
    bundle::{Bundle, BundleError, Signature, SignedBundle, TrustedParty},
    change::Change,
    column::{Column, Dimension, Domain, Grouping, Label, Member, PerPersoon, Role},
    cube::{Cube, Measure},
    definition::{Definitions, HerhaaldBeroep, Wachttijd, Wisseling},
    exclusion::{Exclusion, Holds},
    parse::CatalogueError,
    profile::{LANDELIJK, Nullen, Profile},
    proposal::Proposal,
    purpose::{Purpose, Weighing, is_said},
    view::{Relation, View},
};
use crate::id::{CubeName, Digest, Period, ProfileName, PurposeId, ViewName};

/// The member code of what is not known. Every dimension has it, and it is a member like any other.
pub const ONBEKEND: &str = "onbekend";

/// What stands in place of a member in a row that counts all of them. No dimension has it as a member.
pub const TOTAAL: &str = "totaal";

/// Most cells that one cube may have per gemeente and period (architecture section 5).
pub const MAX_CUBE_CELLS: usize = 2_500;

/// The federation's registered views, purposes, areas and cubes, whole and consistent.
#[derive(Clone, Debug)]
pub struct Catalogue {
    digest: Digest,
    version: String,
    first_period: Period,
    last_period: Period,
    days_before_release: u16,
    profiles: BTreeMap<ProfileName, Profile>,
    views: BTreeMap<ViewName, View>,
    definitions: Definitions,
    purposes: BTreeMap<PurposeId, Purpose>,
    divisions: Vec<Division>,
    cubes: BTreeMap<CubeName, Cube>,
}

impl Catalogue {
    /// The digest of the bundle this was read from.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The version its makers gave it.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The half-years that may be asked about, in order.
    pub fn periods(&self) -> impl Iterator<Item = Period> {
        self.first_period.through(self.last_period)
    }

    /// The first day on which the release of a half-year may be built.
    #[must_use]
    pub fn release_day(&self, period: Period) -> Date {
        period.last_day().saturating_add(i32::from(self.days_before_release).days())
    }

    /// A view by name.
    #[must_use]
    pub fn view(&self, name: &str) -> Option<&View> {
        self.views.values().find(|view| view.name().as_str() == name)
    }

    /// All views, by name.
    pub fn views(&self) -> impl Iterator<Item = &View> {
        self.views.values()
    }

    /// The parameters of what a node derives from a person's records.
    #[must_use]
    pub fn definitions(&self) -> &Definitions {
        &self.definitions
    }

    /// A purpose by name.
    #[must_use]
    pub fn purpose(&self, id: &PurposeId) -> Option<&Purpose> {
        self.purposes.get(id)
    }

    /// All profiles that a gemeente can release under, by name; [`LANDELIJK`] is one of them.
    pub fn profiles(&self) -> impl Iterator<Item = &Profile> {
        self.profiles.values()
    }

    /// All purposes, by name.
    pub fn purposes(&self) -> impl Iterator<Item = &Purpose> {
        self.purposes.values()
    }

    /// All cubes, by name.
    pub fn cubes(&self) -> impl Iterator<Item = &Cube> {
        self.cubes.values()
    }

    /// The division of the country that holds for a period.
    #[must_use]
    pub fn division(&self, period: Period) -> Option<&Division> {
        self.divisions.iter().find(|division| division.holds_in(period.year()))
    }

    /// Every division, oldest first.
    #[must_use]
    pub fn divisions(&self) -> &[Division] {
        &self.divisions
    }
}

#[cfg(test)]
pub(crate) mod tests;
