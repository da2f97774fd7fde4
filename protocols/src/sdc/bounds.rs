//! What hidden counts can be: a system of equations and inequalities in integers with bounds, as a reader of the shown
//! cells has it.

mod divided;
mod unseen;

use std::collections::{BTreeSet, HashMap};

use super::{system::Count, walk::Uses};

/// Bounds further out than this say nothing: no count is near them, and a million of them still add up.
const MOST_BOUND: i64 = 1 << 42;

/// The counts that a reader does not see, each with what the reader knows of it, and what ties them.
#[derive(Clone, Debug, Default)]
pub struct Unknowns {
    /// Which count each unknown is.
    pub(super) counts: Vec<Count>,
    /// Its true value.
    pub(super) truth: Vec<i64>,
    /// The least and the most that it can be; none where there is no most.
    pub(super) bounds: Vec<(i64, Option<i64>)>,
    /// What holds between them.
    pub(super) constraints: Vec<Constraint>,
}

/// A sum of unknowns, each so many times, that is exactly or at most a number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Constraint {
    pub(super) terms: Vec<(usize, i64)>,
    pub(super) exactly: bool,
    pub(super) sum: i64,
}

impl Constraint {
    /// Of the unknowns that have a new place, while all others have their true values.
    fn renumbered(&self, new_place: &HashMap<usize, usize>, truth: &[i64]) -> Self {
        let mut own = Self { terms: Vec::new(), ..*self };
        for (place, times) in &self.terms {
            match new_place.get(place) {
                Some(place) => own.terms.push((*place, *times)),
                None => own.sum -= times * truth.get(*place).copied().unwrap_or(0),
            }
        }
        own.terms.sort_unstable();
        own
    }
}

impl Unknowns {
    /// Draws from every constraint what it says about the bounds of its terms, until nothing follows any more. Nothing that
    /// the constraints leave possible is lost.
    pub(super) fn tighten(&mut self) {
        let uses = self.uses();
        let mut is_open = vec![true; self.constraints.len()];
        let mut changed = Vec::new();
        // Each round that changes anything narrows a bound by at least one; very long chains are left to the solver.
        for _ in 0..1000 {
            for (number, constraint) in self.constraints.iter().enumerate() {
                if !is_open.get_mut(number).is_some_and(std::mem::take) {
                    continue;
                }
                tighten(constraint, &mut self.bounds, &mut changed);
                for (other, _) in changed.drain(..).filter_map(|place| uses.get(place)).flatten() {
                    if let Some(is_open) = is_open.get_mut(*other) {
                        *is_open = true;
                    }
                }
            }
            let impossible = |(least, most): &(i64, Option<i64>)| most.is_some_and(|most| most < *least);
            if !is_open.contains(&true) || self.bounds.iter().any(impossible) {
                return;
            }
        }
    }

    /// Whether these are values that a reader cannot exclude.
    pub(super) fn holds(&self, values: &[i64]) -> bool {
        let within = |(value, (least, most)): (&i64, &(i64, Option<i64>))| {
            value >= least && most.is_none_or(|most| *value <= most)
        };
        let fits = |constraint: &Constraint| {
            let terms = constraint.terms.iter().filter_map(|(place, times)| Some(times * values.get(*place)?));
            let sum = terms.sum::<i64>();
            if constraint.exactly { sum == constraint.sum } else { sum <= constraint.sum }
        };
        values.len() == self.bounds.len()
            && values.iter().zip(&self.bounds).all(within)
            && self.constraints.iter().all(fits)
    }

    /// Whether values so many times a part of these moves away from the true ones are possible.
    pub(super) fn allows(&self, moves: &[(usize, i64)], part: i64, times: i64) -> bool {
        let mut values = self.truth.clone();
        for (place, step) in moves {
            if let Some(value) = values.get_mut(*place) {
                *value += step / part * times;
            }
        }
        self.holds(&values)
    }

    /// Leaves out what follows from the bounds.
    pub(super) fn reduce(&mut self) {
        let bounds = &self.bounds;
        let most = |(place, times): &(usize, i64)| {
            let (least, most) = bounds.get(*place).copied().unwrap_or((0, None));
            if *times > 0 { most.map(|most| times * most) } else { Some(times * least) }
        };
        let follows = |constraint: &Constraint| {
            let sum = constraint.terms.iter().try_fold(0i64, |sum, term| sum.checked_add(most(term)?));
            !constraint.exactly && sum.is_some_and(|sum| sum <= constraint.sum)
        };
        self.constraints.retain(|constraint| !follows(constraint));
    }

    /// Groups of unknowns that nothing ties to one another, each with its own.
    pub(super) fn components(&self) -> Vec<Self> {
        let mut roots: Vec<usize> = (0..self.counts.len()).collect();
        for constraint in &self.constraints {
            let Some((first, _)) = constraint.terms.first() else { continue };
            for (other, _) in &constraint.terms {
                let (first, other) = (root(&mut roots, *first), root(&mut roots, *other));
                let (low, high) = (first.min(other), first.max(other));
                if let Some(slot) = roots.get_mut(high) {
                    *slot = low;
                }
            }
        }
        let mut components: Vec<Option<usize>> = vec![None; self.counts.len()];
        let mut made: Vec<Self> = Vec::new();
        let mut new_place = Vec::with_capacity(self.counts.len());
        for (place, ((count, truth), bounds)) in self.counts.iter().zip(&self.truth).zip(&self.bounds).enumerate() {
            let Some(slot) = components.get_mut(root(&mut roots, place)) else { continue };
            let number = *slot.get_or_insert_with(|| {
                made.push(Self::default());
                made.len() - 1
            });
            if let Some(component) = made.get_mut(number) {
                new_place.push(component.counts.len());
                component.counts.push(*count);
                component.truth.push(*truth);
                component.bounds.push(*bounds);
            }
        }
        for constraint in &self.constraints {
            let place = constraint.terms.first().map(|(place, _)| root(&mut roots, *place));
            let component = place.and_then(|place| made.get_mut((*components.get(place)?)?));
            let terms = constraint.terms.iter().filter_map(|(place, times)| Some((*new_place.get(*place)?, *times)));
            if let Some(component) = component {
                component.constraints.push(Constraint { terms: terms.collect(), ..*constraint });
            }
        }
        made
    }

    /// For every unknown the constraints that it is in, and how many times.
    pub(super) fn uses(&self) -> Uses {
        let mut uses: Uses = vec![Vec::new(); self.counts.len()];
        for (number, constraint) in self.constraints.iter().enumerate() {
            for (place, times) in &constraint.terms {
                if let Some(uses) = uses.get_mut(*place) {
                    uses.push((number, *times));
                }
            }
        }
        uses
    }

    /// Only the counts of cells, and what holds between them.
    pub(super) fn of_cells(&self) -> Self {
        // The others come last.
        let first = self.counts.iter().position(|count| matches!(count, Count::Unpublished(_)));
        let cells = first.unwrap_or(self.counts.len());
        let is_about = |constraint: &&Constraint| constraint.terms.iter().all(|(place, _)| *place < cells);
        Self {
            counts: self.counts.iter().take(cells).copied().collect(),
            truth: self.truth.iter().take(cells).copied().collect(),
            bounds: self.bounds.iter().take(cells).copied().collect(),
            constraints: self.constraints.iter().filter(is_about).cloned().collect(),
        }
    }

    /// These unknowns, by their places, while all others have their true values: whatever is possible of these is possible.
    pub(super) fn only(&self, places: &[usize]) -> Self {
        let kept: BTreeSet<usize> = places.iter().copied().collect();
        let is_about = |constraint: &&Constraint| constraint.terms.iter().any(|(place, _)| kept.contains(place));
        let about = self.constraints.iter().filter(is_about);
        let mut made = Self {
            counts: places.iter().filter_map(|place| self.counts.get(*place)).copied().collect(),
            truth: places.iter().filter_map(|place| self.truth.get(*place)).copied().collect(),
            bounds: places.iter().filter_map(|place| self.bounds.get(*place)).copied().collect(),
            constraints: Vec::new(),
        };
        let new_place: HashMap<usize, usize> = places.iter().enumerate().map(|(new, place)| (*place, new)).collect();
        for constraint in about {
            made.constraints.push(constraint.renumbered(&new_place, &self.truth));
        }
        made
    }
}

fn root(roots: &mut [usize], place: usize) -> usize {
    let mut place = place;
    while let Some(parent) = roots.get(place).copied().filter(|parent| *parent != place) {
        // The next time it is half as far.
        let above = roots.get(parent).copied().unwrap_or(parent);
        if let Some(slot) = roots.get_mut(place) {
            *slot = above;
        }
        place = above;
    }
    place
}

/// Narrows the bounds of the terms of a constraint; adds those that it narrowed to `changed`.
fn tighten(constraint: &Constraint, bounds: &mut [(i64, Option<i64>)], changed: &mut Vec<usize>) {
    // The least and the most of each term; none where there is no bound.
    let range = |(place, times): &(usize, i64), bounds: &[(i64, Option<i64>)]| {
        let (least, most) = bounds.get(*place).copied().unwrap_or((0, None));
        let (one, other) = (Some(times * least), most.map(|most| times * most));
        if *times > 0 { (one, other) } else { (other, one) }
    };
    // The sum of all that have a bound, and how many have none: so that each term sees the others in one step.
    let (mut least_sum, mut most_sum) = ((0, 0), (0, 0));
    let count = |sum: &mut (i64, usize), bound: Option<i64>| match bound {
        Some(bound) => sum.0 += bound,
        None => sum.1 += 1,
    };
    for term in &constraint.terms {
        let (low, high) = range(term, bounds);
        count(&mut least_sum, low);
        count(&mut most_sum, high);
    }
    let without = |(sum, unbounded): (i64, usize), own: Option<i64>| match (own, unbounded) {
        (Some(own), 0) => Some(sum - own),
        (None, 1) => Some(sum),
        _ => None,
    };
    for term in &constraint.terms {
        let (own_low, own_high) = range(term, bounds);
        let (least, most) = (without(least_sum, own_low), without(most_sum, own_high));
        // times * value is between sum - most, if the sum is exact, and sum - least.
        let low = most.filter(|_| constraint.exactly).map(|most| constraint.sum - most);
        let high = least.map(|least| constraint.sum - least);
        let (place, times) = *term;
        let (low, high) = if times > 0 { (low, high) } else { (high.map(|high| -high), low.map(|low| -low)) };
        let size = times.abs();
        let (low, high) = (low.map(|low| ceil(low, size)), high.map(|high| high.div_euclid(size)));
        let Some((least, most)) = bounds.get_mut(place) else { continue };
        let mut narrower = false;
        if let Some(low) = low.filter(|low| low > least && *low < MOST_BOUND) {
            *least = low;
            narrower = true;
        }
        if let Some(high) = high.filter(|high| most.is_none_or(|most| *high < most) && *high > -MOST_BOUND) {
            *most = Some(high);
            narrower = true;
        }
        if narrower {
            changed.push(place);
            let (low, high) = range(term, bounds);
            for (sum, old, new) in [(&mut least_sum, own_low, low), (&mut most_sum, own_high, high)] {
                match old {
                    Some(old) => sum.0 -= old,
                    None => sum.1 -= 1,
                }
                count(sum, new);
            }
        }
    }
}

const fn ceil(number: i64, by: i64) -> i64 {
    -(-number).div_euclid(by)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A hundred times twice as much, and an end that is less than its beginning: what no records have, and what somebody
    /// may all the same write into a certificate.
    #[test]
    fn bounds_that_contradict_each_other_come_to_an_end() {
        for most in [None, Some(5)] {
            let mut unknowns = Unknowns {
                counts: (0..100).map(Count::Persons).collect(),
                truth: vec![1; 100],
                bounds: vec![(1, most); 100],
                constraints: (1..100)
                    .map(|place| Constraint { terms: vec![(place - 1, 2), (place, -1)], exactly: false, sum: 0 })
                    .collect(),
            };
            unknowns.tighten();
            let (least, most) = unknowns.bounds[99];
            assert!(most.map_or(least < MOST_BOUND, |most| most <= 5), "{least}, {most:?}");
        }
    }
}
