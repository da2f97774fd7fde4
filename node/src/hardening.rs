//! What the process denies to whoever can start or stop it: its memory, which holds records while they are imported and
//! keys always, goes into no core dump, and no process of the same account can attach to it.

use std::io;

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// Forbids core dumps and attaching, for the rest of the life of the process.
///
/// # Errors
/// If the system refuses; a node must not go on then.
pub fn forbid_dumps() -> io::Result<()> {
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    Ok(())
}
