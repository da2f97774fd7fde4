//! A walk in whole numbers from values that a reader cannot exclude to others: counts are moved, and what no longer holds
//! is mended by moving another, until everything holds again. It finds most witnesses far sooner than a linear program
//! does, and says nothing where it finds none.

use std::collections::BTreeSet;

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

/// For every unknown the constraints that it is in, and how many times.
pub(super) type Uses = Vec<Vec<(usize, i64)>>;

/// Values at which everything holds and some counts are so many away from where they were in `from`.
pub(super) fn walk(unknowns: &Unknowns, uses: &Uses, from: &[i64], moves: &[(usize, i64)]) -> Option<Vec<i64>> {
    let sum = |constraint: &Constraint| -> i64 {
        constraint.terms.iter().filter_map(|(place, times)| Some(times * from.get(*place)?)).sum()
    };
    let sums: Vec<i64> = unknowns.constraints.iter().map(sum).collect();
    (0..MOST_WALKS).find_map(|number| {
        let mut walk = Walk {
            unknowns,
            uses,
            values: from.to_vec(),
            moved: vec![false; from.len()],
            moves: 0,
            sums: sums.clone(),
            broken: BTreeSet::new(),
        };
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
    uses: &'u Uses,
    values: Vec<i64>,
    /// Each count is moved once, so that a walk does not go round.
    moved: Vec<bool>,
    moves: usize,
    /// What each constraint adds up to.
    sums: Vec<i64>,
    /// What does not hold: first what speaks of cells only.
    broken: BTreeSet<(bool, usize)>,
}

/// A move that mends a constraint.
#[derive(Clone, Copy)]
struct Mend {
    place: usize,
    step: i64,
}

impl Walk<'_> {
    fn mend(mut self, number: u64) -> Option<Vec<i64>> {
        let mut draw = Draw(number);
        while let Some((class, _)) = self.broken.first().copied() {
            if self.moves == MOST_MOVES {
                return None;
            }
            let broken = self.broken.iter().filter(|(of, _)| *of == class).take(LOOKED_AT);
            let (_, fewest) = broken.min_by_key(|(_, number)| self.mends(*number, class).count())?;
            let mut mends: Vec<_> = self.mends(*fewest, class).map(|mend| (self.rank(mend), mend)).collect();
            mends.sort_unstable_by_key(|(rank, _)| *rank);
            let (_, Mend { place, step }) = *mends.get(draw.place(mends.len()))?;
            self.make(place, step);
        }
        Some(self.values)
    }

    fn mends(&self, number: usize, unpublished: bool) -> impl Iterator<Item = Mend> {
        let constraint = self.unknowns.constraints.get(number);
        let excess = constraint.zip(self.sums.get(number)).map_or(0, |(constraint, sum)| sum - constraint.sum);
        constraint.into_iter().flat_map(|constraint| &constraint.terms).filter_map(move |(place, times)| {
            let step = -excess.checked_div(*times).filter(|step| step * times == excess)?;
            let count = self.unknowns.counts.get(*place)?;
            let is_free = !unpublished || matches!(count, Count::Unpublished(_));
            (is_free && self.may_move(*place, step)).then_some(Mend { place: *place, step })
        })
    }

    /// What leaves the least broken comes first.
    fn rank(&self, Mend { place, step }: Mend) -> (i64, usize, usize, i64) {
        let uses = self.uses.get(place).map(Vec::as_slice).unwrap_or_default();
        let more = uses.iter().filter_map(|(number, times)| {
            let (constraint, sum) = self.unknowns.constraints.get(*number).zip(self.sums.get(*number))?;
            Some(excess(constraint, sum + step * times) - excess(constraint, *sum))
        });
        (more.sum(), uses.len(), place, step)
    }

    fn may_move(&self, place: usize, step: i64) -> bool {
        let value = self.values.get(place).map_or(0, |value| value + step);
        let (least, most) = self.unknowns.bounds.get(place).copied().unwrap_or_default();
        let moved = self.moved.get(place).is_none_or(|moved| *moved);
        !moved && value >= least && most.is_none_or(|most| value <= most)
    }

    fn make(&mut self, place: usize, step: i64) {
        self.moves += 1;
        if let (Some(value), Some(moved)) = (self.values.get_mut(place), self.moved.get_mut(place)) {
            *value += step;
            *moved = true;
        }
        for (number, times) in self.uses.get(place).into_iter().flatten() {
            let Some((constraint, sum)) = self.unknowns.constraints.get(*number).zip(self.sums.get_mut(*number)) else {
                continue;
            };
            *sum += step * times;
            let class = speaks_of_unions(self.unknowns, constraint);
            if excess(constraint, *sum) > 0 {
                self.broken.insert((class, *number));
            } else {
                self.broken.remove(&(class, *number));
            }
        }
    }
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
