//! Between which ends unknowns can lie, in fractions, as a linear program gives them: to whoever asks which hidden cells
//! are too narrow, without asking about each of them.

use super::{
    bounds::{Constraint, Unknowns},
    linear::{Found, Goal, Linear, float},
};

/// How far a fraction that a solver gives may be from the whole number that it stands for.
const TOLERANCE: f64 = 1e-6;

/// The least and the most that an unknown can be.
pub(super) fn extremes(unknowns: &Unknowns, place: usize, solver: &impl Linear) -> (i64, Option<i64>) {
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

/// Between what each unknown was found to lie, in fractions.
pub(super) struct Reach {
    ends: Vec<(f64, f64)>,
    wanted: f64,
}

impl Reach {
    /// Of so many unknowns, that need so many values.
    pub(super) fn new(unknowns: usize, values: usize) -> Self {
        let wanted = i64::try_from(values).unwrap_or(i64::MAX).saturating_sub(1);
        Self { ends: vec![(f64::INFINITY, f64::NEG_INFINITY); unknowns], wanted: float(wanted) }
    }

    /// Asks about many unknowns at once, how far as many of them as possible are from where they were found, until that
    /// finds no more: a linear program for all of them takes little longer than one for one of them.
    pub(super) fn spread(&mut self, unknowns: &Unknowns, places: &[usize], solver: &impl Linear) {
        let mut open = places.to_vec();
        let mut found_before = true;
        for goal in [Goal::Most, Goal::Least].into_iter().cycle() {
            if open.len() <= 1 {
                return;
            }
            let (together, sum) = self.together(unknowns, &open, goal);
            let Found::Point(point) = solver.reach(&together, sum, Goal::Most) else { return };
            self.take(&point);
            let lacking = open.len();
            open.retain(|place| !self.is_wide(*place));
            let found = open.len() < lacking;
            if !(found || found_before) {
                return;
            }
            found_before = found;
        }
    }

    /// The unknowns, and of each at a place how far it is above the least that it was found to be, or below the most: not
    /// more than is wanted, so that one does not go as far as it can for all others. The last is the sum of these.
    fn together(&self, unknowns: &Unknowns, places: &[usize], goal: Goal) -> (Unknowns, usize) {
        let mut made = unknowns.clone();
        let wanted = whole(self.wanted);
        let sum = unknowns.bounds.len() + places.len();
        let mut terms = vec![(sum, -1)];
        for (place, far) in places.iter().zip(unknowns.bounds.len()..) {
            let (lowest, highest) = self.ends.get(*place).copied().unwrap_or((f64::INFINITY, f64::NEG_INFINITY));
            // Where nothing is found yet, from the least that it can be at all.
            let least = unknowns.bounds.get(*place).map_or(0, |(least, _)| *least);
            let lowest = if lowest.is_finite() { whole((lowest - TOLERANCE).ceil()) } else { least };
            let highest = if highest.is_finite() { whole((highest + TOLERANCE).floor()) } else { least };
            let (times, sum) = if goal == Goal::Most { (-1, -lowest) } else { (1, highest) };
            // Where it was found may be in fractions, and so on the other side of the whole number next to it.
            made.bounds.push((-1, Some(wanted)));
            made.constraints.push(Constraint { terms: vec![(*place, times), (far, 1)], exactly: false, sum });
            terms.push((far, 1));
        }
        let most = i64::try_from(places.len()).unwrap_or(i64::MAX);
        made.bounds.push((-most, Some(wanted.saturating_mul(most))));
        made.constraints.push(Constraint { terms, exactly: true, sum: 0 });
        (made, sum)
    }

    /// Whether an unknown may have fewer values: not if its ends are so far apart already, or become so by asking.
    pub(super) fn asks(&mut self, unknowns: &Unknowns, place: usize, solver: &impl Linear) -> bool {
        for goal in [Goal::Most, Goal::Least] {
            if self.is_wide(place) {
                return false;
            }
            match solver.reach(unknowns, place, goal) {
                Found::Point(point) => self.take(&point),
                Found::Unbounded => return false,
                Found::Nothing | Found::Unknown => return true,
            }
        }
        !self.is_wide(place)
    }

    /// Whether there are enough whole numbers between its ends.
    fn is_wide(&self, place: usize) -> bool {
        let between = |(least, most): &(f64, f64)| (most + TOLERANCE).floor() - (least - TOLERANCE).ceil();
        self.ends.get(place).is_some_and(|ends| between(ends) >= self.wanted)
    }

    fn take(&mut self, point: &[f64]) {
        for ((least, most), value) in self.ends.iter_mut().zip(point) {
            *least = least.min(*value);
            *most = most.max(*value);
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a float outside the range becomes its end, and is then checked")]
pub(super) const fn whole(value: f64) -> i64 {
    value as i64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::sdc::{
        Microlp,
        audit::{intervals, narrow},
        tests::{Small, of_sizes},
    };

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        /// Asked about at once or one by one, the same cells are too narrow, whatever is hidden.
        #[test]
        fn what_is_too_narrow_is_what_its_interval_says(
            small in of_sizes(2..5),
            drawn in proptest::collection::vec(any::<bool>(), 36),
            values in 1..12usize,
        ) {
            let table = Small::table(&small);
            let cells = table.system().cells().len();
            let hidden: Vec<bool> = drawn.iter().copied().cycle().take(cells).collect();
            let found = narrow(table.system(), &hidden, 10, |_| 1, values, &Microlp);
            let wanted = i64::try_from(values).unwrap();
            let few = intervals(table.system(), &hidden, 10, |_| 1, &Microlp).into_iter();
            let few = few.filter(|one| one.most.is_some_and(|most| most - one.least + 1 < wanted));
            prop_assert_eq!(found, few.collect::<Vec<_>>());
        }
    }
}
