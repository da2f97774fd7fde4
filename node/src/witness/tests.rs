use std::fs;

use drempel_protocols::{
    clock::SystemClock,
    log::{Consistency, Kind, Offer, Tree, TreeHash, Unwitnessed, WitnessKey, log_name},
};
use ring::{rand::SystemRandom, signature::Ed25519KeyPair};

use super::*;
use crate::audit::Event;

const OTHER: &str = "GM0034";

fn code(text: &str) -> Gemeentecode {
    text.parse().unwrap()
}

fn key(name: &str, kind: Kind) -> SigningKey {
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    SigningKey::from_pkcs8(name, kind, pkcs8.as_ref()).unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn open(folder: &Path) -> Witness {
    let files = (folder.join("getuigenis.sqlite"), folder.join("getuige.pk8"));
    Witness::open((&files.0, &files.1), code("GM0014"), ["GM0014", OTHER].map(code), at(1_000)).unwrap()
}

/// Of numbered records, or of others from one of them on.
fn tree(many: u64, otherwise_from: u64) -> Tree {
    let mut tree = Tree::default();
    for number in 0..many {
        let record = if number < otherwise_from { number } else { u64::MAX };
        tree.push(TreeHash::of_record(&record.to_be_bytes()));
    }
    tree
}

fn relayed(log: &SigningKey, tree: &Tree, old: u64) -> Relayed {
    let size = tree.size();
    let checkpoint = SignedCheckpoint::sign(size, tree.root(size).unwrap(), log).unwrap();
    let proof = if old > size { Consistency(Vec::new()) } else { tree.consistency(old, size).unwrap() };
    Relayed { log: log.public().clone(), offer: Offer { old, proof, checkpoint }.to_string() }
}

fn refused(testimony: &Testimony) -> (Unwitnessed, Option<LogHead>) {
    match testimony {
        Testimony::Refused { why, seen } => (*why, seen.as_deref().and_then(SignedCheckpoint::says)),
        Testimony::Cosigned(text) => panic!("cosigned: {text}"),
    }
}

#[test]
fn a_witness_cosigns_one_history_across_restarts_and_shows_what_it_saw() {
    let folder = tempfile::tempdir().unwrap();
    let log = key(&log_name(code(OTHER)), Kind::Log);
    let five = relayed(&log, &tree(5, 5), 0);
    let Testimony::Cosigned(text) = open(folder.path()).testify(&five, at(2_000)).unwrap() else { panic!() };
    let of = |relayed: &Relayed| open(folder.path()).testify(relayed, at(3_000)).unwrap();
    let witness = open(folder.path());
    let signed = SignedCheckpoint::open(&text, log.public()).unwrap();
    assert_eq!(signed.witnesses(&[witness.key()]).unwrap().into_values().collect::<Vec<_>>(), [at(2_000)]);
    drop(witness);

    let seen = Some(LogHead { size: 5, root: tree(5, 5).root(5).unwrap() });
    assert_eq!(refused(&of(&five)), (Unwitnessed::Other(5), None));
    assert_eq!(refused(&of(&relayed(&log, &tree(5, 4), 5))), (Unwitnessed::Forked(5), seen));
    assert_eq!(refused(&of(&relayed(&log, &tree(9, 4), 5))), (Unwitnessed::Unproved, seen));
    assert_eq!(refused(&of(&relayed(&log, &tree(4, 4), 5))), (Unwitnessed::Smaller, seen));
    let another = key(&log_name(code(OTHER)), Kind::Log);
    assert_eq!(refused(&of(&relayed(&another, &tree(9, 9), 5))), (Unwitnessed::OtherKey, seen));
    // None of this put it off the history that it saw, and what it saw is cosigned again if it did not arrive.
    for _ in 0..2 {
        assert!(matches!(of(&relayed(&log, &tree(5, 5), 5)), Testimony::Cosigned(_)));
    }
    assert!(matches!(of(&relayed(&log, &tree(9, 9), 5)), Testimony::Cosigned(_)));
    assert_eq!(refused(&of(&relayed(&log, &tree(9, 9), 5))), (Unwitnessed::Other(9), None));
}

/// What a node saw of logs is lost; its key is not.
fn lose(folder: &Path) {
    for name in ["getuigenis.sqlite", "getuigenis.sqlite-wal", "getuigenis.sqlite-shm"] {
        fs::remove_file(folder.join(name)).unwrap_or_default();
    }
}

#[test]
fn who_lost_what_it_saw_is_another_witness() {
    let folder = tempfile::tempdir().unwrap();
    let files = |number: u32| {
        ["getuige.pk8".to_owned(), format!("getuige.pk8.old-{number}")].map(|name| folder.path().join(name))
    };
    let (log, first) = (key(&log_name(code(OTHER)), Kind::Log), open(folder.path()));
    assert!(matches!(first.testify(&relayed(&log, &tree(5, 5), 0), at(2_000)), Ok(Testimony::Cosigned(_))));
    let first = first.key().clone();
    assert_eq!(*open(folder.path()).key(), first, "nothing is lost by a restart");
    let pkcs8 = fs::read(&files(1)[0]).unwrap();

    lose(folder.path());
    let second = open(folder.path());
    assert_ne!(*second.key(), first);
    assert_eq!(fs::read(&files(1)[1]).unwrap(), pkcs8, "the key is set aside");
    let Testimony::Cosigned(text) = second.testify(&relayed(&log, &tree(4, 3), 0), at(3_000)).unwrap() else {
        panic!()
    };
    let signed = SignedCheckpoint::open(&text, log.public()).unwrap();
    assert!(signed.witnesses(&[&first]).unwrap().is_empty(), "it cosigned one history");
    assert_eq!(signed.witnesses(&[second.key()]).unwrap().len(), 1);
    let second = second.key().clone();
    assert_eq!(*open(folder.path()).key(), second);

    // Put back, it is set aside again, as often as one does so; a key that is lost is made.
    for number in 2..4 {
        fs::write(&files(number)[0], &pkcs8).unwrap();
        assert_ne!(*open(folder.path()).key(), first);
        assert_eq!(fs::read(&files(number)[1]).unwrap(), pkcs8);
    }
    fs::remove_file(&files(1)[0]).unwrap();
    let last = open(folder.path()).key().clone();
    assert!(last != first && last != second && *open(folder.path()).key() == last);
    assert!(!files(4)[1].exists());
}

#[test]
fn what_an_earlier_version_saw_goes_with_the_key_that_is_there() {
    for has_seen in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let log = key(&log_name(code(OTHER)), Kind::Log);
        let before = open(folder.path()).key().clone();
        let earlier = rusqlite::Connection::open(folder.path().join("getuigenis.sqlite")).unwrap();
        earlier
            .execute_batch("DROP TABLE own_key; DROP TABLE contradiction; DROP TABLE pinned; DROP TABLE replaced; PRAGMA user_version = 1")
            .unwrap();
        if has_seen {
            let checkpoint = SignedCheckpoint::sign(5, tree(5, 5).root(5).unwrap(), &log).unwrap().to_string();
            let row = [log.public().name(), &log.public().to_string(), &checkpoint];
            earlier.execute("INSERT INTO seen (log, key, checkpoint) VALUES (?1, ?2, ?3)", row).unwrap();
        }
        drop(earlier);
        assert!(Contradiction::read(&folder.path().join("getuigenis.sqlite")).unwrap().is_empty());
        assert_eq!(*open(folder.path()).key() == before, has_seen);
    }
}

#[test]
fn only_the_logs_of_other_gemeenten_are_witnessed() {
    let folder = tempfile::tempdir().unwrap();
    let witness = open(folder.path());
    for name in ["drempel/GM0014", "drempel/GM9999", "drempel/GM0034/x", "another/GM0034"] {
        let error = witness.testify(&relayed(&key(name, Kind::Log), &tree(1, 1), 0), at(2_000)).unwrap_err();
        assert!(matches!(error, WitnessError::NotAnother), "{name}: {error}");
    }
    let log = key(&log_name(code(OTHER)), Kind::Log);
    let stolen = Relayed { log: log.public().clone(), ..relayed(&key("drempel/GM0034", Kind::Log), &tree(1, 1), 0) };
    assert!(matches!(witness.testify(&stolen, at(2_000)), Err(WitnessError::Offer(_))));
    assert!(matches!(witness.testify(&relayed(&log, &tree(1, 1), 0), at(2_000)), Ok(Testimony::Cosigned(_))));
}

#[test]
fn a_log_is_that_of_the_key_that_somebody_here_has_named() {
    let folder = tempfile::tempdir().unwrap();
    let (file, witness) = (folder.path().join("getuigenis.sqlite"), open(folder.path()));
    let logs = [(); 3].map(|()| key(&log_name(code(OTHER)), Kind::Log));
    let testify = |log: &SigningKey| witness.testify(&relayed(log, &tree(3, 3), 0), at(2_000)).unwrap();
    // Before any was seen, so that who carries logs cannot show a false one first.
    assert_eq!(pin(&file, logs[0].public()).unwrap(), None);
    assert_eq!(refused(&testify(&logs[1])), (Unwitnessed::OtherKey, None));
    assert!(matches!(testify(&logs[0]), Testimony::Cosigned(_)));
    assert_eq!(pin(&file, logs[0].public()).unwrap(), None, "it is the same");
    let kept = refused(&testify(&logs[0]));
    assert_eq!(kept.0, Unwitnessed::Other(3), "and what was seen of it is kept: it goes on from there");
    // Once another has begun: of that what was seen before counts no more, and of the other nothing does.
    assert_eq!(pin(&file, logs[1].public()).unwrap().as_ref(), Some(logs[0].public()));
    for other in [&logs[0], &logs[2]] {
        assert_eq!(refused(&testify(other)).0, Unwitnessed::OtherKey);
    }
    assert!(matches!(testify(&logs[1]), Testimony::Cosigned(_)));
    // There is no way back to the other: a second history of it could be cosigned.
    assert!(matches!(pin(&file, logs[0].public()), Err(WitnessError::Replaced)));
    let kept = refused(&testify(&logs[1]));
    assert_eq!(kept.0, Unwitnessed::Other(3), "and what was seen of this one is kept");
}

/// A log of this gemeente, in a folder.
fn own(folder: &Path) -> AuditLog {
    own_as_seen(folder, &[]).unwrap()
}

fn own_as_seen(folder: &Path, seen: &[(String, LogHead)]) -> Result<AuditLog, AuditError> {
    let (key, own) = (folder.join("log.pk8"), (code("GM0014"), &"00000099000000000014".parse().unwrap()));
    AuditLog::open_as_seen(&folder.join("audit"), &key, own, SystemClock::shared(), seen)
}

fn event() -> Event {
    Event::Release { period: "2025H2".parse().unwrap(), release: "x".to_owned() }
}

fn cosign(log: &AuditLog, by: &SigningKey, time: Timestamp) -> String {
    log.offer(0, None).unwrap().consider(None).unwrap().cosign(by, time).unwrap().to_string()
}

#[test]
fn only_what_a_known_witness_cosigned_of_this_history_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (log, witness) = (own(folder.path()), open(folder.path()));
    let [one, stranger] = [(); 2].map(|()| key("drempel/GM0034/getuige", Kind::Witness));
    let sleutel = WitnessKey::try_from(one.public().clone()).unwrap();
    let believed = [Getuige { naam: "Almere".to_owned(), sleutel }];
    let keep = |text: &str| witness.keep(text, &log, &believed, at(10_000));
    let kept = || witness.cosigned().unwrap().into_iter().map(|of| (of.head.size, of.time)).collect::<Vec<_>>();

    assert!(matches!(keep(&cosign(&log, &stranger, at(5_000))), Err(Unkept::Nobody)));
    assert!(matches!(keep(&cosign(&log, &one, at(11_000))), Err(Unkept::Nobody)), "in the future");
    let bare = log.offer(0, None).unwrap().checkpoint.to_string();
    assert!(matches!(keep(&bare), Err(Unkept::Nobody)));
    let elsewhere = tempfile::tempdir().unwrap();
    let other = own(elsewhere.path());
    assert!(matches!(keep(&cosign(&other, &one, at(5_000))), Err(Unkept::Checkpoint(_))), "of another log");
    assert!(kept().is_empty());

    let first = cosign(&log, &one, at(5_000));
    assert_eq!(keep(&first).unwrap().into_iter().collect::<Vec<_>>(), [one.public().name()]);
    log.append(event()).unwrap();
    keep(&cosign(&log, &one, at(6_000))).unwrap();
    for older in [first, cosign(&log, &one, at(5_500))] {
        keep(&older).unwrap();
        assert_eq!(kept(), [(2, at(6_000))]);
    }
    assert!(witness.cosigned().unwrap()[0].holds(log.key()) && !witness.cosigned().unwrap()[0].holds(other.key()));
}

/// The same log, put back to before and gone on with by another process.
fn copied(folder: &Path, to: &Path) -> AuditLog {
    fs::create_dir_all(to.join("audit")).unwrap();
    for entry in fs::read_dir(folder.join("audit")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join("audit").join(entry.file_name())).unwrap();
    }
    fs::copy(folder.join("log.pk8"), to.join("log.pk8")).unwrap();
    own(to)
}

#[test]
fn a_log_that_signed_what_it_does_not_have_is_closed_and_opened_only_once_it_has_that() {
    let one = key("drempel/GM0034/getuige", Kind::Witness);
    let sleutel = WitnessKey::try_from(one.public().clone()).unwrap();
    let believed = [Getuige { naam: "Almere".to_owned(), sleutel }];
    let stranger = key("drempel/GM0034/getuige", Kind::Witness);
    // Shorter than the other, as long, or longer; cosigned by a witness, by somebody else, or by nobody.
    for (own_records, others) in [(2, 1), (1, 1), (0, 2)] {
        for (by, who) in [(Some(&one), "Almere"), (Some(&stranger), NO_WITNESS), (None, NO_WITNESS)] {
            let [folder, elsewhere] = [(); 2].map(|()| tempfile::tempdir().unwrap());
            let (log, witness) = (own(folder.path()), open(folder.path()));
            let copy = copied(folder.path(), elsewhere.path());
            for (log, records) in [(&log, own_records), (&copy, others)] {
                (0..records).for_each(|_| assert!(log.append(event()).is_ok()));
            }
            let shown = by
                .map_or_else(|| copy.offer(0, None).unwrap().checkpoint.to_string(), |by| cosign(&copy, by, at(7_000)));
            let said = witness.keep(&shown, &log, &believed, at(10_000)).unwrap_err().to_string();
            assert!(said.contains(&format!("{who} has seen {} records", others + 1)), "{said}");
            assert_eq!(witness.contradicted(), Some(said));
            assert!(log.poisoned() && log.append(event()).is_err(), "nothing is logged, so nothing is answered");
            assert!(witness.cosigned().unwrap().is_empty());

            // The next start knows it, and takes the other log only.
            let head = copy.head();
            drop((log, witness));
            let seen = open(folder.path()).seen().unwrap();
            assert_eq!(seen, [(who.to_owned(), head)]);
            assert_eq!(Contradiction::read(&folder.path().join("getuigenis.sqlite")).unwrap()[0].checkpoint, shown);
            let Err(error) = own_as_seen(folder.path(), &seen) else { panic!("opened") };
            assert!(matches!(error, AuditError::Contradicted { witness, .. } if witness == who));
            drop(copy);
            assert_eq!(own_as_seen(elsewhere.path(), &seen).unwrap().head(), head);
        }
    }
}

#[test]
fn of_two_keys_of_one_name_both_count() {
    let folder = tempfile::tempdir().unwrap();
    let (log, witness) = (own(folder.path()), open(folder.path()));
    let keys = [(); 2].map(|()| key("drempel/GM0034/getuige", Kind::Witness));
    let believed = keys.each_ref().map(|key| {
        let sleutel = WitnessKey::try_from(key.public().clone()).unwrap();
        Getuige { naam: "Almere".to_owned(), sleutel }
    });
    for (key, records) in keys.iter().zip(1..) {
        let kept = || witness.cosigned().unwrap();
        witness.keep(&cosign(&log, key, at(5_000)), &log, &believed, at(10_000)).unwrap();
        assert_eq!(kept().len(), records, "what one cosigned the other did not");
        assert!(kept().iter().all(|cosigned| cosigned.holds(log.key())));
        log.append(event()).unwrap();
    }
    let mut sizes: Vec<u64> = witness.seen().unwrap().into_iter().map(|(_, head)| head.size).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [1, 2]);

    // A log that has only what the one saw is not opened, whichever of them that is.
    let (head, seen) = (log.head(), witness.seen().unwrap());
    drop(log);
    let other = LogHead { root: TreeHash::of_nothing(), ..head };
    for at in 0..2 {
        let mut seen = seen.clone();
        seen[at].1 = other;
        assert!(matches!(own_as_seen(folder.path(), &seen), Err(AuditError::Contradicted { .. })), "{at}");
    }
    assert!(own_as_seen(folder.path(), &seen).is_ok());
}

#[test]
fn who_cosigns_the_same_records_again_is_late_once_there_are_newer_ones() {
    let folder = tempfile::tempdir().unwrap();
    let (log, witness) = (own(folder.path()), open(folder.path()));
    let one = key("drempel/GM0034/getuige", Kind::Witness);
    let sleutel = WitnessKey::try_from(one.public().clone()).unwrap();
    let believed = [Getuige { naam: "Almere".to_owned(), sleutel }];
    let quarter = PATIENCE.as_secs();
    let keep = |offer: &Offer, second: i64| {
        let again = Offer::open(&offer.to_string(), log.key()).unwrap();
        let text = again.consider(None).unwrap().cosign(&one, at(second)).unwrap().to_string();
        witness.keep(&text, &log, &believed, at(second)).unwrap();
    };
    let late = |second: i64| !witness.late(&believed, log.head(), at(second)).unwrap().is_empty();
    let first = log.offer(0, None).unwrap();
    // Nothing new: it may cosign the same for hours.
    for second in [5_000, 50_000] {
        keep(&first, second);
        assert_eq!(witness.cosigned().unwrap()[0].time, at(second));
    }
    // Something new, which the carrier leaves out.
    log.append(event()).unwrap();
    for second in [50_100, 50_500, 50_000 + quarter] {
        keep(&first, second);
        assert!(!late(second));
    }
    keep(&first, 50_001 + quarter);
    assert!(late(50_001 + quarter));
    keep(&log.offer(0, None).unwrap(), 52_000);
    assert!(!late(1_000_000));
}

#[test]
fn who_has_not_cosigned_newer_records_for_a_quarter_of_an_hour_is_late() {
    let key = WitnessKey::try_from(key("drempel/GM0034/getuige", Kind::Witness).public().clone()).unwrap();
    let head = LogHead { size: 5, root: TreeHash::of_nothing() };
    let last = Cosigned { key, head, time: at(2_000), checkpoint: String::new() };
    let quarter = PATIENCE.as_secs();
    for (last, records, since, now, is_late) in [
        (Some(&last), 6, 0, 2_001 + quarter, true),
        (Some(&last), 6, 0, 2_000 + quarter, false),
        (Some(&last), 5, 0, 1_000_000, false),
        (Some(&last), 6, 3_000, 2_001 + quarter, false),
        (None, 1, 3_000, 3_001 + quarter, true),
        (None, 1, 3_000, 3_000 + quarter, false),
    ] {
        assert_eq!(Cosigned::is_late(last, records, at(since), at(now)), is_late, "{records} {since} {now}");
    }
}
