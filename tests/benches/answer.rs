//! How long a node takes to answer, from the first byte of a signed question to the last byte of the answer, beside
//! the same DataFusion plan over the same rows with nothing around it.
//!
//! Two more baselines say where the difference goes: the log alone, and the same bytes over a bare HTTPS server. Logs
//! are in the system's folder for temporary files (`TMPDIR`), so that must be on the disk one wants to know about.

#[path = "support/asker.rs"]
mod asker;
#[path = "support/bare.rs"]
mod bare;
#[path = "support/log.rs"]
mod log;
#[path = "support/plan.rs"]
mod plan;
#[path = "support/report.rs"]
mod report;
#[path = "support/rows.rs"]
mod rows;
#[path = "support/sample.rs"]
mod sample;

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context as _, ensure};
use drempel_protocols::{
    answer::{Answer, LoggedAnswer},
    catalogue::{Catalogue, Measure},
    cell::Cell,
    grid::Grid,
    id::Gemeentecode,
    question::Question,
};
use drempel_tests::{
    federation::{Federation, Layout},
    participants::Participant,
    synthetic::Size,
};
use reqwest::StatusCode;

use self::{
    asker::Asker,
    log::LogAlone,
    plan::{Groups, PlanAlone},
    report::Settings,
    sample::{Sample, rounds, timed},
};

/// The questions: a crossed table and a detailed list, each over every half-year, so that every row is counted.
const QUESTIONS: [(&str, &[&str]); 2] =
    [("hoofdgroep x levensfase", &["hoofdgroep", "levensfase"]), ("categorie", &["categorie"])];

fn main() -> anyhow::Result<()> {
    let settings = Settings::from_arguments()?;
    report::title(
        settings,
        "Answer of a node",
        "One question after another over a kept HTTPS connection, in milliseconds. Baseline: the same DataFusion plan, \
         planned and counted, without a node around it. In parts: the log alone (four syncs), and a bare HTTPS server \
         that sends the same bytes.",
    )?;
    let counting = tokio::runtime::Builder::new_multi_thread().thread_name("count").enable_time().build()?;
    let serving = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    serving.block_on(async {
        let mut lines = Vec::new();
        for size in settings.or_quick([50_000, 1_000_000], [5_000, 50_000]) {
            lines.extend(measure(settings, size, &counting).await?);
        }
        report::table(&["rows, question", "what", "least", "median", "p95", "ratio"], 2, &lines)?;
        anyhow::Ok(())
    })
}

/// Measures every question at a node with so many rows.
async fn measure(
    settings: Settings,
    size: usize,
    counting: &tokio::runtime::Runtime,
) -> anyhow::Result<Vec<Vec<String>>> {
    let folder = tempfile::tempdir()?;
    let layout = Layout::new(folder.path().join("federation"));
    let gemeente: Gemeentecode = "GM0014".parse()?;
    let catalogue = drempel_tests::federation::registered_catalogue()?;
    let periods: Vec<_> = catalogue.periods().collect();
    let rows = rows::generate(size, &periods)?;
    let view = catalogue.view("jeugdhulp").context("no view")?;
    let alone = PlanAlone::new(&rows, view, &periods, counting.handle().clone())?;
    // A federation whose node finds a snapshot uses it in place of importing.
    rows::write(&layout.node(gemeente).join("snapshots"), gemeente, &periods, rows)?;
    let federation = Federation::builder()
        .folder(layout.root().to_owned())
        .participants(vec![Participant { code: gemeente, size: Size::Persons(60) }])
        .start()
        .await?;
    let log = LogAlone::begin(&folder.path().join("log"), gemeente)?;
    let asker = Asker::new(federation.layout())?;
    let node = federation.member(gemeente)?;
    let (url, oin) = (node.url(), &node.config().oin);

    let mut lines = Vec::new();
    for (name, dimensions) in QUESTIONS {
        let question = asker::question(&text(dimensions), &catalogue)?;
        let sign = || asker.sign(&question, &catalogue, oin);
        let (status, body) = asker.send(&url, sign()?).await?;
        ensure!(status == StatusCode::OK, "{status}");
        let counted = plan::groups(&alone.count(dimensions).await?)?;
        let answer = serde_json::from_slice::<LoggedAnswer>(&body)?.answer;
        same(&answer, &counted, &question, &catalogue)?;
        let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let bare = format!("https://{}", bare::start(node.config().tls.clone(), loopback, body).await?);

        let runs = settings.or_quick(if size > 100_000 { 50 } else { 150 }, 3);
        let [answered, planned, logged, sent] = rounds(settings, runs, async || {
            let (signed, again) = (sign()?, sign()?);
            let answered = timed(async {
                let (status, _) = asker.send(&url, signed).await?;
                ensure!(status == StatusCode::OK, "{status}");
                Ok(())
            });
            let answered = answered.await?;
            let planned = timed(alone.count(dimensions)).await?;
            let logged = timed(log.question_and_answer(&question, &answer)).await?;
            let sent = timed(asker.send(&bare, again)).await?;
            Ok([answered, planned, logged, sent])
        })
        .await?;
        let mut line = |what: &str, sample: &Sample, baseline: Option<&Sample>| {
            let mut cells = vec![format!("{size}, {name}"), what.to_owned()];
            cells.extend(sample.cells(baseline));
            lines.push(cells);
        };
        line("answer of the node", &answered, Some(&planned));
        line("plan alone", &planned, None);
        line("log alone", &logged, Some(&planned));
        line("HTTPS alone", &sent, Some(&planned));
    }
    federation.stop().await;
    Ok(lines)
}

fn text(dimensions: &[&str]) -> String {
    let columns = dimensions.join(", ");
    format!(
        "SELECT periode, {columns}, COUNT(DISTINCT persoon) AS personen, COUNT(*) AS trajecten FROM jeugdhulp \
         GROUP BY periode, {columns}"
    )
}

/// A baseline that counts something else is none: whatever the node shows must be what the plan alone counted.
fn same(answer: &str, counted: &Groups, question: &Question, catalogue: &Catalogue) -> anyhow::Result<()> {
    let answer: Answer = serde_json::from_str(answer)?;
    let grid = Grid::of(question, catalogue).context("no grid")?;
    let cells = |measure| answer.payload.get(&measure).context("a measure is missing");
    let periods: Vec<_> = catalogue.periods().collect();
    let mut shown = 0usize;
    let view = catalogue.view(question.view().as_str()).context("no view")?;
    for ((persons, rows), cell) in cells(Measure::Personen)?.iter().zip(cells(Measure::Aantal)?).zip(grid.coordinates())
    {
        let period = periods.iter().position(|known| *known == cell.period).context("a period is not known")?;
        let places = grid.members(&cell).map(|(column, member)| {
            let domain = view.dimension(column).context("no such column")?.domain();
            domain.index_of(member.as_str()).context("no such member")
        });
        let mut key = vec![u8::try_from(period)?];
        key.extend(places.collect::<anyhow::Result<Vec<u8>>>()?);
        let expected = counted.get(&key).copied().unwrap_or_default();
        if let (Cell::Value(persons), Cell::Value(rows)) = (persons, rows) {
            ensure!((*persons, *rows) == expected, "the node and the plan alone differ");
            shown = shown.saturating_add(1);
        }
    }
    ensure!(shown > 0, "the node shows nothing");
    Ok(())
}
