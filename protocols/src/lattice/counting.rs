//! Which cells a row counts in, in a form that is followed once for every row: for each cube the nodes of each member of
//! each dimension, and the cell of each combination of nodes.

use std::collections::BTreeMap;

use super::{
    Place,
    levels::{Axes, Levels, Node},
    place::Base,
};
use crate::{
    catalogue::{Catalogue, Cube},
    id::{ColumnName, ViewName},
};

/// A dimension of a cube.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    /// The dimension; it follows from no other.
    pub column: ColumnName,
    /// How many nodes it has.
    pub nodes: usize,
    /// For each member, by its place in the domain, the nodes that it counts in.
    pub of_member: Vec<Vec<usize>>,
}

/// The cells of a cube.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counting {
    /// The view whose rows count.
    pub view: ViewName,
    /// Its dimensions.
    pub axes: Vec<Axis>,
    /// The number of the cell of each combination of nodes; those of the last axis vary fastest.
    pub cells: Vec<usize>,
}

impl Counting {
    pub(super) fn of(
        cube: &Cube,
        catalogue: &Catalogue,
        levels: &Levels,
        numbers: &BTreeMap<Place, usize>,
    ) -> Option<Self> {
        let mut axes = levels.axes(cube, catalogue)?;
        let base = Base::of(cube.view(), catalogue)?;
        if let Some((column, members)) = base.column().zip(base.members())
            && !axes.iter().any(|(name, _)| name == column)
        {
            axes.push((column.clone(), vec![Some(members.clone())]));
        }
        Self::over(cube.view(), &axes, catalogue, levels, numbers)
    }

    /// Of a view's rows at each combination of nodes.
    pub(super) fn over(
        view: &ViewName,
        all: &Axes,
        catalogue: &Catalogue,
        levels: &Levels,
        numbers: &BTreeMap<Place, usize>,
    ) -> Option<Self> {
        let base = Base::of(view, catalogue)?;
        let mut places = vec![base.place()];
        let mut axes = Vec::new();
        for (column, nodes) in all {
            let views = [base.view(), view].into_iter().filter_map(|view| catalogue.view(view.as_str()));
            let domain = views.filter_map(|view| view.dimension(column)).map(|dimension| dimension.domain()).next()?;
            let of_member = domain.members().iter().map(|member| {
                let holds = |node: &Node| node.as_ref().is_none_or(|node| node.contains(&member.code));
                nodes.iter().enumerate().filter(|(_, node)| holds(node)).map(|(number, _)| number).collect()
            });
            axes.push(Axis { column: column.clone(), nodes: nodes.len(), of_member: of_member.collect() });
            places =
                places.iter().flat_map(|place| nodes.iter().map(|node| levels.narrowed(place, column, node))).collect();
        }
        let cells = places.iter().map(|place| numbers.get(place).copied()).collect::<Option<_>>()?;
        Some(Self { view: base.view().clone(), axes, cells })
    }
}
