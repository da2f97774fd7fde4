use std::{os::unix::fs::PermissionsExt as _, path::PathBuf};

use drempel_protocols::{
    catalogue::{Catalogue, SignedBundle},
    lattice::Lattice,
    policy::Policy,
    release::{Joint, RuleSet},
    sdc::{Microlp, NoOverlaps},
};

use super::*;

/// A release in which nobody is counted.
fn release(period: &str) -> Release {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../config/catalogus"));
    let catalogue = Catalogue::from_bundle(SignedBundle::read(folder).unwrap().bundle()).unwrap();
    let lattice = Lattice::of(&catalogue).unwrap();
    let nobody = vec![(0, 0); lattice.cells().len()];
    let period = period.parse().unwrap();
    let joint = Joint::new(&[], period, &lattice, &nobody, &NoOverlaps).unwrap();
    let under = RuleSet::of(&catalogue, &Policy::constants());
    joint.protect("GM0014".parse().unwrap(), period, under, &NoOverlaps, &Microlp).unwrap()
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
