//! A question from the command line: asked, followed until it has ended, printed. Interrupted, it is cancelled.

use std::{
    fs::{self, File},
    future::ready,
    io::{self, Read as _, Write},
    pin::pin,
    time::Duration,
};

use drempel_protocols::trace::{Traceparent, Trail};
use tokio::time::{Instant, sleep};

use super::{
    CliError,
    args::{self, Format},
    client::{Client, ClientError, Reply},
    print,
    progress::Progress,
    table::under,
};
use crate::{
    document::AnswerDocument,
    http::StateDocument,
    jobs::{Request, Status},
};

/// The first and the longest pause between two looks at a question.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(1));

/// How many looks in a row may fail before the question is given up.
const FAILURES: u32 = 5;

pub(super) async fn query(
    client: &Client,
    query: &args::Query,
    format: Format,
    out: &mut (impl Write + Send),
    err: &mut (impl Write + Send),
) -> Result<(), CliError> {
    let request =
        Request { vraag: read(&query.question)?, doel: query.question.purpose.clone(), gedeeltelijk: query.partial };
    let trail = Trail { traceparent: traceparent(query.traceparent.as_deref()), transaction: None };
    let mut progress = Progress::new(query.progress, err);
    let answer = answer(client, (&request, trail), Duration::from_secs(query.wait), &mut progress).await;
    if let Ok(answer) = &answer {
        progress.count(answer.coverage.answered.len(), answer.coverage.asked.len());
    }
    progress.end();
    if let (Err(_), Some(traceparent)) = (&answer, trail.traceparent) {
        // By which the coordinator and each gemeente find in their logs what became of it.
        writeln!(err, "trace {}", traceparent.trace())?;
    }
    let answer = answer?;
    // Rows alone, or nothing at all, on the output: how to read the figures and who is missing must still be seen.
    if format == Format::Csv || query.output.is_some() {
        err.write_all(under(&answer).as_bytes())?;
    }
    match &query.output {
        Some(path) => print(&answer, format, &mut File::create(path)?),
        None => print(&answer, format, out),
    }
}

async fn answer<W: Write>(
    client: &Client,
    (request, trail): (&Request, Trail),
    patience: Duration,
    progress: &mut Progress<'_, W>,
) -> Result<AnswerDocument, CliError> {
    let (mut asking, mut interrupted) = (pin!(client.ask(request, trail)), pin!(tokio::signal::ctrl_c()));
    // Listens for an interruption before the question is sent, so that none leaves it running: where it was sent, the
    // answer to the request is awaited for the id to cancel by. A second interruption gives that up.
    let (asked, early) = tokio::select! {
        biased;
        _ = &mut interrupted => tokio::select! {
            asked = &mut asking => (asked?, true),
            _ = tokio::signal::ctrl_c() => {
                return Err(CliError::Stopped("Interrupted; the question may still run.".to_owned()));
            }
        },
        asked = &mut asking => (asked?, false),
    };
    let (id, state) = match asked {
        (_, Reply::Answer(answer)) => return Ok(*answer),
        (id, Reply::Pending(state)) => (id, state),
    };
    progress.show(&state);
    let stopped = tokio::select! {
        biased;
        () = ready(()), if early => Some("Interrupted".to_owned()),
        ended = until_ended(client, &state, progress) => {
            ended?;
            None
        }
        () = sleep(patience) => Some(format!("No answer within {} seconds", patience.as_secs())),
        _ = &mut interrupted => Some("Interrupted".to_owned()),
    };
    if let Some(why) = stopped {
        client.cancel(id).await?;
        return Err(CliError::Stopped(format!("{why}; the question is cancelled.")));
    }
    match client.result(id).await? {
        Reply::Answer(answer) => Ok(*answer),
        Reply::Pending(_) => Err(CliError::Client(ClientError::Unexpected(202))),
    }
}

/// A step of the trace that the environment says, or of a new one.
fn traceparent(environment: Option<&str>) -> Option<Traceparent> {
    let outer: Option<Traceparent> = environment.and_then(|text| text.trim().parse().ok());
    outer.map_or_else(Traceparent::begin, Traceparent::child)
}

async fn until_ended<W: Write>(
    client: &Client,
    first: &StateDocument,
    progress: &mut Progress<'_, W>,
) -> Result<(), CliError> {
    let (mut pause, mut failures, mut state) = (PAUSES.0, 0, first.clone());
    while state.status == Status::Loopt {
        let next = Instant::now() + pause;
        match client.state(first.id).await {
            Ok(seen) => {
                failures = 0;
                state = seen;
                progress.show(&state);
            }
            Err(ClientError::Unreachable(_)) if failures < FAILURES => failures += 1,
            Err(error) => return Err(error.into()),
        }
        if state.status == Status::Loopt {
            tokio::time::sleep_until(next).await;
            pause = (pause * 3 / 2).min(PAUSES.1);
        }
    }
    Ok(())
}

/// The text of a question: from the command line, the standard input or a file.
pub(super) fn read(question: &args::Question) -> Result<String, CliError> {
    match (question.sql.as_deref(), &question.file) {
        (Some("-"), _) => {
            let mut text = String::new();
            io::stdin().read_to_string(&mut text)?;
            Ok(text)
        }
        (Some(sql), _) => Ok(sql.to_owned()),
        (None, Some(path)) => fs::read_to_string(path)
            .map_err(|error| CliError::Usage(format!("cannot read {}: {error}", path.display()))),
        (None, None) => Err(CliError::Usage("the question is missing; see drempel query --help".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_of_the_environment_goes_on_and_any_other_text_begins_one() {
        let outer = Traceparent::begin().unwrap();
        let inner = traceparent(Some(&format!("{outer}\n"))).unwrap();
        assert!(inner.trace() == outer.trace() && inner.span() != outer.span());
        for text in [None, Some(""), Some("00-0-0-00")] {
            assert!(traceparent(text).is_some_and(|begun| begun.trace() != outer.trace()), "{text:?}");
        }
    }
}
