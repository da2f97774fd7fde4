//! The coordinator's server: `serve`, `check` and `print-config`, `new-token` for an analyst without certificate, and what it
//! knows of logs: `heads`, `settle` and `witness-key`.

use std::{
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
};

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use data_encoding::BASE64;
use drempel_coordinator::{
    app,
    auth::{TokenHash, new_token},
    config::{Config, EXAMPLE},
    heads,
    jobs::Store,
    witness::read_key,
};
use drempel_protocols::{
    clock::{Clock as _, SystemClock},
    id::Gemeentecode,
};
use ring::signature::KeyPair as _;
use tracing_subscriber::EnvFilter;

/// The national side of a Drempel federation.
#[derive(Parser)]
#[command(version, about)]
struct Options {
    /// The configuration file.
    #[arg(long, env = "DREMPEL_CONFIG", default_value = "/etc/drempel/coordinator.toml")]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run until stopped.
    Serve,
    /// Report every problem in the configuration, catalogue and keys; then the effective values.
    Check,
    /// Print a commented configuration to start from.
    PrintConfig,
    /// Print the tables that analysts proposed, as entries for a catalogue.
    Proposals,
    /// Print how far each gemeente's log went with its last answer, for `drempel-node audit verify --head`, who has cosigned
    /// it, and which log is not what it was.
    Heads {
        /// Also writes what shows each dispute to anybody, both checkpoints, to files in this folder.
        #[arg(long, value_name = "FOLDER")]
        evidence: Option<PathBuf>,
    },
    /// Say that a dispute about the log of a gemeente stands no more, or that its log has another key now, once you have heard
    /// from its privacy officer what happened. What was disputed is kept, with the reason.
    Settle {
        /// The gemeente, as GM0014. Its `logsleutel` in the configuration is the key of its log from now on.
        gemeente: Gemeentecode,
        /// What happened.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Print the public key with which this coordinator cosigns logs, for `[[getuige]]` of the nodes.
    WitnessKey,
    /// Make a token for an analyst, and the hash of it for the configuration.
    NewToken,
}

fn main() -> ExitCode {
    match run(Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        // The reader of a pipe has seen enough.
        Err(error) if error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe) => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            writeln!(io::stderr(), "drempel-coordinator: {error:#}").unwrap_or_default();
            ExitCode::FAILURE
        }
    }
}

fn run(options: Options) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match options.command {
        Command::PrintConfig => out.write_all(EXAMPLE.as_bytes())?,
        Command::NewToken => {
            let token = new_token().map_err(|_| anyhow::anyhow!("the system gives no random bits"))?;
            writeln!(out, "token        = {token}\ntoken_sha256 = {}", TokenHash::of(&token))?;
        }
        Command::Check => {
            let config = Config::read(&options.config)?;
            let problems = app::problems(&config);
            anyhow::ensure!(problems.is_empty(), "this does not start:\n{}", problems.join("\n"));
            let (catalogue, _) = config.open()?;
            let key = app::signing_key(&config)?;
            writeln!(out, "# The configuration can be used. Effective values:\n{}", toml::to_string_pretty(&config)?)?;
            writeln!(out, "# Catalogue {}, digest {}", catalogue.version(), catalogue.digest())?;
            writeln!(out, "# Public key for the nodes: {}", BASE64.encode(key.public_key().as_ref()))?;
            if let Ok(witness) = read_key(&config) {
                writeln!(out, "# Their [[getuige]]: {}", witness.public())?;
            }
        }
        Command::Proposals => {
            for voorstel in Store::proposed(&Config::read(&options.config)?.store)? {
                writeln!(out, "{}", voorstel.toml())?;
            }
        }
        Command::Heads { evidence } => {
            let config = Config::read(&options.config)?;
            heads::print(&config, &mut out)?;
            if let Some(folder) = evidence {
                heads::evidence(&config, &folder, &mut out)?;
            }
        }
        Command::Settle { gemeente, reason } => {
            let config = Config::read(&options.config)?;
            heads::settle(&config, (gemeente, &reason), SystemClock.now(), &mut out)?;
        }
        Command::WitnessKey => {
            let key = read_key(&Config::read(&options.config)?)
                .context("the key is made when the coordinator starts first")?;
            writeln!(out, "{}", key.public())?;
        }
        Command::Serve => {
            let filter = EnvFilter::try_from_env("DREMPEL_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
            tracing_subscriber::fmt().json().with_env_filter(filter).init();
            tokio::runtime::Runtime::new()?.block_on(serve(Config::read(&options.config)?))?;
        }
    }
    Ok(())
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let running = app::start(config, Arc::new(SystemClock)).await.context("the coordinator does not start")?;
    tracing::info!(address = %running.local_addr(), "listening");
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    tracing::info!("stopping");
    running.shutdown().await;
    Ok(())
}
