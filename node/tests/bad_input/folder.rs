//! One folder with every class of bad input among good messages, imported through the public API.

use std::{fs, os::unix::fs::symlink, path::Path, sync::LazyLock};

use drempel_node::ingest::{
    ImportError, ImportReport, ImportRequest, RecordKey,
    afbeelding::Afbeelding,
    bericht::LARGEST_FILE,
    bevinding::{Bevinding, Gevolg},
    import_ijw,
    snapshot::Snapshot,
};
use drempel_protocols::catalogue::{Catalogue, Definitions, SignedBundle};
use tempfile::TempDir;

use super::{
    classes::{REFUSED, USED},
    corpus,
};

static DEFINITIES: LazyLock<Definitions> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../config/catalogus");
    let signed = SignedBundle::read(folder.as_ref()).unwrap();
    Catalogue::from_bundle(signed.bundle()).unwrap().definitions().clone()
});

/// A second message with the key of a start that another has.
const TWICE: &str = "twice-jw305.xml";

/// What the files of the corpus and their names hold and no report may: numbers, names and dates of birth, and the names
/// of entities.
const SECRETS: [&str; 6] = ["99990000", "99999999", "Geheim", "2012-03-04", "1980-01-01", "kwaad"];

/// Files that are bad by what they are rather than by what they hold, and the code of each.
const MADE: [(&str, &str); 5] = [
    ("dangling-link.xml", "niet_leesbaar"),
    ("kind-*********.xml", "geen_xml"),
    ("link-to-folder.xml", "niet_leesbaar"),
    ("onder/bad.XML", "geen_xml"),
    ("too-large.xml", "te_groot"),
];

fn import(messages: &Path, node: &Path, now: &str) -> Result<ImportReport, ImportError> {
    let request = ImportRequest {
        gemeente: "GM0014".parse().unwrap(),
        voorgangers: &[],
        first: "2024H1".parse().unwrap(),
        last: "2025H1".parse().unwrap(),
        records: &node.join("records"),
        snapshots: &node.join("snapshots"),
        key: &RecordKey::from_bytes(&[7; 32]),
        afbeelding: &Afbeelding::default(),
        definities: &DEFINITIES,
        bewaren: None,
        strict: false,
        now: now.parse().unwrap(),
    };
    import_ijw(&request, messages, &mut |_| ())
}

fn copy<'f>(files: impl IntoIterator<Item = &'f str>) -> TempDir {
    let messages = tempfile::tempdir().unwrap();
    for file in files {
        fs::copy(corpus().join(file), messages.path().join(file)).unwrap();
    }
    messages
}

fn everything() -> TempDir {
    let messages = copy(REFUSED.iter().map(|(file, _)| *file).chain(USED.iter().copied()).chain([TWICE]));
    let folder = messages.path();
    fs::File::create(folder.join("too-large.xml")).unwrap().set_len(LARGEST_FILE + 1).unwrap();
    symlink("nowhere", folder.join("dangling-link.xml")).unwrap();
    fs::create_dir(folder.join("onder")).unwrap();
    symlink("onder", folder.join("link-to-folder.xml")).unwrap();
    fs::write(folder.join("onder/bad.XML"), "<").unwrap();
    fs::write(folder.join("onder/lees.txt"), "geen bericht").unwrap();
    fs::copy(corpus().join("bad-truncated.xml"), folder.join("kind-999900006.xml")).unwrap();
    messages
}

/// The names of the files that were refused under a code.
fn under<'r>(report: &'r ImportReport, code: &str) -> impl Iterator<Item = String> + use<'r> {
    let line = report.bevindingen.iter().find(|line| line.code.code() == code);
    let line = line.unwrap_or_else(|| panic!("nothing under {code}"));
    assert_eq!((line.gevolg, line.aantal_bestanden), (Gevolg::Afgekeurd, line.bestanden.len()), "{code}");
    line.bestanden.iter().map(ToString::to_string)
}

fn assert_silent(said: &[String]) {
    for text in said {
        for secret in SECRETS {
            assert!(!text.contains(secret), "{secret}");
        }
    }
}

#[test]
fn every_class_of_bad_input_ends_under_its_code_and_the_good_messages_count() {
    let (messages, node) = (everything(), tempfile::tempdir().unwrap());
    let report = import(messages.path(), node.path(), "2026-01-10T12:00:00Z").unwrap();

    let refused: Vec<(&str, &str)> = REFUSED.iter().chain(&MADE).copied().collect();
    for (_, code) in &refused {
        let mut expected: Vec<&str> = refused.iter().filter(|(_, of)| of == code).map(|(file, _)| *file).collect();
        expected.sort_unstable();
        assert_eq!(under(&report, code).collect::<Vec<_>>(), expected, "{code}");
    }
    let codes = report.bevindingen.iter().filter(|line| line.aantal_bestanden > 0 && line.gevolg == Gevolg::Afgekeurd);
    assert!(codes.into_iter().all(|line| refused.iter().any(|(_, code)| *code == line.code.code())));

    let files = &report.bestanden;
    assert_eq!(files.gevonden, refused.len() + USED.len() + 1);
    assert_eq!((files.gebruikt, files.afgekeurd), (USED.len(), refused.len()));
    assert_eq!(files.overgeslagen.iter().collect::<Vec<_>>(), [(&"JW302", &1)]);
    assert_eq!(report.geteld.personen, 2);
    assert_eq!(Some(Snapshot::open_current(&node.path().join("snapshots")).unwrap().id().to_string()), report.snapshot);

    // A key that was delivered twice is about a record, not about a file: it names the messages.
    let twice = report.bevindingen.iter().find(|line| line.code == Bevinding::DubbeleSleutel).unwrap();
    assert_eq!((twice.gevolg, twice.aantal_bestanden), (Gevolg::Behouden, 0));
    assert_eq!(twice.aanbieders[0].berichten[0].identificatie, "S3");

    assert_silent(&[
        report.to_string(),
        report.html().unwrap(),
        serde_json::to_string(&report).unwrap(),
        format!("{report:?}"),
    ]);
}

#[test]
fn bad_input_alone_changes_nothing() {
    let node = tempfile::tempdir().unwrap();
    let good = copy(["good-jw301.xml", "good-jw305.xml"]);
    let before = import(good.path(), node.path(), "2026-01-10T12:00:00Z").unwrap().snapshot;
    let bad = copy(REFUSED.iter().map(|(file, _)| *file));
    let error = import(bad.path(), node.path(), "2026-01-10T12:00:00Z").unwrap_err();
    let ImportError::NothingUsable(report) = &error else { panic!("{error}") };
    assert_eq!((report.bestanden.gebruikt, report.bestanden.afgekeurd), (0, REFUSED.len()));
    assert_eq!(Some(Snapshot::open_current(&node.path().join("snapshots")).unwrap().id().to_string()), before);
    assert_silent(&[
        report.to_string(),
        report.html().unwrap(),
        serde_json::to_string(report).unwrap(),
        error.to_string(),
        format!("{error:?}"),
    ]);
}

#[test]
fn a_clock_before_the_messages_refuses_them_all() {
    let (messages, node) = (copy(USED.iter().copied()), tempfile::tempdir().unwrap());
    let Err(ImportError::NothingUsable(report)) = import(messages.path(), node.path(), "2001-01-01T00:00:00Z") else {
        panic!("used")
    };
    let expected: Vec<&str> = USED.iter().copied().filter(|file| *file != "good-jw302.xml").collect();
    assert_eq!(under(&report, "dagtekening_in_toekomst").collect::<Vec<_>>(), expected);
}

/// What begins with `bad-` or `good-` in the corpus is in a table above.
#[test]
fn every_fixture_is_used() {
    for entry in fs::read_dir(corpus()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let listed = REFUSED.iter().any(|(file, _)| *file == name) || USED.contains(&&*name);
        assert!(listed || !(name.starts_with("bad-") || name.starts_with("good-")), "{name}");
    }
}
