//! What nobody can be, by how dimensions follow from the records: which cells are empty for that alone, and the crossings of
//! dimensions that no table need have for readers to reckon with it (rule R12).

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Place, flows,
    levels::{Axes, Levels, Node},
    place::Base,
};
use crate::{
    catalogue::{Catalogue, Exclusion, Holds, View},
    id::{ColumnName, MemberCode, ViewName},
};

/// Whether everybody knows that nobody is in a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Structural {
    /// Somebody can be.
    #[default]
    No,
    /// Not in the first half-year of a gemeente.
    First,
    /// Never.
    Always,
}

impl Structural {
    /// Whether nobody is in it in a half-year, that may be the first of a gemeente.
    #[must_use]
    pub const fn holds(self, is_first: bool) -> bool {
        matches!((self, is_first), (Self::Always, _) | (Self::First, true))
    }
}

/// What is excluded, by the view whose rows count.
pub(super) struct Excluded<'c>(Vec<(ViewName, &'c Exclusion)>);

impl<'c> Excluded<'c> {
    pub(super) fn of(catalogue: &'c Catalogue) -> Self {
        let of_view = |view: &'c View| {
            let base = Base::of(view.name(), catalogue)?;
            let always = view.exclusions().iter().filter(|exclusion| exclusion.holds() != Holds::ZonderAfbeelding);
            Some(always.map(move |exclusion| (base.view().clone(), exclusion)))
        };
        Self(catalogue.views().filter_map(of_view).flatten().collect())
    }

    /// Whether nobody can be in a place.
    pub(super) fn structural(&self, place: &Place) -> Structural {
        let of_place = self.0.iter().filter(|(view, exclusion)| {
            let has = |(column, members): (&ColumnName, &BTreeSet<MemberCode>)| {
                place.within().get(column).is_some_and(|within| within.is_subset(members))
            };
            view == place.view() && exclusion.members().iter().all(has)
        });
        let holds = of_place.map(|(_, exclusion)| match exclusion.holds() {
            Holds::Altijd => Structural::Always,
            Holds::EersteHalfjaar => Structural::First,
            Holds::ZonderAfbeelding => Structural::No,
        });
        holds.max().unwrap_or_default()
    }

    /// The crossings of dimensions that cubes have, together or not, of which not all can be: each as coarse as what is
    /// excluded can be told from the rest, or else as fine as any cube has it.
    pub(super) fn crossings(&self, catalogue: &Catalogue, levels: &Levels) -> Vec<(ViewName, Axes)> {
        let crossing = |(view, exclusion): &(ViewName, &Exclusion)| {
            let axis = |(column, members): (&ColumnName, &BTreeSet<MemberCode>)| {
                let flows =
                    flows::flowing(catalogue).is_some_and(|(flowing, _)| flowing == *view) && flows::flows(column);
                let nodes = levels.down_to(view, column, members, flows, catalogue);
                let is_excluded = |node: &Node| node.as_ref().is_some_and(|node| node.is_subset(members));
                nodes.iter().any(is_excluded).then(|| (column.clone(), nodes))
            };
            let axes = exclusion.members().iter().map(axis).collect::<Option<Axes>>()?;
            (axes.len() > 1).then(|| (view.clone(), axes))
        };
        let found: BTreeMap<(ViewName, Axes), ()> = self.0.iter().filter_map(crossing).map(|of| (of, ())).collect();
        found.into_keys().collect()
    }
}
