//! Which ids were used lately, so that an honest retry gets the same bytes and nothing else can use the id again.
//! Rebuilt from the log at every start: a restart forgets nothing.

use std::collections::BTreeMap;

use drempel_protocols::{
    answer::LogHead,
    id::{Digest, QuestionId},
};
use jiff::Timestamp;

use super::record::{Entry, Event, Outcome};

/// What is known of an id that a question came with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Earlier {
    /// It was not used, or what used it came to nothing and may be tried again.
    New,
    /// The same question is running.
    Running,
    /// The same question was answered, and this is the answer and where it was logged.
    Answered(String, LogHead),
    /// It was used for another question.
    Other,
}

#[derive(Debug)]
struct Used {
    content: Digest,
    expires: Timestamp,
    state: State,
}

#[derive(Debug)]
enum State {
    Running(u64),
    Answered(String, LogHead),
    Nothing,
}

/// The ids whose questions have not yet expired.
#[derive(Debug, Default)]
pub(super) struct Replays {
    used: BTreeMap<QuestionId, Used>,
}

impl Replays {
    /// Takes note of a record.
    pub(super) fn note(&mut self, entry: &Entry, head: LogHead) {
        match &entry.event {
            Event::Intent(intent) => {
                let state = State::Running(entry.sequence);
                let used = Used { content: intent.content, expires: intent.expires, state };
                self.used.insert(intent.question, used);
            }
            Event::Outcome { question, outcome, .. } => {
                if let Some(used) = self.used.get_mut(question) {
                    used.state = match outcome {
                        Outcome::Answered { answer } => State::Answered(answer.clone(), head),
                        Outcome::Failed { .. } | Outcome::Cancelled => State::Nothing,
                    };
                }
            }
            Event::Opened { .. } | Event::Snapshot { .. } | Event::Refused { .. } => {}
        }
        self.used.retain(|_, used| used.expires >= entry.time);
    }

    /// What is known of an id, for a question with this content.
    pub(super) fn earlier(&self, question: QuestionId, content: Digest) -> Earlier {
        match self.used.get(&question) {
            None => Earlier::New,
            Some(used) if used.content != content => Earlier::Other,
            Some(Used { state: State::Nothing, .. }) => Earlier::New,
            Some(Used { state: State::Running(_), .. }) => Earlier::Running,
            Some(Used { state: State::Answered(answer, head), .. }) => Earlier::Answered(answer.clone(), *head),
        }
    }

    /// The intents that have no outcome, with their question.
    pub(super) fn unfinished(&self) -> Vec<(u64, QuestionId)> {
        self.used
            .iter()
            .filter_map(|(question, used)| match used.state {
                State::Running(intent) => Some((intent, *question)),
                _ => None,
            })
            .collect()
    }
}
