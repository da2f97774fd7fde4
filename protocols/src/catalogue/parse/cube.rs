//! The cubes of a bundle: each within one view, for registered purposes, by the rules on measures and size.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::{
    catalogue::{Cube, Label, MAX_CUBE_CELLS, Measure, PerPersoon, Purpose, View},
    id::{ColumnName, CubeName, PurposeId, ViewName},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cubes {
    kubus: Vec<RawCube>,
}

impl Cubes {
    pub(super) fn build(
        self,
        views: &BTreeMap<ViewName, View>,
        purposes: &BTreeMap<PurposeId, Purpose>,
        problems: &mut Vec<String>,
    ) -> BTreeMap<CubeName, Cube> {
        let mut cubes = BTreeMap::new();
        for raw in self.kubus {
            if let Some(cube) = raw.build(views, purposes, problems)
                && let Some(earlier) = cubes.insert(cube.name.clone(), cube)
            {
                problems.push(format!("kubussen.toml: {}: the name is used twice", earlier.name));
            }
        }
        cubes
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCube {
    naam: CubeName,
    nl: String,
    en: String,
    weergave: ViewName,
    dimensies: Vec<ColumnName>,
    tellingen: BTreeSet<Measure>,
    doelen: BTreeSet<PurposeId>,
}

/// Dimensions that split the flow of trajecten: a cube with one of them counts trajecten only (rule R2).
const FLOWS: [&str; 2] = ["begin", "einde"];
/// The flow of persons, never crossed with a `meer` dimension (rule R2).
const PERSON_FLOW: &str = "stroom";

impl RawCube {
    fn build(
        self,
        views: &BTreeMap<ViewName, View>,
        purposes: &BTreeMap<PurposeId, Purpose>,
        problems: &mut Vec<String>,
    ) -> Option<Cube> {
        let place = format!("kubussen.toml: {}", self.naam);
        let before = problems.len();
        for purpose in &self.doelen {
            if !purposes.contains_key(purpose) {
                problems.push(format!("{place}: doel {purpose} is not registered"));
            }
        }
        if self.tellingen.is_empty() || self.doelen.is_empty() {
            problems.push(format!("{place}: needs at least one telling and one doel"));
        }
        let Some(view) = views.get(&self.weergave) else {
            problems.push(format!("{place}: there is no weergave {}", self.weergave));
            return None;
        };
        let mut dimensions = Vec::new();
        for name in &self.dimensies {
            match view.dimension(name) {
                Some(dimension) => dimensions.push((name, dimension)),
                None => problems.push(format!("{place}: {name} is no dimension of {}", self.weergave)),
            }
        }
        let cells = dimensions
            .iter()
            .try_fold(1usize, |cells, (_, dimension)| cells.checked_mul(dimension.domain.members().len() + 1));
        if cells.is_none_or(|cells| cells > MAX_CUBE_CELLS) {
            problems.push(format!("{place}: more than {MAX_CUBE_CELLS} cells per gemeente and period"));
        }
        let meer = dimensions.iter().filter(|(_, dimension)| dimension.per_persoon == PerPersoon::Meer).count();
        let has = |name: &str| dimensions.iter().any(|(column, _)| view.root(column).as_str() == name);
        let persons = self.tellingen.contains(&Measure::Personen);
        if persons && (meer > 1 || FLOWS.into_iter().any(has)) {
            problems.push(format!(
                "{place}: a cube of two `meer` dimensions, or with begin or einde, counts rows only (R1, R2)"
            ));
        }
        if has(PERSON_FLOW) && (meer > 0 || self.tellingen.contains(&Measure::Aantal)) {
            problems
                .push(format!("{place}: stroom counts persons only and is never crossed with a `meer` dimension (R2)"));
        }
        (problems.len() == before).then_some(Cube {
            name: self.naam,
            label: Label { nl: self.nl, en: self.en },
            view: self.weergave,
            dimensions: self.dimensies,
            measures: self.tellingen,
            purposes: self.doelen,
        })
    }
}
