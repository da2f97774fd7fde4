//! `release`: what is published of each half-year. Building it, looking at it before and after, and withdrawing it. What
//! is hidden and why is shown to the officer at this terminal, and goes nowhere else (rule R4).

use std::{
    collections::BTreeSet,
    fs::File,
    io::{BufWriter, Write},
    path::Path,
    time::Duration,
};

use anyhow::{Context as _, bail};
use drempel_protocols::{
    catalogue::Catalogue,
    clock::{Clock as _, SystemClock, dutch_day},
    id::Period,
    lattice::shown_by,
    policy::Policy,
    release::{Release, certificate},
};
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    app::{open_accepted_catalogue, open_catalogue},
    audit::AnsweredFrom,
    config::Config,
    decision::Decisions,
    ledger::{Ledger, Stored},
    release::{Build, Stage},
};

/// What to build.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The half-year, as 2025H2; without it the next one. The first release may be of any.
    #[arg(long, conflicts_with = "all")]
    period: Option<Period>,
    /// Every half-year that is due, one after another.
    #[arg(long)]
    all: bool,
    /// Build although more than half of what ran on after the last release is no longer in the records.
    #[arg(long)]
    accept_loss: bool,
}

/// Builds releases and adds them to the ledger.
pub(super) fn build(config: &Config, arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<()> {
    let catalogue = open_accepted_catalogue(config, dutch_day(SystemClock.now()))?;
    let mut ledger = Ledger::open(&config.paths.ledger)?;
    let build = Build { config, catalogue: &catalogue, now: SystemClock.now(), accept_loss: arguments.accept_loss };
    let bar = bar()?;
    if arguments.all {
        let mut lines = Vec::new();
        let done = &mut |period: Period, release: &Release| lines.push(summary(period, release));
        let built = build.add_all(&mut ledger, done, &mut |stage| show_stage(&bar, stage));
        bar.finish_and_clear();
        for line in lines {
            writeln!(out, "{line}")?;
        }
        if built? == 0 {
            writeln!(out, "nothing is due: {}", what_is_next(&build, &ledger)?)?;
        }
        return Ok(());
    }
    let next = build.next(&ledger)?;
    let period = arguments.period.or(next).context("every half-year of the catalogue has been released")?;
    let built = build.add(period, &mut ledger, &mut |stage| show_stage(&bar, stage));
    bar.finish_and_clear();
    let (_, release) = built?;
    writeln!(out, "{}", summary(period, &release))?;
    writeln!(out, "A running node answers from it within seconds. It is never revised: drempel-node release withdraw")?;
    Ok(())
}

/// Shows what would be released, without releasing it.
pub(super) fn preview(config: &Config, period: Option<Period>, all: bool, out: &mut impl Write) -> anyhow::Result<()> {
    let catalogue = open_catalogue(config)?;
    let ledger = Ledger::open(&config.paths.ledger)?;
    let build = Build { config, catalogue: &catalogue, now: SystemClock.now(), accept_loss: true };
    let next = build.next(&ledger)?;
    let period = period.or(next).context("every half-year of the catalogue has been released")?;
    let bar = bar()?;
    let built = build.make(period, &ledger, &mut |stage| show_stage(&bar, stage));
    bar.finish_and_clear();
    let built = built?;
    officers_table(built.release(), all, out)?;
    writeln!(out, "This was a preview of {period}; nothing was released.")?;
    Ok(())
}

/// Lists the releases in the ledger.
pub(super) fn list(config: &Config, out: &mut impl Write) -> anyhow::Result<()> {
    let ledger = Ledger::open(&config.paths.ledger)?;
    let releases = ledger.releases()?;
    for stored in &releases {
        let (shown, cells) = stored.release.shown();
        let state = match &stored.withdrawn {
            None => format!("built {}", stored.built),
            Some((at, reason)) => format!("withdrawn {at}: {reason}"),
        };
        writeln!(out, "{}  {shown} of {cells} cells shown  {state}  {}", stored.release.period(), stored.id)?;
    }
    if releases.is_empty() {
        writeln!(out, "there are no releases yet; make them with: drempel-node release build --all")?;
    }
    Ok(())
}

/// Shows a release to the officer: what is hidden, and why.
pub(super) fn show(config: &Config, period: Period, all: bool, out: &mut impl Write) -> anyhow::Result<()> {
    let stored = find(&Ledger::open(&config.paths.ledger)?, period)?;
    officers_table(&stored.release, all, out)
}

/// Writes the certificate of everything released up to a half-year.
pub(super) fn certify(
    config: &Config,
    period: Option<Period>,
    file: &Path,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let catalogue = open_catalogue(config)?;
    let ledger = Ledger::open(&config.paths.ledger)?;
    let answered = AnsweredFrom::read(&config.paths.audit)?;
    let last = ledger
        .releases_after(&answered)?
        .pop()
        .context("there are no releases yet; make them with: drempel-node release build")?;
    let period = period.unwrap_or(last.release.period());
    find(&ledger, period)?;
    let mut history = ledger.history()?;
    history.retain(|release| release.period() <= period);
    let gone: BTreeSet<Period> = ledger
        .releases()?
        .into_iter()
        .filter(|stored| stored.withdrawn.is_some())
        .map(|stored| stored.release.period())
        .collect();
    let is_gone = |release: &Release| release.gemeente() == config.gemeente && gone.contains(&release.period());
    let withdrawn =
        history.iter().enumerate().filter(|(_, release)| is_gone(release)).map(|(place, _)| place).collect();
    let policy = Policy::from_file(&config.beleid, &catalogue)?;
    let policy = Decisions::read(&config.paths.audit)?.over(&policy, &catalogue, dutch_day(SystemClock.now()));
    let allowed = shown_by(&catalogue, |cube| policy.answers(cube))?;
    let certificate = certificate(&history, &withdrawn, &allowed)?;
    let mut writer = BufWriter::new(
        File::create_new(file).with_context(|| format!("{} cannot be made, or is there already", file.display()))?,
    );
    serde_json::to_writer(&mut writer, &certificate)?;
    writer.flush()?;
    let (shown, cells) = certificate.shown();
    writeln!(
        out,
        "{}: {shown} of {cells} cells are shown in everything up to {period}. Check it with: drempel release verify",
        file.display()
    )?;
    Ok(())
}

/// Answers from a release no more.
pub(super) fn withdraw(config: &Config, period: Period, reason: &str, out: &mut impl Write) -> anyhow::Result<()> {
    if reason.trim().is_empty() {
        bail!("say why, with --reason: it is kept with the release");
    }
    let mut ledger = Ledger::open(&config.paths.ledger)?;
    ledger.withdraw(period, reason.trim(), SystemClock.now())?;
    writeln!(
        out,
        "withdrawn: a running node answers {period} no more within seconds. Who has its figures still has them, so later \
         releases go on to be protected together with it."
    )?;
    Ok(())
}

fn find(ledger: &Ledger, period: Period) -> anyhow::Result<Stored> {
    let stored = ledger.releases()?.into_iter().find(|stored| stored.release.period() == period);
    stored.with_context(|| format!("{period} has not been released; see: drempel-node release list"))
}

/// Every cell that is hidden, or every cell, with its counts. For the officer only.
fn officers_table(release: &Release, all: bool, out: &mut impl Write) -> anyhow::Result<()> {
    for cell in release.reasons().filter(|cell| all || cell.reason.is_some()) {
        let reason = cell.reason.map_or("shown", |reason| match reason {
            drempel_protocols::sdc::Reason::Unsafe => "hidden: too few",
            drempel_protocols::sdc::Reason::Insider => {
                "hidden: an aanbieder or the population would tell of too few others"
            }
            drempel_protocols::sdc::Reason::Secondary => "hidden: others would follow from it",
            drempel_protocols::sdc::Reason::Remainder => "hidden: too few would be left beside it",
            drempel_protocols::sdc::Reason::Interval => "hidden: others would be too narrow",
        });
        writeln!(
            out,
            "{:>8} persons {:>8} rows  {reason:<40} {} {}",
            cell.persons,
            cell.rows,
            cell.place.view(),
            cell.place.members()
        )?;
    }
    writeln!(out, "{}", summary(release.period(), release))?;
    writeln!(
        out,
        "Counts of hidden cells and why they are hidden are for you only: they must not leave this machine."
    )?;
    Ok(())
}

fn summary(period: Period, release: &Release) -> String {
    let (shown, cells) = release.shown();
    let (with_persons, all_with_persons) = release.shown_with_persons();
    let rounded = match release.round_to() {
        1 => String::new(),
        to => format!("; answers round their counts to multiples of {to}"),
    };
    format!(
        "{period}: {shown} of {cells} cells are shown, of those with persons {with_persons} of {all_with_persons}{rounded}"
    )
}

fn what_is_next(build: &Build<'_>, ledger: &Ledger) -> anyhow::Result<String> {
    Ok(match build.next(ledger)? {
        Some(next) => format!("{next} may be released from {}", release_day(build.catalogue, next)),
        None => "every half-year of the catalogue and of [perioden] has been released".to_owned(),
    })
}

fn release_day(catalogue: &Catalogue, period: Period) -> String {
    catalogue.release_day(period).to_string()
}

fn bar() -> anyhow::Result<ProgressBar> {
    let bar = ProgressBar::new_spinner();
    bar.set_style(ProgressStyle::with_template("{spinner} {msg}  {elapsed}")?);
    bar.enable_steady_tick(Duration::from_millis(200));
    Ok(bar)
}

fn show_stage(bar: &ProgressBar, stage: Stage) {
    bar.set_message(match stage {
        Stage::Reading => "reading the snapshot",
        Stage::Counting => "counting every cell",
        Stage::Protecting => "protecting them together with everything released before",
        Stage::Storing => "adding the release to the ledger",
    });
}
