//! The shape of a set of cubes over their dimensions (rule R12).

use std::collections::BTreeSet;

/// The dimensions that stay when dimensions of one cube only, and cubes within others, are taken away (the reduction of
/// Graham, Yu and Ozsoyoglu). Where none stay the cells of the cubes say all that any table of records says of them; over
/// a circle they would not (rule R12).
#[must_use]
pub fn circle(cubes: &[BTreeSet<usize>]) -> BTreeSet<usize> {
    let size = |edges: &[BTreeSet<usize>]| (edges.len(), edges.iter().map(BTreeSet::len).sum::<usize>());
    let mut edges: Vec<BTreeSet<usize>> = cubes.to_vec();
    loop {
        let before = edges.clone();
        for edge in &mut edges {
            edge.retain(|place| before.iter().filter(|other| other.contains(place)).count() > 1);
        }
        edges.sort_by_key(|edge| std::cmp::Reverse(edge.len()));
        let mut kept: Vec<BTreeSet<usize>> = Vec::new();
        for edge in edges {
            if !kept.iter().any(|other| edge.is_subset(other)) {
                kept.push(edge);
            }
        }
        edges = kept;
        if size(&edges) == size(&before) {
            return edges.into_iter().flatten().collect();
        }
    }
}
