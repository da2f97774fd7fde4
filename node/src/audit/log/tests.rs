use std::{sync::Arc, thread, time::Duration};

use drempel_protocols::clock::SystemClock;

use super::*;
use crate::audit::verify::Verified;

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
    assert_eq!((verified.checkpoints, verified.head), (vec![1, 9], log.head()));
    // What is one batch on disk is one for its receipts too, and they are the same after a restart.
    drop(log);
    assert_eq!(open(&folder).state().checkpoints, [1, 9]);
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
    assert!(matches!(log.append(event(3)), Err(AuditError::Poisoned)));
    assert_eq!((log.head().size, check(&folder).head), (2, log.head()), "what was on disk is there");
    drop(log);
    let log = open(&folder);
    log.append(event(4)).unwrap();
    assert_eq!(check(&folder).head, log.head());
}
