use std::{fs, path::PathBuf, sync::Arc};

use drempel_protocols::{
    clock::{Clock, SystemClock},
    id::{Oin, QuestionId},
    log::TreeHash,
    problem::ProblemType,
};

use super::*;
use crate::audit::{AuditError, AuditLog, Earlier, Event, Intent, Outcome, line::Line, segment};

struct Folder {
    _dir: tempfile::TempDir,
    path: PathBuf,
}

fn oin() -> Oin {
    "00000099000000000014".parse().unwrap()
}

fn open(path: &Path) -> Result<AuditLog, AuditError> {
    AuditLog::open(path, &path.with_extension("pk8"), "GM0014".parse().unwrap(), &oin(), SystemClock::shared())
}

/// A log of 2 + 3 * `questions` records.
fn log_of(questions: usize) -> Folder {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("audit");
    let log = open(&path).unwrap();
    log.append(Event::Release { period: "2025H2".parse().unwrap(), release: "s".to_owned() }).unwrap();
    for _ in 0..questions {
        let question = QuestionId::at(SystemClock.now());
        let receipt = log.intent(Intent::made_up(question, "a")).unwrap().unwrap();
        log.answered(&receipt, "{}".to_owned()).unwrap();
        log.append(Event::Refused {
            peer: oin(),
            question: None,
            asker: None,
            purpose: None,
            sql: None,
            problem: ProblemType::Stale,
            traceparent: None,
            fsc_transaction_id: None,
        })
        .unwrap();
    }
    Folder { _dir: dir, path }
}

fn check(folder: &Folder) -> Result<Verified, Finding> {
    verify(&folder.path, |_| {}).unwrap()
}

fn segment_path(folder: &Folder) -> PathBuf {
    folder.path.join(segment::name(1))
}

/// Changes the batches of a segment: here each has one record, with the checkpoint that signs it.
fn rewrite(folder: &Folder, change: impl FnOnce(&mut Vec<String>)) {
    let text = fs::read_to_string(segment_path(folder)).unwrap();
    let mut batches = vec![String::new()];
    for line in text.split_inclusive('\n') {
        batches.last_mut().unwrap().push_str(line);
        if line.starts_with("checkpoint ") {
            batches.push(String::new());
        }
    }
    assert_eq!(batches.pop().as_deref(), Some(""));
    change(&mut batches);
    fs::write(segment_path(folder), batches.concat()).unwrap();
}

#[test]
fn a_log_as_written_is_whole() {
    let folder = log_of(5);
    let mut seen = Vec::new();
    let verified = verify(&folder.path, |logged| seen.push(logged.entry.sequence)).unwrap().unwrap();
    assert_eq!(verified.head.size, 17);
    assert!(seen.into_iter().eq(1..=17));
}

#[test]
fn every_flipped_byte_of_every_file_is_noticed_and_the_record_named() {
    let folder = log_of(2);
    for name in [segment::name(1), head::FILE.to_owned()] {
        let path = folder.path.join(&name);
        let original = fs::read(&path).unwrap();
        let record_of = |place: usize| {
            let before = &original[..place];
            let ends = before.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(end, _)| end + 1);
            1 + ends.filter(|start| original[*start..].starts_with(b"record ")).count() as u64
        };
        for place in 0..original.len() {
            let bit = [0x01, 0x20, 0x80][place % 3];
            let mut changed = original.clone();
            changed[place] ^= bit;
            fs::write(&path, &changed).unwrap();
            let finding = check(&folder).expect_err(&format!("byte {place} of {name}, bit {bit:x}"));
            if name != head::FILE {
                let record = record_of(place);
                let named = match finding {
                    Finding::Changed(named) => named == record,
                    Finding::Unsigned { first, last } => (first..=last).contains(&record),
                    _ => false,
                };
                assert!(named, "byte {place}, bit {bit:x} of record {record}: {finding}");
            }
            if place % 16 == 0 {
                let opened = open(&folder.path);
                assert!(matches!(opened, Err(AuditError::Broken(_))), "a broken log must not be written to");
            }
        }
        fs::write(&path, &original).unwrap();
    }
    assert!(check(&folder).is_ok());
}

#[test]
fn a_dropped_record_is_named_wherever_it_stood() {
    for dropped in 0..8 {
        let folder = log_of(2);
        rewrite(&folder, |batches| {
            batches.remove(dropped);
        });
        assert_eq!(check(&folder), Err(Finding::Missing(dropped as u64 + 1)));
        // Its checkpoint still there.
        let folder = log_of(2);
        rewrite(&folder, |batches| batches[dropped] = batches[dropped].split_inclusive('\n').skip(1).collect());
        let found = check(&folder).unwrap_err();
        let named = dropped as u64 + 1;
        assert!(matches!(found, Finding::Missing(of) | Finding::Changed(of) if of == named), "{found}");
    }
    let folder = log_of(2);
    rewrite(&folder, |batches| batches.truncate(4));
    assert_eq!(check(&folder), Err(Finding::Missing(5)));
}

#[test]
fn an_answer_or_a_checkpoint_that_is_dropped_is_noticed() {
    for (kind, named) in [("answer ", Finding::Changed(4)), ("checkpoint ", Finding::Unsigned { first: 4, last: 5 })] {
        let folder = log_of(2);
        rewrite(&folder, |batches| {
            batches[3] = batches[3].split_inclusive('\n').filter(|line| !line.starts_with(kind)).collect();
        });
        assert_eq!(check(&folder), Err(named));
    }
}

#[test]
fn swapped_and_repeated_records_are_named() {
    let folder = log_of(2);
    rewrite(&folder, |batches| batches.swap(2, 5));
    assert_eq!(check(&folder), Err(Finding::OutOfOrder { expected: 3, found: 6 }));
    let folder = log_of(2);
    rewrite(&folder, |batches| batches.insert(3, batches[2].clone()));
    assert_eq!(check(&folder), Err(Finding::OutOfOrder { expected: 4, found: 3 }));
    // After the end too: no crash leaves a record that was there before.
    let folder = log_of(2);
    rewrite(&folder, |batches| batches.push(batches[7].clone()));
    assert_eq!(check(&folder), Err(Finding::OutOfOrder { expected: 9, found: 8 }));
}

#[test]
fn a_copy_of_a_log_that_is_written_to_is_whole_if_its_checkpoints_come_first() {
    let folder = log_of(1);
    let log = Arc::new(open(&folder.path).unwrap());
    let writer = {
        let log = Arc::clone(&log);
        std::thread::spawn(move || {
            for _ in 0..60 {
                log.append(Event::Release { period: "2025H2".parse().unwrap(), release: "u".to_owned() }).unwrap();
            }
        })
    };
    let mut copies = 0;
    while !writer.is_finished() {
        let copy = tempfile::tempdir().unwrap();
        let audit = copy.path().join("audit");
        fs::create_dir(&audit).unwrap();
        for name in [head::FILE.to_owned(), segment::name(1)] {
            fs::copy(folder.path.join(&name), audit.join(name)).unwrap();
        }
        fs::copy(folder.path.with_extension("pk8"), audit.with_extension("pk8")).unwrap();
        let found = verify(&audit, |_| {}).unwrap();
        assert!(found.is_ok(), "{found:?}");
        // It can be put back, and goes on.
        open(&audit).unwrap();
        assert!(!verify(&audit, |_| {}).unwrap().unwrap().ahead);
        copies += 1;
    }
    writer.join().unwrap();
    assert!(copies > 0);
}

#[test]
fn a_record_of_another_log_is_not_signed_here() {
    let (folder, other) = (log_of(2), log_of(2));
    let mut theirs = String::new();
    rewrite(&other, |batches| theirs.clone_from(&batches[3]));
    rewrite(&folder, |batches| batches[3] = theirs);
    assert_eq!(check(&folder), Err(Finding::Unsigned { first: 4, last: 4 }));
}

/// As somebody does who has the folder and not the key: hashes and roots are right again, signatures are those of before.
#[test]
fn a_record_is_named_though_every_hash_and_root_after_it_was_made_again() {
    let folder = log_of(2);
    let mut tree = Tree::default();
    let mut slots = [String::new(), String::new()];
    rewrite(&folder, |batches| {
        for (number, batch) in batches.iter_mut().enumerate() {
            let mut lines = batch.split_inclusive('\n').map(str::to_owned).collect::<Vec<_>>();
            let json = lines[0].trim_end().splitn(3, ' ').nth(2).unwrap();
            let json =
                if number == 2 { json.replace("landelijke-monitor", "regionale-monitor") } else { json.to_owned() };
            let hash = TreeHash::of_record(json.as_bytes());
            tree.push(hash);
            lines[0] = Line::Record(&json, hash).render();
            let last = lines.len() - 1;
            let escaped = lines[last].trim_end().splitn(4, ' ').nth(3).unwrap().replace("\\n", "\n");
            let mut text: Vec<String> = escaped.split('\n').map(str::to_owned).collect();
            text[2] = tree.root(tree.size()).unwrap().to_string();
            let text = text.join("\n");
            lines[last] = Line::Checkpoint(number + 1, text.as_str().into()).render();
            slots[number % 2].clone_from(&text);
            *batch = lines.concat();
        }
    });
    let pad = |text: &String| format!("{text}{}", " ".repeat(512 - text.len()));
    fs::write(folder.path.join(head::FILE), slots.iter().map(pad).collect::<String>()).unwrap();
    assert_eq!(check(&folder), Err(Finding::Unsigned { first: 3, last: 3 }));
}

#[test]
fn checkpoints_beside_the_segments_stand_where_they_should() {
    let folder = log_of(1);
    let path = folder.path.join(head::FILE);
    let content = fs::read(&path).unwrap();
    let (odd, even) = content.split_at(512);
    fs::write(&path, [even, odd].concat()).unwrap();
    assert_eq!(check(&folder), Err(Finding::Head));
    // A copy of a node that was writing, with the file that was copied first.
    fs::write(&path, &content).unwrap();
    let log = open(&folder.path).unwrap();
    for _ in 0..3 {
        log.append(Event::Release { period: "2025H2".parse().unwrap(), release: "t".to_owned() }).unwrap();
    }
    drop(log);
    fs::write(&path, &content).unwrap();
    assert!(check(&folder).unwrap().ahead);
    // No crash changes a record that others were written after, named or not.
    let whole = fs::read(segment_path(&folder)).unwrap();
    rewrite(&folder, |batches| {
        let changed = batches.len() - 2;
        batches[changed] = batches[changed].replacen("2025H2", "2025H1", 1);
    });
    assert_eq!(check(&folder), Err(Finding::Changed(7)));
    fs::write(segment_path(&folder), whole).unwrap();
    drop(open(&folder.path).unwrap());
    assert!(!check(&folder).unwrap().ahead);
}

#[test]
fn who_has_another_key_has_another_log() {
    let (folder, other) = (log_of(2), log_of(2));
    let kept = check(&folder).unwrap();
    // As many records, each where it should be, signed with a key that the first of them names.
    assert_ne!(check(&other).unwrap().key, kept.key);
    assert_ne!(check(&other).unwrap().tree.root(kept.head.size), Ok(kept.head.root));
    let key = |of: &Folder| of.path.with_extension("pk8");
    fs::copy(key(&other), key(&folder)).unwrap();
    assert!(matches!(open(&folder.path), Err(AuditError::OtherKey { .. })));
    fs::remove_file(key(&folder)).unwrap();
    assert!(matches!(open(&folder.path), Err(AuditError::KeyGone { .. })));
    fs::write(key(&folder), "key").unwrap();
    assert!(matches!(open(&folder.path), Err(AuditError::NoKey { .. })));
}

#[test]
fn strangers_and_missing_files_are_noticed() {
    let folder = log_of(1);
    fs::write(folder.path.join("kopie.jsonl"), "").unwrap();
    assert_eq!(check(&folder), Err(Finding::Stranger("kopie.jsonl".to_owned())));
    let folder = log_of(1);
    fs::remove_file(folder.path.join(head::FILE)).unwrap();
    assert!(verify(&folder.path, |_| {}).is_err());
    assert!(open(&folder.path).is_err(), "a log with records and no head must not be begun anew");
    let folder = log_of(1);
    fs::remove_file(segment_path(&folder)).unwrap();
    assert_eq!(check(&folder), Err(Finding::Missing(1)));
}

#[test]
fn what_a_crash_leaves_is_completed_at_the_next_start() {
    // Cut short in the middle of a record that nobody was told of.
    let folder = log_of(1);
    let mut content = fs::read(segment_path(&folder)).unwrap();
    let whole = content.len();
    content.extend_from_slice(b"record 3fc9 {\"sequence\":6");
    fs::write(segment_path(&folder), &content).unwrap();
    assert_eq!(check(&folder).unwrap().torn, 25);
    drop(open(&folder.path).unwrap());
    assert_eq!(fs::read(segment_path(&folder)).unwrap().len(), whole);

    // Cut off before the checkpoint is named beside the segments.
    let before = fs::read(folder.path.join(head::FILE)).unwrap();
    open(&folder.path)
        .unwrap()
        .append(Event::Release { period: "2025H2".parse().unwrap(), release: "t".to_owned() })
        .unwrap();
    fs::write(folder.path.join(head::FILE), before).unwrap();
    assert!(check(&folder).unwrap().ahead);
    open(&folder.path).unwrap();
    assert_eq!(check(&folder).map(|verified| verified.ahead), Ok(false));
}

#[test]
fn retries_are_known_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("audit");
    let log = open(&folder).unwrap();
    let (answered, unfinished) = (QuestionId::at(SystemClock.now()), QuestionId::at(SystemClock.now()));
    let receipt = log.intent(Intent::made_up(answered, "a")).unwrap().unwrap();
    assert_eq!(log.intent(Intent::made_up(answered, "a")).unwrap(), Err(Earlier::Running));
    let left = log.answered(&receipt, "bytes".to_owned()).unwrap();
    assert_eq!(left.verify(answered, log.key()), Ok(log.head()));
    log.intent(Intent::made_up(unfinished, "b")).unwrap().unwrap();
    assert!(matches!(open(&folder), Err(AuditError::InUse { .. })));
    drop(log);

    let log = open(&folder).unwrap();
    assert_eq!(log.intent(Intent::made_up(answered, "a")).unwrap(), Err(Earlier::Answered(Box::new(left))));
    assert_eq!(log.intent(Intent::made_up(answered, "other")).unwrap(), Err(Earlier::Other));
    assert!(log.intent(Intent::made_up(unfinished, "b")).unwrap().is_ok(), "what came to nothing may be tried again");
    drop(log);
    let mut cancelled = 0;
    verify(&folder, |logged| {
        cancelled += usize::from(matches!(logged.entry.event, Event::Outcome { outcome: Outcome::Cancelled, .. }));
    })
    .unwrap()
    .unwrap();
    assert_eq!(cancelled, 1);
}

#[test]
fn a_reader_may_look_while_the_node_writes() {
    let folder = log_of(1);
    let log = Arc::new(open(&folder.path).unwrap());
    let writer = {
        let log = Arc::clone(&log);
        std::thread::spawn(move || {
            for _ in 0..30 {
                log.append(Event::Release { period: "2025H2".parse().unwrap(), release: "u".to_owned() }).unwrap();
            }
        })
    };
    while !writer.is_finished() {
        let found = verify(&folder.path, |_| {}).unwrap();
        assert!(found.is_ok(), "{found:?}");
    }
    writer.join().unwrap();
    assert_eq!(check(&folder).unwrap().head, log.head());
}

#[test]
fn a_first_start_that_was_cut_short_begins_again() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("audit");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join(segment::name(1)), "").unwrap();
    fs::write(folder.join(head::FILE), "000").unwrap();
    let log = open(&folder).unwrap();
    assert_eq!(log.head().size, 1);
}

#[test]
fn nothing_runs_while_the_clock_is_before_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(Moved(std::sync::Mutex::new(jiff::SignedDuration::from_hours(1))));
    let gemeente = "GM0014".parse().unwrap();
    let (folder, key) = (dir.path().join("audit"), dir.path().join("log.pk8"));
    let log = AuditLog::open(&folder, &key, gemeente, &oin(), Arc::<Moved>::clone(&clock) as Arc<dyn Clock>).unwrap();
    let ask = || log.intent(Intent::made_up(QuestionId::at(SystemClock.now()), "a"));
    assert!(ask().unwrap().is_ok());
    *clock.0.lock().unwrap() = jiff::SignedDuration::ZERO;
    assert!(matches!(ask(), Err(AuditError::Clock)));
    *clock.0.lock().unwrap() = jiff::SignedDuration::from_hours(1);
    assert!(ask().unwrap().is_ok());
}

/// The machine's clock, moved.
struct Moved(std::sync::Mutex<jiff::SignedDuration>);

impl Clock for Moved {
    fn now(&self) -> jiff::Timestamp {
        SystemClock.now() + *self.0.lock().unwrap()
    }
}
