//! Locks on the node's own folders, so that only one command writes.

use std::{
    fs::{File, TryLockError},
    thread,
    time::Duration,
};

/// How long to wait for a lock that is not free, and how often to look.
const PATIENCE: (u32, Duration) = (50, Duration::from_millis(10));

/// Takes the lock on a file. A process that this one has just started holds a copy of every open file, and so of every
/// lock, until its own program begins: a lock that was let go a moment ago is waited for, one that is kept is not.
///
/// # Errors
/// [`TryLockError::WouldBlock`] if another keeps it.
pub(crate) fn take(file: &File) -> Result<(), TryLockError> {
    let (times, pause) = PATIENCE;
    for _ in 0..times {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => thread::sleep(pause),
            taken => return taken,
        }
    }
    file.try_lock()
}
