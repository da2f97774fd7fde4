//! Linear combinations with few terms, and what follows from some of them: Gaussian elimination that fills in as little as
//! it can, and never divides.

#![expect(clippy::indexing_slicing, reason = "every place is below the number that combinations were made for")]

use std::{cmp::Reverse, collections::BinaryHeap};

use super::residue::Residue;

/// A combination: places in order, none of them with nothing.
pub(super) type Vector = Vec<(usize, Residue)>;

/// Combinations, each solved for one of its places, the pivot: it is a combination of others.
#[derive(Clone)]
pub(super) struct Combinations {
    /// The number of the pivot at a place, by which they were made.
    at: Vec<Option<usize>>,
    /// A place and what else is in its combination, with 1 at the place.
    pivots: Vec<(usize, Vector)>,
    /// What is being reduced.
    rest: Rest,
}

impl Combinations {
    /// None, of so many places.
    pub(super) fn none(places: usize) -> Self {
        Self { at: vec![None; places], pivots: Vec::new(), rest: Rest::of(places) }
    }

    /// Adds one that was reduced, with 1 at its pivot.
    pub(super) fn add(&mut self, pivot: usize, vector: Vector) {
        self.at[pivot] = Some(self.pivots.len());
        self.pivots.push((pivot, vector));
    }

    /// The combination without any pivot: nothing if it is a combination of those that were added.
    pub(super) fn reduce(&mut self, vector: &[(usize, Residue)]) -> Vector {
        let Self { at, pivots, rest } = self;
        // A pivot's combination holds pivots made after it and none made before.
        let mut left = BinaryHeap::new();
        for (place, value) in vector {
            if rest.subtract(*place, Residue::ZERO - *value) {
                left.extend(at[*place].map(Reverse));
            }
        }
        while let Some(Reverse(number)) = left.pop() {
            let (place, vector) = &pivots[number];
            let factor = rest.at[*place];
            if factor.is_zero() {
                continue;
            }
            for (place, value) in vector {
                if rest.subtract(*place, factor * *value) {
                    left.extend(at[*place].map(Reverse));
                }
            }
        }
        rest.take()
    }
}

/// A combination while it is made: a number for every place, so that nothing is looked up.
#[derive(Clone)]
struct Rest {
    at: Vec<Residue>,
    is_touched: Vec<bool>,
    touched: Vec<usize>,
}

impl Rest {
    fn of(places: usize) -> Self {
        Self { at: vec![Residue::ZERO; places], is_touched: vec![false; places], touched: Vec::new() }
    }

    /// Says whether it is the first time at this place.
    fn subtract(&mut self, place: usize, value: Residue) -> bool {
        self.at[place] = self.at[place] - value;
        let first = !std::mem::replace(&mut self.is_touched[place], true);
        if first {
            self.touched.push(place);
        }
        first
    }

    /// What there is, after which there is nothing.
    fn take(&mut self) -> Vector {
        self.touched.sort_unstable();
        let mut taken = Vector::new();
        for place in self.touched.drain(..) {
            self.is_touched[place] = false;
            let value = std::mem::replace(&mut self.at[place], Residue::ZERO);
            if !value.is_zero() {
                taken.push((place, value));
            }
        }
        taken
    }
}

/// Scaled so that its first entry is 1: the same for all multiples of a combination. None of nothing.
pub(super) fn normal(vector: &Vector) -> Option<Vector> {
    let (_, first) = vector.first()?;
    Some(scaled(vector, first.inverse()?))
}

/// So many times a combination.
pub(super) fn scaled(vector: &Vector, factor: Residue) -> Vector {
    vector.iter().map(|(place, value)| (*place, *value * factor)).collect()
}

/// One combination less so many times another.
pub(super) fn less(one: &Vector, factor: Residue, other: &Vector) -> Vector {
    let mut difference = Vec::with_capacity(one.len() + other.len());
    let (mut left, mut right) = (one.iter().peekable(), other.iter().peekable());
    loop {
        let entry = match (left.peek(), right.peek()) {
            (Some((place, value)), Some((other, times))) if place == other => {
                let entry = (*place, *value - factor * *times);
                left.next();
                right.next();
                entry
            }
            (Some((place, value)), Some((other, _))) if place < other => {
                left.next();
                (*place, *value)
            }
            (Some((place, value)), None) => {
                left.next();
                (*place, *value)
            }
            (_, Some((place, times))) => {
                right.next();
                (*place, Residue::ZERO - factor * *times)
            }
            (None, None) => return difference,
        };
        if !entry.1.is_zero() {
            difference.push(entry);
        }
    }
}
