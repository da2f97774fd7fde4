//! Another key for the records: nothing can be read with the old one, no file stays, and the same children are counted
//! under other numbers. A rotation that was interrupted is completed by the next.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use arrow::array::AsArray as _;
use drempel_node::ingest::{
    RecordKey,
    records::{Records, RecordsError},
    view::VIEWS,
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::gemeente::{GEMEENTE, Gemeente, persons, portions, rows, synthetic, text, true_persons};

/// The file of the key, or one beside it.
fn key_file(gemeente: &Gemeente, extension: &str) -> std::path::PathBuf {
    gemeente.node().join(format!("keys/records.key{extension}"))
}

/// Where a rotation puts the key it replaces: the name tells which key it is.
fn previous(gemeente: &Gemeente, old: &[u8]) -> std::path::PathBuf {
    let old = RecordKey::from_bytes(old.try_into().unwrap());
    key_file(gemeente, &format!(".previous-{}", old.vingerafdruk()))
}

fn open(gemeente: &Gemeente, key: &Path) -> Result<Records, RecordsError> {
    let key = RecordKey::read(key).unwrap();
    Records::open(&gemeente.config().paths.records, GEMEENTE.parse().unwrap(), &key)
}

/// The encrypted files of the records, with their content.
fn segments(gemeente: &Gemeente) -> BTreeMap<String, Vec<u8>> {
    let mut kept = gemeente.kept();
    kept.retain(|name, _| name.starts_with("records/") && name.ends_with(".parquet"));
    kept
}

/// The identifiers of trajecten in the live snapshot.
fn identifiers(gemeente: &Gemeente) -> BTreeSet<String> {
    let snapshots = gemeente.config().paths.snapshots;
    let live = fs::read_to_string(snapshots.join("current")).unwrap();
    let file = fs::File::open(snapshots.join(live.trim()).join("trajecten.parquet")).unwrap();
    let batches = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap().map(Result::unwrap);
    let texts = |batch: arrow::array::RecordBatch| -> Vec<String> {
        let column = batch.column_by_name("traject_id").unwrap();
        column.as_string::<i32>().iter().flatten().map(str::to_owned).collect()
    };
    batches.flat_map(texts).collect()
}

#[test]
fn the_old_key_reads_nothing_and_the_same_children_are_counted() {
    let truth = synthetic(37, 60);
    let gemeente = Gemeente::init();
    let [first, second] = portions(&truth, &gemeente.path("berichten"));
    gemeente.import(&first);
    gemeente.import(&second);
    let (views, facts, old_files) = (gemeente.views(), gemeente.verify(), segments(&gemeente));
    let (old_ids, old_key) = (identifiers(&gemeente), fs::read(key_file(&gemeente, "")).unwrap());
    assert!(old_files.len() > 1 && old_ids.len() > 60);

    gemeente.run(&["records", "rotate"]).unwrap();
    assert_eq!(fs::read(previous(&gemeente, &old_key)).unwrap(), old_key);
    assert!(!key_file(&gemeente, ".next").exists());
    let refused = open(&gemeente, &previous(&gemeente, &old_key));
    assert!(matches!(refused, Err(RecordsError::OtherKey { .. })), "{refused:?}");
    assert_eq!(gemeente.verify(), facts);
    for (name, content) in segments(&gemeente) {
        assert!(!old_files.contains_key(&name) && !old_files.values().any(|old| *old == content), "{name}");
    }
    assert_eq!(gemeente.remains(), Vec::<String>::new());

    let rotated = gemeente.views();
    assert_eq!(persons(&rotated), persons(&views));
    assert_eq!(persons(&rotated), true_persons(&truth));
    assert!(VIEWS.iter().all(|view| rows(&rotated, view.naam) != rows(&views, view.naam)), "the order is another");
    let ids = identifiers(&gemeente);
    assert!(ids.len() == old_ids.len() && ids.is_disjoint(&old_ids));

    // What was imported before is not new to records under another key.
    gemeente.import(&first);
    assert_eq!(gemeente.verify(), facts);
    assert!(gemeente.views() == rotated);
}

#[test]
fn an_interrupted_rotation_is_completed_by_the_next() {
    let truth = synthetic(38, 25);
    let gemeente = Gemeente::init();
    for portion in portions(&truth, &gemeente.path("berichten")) {
        gemeente.import(&portion);
    }
    let facts = gemeente.verify();
    for came_to_the_records in [false, true] {
        let (old, next) = (fs::read(key_file(&gemeente, "")).unwrap(), RecordKey::random_bytes().unwrap());
        fs::write(key_file(&gemeente, ".next"), next).unwrap();
        if came_to_the_records {
            let mut records = open(&gemeente, &key_file(&gemeente, "")).unwrap();
            records.rekey(&RecordKey::from_bytes(&next), &mut |_| {}).unwrap();
            drop(records);
            assert!(gemeente.run(&["records", "verify"]).is_err(), "the configured key is not theirs");
        }
        gemeente.run(&["records", "rotate"]).unwrap();
        assert_eq!(fs::read(key_file(&gemeente, "")).unwrap(), next);
        assert_eq!(fs::read(previous(&gemeente, &old)).unwrap(), old);
        assert!(!key_file(&gemeente, ".next").exists());
        assert_eq!(gemeente.verify(), facts);
        assert_eq!(persons(&gemeente.views()), true_persons(&truth));
        assert_eq!(gemeente.remains(), Vec::<String>::new());
    }
}

#[test]
fn a_key_that_a_command_prints_is_used_and_changed_by_its_owner() {
    let truth = synthetic(39, 25);
    let gemeente = Gemeente::init();
    let kluis = [gemeente.path("kluis"), gemeente.path("andere-kluis")];
    fs::rename(key_file(&gemeente, ""), &kluis[0]).unwrap();
    let hexadecimal = data_encoding::HEXLOWER.encode(&RecordKey::random_bytes().unwrap());
    fs::write(&kluis[1], format!("{hexadecimal}\n")).unwrap();
    let command = |kluis: &Path| format!("record_key_command = [\"cat\", \"{}\"]", text(kluis));
    let example = "# record_key_command = [\"/usr/bin/vault\", \"kv\", \"get\", \"-field=key\", \"secret/drempel\"]";
    gemeente.edit(example, &command(&kluis[0]));
    for portion in portions(&truth, &gemeente.path("berichten")) {
        gemeente.import(&portion);
    }
    let before = gemeente.kept();
    let refused = gemeente.run(&["records", "rotate"]).unwrap_err();
    assert!(refused.contains("--new-key"), "{refused}");
    assert!(gemeente.kept() == before);

    gemeente.run(&["records", "rotate", "--new-key", text(&kluis[1])]).unwrap();
    let refused = gemeente.run(&["records", "verify"]).unwrap_err();
    for kluis in &kluis {
        let fingerprint = RecordKey::read(kluis).unwrap().vingerafdruk().to_string();
        assert!(refused.contains(&fingerprint), "{refused}");
    }
    gemeente.edit(&command(&kluis[0]), &command(&kluis[1]));
    gemeente.verify();
    assert_eq!(persons(&gemeente.views()), true_persons(&truth));
    gemeente.edit("[\"cat\"", "[\"false\"");
    assert!(gemeente.run(&["records", "verify"]).unwrap_err().contains("command"));
}
