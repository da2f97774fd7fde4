//! `import`: from a folder of messages, or of views, to a new snapshot, with progress on standard error, a summary on
//! standard output, and the whole report as HTML and JSON. A running node takes up the new snapshot by itself.

mod watch;

use std::{
    fs::{self, File},
    io::Write,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use clap::Args;
use drempel_protocols::{
    catalogue::Definitions,
    clock::{Clock as _, SystemClock},
};
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    app::open_catalogue,
    config::Config,
    ingest::{
        ImportError, ImportReport, ImportRequest, Progress, RecordKey, Vorm, afbeelding::Afbeelding, import_ijw,
        import_views, rebuild,
    },
};

/// What to import, and how.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    source: Source,
    /// With --ijw: goes on importing what is put into the folder, until it is stopped (Ctrl-C).
    #[arg(long, requires = "ijw")]
    watch: bool,
    /// With --watch: how often to look, in seconds. A file is read once it has stayed the same for as long.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    every: u64,
    /// Fails, and changes nothing, if any file or record would be left out.
    #[arg(long)]
    strict: bool,
    /// Where to write the report as JSON, and as HTML beside it. Without it: in [paths] rapporten, by date.
    #[arg(long)]
    report: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Source {
    /// A folder with messages of iJw 3.2, searched with its subfolders. What was imported before may be in it again.
    #[arg(long, value_name = "FOLDER")]
    ijw: Option<PathBuf>,
    /// A folder with views as CSV from the gemeente's own warehouse, such as jeugdhulp.csv; see `schema`.
    #[arg(long, value_name = "FOLDER")]
    csv: Option<PathBuf>,
    /// The same as Parquet, such as jeugdhulp.parquet.
    #[arg(long, value_name = "FOLDER")]
    parquet: Option<PathBuf>,
    /// Nothing: makes the snapshot again of the records that are there, after a change of mapping or half-years.
    #[arg(long)]
    rebuild: bool,
}

/// What every import needs of the configuration.
pub(super) struct Setting {
    key: RecordKey,
    afbeelding: Afbeelding,
    definities: Definitions,
}

impl Setting {
    pub(super) fn of(config: &Config) -> anyhow::Result<Self> {
        let key = config
            .read_record_key()
            .with_context(|| format!("[paths] record_key, {}; `init` makes one", config.paths.record_key.display()))?;
        let afbeelding = config.read_mapping().context("[paths] mapping")?;
        let definities = open_catalogue(config).context("an import counts by the accepted catalogue")?;
        Ok(Self { key, afbeelding, definities: definities.definitions().clone() })
    }

    pub(super) fn request<'r>(&'r self, config: &'r Config) -> ImportRequest<'r> {
        config.import(&self.key, &self.afbeelding, &self.definities, SystemClock.now())
    }
}

pub(super) fn run(config: &Config, arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<()> {
    let setting = Setting::of(config)?;
    if let (Some(folder), true) = (&arguments.source.ijw, arguments.watch) {
        return watch::run(config, &setting, folder, arguments, out);
    }
    let request = ImportRequest { strict: arguments.strict, ..setting.request(config) };
    let imported = with_progress(|progress| match &arguments.source {
        Source { ijw: Some(folder), .. } => import_ijw(&request, folder, progress),
        Source { csv: Some(folder), .. } => import_views(&request, folder, Vorm::Csv, progress),
        Source { parquet: Some(folder), .. } => import_views(&request, folder, Vorm::Parquet, progress),
        Source { .. } => rebuild(&request, progress),
    })?;
    conclude(config, imported, arguments.report.as_deref(), out)
}

/// Prints and keeps the report of an import, whatever became of it.
fn conclude(
    config: &Config,
    imported: Result<ImportReport, ImportError>,
    path: Option<&Path>,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let (report, failed) = match imported {
        Ok(report) => (report, None),
        Err(ImportError::NothingUsable(report)) => {
            (*report, Some("no message could be used; the snapshot that was in use stays"))
        }
        Err(ImportError::Strict(report)) => {
            (*report, Some("something would be left out, and --strict forbids that; nothing was changed"))
        }
        Err(error) => return Err(error.into()),
    };
    write!(out, "{report}")?;
    let json = match path {
        Some(path) => path.to_owned(),
        None => {
            let folder = &config.paths.rapporten;
            let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
            made.with_context(|| format!("cannot make {}", folder.display()))?;
            folder.join(format!("import-{}.json", report.tijdstip.strftime("%Y-%m-%dT%H%M%S%.3fZ")))
        }
    };
    let html = json.with_extension("html");
    if html == json {
        bail!("--report names the JSON; the HTML is written beside it");
    }
    keep(&json, &serde_json::to_vec_pretty(&report)?)?;
    keep(&html, report.html()?.as_bytes())?;
    writeln!(out, "Rapport: {} en {}", html.display(), json.display())?;
    match failed {
        Some(why) => bail!(why),
        None => Ok(()),
    }
}

/// Writes a report for the node's own account.
fn keep(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    let opened = File::options().write(true).create(true).truncate(true).mode(0o600).open(path);
    let written = opened.and_then(|mut file| file.write_all(content));
    written.with_context(|| format!("cannot write the report to {}", path.display()))
}

/// Runs an import with a bar on standard error, which is silent where that is no terminal.
pub(super) fn with_progress<T>(import: impl FnOnce(&mut dyn FnMut(Progress)) -> T) -> anyhow::Result<T> {
    let bar = ProgressBar::new(0);
    let reading = ProgressStyle::with_template("{bar:30} {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left  {msg}")?;
    let deriving = ProgressStyle::with_template("{bar:30} {pos}/{len} facts  {per_sec}  {eta} left  {msg}")?;
    bar.set_style(reading);
    let (mut files, mut read) = (0, 0);
    let done = import(&mut |progress| match progress {
        Progress::Found { files: found, bytes } => {
            files = found;
            bar.set_length(bytes);
        }
        Progress::Read(bytes) => {
            read += 1;
            bar.inc(bytes);
            bar.set_message(format!("file {read} of {files}"));
        }
        Progress::Deriving(facts) => {
            bar.set_style(deriving.clone());
            bar.reset();
            bar.set_length(facts);
            bar.set_message("making the snapshot");
        }
        Progress::Derived(facts) => bar.inc(facts),
    });
    bar.finish_and_clear();
    Ok(done)
}
