//! The demo: a federation of synthetic gemeenten on this machine, through the real import, real mutual TLS and real
//! logs. Answers go to standard output, everything else to standard error.

use std::{
    io::{Write as _, stderr, stdin, stdout},
    path::{Path, PathBuf},
    process::ExitCode,
    str::FromStr,
    sync::Arc,
    thread,
};

use anyhow::Context as _;
use clap::Parser;
use drempel_coordinator::cli::{self, Exit};
use drempel_node::officer::Accounts;
use drempel_protocols::{clock::Clock, id::PurposeId};
use drempel_tests::{
    federation::{Federation, propose},
    participants,
};

/// Starts a federation of synthetic gemeenten on this machine and asks it a few questions.
///
/// Nothing in it is real: the children are made up, their BSNs are test numbers, and the certificates are thrown away.
#[derive(Debug, Parser)]
#[command(name = "cargo demo --", max_term_width = 110)]
struct Demo {
    /// How many gemeenten take part, or `all`.
    #[arg(long, default_value = "12", value_name = "N|all")]
    gemeenten: HowMany,
    /// The seed of the made-up population.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Exit after the answers, in place of leaving the federation running.
    #[arg(long)]
    once: bool,
    /// Ask this question in place of the demo's own.
    #[arg(long, value_name = "SQL")]
    query: Option<String>,
    /// What it is asked for.
    #[arg(long, default_value = "landelijke-monitor")]
    purpose: PurposeId,
    /// The form of the answers: table, json or csv.
    #[arg(long, default_value = "table", value_parser = ["table", "json", "csv"])]
    format: String,
    /// Keep the federation in this folder, and use what is there already.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// The account of the officer of each gemeente.
const OFFICER: &str = "officer";

#[derive(Clone, Copy, Debug)]
enum HowMany {
    All,
    Some(usize),
}

impl FromStr for HowMany {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" => Ok(Self::All),
            number => number.parse().map(Self::Some).map_err(|_| "expected a number or `all`".to_owned()),
        }
    }
}

/// Seconds from one round past the logs to the next, so that there is something to see.
const WITNESS_SECONDS: u64 = 20;

/// What an analyst would want to know first, each with what to look at.
const QUESTIONS: [(&str, &str); 8] = [
    (
        "How many young persons had which kind of help, by jeugdregio? Cells of 1 to 9 persons are hidden at the gemeente, with others from which they would follow, so sums over them are lower bounds.",
        "SELECT jeugdregio, groep, COUNT(DISTINCT persoon) AS jeugdigen, COUNT(*) AS trajecten FROM jeugdhulp WHERE periode = '2025H2' GROUP BY jeugdregio, groep",
    ),
    (
        "And by gemeente, largest first?",
        "SELECT gemeente, COUNT(DISTINCT persoon) AS jeugdigen FROM jeugdhulp WHERE periode = '2025H2' GROUP BY gemeente ORDER BY jeugdigen DESC",
    ),
    (
        "Who came, who left? The stock at the end of a half-year is the stock at the beginning of the next, also after corrections.",
        "SELECT stroom, COUNT(DISTINCT persoon) AS jeugdigen FROM jeugdhulp WHERE periode = '2025H2' GROUP BY stroom",
    ),
    (
        "How many trajecten ended that had been running for a year or more?",
        "SELECT beeindigd, COUNT(*) AS trajecten FROM jeugdhulp WHERE periode = '2025H2' AND begin = 'al_lopend' AND duur_groep = '1_jaar_of_langer' GROUP BY beeindigd",
    ),
    (
        "Any margin of a registered cube can be asked for, since all of them were protected together:",
        "SELECT COUNT(DISTINCT persoon) AS jeugdigen, COUNT(*) AS trajecten FROM jeugdhulp WHERE periode = '2025H2' AND groep = 'ggz'",
    ),
    (
        "And all of them at once, with the sums over gemeenten: a child counts once in a total of groups, and is in several groups.",
        "SELECT gemeente, hoofdgroep, COUNT(DISTINCT persoon) AS jeugdigen FROM jeugdhulp WHERE periode = '2025H2' AND provincie = 'Flevoland' GROUP BY CUBE (gemeente, hoofdgroep)",
    ),
    (
        "A question outside every cube is refused, with the nearest cube and the change that would fit:",
        "SELECT groep, leeftijdsgroep, geslacht, COUNT(DISTINCT persoon) AS jeugdigen FROM jeugdhulp WHERE periode = '2025H2' GROUP BY groep, leeftijdsgroep, geslacht",
    ),
    (
        "A question that no node would answer is refused before it is sent, with what to write instead:",
        "SELECT persoon, categorie FROM jeugdhulp WHERE leeftijdsgroep > '4-11' GROUP BY categorie",
    ),
];

fn main() -> ExitCode {
    let demo = Demo::parse();
    let ended = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(run(demo)));
    match ended {
        Ok(exit) => exit.into(),
        Err(error) => {
            say(&format!("the demo cannot go on: {error:#}")).unwrap_or_default();
            Exit::Failed.into()
        }
    }
}

async fn run(demo: Demo) -> anyhow::Result<Exit> {
    let started = std::time::Instant::now();
    let catalogue = drempel_tests::federation::registered_catalogue()?;
    let gemeenten = match demo.gemeenten {
        HowMany::Some(count) => count,
        HowMany::All => {
            let last = catalogue.periods().last().context("the catalogue has no periods")?;
            catalogue.division(last).context("the catalogue has no division")?.gemeenten().count()
        }
    };
    say(&format!("Drempel demo: {gemeenten} synthetic gemeenten, seed {}", demo.seed))?;
    let mut builder = Federation::builder()
        .participants(participants::choose(&catalogue, gemeenten)?)
        .seed(demo.seed)
        .pages()
        .witness_seconds(WITNESS_SECONDS)
        .progress(|step| say(&format!("  {step}")).unwrap_or_default());
    if let Some(folder) = &demo.data {
        builder = builder.folder(std::path::absolute(folder)?);
    }
    let federation = builder.start().await?;
    say(&format!("  running after {:.1} s", started.elapsed().as_secs_f32()))?;
    say(&shares(&federation)?)?;

    let exit = match &demo.query {
        Some(sql) => ask(&federation, sql, &demo).await?,
        None => {
            for (why, sql) in QUESTIONS {
                say(&format!("\n{why}\n"))?;
                // Beside a table for people; out of the way of a program that reads the answers.
                if demo.format == "table" {
                    writeln!(stdout(), "{sql}\n")?;
                } else {
                    say(sql)?;
                }
                if ask(&federation, sql, &demo).await? == Exit::Failed {
                    break;
                }
            }
            Exit::Ok
        }
    };
    if !demo.once {
        leave_running(&federation).await?;
    } else if demo.data.is_some() {
        say(&format!("\nkept in {}", federation.folder().display()))?;
    }
    federation.stop().await;
    Ok(exit)
}

/// How much the releases show. Of cells with persons on made-up data only: of a real gemeente that would tell how many
/// hidden cells have any (rule R4).
fn shares(federation: &Federation) -> anyhow::Result<String> {
    let (mut releases, mut all, mut with_persons) = (0usize, (0usize, 0usize), (0usize, 0usize));
    for member in federation.members().values() {
        for stored in member.releases()? {
            let (shown, cells) = stored.release.shown();
            let (shown_with, cells_with) = stored.release.shown_with_persons();
            releases += 1;
            all = (all.0 + shown, all.1 + cells);
            with_persons = (with_persons.0 + shown_with, with_persons.1 + cells_with);
        }
    }
    let share = |(shown, cells): (usize, usize)| 100 * shown / cells.max(1);
    Ok(format!(
        "  {releases} releases, of one half-year each: {} % of {} cells are shown, and {} % of those with persons",
        share(all),
        all.1,
        share(with_persons)
    ))
}

async fn ask(federation: &Federation, sql: &str, demo: &Demo) -> anyhow::Result<Exit> {
    let mut args = cli::Args::try_parse_from([
        "drempel",
        "--format",
        &demo.format,
        "query",
        sql,
        "--purpose",
        demo.purpose.as_str(),
    ])?;
    args.connection = federation.connection();
    Ok(cli::run(args, &mut stdout(), &mut stderr()).await)
}

async fn leave_running(federation: &Federation) -> anyhow::Result<()> {
    let root = federation.folder().display();
    let (node, member) = federation.members().iter().next().context("nobody takes part")?;
    let pages = member.pages().context("the node has no pages")?;
    let password = member.passwords().get(OFFICER).context("the node has no officer")?;
    propose(&member.config().paths.catalogus_voorstel, |_| {})?;
    let code = member.code(OFFICER, federation.clock().now())?;
    say(&format!(
        "
The federation runs until you press Ctrl-C. From another terminal, as the analyst:

  export DREMPEL_COORDINATOR={} DREMPEL_CA={} DREMPEL_TOKEN_FILE={}
  cargo run --quiet --bin drempel -- catalogue
  cargo run --quiet --bin drempel -- query --purpose landelijke-monitor \"SELECT gemeente, COUNT(DISTINCT persoon) AS jeugdigen FROM jeugdhulp WHERE periode = '2025H2' GROUP BY gemeente\"

As the privacy officer of {node}: what was asked, what left, and is the log whole?

  cargo run --quiet --bin drempel-node -- --config {root}/nodes/{node}/node.toml audit verify
  cargo run --quiet --bin drempel-node -- --config {root}/nodes/{node}/node.toml audit show

And at the coordinator: how far does each log go, who has cosigned it, and is each what it was?

  cargo run --quiet --bin drempel-coordinator -- --config {root}/coordinator/coordinator.toml heads

What is hidden in its releases, and why (for the officer only)?

  cargo run --quiet --bin drempel-node -- --config {root}/nodes/{node}/node.toml release show 2025H2

What the import of {node} kept and rejected is in {root}/nodes/{node}/import.txt

The pages of its privacy officer, in a browser (which will warn of the throw-away certificate):

  {pages}
  name officer, password {password}, code {code}

A code is good once, for half a minute: press Enter for another. A next catalogue is proposed to this gemeente: its officer
sees what that changes, and decides.",
        federation.url(),
        federation.layout().analyst_roots().display(),
        federation.layout().analyst_token().display(),
    ))?;
    let accounts = member.config().paginas.as_ref().context("the node has no pages")?.accounts.clone();
    let clock = Arc::clone(federation.clock());
    thread::spawn(move || stdin().lines().map_while(Result::ok).try_for_each(|_| say_code(&accounts, &*clock)));
    Ok(tokio::signal::ctrl_c().await?)
}

fn say_code(accounts: &Path, clock: &dyn Clock) -> anyhow::Result<()> {
    let accounts = Accounts::read(accounts)?;
    let code = accounts.find(OFFICER).and_then(|account| account.code(clock.now())).context("there is no officer")?;
    Ok(say(&format!("  code {code}"))?)
}

fn say(text: &str) -> std::io::Result<()> {
    writeln!(stderr(), "{text}")
}
