//! A walk in whole numbers from values that a reader cannot exclude to others: counts are moved, and what no longer holds
//! is mended by moving another, until everything holds again. It finds most witnesses far sooner than a linear program
//! does, and says nothing where it finds none.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    bounds::{Constraint, Unknowns},
    system::Count,
};

/// How many moves a walk has, at most.
const MOST_MOVES: usize = 600;

/// Of how many broken constraints the one with the fewest choices is mended first.
const LOOKED_AT: usize = 12;

/// How many walks are tried. The first always makes the best choice; the others sometimes the next best.
const MOST_WALKS: u64 = 2;

/// Values at which everything holds and some counts are so many away from where they were in `from`.
pub(super) fn walk(unknowns: &Unknowns, uses: &[Vec<usize>], from: &[i64], moves: &[(usize, i64)]) -> Option<Vec<i64>> {
    let sums = unknowns.constraints.iter().map(|constraint| sum(constraint, from)).collect::<Vec<_>>();
    (0..MOST_WALKS).find_map(|number| {
        let mut walk = Walk::new(unknowns, uses, (from, &sums));
        for (place, step) in moves {
            if !walk.may_move(*place, *step) {
                return None;
            }
            walk.make(*place, *step);
        }
        walk.mend(number)
    })
}

/// Which choice a walk makes: the same in every run, on every machine (xorshift).
struct Draw(u64);

impl Draw {
    fn place(&mut self, choices: usize) -> usize {
        if self.0 == 0 {
            return 0;
        }
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        match self.0 % 8 {
            0 | 1 if choices > 1 => 1,
            2 if choices > 2 => 2,
            _ => 0,
        }
    }
}

struct Walk<'u> {
    unknowns: &'u Unknowns,
    uses: &'u [Vec<usize>],
    from: &'u [i64],
    from_sums: &'u [i64],
    /// How far each count was moved: once, so that a walk does not go round.
    moves: BTreeMap<usize, i64>,
    /// The sums of constraints that are not what they were.
    sums: BTreeMap<usize, i64>,
    /// What does not hold: first what speaks of cells only.
    broken: BTreeSet<(bool, usize)>,
}

impl<'u> Walk<'u> {
    fn new(unknowns: &'u Unknowns, uses: &'u [Vec<usize>], (from, from_sums): (&'u [i64], &'u [i64])) -> Self {
        let (moves, sums, broken) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        Self { unknowns, uses, from, from_sums, moves, sums, broken }
    }

    fn mend(mut self, number: u64) -> Option<Vec<i64>> {
        let mut draw = Draw(number);
        while !self.broken.is_empty() {
            if self.moves.len() == MOST_MOVES {
                return None;
            }
            let class = self.broken.first().is_some_and(|(class, _)| *class);
            let broken = self.broken.iter().filter(|(of, _)| *of == class).take(LOOKED_AT);
            let choices = broken.map(|(_, number)| self.choices(*number, class)).min_by_key(Vec::len)?;
            let (.., place, step) = *choices.get(draw.place(choices.len()))?;
            self.make(place, step);
        }
        let away = |place: usize| self.moves.get(&place).copied().unwrap_or(0);
        Some(self.from.iter().enumerate().map(|(place, value)| value + away(place)).collect())
    }

    /// The moves that mend a constraint, those that leave the least broken first.
    fn choices(&self, number: usize, unpublished: bool) -> Vec<(i64, usize, usize, i64)> {
        let Some(constraint) = self.unknowns.constraints.get(number) else { return Vec::new() };
        let excess = self.sum(number) - constraint.sum;
        let mends = constraint.terms.iter().filter_map(|(place, times)| {
            let step = -excess.checked_div(*times).filter(|step| step * times == excess)?;
            let count = self.unknowns.counts.get(*place)?;
            let is_free = !unpublished || matches!(count, Count::Unpublished(_));
            (is_free && self.may_move(*place, step)).then(|| {
                let uses = self.uses.get(*place).map_or(0, Vec::len);
                (self.cost(*place, step), uses, *place, step)
            })
        });
        let mut mends: Vec<_> = mends.collect();
        mends.sort_unstable();
        mends
    }

    /// How much more is broken after a move.
    fn cost(&self, place: usize, step: i64) -> i64 {
        let uses = self.uses.get(place).into_iter().flatten();
        let more = uses.filter_map(|number| {
            let constraint = self.unknowns.constraints.get(*number)?;
            let sum = self.sum(*number);
            Some(excess(constraint, sum + step * times(constraint, place)) - excess(constraint, sum))
        });
        more.sum()
    }

    fn may_move(&self, place: usize, step: i64) -> bool {
        let value = self.from.get(place).map_or(0, |from| from + step);
        let (least, most) = self.unknowns.bounds.get(place).copied().unwrap_or_default();
        !self.moves.contains_key(&place) && value >= least && most.is_none_or(|most| value <= most)
    }

    fn make(&mut self, place: usize, step: i64) {
        self.moves.insert(place, step);
        for number in self.uses.get(place).into_iter().flatten() {
            let Some(constraint) = self.unknowns.constraints.get(*number) else { continue };
            let sum = self.sum(*number) + step * times(constraint, place);
            self.sums.insert(*number, sum);
            if excess(constraint, sum) > 0 {
                self.broken.insert((speaks_of_unions(self.unknowns, constraint), *number));
            } else {
                self.broken.remove(&(speaks_of_unions(self.unknowns, constraint), *number));
            }
        }
    }

    fn sum(&self, number: usize) -> i64 {
        let before = || self.from_sums.get(number).copied().unwrap_or(0);
        self.sums.get(&number).copied().unwrap_or_else(before)
    }
}

fn sum(constraint: &Constraint, values: &[i64]) -> i64 {
    constraint.terms.iter().filter_map(|(place, times)| Some(times * values.get(*place)?)).sum()
}

/// Whether a constraint is about numbers that are in no table.
fn speaks_of_unions(unknowns: &Unknowns, constraint: &Constraint) -> bool {
    // They come last of all unknowns, and the terms of a constraint are in order.
    let last = constraint.terms.last().and_then(|(place, _)| unknowns.counts.get(*place));
    last.is_some_and(|count| matches!(count, Count::Unpublished(_)))
}

/// By how much a constraint fails.
const fn excess(constraint: &Constraint, sum: i64) -> i64 {
    let over = sum - constraint.sum;
    if constraint.exactly {
        over.abs()
    } else if over > 0 {
        over
    } else {
        0
    }
}

fn times(constraint: &Constraint, place: usize) -> i64 {
    constraint.terms.iter().find(|(other, _)| *other == place).map_or(0, |(_, times)| *times)
}
