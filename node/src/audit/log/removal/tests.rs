use std::sync::Arc;

use drempel_protocols::{
    clock::Clock,
    id::{Oin, QuestionId},
};
use jiff::SignedDuration;

use super::*;
use crate::audit::{
    Intent,
    line::Line,
    verify::{Finding, Verified, verify},
};

/// A clock that is put forward by hand.
struct Hand(std::sync::Mutex<Timestamp>);

impl Hand {
    fn forward(&self, days: i64) {
        let mut now = self.0.lock().unwrap();
        *now += SignedDuration::from_hours(24 * days);
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

struct Kept {
    folder: PathBuf,
    clock: Arc<Hand>,
    log: AuditLog,
    _dir: tempfile::TempDir,
}

fn oin() -> Oin {
    "00000099000000000014".parse().unwrap()
}

fn open(folder: &Path, clock: &Arc<Hand>) -> AuditLog {
    let (gemeente, clock) = ("GM0014".parse().unwrap(), Arc::clone(clock) as Arc<dyn Clock>);
    AuditLog::open(folder, &folder.with_extension("pk8"), gemeente, &oin(), clock).unwrap()
}

impl Kept {
    /// A log with an answer on each of some days.
    fn of(days: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("audit");
        let clock = Arc::new(Hand(std::sync::Mutex::new("2020-01-01T12:00:00Z".parse().unwrap())));
        let log = open(&folder, &clock);
        log.roll_at(3_000);
        let kept = Self { folder, clock, log, _dir: dir };
        (0..days).for_each(|day| kept.answer(day));
        kept
    }

    fn answer(&self, day: u64) {
        self.clock.forward(1);
        let intent = Intent::made_up(QuestionId::at(self.clock.now()), &day.to_string());
        let receipt = self.log.intent(intent).unwrap().unwrap();
        self.log.answered(&receipt, format!("{{\"kanarie\":\"dag {day}.\"}}")).unwrap();
    }

    fn day(&self, day: u64) -> Timestamp {
        let first: Timestamp = "2020-01-02T00:00:00Z".parse().unwrap();
        first + SignedDuration::from_hours(24 * i64::try_from(day).unwrap())
    }

    /// The days whose answer is anywhere in what is kept.
    fn days(&self) -> Vec<u64> {
        let mut text = String::new();
        for (_, path) in segment::list(&self.folder).unwrap().segments {
            text.push_str(&fs::read_to_string(path).unwrap());
        }
        let standing = fs::read(standing::path(&self.folder)).unwrap_or_default();
        text.push_str(&String::from_utf8_lossy(&standing));
        (0..100).filter(|day| text.contains(&format!("dag {day}."))).collect()
    }

    fn check(&self) -> Result<Verified, Finding> {
        verify(&self.folder, |_| {}).unwrap()
    }
}

#[test]
fn answers_go_and_the_log_stays_the_same() {
    let kept = Kept::of(20);
    let (before, size) = (kept.check().unwrap(), kept.log.head().size);
    assert!(segment::list(&kept.folder).unwrap().segments.len() > 3);
    assert_eq!(kept.log.remove_answers(kept.day(0)).unwrap(), None, "none is as old as that");
    assert_eq!(kept.log.head().size, size);
    let removed = kept.log.remove_answers(kept.day(7)).unwrap().unwrap();
    assert_eq!((removed.record, removed.through), (size + 1, 1 + 2 * 7));
    assert_eq!(kept.days(), (7..20).collect::<Vec<_>>());
    let verified = kept.check().unwrap();
    assert!(verified.begins_with(before.head) && verified.head == kept.log.head());
    // Nothing more is of before that, and so nothing more is said.
    assert_eq!(kept.log.remove_answers(kept.day(7)).unwrap(), Some(removed));
    assert_eq!(kept.log.head().size, size + 1);
    // Also from the segment that is written to, in which the log goes on.
    kept.log.remove_answers(kept.day(40)).unwrap();
    assert_eq!(kept.days(), Vec::<u64>::new());
    (50..53).for_each(|day| kept.answer(day));
    assert_eq!((kept.check().unwrap().head, kept.days()), (kept.log.head(), vec![50, 51, 52]));
    let Kept { folder, clock, log, _dir } = kept;
    let (head, removed) = (log.head(), log.removed());
    drop(log);
    for standing in [true, false] {
        if !standing {
            fs::remove_file(standing::path(&folder)).unwrap_or_default();
        }
        let log = open(&folder, &clock);
        assert_eq!((log.head(), log.removed()), (head, removed), "with its standing: {standing}");
    }
}

#[test]
fn whatever_ends_it_in_between_the_log_is_whole_and_the_next_time_goes_on() {
    let segments = |kept: &Kept| segment::list(&kept.folder).unwrap().segments;
    let count = segments(&Kept::of(12)).len();
    for until in 0..=count {
        let kept = Kept::of(12);
        let (through, before) = (1 + 2 * 12, kept.day(30));
        let record = kept.log.append(Event::AnswersRemoved { through, before }).unwrap();
        let removed = Removed { record, through, before };
        for (first, path) in segments(&kept).into_iter().take(until) {
            // As a kill leaves it: some are done, and a file that was not given its name.
            if let Some(without) = removed.without(&fs::read(&path).unwrap(), first) {
                kept.log.written(&path, &without).unwrap();
                fs::write(&path, without).unwrap();
            }
        }
        assert_eq!(kept.check().unwrap().head, kept.log.head());
        let Kept { folder, clock, log, _dir } = kept;
        drop(log);
        let log = open(&folder, &clock);
        log.roll_at(3_000);
        let kept = Kept { folder, clock, log, _dir };
        kept.log.remove_answers(kept.day(0)).unwrap();
        assert_eq!((kept.days(), kept.check().unwrap().head), (Vec::new(), kept.log.head()), "after {until}");
        kept.answer(90);
        assert_eq!((kept.days(), kept.check().unwrap().head), (vec![90], kept.log.head()));
    }
}

#[test]
fn who_takes_an_answer_away_cannot_say_that_the_policy_did() {
    let kept = Kept::of(6);
    let removed = kept.log.remove_answers(kept.day(2)).unwrap().unwrap();
    let segments = segment::list(&kept.folder).unwrap().segments;
    for (_, path) in segments {
        let original = fs::read_to_string(&path).unwrap();
        for line in original.split_inclusive('\n').filter(|line| line.starts_with("answer ")) {
            for by in [0, 1, removed.through, removed.record, removed.record + 1, u64::MAX] {
                fs::write(&path, original.replace(line, &Line::Removed(by).render())).unwrap();
                let found = kept.check().unwrap_err();
                assert!(matches!(found, Finding::Changed(_) | Finding::Unsaid { .. }), "by {by}: {found}");
            }
            fs::write(&path, original.replace(line, "")).unwrap();
            assert!(matches!(kept.check(), Err(Finding::Changed(_))));
        }
        // What is said beside another record than that of an answer, or twice, is no part of a log. What comes after its last
        // checkpoint is what a crash can leave.
        let others = original.split_inclusive('\n').filter(|line| !line.starts_with("answer "));
        for line in others.filter(|line| !original.ends_with(line)) {
            let added = format!("{line}{}", Line::Removed(removed.record).render());
            fs::write(&path, original.replacen(line, &added, 1)).unwrap();
            assert!(kept.check().is_err(), "{added}");
        }
        fs::write(&path, original).unwrap();
    }
    kept.check().unwrap();
}

#[test]
fn a_standing_from_before_is_not_written_after() {
    for removes in [false, true] {
        let kept = Kept::of(3);
        let draft = kept.log.draft(&kept.log.state()).unwrap();
        fs::remove_file(standing::path(&kept.folder)).unwrap_or_default();
        if removes {
            kept.log.remove_answers(kept.day(3)).unwrap();
        }
        kept.log.stand(&draft);
        let written = fs::read(standing::path(&kept.folder)).unwrap_or_default();
        let has = |day: u64| String::from_utf8_lossy(&written).contains(&format!("dag {day}."));
        assert_eq!(has(2), !removes);
    }
}

#[test]
fn nobody_waits_in_vain_while_answers_are_removed() {
    let kept = Kept::of(10);
    // Whoever goes on writing makes standings too.
    std::thread::scope(|scope| {
        let log = &kept.log;
        let writing: Vec<_> =
            (0..4).map(|_| scope.spawn(|| (0..20).try_for_each(|_| log.append(Event::Stopped).map(drop)))).collect();
        for day in 1..=10 {
            log.remove_answers(kept.day(day)).unwrap();
            kept.check().unwrap();
        }
        writing.into_iter().for_each(|writing| writing.join().unwrap().unwrap());
    });
    assert_eq!((kept.days(), kept.check().unwrap().head), (Vec::new(), kept.log.head()));
}
