//! What hidden cells can be: a system of equations in integers with bounds, as a reader of the shown cells has it.

use std::collections::HashMap;

use super::system::System;

/// The hidden cells of a system, each with what a reader knows of it, and the lines that tie them.
#[derive(Clone, Debug)]
pub struct Unknowns {
    /// The cell of each unknown.
    pub(super) cells: Vec<usize>,
    /// Its true value.
    pub(super) truth: Vec<i64>,
    /// The least and the most that it can be; none where there is no most.
    pub(super) bounds: Vec<(i64, Option<i64>)>,
    /// What adds up.
    pub(super) equations: Vec<Equation>,
}

/// A sum of unknowns, each so many times, that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Equation {
    pub(super) terms: Vec<(usize, i64)>,
    pub(super) sum: i64,
}

impl Unknowns {
    /// Of the cells that are hidden, with the bounds that the reader has before looking at any line.
    pub(super) fn of(system: &System, hidden: &[bool], bounds: impl Fn(usize) -> (i64, Option<i64>)) -> Self {
        let cells: Vec<usize> =
            hidden.iter().enumerate().filter(|(_, hidden)| **hidden).map(|(cell, _)| cell).collect();
        let places: HashMap<usize, usize> = cells.iter().enumerate().map(|(place, cell)| (*cell, place)).collect();
        let value = |cell: usize| i64::try_from(system.persons(cell)).unwrap_or(i64::MAX);
        let mut equations = Vec::new();
        for line in system.lines() {
            let mut equation = Equation { terms: Vec::new(), sum: 0 };
            let all = line.parts.iter().map(|part| (*part, 1)).chain([(line.whole, -1)]);
            for (cell, times) in all {
                match places.get(&cell) {
                    Some(place) => equation.terms.push((*place, times)),
                    None => equation.sum -= times * value(cell),
                }
            }
            if !equation.terms.is_empty() {
                equations.push(equation);
            }
        }
        let truth = cells.iter().map(|cell| value(*cell)).collect();
        let bounds = cells.iter().map(|cell| bounds(*cell)).collect();
        Self { cells, truth, bounds, equations }
    }

    /// Draws from every equation what it says about the bounds of its terms, until nothing follows any more. Nothing that
    /// the equations leave possible is lost.
    pub(super) fn tighten(&mut self) {
        // Each round that changes anything narrows a bound by at least one; very long chains are left to the solver.
        for _ in 0..1000 {
            let mut changed = false;
            for equation in &self.equations {
                changed |= tighten(equation, &mut self.bounds);
            }
            if !changed {
                return;
            }
        }
    }

    /// Whether these are values that a reader cannot exclude.
    pub(super) fn holds(&self, values: &[i64]) -> bool {
        let within = |(value, (least, most)): (&i64, &(i64, Option<i64>))| {
            value >= least && most.is_none_or(|most| *value <= most)
        };
        let adds_up = |equation: &Equation| {
            let terms = equation.terms.iter().filter_map(|(place, times)| Some(times * values.get(*place)?));
            terms.sum::<i64>() == equation.sum
        };
        values.len() == self.bounds.len()
            && values.iter().zip(&self.bounds).all(within)
            && self.equations.iter().all(adds_up)
    }

    /// Groups of unknowns that no equation ties to one another, each with its own.
    pub(super) fn components(&self) -> Vec<Self> {
        let mut roots: Vec<usize> = (0..self.cells.len()).collect();
        for equation in &self.equations {
            let Some((first, _)) = equation.terms.first() else { continue };
            for (other, _) in &equation.terms {
                let (first, other) = (root(&roots, *first), root(&roots, *other));
                let (low, high) = (first.min(other), first.max(other));
                if let Some(slot) = roots.get_mut(high) {
                    *slot = low;
                }
            }
        }
        let mut components: HashMap<usize, usize> = HashMap::new();
        let mut made: Vec<Self> = Vec::new();
        let mut new_place = Vec::with_capacity(self.cells.len());
        for (place, ((cell, truth), bounds)) in self.cells.iter().zip(&self.truth).zip(&self.bounds).enumerate() {
            let number = *components.entry(root(&roots, place)).or_insert_with(|| {
                made.push(Self { cells: Vec::new(), truth: Vec::new(), bounds: Vec::new(), equations: Vec::new() });
                made.len() - 1
            });
            if let Some(component) = made.get_mut(number) {
                new_place.push(component.cells.len());
                component.cells.push(*cell);
                component.truth.push(*truth);
                component.bounds.push(*bounds);
            }
        }
        for equation in &self.equations {
            let place = equation.terms.first().map(|(place, _)| root(&roots, *place));
            let component = place.and_then(|place| made.get_mut(*components.get(&place)?));
            let terms = equation.terms.iter().filter_map(|(place, times)| Some((*new_place.get(*place)?, *times)));
            if let Some(component) = component {
                component.equations.push(Equation { terms: terms.collect(), sum: equation.sum });
            }
        }
        made
    }
}

fn root(roots: &[usize], place: usize) -> usize {
    let mut place = place;
    while let Some(parent) = roots.get(place).filter(|parent| **parent != place) {
        place = *parent;
    }
    place
}

fn tighten(equation: &Equation, bounds: &mut [(i64, Option<i64>)]) -> bool {
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
    for term in &equation.terms {
        let (low, high) = range(term, bounds);
        count(&mut least_sum, low);
        count(&mut most_sum, high);
    }
    let without = |(sum, unbounded): (i64, usize), own: Option<i64>| match (own, unbounded) {
        (Some(own), 0) => Some(sum - own),
        (None, 1) => Some(sum),
        _ => None,
    };
    let mut changed = false;
    for term in &equation.terms {
        let (own_low, own_high) = range(term, bounds);
        let (least, most) = (without(least_sum, own_low), without(most_sum, own_high));
        // times * value is between sum - most and sum - least.
        let (low, high) = (most.map(|most| equation.sum - most), least.map(|least| equation.sum - least));
        let (place, times) = *term;
        let (low, high) = if times > 0 { (low, high) } else { (high.map(|high| -high), low.map(|low| -low)) };
        let size = times.abs();
        let (low, high) = (low.map(|low| ceil(low, size)), high.map(|high| high.div_euclid(size)));
        let Some((least, most)) = bounds.get_mut(place) else { continue };
        let mut narrower = false;
        if let Some(low) = low.filter(|low| low > least) {
            *least = low;
            narrower = true;
        }
        if let Some(high) = high.filter(|high| most.is_none_or(|most| *high < most)) {
            *most = Some(high);
            narrower = true;
        }
        if narrower {
            changed = true;
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
    changed
}

const fn ceil(number: i64, by: i64) -> i64 {
    -(-number).div_euclid(by)
}
