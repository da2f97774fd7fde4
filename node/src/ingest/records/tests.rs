use std::fs;

use jiff::civil::date;

use super::{
    super::{
        bericht::{Aanlevering, BerichtId, Geleverd, Levering, Product, Uitspraak},
        bsn::Bsn,
        codes::Categorie,
    },
    *,
};

fn gemeente() -> Gemeentecode {
    "GM0014".parse().unwrap()
}

fn key(byte: u8) -> RecordKey {
    RecordKey::from_bytes(&[byte; 32])
}

fn bsn(place: u32) -> Bsn {
    (999_900_006..=999_999_990).filter_map(Bsn::from_number).nth(place as usize).unwrap()
}

/// The start of a child in a message.
fn start(child: u32, id: &str) -> (Bsn, Uitspraak, BerichtId) {
    let product = Some(Product { categorie: Categorie::C45, code: Some("45A04".into()) });
    let wat = Geleverd { toewijzing: Some(child), product };
    let levering = Levering { wat, begindatum: date(2024, 1, 15) };
    let bericht = BerichtId { dagtekening: date(2024, 1, 16), aanbieder: 12_345_678, identificatie: id.into() };
    (bsn(child), Uitspraak::Start(levering, Aanlevering::Eerste), bericht)
}

fn add(records: &mut Records, feiten: impl IntoIterator<Item = (Bsn, Uitspraak, BerichtId)>) {
    let mut addition = records.begin();
    for (bsn, uitspraak, bericht) in feiten {
        addition.add(bsn, uitspraak, bericht).unwrap();
    }
    let mut staged = addition.finish().unwrap();
    let count = count_of(&mut staged);
    assert_eq!(count_of(&mut staged), count, "from memory, and from the file");
    staged.settle(None).unwrap().commit(records, count, None).unwrap();
}

fn count_of(staged: &mut Staged) -> u64 {
    staged.dossiers().unwrap().map(|dossier| dossier.unwrap().feiten.len() as u64).sum()
}

/// One fact about each of several children.
fn all(records: &Records) -> Vec<Dossier> {
    let all: Vec<Dossier> = records.dossiers().unwrap().collect::<Result<_, _>>().unwrap();
    assert!(all.iter().all(|dossier| dossier.feiten.len() == 1));
    all
}

#[test]
fn facts_are_a_set_in_the_order_of_the_key() {
    let dir = tempfile::tempdir().unwrap();
    let mut records = Records::open(dir.path(), gemeente(), &key(1)).unwrap();
    add(&mut records, (0..40).map(|child| start(child, "A1")));
    let once = all(&records);
    assert!(once.len() == 40 && once.is_sorted_by_key(|feit| feit.persoon));
    add(&mut records, (0..40).rev().map(|child| start(child, "A1")));
    assert_eq!(all(&records), once);
    assert_eq!(records.manifest().feiten, 40);
    assert_eq!(records.verify().unwrap(), 40);
    drop(records);
    let records = Records::open(dir.path(), gemeente(), &key(1)).unwrap();
    assert_eq!(all(&records), once);
    let byte_order: Vec<_> = once.iter().map(|feit| feit.bsn).collect();
    assert!(!byte_order.is_sorted());
}

#[test]
fn what_is_not_committed_is_gone_at_the_next_opening() {
    let dir = tempfile::tempdir().unwrap();
    let mut records = Records::open(dir.path(), gemeente(), &key(1)).unwrap();
    add(&mut records, [start(0, "A1")]);
    let mut addition = records.begin();
    let (bsn, uitspraak, bericht) = start(1, "A2");
    addition.add(bsn, uitspraak, bericht).unwrap();
    let mut staged = addition.finish().unwrap();
    assert_eq!(count_of(&mut staged), 2);
    drop(staged);
    let files = |dir: &Path| fs::read_dir(dir).unwrap().count();
    let before = files(dir.path());
    drop(records);
    let records = Records::open(dir.path(), gemeente(), &key(1)).unwrap();
    assert_eq!((all(&records).len(), files(dir.path())), (1, before - 1));
}

#[test]
fn only_one_command_writes_and_only_with_the_right_key_for_the_right_gemeente() {
    let dir = tempfile::tempdir().unwrap();
    let mut records = Records::open(dir.path(), gemeente(), &key(1)).unwrap();
    add(&mut records, [start(0, "A1")]);
    assert!(matches!(Records::open(dir.path(), gemeente(), &key(1)), Err(RecordsError::Busy)));
    drop(records);
    assert!(matches!(Records::open(dir.path(), gemeente(), &key(2)), Err(RecordsError::OtherKey { .. })));
    let other = Records::open(dir.path(), "GM0344".parse().unwrap(), &key(1));
    assert!(matches!(other, Err(RecordsError::OtherGemeente(_))));
}

#[test]
fn every_damaged_byte_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let mut records = Records::open(dir.path(), gemeente(), &key(1)).unwrap();
    add(&mut records, (0..20).map(|child| start(child, "A1")));
    let path = dir.path().join(records.manifest().segmenten[0].file());
    let whole = fs::read(&path).unwrap();
    for place in (0..whole.len()).step_by(61) {
        let mut damaged = whole.clone();
        damaged[place] ^= 1;
        fs::write(&path, &damaged).unwrap();
        assert!(matches!(records.verify(), Err(RecordsError::Corrupt(_))), "{place}");
        assert!(records.dossiers().is_err());
    }
    fs::remove_file(&path).unwrap();
    assert!(matches!(records.verify(), Err(RecordsError::Io { .. })));
}

#[test]
fn another_key_gives_another_order_and_the_same_facts() {
    let dir = tempfile::tempdir().unwrap();
    let mut records = Records::open(dir.path(), gemeente(), &key(1)).unwrap();
    add(&mut records, (0..40).map(|child| start(child, "A1")));
    let before = all(&records);
    let old_file = records.manifest().segmenten[0].file();
    records.rekey(&key(2), &mut |_| {}).unwrap();
    let after = all(&records);
    assert_eq!(records.verify().unwrap(), 40);
    assert!(!dir.path().join(old_file).exists());
    let bsns = |feiten: &[Dossier]| feiten.iter().map(|feit| feit.bsn).collect::<Vec<_>>();
    let sorted = |feiten: &[Dossier]| {
        let mut bsns = bsns(feiten);
        bsns.sort();
        bsns
    };
    assert_ne!(bsns(&before), bsns(&after));
    assert_eq!(sorted(&before), sorted(&after));
    drop(records);
    assert!(matches!(Records::open(dir.path(), gemeente(), &key(1)), Err(RecordsError::OtherKey { .. })));
    assert_eq!(all(&Records::open(dir.path(), gemeente(), &key(2)).unwrap()), after);
}

#[test]
fn no_value_of_a_fact_is_readable_at_rest() {
    let dir = tempfile::tempdir().unwrap();
    let mut records = Records::open(dir.path(), gemeente(), &key(1)).unwrap();
    add(&mut records, (0..300).map(|child| start(child, "GEHEIM-BERIC")));
    for entry in fs::read_dir(dir.path()).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        let number = bsn(0).number().to_le_bytes();
        for value in [bsn(0).text().as_bytes(), &b"GEHEIM-BERIC"[..], &b"45A04"[..], &number, &b"identificatie"[..]] {
            assert!(!bytes.windows(value.len()).any(|window| window == value));
        }
    }
}

#[test]
fn files_without_their_manifest_are_not_touched() {
    let dir = tempfile::tempdir().unwrap();
    let mut records = Records::open(dir.path(), gemeente(), &key(1)).unwrap();
    add(&mut records, [start(0, "A1")]);
    let before = all(&records);
    drop(records);
    let (manifest, aside) = (dir.path().join(MANIFEST), dir.path().join("aside"));
    fs::rename(&manifest, &aside).unwrap();
    for _ in 0..2 {
        let opened = Records::open(dir.path(), gemeente(), &key(1));
        assert!(matches!(opened, Err(RecordsError::Corrupt(file)) if file == MANIFEST));
    }
    fs::rename(&aside, &manifest).unwrap();
    assert_eq!(all(&Records::open(dir.path(), gemeente(), &key(1)).unwrap()), before);
}
