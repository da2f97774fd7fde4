//! How long it takes to protect a half-year of every gemeente of the country, audit included, and how much of it is shown:
//! synthetic gemeenten of their real sizes, counted as a node counts them. Beside it the counting, in the same run.

#[path = "support/country.rs"]
mod country;
#[path = "support/report.rs"]
mod report;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context as _;
use drempel_node::engine::lattice::Counted;
use drempel_protocols::{
    catalogue::{Catalogue, SignedBundle},
    id::{Gemeentecode, Period},
    lattice::{Counting, Lattice},
    policy::Policy,
    release::{Joint, Release, RuleSet, Uitgave, insiders},
    sdc::{Microlp, Reason},
};
use drempel_tests::synthetic::{Producten, SyntheticGemeente};

use self::report::Settings;

const SEED: u64 = 2025;
/// What runs on from before the half-year began then.
const FIRST: &str = "2023H1";
const PERIOD: &str = "2025H2";
/// The catalogue that the demo and the tests use.
const CATALOGUE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../config/catalogus");
/// Where a gemeente stands in order of size, the smallest first, and what of its cells with persons is to be shown.
const CLASSES: [(&str, std::ops::Range<usize>, f64); 4] = [
    ("smallest tenth", 0..34, 0.35),
    ("median fifth", 137..205, 0.60),
    ("40 large ones (G40)", 298..338, 0.85),
    ("4 largest (G4)", 338..342, 0.97),
];

/// What was measured of a gemeente.
struct Measured {
    persons: usize,
    counting: Duration,
    protecting: Duration,
    shown: (usize, usize),
    shown_with_persons: (usize, usize),
    /// For each cube, of its cells with persons.
    of_cubes: BTreeMap<String, Fate>,
}

/// What became of the cells with persons of a cube.
#[derive(Clone, Copy, Default)]
struct Fate {
    cells: usize,
    shown: usize,
    /// Hidden by the primary rules.
    primary: usize,
}

fn main() -> anyhow::Result<()> {
    let settings = Settings::from_arguments()?;
    report::title(
        settings,
        "Protection of a half-year",
        "Every gemeente of 2026 with as many jongeren as its inhabitants lead one to expect; \
         one half-year, the registered catalogue, two threads. Times in seconds of one thread. Baseline: \
         counting the same cells.",
    )?;
    let catalogue = Catalogue::from_bundle(SignedBundle::read(CATALOGUE.as_ref())?.bundle())?;
    let period: Period = PERIOD.parse()?;
    let division = catalogue.division(period).context("no division")?;
    let mut codes: Vec<Gemeentecode> = division.gemeenten().map(|(code, _)| code).collect();
    codes.truncate(settings.or_quick(usize::MAX, 6));
    for mapped in [true, false] {
        let what = if mapped { "With" } else { "Without" };
        report::line(&format!("{what} a table of product codes:\n"))?;
        let (all, wall) = every_gemeente(&catalogue, &codes, period, mapped)?;
        times(&all, wall)?;
        utility(&all)?;
    }
    Ok(())
}

/// Measures every gemeente, with or without a table of product codes; those with the fewest persons first.
fn every_gemeente(
    catalogue: &Catalogue,
    codes: &[Gemeentecode],
    period: Period,
    mapped: bool,
) -> anyhow::Result<(Vec<Measured>, Duration)> {
    let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let start = Instant::now();
    std::thread::scope(|scope| {
        let work = || {
            while let Some(code) = codes.get(next.fetch_add(1, Ordering::Relaxed)) {
                let measured = measure(catalogue, *code, period, mapped)?;
                found.lock().map_err(|_| anyhow::anyhow!("another thread failed"))?.push(measured);
            }
            anyhow::Ok(())
        };
        let threads = [scope.spawn(work), scope.spawn(work)];
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| anyhow::anyhow!("a thread failed"))?)
    })?;
    let wall = start.elapsed();
    let mut all = found.into_inner()?;
    all.sort_by_key(|measured| measured.persons);
    Ok((all, wall))
}

/// Generates, counts and protects a gemeente.
fn measure(catalogue: &Catalogue, code: Gemeentecode, period: Period, mapped: bool) -> anyhow::Result<Measured> {
    let lattice = Lattice::of(catalogue)?;
    let lattice = if mapped { lattice } else { lattice.unmapped(catalogue) };
    let parts = country::parts(code, SEED, FIRST.parse()?, period)?;
    let with_codes = |part: SyntheticGemeente| if mapped { part.with_producten(Producten::example()) } else { part };
    let parts: Vec<_> = parts.into_iter().map(with_codes).collect();
    let tables = country::tables(catalogue, &lattice, &parts, period)?;
    let persons = parts.iter().map(|part| part.count(period, |_| true).0).sum();
    drop(parts);
    let start = Instant::now();
    let counted = Counted::new(&lattice, &tables)?;
    let counts = counted.counts();
    let counting = start.elapsed();
    let start = Instant::now();
    let policy = Policy::constants();
    let uitgave = Uitgave::new(code, period);
    let insiders = insiders(catalogue, &policy, &uitgave, &lattice, &counts, counted.clients());
    let joint = Joint::new(&[], uitgave, &lattice, &counts, &counted)?.with_insiders(insiders);
    let release: Release = joint.protect(RuleSet::of(catalogue, &policy), &counted, &Microlp)?;
    let protecting = start.elapsed();
    let (shown, shown_with_persons) = (release.shown(), release.shown_with_persons());
    Ok(Measured {
        persons,
        counting,
        protecting,
        shown,
        shown_with_persons,
        of_cubes: fates(catalogue, &lattice, &release),
    })
}

/// What became of the cells with persons of each cube.
fn fates(catalogue: &Catalogue, lattice: &Lattice, release: &Release) -> BTreeMap<String, Fate> {
    let cells: BTreeMap<_, _> = release.reasons().map(|cell| (cell.place, cell)).collect();
    let of_cube = |counting: &Counting| {
        let numbers: BTreeSet<usize> = counting.cells.iter().copied().collect();
        let places = numbers.iter().filter_map(|cell| lattice.cells().get(*cell)).map(|cell| &cell.place);
        let cells = places.filter_map(|place| cells.get(place)).filter(|cell| cell.persons > 0);
        cells.fold(Fate::default(), |fate, cell| Fate {
            cells: fate.cells + 1,
            shown: fate.shown + usize::from(cell.reason.is_none()),
            primary: fate.primary + usize::from(cell.reason == Some(Reason::Unsafe)),
        })
    };
    catalogue
        .cubes()
        .zip(lattice.counting())
        .map(|(cube, counting)| (cube.name().to_string(), of_cube(counting)))
        .collect()
}

fn times(all: &[Measured], wall: Duration) -> anyhow::Result<()> {
    let sum = |time: fn(&Measured) -> Duration| all.iter().map(time).sum::<Duration>().as_secs_f64();
    let most = |time: fn(&Measured) -> Duration| all.iter().map(time).max().unwrap_or_default().as_secs_f64();
    let largest = all.last().context("no gemeente")?;
    let seconds = |time: f64| format!("{time:.3}");
    let line = |what: &str, all: f64, slowest: f64, largest: f64, ratio: f64| {
        vec![what.to_owned(), seconds(all), seconds(slowest), seconds(largest), format!("{ratio:.1}")]
    };
    let (counting, protecting) = (sum(|one| one.counting), sum(|one| one.protecting));
    let counted = line("counting", counting, most(|one| one.counting), largest.counting.as_secs_f64(), 1.0);
    let ratio = protecting / counting;
    let protected = line("protecting", protecting, most(|one| one.protecting), largest.protecting.as_secs_f64(), ratio);
    report::table(&["what", "all", "slowest", "largest", "ratio"], 1, &[counted, protected])?;
    report::line(&format!(
        "\n{} gemeenten, {} persons; {:.0} s in all with generating; at most {} MiB of memory.\n",
        all.len(),
        all.iter().map(|one| one.persons).sum::<usize>(),
        wall.as_secs_f64(),
        peak_memory()? / 1024,
    ))?;
    Ok(())
}

/// The most memory that this process had, in KiB.
fn peak_memory() -> anyhow::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

fn utility(all: &[Measured]) -> anyhow::Result<()> {
    let mut lines = Vec::new();
    for (name, range, wanted) in CLASSES {
        let Some(class) = all.get(range) else { continue };
        let share = |of: fn(&Measured) -> (usize, usize)| {
            let (shown, cells) = class.iter().map(of).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
            format!("{:.1} %", 100.0 * shown as f64 / cells as f64)
        };
        let persons = class.iter().map(|one| one.persons).sum::<usize>() / class.len();
        let (shown, with_persons) = (share(|one| one.shown), share(|one| one.shown_with_persons));
        lines.push(vec![name.to_owned(), persons.to_string(), shown, with_persons, format!("{:.0} %", wanted * 100.0)]);
    }
    report::table(&["gemeenten", "persons", "cells shown", "of those with persons", "wanted"], 1, &lines)?;
    report::line("\nOf the cells with persons of each cube, shown (and hidden by the primary rules alone), in %:\n")?;
    let classes: Vec<&[Measured]> = CLASSES.into_iter().filter_map(|(_, range, _)| all.get(range)).collect();
    let cubes = all.first().map(|one| one.of_cubes.keys()).into_iter().flatten();
    let of_class = |class: &&[Measured], cube: &String| {
        let fates = class.iter().filter_map(|one| one.of_cubes.get(cube));
        let (cells, shown, primary) =
            fates.fold((0, 0, 0), |sum, fate| (sum.0 + fate.cells, sum.1 + fate.shown, sum.2 + fate.primary));
        let share = |some: usize| 100.0 * some as f64 / cells as f64;
        format!("{:.0} ({:.0})", share(shown), share(primary))
    };
    let lines: Vec<Vec<String>> = cubes
        .map(|cube| std::iter::once(cube.clone()).chain(classes.iter().map(|class| of_class(class, cube))).collect())
        .collect();
    let head: Vec<&str> =
        std::iter::once("cube").chain(CLASSES.iter().map(|(name, _, _)| *name).take(classes.len())).collect();
    report::table(&head, 1, &lines)?;
    Ok(())
}
