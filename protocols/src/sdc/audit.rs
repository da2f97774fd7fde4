//! The interval audit (rule R4): how many values every hidden count keeps for a reader of the shown ones. Values are shown
//! to be possible by witnesses, whole numbers for all hidden counts at once that satisfy everything; what has too few is
//! not safe, whatever the reason.

use std::collections::{BTreeSet, HashMap};

use super::{
    bounds::Unknowns,
    linear::{Found, Goal, Linear},
    system::{Count, System},
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

/// How far a fraction that a solver gives may be from the whole number that it stands for.
const TOLERANCE: f64 = 1e-6;

/// How many unknowns around a count are let free when a witness is looked for, before all of them are.
const NEAR: [usize; 3] = [16, 60, 240];

/// What a reader knows before looking at any line.
pub(super) struct Reader<B> {
    /// The least persons that are shown and not zero.
    pub(super) k: i64,
    /// The least and the most persons of each hidden cell.
    pub(super) bounds: B,
}

/// The interval of every hidden cell for a reader who knows nothing of it but `least`.
#[must_use]
pub fn intervals(
    system: &System,
    hidden: &[bool],
    k: i64,
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
    inside: Witnesses,
    outside: Witnesses,
}

impl Audit {
    /// Of whether counts keep so many values.
    pub(super) fn new(values: usize) -> Self {
        Self { inside: Witnesses::new(values), outside: Witnesses::new(values) }
    }

    /// The hidden cells that keep fewer values. A reader of the first kind knows more of hidden cells; every count of the
    /// cells in `targets` must keep so many values. One of the second kind knows less; the persons of every other hidden
    /// cell that may be below k for this reader must keep them too.
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
        let mut narrow = BTreeSet::new();
        for component in parts(system, hidden, first) {
            let uses = component.uses();
            for (place, count) in component.counts.iter().enumerate() {
                if let Some(cell) = cell_of(*count).filter(|cell| is_target(*cell))
                    && !self.inside.suffice(&component, place, &uses, solver)
                {
                    narrow.insert(cell);
                }
            }
        }
        let others = |count: &Count| match count {
            Count::Persons(cell) => Some(*cell).filter(|cell| is_hidden(*cell) && !is_target(*cell)),
            _ => None,
        };
        for component in parts(system, hidden, second) {
            let uses = component.uses();
            for (place, count) in component.counts.iter().enumerate() {
                let Some(cell) = others(count) else { continue };
                // What the first reader cannot exclude, this one cannot either.
                if self.inside.lacks(*count)
                    && self.outside.lacks(*count)
                    && component.bounds.get(place).is_some_and(|(least, _)| *least < second.k)
                    && extremes(&component, place, solver).0 < second.k
                    && !self.outside.suffice(&component, place, &uses, solver)
                {
                    narrow.insert(cell);
                }
            }
        }
        narrow.into_iter().collect()
    }
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

/// Values that hidden counts can have besides their own, of which each was in whole numbers that satisfy everything.
struct Witnesses {
    needed: usize,
    seen: HashMap<Count, BTreeSet<i64>>,
}

impl Witnesses {
    fn new(needed: usize) -> Self {
        Self { needed, seen: HashMap::new() }
    }

    fn lacks(&self, count: Count) -> bool {
        self.seen.get(&count).map_or(0, BTreeSet::len) + 1 < self.needed
    }

    /// Looks for as many values of an unknown as are needed: first near it, while what is further away has its true value,
    /// and last over all.
    fn suffice(&mut self, unknowns: &Unknowns, place: usize, uses: &[Vec<usize>], solver: &impl Linear) -> bool {
        let Some(count) = unknowns.counts.get(place).copied() else { return true };
        if !self.lacks(count) {
            return true;
        }
        let (least, most) = unknowns.bounds.get(place).copied().unwrap_or_default();
        if most.is_some_and(|most| most.saturating_sub(least).saturating_add(1) < self.step_count()) {
            return false;
        }
        for size in NEAR.into_iter().filter(|size| *size < unknowns.counts.len()) {
            let (near, _) = unknowns.around(place, size, uses);
            self.look(&near, 0, solver);
            if !self.lacks(count) {
                return true;
            }
        }
        self.look(unknowns, place, solver);
        if !self.lacks(count) {
            return true;
        }
        let (least, most) = extremes(unknowns, place, solver);
        let truth = unknowns.truth.get(place).copied().unwrap_or(0);
        let mut around: Vec<i64> = (-8..=8).map(|step| truth + step).collect();
        around.retain(|value| *value != truth && *value >= least && most.is_none_or(|most| *value <= most));
        around.sort_by_key(|value| (value.abs_diff(truth), *value));
        for value in around {
            if !self.lacks(count) {
                return true;
            }
            if self.seen.get(&count).is_none_or(|seen| !seen.contains(&value)) {
                self.whole(unknowns, place, value, solver);
            }
        }
        !self.lacks(count)
    }

    /// Looks for values just above and below the true one.
    fn look(&mut self, unknowns: &Unknowns, place: usize, solver: &impl Linear) {
        let Some((count, truth)) = unknowns.counts.get(place).copied().zip(unknowns.truth.get(place).copied()) else {
            return;
        };
        for (goal, direction) in [(Goal::Most, 1), (Goal::Least, -1)] {
            for step in 1..self.step_count() {
                if !self.lacks(count) {
                    return;
                }
                let value = truth + direction * step;
                if self.seen.get(&count).is_some_and(|seen| seen.contains(&value)) {
                    continue;
                }
                let Some(capped) = capped(unknowns, place, value) else { break };
                match solver.reach(&capped, place, goal) {
                    Found::Point(point) => {
                        let reached = point.get(place).copied().unwrap_or_default();
                        if !self.point(unknowns, &point) && (reached - float(value)).abs() < TOLERANCE {
                            self.whole(unknowns, place, value, solver);
                        }
                        // What is not reached now is not reached with more.
                        if (reached - float(value)).abs() >= TOLERANCE {
                            break;
                        }
                    }
                    _ => break,
                }
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
        let moves: Vec<i64> = values.iter().zip(&unknowns.truth).map(|(value, truth)| value - truth).collect();
        let steps = moves.iter().fold(0, |divisor, step| gcd(divisor, *step));
        if steps == 0 {
            return true;
        }
        for times in 1..self.step_count() {
            let values: Vec<i64> =
                unknowns.truth.iter().zip(&moves).map(|(truth, step)| truth + step / steps * times).collect();
            if times > steps && !unknowns.holds(&values) {
                break;
            }
            for ((count, value), step) in unknowns.counts.iter().zip(&values).zip(&moves) {
                if *step != 0 {
                    self.seen.entry(*count).or_default().insert(*value);
                }
            }
        }
        true
    }
}

/// With a value beyond which one unknown does not go; none if its bounds exclude it.
fn capped(unknowns: &Unknowns, place: usize, value: i64) -> Option<Unknowns> {
    let truth = *unknowns.truth.get(place)?;
    let mut capped = unknowns.clone();
    let (least, most) = capped.bounds.get_mut(place)?;
    if value < *least || most.is_some_and(|most| value > most) {
        return None;
    }
    if value > truth {
        *most = Some(value);
    } else {
        *least = value;
    }
    Some(capped)
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
