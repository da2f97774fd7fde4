pub(super) mod berichten;

use std::{fs, path::Path};

use proptest::prelude::*;

use self::berichten::{ANDER_KIND, Brief, GEBOREN, KIND, NAAM};
use super::{
    snapshot::{Snapshot, SnapshotError},
    *,
};

fn import(messages: &Path, snapshots: &Path) -> Result<ImportReport, ImportError> {
    let key = RecordKey::from_bytes(&[7; 32]);
    let request = ImportRequest {
        gemeente: "GM0014".parse().unwrap(),
        first: "2024H1".parse().unwrap(),
        last: "2025H1".parse().unwrap(),
        messages,
        snapshots,
        key: &key,
        now: jiff::Timestamp::UNIX_EPOCH,
    };
    import_ijw(&request, &mut |_| ())
}

fn write(dir: &Path, xml: &[String]) {
    for (place, xml) in xml.iter().enumerate() {
        fs::write(dir.join(format!("{place:05}.xml")), xml).unwrap();
    }
}

fn two_children() -> Vec<Brief> {
    vec![
        Brief::jw301("T1", "2024-01-02").toewijzing(7, "35", "2024-01-02 10:00:00", ""),
        Brief::jw305("S1", "2024-01-16").start("7", "35", "2024-01-15", "1"),
        Brief::jw307("E1", "2024-09-02").stop("7", "35", "2024-01-15", ("31", "2024-09-01"), "1"),
        Brief::jw301("T2", "2023-05-02").bsn(ANDER_KIND).toewijzing(8, "45", "2023-05-02 10:00:00", ""),
        Brief::jw305("S2", "2023-06-02").bsn(ANDER_KIND).start("8", "45", "2023-06-01", "1"),
        Brief::jw305("S3", "2023-06-03").bsn(ANDER_KIND).start("8", "45", "2023-06-01", "3").start(
            "8",
            "45",
            "2023-06-02",
            "1",
        ),
        Brief::jw307("E2", "2023-09-02").bsn(ANDER_KIND).stop("8", "45", "2023-06-02", ("20", "2023-09-01"), "1"),
        Brief::jw305("S4", "2024-02-02").bsn(ANDER_KIND).start("8", "45", "2024-02-01", "1"),
        Brief::jw307("E3", "2024-03-02").bsn(ANDER_KIND).stop("8", "45", "2024-02-01", ("34", "2024-03-01"), "1"),
        Brief::jw307("E4", "2024-03-02").bsn(ANDER_KIND).stop("8", "45", "2024-02-01", ("32", "2024-03-03"), "1"),
    ]
}

#[test]
fn a_directory_becomes_a_snapshot() {
    let (messages, snapshots) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let xml: Vec<String> = two_children().iter().map(Brief::xml).collect();
    fs::create_dir(messages.path().join("onder")).unwrap();
    write(&messages.path().join("onder"), &xml);
    fs::write(messages.path().join("315.XML"), xml[0].replace("jw301/", "jw315/")).unwrap();
    fs::write(messages.path().join("lees.txt"), "geen bericht").unwrap();
    let report = import(messages.path(), snapshots.path()).unwrap();
    assert_eq!((report.bestanden.gevonden, report.bestanden.gebruikt, report.bestanden.afgekeurd), (11, 10, 0));
    assert_eq!(report.bestanden.overgeslagen["JW315"], 1);
    assert_eq!((report.geteld.personen, report.geteld.trajecten), (2, 2));
    assert_eq!(report.geteld.rijen.values().copied().collect::<Vec<_>>(), [2, 1, 0]);
    let snapshot = Snapshot::open_current(snapshots.path()).unwrap();
    assert_eq!(Some(snapshot.id().to_string()), report.snapshot);
    assert_eq!(snapshot.manifest().periods.len(), 3);
}

#[test]
fn an_import_without_a_usable_message_keeps_the_live_snapshot() {
    let (messages, snapshots) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(messages.path(), &two_children().iter().map(Brief::xml).collect::<Vec<_>>());
    let before = import(messages.path(), snapshots.path()).unwrap().snapshot;
    let empty = tempfile::tempdir().unwrap();
    fs::write(empty.path().join("a.xml"), "<a/>").unwrap();
    let Err(ImportError::NothingUsable(report)) = import(empty.path(), snapshots.path()) else { panic!() };
    assert_eq!(report.bevindingen[0].code.code(), "ander_bericht");
    assert_eq!(Some(Snapshot::open_current(snapshots.path()).unwrap().id().to_string()), before);
    fs::write(empty.path().join("a.xml"), two_children()[1].xml().replace(">35<", ">39<")).unwrap();
    let Err(ImportError::NothingUsable(report)) = import(empty.path(), snapshots.path()) else { panic!() };
    assert_eq!(report.bevindingen[0].code.code(), "onbekende_code");
    assert_eq!(Some(Snapshot::open_current(snapshots.path()).unwrap().id().to_string()), before);
    assert!(matches!(import(&empty.path().join("x"), snapshots.path()), Err(ImportError::Messages(_))));
    assert!(matches!(Snapshot::open_current(empty.path()), Err(SnapshotError::None)));
}

#[test]
fn op179_a_larger_file_is_not_read() {
    let (messages, snapshots) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = fs::File::create(messages.path().join("a.xml")).unwrap();
    file.set_len(bericht::LARGEST_FILE + 1).unwrap();
    let Err(ImportError::NothingUsable(report)) = import(messages.path(), snapshots.path()) else { panic!() };
    assert_eq!(report.bevindingen[0].code.code(), "te_groot");
}

/// The canary: values of records that must be nowhere outside the rows.
#[test]
fn no_value_of_a_record_is_in_report_error_or_snapshot() {
    let (messages, snapshots) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let good: Vec<String> = two_children().iter().map(Brief::xml).collect();
    let breaks: [(&str, &str); 9] = [
        (KIND, "999900007"),
        (GEBOREN, "2012-13-99"),
        ("<m:Client>", "<m:Client>&kwaad;"),
        ("</m:Client>", ""),
        ("0014", "0344"),
        ("Geslacht>2<", "Geslacht>7<"),
        ("Categorie>35<", "Categorie>39<"),
        ("Aanlevering>1<", "Aanlevering>2<"),
        ("2024-01-15", "2024-01-14"),
    ];
    let bad: Vec<String> =
        breaks.iter().flat_map(|(from, to)| good.iter().map(move |xml| xml.replace(from, to))).collect();
    let only_bad = tempfile::tempdir().unwrap();
    write(only_bad.path(), &good.iter().map(|xml| xml.replace("0014", "0344")).collect::<Vec<_>>());
    fs::write(only_bad.path().join(format!("kind-{KIND}.xml")), &good[0][..300]).unwrap();
    write(messages.path(), &[good, bad].concat());

    let report = import(messages.path(), snapshots.path()).unwrap();
    assert!(report.bevindingen.len() > 6);
    let error = import(only_bad.path(), snapshots.path()).unwrap_err();
    let ImportError::NothingUsable(other) = &error else { panic!() };
    let mut said = vec![
        report.to_string(),
        serde_json::to_string(&report).unwrap(),
        format!("{report:?}"),
        other.to_string(),
        serde_json::to_string(other).unwrap(),
        error.to_string(),
        format!("{error:?}"),
    ];
    for file in fs::read_dir(snapshots.path().join(report.snapshot.unwrap())).unwrap() {
        said.push(String::from_utf8_lossy(&fs::read(file.unwrap().path()).unwrap()).into_owned());
    }
    for text in said {
        for value in [KIND, ANDER_KIND, NAAM, GEBOREN, "999900007", "2024-01-15", "12345678", "kwaad"] {
            assert!(!text.contains(value), "{value}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// OP080: neither order nor repetition of messages changes a row.
    #[test]
    fn op080_order_and_repetition_mean_nothing(
        order in prop::collection::vec(0usize..10, 0..8),
        all in Just((0..10).collect::<Vec<usize>>()).prop_shuffle(),
    ) {
        let xml: Vec<String> = two_children().iter().map(Brief::xml).collect();
        let shuffled: Vec<String> = all.iter().chain(&order).map(|place| xml[*place].clone()).collect();
        let rows = |xml: &[String]| {
            let (messages, snapshots) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            write(messages.path(), xml);
            let report = import(messages.path(), snapshots.path()).unwrap();
            let snapshot = Snapshot::open_current(snapshots.path()).unwrap();
            (snapshot.manifest().clone(), snapshot.jeugdhulp().to_vec(), report.geteld)
        };
        prop_assert_eq!(rows(&shuffled), rows(&xml));
    }
}
