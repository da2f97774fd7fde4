//! The interval audit (rule R4): how many values every hidden cell keeps for a reader of the shown ones. Values are shown
//! to be possible by witnesses, whole numbers for all hidden cells at once that satisfy every line; what has too few is
//! not safe, whatever the reason.

use std::collections::BTreeSet;

use super::{
    bounds::Unknowns,
    linear::{Found, Goal, Linear},
    system::System,
};

/// The least and the most that a hidden cell can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// The cell.
    pub cell: usize,
    /// The least.
    pub least: i64,
    /// The most; none where there is none.
    pub most: Option<i64>,
}

/// How far a fraction that a solver gives may be from the whole number that it stands for.
const TOLERANCE: f64 = 1e-6;

/// The interval of every hidden cell for a reader who knows nothing of it but `least`.
#[must_use]
pub fn intervals(system: &System, hidden: &[bool], least: i64, solver: &impl Linear) -> Vec<Interval> {
    let mut found = Vec::new();
    for component in parts(system, hidden, |_| (least, None)) {
        for (place, cell) in component.cells.iter().enumerate() {
            let (least, most) = extremes(&component, place, solver);
            found.push(Interval { cell: *cell, least, most });
        }
    }
    found.sort_unstable_by_key(|interval| interval.cell);
    found
}

/// The hidden cells that keep fewer values than `values`.
///
/// A reader of the first kind knows the bounds of every hidden cell; each cell in `targets` must keep so many values. One
/// of the second kind knows only that a hidden cell is `least` or more; every other hidden cell that may be below `k` for
/// this reader must keep them too.
pub(super) fn too_narrow(
    system: &System,
    hidden: &[bool],
    targets: &[bool],
    bounds: impl Fn(usize) -> (i64, Option<i64>),
    outside: (i64, i64),
    values: usize,
    solver: &impl Linear,
) -> Vec<usize> {
    let (least, k) = outside;
    let is_target = |cell: usize| targets.get(cell).is_some_and(|target| *target);
    let mut narrow = Vec::new();
    let mut unsure = Vec::new();
    for component in parts(system, hidden, bounds) {
        let mut witnesses = Witnesses::new(&component, values);
        for (place, cell) in component.cells.iter().enumerate() {
            if is_target(*cell) && !witnesses.suffice(&component, place, solver) {
                narrow.push(*cell);
            }
        }
        // What this reader cannot exclude, the other cannot either.
        let others = component.cells.iter().zip(&witnesses.seen);
        unsure.extend(others.filter(|(cell, seen)| !is_target(**cell) && seen.len() < values).map(|(cell, _)| *cell));
    }
    unsure.sort_unstable();
    if unsure.is_empty() {
        return narrow;
    }
    for component in parts(system, hidden, |_| (least, None)) {
        let mut witnesses = Witnesses::new(&component, values);
        for (place, cell) in component.cells.iter().enumerate() {
            let asked = unsure.binary_search(cell).is_ok() && witnesses.lacks(place);
            if asked && extremes(&component, place, solver).0 < k && !witnesses.suffice(&component, place, solver) {
                narrow.push(*cell);
            }
        }
    }
    narrow.sort_unstable();
    narrow
}

fn parts(system: &System, hidden: &[bool], bounds: impl Fn(usize) -> (i64, Option<i64>)) -> Vec<Unknowns> {
    let mut unknowns = Unknowns::of(system, hidden, bounds);
    unknowns.tighten();
    unknowns.components()
}

fn extremes(unknowns: &Unknowns, place: usize, solver: &impl Linear) -> (i64, Option<i64>) {
    let (least, most) = unknowns.bounds.get(place).copied().unwrap_or((0, None));
    let at = |point: &[f64]| point.get(place).copied();
    let lower = match solver.reach(unknowns, place, Goal::Least) {
        Found::Point(point) => at(&point).map(|value| (value - TOLERANCE).ceil()),
        // Of what contradicts itself no value is possible.
        Found::Nothing => return (least, Some(least - 1)),
        Found::Unbounded | Found::Unknown => None,
    };
    let upper = match solver.reach(unknowns, place, Goal::Most) {
        Found::Point(point) => at(&point).map(|value| (value + TOLERANCE).floor()),
        _ => None,
    };
    let lower = lower.map_or(least, |lower| whole(lower).max(least));
    let upper = upper.map(whole);
    (lower, most.into_iter().chain(upper).min())
}

/// Values that hidden cells can have, of which each was in whole numbers that satisfy everything.
struct Witnesses {
    needed: usize,
    seen: Vec<BTreeSet<i64>>,
}

impl Witnesses {
    fn new(unknowns: &Unknowns, needed: usize) -> Self {
        Self { needed, seen: unknowns.truth.iter().map(|value| BTreeSet::from([*value])).collect() }
    }

    fn lacks(&self, place: usize) -> bool {
        self.seen.get(place).is_none_or(|seen| seen.len() < self.needed)
    }

    /// Looks for as many values of an unknown as are needed.
    fn suffice(&mut self, unknowns: &Unknowns, place: usize, solver: &impl Linear) -> bool {
        for goal in [Goal::Most, Goal::Least] {
            if !self.lacks(place) {
                return true;
            }
            // Without a most there is always one higher.
            if let Found::Unbounded = self.reach(unknowns, place, goal, solver) {
                let above = unknowns.truth.get(place).copied().unwrap_or(0);
                for step in 1..=self.step_count() {
                    self.whole(unknowns, place, above.saturating_add(step), solver);
                }
            }
        }
        if !self.lacks(place) {
            return true;
        }
        let (least, most) = extremes(unknowns, place, solver);
        let truth = unknowns.truth.get(place).copied().unwrap_or(0);
        let mut around: Vec<i64> = (-8..=8).map(|step| truth + step).collect();
        around.retain(|value| *value >= least && most.is_none_or(|most| *value <= most));
        around.sort_by_key(|value| (value.abs_diff(truth), *value));
        for value in around {
            if !self.lacks(place) {
                return true;
            }
            if self.seen.get(place).is_some_and(|seen| !seen.contains(&value)) {
                self.whole(unknowns, place, value, solver);
            }
        }
        !self.lacks(place)
    }

    fn step_count(&self) -> i64 {
        i64::try_from(self.needed).unwrap_or(i64::MAX)
    }

    fn reach(&mut self, unknowns: &Unknowns, place: usize, goal: Goal, solver: &impl Linear) -> Found {
        let found = solver.reach(unknowns, place, goal);
        if let Found::Point(point) = &found {
            self.point(unknowns, point);
        }
        found
    }

    fn whole(&mut self, unknowns: &Unknowns, place: usize, value: i64, solver: &impl Linear) {
        if let Found::Point(point) = solver.whole(unknowns, place, value) {
            self.point(unknowns, &point);
        }
    }

    /// Takes a point, if it is one in whole numbers, and every whole point between it and the truth: equations and bounds
    /// that hold at both ends hold between them.
    fn point(&mut self, unknowns: &Unknowns, point: &[f64]) {
        let values: Vec<i64> = point.iter().map(|value| whole(value.round())).collect();
        if !unknowns.holds(&values) {
            return;
        }
        let moves: Vec<i64> = values.iter().zip(&unknowns.truth).map(|(value, truth)| value - truth).collect();
        let steps = moves.iter().fold(0, |divisor, step| gcd(divisor, *step));
        for ((seen, truth), step) in self.seen.iter_mut().zip(&unknowns.truth).zip(&moves) {
            if *step == 0 {
                continue;
            }
            for times in 1..=steps.min(i64::try_from(self.needed).unwrap_or(i64::MAX)) {
                seen.insert(truth + step / steps * times);
            }
        }
    }
}

const fn gcd(one: i64, other: i64) -> i64 {
    let (mut one, mut other) = (one.unsigned_abs(), other.unsigned_abs());
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one.cast_signed()
}

#[expect(clippy::cast_possible_truncation, reason = "a float outside the range becomes its end, and is then checked")]
const fn whole(value: f64) -> i64 {
    value as i64
}
