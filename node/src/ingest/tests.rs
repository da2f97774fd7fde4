pub(super) mod berichten;
mod volgorde;

use std::{fs, path::Path, sync::LazyLock};

use drempel_protocols::catalogue::{Catalogue, Definitions, SignedBundle};

use self::berichten::{ANDER_KIND, Brief, GEBOREN, KIND, NAAM};
use super::{
    afbeelding::Afbeelding,
    report::ImportReport,
    snapshot::{Snapshot, SnapshotError},
    *,
};

static DEFINITIES: LazyLock<Definitions> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../config/catalogus");
    let signed = SignedBundle::read(folder.as_ref()).unwrap();
    Catalogue::from_bundle(signed.bundle()).unwrap().definitions().clone()
});

static NO_MAPPING: LazyLock<Afbeelding> = LazyLock::new(Afbeelding::default);
static KEY: LazyLock<RecordKey> = LazyLock::new(|| RecordKey::from_bytes(&[7; 32]));

/// A node's folders of records and snapshots, in memory where the system has such a place.
struct Node(tempfile::TempDir);

impl Node {
    fn new() -> Self {
        let memory = Path::new("/dev/shm");
        Self(if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap())
    }

    fn records(&self) -> std::path::PathBuf {
        self.0.path().join("records")
    }

    fn snapshots(&self) -> std::path::PathBuf {
        self.0.path().join("snapshots")
    }

    fn with<T>(&self, run: impl FnOnce(&ImportRequest<'_>) -> T) -> T {
        let (records, snapshots) = (self.records(), self.snapshots());
        run(&ImportRequest {
            gemeente: "GM0014".parse().unwrap(),
            voorgangers: &[],
            first: "2024H1".parse().unwrap(),
            last: "2025H1".parse().unwrap(),
            records: &records,
            snapshots: &snapshots,
            key: &KEY,
            afbeelding: &NO_MAPPING,
            definities: &DEFINITIES,
            bewaren: None,
            strict: false,
            now: "2026-01-10T12:00:00Z".parse().unwrap(),
        })
    }

    fn import(&self, messages: &Path) -> Result<ImportReport, ImportError> {
        self.with(|request| import_ijw(request, messages, &mut |_| ()))
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot::open_current(&self.snapshots()).unwrap()
    }
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
    let (messages, node) = (tempfile::tempdir().unwrap(), Node::new());
    let xml: Vec<String> = two_children().iter().map(Brief::xml).collect();
    fs::create_dir(messages.path().join("onder")).unwrap();
    write(&messages.path().join("onder"), &xml);
    fs::write(messages.path().join("302.XML"), xml[0].replace("jw301/", "jw302/")).unwrap();
    fs::write(messages.path().join("lees.txt"), "geen bericht").unwrap();
    let report = node.import(messages.path()).unwrap();
    assert_eq!((report.bestanden.gevonden, report.bestanden.gebruikt, report.bestanden.afgekeurd), (11, 10, 0));
    assert_eq!(report.bestanden.overgeslagen["JW302"], 1);
    assert_eq!((report.geteld.personen, report.geteld.trajecten), (2, 2));
    assert_eq!(report.geteld.rijen["jeugdhulp"].values().copied().collect::<Vec<_>>(), [2, 1]);
    let snapshot = node.snapshot();
    assert_eq!(Some(snapshot.id().to_string()), report.snapshot);
    assert_eq!(snapshot.manifest().periods.len(), 3);
}

#[test]
fn a_second_import_adds_and_a_repeated_one_changes_nothing() {
    let (first, second, node) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), Node::new());
    let xml: Vec<String> = two_children().iter().map(Brief::xml).collect();
    write(first.path(), &xml[..3]);
    write(second.path(), &xml[3..]);
    assert_eq!(node.import(first.path()).unwrap().geteld.personen, 1);
    let both = node.import(second.path()).unwrap();
    assert_eq!((both.geteld.personen, both.geteld.trajecten), (2, 2));
    let files = node.snapshot().manifest().files.clone();
    // Often enough that the files of the records are made one.
    for _ in 0..10 {
        let again = node.import(first.path()).unwrap();
        assert_eq!((again.nieuwe_feiten, again.geteld.trajecten), (0, 2));
    }
    assert_eq!(node.snapshot().manifest().files, files);
    let rebuilt = node.with(|request| rebuild(request, &mut |_| ())).unwrap();
    assert_eq!(rebuilt.geteld.trajecten, 2);
    assert_eq!(node.snapshot().manifest().files, files);
}

#[test]
fn an_import_without_a_usable_message_keeps_the_live_snapshot() {
    let (messages, node) = (tempfile::tempdir().unwrap(), Node::new());
    write(messages.path(), &two_children().iter().map(Brief::xml).collect::<Vec<_>>());
    let before = node.import(messages.path()).unwrap().snapshot;
    let empty = tempfile::tempdir().unwrap();
    fs::write(empty.path().join("a.xml"), "<a/>").unwrap();
    let Err(ImportError::NothingUsable(report)) = node.import(empty.path()) else { panic!() };
    assert_eq!(report.bevindingen[0].code.code(), "ander_bericht");
    assert_eq!(Some(node.snapshot().id().to_string()), before);
    fs::write(empty.path().join("a.xml"), two_children()[1].xml().replace(">35<", ">39<")).unwrap();
    let Err(ImportError::NothingUsable(report)) = node.import(empty.path()) else { panic!() };
    assert_eq!(report.bevindingen[0].code.code(), "onbekende_code");
    assert_eq!(Some(node.snapshot().id().to_string()), before);
    assert!(matches!(node.import(&empty.path().join("x")), Err(ImportError::Messages(_))));
    assert!(matches!(Snapshot::open_current(empty.path()), Err(SnapshotError::None)));
}

#[test]
fn strict_changes_nothing_if_anything_would_be_left_out() {
    let (messages, node) = (tempfile::tempdir().unwrap(), Node::new());
    let mut xml: Vec<String> = two_children().iter().map(Brief::xml).collect();
    write(messages.path(), &xml);
    // Among the messages of the two children is a second definitive stop, which is left out.
    let strict = |node: &Node| {
        node.with(|request| import_ijw(&ImportRequest { strict: true, ..with(request) }, messages.path(), &mut |_| ()))
    };
    let Err(ImportError::Strict(report)) = strict(&node) else { panic!() };
    assert!(report.bevindingen.iter().any(|line| line.code.code() == "tweede_definitieve_stop"));
    assert!(matches!(Snapshot::open_current(&node.snapshots()), Err(SnapshotError::None)));
    xml.pop();
    fs::remove_file(messages.path().join("00009.xml")).unwrap();
    assert_eq!(strict(&node).unwrap().geteld.personen, 2);
}

fn with<'r>(request: &ImportRequest<'r>) -> ImportRequest<'r> {
    ImportRequest { ..*request }
}

#[test]
fn op179_a_larger_file_is_not_read() {
    let (messages, node) = (tempfile::tempdir().unwrap(), Node::new());
    let file = fs::File::create(messages.path().join("a.xml")).unwrap();
    file.set_len(bericht::LARGEST_FILE + 1).unwrap();
    let Err(ImportError::NothingUsable(report)) = node.import(messages.path()) else { panic!() };
    assert_eq!(report.bevindingen[0].code.code(), "te_groot");
}

#[test]
fn a_pipe_is_not_waited_for() {
    let (messages, node) = (tempfile::tempdir().unwrap(), Node::new());
    let made = std::process::Command::new("mkfifo").arg(messages.path().join("a.xml")).status().unwrap();
    assert!(made.success());
    let Err(ImportError::NothingUsable(report)) = node.import(messages.path()) else { panic!() };
    assert_eq!(report.bevindingen[0].code.code(), "niet_leesbaar");
}

#[test]
fn a_message_from_after_the_clock_is_left_out_until_then() {
    let (messages, node) = (tempfile::tempdir().unwrap(), Node::new());
    write(messages.path(), &two_children().iter().map(Brief::xml).collect::<Vec<_>>());
    let at = |now: &str| {
        node.with(|request| {
            let request = ImportRequest { now: now.parse().unwrap(), ..with(request) };
            import_ijw(&request, messages.path(), &mut |_| ())
        })
    };
    let Err(ImportError::NothingUsable(report)) = at("1970-01-01T00:00:00Z") else { panic!() };
    assert_eq!((report.bevindingen[0].code.code(), report.bevindingen[0].aantal), ("dagtekening_in_toekomst", 10));
    let partly = at("2024-01-31T12:00:00Z").unwrap();
    assert_eq!((partly.bestanden.gebruikt, partly.bestanden.afgekeurd), (6, 4));
    assert_eq!(at("2026-01-01T12:00:00Z").unwrap().bestanden.afgekeurd, 0);
}

#[test]
fn retention_removes_who_is_long_gone_and_changes_no_row() {
    let (messages, node) = (tempfile::tempdir().unwrap(), Node::new());
    let mut brieven = two_children();
    let gone = "999900018";
    brieven.push(Brief::jw305("X1", "2016-01-05").bsn(gone).start("", "35", "2016-01-04", "1"));
    brieven.push(Brief::jw307("X2", "2016-05-05").bsn(gone).stop("", "35", "2016-01-04", ("31", "2016-05-04"), "1"));
    write(messages.path(), &brieven.iter().map(Brief::xml).collect::<Vec<_>>());
    node.import(messages.path()).unwrap();
    let rows = |node: &Node| node.snapshot().manifest().files["jeugdhulp.parquet"].rows;
    let before = rows(&node);
    let keep = |years| {
        node.with(|request| rebuild(&ImportRequest { bewaren: Some(years), ..with(request) }, &mut |_| ())).unwrap()
    };
    assert_eq!((keep(10).opgeruimd, rows(&node)), (0, before));
    let removed = keep(5);
    assert_eq!((removed.opgeruimd, removed.geteld.personen, rows(&node)), (1, 2, before));
    assert_eq!(keep(5).opgeruimd, 0);
    // Never within the half-years that are counted, however short the term.
    assert_eq!((keep(0).opgeruimd, rows(&node)), (0, before));
}

/// The canary: values of records that must be nowhere outside the rows.
#[test]
fn no_value_of_a_record_is_in_report_error_or_file() {
    let (messages, node) = (tempfile::tempdir().unwrap(), Node::new());
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
    let named =
        Brief::jw307(&format!("E{KIND}"), "2024-09-01").stop("7", "35", "2024-01-15", ("32", "2024-09-03"), "1");
    write(messages.path(), &[good, bad, vec![named.xml()]].concat());

    let report = node.import(messages.path()).unwrap();
    assert!(report.bevindingen.len() > 6);
    let error = node.import(only_bad.path()).unwrap_err();
    let ImportError::NothingUsable(other) = &error else { panic!() };
    let mut said = vec![
        report.to_string(),
        report.html().unwrap(),
        serde_json::to_string(&report).unwrap(),
        format!("{report:?}"),
        other.to_string(),
        other.html().unwrap(),
        serde_json::to_string(other).unwrap(),
        error.to_string(),
        format!("{error:?}"),
    ];
    // The message that is named after the child is named with stars.
    assert!(said[2].contains("E*********"));
    let aanbieder = said.split_off(4);
    for text in &aanbieder {
        assert!(!text.contains("12345678"));
    }
    said.extend(aanbieder);
    for dir in [node.snapshots().join(report.snapshot.unwrap()), node.records()] {
        for file in fs::read_dir(dir).unwrap() {
            said.push(String::from_utf8_lossy(&fs::read(file.unwrap().path()).unwrap()).into_owned());
        }
    }
    for text in said {
        for value in [KIND, ANDER_KIND, NAAM, GEBOREN, "999900007", "2024-01-15", "kwaad"] {
            assert!(!text.contains(value), "{value}");
        }
    }
}
