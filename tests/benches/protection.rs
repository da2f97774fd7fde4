//! How long it takes to protect a half-year of every gemeente of the country, audit included, and how much of it is shown:
//! synthetic gemeenten of their real sizes, counted as a node counts them. Beside it the counting, in the same run.

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
use drempel_node::engine::lattice::{Coded, Counted};
use drempel_protocols::{
    catalogue::{Catalogue, ONBEKEND, Relation, SignedBundle},
    id::{ColumnName, Gemeentecode, Period},
    lattice::Lattice,
    policy::Policy,
    release::{Joint, Release, RuleSet},
    sdc::Microlp,
};
use drempel_tests::synthetic::{Size, SyntheticGemeente, ViewRow};

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
}

fn main() -> anyhow::Result<()> {
    let settings = Settings::from_arguments()?;
    report::title(
        settings,
        "Protection of a half-year",
        "Every gemeente of 2026 with as many jongeren as its inhabitants lead one to expect; one half-year, the registered \
         catalogue, two threads; the largest are as large as there are test BSNs. Times in seconds of one thread. Baseline: \
         counting the same cells.",
    )?;
    let catalogue = Catalogue::from_bundle(SignedBundle::read(CATALOGUE.as_ref())?.bundle())?;
    let period: Period = PERIOD.parse()?;
    let division = catalogue.division(period).context("no division")?;
    let mut codes: Vec<Gemeentecode> = division.gemeenten().map(|(code, _)| code).collect();
    codes.truncate(settings.or_quick(usize::MAX, 6));
    let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let start = Instant::now();
    std::thread::scope(|scope| {
        let work = || {
            while let Some(code) = codes.get(next.fetch_add(1, Ordering::Relaxed)) {
                let measured = measure(&catalogue, *code, period)?;
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
    times(&all, wall)?;
    utility(&all)
}

/// Generates, counts and protects a gemeente.
fn measure(catalogue: &Catalogue, code: Gemeentecode, period: Period) -> anyhow::Result<Measured> {
    let gemeente = SyntheticGemeente::generate(code, SEED, FIRST.parse()?, period, Size::Calibrated)?;
    let lattice = Lattice::of(catalogue)?;
    let tables = tables(catalogue, &lattice, &gemeente, period)?;
    let persons = gemeente.count(period, |_| true).0;
    let start = Instant::now();
    let counted = Counted::new(&lattice, &tables)?;
    let counts = counted.counts();
    let counting = start.elapsed();
    let start = Instant::now();
    let joint = Joint::new(&[], period, &lattice, &counts, &counted)?;
    let under = RuleSet::of(catalogue, &Policy::constants());
    let release: Release = joint.protect(code, period, under, &counted, &Microlp)?;
    let protecting = start.elapsed();
    let (shown, shown_with_persons) = (release.shown(), release.shown_with_persons());
    Ok(Measured { persons, counting, protecting, shown, shown_with_persons })
}

/// The rows of every view that is part of no other, with the columns of its parts, as a node reads them.
fn tables(
    catalogue: &Catalogue,
    lattice: &Lattice,
    gemeente: &SyntheticGemeente,
    period: Period,
) -> anyhow::Result<Vec<Coded>> {
    let mut tables = Vec::new();
    for view in catalogue.views().filter(|view| !matches!(view.relation(), Some(Relation::Part { .. }))) {
        let of_view = lattice.counting().iter().filter(|counting| counting.view == *view.name());
        let columns: BTreeSet<&ColumnName> =
            of_view.flat_map(|counting| counting.axes.iter().map(|axis| &axis.column)).collect();
        let parts = catalogue
            .views()
            .filter(|part| matches!(part.relation(), Some(Relation::Part { view: whole, .. }) if whole == view.name()));
        let parts: Vec<_> = parts.collect();
        // A row of a part is the row of the whole of the same person and kind that has no other yet.
        let kind = |row: &ViewRow| (row.persoon(), row.member("categorie"), row.member("hulpvorm"));
        let mut of_parts: BTreeMap<_, Vec<ViewRow>> = BTreeMap::new();
        for part in &parts {
            for row in gemeente.view_rows(part.name().as_str(), period) {
                of_parts.entry(kind(&row)).or_default().push(row);
            }
        }
        let mut rows = gemeente.view_rows(view.name().as_str(), period);
        rows.sort_by_key(ViewRow::persoon);
        let mut made = Coded::new(view.name().clone(), columns.iter().copied());
        for row in &rows {
            let is_part = row.member("begin") == Some("gestart");
            let part = of_parts.get_mut(&kind(row)).filter(|_| is_part).and_then(Vec::pop);
            made.push(u32::try_from(row.persoon())?, |column| {
                let views = std::iter::once(&view).chain(&parts);
                let domain = views.filter_map(|view| view.dimension(column)).map(|found| found.domain()).next()?;
                let own = row.member(column.as_str());
                let member = own.or_else(|| part.as_ref().and_then(|part| part.member(column.as_str())));
                domain.index_of(member.unwrap_or(ONBEKEND))
            });
        }
        tables.push(made);
    }
    Ok(tables)
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
    Ok(())
}
