//! Which ids were used lately, so that an honest retry gets the same bytes and nothing else can use the id again.
//! Rebuilt from the log at every start: a restart forgets nothing. An id is forgotten once no question that bears it
//! can be fresh, however short the life was of the one that used it.

use std::collections::BTreeMap;

use drempel_protocols::{
    answer::LogHead,
    id::{Digest, QuestionId},
    message::LIFE,
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
    state: State,
}

#[derive(Debug)]
enum State {
    Running(u64),
    Answered(String, LogHead),
    Nothing,
}

/// The ids that a question may still bear.
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
                self.used.insert(intent.question, Used { content: intent.content, state });
            }
            Event::Outcome { question, outcome, .. } => {
                if let Some(used) = self.used.get_mut(question) {
                    used.state = match outcome {
                        Outcome::Answered { answer } => State::Answered(answer.clone(), head),
                        Outcome::Failed { .. } | Outcome::Cancelled => State::Nothing,
                    };
                }
            }
            // Refusals are logged under any clock, also one that is far ahead: they must not make an id forgotten.
            Event::Opened { .. } | Event::Release { .. } | Event::Withdrawn { .. } | Event::Refused { .. } => return,
        }
        // What still runs is kept until it has an outcome, so that a start after a crash finds it.
        self.used.retain(|question, used| matches!(used.state, State::Running(_)) || last_use(*question) >= entry.time);
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

/// Until when a question with this id can be fresh: it is issued within [`LIFE`] of the time in the id, and expires
/// within [`LIFE`] of that.
fn last_use(question: QuestionId) -> Timestamp {
    let made = question.time().unwrap_or(Timestamp::MAX);
    made.saturating_add(LIFE).and_then(|issued| issued.saturating_add(LIFE)).unwrap_or(Timestamp::MAX)
}
