//! A reader who runs the published algorithm backwards (rule R8): of all tables that have the same output, which values does
//! a cell about too few persons have? One value would be an exact one, which must never be; fewer than four are counted.

use std::{collections::BTreeSet, ops::Range};

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha20Rng;

use super::{K, Small, VALUES, span};
use crate::sdc::{Microlp, Rules, Status, protect};

/// How far from the true counts other tables are sought, at most.
const WINDOWS: [i64; 4] = [2, 4, 8, 16];

/// Searches within a window, each in an order of its own, and the tables that each tries and goes through at most.
const SEARCHES: usize = 40;
const MOST_TRIED: usize = 200;
const MOST_PASSED: usize = 100_000;

/// What is published of a table: each cell's count, or nothing.
type Output = Vec<Option<u64>>;

fn output(small: &Small) -> Output {
    let table = small.table();
    let rules = Rules { k: 10, hide_zeros: false, values: VALUES, remainders: true };
    let pattern = protect(table.system(), rules, &table, &Microlp);
    let cells = table.system().cells().iter().enumerate();
    cells.map(|(cell, counted)| (pattern.status(cell) == Status::Value).then_some(counted.persons)).collect()
}

/// Inverts the algorithm for one table.
struct Inversion {
    published: Output,
    /// For each cell the leaves that it adds up.
    spans: Vec<Vec<usize>>,
    /// For each leaf the cells of which it is the last.
    settled: Vec<Vec<usize>>,
    truth: Vec<i64>,
    width: usize,
    group: bool,
}

impl Inversion {
    fn of(small: &Small) -> Self {
        let table = small.table();
        let width = small.counts[0].len();
        let truth: Vec<i64> = small.counts.iter().flatten().copied().collect();
        let leaves = |cell: usize| -> Vec<usize> {
            let (rows, columns) = span(small, &table.labels(cell));
            rows.iter().flat_map(|row| columns.iter().map(move |column| row * width + column)).collect()
        };
        let spans: Vec<Vec<usize>> = (0..table.system().cells().len()).map(leaves).collect();
        let last = |cell: &usize| spans[*cell].iter().max().copied();
        let settled =
            (0..truth.len()).map(|leaf| (0..spans.len()).filter(|cell| last(cell) == Some(leaf)).collect()).collect();
        Self { published: output(small), spans, settled, truth, width, group: small.group }
    }

    fn count(&self, values: &[i64], cell: usize) -> i64 {
        self.spans[cell].iter().map(|leaf| values[*leaf]).sum()
    }

    /// Whether a reader of what is published may take these counts for the true ones, as far as they go.
    fn fits(&self, values: &[i64]) -> bool {
        self.settled[values.len() - 1].iter().all(|cell| {
            let count = self.count(values, *cell);
            // That nobody is in a cell is shown.
            self.published[*cell].map_or(count > 0, |shown| i64::try_from(shown) == Ok(count))
        })
    }

    fn same_output(&self, values: &[i64]) -> bool {
        let counts = values.chunks(self.width).map(<[i64]>::to_vec).collect();
        output(&Small { counts, group: self.group }) == self.published
    }

    /// The values that a cell has in tables with the same output: four of them, or all that are found; and whether the
    /// search went through all tables of its widest window.
    fn values(&self, cell: usize, random: &mut ChaCha20Rng) -> (BTreeSet<i64>, bool) {
        let mut seen = BTreeSet::from([self.count(&self.truth, cell)]);
        let mut went_through = false;
        for window in WINDOWS {
            for _ in 0..SEARCHES {
                let (mut tried, mut passed) = (0, 0);
                went_through = self.tables(window, random, &mut |values| {
                    let value = self.count(values, cell);
                    passed += 1;
                    if !seen.contains(&value) {
                        tried += 1;
                        if self.same_output(values) {
                            seen.insert(value);
                        }
                    }
                    seen.len() < VALUES && tried < MOST_TRIED && passed < MOST_PASSED
                });
                if seen.len() >= VALUES {
                    return (seen, went_through);
                }
                if went_through {
                    break;
                }
            }
        }
        (seen, went_through)
    }

    /// Goes through the tables of which every count of a leaf is within a window of the true one, in a random order, until
    /// it is told to stop; says whether it came to the end.
    fn tables(&self, window: i64, random: &mut ChaCha20Rng, go_on: &mut impl FnMut(&[i64]) -> bool) -> bool {
        let turns: Vec<i64> = self.truth.iter().map(|_| random.random_range(0..=2 * window)).collect();
        let value = |leaf: usize, number: i64| self.truth[leaf] - window + (number + turns[leaf]) % (2 * window + 1);
        let mut numbers = vec![0];
        let mut values = Vec::new();
        while let Some(number) = numbers.pop() {
            let leaf = numbers.len();
            values.truncate(leaf);
            if number > 2 * window {
                continue;
            }
            numbers.push(number + 1);
            values.push(value(leaf, number));
            if values[leaf] < 0 || !self.fits(&values) {
                continue;
            }
            if values.len() < self.truth.len() {
                numbers.push(0);
            } else if !go_on(&values) {
                return false;
            }
        }
        true
    }
}

/// What came of inverting the algorithm for many tables.
#[derive(Debug, Default)]
struct Found {
    cells: usize,
    too_few: usize,
    /// Of those, how many were not searched to the end.
    open: usize,
    /// The tables in which a cell has one value only.
    exact: Vec<u64>,
}

fn invert(seeds: Range<u64>, found: &mut Found) {
    for seed in seeds {
        let mut random = ChaCha20Rng::seed_from_u64(seed);
        let small = drawn(&mut random);
        let inversion = Inversion::of(&small);
        for cell in (0..inversion.spans.len()).filter(|cell| inversion.published[*cell].is_none()) {
            if !(1..K).contains(&inversion.count(&inversion.truth, cell)) {
                continue;
            }
            let (values, went_through) = inversion.values(cell, &mut random);
            found.cells += 1;
            found.too_few += usize::from(values.len() < VALUES);
            found.open += usize::from(values.len() < VALUES && !went_through);
            if values.len() == 1 {
                found.exact.push(seed);
            }
        }
    }
}

fn drawn(random: &mut ChaCha20Rng) -> Small {
    let (rows, columns) = [(2, 2), (2, 3), (3, 2), (3, 3)][random.random_range(0..4)];
    let mut count = || match random.random_range(0..13) {
        0..2 => 0,
        2..7 => random.random_range(1..10),
        _ => random.random_range(10..30),
    };
    let counts = (0..rows).map(|_| (0..columns).map(|_| count()).collect()).collect();
    Small { counts, group: rows == 3 && random.random() }
}

#[test]
fn who_runs_the_algorithm_backwards_finds_no_exact_value() {
    let mut found = Found::default();
    invert(0..300, &mut found);
    assert!(found.exact.is_empty(), "{found:?}");
    assert!(found.cells > 500, "{found:?}");
}

/// Hardly any other counts leave less than ten in the last row, and that they do is why its largest cell is hidden.
#[test]
fn a_cell_that_a_remainder_hides_gives_no_other_away() {
    let small = Small { counts: vec![vec![9, 11, 20], vec![14, 9, 4], vec![3, 6, 27]], group: false };
    let inversion = Inversion::of(&small);
    let mut random = ChaCha20Rng::seed_from_u64(0);
    for cell in (0..inversion.spans.len()).filter(|cell| inversion.published[*cell].is_none()) {
        assert!(inversion.values(cell, &mut random).0.len() > 1, "cell {cell} has one value only");
    }
}

#[test]
#[ignore = "20,000 tables, by hand: cargo test -p drempel-protocols --lib -- --ignored --nocapture backwards"]
#[expect(clippy::print_stdout, reason = "for whoever runs it by hand")]
fn who_runs_the_algorithm_backwards_finds_no_exact_value_in_many_tables() {
    let mut found = Found::default();
    for first in (1_000..21_000).step_by(1_000) {
        invert(first..first + 1_000, &mut found);
        println!("up to seed {first}: {found:?}");
    }
    assert!(found.exact.is_empty(), "{found:?}");
}
