//! The red team at work: attacks what Drempel hides, as an analyst, with whatever is published, and says what came of it.
//! Ends with 0 if every attack fails against Drempel, or succeeds against what has no protection; else with 1, as where so
//! many half-years are refused that little was attacked.

use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Parser;
use drempel_tests::{
    federation::CATALOGUE,
    redteam::{
        attacks,
        case::Case,
        chain::Protection,
        databases::VALUES,
        detours, inversion, lies,
        registry::Registry,
        search::{Search, Searched},
        trial::{BROKEN_ONCE, Ground, Trial},
        twins::{self, Channel},
    },
};
use indicatif::{ProgressBar, ProgressStyle};

/// Attacks what Drempel hides.
///
/// First the planned attacks: sums of published counts that give a small number away where all of them are published; then
/// lies to a running node, ways around what is hidden, and twins that differ in what is hidden only. Then gemeenten that are
/// drawn to be nasty, four half-years each, whose figures an oracle over whole databases narrows down, after those that were
/// broken once. With --search a node is asked, with --invert the algorithm is run backwards.
/// `narrow` is what it finds fewer than four values for; as its search is not complete, look at such a case again with more
/// `--tries` before you call it broken.
#[derive(Parser)]
struct Arguments {
    /// What to attack: Drempel, cells of 1 to k-1 persons hidden and nothing else, or nothing hidden.
    #[arg(long, value_enum, default_value = "drempel")]
    against: Protection,
    /// How many gemeenten to draw.
    #[arg(long, default_value_t = 50)]
    populations: u64,
    /// The series that they are drawn from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// One gemeente of the series only, and no planned attacks or lies.
    #[arg(long)]
    only: Option<u64>,
    /// With the cubes that the catalogue has in every half-year, in place of small ones that are drawn: takes longer.
    #[arg(long)]
    registered: bool,
    /// How often the oracle looks at each figure that it has too few values for.
    #[arg(long, default_value_t = 20)]
    tries: usize,
    /// With --only: writes the gemeente to a file, for `.ci/release_oracle.py --gemeente`, which looks at it in another way.
    #[arg(long, requires = "only")]
    write: Option<PathBuf>,
    /// So many gemeenten to search as well: asks a node of each what it likes, goes on where it finds least, and holds what
    /// it is told against what was released.
    #[arg(long, default_value_t = 0)]
    search: u64,
    /// So many small tables to run the algorithm backwards on: of all tables with the same output, has a cell one value?
    #[arg(long, default_value_t = 0)]
    invert: u64,
    /// So many rounds of twins, each of which answers 100 questions, to see whether time tells them apart; 8 are a turn.
    #[arg(long, default_value_t = 0)]
    times: usize,
    /// How many questions a search asks.
    #[arg(long, default_value_t = 1000)]
    questions: usize,
    /// Every cell too, for your own eyes.
    #[arg(long)]
    show: bool,
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let ground = Ground::of(Registry::read(Path::new(CATALOGUE))?)?;
    let mut out = std::io::stdout().lock();
    let is_one = arguments.only.is_some();
    let known = is_one || planned(&ground, &arguments, &mut out)? & beside(&ground, &arguments, &mut out)?;
    let drawn = drawn(&ground, &arguments, &mut out)?;
    let searched = searched(&ground, &arguments, &mut out)?;
    let inverted = inverted(&arguments, &mut out)?;
    Ok(if known && drawn && searched && inverted { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Arguments {
    /// Whether what is attacked should be broken.
    fn is_bare(&self) -> bool {
        self.against != Protection::Drempel
    }
}

/// Plants children and adds up what is published of them, and says what came of it; whether that is as it should be.
fn planned(ground: &Ground, arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<bool> {
    let mut as_wanted = true;
    writeln!(out, "| | attack | sum | published | fewest values left | succeeds |")?;
    writeln!(out, "| --- | --- | --- | ---: | ---: | --- |")?;
    for attack in attacks::all(&ground.codebook, &ground.landmarks)? {
        let outcome = attack.run(ground, arguments.against, arguments.tries)?;
        let found = outcome.found.map_or_else(|| "not all".to_owned(), |found| found.to_string());
        let fewest = outcome.fewest.map_or_else(|| "-".to_owned(), |fewest| fewest.to_string());
        let succeeded = outcome.succeeded(&attack);
        as_wanted &= succeeded == arguments.is_bare() && outcome.refused.is_none();
        let said = if succeeded { "yes" } else { "no" };
        writeln!(out, "| {} | {} | {} | {found} | {fewest} | {said} |", attack.number, attack.name, attack.sum)?;
        if let Some(refused) = outcome.refused {
            writeln!(out, "  a half-year is refused: {refused}")?;
        }
    }
    verdict(as_wanted, "a planned attack", out)
}

/// Whether something is as it should be, said where it is not.
fn verdict(as_wanted: bool, what: &str, out: &mut impl Write) -> anyhow::Result<bool> {
    if !as_wanted {
        writeln!(out, "NOT AS IT SHOULD BE: {what}")?;
    }
    Ok(as_wanted)
}

/// Draws gemeenten, after those that were broken once, and says what can be told of them; whether that is as it should be.
fn drawn(ground: &Ground, arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<bool> {
    let once = BROKEN_ONCE.map(|(series, number, _)| (series, number));
    let numbers = (0..arguments.populations).map(|number| (arguments.seed, number));
    let drawn: Vec<(u64, u64)> = match arguments.only {
        Some(number) => vec![(arguments.seed, number)],
        None if arguments.registered => numbers.collect(),
        None => once.into_iter().chain(numbers).collect(),
    };
    let progress = ProgressBar::new(drawn.len() as u64);
    progress.set_style(ProgressStyle::with_template("{pos} of {len} gemeenten, {eta} to go")?);
    let (mut figures, mut lines, mut refused, mut broken) = (0, 0, 0, 0);
    let mut fewest: Option<usize> = None;
    for (series, number) in &drawn {
        let place = (*series, *number);
        let trial = Trial::hold(ground, place, arguments.registered, arguments.against, arguments.tries)?;
        if let Some(path) = &arguments.write {
            let case = Case::of(&trial.chain.children, &trial.plan, &ground.codebook)?;
            serde_json::to_writer(File::create(path)?, &case)?;
        }
        figures += trial.figures.targets().count();
        lines += trial.lines;
        refused += usize::from(trial.chain.refused.is_some());
        broken += usize::from(trial.is_broken());
        fewest = fewest.into_iter().chain(trial.fewest).min();
        if trial.is_broken() && !arguments.is_bare() || arguments.only.is_some() {
            writeln!(out, "--seed {series} --only {number}: {} children", trial.chain.children.len())?;
            for half in &trial.plan.halves {
                writeln!(out, "  {}", half.text())?;
            }
            for told in trial.told() {
                writeln!(out, "  {told}")?;
            }
        }
        if arguments.show {
            for cell in &trial.figures.cells {
                writeln!(out, "    {}", cell.text())?;
            }
        }
        progress.inc(1);
    }
    progress.finish_and_clear();
    let fewest = fewest.map_or_else(|| "-".to_owned(), |fewest| fewest.to_string());
    writeln!(
        out,
        "{} gemeenten ({refused} with a half-year refused): {figures} figures, fewest values left {fewest}; {lines} lines \
         and cells looked at for what is left; {broken} gemeenten of which too much can be told",
        drawn.len()
    )?;
    let too_few = refused * 5 > drawn.len();
    if too_few {
        writeln!(out, "more than one gemeente in five was refused a half-year: too few were attacked")?;
    }
    Ok(!too_few && (arguments.is_bare() || broken == 0))
}

/// Lies to a node, goes around what is hidden and holds twins against each other; whether all of that is as it should be. What
/// it takes away from Drempel it makes itself, so that it is the same whatever is attacked.
fn beside(ground: &Ground, arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<bool> {
    Ok(lied(ground, out)? & went_around(ground, out)? & told_apart(ground, arguments.times, out)?)
}

/// Goes around what is hidden, and says what came of it; whether that is as it should be.
fn went_around(ground: &Ground, out: &mut impl Write) -> anyhow::Result<bool> {
    writeln!(out, "| | around what is hidden | gives | if nothing stops it | stopped by |")?;
    writeln!(out, "| --- | --- | --- | --- | --- |")?;
    let all = tokio::runtime::Runtime::new()?.block_on(detours::all(ground))?;
    for detour in &all {
        let (works, stopped) =
            (if detour.works { "yes" } else { "no" }, detour.stopped.as_deref().unwrap_or("NOTHING"));
        writeln!(out, "| {} | {} | {} | {works} | {stopped} |", detour.number, detour.name, detour.gives)?;
    }
    writeln!(out)?;
    verdict(all.iter().all(|detour| detour.works && detour.stopped.is_some()), "a way around", out)
}

/// Holds twins against each other, and says what came of it; whether that is as it should be.
fn told_apart(ground: &Ground, rounds: usize, out: &mut impl Write) -> anyhow::Result<bool> {
    writeln!(out, "| A18 | tells those apart that differ in what is shown | in what is hidden |")?;
    writeln!(out, "| --- | --- | --- |")?;
    let runtime = tokio::runtime::Runtime::new()?;
    let all = runtime.block_on(twins::tell(ground))?;
    let said = |is_told: bool| if is_told { "yes" } else { "no" };
    for channel in &all {
        writeln!(out, "| {} | {} | {} |", channel.name, said(channel.shown), said(channel.hidden))?;
    }
    let mut as_wanted = all.iter().all(Channel::is_as_wanted);
    if rounds > 0 {
        let times = runtime.block_on(twins::times(ground, rounds))?;
        writeln!(
            out,
            "times over {rounds} rounds: twins differ by {:.1} microseconds, {:.1} standard errors from none; a larger \
             question takes longer by {:.1} of them",
            times.apart, times.errors, times.of_size
        )?;
        as_wanted &= times.is_as_wanted();
    }
    writeln!(out)?;
    verdict(as_wanted, "twins", out)
}

/// Lies to a node, and says what came of it; whether that is as it should be.
fn lied(ground: &Ground, out: &mut impl Write) -> anyhow::Result<bool> {
    writeln!(out, "\n| | what a node is told | told honestly | told so | succeeds |")?;
    writeln!(out, "| --- | --- | ---: | ---: | --- |")?;
    let all = tokio::runtime::Runtime::new()?.block_on(lies::tell(ground))?;
    for told in &all {
        let said = if told.succeeded() { "yes" } else { "no" };
        writeln!(out, "| {} | {} | {} | {} | {said} |", told.about, told.name, told.honest, told.status)?;
    }
    writeln!(out)?;
    verdict(all.iter().all(|told| !told.succeeded() && told.honest == 200), "a lie", out)
}

/// Runs the algorithm backwards, and says what came of it; whether that is as it should be.
fn inverted(arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<bool> {
    let first = arguments.seed << 32;
    let found = inversion::invert(first..first + arguments.invert, arguments.against)?;
    if arguments.invert > 0 {
        writeln!(
            out,
            "{} small tables inverted: {} unsafe cells, {} with fewer than {VALUES} values ({} of them not searched to the \
             end), {} tables with an exact one",
            found.tables,
            found.cells,
            found.too_few,
            found.open,
            found.exact.len()
        )?;
    }
    // Where nothing is hidden there is nothing to find out.
    Ok(arguments.invert == 0 || arguments.against == Protection::Raw || arguments.is_bare() == found.is_broken())
}

/// Searches gemeenten, and says what came of it; whether that is as it should be.
fn searched(ground: &Ground, arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<bool> {
    let is_bare = arguments.is_bare();
    let numbers = arguments.only.map_or(0..arguments.search, |number| number..number + arguments.search.min(1));
    let runtime = tokio::runtime::Runtime::new()?;
    let progress = ProgressBar::new(numbers.end - numbers.start);
    progress.set_style(ProgressStyle::with_template("{pos} of {len} gemeenten searched, {eta} to go")?);
    let (mut total, mut broken, mut all) = (Searched::default(), 0, 0u64);
    for number in numbers {
        let place = (arguments.seed, number);
        let (chain, plan) = ground.draw(place, arguments.registered, arguments.against)?;
        progress.inc(1);
        if chain.halves == 0 {
            continue;
        }
        all += 1;
        let found = runtime.block_on(async {
            Search::new(ground, &chain, &plan, number).await?.run(arguments.questions, arguments.tries).await
        })?;
        if found.is_broken() && !is_bare {
            let fewest = found.fewest.unwrap_or_default();
            writeln!(out, "--seed {} --only {number}: a search leaves {fewest} values", arguments.seed)?;
            for told in &found.told {
                writeln!(out, "  {told}")?;
            }
        }
        broken += u64::from(found.is_broken());
        total.asked += found.asked;
        total.refused += found.refused;
        total.cells += found.cells;
        total.fewest = total.fewest.into_iter().chain(found.fewest).min();
        total.told.extend(found.told);
        // Where no bar is drawn, so that a run that is cut off has said something.
        if progress.is_hidden() && all % 20 == 0 {
            let fewest = total.fewest.map_or_else(|| "-".to_owned(), |fewest| fewest.to_string());
            writeln!(
                std::io::stderr(),
                "{all} searched, {} questions: fewest values left {fewest}; {broken} told too much",
                total.asked
            )?;
        }
    }
    progress.finish_and_clear();
    if all > 0 {
        let fewest = total.fewest.map_or_else(|| "-".to_owned(), |fewest| fewest.to_string());
        writeln!(
            out,
            "{all} gemeenten searched with {} questions ({} refused): {} cells, fewest values left {fewest}, {} told \
             otherwise than released; {broken} of which too much can be told",
            total.asked,
            total.refused,
            total.cells,
            total.told.len()
        )?;
    }
    Ok(all == 0 || if is_bare { broken > 0 } else { broken == 0 })
}
