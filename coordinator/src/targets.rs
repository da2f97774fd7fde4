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
    /// Whether a row is a sum of gemeenten: any but a row of one gemeente by itself.
    sums: bool,
    /// Every gemeente of each region with a row, those that take no part as well.
    regions: BTreeMap<MemberCode, BTreeSet<Gemeentecode>>,
}

impl Targets {
    /// The gemeenten that lie in every area the question is limited to and have a registered node. An area that the
    /// question names at the level it groups by has its row also if no gemeente in it takes part: whoever asks for an
    /// area by name reads that there is no answer, and is not left to miss it.
    #[must_use]
    pub fn of(question: &Question, catalogue: &Catalogue, registry: &Registry) -> Self {
        let of_gemeenten = question.by_area() == Some(AreaLevel::Gemeente);
        let total = question.grouping_sets().iter().any(|set| !set.by_area());
        let sums = total || !of_gemeenten;
        let (asked, absent) = (BTreeSet::new(), BTreeSet::new());
        let mut targets = Self { rows: BTreeMap::new(), asked, absent, sums, regions: BTreeMap::new() };
        let named = question.by_area().is_some_and(|level| question.area_filters().contains_key(&level));
        for period in question.periods() {
            let areas = targets.rows.entry(*period).or_default();
            if total {
                areas.insert(None, BTreeSet::new());
            }
            let Some(division) = catalogue.division(*period) else { continue };
            for gemeente in selected(division, question.area_filters()) {
                let area = question.by_area().and_then(|level| division.area_of(gemeente, level));
                if let (false, Some(region)) = (of_gemeenten, &area) {
                    targets.regions.entry(region.clone()).or_default().insert(gemeente);
                }
                if registry.node(gemeente).is_some() {
                    targets.asked.insert(gemeente);
                    if let Some(all) = areas.get_mut(&None) {
                        all.insert(gemeente);
                    }
                    if area.is_some() {
                        areas.entry(area).or_default().insert(gemeente);
                    }
                } else {
                    targets.absent.insert(gemeente);
                    if named && area.is_some() {
                        areas.entry(area).or_default();
                    }
                }
            }
        }
        let shown: BTreeSet<&MemberCode> = targets.rows.values().flat_map(BTreeMap::keys).flatten().collect();
        targets.regions.retain(|region, _| shown.contains(region));
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
    /// nobody takes part; last, if a set of the question is not by area, one row of all of them.
    pub fn rows(&self, period: Period) -> impl Iterator<Item = (Option<&MemberCode>, &BTreeSet<Gemeentecode>)> {
        let rows = || self.rows.get(&period).into_iter().flatten().map(|(area, gemeenten)| (area.as_ref(), gemeenten));
        rows().filter(|(area, _)| area.is_some()).chain(rows().filter(|(area, _)| area.is_none()))
    }

    /// Whether the rows are sums of gemeenten. A sum of one, where the others take no part, is one too: whoever reads
    /// the row of a region expects all of it.
    #[must_use]
    pub fn has_sums(&self) -> bool {
        self.sums
    }

    /// The regions with a row that not all of their gemeenten take part in: how many of how many do.
    pub fn in_part(&self) -> impl Iterator<Item = (&MemberCode, usize, usize)> {
        self.regions
            .iter()
            .map(|(region, gemeenten)| (region, gemeenten.intersection(&self.asked).count(), gemeenten.len()))
            .filter(|(_, asked, all)| asked < all)
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
