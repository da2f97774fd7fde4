//! How much memory a node holds when it has nothing to do: a process of its own, that serves as `drempel-node serve`
//! does, after one question. Beside it a process of the same program with only the runtime and the TLS listener, and
//! what the coded table must take in theory.

#[path = "support/asker.rs"]
mod asker;
#[path = "support/bare.rs"]
mod bare;
#[path = "support/report.rs"]
mod report;
#[path = "support/rows.rs"]
mod rows;

use std::{
    fs,
    io::Read as _,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use clap::Parser as _;
use drempel_node::{cli::Cli, config::Config};
use drempel_protocols::{catalogue::Catalogue, id::Gemeentecode, question::Question};
use drempel_tests::{
    federation::{Federation, Layout},
    participants::Participant,
    synthetic::Size,
};
use reqwest::StatusCode;
use tokio::net::TcpStream;

use self::{asker::Asker, report::Settings};

/// The arguments with which this program is started again as what it measures.
const NODE: &str = "--as-node";
const BARE: &str = "--as-bare-listener";
/// For a process to take up its snapshot and answer.
const PATIENCE: Duration = Duration::from_secs(120);
const QUESTION: &str = "SELECT periode, hoofdgroep, levensfase, COUNT(DISTINCT persoon) AS jeugdigen FROM jeugdhulp \
                        GROUP BY periode, hoofdgroep, levensfase";

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [_, NODE, config] => {
            end_with_parent();
            Cli::try_parse_from(["drempel-node", "--config", config, "serve"])?.run(&mut std::io::sink())
        }
        [_, BARE, config] => {
            end_with_parent();
            listen(Path::new(config))
        }
        _ => {
            let settings = Settings::from_arguments()?;
            report::title(
                settings,
                "Memory of an idle node",
                "Resident memory of a process in MiB: once it has started, and idle after one question. Of the \
                 latter, `own` is what it does not share with the file of the program. `most` is the most it ever held. Baseline: a process \
                 with only the runtime and the TLS listener. The coded table is what the rows take in theory.",
            )?;
            tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(measure(settings))
        }
    }
}

/// A process whose parent is gone must not stay behind.
fn end_with_parent() {
    thread::spawn(|| {
        let ended = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(i32::from(ended.is_err()));
    });
}

/// Only the runtime of a node and its listener.
fn listen(config: &Path) -> anyhow::Result<()> {
    let config = Config::read(config)?;
    let serving = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    serving.block_on(async {
        bare::start(config.tls, config.listen, b"{}".to_vec()).await?;
        std::future::pending::<anyhow::Result<()>>().await
    })
}

async fn measure(settings: Settings) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let layout = Layout::new(folder.path().to_owned());
    let catalogue = drempel_tests::federation::registered_catalogue()?;
    let [small, large] = settings.or_quick([50_000, 1_000_000], [5_000, 50_000]);
    let empty: Gemeentecode = "GM0014".parse()?;
    let sizes = [(empty, 0), ("GM0034".parse()?, small), ("GM0037".parse()?, large)];
    set_up(&layout, &catalogue, &sizes).await?;

    let question = asker::question(QUESTION, &catalogue)?;
    let subject = Subject { layout, catalogue, question, times: settings.or_quick(3, 1) };
    let baseline = subject.resident(BARE, empty, StatusCode::OK).await?;
    let mut lines = vec![baseline.line("runtime and TLS listener", baseline, None)];
    for (code, rows) in sizes {
        let expected = if rows == 0 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
        let held = subject.resident(NODE, code, expected).await?;
        let name = if rows == 0 { "node without a snapshot".to_owned() } else { format!("node with {rows} rows") };
        lines.push(held.line(&name, baseline, Some(rows.saturating_mul(row_bytes(&subject.catalogue)?))));
    }
    report::table(&["process", "started", "idle", "own", "most", "ratio", "coded table"], 1, &lines)?;
    Ok(())
}

/// One folder for each node, with its snapshot or without one.
async fn set_up(layout: &Layout, catalogue: &Catalogue, sizes: &[(Gemeentecode, usize)]) -> anyhow::Result<()> {
    let periods: Vec<_> = catalogue.periods().collect();
    for (code, rows) in sizes.iter().filter(|(_, rows)| *rows > 0) {
        let rows = rows::generate(*rows, &periods)?;
        rows::write(&layout.node(*code).join("snapshots"), *code, &periods, rows)?;
    }
    let participants = sizes.iter().map(|(code, _)| Participant { code: *code, size: Size::Persons(60) }).collect();
    // Started once, so that every configuration names the address that its node had.
    let federation = Federation::builder().folder(layout.root().to_owned()).participants(participants).start().await?;
    federation.stop().await;
    for (code, _) in sizes.iter().filter(|(_, rows)| *rows == 0) {
        fs::remove_dir_all(layout.node(*code).join("snapshots"))?;
    }
    Ok(())
}

/// Bytes of a row: the period and every dimension in one byte each, the person in four.
fn row_bytes(catalogue: &Catalogue) -> anyhow::Result<usize> {
    let view = catalogue.view("jeugdhulp").context("no view")?;
    Ok(view.dimensions().count().saturating_add(1 + 4))
}

/// What is started and asked, and how many times.
struct Subject {
    layout: Layout,
    catalogue: Catalogue,
    question: Question,
    times: usize,
}

impl Subject {
    /// Starts a process, asks it one question, and reads its memory before and after: the median of some times.
    async fn resident(&self, kind: &str, code: Gemeentecode, expected: StatusCode) -> anyhow::Result<Held> {
        let config = Config::read(&self.layout.node_config(code))?;
        let mut found = Vec::new();
        for _ in 0..self.times {
            let process = Process::start(kind, &self.layout.node_config(code))?;
            listening(config.listen).await?;
            let started = process.settled().await?;
            let asker = Asker::new(&self.layout)?;
            let signed = asker.sign(&self.question, &self.catalogue, &config.oin)?;
            let (status, _) = asker.send(&format!("https://{}", config.listen), signed).await?;
            ensure!(status == expected, "{code}: {status}");
            found.push(Held { started, idle: process.settled().await? });
        }
        found.sort_unstable_by_key(|held| held.idle.resident);
        found.get(found.len() / 2).copied().context("nothing was measured")
    }
}

/// Waits until a process listens, which it does once it has taken up its snapshot.
async fn listening(address: SocketAddr) -> anyhow::Result<()> {
    let began = Instant::now();
    while let Err(error) = TcpStream::connect(address).await {
        ensure!(began.elapsed() < PATIENCE, "nothing listens: {error}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// A process that ends when this value does.
struct Process(Child);

impl Process {
    fn start(kind: &str, config: &Path) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(kind).arg(config).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(Self(command.spawn()?))
    }

    /// The memory once it has stayed as it is for a second.
    async fn settled(&self) -> anyhow::Result<Memory> {
        let status = PathBuf::from(format!("/proc/{}/status", self.0.id()));
        let (started, mut last) = (Instant::now(), Memory::read(&status)?);
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let now = Memory::read(&status)?;
            if now.resident == last.resident || started.elapsed() > PATIENCE {
                return Ok(now);
            }
            last = now;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended by itself needs no ending.
        self.0.kill().unwrap_or_default();
        let _ended = self.0.wait().is_ok();
    }
}

/// Memory of a process, in KiB.
#[derive(Clone, Copy)]
struct Memory {
    resident: u64,
    anonymous: u64,
    most: u64,
}

impl Memory {
    fn read(status: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(status).context("the process has ended")?;
        let field = |name: &str| -> anyhow::Result<u64> {
            let line = text.lines().find_map(|line| line.strip_prefix(name)).with_context(|| format!("no {name}"))?;
            Ok(line.trim_start_matches(':').trim().trim_end_matches(" kB").parse()?)
        };
        Ok(Self { resident: field("VmRSS")?, anonymous: field("RssAnon")?, most: field("VmHWM")? })
    }
}

/// The memory of a process once it had started, and once it had answered.
#[derive(Clone, Copy)]
struct Held {
    started: Memory,
    idle: Memory,
}

impl Held {
    fn line(self, name: &str, baseline: Self, table: Option<usize>) -> Vec<String> {
        let mebibytes = |kibibytes: u64| format!("{:.1}", kibibytes as f64 / 1024.0);
        vec![
            name.to_owned(),
            mebibytes(self.started.resident),
            mebibytes(self.idle.resident),
            mebibytes(self.idle.anonymous),
            mebibytes(self.idle.most),
            format!("{:.1}", self.idle.resident as f64 / baseline.idle.resident as f64),
            table.map_or_else(|| "-".to_owned(), |bytes| format!("{:.1}", bytes as f64 / (1024.0 * 1024.0))),
        ]
    }
}
