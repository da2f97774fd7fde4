use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};

use arrow::array::{ArrayRef, StringArray, UInt32Array};
use drempel_protocols::{
    catalogue::{Catalogue, ONBEKEND, SignedBundle},
    clock::{Clock as _, SystemClock},
    id::{Digest, Gemeentecode, Oin, QuestionId},
    policy::Policy,
    sql,
};
use proptest::prelude::*;

use super::*;
use crate::{
    audit::{AuditLog, Intent},
    gate::admit,
};

fn catalogue() -> Catalogue {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../config/catalogus"));
    Catalogue::from_bundle(SignedBundle::read(folder).unwrap().bundle()).unwrap()
}

fn gemeente() -> Gemeentecode {
    "GM0014".parse().unwrap()
}

fn question(text: &str, catalogue: &Catalogue) -> Admitted {
    let purpose = "landelijke-monitor".parse().unwrap();
    let (question, _) = sql::read(text, catalogue, &purpose).unwrap();
    admit(&question, &purpose, gemeente(), catalogue, &Policy::constants()).unwrap()
}

fn receipt(question: &Admitted) -> Receipt {
    let dir = tempfile::tempdir().unwrap();
    let oin: Oin = "00000099000000000014".parse().unwrap();
    let log = AuditLog::open(dir.path(), gemeente(), &oin, SystemClock::shared()).unwrap();
    let now = SystemClock.now();
    let none = Digest::of("test", &[]);
    let intent = Intent {
        question: QuestionId::at(now),
        peer: oin,
        asker: String::new(),
        purpose: "landelijke-monitor".parse().unwrap(),
        verwerkingsactiviteit: String::new(),
        sql: String::new(),
        digest: question.digest(),
        content: none,
        expires: now,
        catalogue: none,
        policy: none,
        snapshot: String::new(),
    };
    log.intent(intent).unwrap().unwrap()
}

/// A row as a snapshot has it: period, person, categorie and leeftijdsgroep; the other columns are null.
type Row = (&'static str, u32, Option<&'static str>, Option<&'static str>);

fn batch(rows: &[Row], catalogue: &Catalogue) -> RecordBatch {
    let text = |pick: fn(&Row) -> Option<&'static str>| -> ArrayRef {
        Arc::new(rows.iter().map(pick).collect::<StringArray>())
    };
    let mut columns: Vec<(String, ArrayRef)> = vec![
        ("periode".to_owned(), text(|row| Some(row.0))),
        ("persoon".to_owned(), Arc::new(rows.iter().map(|row| row.1).collect::<UInt32Array>())),
    ];
    for (name, dimension) in catalogue.view("jeugdhulp").unwrap().dimensions() {
        if dimension.grouping().is_none() {
            let column = match name.as_str() {
                "categorie" => text(|row| row.2),
                "leeftijdsgroep" => text(|row| row.3),
                _ => text(|_| None),
            };
            columns.push((name.to_string(), column));
        }
    }
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true))).unwrap()
}

fn periods() -> Vec<Period> {
    ["2025H1", "2025H2"].map(|period| period.parse().unwrap()).to_vec()
}

fn load(rows: &[Row], catalogue: &Catalogue) -> Result<Table, TableError> {
    let mut table = TableBuilder::new(catalogue.view("jeugdhulp").unwrap(), &periods());
    for rows in rows.chunks(7) {
        table.push(&batch(rows, catalogue))?;
    }
    table.finish()
}

fn count(text: &str, rows: &[Row], limits: EngineLimits) -> Result<Vec<Option<(u64, u64)>>, EngineError> {
    let catalogue = catalogue();
    let question = question(text, &catalogue);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let engine = Engine::new(runtime.handle().clone(), limits)?;
    let table = load(rows, &catalogue).unwrap();
    let raw = runtime.block_on(engine.run(&question, &receipt(&question), &table))?;
    Ok(raw
        .cells()
        .iter()
        .map(|cell| match cell {
            RawCell::NotHeld => None,
            RawCell::Counted { persons, rows } => Some((*persons, *rows)),
        })
        .collect())
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (
        prop::sample::select(vec!["2025H1", "2025H2"]),
        0u32..12,
        prop::option::of(prop::sample::select(vec!["45", "51", "52", "46", "31"])),
        prop::option::of(prop::sample::select(vec!["0-3", "4-11", "18+"])),
    );
    prop::collection::vec(row, 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// The oracle counts rows one by one, by the names in the canonical order of the grid.
    #[test]
    fn every_cell_of_the_grid_is_counted_as_by_hand(rows in rows()) {
        let text = "SELECT periode, groep, leeftijdsgroep, COUNT(DISTINCT persoon) FROM jeugdhulp \
                    WHERE periode IN ('2025H1', '2025H2', '2024H1') GROUP BY periode, groep, leeftijdsgroep";
        let groups: BTreeMap<&str, &str> =
            BTreeMap::from([("45", "ambulant"), ("51", "ggz"), ("52", "ggz"), ("46", "crisis"), ("31", "rest")]);
        let catalogue = catalogue();
        let grid = question(text, &catalogue).grid().clone();
        let counted = count(text, &rows, EngineLimits::default()).unwrap();
        prop_assert_eq!(counted.len(), grid.cells().unwrap());
        for ((period, members), cell) in grid.coordinates().zip(counted) {
            if period.to_string() == "2024H1" {
                prop_assert_eq!(cell, None);
                continue;
            }
            let found: Vec<u32> = rows
                .iter()
                .filter(|row| {
                    row.0 == period.to_string()
                        && row.2.map_or(ONBEKEND, |categorie| groups[categorie]) == members[0].as_str()
                        && row.3.unwrap_or(ONBEKEND) == members[1].as_str()
                })
                .map(|row| row.1)
                .collect();
            let persons = found.iter().collect::<BTreeSet<_>>().len();
            prop_assert_eq!(cell, Some((persons as u64, found.len() as u64)));
        }
    }
}

#[test]
fn null_is_onbekend_and_can_be_asked_for() {
    let rows: Vec<Row> = (0..15).map(|person| ("2025H2", person, None, Some("0-3"))).collect();
    let text = "SELECT COUNT(DISTINCT persoon) FROM jeugdhulp WHERE periode = '2025H2' AND categorie = 'onbekend'";
    assert_eq!(count(text, &rows, EngineLimits::default()).unwrap(), [Some((15, 15))]);
}

#[test]
fn a_member_the_catalogue_lacks_is_not_counted_as_something_else() {
    let catalogue = catalogue();
    let error = load(&[("2025H2", 1, Some("99"), None)], &catalogue).err();
    assert_eq!(error, Some(TableError::Member("categorie".to_owned())));
    let error = load(&[("2023H2", 1, None, None)], &catalogue).err();
    assert_eq!(error, Some(TableError::Member("periode".to_owned())));
}

#[test]
fn too_little_memory_or_time_fails_without_a_word_of_the_engine() {
    let rows: Vec<Row> = (0..5_000).map(|person| ("2025H2", person, Some("45"), None)).collect();
    let text = "SELECT groep, COUNT(DISTINCT persoon) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY groep";
    let poor = EngineLimits { memory: 1, ..EngineLimits::default() };
    assert_eq!(count(text, &rows, poor), Err(EngineError::Failed));
    let hasty = EngineLimits { time: Duration::ZERO, ..EngineLimits::default() };
    assert_eq!(count(text, &rows, hasty), Err(EngineError::TimedOut));
    let closed = EngineLimits { waiting: 0, ..EngineLimits::default() };
    assert_eq!(count(text, &rows, closed), Err(EngineError::Busy));
}
