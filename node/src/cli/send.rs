//! `audit send`: every question that has ended, to the gemeente's own Logboek Dataverwerkingen, once or as they come. A process
//! of its own, so that the one that answers opens no connection to anywhere.

use std::{io::Write, thread, time::Duration};

use anyhow::{Context as _, bail};
use tokio::runtime;

use crate::{
    app::open_catalogue,
    audit::verwerkingen,
    config::{Config, ConfigError},
    dataverwerking::logregel,
    logboek::{Collector, Stand, due},
};

/// What is said where nothing is configured.
const NOWHERE: &str = "there is no [logboek] in the configuration: where should it go?";

/// What to send.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Go on with what is asked later, until it is stopped.
    #[arg(long)]
    watch: bool,
    /// How many seconds to wait between two looks.
    #[arg(long, default_value_t = 60, value_name = "SECONDS", requires = "watch")]
    every: u64,
}

pub(super) fn run(
    config: impl Fn() -> Result<Config, ConfigError>,
    arguments: &Arguments,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    if !arguments.watch {
        return send(&config()?, out);
    }
    if config()?.logboek.is_none() {
        bail!(NOWHERE);
    }
    writeln!(out, "sending every {} seconds; Ctrl-C ends it", arguments.every)?;
    loop {
        // Read anew, since another catalogue can be in use by now.
        if let Err(error) = config().map_err(anyhow::Error::from).and_then(|config| send(&config, out)) {
            writeln!(out, "{error:#}; trying again in {} seconds", arguments.every)?;
        }
        thread::sleep(Duration::from_secs(arguments.every.max(1)));
    }
}

fn send(config: &Config, out: &mut impl Write) -> anyhow::Result<()> {
    let logboek = config.logboek.as_ref().context(NOWHERE)?;
    let catalogue = open_catalogue(config)?;
    let folder = &config.paths.audit;
    let (questions, log) =
        verwerkingen(folder)?.with_context(|| format!("there is no log yet at {}", folder.display()))?;
    let key = log.key.context("nothing was signed in the log yet")?;
    let mut stand = Stand::open(&config.paths.logboek_stand, &key, &questions)?;
    let collector = Collector::new(logboek)?;
    let connection = runtime::Builder::new_current_thread().enable_all().build()?;
    let (mut sent, after) = (0_usize, stand.through());
    for question in due(&questions, after) {
        let taken = connection.block_on(collector.send(&logregel(question, config, &catalogue)));
        taken
            .with_context(|| format!("{sent} questions were taken, and then not that of record {}", question.record))?;
        stand.advance(question)?;
        sent += 1;
    }
    let through =
        stand.through().map_or_else(|| "nothing".to_owned(), |record| format!("everything up to record {record}"));
    writeln!(out, "{sent} questions were taken by the logboek; it has {through}")?;
    Ok(())
}
