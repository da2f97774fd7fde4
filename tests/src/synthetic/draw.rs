//! Every random choice of the generator. The same seed and gemeente give the same choices on every machine: ChaCha,
//! and whole numbers only, so that no platform's floating point has a say.

use std::ops::RangeInclusive;

use drempel_protocols::id::Gemeentecode;
use jiff::{Span, civil::Date};
use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

/// The stream of choices for one gemeente.
pub(super) struct Draw(ChaCha8Rng);

/// A choice among members: each of `rarer` with its chance in a thousand, else `usual`.
pub(super) struct Weights<T: 'static> {
    pub(super) usual: T,
    pub(super) rarer: &'static [(T, u32)],
}

impl Draw {
    pub(super) fn new(seed: u64, code: Gemeentecode) -> Self {
        let text = code.to_string();
        let mut bytes = [0; 32];
        for (slot, byte) in bytes.iter_mut().zip(seed.to_le_bytes().into_iter().chain(text.bytes())) {
            *slot = byte;
        }
        Self(ChaCha8Rng::from_seed(bytes))
    }

    /// A second stream of the same seed, so that what is drawn from it changes nothing in the first.
    pub(super) fn beside(seed: u64, code: Gemeentecode) -> Self {
        let mut draw = Self::new(seed, code);
        draw.0.set_stream(1);
        draw
    }

    /// True with this chance in a thousand.
    pub(super) fn chance(&mut self, per_mille: u32) -> bool {
        self.0.random_range(0..1000) < per_mille
    }

    pub(super) fn number(&mut self, range: RangeInclusive<i32>) -> i32 {
        self.0.random_range(range)
    }

    /// A position in a list of this length, the first ones more often: a few aanbieders deliver most of the care.
    pub(super) fn skewed_position(&mut self, length: u32) -> u32 {
        let bound = length.max(1);
        self.0.random_range(0..bound).min(self.0.random_range(0..bound))
    }

    pub(super) fn one_of<T: Copy>(&mut self, weights: &Weights<T>) -> T {
        let mut left = self.0.random_range(0..1000);
        for (member, weight) in weights.rarer {
            if left < *weight {
                return *member;
            }
            left -= weight;
        }
        weights.usual
    }

    /// One of a fixed list of texts; empty only for an empty list.
    pub(super) fn word(&mut self, words: &[&'static str]) -> &'static str {
        let position = self.0.random_range(0..words.len().max(1));
        words.get(position).copied().unwrap_or_default()
    }

    /// A day of a range whose first day is not after its last.
    pub(super) fn day(&mut self, first: Date, last: Date) -> Date {
        let span = days_between(first, last).max(0);
        after(first, self.number(0..=span))
    }

    /// A length in days, distributed about log-normally (sigma 0.9) around a median.
    pub(super) fn length(&mut self, median: i32) -> i32 {
        let within = self.number(0..=999);
        let decile = self.0.random_range(0..DECILES.len().saturating_sub(1));
        match DECILES.windows(2).nth(decile) {
            Some([low, high]) => median * (low + (high - low) * within / 1000) / 1000,
            _ => median,
        }
    }

    pub(super) fn shuffle<T>(&mut self, list: &mut [T]) {
        list.shuffle(&mut self.0);
    }
}

/// The deciles of exp(0.9 z) in thousandths, from the 0.5th to about the 98.5th percentile at the ends.
const DECILES: [i32; 11] = [98, 316, 469, 624, 796, 1000, 1256, 1603, 2133, 3170, 7500];

/// The day so many days later; earlier for a negative number.
pub(super) fn after(day: Date, days: i32) -> Date {
    day.saturating_add(Span::new().days(days))
}

/// The days from one day to another; negative where the second is earlier.
pub(super) fn days_between(from: Date, until: Date) -> i32 {
    (until - from).get_days()
}
