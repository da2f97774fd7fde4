//! How long it takes to protect large linked tables: a country of gemeenten in regio's by categories in groups, as large as
//! those that GaussSuppression in R was measured on. By elimination alone, as that does, and with the audit.

#[path = "support/report.rs"]
mod report;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use drempel_protocols::sdc::{
    Microlp, NoOverlaps, Pattern, Reason, Rules, protect,
    table::{Dimension, Rows, Table},
};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use self::report::Settings;

const SEED: u64 = 1;
const GEMEENTEN: usize = 342;
const REGIONS: usize = 42;
/// Below this a cell is unsafe, as it was for R.
const K: u64 = 5;

/// A table: categories, groups of them, persons for every gemeente on average, and what GaussSuppression took in seconds
/// for one of so many cells (design, on a machine like this: R 4.2, two cores).
struct Size {
    categories: usize,
    groups: usize,
    persons: f64,
    in_r: f64,
}

const SIZES: [Size; 2] = [
    Size { categories: 30, groups: 6, persons: 1_400.0, in_r: 26.0 },
    Size { categories: 100, groups: 10, persons: 1_400.0, in_r: 449.0 },
];

fn main() -> anyhow::Result<()> {
    let settings = Settings::from_arguments()?;
    report::title(
        settings,
        "Protection of large linked tables",
        "342 gemeenten in 42 regio's by categories in groups, with all margins; unsafe are 1 to 4. Times in seconds of one \
         thread. Baseline: elimination alone, with values = 0 and remainders = false. Beside it what GaussSuppression \
         took for a table of as many cells, measured before on another machine of two cores.",
    )?;
    let mut lines = Vec::new();
    for size in SIZES.iter().take(settings.or_quick(SIZES.len(), 1)) {
        let table = table(size)?;
        let cells = table.system().cells().len();
        let once = |values: usize, remainders: bool, solver: &dyn Fn(Rules) -> Pattern| {
            let rules = Rules { k: K, hide_zeros: false, values, remainders };
            let start = Instant::now();
            let pattern = solver(rules);
            let reasons = (0..cells).filter_map(|cell| pattern.reason(cell));
            let (hidden, primary) = reasons.fold((0, 0), |(hidden, primary), reason| {
                (hidden + 1, primary + usize::from(reason == Reason::Unsafe))
            });
            (start.elapsed(), hidden, primary, pattern.unprotected().len())
        };
        let line = |what: &str, (time, hidden, primary, open): (Duration, usize, usize, usize), baseline: f64| {
            let seconds = time.as_secs_f64();
            vec![
                cells.to_string(),
                what.to_owned(),
                primary.to_string(),
                hidden.to_string(),
                open.to_string(),
                format!("{seconds:.3}"),
                format!("{:.1}", seconds / baseline),
                format!("{:.0}", size.in_r / seconds),
            ]
        };
        let microlp = |rules: Rules| protect(table.system(), rules, &NoOverlaps, &Microlp);
        let eliminated = once(0, false, &microlp);
        let baseline = eliminated.0.as_secs_f64();
        lines.push(line("elimination", eliminated, baseline));
        report::line(&format!("{cells} cells eliminated in {baseline:.3} s"))?;
        lines.push(line("with the audit of four values, by microlp", once(4, false, &microlp), baseline));
        #[cfg(feature = "highs")]
        {
            let highs = |rules: Rules| protect(table.system(), rules, &NoOverlaps, &drempel_protocols::sdc::Highs);
            lines.push(line("with the audit of four values, by HiGHS", once(4, false, &highs), baseline));
        }
    }
    report::table(
        &["cells", "what", "unsafe", "hidden", "left open", "seconds", "ratio", "times as fast as R"],
        2,
        &lines,
    )?;
    Ok(())
}

/// Gemeenten and categories of skewed sizes; each cell has about the product of both, more or less by chance.
fn table(size: &Size) -> anyhow::Result<Table> {
    let mut draw = ChaCha8Rng::seed_from_u64(SEED);
    let names =
        |kind: &str, count: usize| -> Vec<String> { (0..count).map(|number| format!("{kind}{number}")).collect() };
    let within = |members: &[String], kind: &str, groups: usize| -> BTreeMap<String, String> {
        members.iter().enumerate().map(|(place, name)| (name.clone(), format!("{kind}{}", place % groups))).collect()
    };
    let (gemeenten, categories) = (names("GM", GEMEENTEN), names("c", size.categories));
    let dimensions = vec![
        Dimension::new("gemeente", &gemeenten, &[within(&gemeenten, "regio", REGIONS)])?,
        Dimension::new("categorie", &categories, &[within(&categories, "groep", size.groups)])?,
    ];
    let shares: Vec<f64> = (0..size.categories).map(|place| 1.0 / (1.0 + place as f64)).collect();
    let all: f64 = shares.iter().sum();
    let mut rows = Vec::new();
    for gemeente in &gemeenten {
        let persons = size.persons * draw.random_range(-2.0..2.0_f64).exp() / 1.8;
        for (categorie, share) in categories.iter().zip(&shares) {
            let expected = persons * share / all;
            rows.push((vec![gemeente.clone(), categorie.clone()], poisson(&mut draw, expected)));
        }
    }
    Ok(Table::new(dimensions, &[BTreeSet::from([0, 1])], &Rows::Counts(rows), false)?)
}

/// A count of so many on average: arrivals until the time is over.
fn poisson(draw: &mut ChaCha8Rng, expected: f64) -> u64 {
    let (mut time, mut count) = (0.0, 0);
    loop {
        time -= (1.0 - draw.random::<f64>()).ln();
        if time > expected {
            return count;
        }
        count += 1;
    }
}
