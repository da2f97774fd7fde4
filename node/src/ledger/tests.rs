use std::{os::unix::fs::PermissionsExt as _, path::PathBuf, sync::Arc};

use drempel_protocols::{
    catalogue::{Catalogue, SignedBundle},
    clock::SystemClock,
    lattice::Lattice,
    policy::Policy,
    release::{Joint, RuleSet, Uitgave},
    sdc::{Microlp, NoOverlaps},
};

use super::*;
use crate::audit::{AuditLog, Event};

/// A release in which nobody is counted.
fn release(period: &str) -> Release {
    release_of("GM0014", period)
}

fn release_of(gemeente: &str, period: &str) -> Release {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../config/catalogus"));
    let catalogue = Catalogue::from_bundle(SignedBundle::read(folder).unwrap().bundle()).unwrap();
    let lattice = Lattice::of(&catalogue).unwrap();
    let nobody = vec![(0, 0); lattice.cells().len()];
    let period = period.parse().unwrap();
    let joint =
        Joint::new(&[], Uitgave::new(gemeente.parse().unwrap(), period), &lattice, &nobody, &NoOverlaps).unwrap();
    let under = RuleSet::of(&catalogue, &Policy::constants());
    joint.protect(under, &NoOverlaps, &Microlp).unwrap()
}

fn sleutel(byte: u8) -> PersoonSleutel {
    PersoonSleutel::from_bytes([byte; 16])
}

fn counted(byte: u8) -> CountedSet {
    let soort = ("45".parse().unwrap(), "onbekend".parse().unwrap());
    HashMap::from([(sleutel(byte), BTreeMap::from([(soort, Geteld { running: 1, known: 2 })]))])
}

fn file(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("ledger.sqlite")
}

#[test]
fn a_release_is_added_once_and_withdrawn_once_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    let release = release("2025H2");
    let now = Timestamp::UNIX_EPOCH;
    let id = {
        let mut ledger = Ledger::open(&file(&folder)).unwrap();
        let empty = ledger.version().unwrap();
        let id = ledger.add(&release, &counted(1), &empty, now).unwrap();
        let full = ledger.version().unwrap();
        assert_ne!(full, empty);
        // Made before the other was there, so not protected together with it.
        assert!(matches!(ledger.add(&release, &counted(2), &empty, now), Err(LedgerError::Changed)));
        assert!(matches!(ledger.add(&release, &counted(2), &full, now), Err(LedgerError::Released(_))));
        let mode = std::fs::metadata(file(&folder)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "it holds the counts of hidden cells");
        id
    };
    let mut ledger = Ledger::open(&file(&folder)).unwrap();
    assert_eq!(ledger.counted().unwrap(), counted(1));
    let before = ledger.version().unwrap();
    ledger.withdraw(release.period(), "verkeerd bestand", now).unwrap();
    assert_ne!(ledger.version().unwrap(), before);
    assert!(matches!(ledger.withdraw(release.period(), "again", now), Err(LedgerError::NotReleased(_))));
    assert!(matches!(ledger.withdraw("2024H1".parse().unwrap(), "none", now), Err(LedgerError::NotReleased(_))));
    let stored = ledger.releases().unwrap();
    assert_eq!((stored.len(), &stored[0].id, &stored[0].release), (1, &id, &release));
    assert_eq!(stored[0].withdrawn, Some((now, "verkeerd bestand".to_owned())));
}

/// A log of some node that answered from a release of this id.
fn log(folder: &Path, release: &str) -> AnsweredFrom {
    let (gemeente, oin) = ("GM0014".parse().unwrap(), "00000099000000099997".parse().unwrap());
    let log = AuditLog::open(folder, &folder.with_extension("pk8"), gemeente, &oin, Arc::new(SystemClock)).unwrap();
    log.append(Event::Release { period: "2025H2".parse().unwrap(), release: release.to_owned() }).unwrap();
    drop(log);
    AnsweredFrom::read(folder).unwrap()
}

#[test]
fn a_ledger_from_before_what_was_answered_from_gives_nothing_and_is_not_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let mut ledger = Ledger::open(&at("old")).unwrap();
    let empty = ledger.version().unwrap();
    let id = ledger.add(&release("2025H2"), &counted(1), &empty, Timestamp::UNIX_EPOCH).unwrap();
    let (same, other) = (log(&at("log"), &id), log(&at("another"), "made before the backup was put back"));
    assert_eq!(ledger.releases_after(&same).unwrap().len(), 1);
    assert!(matches!(ledger.releases_after(&other), Err(LedgerError::Behind(_))));
    let own = "GM1969".parse().unwrap();
    let names = HashMap::from([(sleutel(1), sleutel(9))]);
    let mut new = Ledger::open(&at("new")).unwrap();
    let refused = new.take_over(&at("old"), own, &names, &other, true);
    assert!(matches!(refused, Err(LedgerError::Behind(_))));
    assert!(new.history().unwrap().is_empty(), "nothing of it");
    new.take_over(&at("old"), own, &names, &same, false).unwrap();
}

#[test]
fn what_is_not_as_it_was_written_is_said_to_be_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(&file(&folder)).unwrap();
    let empty = ledger.version().unwrap();
    ledger.add(&release("2025H2"), &counted(1), &empty, Timestamp::UNIX_EPOCH).unwrap();
    ledger.connection.execute("UPDATE release SET body = replace(body, '2025H2', '2025H1')", []).unwrap();
    assert!(matches!(ledger.releases(), Err(LedgerError::Corrupt(period)) if period == "2025H2"));
    ledger.connection.pragma_update(None, "user_version", 99).unwrap();
    drop(ledger);
    assert!(matches!(Ledger::open(&file(&folder)), Err(LedgerError::Newer)));
}

#[test]
fn a_person_renamed_twice_is_known_by_the_first_name() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(&file(&folder)).unwrap();
    ledger.rename([(sleutel(1), sleutel(2))]).unwrap();
    ledger.rename([(sleutel(1), sleutel(2)), (sleutel(2), sleutel(3))]).unwrap();
    let renamed = ledger.renamed().unwrap();
    assert_eq!((renamed[&sleutel(2)], renamed[&sleutel(3)]), (sleutel(1), sleutel(1)));
    let named = ledger.version().unwrap();
    ledger.rename([(sleutel(4), sleutel(5))]).unwrap();
    let late = ledger.add(&release("2025H2"), &counted(3), &named, Timestamp::UNIX_EPOCH);
    assert!(matches!(late, Err(LedgerError::Changed)), "the names would be lost");
    let named = ledger.version().unwrap();
    ledger.add(&release("2025H2"), &counted(3), &named, Timestamp::UNIX_EPOCH).unwrap();
    assert!(ledger.renamed().unwrap().is_empty());
}

/// Who was in both gemeenten was counted in both, and who is not in the records keeps the name that the other gave.
#[test]
fn what_another_gemeente_counted_is_added_once() {
    let folder = tempfile::tempdir().unwrap();
    let own = "GM1969".parse().unwrap();
    let at = |name: &str| folder.path().join(name);
    let old = |name: &str, gemeente: &str, period: &str, person: u8| {
        let mut ledger = Ledger::open(&at(name)).unwrap();
        let version = ledger.version().unwrap();
        ledger.add(&release_of(gemeente, period), &counted(person), &version, Timestamp::UNIX_EPOCH).unwrap();
        ledger
    };
    // Of a node that was not stopped in order: what it added last is still beside the file.
    let _open = old("one", "GM0014", "2025H2", 1);
    assert!(at("one-wal").metadata().unwrap().len() > 0);
    drop(old("two", "GM0037", "2025H2", 2));
    drop(old("early", "GM0034", "2025H1", 3));
    let mut ledger = Ledger::open(&at("new")).unwrap();
    Ledger::open(&at("empty")).unwrap();
    let names = HashMap::from([(sleutel(1), sleutel(9)), (sleutel(2), sleutel(9))]);
    let version = ledger.version().unwrap();
    let mut take_over =
        |name: &str, accept_loss| ledger.take_over(&at(name), own, &names, &AnsweredFrom::default(), accept_loss);
    assert!(matches!(take_over("empty", false), Err(LedgerError::Nothing)));
    let taken = take_over("one", false).unwrap();
    assert_eq!((taken.releases, taken.persons, taken.known), (1, 1, 1));
    assert!(matches!(take_over("one", true), Err(LedgerError::TakenOver(_))));
    assert!(matches!(take_over("early", true), Err(LedgerError::OtherEnd { .. })));
    take_over("two", false).unwrap();
    let [(person, soorten)] = ledger.counted().unwrap().into_iter().collect::<Vec<_>>().try_into().unwrap();
    let alone = counted(1).remove(&sleutel(1)).unwrap();
    let twice = |geteld: &Geteld| Geteld { running: 2 * geteld.running, known: 2 * geteld.known };
    assert_eq!(person, sleutel(9));
    assert!(soorten.iter().all(|(soort, geteld)| *geteld == twice(&alone[soort])), "{soorten:?}");
    assert_ne!(ledger.version().unwrap(), version, "a release made before knows nothing of it");
    assert_eq!(ledger.history().unwrap().len(), 2);
    assert_eq!(ledger.opgegaan().unwrap().len(), 2);

    let mut other = Ledger::open(&at("other")).unwrap();
    let mut take_over =
        |accept_loss| other.take_over(&at("one"), own, &HashMap::new(), &AnsweredFrom::default(), accept_loss);
    assert!(matches!(take_over(false), Err(LedgerError::Strangers(_))));
    take_over(true).unwrap();
    assert!(other.counted().unwrap().contains_key(&sleutel(1)));
}
