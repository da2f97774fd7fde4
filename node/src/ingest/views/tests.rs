use std::{collections::BTreeMap, fs, path::Path};

use arrow::{array::AsArray as _, datatypes::UInt32Type};
use drempel_protocols::catalogue::{Catalogue, SignedBundle};

use super::{
    super::{afbeelding::Afbeelding, sleutel::RecordKey, snapshot::Snapshot, view::HERHAALD_BEROEP},
    *,
};

const HEADER: &str = "persoon,periode,categorie,hulpvorm,herhaald,leeftijdsgroep,geslacht\n";

fn import(dir: &Path, strict: bool) -> Result<ImportReport, ImportError> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../config/catalogus");
    let signed = SignedBundle::read(folder.as_ref()).unwrap();
    let definities = Catalogue::from_bundle(signed.bundle()).unwrap().definitions().clone();
    let (key, afbeelding) = (RecordKey::from_bytes(&[7; 32]), Afbeelding::default());
    let request = ImportRequest {
        gemeente: "GM0014".parse().unwrap(),
        voorgangers: &[],
        first: "2024H1".parse().unwrap(),
        last: "2025H1".parse().unwrap(),
        records: &dir.join("records"),
        snapshots: &dir.join("snapshots"),
        key: &key,
        afbeelding: &afbeelding,
        definities: &definities,
        bewaren: None,
        strict,
        now: "2026-01-10T12:00:00Z".parse().unwrap(),
    };
    import_views(&request, dir, Vorm::Csv, &mut |_| ())
}

fn rows(dir: &Path) -> Vec<u32> {
    let snapshot = Snapshot::open_current(&dir.join("snapshots")).unwrap();
    let batches: Vec<_> = snapshot.rows(&HERHAALD_BEROEP).unwrap().collect::<Result<_, _>>().unwrap();
    batches.iter().flat_map(|batch| batch.column(0).as_primitive::<UInt32Type>().values().to_vec()).collect()
}

fn with(lines: &str) -> (tempfile::TempDir, Result<ImportReport, ImportError>) {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("herhaald_beroep.csv"), format!("{HEADER}{lines}")).unwrap();
    let report = import(dir.path(), false);
    (dir, report)
}

fn codes(report: &ImportReport) -> BTreeMap<&'static str, usize> {
    report.bevindingen.iter().map(|line| (line.code.code(), line.aantal)).collect()
}

#[test]
fn rows_of_a_warehouse_become_a_snapshot_under_numbers_of_their_own() {
    let lines = "999900006,2024H1,45,,eerste,4-11,M\nkind-7,2024H1,35,11,later,,V\nkind-7,2024H2,45,,aansluitend,,V\n";
    let (dir, report) = with(lines);
    let report = report.unwrap();
    assert_eq!((report.geteld.personen, report.bevindingen.len()), (2, 0));
    let mut found = rows(dir.path());
    found.sort_unstable();
    assert!(found == [0, 0, 1] || found == [0, 1, 1]);
    for file in fs::read_dir(dir.path().join("snapshots").join(report.snapshot.unwrap())).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("kind-7"));
    }
}

#[test]
fn a_row_that_is_not_as_it_should_be_is_left_out_and_counted() {
    let lines = "999900006,2024H1,45,,eerste,4-11,M\n\
                 999900007,2024H1,45,,eerste,4-11,M\n\
                 kind-1,2024H3,45,,eerste,4-11,M\n\
                 kind-2,2024H1,39,,eerste,4-11,M\n\
                 ,2024H1,45,,eerste,4-11,M\n\
                 kind-3,2024H1,45\n\
                 kind-4,2024H1,45,,eerste,4-11,M\n\
                 kind-4,2024H1,46,,eerste,4-11,V\n\
                 kind-4,2024H2,46,,eerste,4-11,V\n";
    let (dir, report) = with(lines);
    let expected = BTreeMap::from([
        ("bsn_ongeldig", 1),
        ("periode_ongeldig", 1),
        ("onbekende_code", 1),
        ("niet_volgens_schema", 2),
        ("meer_dan_een_lid", 2),
    ]);
    assert_eq!(codes(&report.unwrap()), expected);
    assert_eq!(rows(dir.path()).len(), 2);
    let before = Snapshot::current(&dir.path().join("snapshots")).unwrap();
    assert!(matches!(import(dir.path(), true), Err(ImportError::Strict(_))));
    assert_eq!(Snapshot::current(&dir.path().join("snapshots")).unwrap(), before);
}

#[test]
fn a_folder_without_views_or_with_other_columns_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(import(dir.path(), false), Err(ImportError::Views(ViewsError::None("csv")))));
    fs::write(dir.path().join("wisseling.csv"), "persoon,periode\n").unwrap();
    let Err(ImportError::Views(ViewsError::Columns { columns, .. })) = import(dir.path(), false) else { panic!() };
    assert_eq!(columns, "persoon,periode,categorie,hulpvorm,aansluiting,reden,leeftijdsgroep,geslacht");
    let (_dir, only_bad) = with("999900007,2024H1,45,,eerste,4-11,M\n");
    assert!(matches!(only_bad, Err(ImportError::NothingUsable(_))));
}
