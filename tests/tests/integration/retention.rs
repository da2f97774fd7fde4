//! Records that are no longer kept: who has not been seen for long enough is gone from the records, no count of a
//! half-year that is covered changes by it, and messages from before do not bring anybody back.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use drempel_tests::synthetic::{Size, SyntheticGemeente};
use jiff::civil::{Date, date};

use crate::{
    gemeente::{GEMEENTE, Gemeente, LAST, persons, rows, text},
    watch,
};

/// The first half-year that is counted, and so the day before which somebody must have been seen last.
const COUNTED: &str = "2025H1";
const UNTIL: Date = date(2025, 1, 1);

/// A gemeente in which much was over years before what is counted, and its messages.
fn long_ago(folder: &Path) -> (SyntheticGemeente, PathBuf) {
    let (code, first, last) = (GEMEENTE.parse().unwrap(), "2022H1".parse().unwrap(), LAST.parse().unwrap());
    let truth = SyntheticGemeente::generate(code, 40, first, last, Size::Persons(150)).unwrap();
    let messages = folder.join("berichten");
    fs::create_dir(&messages).unwrap();
    truth.write_messages(&messages).unwrap();
    (truth, messages)
}

fn covering(gemeente: &Gemeente) {
    gemeente.edit("eerste = \"2024H1\"", &format!("eerste = \"{COUNTED}\""));
}

fn retaining(gemeente: &Gemeente) {
    gemeente.edit("# jaren = 20", "jaren = 1");
}

/// The first column of an exported file.
fn named(gemeente: &Gemeente, folder: &str, files: &[&str]) -> BTreeSet<String> {
    let folder = gemeente.path(folder);
    if !folder.exists() {
        gemeente.run(&["records", "export", "--dir", text(&folder)]).unwrap();
    }
    let content = files.iter().map(|file| fs::read_to_string(folder.join(format!("{file}.csv"))).unwrap());
    content.flat_map(|content| content.lines().skip(1).map(|line| line[..9].to_owned()).collect::<Vec<_>>()).collect()
}

/// The day of the last message of a kind that is kept about each person.
fn last_messages(messages: &Path) -> BTreeMap<String, Date> {
    let mut last = BTreeMap::new();
    for path in watch::files(messages, "") {
        let kind = path.file_name().unwrap().to_str().unwrap()[..5].to_owned();
        if ["jw301", "jw305", "jw307", "jw315", "jw323"].contains(&kind.as_str()) {
            let content = fs::read_to_string(&path).unwrap();
            let after = |tag: &str| -> Vec<String> {
                let parts = content.split(tag).skip(1);
                parts.map(|part| part.split('<').next().unwrap().to_owned()).collect()
            };
            let day: Date = after("<ijw:Dagtekening>")[0].parse().unwrap();
            let numbers = [after("<Bsn>"), after(&format!("<{kind}:Bsn>"))].concat();
            assert!(!numbers.is_empty(), "{}", path.display());
            for number in numbers {
                let known = last.entry(number).or_insert(day);
                *known = day.max(*known);
            }
        }
    }
    last
}

const VIEWS: [&str; 4] = ["jeugdhulp", "herhaald_beroep", "wisseling", "declaratie"];

/// Every view has the same rows in the same order, but for the numbers of persons.
fn assert_same_rows(one: &Gemeente, other: &Gemeente, what: &str) {
    let (one, other) = (one.views(), other.views());
    for view in VIEWS {
        assert!(rows(&one, view) == rows(&other, view), "{what}: other rows of {view}");
    }
}

#[test]
fn who_has_not_been_seen_is_gone_and_no_count_changes() {
    let keeping = Gemeente::init();
    let removing = Gemeente::with_the_key_of(&keeping);
    let (truth, messages) = long_ago(keeping.node().parent().unwrap());
    covering(&keeping);
    covering(&removing);
    retaining(&removing);
    keeping.import(&messages);
    removing.import(&messages);
    assert!(persons(&keeping.views()).values().all(|persons| persons.len() > 5));
    assert_same_rows(&removing, &keeping, "with retention");

    let all = named(&keeping, "uitvoer", &["feiten"]);
    let left = named(&removing, "uitvoer", &["feiten"]);
    let gone: BTreeSet<&String> = all.difference(&left).collect();
    assert!(left.is_subset(&all) && gone.len() > 10, "{} of {} are gone", gone.len(), all.len());
    let counted = named(&keeping, "uitvoer", &VIEWS);
    let last = last_messages(&messages);
    let open: BTreeSet<String> = truth
        .episodes()
        .iter()
        .filter(|episode| episode.einde.is_none())
        .map(|episode| truth.personen()[episode.persoon].bsn.to_string())
        .collect();
    for bsn in &all {
        let unseen = last[bsn] < UNTIL && !counted.contains(bsn);
        if gone.contains(bsn) {
            assert!(unseen, "somebody is gone whose last message is of {}", last[bsn]);
        } else {
            assert!(!unseen || open.contains(bsn), "somebody is kept whose last message is of {}", last[bsn]);
        }
    }

    removing.import(&messages);
    assert_same_rows(&removing, &keeping, "all messages again");
    assert_eq!(named(&removing, "uitvoer-2", &["feiten"]), left);

    // Retention that is set later does the same.
    retaining(&keeping);
    keeping.run(&["import", "--rebuild"]).unwrap();
    assert_same_rows(&removing, &keeping, "set later");
    assert_eq!(named(&keeping, "uitvoer-2", &["feiten"]), left);
}

#[test]
fn part_of_the_old_messages_brings_nobody_back() {
    let gemeente = Gemeente::init();
    let (_, messages) = long_ago(gemeente.node().parent().unwrap());
    covering(&gemeente);
    retaining(&gemeente);
    gemeente.import(&messages);
    let (views, facts) = (persons(&gemeente.views()), gemeente.verify());
    for kind in ["jw301", "jw305", "jw307", "jw315", "jw323"] {
        let part = gemeente.path(kind);
        fs::create_dir(&part).unwrap();
        for path in watch::files(&messages, "") {
            let name = path.file_name().unwrap().to_str().unwrap();
            if name.starts_with(kind) {
                fs::copy(&path, part.join(name)).unwrap();
            }
        }
        gemeente.import(&part);
        assert!(persons(&gemeente.views()) == views, "{kind} alone gives other rows");
        assert_eq!(gemeente.verify(), facts, "{kind} alone brings facts back");
    }
}
