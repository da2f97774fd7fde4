//! The cubes of a bundle: each within one view, for registered purposes, by the rules on measures and size.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::{
    catalogue::{Cube, Label, Measure, Purpose, View, Weighing, cube::broken_rules, is_said},
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
    motivering: String,
    weging: Weighing,
}

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
        if !is_said(&self.motivering) || !self.weging.is_whole() {
            problems
                .push(format!("{place}: motivering and each part of weging say something, in at most 4000 characters"));
        }
        let Some(view) = views.get(&self.weergave) else {
            problems.push(format!("{place}: there is no weergave {}", self.weergave));
            return None;
        };
        let mut dimensions = Vec::new();
        for name in &self.dimensies {
            match view.dimension(name) {
                Some(_) => dimensions.push(name.clone()),
                None => problems.push(format!("{place}: {name} is no dimension of {}", self.weergave)),
            }
        }
        problems.extend(broken_rules(view, &dimensions, &self.tellingen).map(|rule| format!("{place}: {rule}")));
        (problems.len() == before).then_some(Cube {
            name: self.naam,
            label: Label { nl: self.nl, en: self.en },
            view: self.weergave,
            dimensions: self.dimensies,
            measures: self.tellingen,
            purposes: self.doelen,
            motivation: self.motivering,
            weighing: self.weging,
        })
    }
}
