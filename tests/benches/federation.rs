//! How long an analyst waits for an answer of twelve gemeenten, from request to the last byte, beside a bare fan-out:
//! one client that asks twelve servers at once over the same mutual TLS, each of which sends the bytes of an answer
//! that it has at hand.
//!
//! Here all nodes share one machine and one disk, that of the system's folder for temporary files (`TMPDIR`). The logs
//! alone say how much of the wait is that disk.

#[path = "support/asker.rs"]
mod asker;
#[path = "support/bare.rs"]
mod bare;
#[path = "support/log.rs"]
mod log;
#[path = "support/report.rs"]
mod report;
#[path = "support/sample.rs"]
mod sample;

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, ensure};
use drempel_coordinator::{AnswerDocument, jobs::Request};
use drempel_protocols::{answer::LoggedAnswer, question::Question, transport::Credentials};
use drempel_tests::{federation::Federation, participants, synthetic::Size};
use reqwest::{Client, StatusCode};
use tokio::task::JoinSet;

use self::{
    asker::Asker,
    log::LogAlone,
    report::Settings,
    sample::{Sample, rounds, timed},
};

const GEMEENTEN: usize = 12;
const PERSONS: usize = 100;
const QUESTION: &str = "SELECT jeugdregio, groep, COUNT(DISTINCT persoon) AS jeugdigen, COUNT(*) AS trajecten \
                        FROM jeugdhulp WHERE periode = '2025H2' GROUP BY jeugdregio, groep";

fn main() -> anyhow::Result<()> {
    let settings = Settings::from_arguments()?;
    report::title(
        settings,
        "Answer of a federation",
        "An analyst's question to twelve gemeenten, one after another, in milliseconds; all of it in one process on \
         loopback. Baseline: twelve bare HTTPS servers asked at once. In parts: the twelve logs alone (48 syncs on one \
         disk).",
    )?;
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(measure(settings))
}

async fn measure(settings: Settings) -> anyhow::Result<()> {
    let catalogue = drempel_tests::federation::registered_catalogue()?;
    let mut gemeenten = participants::choose(&catalogue, GEMEENTEN)?;
    for participant in &mut gemeenten {
        participant.size = Size::Persons(PERSONS);
    }
    let federation = Federation::builder().participants(gemeenten).start().await?;
    let analyst = Analyst::new(&federation)?;
    let (fan_out, logs) = baselines(&federation, &asker::question(QUESTION, &catalogue)?).await?;

    let [answered, fanned, logged] = rounds(settings, settings.or_quick(100, 3), async || {
        Ok([timed(analyst.ask()).await?, timed(fan_out.ask()).await?, timed(logs.write()).await?])
    })
    .await?;
    let line = |what: &str, sample: &Sample, baseline: Option<&Sample>| {
        let mut cells = vec![what.to_owned()];
        cells.extend(sample.cells(baseline));
        cells
    };
    report::table(
        &["12 gemeenten", "least", "p50", "p95", "ratio"],
        1,
        &[
            line("answer to the analyst", &answered, Some(&fanned)),
            line("bare fan-out", &fanned, None),
            line("logs alone", &logged, Some(&fanned)),
        ],
    )?;
    federation.stop().await;
    Ok(())
}

/// The analyst's connection to the coordinator.
struct Analyst {
    client: Client,
    url: String,
    token: String,
    request: Request,
}

impl Analyst {
    fn new(federation: &Federation) -> anyhow::Result<Self> {
        let mut tls = Credentials::anonymous_client(&federation.layout().analyst_roots())?;
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .https_only(true)
            .no_proxy()
            .timeout(Duration::from_secs(60))
            .build()?;
        Ok(Self {
            client,
            url: format!("{}/v1/bevragingen", federation.url()),
            token: fs::read_to_string(federation.layout().analyst_token())?,
            request: Request { vraag: QUESTION.to_owned(), doel: Federation::purpose()?, gedeeltelijk: false },
        })
    }

    async fn ask(&self) -> anyhow::Result<()> {
        let request = self.client.post(&self.url).bearer_auth(&self.token).header("prefer", "wait").json(&self.request);
        let response = request.send().await?;
        // An answer that is not of all gemeenten, or not there yet, has another status.
        ensure!(response.status() == StatusCode::OK, "{}", response.status());
        let document: AnswerDocument = serde_json::from_slice(&response.bytes().await?)?;
        ensure!(!document.rows.is_empty(), "the answer is empty");
        Ok(())
    }
}

/// Twelve bare servers, and who asks them.
struct FanOut {
    asker: Arc<Asker>,
    servers: Vec<(String, Vec<u8>)>,
}

impl FanOut {
    async fn ask(&self) -> anyhow::Result<()> {
        let mut under_way = JoinSet::new();
        for (url, signed) in self.servers.clone() {
            let asker = Arc::clone(&self.asker);
            under_way.spawn(async move { asker.send(&url, signed).await });
        }
        while let Some(sent) = under_way.join_next().await {
            let (status, body) = sent??;
            ensure!(status == StatusCode::OK && !body.is_empty(), "{status}");
        }
        Ok(())
    }
}

/// Twelve logs, and what is written in each.
struct Logs {
    question: Question,
    logs: Vec<(Arc<LogAlone>, String)>,
    _folder: tempfile::TempDir,
}

impl Logs {
    async fn write(&self) -> anyhow::Result<()> {
        let mut under_way = JoinSet::new();
        for (log, answer) in self.logs.clone() {
            let question = self.question.clone();
            under_way.spawn(async move { log.question_and_answer(&question, &answer).await });
        }
        while let Some(written) = under_way.join_next().await {
            written??;
        }
        Ok(())
    }
}

/// Asks every node once, for the bytes that its bare counterpart sends and its log alone writes.
async fn baselines(federation: &Federation, question: &Question) -> anyhow::Result<(FanOut, Logs)> {
    let asker = Arc::new(Asker::new(federation.layout())?);
    let folder = tempfile::tempdir()?;
    let (mut servers, mut logs) = (Vec::new(), Vec::new());
    for (code, member) in federation.members() {
        let signed = asker.sign(question, federation.catalogue(), &member.config().oin)?;
        let (status, body) = asker.send(&member.url(), signed.clone()).await?;
        ensure!(status == StatusCode::OK, "{code}: {status}");
        let answer = serde_json::from_slice::<LoggedAnswer>(&body).context("an answer")?.answer;
        let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let address = bare::start(member.config().tls.clone(), loopback, body).await?;
        servers.push((format!("https://{address}"), signed));
        logs.push((Arc::new(LogAlone::begin(&folder.path().join(code.to_string()), *code)?), answer));
    }
    Ok((FanOut { asker, servers }, Logs { question: question.clone(), logs, _folder: folder }))
}
