//! A dimension: its members, the groups over them, and the total over everything. Several groupings are alternatives, that
//! is, each adds up to the total by itself.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::PerPersoon;

/// Groups in groups, at most.
const MOST_LEVELS: usize = 32;

/// The label of the total of a dimension.
pub const TOTAL: &str = "*";

/// A dimension. Its nodes are numbered: the total first, then members, then groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dimension {
    name: String,
    per_persoon: PerPersoon,
    labels: Vec<String>,
    members: BTreeMap<String, usize>,
    /// For each node the grouping and the nodes of which it is the sum in that grouping.
    children: Vec<Vec<(usize, Vec<usize>)>>,
    /// For each node the members under it.
    under: Vec<BTreeSet<usize>>,
}

/// Why there is no dimension.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DimensionError {
    /// It has no members.
    #[error("{0} has no members")]
    Empty(String),
    /// A name is given twice, or is that of the total.
    #[error("{dimension}: `{name}` is the name of two members or groups, or of the total")]
    Name {
        /// The dimension.
        dimension: String,
        /// The name.
        name: String,
    },
    /// A group is in itself.
    #[error("{dimension}: the group `{name}` is in itself")]
    Cycle {
        /// The dimension.
        dimension: String,
        /// The group.
        name: String,
    },
    /// Groups are in groups too many times.
    #[error("{0}: a group is in more than {MOST_LEVELS} others, one in another, or in itself")]
    Deep(String),
    /// A grouping names what is no member and no group of the same grouping.
    #[error("{dimension}: `{name}` is in a group, and is no member")]
    Unknown {
        /// The dimension.
        dimension: String,
        /// The name.
        name: String,
    },
}

impl Dimension {
    /// Of members in their order, and of groupings that each say in which group a member or another group is.
    ///
    /// # Errors
    /// [`DimensionError`].
    pub fn new(name: &str, members: &[String], groupings: &[BTreeMap<String, String>]) -> Result<Self, DimensionError> {
        let twice = |label: &str| DimensionError::Name { dimension: name.to_owned(), name: label.to_owned() };
        if members.is_empty() {
            return Err(DimensionError::Empty(name.to_owned()));
        }
        let mut labels = vec![TOTAL.to_owned()];
        let mut nodes: BTreeMap<String, usize> = BTreeMap::from([(TOTAL.to_owned(), 0)]);
        let mut add = |label: &str| {
            let node = labels.len();
            if nodes.insert(label.to_owned(), node).is_some() {
                return Err(twice(label));
            }
            labels.push(label.to_owned());
            Ok(node)
        };
        let mut known = BTreeMap::new();
        for member in members {
            known.insert(member.clone(), add(member)?);
        }
        let mut children: Vec<Vec<(usize, Vec<usize>)>> = vec![Vec::new(); members.len() + 1];
        for (number, grouping) in groupings.iter().enumerate() {
            let mut all = known.clone();
            for group in grouping.values().collect::<BTreeSet<_>>() {
                all.insert(group.clone(), add(group)?);
                children.push(Vec::new());
            }
            for (label, node) in all.iter().filter(|(label, _)| !known.contains_key(*label)) {
                acyclic(name, grouping, label)?;
                let inside = grouping.iter().filter(|(_, group)| *group == label);
                let parts = inside.map(|(part, _)| {
                    let unknown = || DimensionError::Unknown { dimension: name.to_owned(), name: part.clone() };
                    all.get(part).copied().ok_or_else(unknown)
                });
                let parts = parts.collect::<Result<BTreeSet<_>, _>>()?;
                if let Some(of_group) = children.get_mut(*node) {
                    of_group.push((number, parts.into_iter().collect()));
                }
            }
            let top: BTreeSet<usize> =
                all.iter().filter(|(label, _)| !grouping.contains_key(*label)).map(|(_, node)| *node).collect();
            if let Some(of_total) = children.first_mut() {
                of_total.push((number, top.into_iter().collect()));
            }
        }
        if groupings.is_empty()
            && let Some(of_total) = children.first_mut()
        {
            of_total.push((0, known.values().copied().collect::<BTreeSet<_>>().into_iter().collect()));
        }
        let under = (0..children.len()).map(|node| under(node, members.len(), &children)).collect();
        Ok(Self { name: name.to_owned(), per_persoon: PerPersoon::Een, labels, members: known, children, under })
    }

    /// With how many members a person can have of it; one unless this is said.
    #[must_use]
    pub fn with(self, per_persoon: PerPersoon) -> Self {
        Self { per_persoon, ..self }
    }

    /// Whether a person can have several members of it.
    #[must_use]
    pub fn overlaps(&self) -> bool {
        self.per_persoon == PerPersoon::Meer
    }

    /// Whether it has more than one grouping.
    pub(super) fn has_alternatives(&self) -> bool {
        self.children.first().is_some_and(|groupings| groupings.len() > 1)
    }

    /// Whether a member counts in a node.
    pub(super) fn holds(&self, node: usize, member: usize) -> bool {
        self.under.get(node).is_some_and(|under| under.contains(&member))
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many nodes it has: members, groups and the total.
    #[must_use]
    pub fn nodes(&self) -> usize {
        self.labels.len()
    }

    /// The name of a node.
    #[must_use]
    pub fn label(&self, node: usize) -> &str {
        self.labels.get(node).map_or(TOTAL, String::as_str)
    }

    /// The node of a member.
    pub(super) fn member(&self, name: &str) -> Option<usize> {
        self.members.get(name).copied()
    }

    /// For each grouping the nodes of which a node is the sum.
    pub(super) fn children(&self, node: usize) -> impl Iterator<Item = (usize, &[usize])> {
        self.children.get(node).into_iter().flatten().map(|(grouping, parts)| (*grouping, parts.as_slice()))
    }

    /// How many members a node is the sum of.
    pub(super) fn leaves(&self, node: usize) -> u64 {
        self.under.get(node).map_or(0, |under| under.len() as u64)
    }

    /// The nodes that a member counts in.
    pub(super) fn ancestors(&self, member: usize) -> Vec<usize> {
        (0..self.nodes()).filter(|node| self.under.get(*node).is_some_and(|under| under.contains(&member))).collect()
    }
}

fn acyclic(dimension: &str, grouping: &BTreeMap<String, String>, label: &str) -> Result<(), DimensionError> {
    let mut at = label;
    for _ in 0..MOST_LEVELS.min(grouping.len() + 1) {
        match grouping.get(at) {
            Some(group) => at = group,
            None => return Ok(()),
        }
    }
    if grouping.len() + 1 > MOST_LEVELS {
        return Err(DimensionError::Deep(dimension.to_owned()));
    }
    Err(DimensionError::Cycle { dimension: dimension.to_owned(), name: label.to_owned() })
}

fn under(node: usize, members: usize, children: &[Vec<(usize, Vec<usize>)>]) -> BTreeSet<usize> {
    if (1..=members).contains(&node) {
        return BTreeSet::from([node]);
    }
    // Any grouping of a node has the same members.
    let parts = children.get(node).and_then(|groupings| groupings.first());
    parts.into_iter().flat_map(|(_, parts)| parts).flat_map(|part| under(*part, members, children)).collect()
}
