//! An import that goes on watching a folder: what is put there is imported once it is whole, portion after portion,
//! until the import is stopped.

use std::{fs, path::Path, process::Command};

use crate::gemeente::{Gemeente, eventually, persons, portions, synthetic, text, true_persons};

fn put(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn what_is_put_into_a_watched_folder_is_imported() {
    let truth = synthetic(33, 25);
    let (gemeente, apart) = (Gemeente::init(), Gemeente::init());
    let [first, second] = portions(&truth, &gemeente.path("berichten"));
    apart.import(&first);
    let of_first = persons(&apart.views());

    let watched = gemeente.path("gevolgd");
    fs::create_dir(&watched).unwrap();
    let mut import = gemeente.process(&["import", "--ijw", text(&watched), "--watch", "--every", "1"]).spawn().unwrap();
    let live = || gemeente.config().paths.snapshots.join("current").exists();
    put(&first, &watched);
    eventually("the first portion is imported", || live() && persons(&gemeente.views()) == of_first);
    put(&second, &watched);
    let all = true_persons(&truth);
    assert_ne!(all, of_first);
    eventually("the second portion is imported", || persons(&gemeente.views()) == all);
    let reports = || fs::read_dir(gemeente.config().paths.rapporten).unwrap().count();
    eventually("each import has its report, HTML and JSON", || reports() >= 4);

    assert!(import.try_wait().unwrap().is_none(), "it goes on");
    assert!(Command::new("kill").args(["-INT", &import.id().to_string()]).status().unwrap().success());
    import.wait().unwrap();
    gemeente.verify();
    assert!(persons(&gemeente.views()) == all);
}
