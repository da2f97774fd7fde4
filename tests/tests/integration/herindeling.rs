//! A herindeling on 1 January: two gemeenten become one, whose node takes over their records and ledgers.

use std::{collections::BTreeMap, fs, path::PathBuf, sync::Arc};

use drempel_node::{
    audit::{AuditLog, Event},
    ledger::Ledger,
};
use drempel_protocols::{
    clock::SystemClock,
    lattice::{self, Place},
    release::Release,
    sdc::{Certificate, Microlp},
};
use drempel_tests::synthetic::{Size, SyntheticGemeente};

use crate::gemeente::{FIRST, Gemeente, LAST, text};

/// A gemeente with a release of the last half-year before, and its messages.
fn old(code: &str, seed: u64, persons: usize) -> (Gemeente, PathBuf) {
    let node = Gemeente::of(code);
    let messages = node.path("berichten");
    fs::create_dir_all(&messages).unwrap();
    let (first, last) = (FIRST.parse().unwrap(), LAST.parse().unwrap());
    let size = Size::Persons(persons);
    let truth = SyntheticGemeente::generate(code.parse().unwrap(), seed, first, last, size).unwrap();
    truth.write_messages(&messages).unwrap();
    node.import(&messages);
    node.run(&["release", "build", "--period", "2025H2"]).unwrap();
    (node, messages)
}

fn only(node: &Gemeente) -> Release {
    Ledger::open(&node.config().paths.ledger).unwrap().releases().unwrap().pop().unwrap().release
}

fn rows(release: &Release) -> BTreeMap<&Place, (u64, bool)> {
    release.reasons().map(|cell| (cell.place, (cell.rows, cell.reason.is_none()))).collect()
}

#[test]
fn a_gemeente_goes_on_where_those_that_became_it_ended() {
    let parts = [old("GM0014", 1, 260), old("GM0037", 2, 90)];
    let new = Gemeente::of("GM1969");
    new.edit("gemeente = \"GM1969\"", "gemeente = \"GM1969\"\nvoorgangers = [\"GM0014\", \"GM0037\"]");
    for (_, messages) in &parts {
        new.import(messages);
    }
    let early = new.run(&["release", "build"]).unwrap_err();
    assert!(early.contains("GM0014 became this gemeente"), "{early}");

    let take_over = |of: usize, key_of: usize| {
        let [ledger, key] = [parts[of].0.config().paths.ledger, parts[key_of].0.config().paths.record_key];
        let log = parts[of].0.config().paths.audit;
        fs::create_dir_all(&log).unwrap();
        new.run(&["ledger", "import", text(&ledger), "--record-key", text(&key), "--log", text(&log)])
    };
    let strangers = take_over(0, 1).unwrap_err();
    assert!(strangers.contains("less than half of the children whom GM0014 counted"), "{strangers}");
    let said = take_over(0, 0).unwrap();
    assert!(said.contains("took over 1 releases of GM0014, up to 2025H2"), "{said}");
    let twice = take_over(0, 0).unwrap_err();
    assert!(twice.contains("taken over before"), "{twice}");
    let missing = new.run(&["release", "build"]).unwrap_err();
    assert!(missing.contains("GM0037 became this gemeente"), "{missing}");
    take_over(1, 1).unwrap();

    new.run(&["release", "build"]).unwrap();
    let release = only(&new);
    assert_eq!(release.period().to_string(), "2026H1");
    assert_eq!(release.voorgangers().len(), 2);
    let old: Vec<Release> = parts.iter().map(|(node, _)| only(node)).collect();
    let (before, after) = (old.iter().map(rows).collect::<Vec<_>>(), rows(&release));
    let mut compared = 0;
    for (place, (count, shown)) in after {
        let Some(stock) = lattice::after(place) else { continue };
        if lattice::is_of_persons(place) {
            continue;
        }
        let parts: Vec<(u64, bool)> = before.iter().map(|rows| rows[&stock]).collect();
        assert_eq!(count, parts.iter().map(|(count, _)| count).sum::<u64>(), "{place:?}");
        let hidden = parts.iter().filter(|(_, shown)| !shown).count() + usize::from(!shown);
        assert!(hidden != 1 || parts.iter().all(|(count, shown)| *shown || *count >= 10), "{place:?}");
        compared += 1;
    }
    assert!(compared > 5, "{compared}");

    // A third person checks what the three released together, from what is published alone.
    let file = new.path("certificaat.json");
    let said = new.run(&["release", "certificate", "--out", text(&file)]).unwrap();
    assert!(said.contains("cells are shown in everything up to 2026H1"), "{said}");
    let certificate: Certificate = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!(certificate.verify(&Microlp), Ok(()));
    let (shown, cells) = certificate.shown();
    assert!(shown < cells && cells > before[0].len() + before[1].len(), "{shown} of {cells}");
    let again = new.run(&["release", "certificate", "--out", text(&file)]).unwrap_err();
    assert!(again.contains("is there already"), "{again}");

    // From then on it is a gemeente like any other, that still knows what the others released.
    let ledger = Ledger::open(&new.config().paths.ledger).unwrap();
    assert!(ledger.opgegaan().unwrap().is_empty());
    assert_eq!(ledger.history().unwrap().len(), 3);

    // A ledger that lacks what its log was answered from gives no certificate, nor anything else.
    let config = new.config();
    let (folder, key) = (&config.paths.audit, &config.paths.log_key);
    let log = AuditLog::open(folder, key, config.gemeente, &config.oin, Arc::new(SystemClock)).unwrap();
    log.append(Event::Release { period: "2026H2".parse().unwrap(), release: "lost".to_owned() }).unwrap();
    drop(log);
    let behind = new.path("achter.json");
    let of_next = ["--period", "2026H2"];
    let commands = [vec!["certificate", "--out", text(&behind)], vec!["preview"], vec!["build"]];
    for command in commands {
        let of_next = if command.len() == 1 { &of_next[..] } else { &[] };
        let said = new.run(&[&["release"], &command[..], of_next].concat()).unwrap_err();
        assert!(said.contains("lacks a release of 2026H2"), "{command:?}: {said}");
    }
    assert!(!behind.exists());
}
