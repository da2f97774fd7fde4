//! Answers that were kept for long enough and go from beside their records. The records stay, with the digest of what left;
//! the random bits of that go with the answer, so that nobody can try which answer it was. A record says what goes before
//! any of it does.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    line::Line,
    record::{Entry, Event},
};

/// What a record says was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Removed {
    /// The record that says so.
    pub record: u64,
    /// The last record whose answer is removed, with those of all before it.
    pub through: u64,
    /// All of them are of before this.
    pub before: Timestamp,
}

impl Removed {
    /// By a record, if it says so; of no record that is not before it.
    pub(super) fn of(entry: &Entry) -> Option<Self> {
        match entry.event {
            Event::AnswersRemoved { through, before } if through < entry.sequence => {
                Some(Self { record: entry.sequence, through, before })
            }
            _ => None,
        }
    }

    /// A segment that begins with a record, without these answers; none if it has none of them.
    pub(super) fn without(&self, segment: &[u8], first: u64) -> Option<Vec<u8>> {
        let (mut without, mut next, mut is_changed) = (Vec::with_capacity(segment.len()), first, false);
        for line in segment.split_inclusive(|byte| *byte == b'\n') {
            if line.starts_with(b"record ") {
                next = next.saturating_add(1);
            }
            if line.starts_with(b"answer ") && line.ends_with(b"\n") && next <= self.through.saturating_add(1) {
                without.extend_from_slice(Line::Removed(self.record).render().as_bytes());
                is_changed = true;
            } else {
                without.extend_from_slice(line);
            }
        }
        is_changed.then_some(without)
    }
}

/// The last record with an answer of before a moment in a segment, if all before it are too; and whether a later segment can
/// have one.
pub(super) fn last_before(segment: &[u8], before: Timestamp) -> (Option<u64>, bool) {
    let (mut last, mut answered) = (None, None);
    for line in segment.split_inclusive(|byte| *byte == b'\n') {
        match Line::read(line) {
            Some(Line::Record(json, _)) => match serde_json::from_str::<Entry>(json) {
                Ok(entry) if entry.time < before => last = Some(entry.sequence),
                _ => return (answered, false),
            },
            Some(Line::Answer { .. }) => answered = last,
            Some(Line::Removed(_) | Line::Checkpoint(..)) => {}
            None => return (answered, false),
        }
    }
    (answered, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::record::Outcome;

    fn entry(sequence: u64, time: &str, event: Event) -> Entry {
        Entry { sequence, time: time.parse().unwrap(), salt: "00".to_owned(), event }
    }

    fn answered(sequence: u64, time: &str) -> Vec<String> {
        let outcome = Outcome::Answered { answer: drempel_protocols::answer::LoggedAnswer::digest("00", "{}") };
        let question = "01a223d8-c540-73e7-9890-0d0db2647286".parse().unwrap();
        let json = entry(sequence, time, Event::Outcome { intent: 1, question, outcome }).json().unwrap();
        let hash = drempel_protocols::log::TreeHash::of_record(json.as_bytes());
        vec![Line::Record(&json, hash).render(), Line::Answer { salt: "00", text: "{}" }.render()]
    }

    #[test]
    fn only_answers_of_before_go_and_only_the_first_ones() {
        let times = ["2020-01-01T00:00:00Z", "2020-06-01T00:00:00Z", "2022-01-01T00:00:00Z", "2020-02-01T00:00:00Z"];
        let lines: Vec<String> = (5..).zip(times).flat_map(|(sequence, time)| answered(sequence, time)).collect();
        let segment = lines.concat();
        let before = |text: &str| last_before(segment.as_bytes(), text.parse().unwrap());
        assert_eq!(before("2020-01-01T00:00:00Z"), (None, false));
        assert_eq!(before("2020-01-02T00:00:00Z"), (Some(5), false));
        // What stands after a later one stays until that goes.
        assert_eq!(before("2021-01-01T00:00:00Z"), (Some(6), false));
        assert_eq!(before("2023-01-01T00:00:00Z"), (Some(8), true));
        let removed = Removed { record: 12, through: 6, before: Timestamp::UNIX_EPOCH };
        let without = String::from_utf8(removed.without(segment.as_bytes(), 5).unwrap()).unwrap();
        let expected: Vec<&str> =
            [0, 9, 2, 9, 4, 5, 6, 7].map(|of| lines.get(of).map_or("removed 12\n", |it| it)).into();
        assert_eq!(without, expected.concat());
        assert_eq!(removed.without(without.as_bytes(), 5), None, "there is nothing left to remove");
        assert_eq!(removed.without(segment.as_bytes(), 7), None);
        assert_eq!(last_before(without.as_bytes(), "2021-01-01T00:00:00Z".parse().unwrap()), (None, false));
    }

    #[test]
    fn a_record_removes_nothing_that_comes_after_it() {
        let of = |through| Event::AnswersRemoved { through, before: Timestamp::UNIX_EPOCH };
        let removed = |through| Removed::of(&entry(7, "2020-01-01T00:00:00Z", of(through)));
        assert_eq!(removed(6).map(|removed| (removed.record, removed.through)), Some((7, 6)));
        assert_eq!(removed(7), None);
        assert_eq!(Removed::of(&entry(7, "2020-01-01T00:00:00Z", Event::Stopped)), None);
    }
}
