//! Witnesses: values that hidden counts can have besides their own, of which each was in whole numbers that satisfy
//! everything. They are sought by walks and, where those find none, at the points nearest to the true values that a linear
//! program gives: most of them are whole. What a solver says is rounded and checked.

use std::{
    cell::OnceCell,
    collections::{BTreeSet, HashMap},
};

use super::{
    bounds::Unknowns,
    linear::{Found, Linear, Nearest},
    reach::whole,
    system::Count,
    walk::{self, Uses},
};

/// How many values further than those that are needed are tried where nearer ones were not in whole numbers.
const MOST_FURTHER: i64 = 4;

/// Unknowns that hang together, with what is asked of them again and again.
pub(super) struct Component<'u> {
    all: &'u Unknowns,
    uses: Uses,
    nearest: OnceCell<Nearest>,
    /// Only the counts of cells: the others are many, and seldom forbid anything that these allow.
    of_cells: Unknowns,
    nearest_of_cells: OnceCell<Nearest>,
}

impl<'u> Component<'u> {
    pub(super) fn of(all: &'u Unknowns) -> Self {
        let (nearest, nearest_of_cells) = (OnceCell::new(), OnceCell::new());
        Self { uses: all.uses(), nearest, of_cells: all.of_cells(), nearest_of_cells, all }
    }

    /// The unknowns.
    pub(super) const fn unknowns(&self) -> &Unknowns {
        self.all
    }

    /// Values near the true ones at which an unknown is so many away from its own.
    fn near(&self, place: usize, step: i64, solver: &impl Linear) -> Near {
        if place < self.of_cells.counts.len() {
            match self.nearest_of_cells.get_or_init(|| solver.nearest(&self.of_cells))(place, step) {
                Found::Nothing => return Near::Nothing,
                Found::Point(point) => {
                    let moves = away(&rounded(&point), &self.all.truth);
                    if let Some(values) = walk::walk(self.all, &self.uses, &self.all.truth, &moves) {
                        return Near::Values(values);
                    }
                }
                Found::Unbounded | Found::Unknown => {}
            }
        }
        match self.nearest.get_or_init(|| solver.nearest(self.all))(place, step) {
            Found::Nothing => Near::Nothing,
            Found::Point(point) => {
                let values = Some(rounded(&point)).filter(|values| self.all.holds(values));
                values.map_or(Near::Unknown, Near::Values)
            }
            Found::Unbounded | Found::Unknown => Near::Unknown,
        }
    }

    /// Whether a reader knows that an unknown is not below a number.
    pub(super) fn at_least(&self, place: usize, number: i64, solver: &impl Linear) -> bool {
        let (Some(truth), Some((least, _))) = (self.all.truth.get(place), self.all.bounds.get(place)) else {
            return false;
        };
        let below = number - 1;
        *least > below || (*truth > below && matches!(self.near(place, below - truth, solver), Near::Nothing))
    }
}

/// What is found near the true values.
enum Near {
    /// Whole numbers that satisfy everything.
    Values(Vec<i64>),
    /// No values are possible, in fractions either.
    Nothing,
    /// A solver does not tell, or not in whole numbers.
    Unknown,
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

    /// Takes what others found.
    pub(super) fn join(&mut self, others: &Self) {
        for (count, values) in &others.seen {
            self.seen.entry(*count).or_default().extend(values);
        }
    }

    /// Looks for values of unknowns among those of a component that may move, while the others have their true values.
    pub(super) fn among(
        &mut self,
        component: &Unknowns,
        asked: &[usize],
        moves: &dyn Fn(&Count) -> bool,
        solver: &impl Linear,
    ) {
        let asked = asked.iter().filter_map(|place| component.counts.get(*place));
        let wanted: BTreeSet<Count> = asked.filter(|count| self.lacks(**count)).copied().collect();
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
            let part = Component::of(&part);
            self.walks(&part, &places);
            for place in places {
                self.step(&part, place, solver);
            }
        }
    }

    /// Looks for as many values of an unknown as are needed, and says whether there are. What it says is exact: where it
    /// finds too few there are too few, or none that the solver can show.
    pub(super) fn suffice(&mut self, component: &Component<'_>, place: usize, solver: &impl Linear) -> bool {
        let all = component.all;
        let Some((count, bounds)) = all.counts.get(place).copied().zip(all.bounds.get(place)) else { return true };
        if self.lacks(count) && !self.too_few(*bounds) {
            for step in self.step(component, place, solver) {
                let value = all.truth.get(place).map_or(0, |truth| truth + step);
                if self.lacks(count)
                    && let Found::Point(point) = solver.whole(all, place, value)
                {
                    self.take(all, &rounded(&point));
                }
            }
        }
        !self.lacks(count)
    }

    /// Walks from the true values of unknowns to others nearby.
    pub(super) fn walks(&mut self, component: &Component<'_>, places: &[usize]) {
        for place in places {
            for direction in [1, -1] {
                self.walk(component, *place, direction);
            }
        }
    }

    fn walk(&mut self, component: &Component<'_>, place: usize, direction: i64) {
        let all = component.all;
        let Some(count) = all.counts.get(place).copied() else { return };
        // Step by step, so that each can be mended elsewhere than the one before.
        let mut values = all.truth.clone();
        for _ in 1..self.step_count() {
            if !self.lacks(count) {
                return;
            }
            match walk::walk(all, &component.uses, &values, &[(place, direction)]) {
                Some(next) => values = next,
                None => return,
            }
            self.take(all, &values);
        }
    }

    /// Looks for values of an unknown step by step, at the nearest points; gives the steps of which those were no whole
    /// numbers.
    fn step(&mut self, component: &Component<'_>, place: usize, solver: &impl Linear) -> Vec<i64> {
        let all = component.all;
        let mut open = Vec::new();
        let (Some(count), Some((least, most))) = (all.counts.get(place), all.bounds.get(place)) else { return open };
        let truth = all.truth.get(place).copied().unwrap_or(0);
        let mut ended = [false; 2];
        for number in 1..=self.step_count() + MOST_FURTHER {
            for (direction, ended) in [1, -1].into_iter().zip(&mut ended) {
                if !self.lacks(*count) {
                    return open;
                }
                let step = number * direction;
                let value = truth + step;
                let within = value >= *least && most.is_none_or(|most| value <= most);
                if *ended || self.has(*count, value) {
                    continue;
                }
                // What is possible has no gaps in fractions.
                match if within { component.near(place, step, solver) } else { Near::Nothing } {
                    Near::Values(values) => self.take(all, &values),
                    Near::Nothing => *ended = true,
                    Near::Unknown => open.push(step),
                }
            }
        }
        open
    }

    /// Whether a value is known to be possible.
    fn has(&self, count: Count, value: i64) -> bool {
        self.seen.get(&count).is_some_and(|seen| seen.contains(&value))
    }

    fn step_count(&self) -> i64 {
        i64::try_from(self.needed).unwrap_or(i64::MAX)
    }

    /// Takes values, if they are possible.
    fn take(&mut self, unknowns: &Unknowns, values: &[i64]) {
        if !unknowns.holds(values) {
            return;
        }
        self.moves(unknowns, &away(values, &unknowns.truth));
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

/// How far values are away from the true ones, where they are.
fn away(values: &[i64], truth: &[i64]) -> Vec<(usize, i64)> {
    let steps = values.iter().zip(truth).map(|(value, truth)| value - truth).enumerate();
    steps.filter(|(_, step)| *step != 0).collect()
}

fn rounded(point: &[f64]) -> Vec<i64> {
    point.iter().map(|value| whole(value.round())).collect()
}
