//! `import`: from a folder of messages to a new snapshot, with progress on standard error and a report on standard
//! output. A running node takes up the new snapshot by itself.

use std::{fs, io::Write, path::Path};

use anyhow::Context as _;
use drempel_protocols::clock::{Clock as _, SystemClock};
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    config::Config,
    ingest::{ImportError, ImportRequest, Progress, RecordKey, import_ijw},
};

pub(super) fn run(config: &Config, messages: &Path, report: Option<&Path>, out: &mut impl Write) -> anyhow::Result<()> {
    let key = RecordKey::read(&config.paths.record_key)
        .with_context(|| format!("cannot use the key {}", config.paths.record_key.display()))?;
    let request = ImportRequest {
        gemeente: config.gemeente,
        first: config.perioden.eerste,
        last: config.perioden.laatste,
        messages,
        snapshots: &config.paths.snapshots,
        key: &key,
        now: SystemClock.now(),
    };
    let bar = ProgressBar::new(0)
        .with_style(ProgressStyle::with_template("{bar:30} {pos}/{len} files  {per_sec}  {eta} left  {msg}")?);
    let imported = import_ijw(&request, &mut |progress| match progress {
        Progress::Found(files) => bar.set_length(files as u64),
        Progress::Read => bar.inc(1),
        Progress::Writing => bar.set_message("writing the snapshot"),
    });
    bar.finish_and_clear();
    let made = match imported {
        Ok(made) => made,
        Err(ImportError::NothingUsable(made)) => {
            write!(out, "{made}")?;
            anyhow::bail!("no message could be used; the snapshot that was in use stays");
        }
        Err(error) => return Err(error.into()),
    };
    write!(out, "{made}")?;
    if let Some(path) = report {
        fs::write(path, serde_json::to_vec_pretty(&made)?)
            .with_context(|| format!("cannot write the report to {}", path.display()))?;
    }
    Ok(())
}
