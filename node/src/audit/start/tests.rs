use std::{
    fs,
    sync::{Arc, Mutex},
    thread,
};

use drempel_protocols::{
    answer::LoggedAnswer,
    clock::Clock,
    id::{Oin, QuestionId},
    problem::ProblemType,
};
use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::audit::{AuditLog, Earlier, Intent, Receipt, head};

/// A clock that stands still.
struct Still(Mutex<Timestamp>);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

struct Folder {
    _dir: tempfile::TempDir,
    path: PathBuf,
    clock: Arc<Still>,
}

impl Folder {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("audit");
        Self { _dir: dir, path, clock: Arc::new(Still(Mutex::new("2026-03-01T12:00:00Z".parse().unwrap()))) }
    }

    fn key(&self) -> PathBuf {
        self.path.with_extension("pk8")
    }

    fn standing(&self) -> PathBuf {
        standing::path(&self.path)
    }

    fn open(&self) -> Result<AuditLog, AuditError> {
        let clock = Arc::<Still>::clone(&self.clock);
        let log = AuditLog::open(&self.path, &self.key(), gemeente(), &oin(), clock)?;
        log.roll_at(4_000);
        Ok(log)
    }

    fn pass(&self, time: SignedDuration) {
        let mut now = self.clock.0.lock().unwrap();
        *now += time;
    }

    fn believing(&self) -> Result<Start, Unbelieved> {
        from_standing(&self.path, &self.key(), gemeente())
    }

    fn reading_all(&self) -> Result<Start, AuditError> {
        from_beginning(&self.path, &self.key(), gemeente())
    }

    fn ask(&self, log: &AuditLog) -> (QuestionId, Receipt) {
        let question = QuestionId::at(self.clock.now());
        (question, log.intent(Intent::made_up(question, "a")).unwrap().unwrap())
    }

    fn answer(&self, log: &AuditLog) -> (QuestionId, LoggedAnswer) {
        let (question, receipt) = self.ask(log);
        (question, log.answered(&receipt, format!("{{\"of\": \"{question}\"}}")).unwrap())
    }

    fn segments(&self) -> Vec<(u64, PathBuf)> {
        segment::list(&self.path).unwrap().segments
    }

    /// The same files elsewhere.
    fn copy(&self) -> Self {
        let copy = Self { clock: Arc::clone(&self.clock), ..Self::new() };
        fs::create_dir(&copy.path).unwrap();
        for file in fs::read_dir(&self.path).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), copy.path.join(file.file_name())).unwrap();
        }
        fs::copy(self.key(), copy.key()).unwrap();
        fs::copy(self.standing(), copy.standing()).unwrap();
        copy
    }

    /// Whether a start from the standing knows the same as one that reads all.
    fn is_the_same_from_its_standing(&self) {
        let (some, all) = (self.believing().unwrap(), self.reading_all().unwrap());
        assert_eq!(some.memory, all.memory);
        let (some, all) = (some.verified, all.verified);
        assert_eq!((some.head, &some.key, &some.checkpoint), (all.head, &all.key, &all.checkpoint));
        assert_eq!((some.torn, some.ahead), (all.torn, all.ahead));
        assert!(some.tree == all.tree);
        assert_eq!(
            (some.checkpoints.count(), some.checkpoints.named()),
            (all.checkpoints.count(), all.checkpoints.named())
        );
    }
}

fn gemeente() -> Gemeentecode {
    "GM0014".parse().unwrap()
}

fn oin() -> Oin {
    "00000099000000000014".parse().unwrap()
}

fn release(id: usize) -> Event {
    Event::Release { period: "2025H2".parse().unwrap(), release: id.to_string() }
}

/// A log of some segments, with ids that are forgotten, ids in every state, and releases.
fn long() -> (Folder, Vec<(QuestionId, LoggedAnswer)>, QuestionId) {
    let folder = Folder::new();
    let log = folder.open().unwrap();
    log.append(release(1)).unwrap();
    let (_, forgotten) = folder.ask(&log);
    for _ in 0..6 {
        folder.answer(&log);
        folder.pass(SignedDuration::from_mins(3));
    }
    log.append(Event::Withdrawn { period: "2025H2".parse().unwrap(), release: "1".to_owned() }).unwrap();
    let (running, _) = folder.ask(&log);
    let mut answered = Vec::new();
    while folder.segments().len() < 5 {
        answered.push(folder.answer(&log));
    }
    log.failed(&folder.ask(&log).1, ProblemType::Failed).unwrap();
    log.cancelled(&forgotten).unwrap();
    drop(log);
    (folder, answered, running)
}

#[test]
fn a_start_from_a_standing_forgets_nothing() {
    let (folder, answered, running) = long();
    folder.is_the_same_from_its_standing();
    let log = folder.open().unwrap();
    assert!(log.unread().is_some(), "it read all");
    for (question, left) in answered {
        assert_eq!(log.intent(Intent::made_up(question, "a")).unwrap(), Err(Earlier::Answered(Box::new(left))));
        assert_eq!(log.intent(Intent::made_up(question, "b")).unwrap(), Err(Earlier::Other));
    }
    assert_eq!(log.intent(Intent::made_up(running, "b")).unwrap(), Err(Earlier::Other));
    assert!(log.intent(Intent::made_up(running, "a")).unwrap().is_ok(), "a start calls off what was running");
    assert!(log.answered_from().lacking([("1", true)]).is_none());
    assert!(log.answered_from().lacking([]).is_some());
    assert_eq!(log.unread().unwrap().verify(|| true).unwrap(), ());
    assert_eq!(verify(&folder.path, |_| {}).unwrap().unwrap().head, log.head());
}

#[test]
fn a_start_from_a_standing_is_the_same_wherever_a_crash_was() {
    let (folder, ..) = long();
    let standing = fs::read(folder.standing()).unwrap();
    let (_, last) = folder.segments().pop().unwrap();
    let log = folder.open().unwrap();
    log.roll_at(u64::MAX);
    let state = || (fs::read(folder.path.join(head::FILE)).unwrap(), fs::read(&last).unwrap().len());
    let mut states = vec![state()];
    log.append(release(3)).unwrap();
    states.push(state());
    let (_, receipt) = folder.ask(&log);
    states.push(state());
    log.answered(&receipt, "{}".to_owned()).unwrap();
    states.push(state());
    assert!(fs::read(folder.standing()).unwrap() == standing, "another segment was begun");
    drop(log);
    let content = fs::read(&last).unwrap();
    for pair in states.windows(2) {
        let [(named, from), (after, until)] = pair else { unreachable!() };
        for cut in *from..=*until {
            fs::write(&last, &content[..cut]).unwrap();
            fs::write(folder.path.join(head::FILE), named).unwrap();
            folder.is_the_same_from_its_standing();
        }
        fs::write(folder.path.join(head::FILE), after).unwrap();
        folder.is_the_same_from_its_standing();
        // What is named may not be torn.
        fs::write(&last, &content[..until - 1]).unwrap();
        assert!(matches!(folder.believing(), Err(Unbelieved::OtherLog)));
        assert!(matches!(folder.open(), Err(AuditError::Broken(_))));
    }
    // Cut off as soon as the segment was begun.
    let (folder, ..) = long();
    let log = folder.open().unwrap();
    let begun = folder.segments().len();
    while folder.segments().len() == begun {
        log.append(release(1)).unwrap();
    }
    drop(log);
    assert_eq!(fs::read(folder.segments().pop().unwrap().1).unwrap(), b"");
    folder.is_the_same_from_its_standing();
    assert!(folder.open().unwrap().append(release(2)).is_ok());
}

#[test]
fn a_standing_with_another_byte_or_fewer_is_not_believed() {
    let (folder, ..) = long();
    let standing = fs::read(folder.standing()).unwrap();
    let key = key::read(&folder.key(), gemeente(), None).unwrap();
    let open = |content: &[u8]| Standing::open(content, key.public());
    assert!(open(&standing).is_ok());
    for place in 0..standing.len() {
        let mut changed = standing.clone();
        changed[place] ^= [0x01, 0x20, 0x80][place % 3];
        assert!(matches!(open(&changed), Err(Unbelieved::Seal)), "byte {place}");
        assert!(matches!(open(&standing[..place]), Err(Unbelieved::Seal)), "{place} bytes");
    }
    assert!(matches!(open(&[&standing[..], b"\n"].concat()), Err(Unbelieved::Seal)));
    fs::remove_file(folder.standing()).unwrap();
    assert!(matches!(folder.believing(), Err(Unbelieved::Unreadable(_))));
    // All of it is read then, and the next start need not.
    assert!(folder.open().unwrap().unread().is_none());
    folder.is_the_same_from_its_standing();
    assert!(folder.open().unwrap().unread().is_some());
}

#[test]
fn an_older_standing_is_of_the_log_and_that_of_another_or_a_later_one_is_not() {
    let (folder, ..) = long();
    let before = folder.copy();
    let log = folder.open().unwrap();
    let begun = folder.segments().len();
    while folder.segments().len() < begun + 2 {
        folder.answer(&log);
    }
    drop(log);
    let later = fs::read(folder.standing()).unwrap();
    fs::copy(before.standing(), folder.standing()).unwrap();
    folder.is_the_same_from_its_standing();
    // The log was put back from a backup, with what stands beside it or without.
    fs::write(before.standing(), &later).unwrap();
    assert!(matches!(before.believing(), Err(Unbelieved::OtherLog)));
    let log = before.open().unwrap();
    assert!(log.unread().is_none());
    // It goes on in another way, with the same key and segments that begin with the same records.
    while before.segments().len() < begun + 2 {
        before.answer(&log);
    }
    drop(log);
    let firsts = |of: &Folder| of.segments().into_iter().map(|(first, _)| first).collect::<Vec<_>>();
    assert_eq!(firsts(&before), firsts(&folder));
    before.is_the_same_from_its_standing();
    fs::write(before.standing(), later).unwrap();
    assert!(matches!(before.believing(), Err(Unbelieved::OtherLog)));
    let (other, ..) = long();
    fs::copy(other.standing(), folder.standing()).unwrap();
    assert!(matches!(folder.believing(), Err(Unbelieved::Seal)));
}

#[test]
fn what_a_start_did_not_read_closes_the_log_if_it_is_not_whole() {
    let (folder, answered, _) = long();
    let (_, first) = folder.segments().remove(0);
    let text = fs::read_to_string(&first).unwrap();
    fs::write(&first, text.replacen("landelijke-monitor", "regionale-monitor", 1)).unwrap();
    let log = folder.open().unwrap();
    let unread = log.unread().unwrap();
    assert!(unread.verify(|| false).is_ok(), "nobody wants to know");
    let found = unread.verify(|| true);
    assert!(matches!(found, Err(AuditError::Broken(Finding::Changed(3)))), "{found:?}");
    log.append(release(2)).unwrap();
    log.close();
    assert!(log.poisoned());
    assert!(matches!(log.append(release(3)), Err(AuditError::Poisoned)));
    assert!(matches!(log.intent(Intent::made_up(answered[0].0, "a")), Err(AuditError::Poisoned)), "no retry either");
    drop(log);
    for _ in 0..2 {
        assert!(matches!(folder.open(), Err(AuditError::Broken(Finding::Changed(3)))));
    }
    // A segment that is gone, and one of another log.
    for change in [
        |path: &Path| fs::remove_file(path).unwrap(),
        |path: &Path| {
            fs::copy(long().0.segments().remove(0).1, path).unwrap();
        },
    ] {
        let (folder, ..) = long();
        change(&folder.segments().remove(0).1);
        let log = folder.open().unwrap();
        assert!(matches!(log.unread().unwrap().verify(|| true), Err(AuditError::Broken(_))));
    }
}

#[test]
fn a_standing_is_of_the_moment_between_two_segments_however_many_write() {
    let folder = Folder::new();
    let log = folder.open().unwrap();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for number in 0..12 {
                    let (_, receipt) = folder.ask(&log);
                    match number % 3 {
                        0 => log.failed(&receipt, ProblemType::Failed).unwrap(),
                        1 => drop(log.answered(&receipt, "{}".to_owned()).unwrap()),
                        _ => {
                            log.append(release(number)).unwrap();
                        }
                    }
                    if number % 4 == 0 {
                        let start = folder.believing();
                        assert!(matches!(start, Ok(_) | Err(Unbelieved::Unreadable(_))), "{:?}", start.err());
                    }
                }
            });
        }
    });
    drop(log);
    assert!(folder.segments().len() > 5);
    folder.is_the_same_from_its_standing();
}

#[test]
fn a_log_without_place_for_its_standing_goes_on() {
    let folder = Folder::new();
    // Something is in the way.
    let mut unfinished = folder.standing().into_os_string();
    unfinished.push(".new");
    fs::create_dir_all(&unfinished).unwrap();
    let log = folder.open().unwrap();
    while folder.segments().len() < 3 {
        folder.answer(&log);
    }
    assert!(!log.poisoned());
    drop(log);
    assert!(matches!(folder.believing(), Err(Unbelieved::Unreadable(_))));
    assert!(folder.open().unwrap().unread().is_none());
    fs::remove_dir(&unfinished).unwrap();
    drop(folder.open().unwrap());
    folder.is_the_same_from_its_standing();
    // A link could lead anywhere.
    let elsewhere = folder.path.with_extension("elsewhere");
    fs::rename(folder.standing(), &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, folder.standing()).unwrap();
    assert!(matches!(folder.believing(), Err(Unbelieved::Unreadable(_))));
}
