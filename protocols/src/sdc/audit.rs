//! The interval audit (rule R4): how many values every hidden count keeps for a reader of the shown ones. Values are shown
//! to be possible by witnesses, whole numbers for all hidden counts at once that satisfy everything; what has too few is
//! not safe, whatever the reason.

use std::collections::BTreeSet;

use super::{
    bounds::Unknowns,
    linear::Linear,
    system::{Count, System},
    witnesses::{Component, Witnesses, extremes},
};

/// The least and the most persons that a hidden cell can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// The cell.
    pub cell: usize,
    /// The least.
    pub least: i64,
    /// The most; none where there is none.
    pub most: Option<i64>,
}

/// What a reader knows before looking at any line.
pub(super) struct Reader<B> {
    /// The least persons that are shown and not zero.
    pub(super) k: u64,
    /// The least and the most persons of each hidden cell.
    pub(super) bounds: B,
}

/// The interval of every hidden cell for a reader who knows nothing of it but `least`.
#[must_use]
pub fn intervals(
    system: &System,
    hidden: &[bool],
    k: u64,
    least: impl Fn(usize) -> i64,
    solver: &impl Linear,
) -> Vec<Interval> {
    let mut found = Vec::new();
    let reader = Reader { k, bounds: |cell| (least(cell), None) };
    for component in parts(system, hidden, &reader) {
        for (place, count) in component.counts.iter().enumerate() {
            if let Count::Persons(cell) = count
                && hidden.get(*cell).is_some_and(|hidden| *hidden)
            {
                let (least, most) = extremes(&component, place, solver);
                found.push(Interval { cell: *cell, least, most });
            }
        }
    }
    found.sort_unstable_by_key(|interval| interval.cell);
    found
}

/// An audit, which goes on from what it found before: as more is hidden, what was possible stays possible.
pub(super) struct Audit {
    inside: View,
    outside: View,
    /// Cells of which the second reader knows that they have enough persons, whatever else is released.
    enough: BTreeSet<usize>,
}

/// What was found to be possible for one reader.
struct View {
    /// While everything that earlier releases have, and later ones will have too, keeps its true value: it stays possible.
    settled: Witnesses,
    any: Witnesses,
}

impl Audit {
    /// Of whether counts keep so many values.
    pub(super) fn new(values: usize) -> Self {
        let view = || View { settled: Witnesses::new(values), any: Witnesses::new(values) };
        Self { inside: view(), outside: view(), enough: BTreeSet::new() }
    }

    /// The hidden cells that keep fewer values. A reader of the first kind knows more of hidden cells; every count of the
    /// cells in `targets` must keep so many values. One of the second kind knows less; the persons of every other hidden
    /// cell that may be below k for this reader must keep them too. What earlier releases settled is not looked at again.
    pub(super) fn too_narrow<S: Linear>(
        &mut self,
        system: &System,
        hidden: &[bool],
        targets: &[bool],
        first: &Reader<impl Fn(usize) -> (i64, Option<i64>)>,
        second: &Reader<impl Fn(usize) -> (i64, Option<i64>)>,
        solver: &S,
    ) -> Vec<usize> {
        let is_target = |cell: usize| targets.get(cell).is_some_and(|target| *target);
        let is_hidden = |cell: usize| hidden.get(cell).is_some_and(|hidden| *hidden);
        let is_open = |cell: usize| {
            system.cells().get(cell).is_some_and(|cell| cell.earlier.is_none_or(|earlier| !earlier.settled))
        };
        let k = i64::try_from(second.k).unwrap_or(i64::MAX);
        let of_target = |count: &Count| cell_of(*count).filter(|cell| is_target(*cell) && is_open(*cell));
        let of_other = |count: &Count| match count {
            Count::Persons(cell) => Some(*cell).filter(|cell| is_hidden(*cell) && !is_target(*cell) && is_open(*cell)),
            _ => None,
        };
        let (inside, outside) = (parts(system, hidden, first), parts(system, hidden, second));
        // What the bounds say already is not looked for.
        let mut narrow = self.narrow_bounds(&inside, &of_target, i64::MAX);
        narrow.extend(self.narrow_bounds(&outside, &of_other, k));
        if !narrow.is_empty() {
            return narrow.into_iter().collect();
        }
        for component in inside {
            let asked: Vec<usize> = places(&component, &of_target);
            for place in self.inside.lacking(system, &component, &asked, solver) {
                narrow.extend(component.counts.get(place).copied().and_then(cell_of));
            }
        }
        for component in outside {
            let mut asked = places(&component, &of_other);
            asked.retain(|place| {
                let Some(count) = component.counts.get(*place) else { return false };
                let Some(cell) = cell_of(*count).filter(|cell| !self.enough.contains(cell)) else { return false };
                if component.bounds.get(*place).is_some_and(|(least, _)| *least >= k) {
                    self.enough.insert(cell);
                    return false;
                }
                // What the first reader cannot exclude, this one cannot either.
                self.inside.any.lacks(*count)
            });
            for place in self.outside.lacking(system, &component, &asked, solver) {
                let Some(cell) = component.counts.get(place).copied().and_then(cell_of) else { continue };
                if extremes(&component, place, solver).0 >= k {
                    self.enough.insert(cell);
                } else {
                    narrow.insert(cell);
                }
            }
        }
        narrow.into_iter().collect()
    }

    /// Cells of which the bounds leave too few values, all of them below a number.
    fn narrow_bounds(
        &self,
        components: &[Unknowns],
        of: &impl Fn(&Count) -> Option<usize>,
        below: i64,
    ) -> BTreeSet<usize> {
        let needed = self.inside.any.step_count();
        let few = |(least, most): &(i64, Option<i64>)| {
            most.is_some_and(|most| most < below && most.saturating_sub(*least).saturating_add(1) < needed)
        };
        let all = components.iter().flat_map(|component| component.counts.iter().zip(&component.bounds));
        all.filter(|(_, bounds)| few(bounds)).filter_map(|(count, _)| of(count)).collect()
    }

    /// Looks which hidden cells keep enough values whatever is released later, so that later audits need not.
    pub(super) fn settle(
        &mut self,
        system: &System,
        hidden: &[bool],
        targets: &[bool],
        first: &Reader<impl Fn(usize) -> (i64, Option<i64>)>,
        solver: &impl Linear,
    ) {
        let of = |count: &Count| {
            let cell = cell_of(*count)?;
            let is_new = system.cells().get(cell).is_some_and(|cell| cell.earlier.is_none() && !cell.stock);
            let wanted = matches!(count, Count::Persons(_)) || targets.get(cell).is_some_and(|target| *target);
            Some(cell).filter(|cell| is_new && wanted && hidden.get(*cell).is_some_and(|hidden| *hidden))
        };
        for component in parts(system, hidden, first) {
            let asked = places(&component, &of);
            self.inside.settle(system, &component, &asked, solver);
        }
    }

    /// Whether a hidden cell keeps enough values whatever is released later.
    pub(super) fn settled(&self, system: &System, cell: usize, is_target: bool) -> bool {
        let kept = |count: Count| system.count(count).is_none() || !self.inside.settled.lacks(count);
        if is_target {
            kept(Count::Persons(cell)) && kept(Count::Rows(cell))
        } else {
            self.enough.contains(&cell) || kept(Count::Persons(cell))
        }
    }
}

impl View {
    /// One of the unknowns asked about that lack values, if there are any: first by what is possible of the new release
    /// alone, and then of everything.
    fn lacking(&mut self, system: &System, component: &Unknowns, asked: &[usize], solver: &impl Linear) -> Vec<usize> {
        self.any.among(component, asked, &|count: &Count| is_new(system, *count), false, solver);
        let lacks =
            |any: &Witnesses, place: &usize| component.counts.get(*place).is_some_and(|count| any.lacks(*count));
        let left: Vec<usize> = asked.iter().copied().filter(|place| lacks(&self.any, place)).collect();
        if left.is_empty() {
            return left;
        }
        let all = Component::of(component.clone());
        self.any.suffice_together(&all, &left, solver);
        // One is enough to go on with: what mends it often mends others, which would be looked at for nothing.
        left.into_iter().find(|place| !self.any.suffice(&all, *place, solver)).into_iter().collect()
    }

    /// Looks for values that stay possible: those that leave alone what earlier and later releases share with this one.
    fn settle(&mut self, system: &System, component: &Unknowns, asked: &[usize], solver: &impl Linear) {
        let stays = |count: &Count| {
            let cell = cell_of(*count).and_then(|cell| system.cells().get(cell));
            is_new(system, *count) && cell.is_none_or(|cell| !cell.stock)
        };
        self.settled.among(component, asked, &stays, false, solver);
    }
}

/// Whether a count is of a cell that no earlier release has, or of no cell.
fn is_new(system: &System, count: Count) -> bool {
    let cell = cell_of(count).and_then(|cell| system.cells().get(cell));
    cell.is_none_or(|cell| cell.earlier.is_none())
}

/// The places of the counts asked about.
fn places(component: &Unknowns, of: &impl Fn(&Count) -> Option<usize>) -> Vec<usize> {
    component.counts.iter().enumerate().filter(|(_, count)| of(count).is_some()).map(|(place, _)| place).collect()
}

const fn cell_of(count: Count) -> Option<usize> {
    match count {
        Count::Persons(cell) | Count::Rows(cell) => Some(cell),
        Count::Unpublished(_) => None,
    }
}

fn parts(system: &System, hidden: &[bool], reader: &Reader<impl Fn(usize) -> (i64, Option<i64>)>) -> Vec<Unknowns> {
    let mut unknowns = Unknowns::of(system, hidden, reader.k, &reader.bounds);
    unknowns.tighten();
    unknowns.reduce();
    unknowns.components()
}
