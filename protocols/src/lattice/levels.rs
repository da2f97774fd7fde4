//! The levels of every dimension: its members, the groupings over them from fine to coarse, and the total.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    LatticeError, Place,
    place::{Base, leaves},
};
use crate::{
    catalogue::{Catalogue, Cube, Member, PerPersoon, Relation, View},
    id::{ColumnName, MemberCode, ViewName},
};

/// Members that count together; none for all of them.
pub(super) type Node = Option<BTreeSet<MemberCode>>;

/// Dimensions, each with the nodes that a cell can be at.
pub(super) type Axes = Vec<(ColumnName, Vec<Node>)>;

/// What a cell of everything is expected to have.
const EVERYTHING: u64 = 1_000_000_000;

/// A dimension that follows from no other.
struct Root {
    per_persoon: PerPersoon,
    /// The members, in canonical order.
    members: Vec<Member>,
    /// Its groupings and itself, the coarsest first, each with its nodes.
    levels: Vec<Level>,
}

/// A grouping, or the dimension itself, with its nodes.
type Level = (ColumnName, Vec<BTreeSet<MemberCode>>);

/// The dimensions of every view that is part of no other, those of its parts included.
pub(super) struct Levels {
    roots: BTreeMap<(ViewName, ColumnName), Root>,
}

impl Levels {
    pub(super) fn of(catalogue: &Catalogue) -> Result<Self, LatticeError> {
        let mut roots = BTreeMap::new();
        for view in catalogue.views() {
            let unknown = || LatticeError::Unknown(view.name().to_string());
            let base = Base::of(view.name(), catalogue).ok_or_else(unknown)?;
            let own = view.dimensions().filter(|(_, dimension)| dimension.grouping().is_none());
            for (name, dimension) in own {
                let members = dimension.domain().members().iter();
                let root = Root {
                    per_persoon: dimension.per_persoon(),
                    members: members.cloned().collect(),
                    levels: levels(view, name)?,
                };
                // A view and its part have the same dimension, of which one may leave groupings out.
                let place = (base.view().clone(), name.clone());
                let fewer = |known: &Root| known.levels.len() < root.levels.len();
                if roots.get(&place).is_none_or(fewer) {
                    roots.insert(place, root);
                }
            }
        }
        Ok(Self { roots })
    }

    /// The dimensions of a view, each with a number of its own over all views.
    pub(super) fn roots<'l>(&'l self, view: &'l ViewName) -> impl Iterator<Item = (usize, &'l ColumnName)> {
        let all = self.roots.keys().enumerate().filter(move |(_, (of, _))| of == view);
        all.map(|(number, (_, column))| (number, column))
    }

    pub(super) fn per_persoon(&self, view: &ViewName, column: &ColumnName) -> Option<PerPersoon> {
        self.root(view, column).map(|root| root.per_persoon)
    }

    /// The dimensions of a cube, each with the nodes that a cell can be at: those of every level that the cube has or that
    /// follows from one that it has, and the total.
    pub(super) fn axes(&self, cube: &Cube, catalogue: &Catalogue) -> Option<Axes> {
        let view = catalogue.view(cube.view().as_str())?;
        let base = Base::of(cube.view(), catalogue)?;
        let names: BTreeSet<&ColumnName> = cube.dimensions().iter().map(|column| view.root(column)).collect();
        let axis = |name: &ColumnName| {
            let root = self.root(base.view(), name)?;
            let used = root.levels.iter().filter(|(column, _)| cube.has_dimension(view, column));
            let nodes: BTreeSet<Node> = used
                .flat_map(|(_, nodes)| nodes)
                .filter(|node| node.len() < root.members.len())
                .cloned()
                .map(Some)
                .collect();
            Some((name.clone(), std::iter::once(None).chain(nodes).collect()))
        };
        names.into_iter().map(axis).collect()
    }

    /// For each cube of a view whose persons are all in another the same crossing there, of the dimensions that both have:
    /// no table need have it for its trajecten to bound who can be in the cube.
    pub(super) fn of_whole_persons(&self, catalogue: &Catalogue) -> Vec<(ViewName, Axes)> {
        let of_cube = |cube: &Cube| {
            let Some(Relation::Persons(other)) = catalogue.view(cube.view().as_str())?.relation() else { return None };
            let mut axes = self.axes(cube, catalogue)?;
            axes.retain(|(column, _)| self.root(other, column).is_some());
            (!axes.is_empty()).then(|| (other.clone(), axes))
        };
        catalogue.cubes().filter_map(of_cube).collect()
    }

    /// The nodes of a dimension of a view that any cube has, of the view or of a part of it, and the total.
    pub(super) fn nodes(&self, view: &ViewName, column: &ColumnName, catalogue: &Catalogue) -> Vec<Node> {
        let of_view = |cube: &&Cube| Base::of(cube.view(), catalogue).is_some_and(|base| base.view() == view);
        let axes = catalogue.cubes().filter(of_view).filter_map(|cube| self.axes(cube, catalogue)).flatten();
        let nodes: BTreeSet<Node> = axes.filter(|(name, _)| name == column).flat_map(|(_, nodes)| nodes).collect();
        std::iter::once(None).chain(nodes.into_iter().flatten().map(Some)).collect()
    }

    /// The nodes of a dimension of a view that any cube has, down to the coarsest level at which some members are told from
    /// the others, or else to the finest that there is; and the total. Of what `flows` readers know the coarsest level
    /// whatever cubes there are.
    pub(super) fn down_to(
        &self,
        view: &ViewName,
        column: &ColumnName,
        members: &BTreeSet<MemberCode>,
        flows: bool,
        catalogue: &Catalogue,
    ) -> Vec<Node> {
        let used: BTreeSet<Node> = self.nodes(view, column, catalogue).into_iter().collect();
        let tells = |nodes: &[BTreeSet<MemberCode>]| {
            nodes.iter().all(|node| node.is_subset(members) || node.is_disjoint(members))
        };
        let mut found = BTreeSet::from([None]);
        let levels = self.root(view, column).map(|root| root.levels.as_slice()).unwrap_or_default();
        for (depth, (_, nodes)) in levels.iter().enumerate() {
            let is_known = |node: &Node| used.contains(node) || flows && depth == 0;
            let known: Vec<Node> = nodes.iter().cloned().map(Some).filter(is_known).collect();
            let is_used = known.len() == nodes.len();
            found.extend(known);
            if is_used && tells(nodes) {
                break;
            }
        }
        found.into_iter().collect()
    }

    /// A place at a node of a dimension.
    pub(super) fn narrowed(&self, place: &Place, column: &ColumnName, node: &Node) -> Place {
        let all = self.root(place.view(), column).map_or(0, |root| root.members.len());
        place.with(column, node.clone().filter(|members| members.len() < all))
    }

    /// How a place falls apart in a dimension, the coarsest first.
    pub(super) fn partitions<'l>(
        &'l self,
        place: &'l Place,
        column: &'l ColumnName,
    ) -> impl Iterator<Item = Vec<Node>> + 'l {
        let root = self.root(place.view(), column);
        let within = place.within().get(column);
        root.into_iter().flat_map(|root| &root.levels).filter_map(move |(_, nodes)| {
            let inside = |node: &&BTreeSet<MemberCode>| within.is_none_or(|within| node.is_subset(within));
            let parts: Vec<Node> = nodes.iter().filter(inside).cloned().map(Some).collect();
            (parts.len() > 1).then_some(parts)
        })
    }

    /// How much of everything anybody would expect in a place, in parts of [`EVERYTHING`].
    pub(super) fn expected(&self, place: &Place) -> u64 {
        place.within().iter().fold(EVERYTHING, |expected, (column, within)| {
            let members = self.root(place.view(), column).map(|root| root.members.as_slice()).unwrap_or_default();
            let share = |counts: &dyn Fn(&Member) -> bool| {
                members.iter().filter(|member| counts(member)).map(|member| u64::from(member.share)).sum::<u64>()
            };
            expected * share(&|member| within.contains(&member.code)) / share(&|_| true).max(1)
        })
    }

    /// Whether all members of some dimension are gevoelig.
    pub(super) fn sensitive(&self, place: &Place) -> bool {
        place.within().iter().any(|(column, within)| {
            let members = self.root(place.view(), column).map(|root| root.members.as_slice()).unwrap_or_default();
            members.iter().filter(|member| within.contains(&member.code)).all(|member| member.sensitive)
        })
    }

    fn root(&self, view: &ViewName, column: &ColumnName) -> Option<&Root> {
        self.roots.get(&(view.clone(), column.clone()))
    }
}

/// A dimension and its groupings, the coarsest first.
fn levels(view: &View, root: &ColumnName) -> Result<Vec<Level>, LatticeError> {
    let mut names = vec![root.clone()];
    loop {
        let finest = names.last();
        let over = view.dimensions().filter(|(_, dimension)| dimension.grouping().map(|g| g.of()) == finest);
        let over: Vec<&ColumnName> = over.map(|(name, _)| name).collect();
        match over.as_slice() {
            [] => break,
            [one] => names.push((*one).clone()),
            _ => return Err(LatticeError::TwoGroupings(root.to_string())),
        }
    }
    names.reverse();
    let nodes = |name: ColumnName| {
        let members = view.dimension(&name).map(|dimension| dimension.domain().members()).unwrap_or_default();
        let nodes = members.iter().map(|member| leaves(view, &name, &member.code));
        let nodes = nodes.filter(|node| !node.is_empty()).collect();
        (name, nodes)
    };
    Ok(names.into_iter().map(nodes).collect())
}
