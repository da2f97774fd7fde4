//! Witnesses: values that hidden counts can have besides their own, of which each was in whole numbers that satisfy
//! everything. They are sought by walks, by putting walks together, and by linear programs near a count and over all; what
//! a solver says is rounded and checked.

use std::collections::{BTreeSet, HashMap};

use super::{
    bounds::Unknowns,
    linear::{Found, Goal, Linear},
    system::Count,
    walk,
};

/// How far a fraction that a solver gives may be from the whole number that it stands for.
const TOLERANCE: f64 = 1e-6;

/// How many unknowns around a count are let free when a witness is looked for, before all of them are.
const NEAR: [usize; 2] = [120, 400];

/// How many ways to other values of a count are put together, and from how many places another is sought.
const MOST_WAYS: usize = 12;
const MOST_STARTS: usize = 2;

/// The least and the most that an unknown can be.
pub(super) fn extremes(unknowns: &Unknowns, place: usize, solver: &impl Linear) -> (i64, Option<i64>) {
    let (least, most) = unknowns.bounds.get(place).copied().unwrap_or((0, None));
    let at = |point: &[f64]| point.get(place).copied();
    let lower = match solver.reach(unknowns, &[place], Goal::Least) {
        Found::Point(point) => at(&point).map(|value| (value - TOLERANCE).ceil()),
        // Of what contradicts itself no value is possible.
        Found::Nothing => return (least, Some(least - 1)),
        Found::Unbounded | Found::Unknown => None,
    };
    let upper = match solver.reach(unknowns, &[place], Goal::Most) {
        Found::Point(point) => at(&point).map(|value| (value + TOLERANCE).floor()),
        _ => None,
    };
    let lower = lower.map_or(least, |lower| whole(lower).max(least));
    let upper = upper.map(whole);
    (lower, most.into_iter().chain(upper).min())
}

/// Unknowns that hang together, with what is found of them again and again.
pub(super) struct Component {
    all: Unknowns,
    uses: Vec<Vec<usize>>,
}

impl Component {
    pub(super) fn of(all: Unknowns) -> Self {
        Self { uses: all.uses(), all }
    }
}

/// Values that hidden counts can have besides their own, of which each was in whole numbers that satisfy everything.
pub(super) struct Witnesses {
    needed: usize,
    seen: HashMap<Count, BTreeSet<i64>>,
}

impl Witnesses {
    pub(super) fn new(needed: usize) -> Self {
        Self { needed, seen: HashMap::new() }
    }

    pub(super) fn lacks(&self, count: Count) -> bool {
        self.seen.get(&count).map_or(0, BTreeSet::len) + 1 < self.needed
    }

    /// Whether bounds leave fewer values than are needed.
    pub(super) fn too_few(&self, (least, most): (i64, Option<i64>)) -> bool {
        most.is_some_and(|most| most.saturating_sub(least).saturating_add(1) < self.step_count())
    }

    /// Looks for values of unknowns among those of a component that may move, while the others have their true values.
    pub(super) fn among(
        &mut self,
        component: &Unknowns,
        asked: &[usize],
        moves: &dyn Fn(&Count) -> bool,
        solver: &impl Linear,
    ) {
        let lacks = |count: &Count| self.lacks(*count);
        let wanted: BTreeSet<Count> = asked
            .iter()
            .filter_map(|place| component.counts.get(*place))
            .filter(|count| lacks(count))
            .copied()
            .collect();
        if !wanted.iter().any(moves) {
            return;
        }
        let free = component.counts.iter().enumerate().filter(|(_, count)| moves(count));
        let free: Vec<usize> = free.map(|(place, _)| place).collect();
        let mut unknowns = if free.len() == component.counts.len() { component.clone() } else { component.only(&free) };
        unknowns.reduce();
        for part in unknowns.components() {
            let places = part.counts.iter().enumerate().filter(|(_, count)| wanted.contains(count));
            let places: Vec<usize> = places.map(|(place, _)| place).collect();
            if !places.is_empty() {
                self.suffice_together(&Component::of(part), &places, solver);
            }
        }
    }

    /// Looks for as many values of an unknown as are needed, and says whether there are. What it says is exact: where it
    /// finds too few there are too few, or none that the solver can show.
    pub(super) fn suffice(&mut self, component: &Component, place: usize, solver: &impl Linear) -> bool {
        let all = &component.all;
        let Some(count) = all.counts.get(place).copied() else { return true };
        if !self.lacks(count) {
            return true;
        }
        if all.bounds.get(place).is_some_and(|bounds| self.too_few(*bounds)) {
            return false;
        }
        for size in NEAR {
            if self.lacks(count) {
                self.near(component, place, size, solver);
            }
        }
        if self.lacks(count) {
            self.look(all, place, solver);
        }
        if !self.lacks(count) {
            return true;
        }
        let (least, most) = extremes(all, place, solver);
        if self.too_few((least, most)) {
            return false;
        }
        let truth = all.truth.get(place).copied().unwrap_or(0);
        let mut around: Vec<i64> = (-8..=8).map(|step| truth + step).collect();
        around.retain(|value| *value != truth && *value >= least && most.is_none_or(|most| *value <= most));
        around.sort_by_key(|value| (value.abs_diff(truth), *value));
        for value in around {
            if !self.lacks(count) {
                return true;
            }
            if self.seen.get(&count).is_none_or(|seen| !seen.contains(&value)) {
                self.whole(all, place, value, solver);
            }
        }
        !self.lacks(count)
    }

    /// Looks for values of many unknowns: by walks, and then for all that still lack some at once.
    pub(super) fn suffice_together(&mut self, component: &Component, places: &[usize], solver: &impl Linear) {
        let all = &component.all;
        let mut found = Vec::new();
        for place in places {
            self.walk(component, *place, &all.truth, &mut found);
        }
        for place in places {
            self.combine(component, *place, &mut found);
        }
        for step in (1..self.step_count()).flat_map(|step| [step, -step]) {
            let lacks = |place: &usize| all.counts.get(*place).is_some_and(|count| self.lacks(*count));
            let lacking: Vec<usize> =
                places.iter().copied().filter(|place| lacks(place) && !self.has(all, *place, step)).collect();
            let mut together = all.clone();
            let moved: Vec<usize> = lacking.into_iter().filter(|place| together.cap(*place, step)).collect();
            if moved.len() > 1 {
                let goal = if step > 0 { Goal::Most } else { Goal::Least };
                if let Found::Point(point) = solver.reach(&together, &moved, goal) {
                    self.point(all, &point);
                }
            }
        }
    }

    /// Walks from the true values to others nearby.
    fn walk(&mut self, component: &Component, place: usize, from: &[i64], found: &mut Vec<Vec<i64>>) {
        let all = &component.all;
        let Some(count) = all.counts.get(place).copied() else { return };
        for direction in [1, -1] {
            // Step by step, so that each can be mended elsewhere than the one before.
            let mut values = from.to_vec();
            for _ in 1..self.step_count() {
                if !self.lacks(count) {
                    return;
                }
                match walk::walk(all, &component.uses, &values, place, direction) {
                    Some(next) => values = next,
                    None => break,
                }
                self.take(all, &values);
                found.push(values.clone());
            }
        }
    }

    /// Puts two ways from the true values together where that is possible, and goes on from where others ended.
    fn combine(&mut self, component: &Component, place: usize, found: &mut Vec<Vec<i64>>) {
        let all = &component.all;
        let Some(count) = all.counts.get(place).copied() else { return };
        let truth = all.truth.get(place).copied().unwrap_or(0);
        let moves = |values: &&Vec<i64>| values.get(place).is_some_and(|value| *value != truth);
        let ways: Vec<Vec<i64>> = found.iter().filter(moves).take(MOST_WAYS).cloned().collect();
        for (number, one) in ways.iter().enumerate() {
            for other in ways.iter().skip(number) {
                let sum = one.iter().zip(other).zip(&all.truth).map(|((one, other), truth)| one + other - truth);
                let step = |values: &[i64]| values.get(place).map_or(0, |value| value - truth);
                if !self.lacks(count) {
                    return;
                }
                if self.has(all, place, step(one) + step(other)) || step(one) + step(other) == 0 {
                    continue;
                }
                let sum: Vec<i64> = sum.collect();
                if all.holds(&sum) {
                    self.take(all, &sum);
                    found.push(sum);
                }
            }
        }
        for way in ways.iter().take(MOST_STARTS) {
            if !self.lacks(count) {
                return;
            }
            self.walk(component, place, way, found);
        }
        let starts: Vec<Vec<i64>> = found.iter().rev().take(MOST_STARTS).cloned().collect();
        for start in &starts {
            if !self.lacks(count) {
                return;
            }
            self.walk(component, place, start, found);
        }
    }

    /// Looks for values just above and below the true one among the nearest counts.
    fn near(&mut self, component: &Component, place: usize, size: usize, solver: &impl Linear) {
        if size < component.all.counts.len() {
            let (near, _) = component.all.around(place, size, &component.uses);
            self.look(&near, 0, solver);
        }
    }

    /// The steps away from the true value, nearest first.
    fn steps(&self, unknowns: &Unknowns, place: usize) -> Vec<(Count, i64)> {
        let Some(count) = unknowns.counts.get(place) else { return Vec::new() };
        (1..self.step_count()).flat_map(|step| [(*count, step), (*count, -step)]).collect()
    }

    /// Whether a step from the true value is known to be possible.
    fn has(&self, unknowns: &Unknowns, place: usize, step: i64) -> bool {
        let value = unknowns.truth.get(place).map_or(0, |truth| truth + step);
        let seen = unknowns.counts.get(place).and_then(|count| self.seen.get(count));
        seen.is_some_and(|seen| seen.contains(&value))
    }

    /// Looks for values just above and below the true one.
    fn look(&mut self, unknowns: &Unknowns, place: usize, solver: &impl Linear) {
        for (count, step) in self.steps(unknowns, place) {
            if !self.lacks(count) || self.has(unknowns, place, step) {
                continue;
            }
            let value = unknowns.truth.get(place).map_or(0, |truth| truth + step);
            let goal = if step > 0 { Goal::Most } else { Goal::Least };
            let mut capped = unknowns.clone();
            if !capped.cap(place, step) {
                continue;
            }
            let Found::Point(point) = solver.reach(&capped, &[place], goal) else { continue };
            let reached = point.get(place).is_some_and(|reached| (reached - float(value)).abs() < TOLERANCE);
            if !self.point(unknowns, &point) && reached {
                self.whole(unknowns, place, value, solver);
            }
        }
    }

    fn step_count(&self) -> i64 {
        i64::try_from(self.needed).unwrap_or(i64::MAX)
    }

    fn whole(&mut self, unknowns: &Unknowns, place: usize, value: i64, solver: &impl Linear) {
        if let Found::Point(point) = solver.whole(unknowns, place, value) {
            self.point(unknowns, &point);
        }
    }

    /// Takes a point, if it is one in whole numbers, and every whole point between it and the truth or further on in the
    /// same direction. Says whether it was one.
    fn point(&mut self, unknowns: &Unknowns, point: &[f64]) -> bool {
        let values: Vec<i64> = point.iter().map(|value| whole(value.round())).collect();
        if !unknowns.holds(&values) {
            return false;
        }
        self.take(unknowns, &values);
        true
    }

    /// Takes values that are possible.
    fn take(&mut self, unknowns: &Unknowns, values: &[i64]) {
        let moves = values.iter().zip(&unknowns.truth).map(|(value, truth)| value - truth).enumerate();
        let moves: Vec<(usize, i64)> = moves.filter(|(_, step)| *step != 0).collect();
        self.moves(unknowns, &moves);
    }

    /// Takes moves away from the true values that are possible, and every whole point on the way or further on in the same
    /// direction.
    fn moves(&mut self, unknowns: &Unknowns, moves: &[(usize, i64)]) {
        let steps = moves.iter().fold(0, |divisor, (_, step)| gcd(divisor, *step));
        for times in 1..self.step_count() {
            if steps == 0 || (times > steps && !unknowns.allows(moves, steps, times)) {
                return;
            }
            for (place, step) in moves {
                if let Some((count, truth)) = unknowns.counts.get(*place).zip(unknowns.truth.get(*place)) {
                    self.seen.entry(*count).or_default().insert(truth + step / steps * times);
                }
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

#[expect(clippy::cast_precision_loss, reason = "counts of persons are below 2^53")]
const fn float(value: i64) -> f64 {
    value as f64
}
