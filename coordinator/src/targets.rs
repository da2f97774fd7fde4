//! Which gemeenten a question is put to, and in which row of the answer each counts. Pure: it follows from question,
//! catalogue and registry. Regions are those of each half-year's own year.

use std::collections::{BTreeMap, BTreeSet};

use drempel_protocols::{
    catalogue::{AreaLevel, Catalogue, Division},
    id::{Gemeentecode, MemberCode, Period},
    question::Question,
};

use crate::registry::Registry;

/// The gemeenten asked, by half-year and by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Targets {
    rows: BTreeMap<Period, BTreeMap<Option<MemberCode>, BTreeSet<Gemeentecode>>>,
    asked: BTreeSet<Gemeentecode>,
    absent: BTreeSet<Gemeentecode>,
}

impl Targets {
    /// The gemeenten that lie in every area the question is limited to and have a registered node. An area that the
    /// question names at the level it groups by has its row also if no gemeente in it takes part: whoever asks for an
    /// area by name reads that there is no answer, and is not left to miss it.
    #[must_use]
    pub fn of(question: &Question, catalogue: &Catalogue, registry: &Registry) -> Self {
        let mut targets = Self { rows: BTreeMap::new(), asked: BTreeSet::new(), absent: BTreeSet::new() };
        let named = question.by_area().is_some_and(|level| question.area_filters().contains_key(&level));
        for period in question.periods() {
            let areas = targets.rows.entry(*period).or_default();
            if question.by_area().is_none() {
                areas.insert(None, BTreeSet::new());
            }
            let Some(division) = catalogue.division(*period) else { continue };
            for gemeente in selected(division, question.area_filters()) {
                let area = question.by_area().and_then(|level| division.area_of(gemeente, level));
                if registry.node(gemeente).is_some() {
                    targets.asked.insert(gemeente);
                    areas.entry(area).or_default().insert(gemeente);
                } else {
                    targets.absent.insert(gemeente);
                    if named {
                        areas.entry(area).or_default();
                    }
                }
            }
        }
        targets
    }

    /// The gemeenten the question is put to.
    #[must_use]
    pub fn asked(&self) -> &BTreeSet<Gemeentecode> {
        &self.asked
    }

    /// The gemeenten in the areas asked that take no part.
    #[must_use]
    pub fn absent(&self) -> &BTreeSet<Gemeentecode> {
        &self.absent
    }

    /// The rows of a half-year: each area with the gemeenten asked that lie in it, and none for an area named in which
    /// nobody takes part; one row without area if the
    /// question does not group by area.
    pub fn rows(&self, period: Period) -> impl Iterator<Item = (Option<&MemberCode>, &BTreeSet<Gemeentecode>)> {
        self.rows.get(&period).into_iter().flatten().map(|(area, gemeenten)| (area.as_ref(), gemeenten))
    }

    /// Whether any row is a sum of several gemeenten.
    #[must_use]
    pub fn has_sums(&self) -> bool {
        self.rows.values().flat_map(BTreeMap::values).any(|gemeenten| gemeenten.len() > 1)
    }
}

fn selected(
    division: &Division,
    filters: &BTreeMap<AreaLevel, BTreeSet<MemberCode>>,
) -> impl Iterator<Item = Gemeentecode> {
    division.gemeenten().map(|(code, _)| code).filter(move |code| {
        filters.iter().all(|(level, wanted)| division.area_of(*code, *level).is_some_and(|area| wanted.contains(&area)))
    })
}

#[cfg(test)]
mod tests;
