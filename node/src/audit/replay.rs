//! Which ids were used lately, so that an honest retry gets the same bytes and nothing else can use the id again.
//! Rebuilt at every start, from the log or from its standing: a restart forgets nothing. An id is forgotten once no question
//! that bears it can be fresh, however short the life was of the one that used it.

use std::{collections::BTreeMap, fmt::Write as _};

use drempel_protocols::{
    answer::LoggedAnswer,
    id::{Digest, QuestionId},
    message::LIFE,
};
use jiff::Timestamp;

use super::{
    record::Event,
    verify::{Beside, Logged},
};

/// What is known of an id that a question came with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Earlier {
    /// The same question is running.
    Running,
    /// The same question was answered, and this is what left.
    Answered(Box<LoggedAnswer>),
    /// It was used for another question.
    Other,
    /// The same question was answered, and is not any more.
    Overtaken,
}

#[derive(Debug, PartialEq, Eq)]
struct Used {
    content: Digest,
    state: State,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    Running(u64),
    Answered(Answered),
    Nothing,
}

/// An answer, and the record of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answered {
    pub(super) sequence: u64,
    pub(super) answer: String,
    pub(super) salt: String,
    pub(super) record: String,
}

/// What is known of an id that is not new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Known {
    Running,
    Answered(Answered),
    Other,
}

/// The ids that a question may still bear.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Replays {
    used: BTreeMap<QuestionId, Used>,
}

impl Replays {
    /// Takes note of a record.
    pub(super) fn note(&mut self, Logged { entry, json, answer, .. }: Logged<'_>) {
        match &entry.event {
            Event::Intent(intent) => {
                let state = State::Running(entry.sequence);
                self.used.insert(intent.question, Used { content: intent.content, state });
            }
            Event::Outcome { question, .. } => {
                if let Some(used) = self.used.get_mut(question) {
                    let (sequence, record) = (entry.sequence, json.to_owned());
                    let answered = |Beside { salt, text }: Beside<'_>| {
                        let (answer, salt) = (text.to_owned(), salt.to_owned());
                        State::Answered(Answered { sequence, answer, salt, record })
                    };
                    used.state = answer.map_or(State::Nothing, answered);
                }
            }
            // Refusals are logged under any clock, also one that is far ahead: they must not make an id forgotten.
            _ => return,
        }
        // What still runs is kept until it has an outcome, so that a start after a crash finds it. Ids are in the order of
        // the times in them.
        let old = self.used.iter().take_while(|(question, _)| last_use(**question) < entry.time);
        let old = old.filter(|(_, used)| !matches!(used.state, State::Running(_)));
        for question in old.map(|(question, _)| *question).collect::<Vec<_>>() {
            self.used.remove(&question);
        }
    }

    /// Keeps no answer of these records any more.
    pub(super) fn remove_answers(&mut self, through: u64) {
        for used in self.used.values_mut() {
            if matches!(&used.state, State::Answered(answered) if answered.sequence <= through) {
                used.state = State::Nothing;
            }
        }
    }

    /// What is known of an id, for a question with this content; nothing if it is new, or what used it came to nothing.
    pub(super) fn earlier(&self, question: QuestionId, content: Digest) -> Option<Known> {
        let used = self.used.get(&question)?;
        if used.content != content {
            return Some(Known::Other);
        }
        match &used.state {
            State::Nothing => None,
            State::Running(_) => Some(Known::Running),
            State::Answered(answered) => Some(Known::Answered(answered.clone())),
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

/// How they stand in a standing: a line for each, and two more for an answer, its record and its text.
impl Replays {
    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.used.len()
    }

    /// The first record that is an answer to one of them.
    pub(super) fn first_answer(&self) -> Option<u64> {
        let of = |used: &Used| match &used.state {
            State::Answered(answered) => Some(answered.sequence),
            State::Running(_) | State::Nothing => None,
        };
        self.used.values().filter_map(of).min()
    }

    /// Their lines; nothing if they are more bytes than that.
    pub(super) fn lines(&self, most: usize) -> Option<String> {
        let mut lines = String::new();
        for (question, Used { content, state }) in &self.used {
            match state {
                State::Running(intent) => writeln!(lines, "{question} {content} running {intent}"),
                State::Nothing => writeln!(lines, "{question} {content} nothing"),
                State::Answered(Answered { sequence, answer, salt, record }) => {
                    writeln!(lines, "{question} {content} answered {sequence} {salt}\n{record}\n{answer}")
                }
            }
            .ok()?;
            if lines.len() > most {
                return None;
            }
        }
        Some(lines)
    }

    /// So many of them, from their lines.
    pub(super) fn read<'l>(count: usize, lines: &mut impl Iterator<Item = &'l str>) -> Option<Self> {
        let mut used = BTreeMap::new();
        for _ in 0..count {
            let mut words = lines.next()?.split(' ');
            let (question, content) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
            let state = match words.next()? {
                "running" => State::Running(words.next()?.parse().ok()?),
                "nothing" => State::Nothing,
                "answered" => {
                    let (sequence, salt) = (words.next()?.parse().ok()?, words.next()?.to_owned());
                    let (record, answer) = (lines.next()?.to_owned(), lines.next()?.to_owned());
                    State::Answered(Answered { sequence, answer, salt, record })
                }
                _ => return None,
            };
            used.insert(question, Used { content, state });
        }
        Some(Self { used })
    }
}

/// Until when a question with this id can be fresh: it is issued within [`LIFE`] of the time in the id, and expires
/// within [`LIFE`] of that.
fn last_use(question: QuestionId) -> Timestamp {
    let made = question.time().unwrap_or(Timestamp::MAX);
    made.saturating_add(LIFE).and_then(|issued| issued.saturating_add(LIFE)).unwrap_or(Timestamp::MAX)
}
