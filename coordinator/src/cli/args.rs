//! What can stand on the command line.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use drempel_protocols::{
    id::PurposeId,
    log::{LogHead, LogKey},
};

/// Ask counts of young people's care of the gemeenten of a Drempel federation.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "drempel",
    version,
    after_help = "Exit codes: 0 answered, 1 refused, 2 usage, 3 incomplete, 4 failed or cancelled."
)]
pub struct Args {
    /// How to reach the coordinator.
    #[command(flatten)]
    pub connection: Connection,
    /// The form of the output.
    #[arg(long, global = true, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Where the coordinator is, and who you are.
#[derive(Clone, Debug, ClapArgs)]
pub struct Connection {
    /// The coordinator's address, https://…
    #[arg(long, global = true, env = "DREMPEL_COORDINATOR", value_name = "URL")]
    pub coordinator: Option<String>,
    /// The authority of the coordinator's certificate, PEM.
    #[arg(long, global = true, env = "DREMPEL_CA", value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Your client certificate, PEM.
    #[arg(long, global = true, env = "DREMPEL_CERT", value_name = "FILE", requires = "key")]
    pub cert: Option<PathBuf>,
    /// The key of your client certificate, PEM.
    #[arg(long, global = true, env = "DREMPEL_KEY", value_name = "FILE", requires = "cert")]
    pub key: Option<PathBuf>,
    /// A file with your token. The variable DREMPEL_TOKEN can hold the token itself instead.
    #[arg(long, global = true, env = "DREMPEL_TOKEN_FILE", value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Your token; from the environment only, as a command line can be seen by others.
    #[arg(skip = std::env::var("DREMPEL_TOKEN").ok())]
    pub token: Option<String>,
}

/// What to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Ask a question and print the answer.
    Query(Query),
    /// Say what a question would ask of whom, without asking it.
    Explain(Question),
    /// Propose a table for a question that no registered table holds, for the federation to weigh.
    Propose(Propose),
    /// List what you proposed.
    Proposals,
    /// List what can be asked, and for which purposes.
    Catalogue,
    /// List the gemeenten that take part.
    Nodes,
    /// Say which cells of your own table to hide. Needs no federation; nothing leaves this machine.
    Protect(Protect),
    /// Check what was released.
    #[command(subcommand)]
    Release(Release),
    /// Check what a node logged.
    #[command(subcommand)]
    Audit(Audit),
}

/// What to do with what a node logged.
#[derive(Clone, Debug, Subcommand)]
pub enum Audit {
    /// Check that records are in the log of a node, and that it begins as it did, from what `drempel-node audit export` wrote
    /// and the key of the log alone. Prints the records, one JSON object a line.
    Verify {
        /// What was exported.
        #[arg(value_name = "BUNDLE.json")]
        bundle: PathBuf,
        /// The key of the log, as `drempel-node audit key` prints it. Take it from the gemeente or the coordinator, and not
        /// from who gives you the bundle.
        #[arg(long, value_name = "NAME+ID+KEY")]
        log_key: LogKey,
        /// How far the log went before, RECORDS:ROOT, as you or the coordinator kept it: the bundle must prove that it still
        /// begins so.
        #[arg(long, value_name = "RECORDS:ROOT")]
        since: Option<LogHead>,
    },
}

/// What to do with a release.
#[derive(Clone, Debug, Subcommand)]
pub enum Release {
    /// Check a certificate from the cells and statuses that it publishes, without the figures behind them.
    Verify {
        /// The certificate.
        #[arg(value_name = "CERTIFICATE.json")]
        certificate: PathBuf,
    },
}

/// A table of one's own.
#[derive(Clone, Debug, ClapArgs)]
#[command(after_help = PROTECT_HELP)]
pub struct Protect {
    /// The specification of the table.
    #[arg(long, value_name = "SPEC.toml")]
    pub spec: PathBuf,
    /// Add why each cell is hidden: for the owner of the figures only.
    #[arg(long)]
    pub reasons: bool,
    /// Add the least and the most that a reader can conclude for each hidden cell.
    #[arg(long)]
    pub intervals: bool,
    /// Write a certificate that others can check with `drempel release verify`.
    #[arg(long, value_name = "FILE")]
    pub certificate: Option<PathBuf>,
    /// The cells or records.
    #[arg(value_name = "CELLS.csv")]
    pub cells: PathBuf,
}

const PROTECT_HELP: &str = r#"CELLS.csv has a column for each dimension and one with the number of persons, and a row for each
combination of members; or a row for each record, and a column that names its person. A column `status`
(value, hidden) with a row for every cell, margins as *, fixes the pattern: then it is audited only.

SPEC.toml, with its defaults:
  persons = "n"          # the column of counts; or person = "id", the column that names the person
  k = 10                 # the least persons of a cell that is shown and not zero (no default)
  zeros = "shown"        # or "hidden": cells without persons are unsafe too
  absent = "zero"        # combinations without a row: nobody is in them; or "structural": nobody can be
  values = 4             # every unsafe cell keeps so many possible values (fewer if k is below 5); 0 = no audit
  remainders = true      # a shown total minus its shown parts is a cell too
  [dimension.region]     # only where there is something to say of it
  members = ["A", "B"]   # their order; without it that of their names
  groupings = [{ A = "north", B = "north" }]   # several groupings are alternatives
  [[cube]]
  dimensions = ["region", "age"]

Out comes every cell of every cube, margins as *. Exit code 4 where cells keep too few values."#;

/// A question.
#[derive(Clone, Debug, ClapArgs)]
pub struct Question {
    /// The question in SQL; `-` reads it from the standard input.
    #[arg(required_unless_present = "file", conflicts_with = "file")]
    pub sql: Option<String>,
    /// A file with the question.
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// What you ask it for: a purpose of the catalogue.
    #[arg(long)]
    pub purpose: PurposeId,
}

/// A table to be registered.
#[derive(Clone, Debug, ClapArgs)]
pub struct Propose {
    /// The question.
    #[command(flatten)]
    pub question: Question,
    /// What the figures are needed for, and why no registered table will do.
    #[arg(long, value_name = "TEXT")]
    pub why: String,
    /// Does it serve its end, at a fair cost? This and the next two are the weighing of the Interbestuurlijke Datastrategie,
    /// which the privacy officer of each gemeente reads.
    #[arg(long, value_name = "TEXT")]
    pub doelmatig: String,
    /// Is it allowed, and no more than is needed?
    #[arg(long, value_name = "TEXT")]
    pub rechtmatig: String,
    /// Is it right, also for those it is about?
    #[arg(long, value_name = "TEXT")]
    pub verantwoord: String,
}

/// A question to be answered.
#[derive(Clone, Debug, ClapArgs)]
pub struct Query {
    /// The question.
    #[command(flatten)]
    pub question: Question,
    /// Also print an answer that not every gemeente is in.
    #[arg(long)]
    pub partial: bool,
    /// How many seconds to wait for the answer before cancelling.
    #[arg(long, default_value_t = 120, value_name = "SECONDS")]
    pub wait: u64,
    /// Write the answer to a file.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// How to show how far the question is, on the error stream.
    #[arg(long, value_enum, default_value_t = ProgressMode::Auto)]
    pub progress: ProgressMode,
    /// The trace that this is part of, in the form of W3C Trace Context; from the environment only, where whoever began the
    /// trace puts it.
    #[arg(skip = std::env::var("TRACEPARENT").ok())]
    pub traceparent: Option<String>,
}

/// The form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Table,
    /// For programs, with coverage.
    Json,
    /// For spreadsheets: the rows; what belongs under them goes to the error stream.
    Csv,
}

/// How to show how far a question is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProgressMode {
    /// A moving line on a terminal, plain lines elsewhere.
    Auto,
    /// Plain lines.
    Lines,
    /// Not.
    Off,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_holds_together() {
        Args::command().debug_assert();
        let args = Args::try_parse_from([
            "drempel",
            "--coordinator",
            "https://c",
            "query",
            "SELECT 1",
            "--purpose",
            "p",
            "--partial",
            "--format",
            "csv",
        ])
        .unwrap();
        assert_eq!(args.format, Format::Csv);
        assert!(matches!(args.command, Command::Query(Query { partial: true, .. })));
        assert!(Args::try_parse_from(["drempel", "query", "--purpose", "p"]).is_err());
        assert!(Args::try_parse_from(["drempel", "nodes", "--cert", "c.pem"]).is_err());
    }
}
