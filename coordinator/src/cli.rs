//! The analyst's command line, as a library so that the demo and the tests print the same. Figures go to the output,
//! everything else to the error stream, and the exit code says what happened.

pub mod args;
mod audit;
pub mod client;
mod listing;
mod progress;
mod protect;
mod query;
mod refusal;
mod show;
mod table;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use drempel_protocols::{problem::ProblemType, refusal::RefusalCode};

pub use self::{args::Args, audit::UnprovedError, protect::ProtectError, refusal::refusals, table::table};
use self::{
    args::{Audit, Command, Format, Release},
    client::{Client, ClientError},
};
use crate::document::AnswerDocument;

/// What happened, as the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// There is an answer.
    Ok = 0,
    /// The question is refused.
    Refused = 1,
    /// The command line is not right.
    Usage = 2,
    /// Not every gemeente answered, and a partial answer was not asked for.
    Incomplete = 3,
    /// Something failed, or the question was cancelled.
    Failed = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command ends without an answer.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The command line is not right.
    #[error("{0}")]
    Usage(String),
    /// The coordinator said no, or could not be reached.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Reading the question or writing the answer.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Writing the answer as CSV.
    #[error(transparent)]
    Csv(#[from] csv::Error),
    /// Writing the answer as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// A table of one's own is not protected.
    #[error(transparent)]
    Protect(#[from] ProtectError),
    /// A bundle proves nothing.
    #[error(transparent)]
    Unproved(#[from] UnprovedError),
    /// Cancelled, or out of patience: which.
    #[error("{0}")]
    Stopped(String),
}

impl CliError {
    /// The exit code that goes with it.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) => Exit::Usage,
            Self::Client(error) => error.exit(),
            Self::Protect(error) => error.exit(),
            Self::Unproved(error) => error.exit(),
            Self::Io(_) | Self::Csv(_) | Self::Json(_) | Self::Stopped(_) => Exit::Failed,
        }
    }
}

/// Runs a command; what it has to say besides figures goes to `err`.
pub async fn run(args: Args, out: &mut (impl Write + Send), err: &mut (impl Write + Send)) -> Exit {
    let error = match perform(&args, out, err).await {
        Ok(()) => return Exit::Ok,
        // The reader of a pipe has seen enough; that is no failure.
        Err(CliError::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => return Exit::Ok,
        Err(error) => error,
    };
    let said = match &error {
        CliError::Client(ClientError::Problem { document, sql }) => {
            let outside = document.problem.refusals.iter().all(|refusal| refusal.code == RefusalCode::OutsideCubes);
            let could_be = outside && document.problem.kind == ProblemType::Refused;
            let asked = matches!(args.command, Command::Query(_) | Command::Explain(_));
            let hint = if could_be && asked { PROPOSE } else { "" };
            client::explain(document, sql.as_deref()) + hint
        }
        other => format!("{other}\n"),
    };
    // Nobody is left to tell if the error stream is gone; the exit code still says it.
    if err.write_all(said.as_bytes()).is_err() {
        return Exit::Failed;
    }
    error.exit()
}

/// What else to do about a question that no table holds.
const PROPOSE: &str = "\nIf no table will do, propose one for the federation to weigh: drempel propose --help.\n";

async fn perform(args: &Args, out: &mut (impl Write + Send), err: &mut (impl Write + Send)) -> Result<(), CliError> {
    let client = || Client::new(&args.connection);
    match &args.command {
        Command::Query(query) => query::query(&client()?, query, args.format, out, err).await,
        Command::Explain(explain) => show::explain(&client()?, explain, args.format, out).await,
        Command::Propose(propose) => show::propose(&client()?, propose, args.format, out).await,
        Command::Proposals => show::proposals(&client()?, args.format, out).await,
        Command::Catalogue => show::catalogue(&client()?, args.format, out).await,
        Command::Nodes => show::nodes(&client()?, args.format, out).await,
        Command::Release(Release::Verify { certificate }) => protect::verify(certificate, out),
        Command::Audit(Audit::Verify { bundle, log_key, since }) => {
            Ok(audit::verify(bundle, log_key, *since, out, err)?)
        }
        Command::Protect(protect) => protect::run(protect, args.format, out, err),
    }
}

/// Writes an answer in a format.
///
/// # Errors
/// [`CliError`] if it cannot be written.
pub fn print(answer: &AnswerDocument, format: Format, out: &mut impl Write) -> Result<(), CliError> {
    match format {
        Format::Table => out.write_all(table(answer).as_bytes())?,
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, answer)?;
            out.write_all(b"\n")?;
        }
        Format::Csv => out.write_all(&crate::encode::csv(answer)?)?,
    }
    out.flush()?;
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests;
