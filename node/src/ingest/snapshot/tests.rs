use std::{fs, path::PathBuf};

use arrow::array::{Array as _, AsArray as _};
use jiff::{Timestamp, civil::date};

use super::{
    super::{
        codes::{Categorie, Hulpvorm, RedenBeeindiging},
        view::{Begin, Duurklasse, Gebruik, JEUGDHULP, Leeftijdsgroep, Rij, Stroom, Uitkomst, VIEWS, WISSELING},
    },
    *,
};

const TABLE: &str = "jeugdhulp.parquet";

fn input() -> ManifestInput {
    ManifestInput {
        gemeente: "GM0014".parse().unwrap(),
        created: Timestamp::UNIX_EPOCH,
        periods: vec!["2024H1".parse().unwrap()],
        afbeelding: false,
    }
}

fn row(persoon: u32) -> Rij {
    Gebruik {
        periode: "2024H1".parse().unwrap(),
        persoon,
        begin: Begin::Gestart,
        einde: Uitkomst::LooptDoor,
        categorie: Some(Categorie::C35),
        hulpvorm: Some(Hulpvorm::H11),
        leeftijdsgroep: Some(Leeftijdsgroep::Tot12),
        geslacht: Geslacht::Onbekend,
        duurklasse: Duurklasse::Tot3Maanden,
        stroom: Stroom::Instroom,
        verwijzer: None,
        wachttijdklasse: None,
        aanbieder: Some(12_345_678),
        eerdere_aanbieder: None,
    }
    .into()
}

fn traject(persoon: u32) -> TrajectRow {
    TrajectRow {
        persoon,
        zorg: Zorg { categorie: None, hulpvorm: None },
        aanvang: date(2024, 1, 2),
        einde: Some(Einde { datum: date(2024, 5, 6), reden: Some(RedenBeeindiging::VolgensPlan) }),
        geslacht: Geslacht::Mannelijk,
        traject_id: TrajectId::from_bytes([1; 16]),
    }
}

fn write(dir: &std::path::Path, trajecten: &[TrajectRow], rows: &[Rij]) -> Result<SnapshotId, SnapshotError> {
    let mut writer = SnapshotWriter::create(dir, input())?;
    for row in trajecten {
        writer.trajecten(&mut [*row])?;
    }
    for row in rows {
        writer.rows(&JEUGDHULP, &mut [*row])?;
    }
    writer.finish(None)?.publish()
}

fn live(dir: &std::path::Path, id: SnapshotId, file: &str) -> PathBuf {
    dir.join(id.to_string()).join(file)
}

#[test]
fn what_is_written_is_read_without_dates() {
    let dir = tempfile::tempdir().unwrap();
    let id = write(dir.path(), &[traject(0), traject(1)], &[row(0), row(1), row(2)]).unwrap();
    let snapshot = Snapshot::open_current(dir.path()).unwrap();
    assert_eq!(snapshot.id(), id);
    assert_eq!(snapshot.manifest().files[TABLE].rows, 3);
    assert_eq!(snapshot.manifest().files[TRAJECTEN].rows, 2);
    assert_eq!(snapshot.manifest().gemeente.to_string(), "GM0014");
    let batches: Vec<_> = snapshot.rows(&JEUGDHULP).unwrap().collect::<Result<_, _>>().unwrap();
    let personen = batches[0].column_by_name("persoon").unwrap().as_primitive::<arrow::datatypes::UInt32Type>();
    assert_eq!(personen.values(), &[0, 1, 2]);
    assert_eq!(batches[0].column_by_name("hulpvorm").unwrap().as_string::<i32>().value(0), "11");
    assert!(batches[0].column_by_name("geslacht").unwrap().is_null(0));
    assert_eq!(snapshot.rows(&WISSELING).unwrap().count(), 0);
    for view in VIEWS {
        assert!(view.arrow().fields().iter().all(|field| !field.data_type().is_temporal()));
    }
}

#[test]
fn rows_of_a_person_in_any_order_make_the_same_files() {
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let mut other = row(0);
    other.leden[0] = 0;
    for (dir, mut rows) in dirs.iter().zip([[row(0), other], [other, row(0)]]) {
        let mut writer = SnapshotWriter::create(dir.path(), input()).unwrap();
        writer.rows(&JEUGDHULP, &mut rows).unwrap();
        writer.finish(None).unwrap().publish().unwrap();
    }
    let [one, other] = dirs.each_ref().map(|dir| Snapshot::open_current(dir.path()).unwrap());
    assert_eq!(one.manifest(), other.manifest());
    assert_ne!(one.id(), other.id());
}

#[test]
fn r1_a_second_member_of_what_allows_one_is_not_written() {
    let dir = tempfile::tempdir().unwrap();
    let mut older = row(0);
    older.leden[4] += 1;
    let found = write(dir.path(), &[], &[row(0), older]);
    assert!(matches!(found, Err(SnapshotError::PerPersoon("leeftijdsgroep"))));
}

#[test]
fn what_is_not_published_is_not_live() {
    let dir = tempfile::tempdir().unwrap();
    let id = write(dir.path(), &[], &[row(0)]).unwrap();
    let writer = SnapshotWriter::create(dir.path(), input()).unwrap();
    let written = writer.finish(None).unwrap();
    assert_eq!(Snapshot::open_current(dir.path()).unwrap().id(), id);
    drop(written);
    let after = write(dir.path(), &[], &[row(0)]).unwrap();
    let folders = fs::read_dir(dir.path()).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_dir()).count();
    assert_eq!((Snapshot::open_current(dir.path()).unwrap().id(), folders), (after, 1));
}

#[test]
fn the_pointer_moves_at_once_and_what_was_live_goes() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(Snapshot::open_current(dir.path()), Err(SnapshotError::None)));
    let old = write(dir.path(), &[], &[row(0)]).unwrap();
    // What an import leaves that was killed halfway.
    fs::create_dir(dir.path().join(".tmp-half")).unwrap();
    fs::write(dir.path().join(".tmp-half").join(TABLE), b"half").unwrap();
    fs::write(dir.path().join("notitie.txt"), b"not ours").unwrap();
    assert_eq!(Snapshot::open_current(dir.path()).unwrap().id(), old);
    let new = write(dir.path(), &[], &[row(0), row(1)]).unwrap();
    assert_eq!(Snapshot::open_current(dir.path()).unwrap().id(), new);
    assert!(!dir.path().join(old.to_string()).exists());
    assert!(!dir.path().join(".tmp-half").exists());
    assert!(dir.path().join("notitie.txt").exists());
}

#[test]
fn a_writer_that_fails_leaves_the_live_snapshot() {
    let dir = tempfile::tempdir().unwrap();
    let id = write(dir.path(), &[], &[row(0)]).unwrap();
    let lock = fs::File::create(dir.path().join(".lock")).unwrap();
    lock.lock().unwrap();
    assert!(matches!(write(dir.path(), &[], &[]), Err(SnapshotError::Busy)));
    assert_eq!(Snapshot::open_current(dir.path()).unwrap().id(), id);
}

#[test]
fn every_damaged_byte_of_a_table_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let id = write(dir.path(), &[traject(0)], &[row(0)]).unwrap();
    for file in [TABLE, TRAJECTEN] {
        let path = live(dir.path(), id, file);
        let whole = fs::read(&path).unwrap();
        for place in (0..whole.len()).step_by(97) {
            let mut damaged = whole.clone();
            damaged[place] ^= 1;
            fs::write(&path, &damaged).unwrap();
            assert!(
                matches!(Snapshot::open_current(dir.path()), Err(SnapshotError::Corrupt(found)) if found == file),
                "{place}"
            );
        }
        fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        assert!(matches!(Snapshot::open_current(dir.path()), Err(SnapshotError::Corrupt(_))));
        fs::write(&path, &whole).unwrap();
    }
    assert!(Snapshot::open_current(dir.path()).is_ok());
}

#[test]
fn another_format_and_a_missing_file_are_errors() {
    let dir = tempfile::tempdir().unwrap();
    let id = write(dir.path(), &[], &[row(0)]).unwrap();
    let manifest = live(dir.path(), id, MANIFEST);
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(&manifest, text.replace("\"format\": 4", "\"format\": 3")).unwrap();
    assert!(matches!(Snapshot::open_current(dir.path()), Err(SnapshotError::Format)));
    fs::write(&manifest, &text[1..]).unwrap();
    assert!(matches!(Snapshot::open_current(dir.path()), Err(SnapshotError::Corrupt(file)) if file == MANIFEST));
    fs::remove_file(&manifest).unwrap();
    assert!(matches!(Snapshot::open_current(dir.path()), Err(SnapshotError::Io { file, .. }) if file == MANIFEST));
    fs::write(dir.path().join(CURRENT), "../../etc\n").unwrap();
    assert!(matches!(Snapshot::open_current(dir.path()), Err(SnapshotError::Corrupt(file)) if file == CURRENT));
}
