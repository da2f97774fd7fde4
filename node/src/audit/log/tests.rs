use std::{sync::Arc, thread, time::Duration};

use drempel_protocols::{clock::SystemClock, log::TreeHash};

use super::*;
use crate::{
    audit::{
        head, segment,
        verify::{Verified, verify},
    },
    decision::{Decision, Overtaken, Subject, Verdict},
};

fn open(folder: &Path) -> AuditLog {
    let (gemeente, oin) = ("GM0014".parse().unwrap(), "00000099000000000014".parse().unwrap());
    AuditLog::open(folder, &folder.with_extension("pk8"), gemeente, &oin, SystemClock::shared()).unwrap()
}

fn event(release: usize) -> Event {
    Event::Release { period: "2025H2".parse().unwrap(), release: release.to_string() }
}

fn check(folder: &Path) -> Verified {
    verify(folder, |_| {}).unwrap().unwrap()
}

#[test]
fn who_writes_while_another_does_is_written_with_the_rest() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("audit");
    let log = Arc::new(open(&folder));
    // As if somebody were writing.
    let writer = log.state().writer.take();
    let writing: Vec<_> = (0..8)
        .map(|number| {
            let log = Arc::clone(&log);
            thread::spawn(move || log.append(event(number)).unwrap())
        })
        .collect();
    while log.state().tree.size() < 9 {
        thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(log.head().size, 1, "nothing is said to be on disk before it is");
    assert_eq!(check(&folder).head.size, 1);
    log.state().writer = writer;
    log.written.notify_all();
    for writing in writing {
        writing.join().unwrap();
    }
    let verified = check(&folder);
    assert_eq!((verified.checkpoints.named(), verified.head), (&[1, 9][..], log.head()));
    // What is one batch on disk is one for its receipts too, and they are the same after a restart.
    drop(log);
    assert_eq!(open(&folder).state().checkpoints, verified.checkpoints);
}

#[test]
fn nothing_is_logged_or_answered_once_the_disk_is_full() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("audit");
    let log = open(&folder);
    log.append(event(1)).unwrap();
    log.state().writer.as_mut().unwrap().fill_disk();
    assert!(matches!(log.append(event(2)), Err(AuditError::Io { .. })));
    assert!(log.poisoned());
    let size = log.state().tree.size();
    assert!(matches!(log.append(event(3)), Err(AuditError::Poisoned)));
    assert_eq!(log.state().tree.size(), size, "what is not logged is no record of the tree");
    assert_eq!((log.head().size, check(&folder).head), (2, log.head()), "what was on disk is there");
    drop(log);
    let log = open(&folder);
    log.append(event(4)).unwrap();
    assert_eq!(check(&folder).head, log.head());
}

#[test]
fn a_log_goes_on_from_one_segment_to_the_next() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("audit");
    let log = open(&folder);
    log.state().writer.as_mut().unwrap().roll_at(2_000);
    for number in 0..40 {
        log.append(event(number)).unwrap();
    }
    let segments = || segment::list(&folder).unwrap().segments;
    assert!(segments().len() > 5, "{:?}", segments());
    assert_eq!(check(&folder).head, log.head());
    drop(log);
    // Cut off after a segment was begun and before anything was in it.
    let path = folder.join(segment::name(42));
    fs::write(&path, "").unwrap();
    let log = open(&folder);
    log.append(event(40)).unwrap();
    assert_eq!((check(&folder).head, log.head().size), (log.head(), 42));
    drop(log);
    for (place, (_, path)) in segments().into_iter().enumerate() {
        let content = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        assert!(verify(&folder, |_| {}).unwrap().is_err(), "segment {place} is gone");
        fs::write(&path, content).unwrap();
    }
    assert!(verify(&folder, |_| {}).unwrap().is_ok());
}

/// A disk need not write what it was given last in order, nor all of it.
#[test]
fn whatever_a_crash_leaves_of_a_batch_is_gone_at_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("audit");
    let log = open(&folder);
    log.append(event(1)).unwrap();
    let (head, path) = (log.head(), folder.join(segment::name(1)));
    let (named, before) = (fs::read(folder.join(head::FILE)).unwrap(), fs::read(&path).unwrap());
    log.append(event(2)).unwrap();
    drop(log);
    let after = fs::read(&path).unwrap();
    fs::write(folder.join(head::FILE), &named).unwrap();
    for written in before.len()..after.len() {
        fs::write(&path, &after[..written]).unwrap();
        assert_eq!(check(&folder).head, head, "{written} bytes");
        // The beginning is not written, and the rest is.
        let mut torn = after.clone();
        torn[before.len()..=written].fill(0);
        fs::write(&path, &torn).unwrap();
        assert_eq!(check(&folder).head, head, "all but {written} bytes");
    }
    drop(open(&folder));
    assert_eq!(fs::read(&path).unwrap(), before, "what was not answered from is gone");
    fs::write(&path, &after).unwrap();
    assert_eq!(open(&folder).head().size, 3, "what is whole stays");
    // Once it is named it may not be torn.
    fs::write(&path, &after[..after.len() - 1]).unwrap();
    assert!(verify(&folder, |_| {}).unwrap().is_err());
}

#[test]
fn an_answer_of_several_lines_has_no_place_in_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(&dir.path().join("audit"));
    let receipt = Receipt { intent: 1, question: QuestionId::at(SystemClock.now()) };
    assert!(matches!(log.answered(&receipt, "a\nrecord".to_owned()), Err(AuditError::Encoding)));
    assert!(!log.poisoned());
}

#[test]
fn a_log_that_is_not_what_a_witness_saw_is_not_opened_and_not_written_to() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("audit");
    let (gemeente, oin) = ("GM0014".parse().unwrap(), "00000099000000000014".parse().unwrap());
    let open_as_seen = |head| {
        let seen = [("Almere".to_owned(), head)];
        AuditLog::open_as_seen(&folder, &folder.with_extension("pk8"), (gemeente, &oin), SystemClock::shared(), &seen)
    };
    let log = open(&folder);
    log.append(event(1)).unwrap();
    let head = log.head();
    drop(log);
    assert_eq!(open_as_seen(head).unwrap().head(), head);
    let content = || segment::list(&folder).unwrap().segments.into_iter().map(|(_, path)| fs::read(path).unwrap());
    let before: Vec<_> = content().collect();
    let root = TreeHash::of_record(b"another");
    for other in [LogHead { size: 3, ..head }, LogHead { root, ..head }, LogHead { size: 1, root }] {
        let Err(error) = open_as_seen(other) else { panic!("{other}") };
        assert!(
            matches!(&error, AuditError::Contradicted { witness, records } if witness == "Almere" && *records == other.size)
        );
    }
    assert_eq!(content().collect::<Vec<_>>(), before);
    // A log that is lost is one that was put back to nothing.
    fs::remove_dir_all(&folder).unwrap();
    assert!(matches!(open_as_seen(head), Err(AuditError::Contradicted { .. })));
}

#[test]
fn what_is_offered_is_on_disk_and_proved_from_where_it_is_asked() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(&dir.path().join("audit"));
    let first = log.head();
    for number in 0..4 {
        log.append(event(number)).unwrap();
    }
    for (old, size, records) in [(0, None, 5), (1, None, 5), (1, Some(3), 3), (5, None, 5), (1, Some(1), 1)] {
        let offer = log.offer(old, size).unwrap();
        let read = Offer::open(&offer.to_string(), log.key()).unwrap();
        assert_eq!((read.old, read.checkpoint.checkpoint().size), (old, records));
        let seen = (old > 0).then(|| LogHead { size: old, root: log.state().tree.root(old).unwrap() });
        assert_eq!(read.consider(seen).unwrap().seen().size, records);
    }
    assert_eq!(log.offer(0, Some(6)), None, "there is no such checkpoint");
    // Who saw more than there is finds the log smaller.
    let more = LogHead { size: 9, ..first };
    assert_eq!(log.offer(9, None).unwrap().consider(Some(more)), Err(drempel_protocols::log::Unwitnessed::Smaller));
    // Somebody is writing: what is not on disk is not offered.
    let writer = log.state().writer.take();
    drop(log.enqueue(&mut log.state(), event(9), None).unwrap());
    assert_eq!(log.offer(0, None).unwrap().checkpoint.checkpoint().size, 5);
    assert_eq!(log.offer(0, Some(6)), None);
    log.state().writer = writer;
}

/// A question that was not asked, and a decision about a cube that it is in.
fn asked_and_declined() -> (Intent, Event) {
    let intent = Intent::made_up(QuestionId::at(SystemClock.now()), "some");
    let decision = Decision {
        about: Subject::Cube("a".parse().unwrap()),
        verdict: Verdict::Decline,
        why: "genoeg".parse().unwrap(),
        until: None,
        four_eyes: false,
        by: Pseudonym::of("officer", &[1; 32]),
    };
    (intent, Event::Decided(decision))
}

#[test]
fn nothing_leaves_after_the_record_of_a_decline_whatever_was_under_way() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(&dir.path().join("audit"));
    let accepted = |decisions: &Decisions, _: &AnsweredFrom| {
        decisions.standing(&Subject::Cube("a".parse().unwrap()), "2026-11-29".parse().unwrap()).is_answered()
    };
    let (before, decline) = asked_and_declined();
    let receipt = log.intent_while(before.clone(), accepted).unwrap().unwrap();
    let left = log.answered_while(&receipt, "{}".to_owned(), accepted).unwrap();
    let (during, _) = asked_and_declined();
    let receipt = log.intent_while(during, accepted).unwrap().unwrap();
    let again = log.intent_while(before.clone(), accepted).unwrap();
    assert_eq!(again, Err(Earlier::Answered(Box::new(left.unwrap()))));
    log.append(decline).unwrap();
    assert_eq!(log.answered_while(&receipt, "{}".to_owned(), accepted).unwrap(), None);
    assert_eq!(log.intent_while(before, accepted).unwrap(), Err(Earlier::Overtaken));
    let mut last = None;
    let folder = dir.path().join("audit");
    verify(&folder, |logged| last = Some(logged.entry.event.clone())).unwrap().unwrap();
    let failed = Outcome::Failed { problem: ProblemType::Unavailable };
    assert!(matches!(last, Some(Event::Outcome { outcome, .. }) if outcome == failed));
}

#[test]
fn a_decision_is_taken_on_what_stands_only() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("audit");
    let log = open(&folder);
    let (_, Event::Decided(decision)) = asked_and_declined() else { panic!("a decision") };
    let first = log.decide(decision.clone(), None).unwrap().unwrap();
    assert_eq!(log.decide(decision.clone(), None).unwrap(), Err(Overtaken));
    let other = Decision { about: Subject::Cube("b".parse().unwrap()), ..decision.clone() };
    log.decide(other, None).unwrap().unwrap();
    let second = log.decide(decision.clone(), Some(first)).unwrap().unwrap();
    drop(log);
    // As a restart has it.
    assert_eq!(open(&folder).decide(decision, Some(first)).unwrap(), Err(Overtaken));
    assert_eq!(open(&folder).decisions().last(&Subject::Cube("a".parse().unwrap())), Some(second));
}
