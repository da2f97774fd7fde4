//! The memory of a node holds records while it imports, and keys always. Whoever can make it crash does not get it: a
//! node that is killed so that any other process would leave a dump leaves none.

use std::{
    fs,
    os::unix::process::ExitStatusExt as _,
    process::{Child, Command, Stdio},
};

use drempel_tests::federation::Federation;

use crate::{
    asker::small,
    gemeente::{Gemeente, eventually, text},
};

/// Starts a command where dumps are as large as they can be, in a folder of its own for them.
fn unlimited(command: &Command, folder: &std::path::Path) -> Child {
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -c unlimited; exec \"$0\" \"$@\""]);
    shell.arg(command.get_program()).args(command.get_args()).current_dir(folder);
    shell.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// The soft and the hard limit of dumps of a process, once it is no longer the shell that started it.
fn limits(child: &Child) -> Option<(String, String)> {
    let limits = fs::read_to_string(format!("/proc/{}/limits", child.id())).ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max core file size"))?;
    let mut words = line.split_whitespace().map(str::to_owned);
    Some((words.next()?, words.next()?))
}

/// Whether a process that is aborted leaves a dump.
fn dumped(mut child: Child) -> bool {
    let killed = Command::new("kill").args(["-ABRT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let status = child.wait().unwrap();
    assert_eq!(status.signal(), Some(6));
    status.core_dumped()
}

fn forbidden(what: &str, child: Child) {
    let none = ("0".to_owned(), "0".to_owned());
    eventually(&format!("{what} forbids dumps"), || limits(&child).as_ref() == Some(&none));
    assert!(!dumped(child), "{what} left a dump");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_killed_leaves_no_dump() {
    let folder = tempfile::tempdir().unwrap();
    let mut sleep = Command::new("sleep");
    sleep.arg("60");
    let control = unlimited(&sleep, folder.path());
    eventually("the control may leave a dump", || limits(&control).is_some_and(|(soft, _)| soft == "unlimited"));
    if !dumped(control) {
        let why = "no process leaves a dump on this machine: only the limits that the node set are looked at";
        std::io::Write::write_all(&mut std::io::stderr(), format!("{why}\n").as_bytes()).unwrap();
    }

    let gemeente = Gemeente::init();
    let messages = gemeente.path("berichten");
    fs::create_dir(&messages).unwrap();
    let import = gemeente.process(&["import", "--ijw", text(&messages), "--watch"]);
    forbidden("an import", unlimited(&import, folder.path()));

    let mut federation: Federation = small(1).start().await.unwrap();
    let code = *federation.members().keys().next().unwrap();
    federation.stop_node(code).await.unwrap();
    let mut serve = Command::new(env!("CARGO_BIN_EXE_knoop"));
    serve.arg("--config").arg(federation.layout().node_config(code)).arg("serve");
    forbidden("a node that serves", unlimited(&serve, folder.path()));
    federation.stop().await;

    let left = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let of_node: Vec<String> = left.filter(|name| name.contains("knoop")).collect();
    assert!(of_node.is_empty(), "{of_node:?}");
}
