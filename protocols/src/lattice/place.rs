//! The name of a cell: which rows of which view it counts.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    catalogue::{Catalogue, Relation, View},
    id::{ColumnName, MemberCode, ViewName},
};

/// The rows of a view with certain members of certain dimensions. Two descriptions of the same rows are the same place:
/// a grouping is written as the members that it is made of, a view that is part of another as that other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    view: ViewName,
    /// For each dimension that is limited, and follows from no other, the members that count; never all of them.
    within: BTreeMap<ColumnName, BTreeSet<MemberCode>>,
}

impl Place {
    /// The cell of a view with one member of each of these columns. None within if no row has all of them; none at all
    /// if the catalogue has no such view, column or member.
    #[must_use]
    pub fn of<'m>(
        catalogue: &Catalogue,
        view: &ViewName,
        members: impl IntoIterator<Item = (&'m ColumnName, &'m MemberCode)>,
    ) -> Option<Option<Self>> {
        let base = Base::of(view, catalogue)?;
        let own = catalogue.view(view.as_str())?;
        let mut within = base.place().within;
        for (column, member) in members {
            own.dimension(column)?.domain().index_of(member.as_str())?;
            let root = own.root(column);
            let leaves = leaves(own, column, member);
            let all = own.dimension(root)?.domain().members().len();
            let kept = match within.remove(root) {
                Some(earlier) => &earlier & &leaves,
                None => leaves,
            };
            if kept.is_empty() {
                return Some(None);
            }
            if kept.len() < all {
                within.insert(root.clone(), kept);
            }
        }
        Some(Some(Self { view: base.view, within }))
    }

    pub(super) const fn new(view: ViewName, within: BTreeMap<ColumnName, BTreeSet<MemberCode>>) -> Self {
        Self { view, within }
    }

    /// The view whose rows count.
    #[must_use]
    pub const fn view(&self) -> &ViewName {
        &self.view
    }

    /// For each dimension that is limited the members that count.
    #[must_use]
    pub const fn within(&self) -> &BTreeMap<ColumnName, BTreeSet<MemberCode>> {
        &self.within
    }

    /// The limited dimensions with their members, in one line; nothing for all rows of the view.
    #[must_use]
    pub fn members(&self) -> String {
        let within = self.within.iter().map(|(column, members)| {
            let members: Vec<&str> = members.iter().map(|member| member.as_str()).collect();
            format!("{column}={}", members.join("+"))
        });
        within.collect::<Vec<_>>().join(" ")
    }

    /// Whether every row of another is in it.
    pub(super) fn has(&self, other: &Self) -> bool {
        let limits = |(column, members): (&ColumnName, &BTreeSet<MemberCode>)| {
            other.within.get(column).is_some_and(|own| own.is_subset(members))
        };
        self.view == other.view && self.within.iter().all(limits)
    }

    /// Whether a row can be in both, where both limit the same dimensions.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        let both = self.within.iter().zip(&other.within);
        self.view == other.view
            && self.within.keys().eq(other.within.keys())
            && both.into_iter().all(|((_, one), (_, other))| !one.is_disjoint(other))
    }

    /// The same members of another view.
    pub(super) fn in_view(&self, view: &ViewName) -> Self {
        Self { view: view.clone(), within: self.within.clone() }
    }

    /// With other members of one dimension; all of them if there are none.
    pub(super) fn with(&self, column: &ColumnName, members: Option<BTreeSet<MemberCode>>) -> Self {
        let mut within = self.within.clone();
        match members {
            Some(members) => within.insert(column.clone(), members),
            None => within.remove(column),
        };
        Self { view: self.view.clone(), within }
    }
}

/// The members of the finest dimension that a member of a grouping is made of; itself for one that follows from no other.
pub(super) fn leaves(view: &View, column: &ColumnName, member: &MemberCode) -> BTreeSet<MemberCode> {
    let Some(grouping) = view.dimension(column).and_then(|dimension| dimension.grouping()) else {
        return BTreeSet::from([member.clone()]);
    };
    let finer = view.dimension(grouping.of()).map(|dimension| dimension.domain().members()).unwrap_or_default();
    let inside = finer.iter().filter(|finer| grouping.group_of(&finer.code) == Some(member));
    inside.flat_map(|finer| leaves(view, grouping.of(), &finer.code)).collect()
}

/// The view whose rows a view is made of, and the members that they have.
pub(super) struct Base {
    view: ViewName,
    part: Option<(ColumnName, BTreeSet<MemberCode>)>,
}

impl Base {
    pub(super) fn of(view: &ViewName, catalogue: &Catalogue) -> Option<Self> {
        Some(match catalogue.view(view.as_str())?.relation() {
            Some(Relation::Part { view, column, member }) => {
                let base = catalogue.view(view.as_str())?;
                let part = (base.root(column).clone(), leaves(base, column, member));
                Self { view: view.clone(), part: Some(part) }
            }
            _ => Self { view: view.clone(), part: None },
        })
    }

    pub(super) const fn view(&self) -> &ViewName {
        &self.view
    }

    /// The dimension that is limited.
    pub(super) fn column(&self) -> Option<&ColumnName> {
        self.part.as_ref().map(|(column, _)| column)
    }

    /// The members that it is limited to.
    pub(super) fn members(&self) -> Option<&BTreeSet<MemberCode>> {
        self.part.as_ref().map(|(_, members)| members)
    }

    /// The cell of all rows.
    pub(super) fn place(&self) -> Place {
        Place { view: self.view.clone(), within: self.part.iter().cloned().collect() }
    }
}
