use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use drempel_protocols::{
    catalogue::{Catalogue, SignedBundle},
    clock::{Clock as _, SystemClock},
    id::{Gemeentecode, MemberCode, Oin, QuestionId},
    lattice::{Lattice, Place},
    policy::Policy,
    release::{Joint, RuleSet, Uitgave},
    sdc::Microlp,
    sql,
};
use proptest::prelude::*;

use super::{
    lattice::{Coded, Counted},
    *,
};
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
    let (folder, key) = (dir.path().join("audit"), dir.path().join("log.pk8"));
    let log = AuditLog::open(&folder, &key, gemeente(), &oin, SystemClock::shared()).unwrap();
    let intent = Intent { digest: question.digest(), ..Intent::made_up(QuestionId::at(SystemClock.now()), "") };
    log.intent(intent).unwrap().unwrap()
}

/// A row of jeugdhulp: person, categorie, leeftijdsgroep, begin. Everything else is [`usual`].
type Row = (u32, &'static str, &'static str, &'static str);

fn members(row: &Row) -> [(ColumnName, MemberCode); 3] {
    [("categorie", row.1), ("leeftijdsgroep", row.2), ("begin", row.3)]
        .map(|(column, member)| (column.parse().unwrap(), member.parse().unwrap()))
}

/// Not known, but for what is known of every row.
fn usual(column: &ColumnName) -> MemberCode {
    let code = match column.as_str() {
        "duurklasse" => "tot_3_maanden",
        "herhaald" => "eerste",
        _ => "onbekend",
    };
    code.parse().unwrap()
}

fn table(rows: &[Row], catalogue: &Catalogue) -> Coded {
    let view = catalogue.view("jeugdhulp").unwrap();
    let part = catalogue.view("herhaald_beroep").unwrap();
    let domain = |column: &ColumnName| {
        [view, part].into_iter().find_map(|view| view.dimension(column)).map(|dimension| dimension.domain()).unwrap()
    };
    let columns: BTreeSet<&ColumnName> = view.dimensions().chain(part.dimensions()).map(|(name, _)| name).collect();
    let mut coded = Coded::new(view, columns);
    let mut rows = rows.to_vec();
    rows.sort_unstable();
    for row in &rows {
        let members = BTreeMap::from(members(row));
        coded.push(row.0, Aanbieders::default(), |column| {
            domain(column).index_of(members.get(column).cloned().unwrap_or_else(|| usual(column)).as_str())
        });
    }
    coded
}

fn within(place: &Place, row: &Row) -> bool {
    let members = BTreeMap::from(members(row));
    let has = |(column, codes): (&ColumnName, &BTreeSet<MemberCode>)| {
        codes.contains(&members.get(column).cloned().unwrap_or_else(|| usual(column)))
    };
    place.view().as_str() == "jeugdhulp" && place.within().iter().all(has)
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (
        0u32..12,
        prop::sample::select(vec!["45", "51", "52", "46", "31", "onbekend"]),
        Just("4-11"),
        prop::sample::select(vec!["al_lopend", "gestart"]),
    );
    prop::collection::vec(row, 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// The oracle counts every cell row by row, by the names of members.
    #[test]
    fn every_cell_of_the_lattice_is_counted_as_by_hand(rows in rows()) {
        let catalogue = catalogue();
        let lattice = Lattice::of(&catalogue).unwrap();
        let tables = [table(&rows, &catalogue)];
        let counted = Counted::new(&lattice, &tables).unwrap();
        for (cell, counts) in lattice.cells().iter().zip(counted.counts()) {
            if cell.shows.nothing() {
                continue;
            }
            let found: Vec<u32> = rows.iter().filter(|row| within(&cell.place, row)).map(|row| row.0).collect();
            let persons = found.iter().collect::<BTreeSet<_>>().len();
            prop_assert_eq!(counts, (persons as u64, found.len() as u64), "{:?}", &cell.place);
        }
    }
}

/// Two hundred persons and a few: enough for some cells to be hidden and most to be shown.
fn released(catalogue: &Catalogue) -> Release {
    let mut rows: Vec<Row> = (0..200).map(|person| (person, "45", "4-11", "gestart")).collect();
    rows.extend((0..40).map(|person| (person, "51", "4-11", "gestart")));
    rows.extend((100..104).map(|person| (person, "52", "4-11", "gestart")));
    let lattice = Lattice::of(catalogue).unwrap();
    let tables = [table(&rows, catalogue)];
    let counted = Counted::new(&lattice, &tables).unwrap();
    let period = "2025H2".parse().unwrap();
    // Without flows: stroom is onbekend for everyone, which no node would count.
    let counts: Vec<(u64, u64)> = counted
        .counts()
        .into_iter()
        .zip(lattice.cells())
        .map(
            |(counts, cell)| {
                if cell.place.within().keys().any(|c| c.as_str() == "stroom") { flow(cell, counts) } else { counts }
            },
        )
        .collect();
    let under = RuleSet::of(catalogue, &Policy::constants());
    let joint = Joint::new(&[], Uitgave::new(gemeente(), period), &lattice, &counts, &counted).unwrap();
    joint.protect(under, &counted, &Microlp).unwrap()
}

/// Everyone is in_en_uit.
fn flow(cell: &drempel_protocols::lattice::LatticeCell, counts: (u64, u64)) -> (u64, u64) {
    let of = |code: &str| cell.place.within().values().any(|members| members.iter().any(|m| m.as_str() == code));
    if of("in_en_uit") {
        (200, 244)
    } else if of("onbekend") {
        (0, 0)
    } else {
        counts
    }
}

fn ask(text: &str, limits: EngineLimits) -> Result<Vec<FoundCell>, EngineError> {
    let catalogue = catalogue();
    let question = question(text, &catalogue);
    let release = released(&catalogue);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let engine = Engine::new(runtime.handle().clone(), limits)?;
    let releases = Releases::new(catalogue, std::iter::once(&release)).unwrap();
    let found = runtime.block_on(engine.run(&question, &receipt(&question), &releases))?;
    Ok(found.cells().to_vec())
}

#[test]
fn questions_are_answered_from_released_cells() {
    let limits = EngineLimits::default();
    let shown = |persons, rows| FoundCell::Shown { persons: Some(persons), rows: Some(rows) };
    let text = |columns: &str, filter: &str| {
        let group = if columns.is_empty() { String::new() } else { format!(" GROUP BY {columns}") };
        let comma = if columns.is_empty() { "" } else { ", " };
        format!("SELECT {columns}{comma}COUNT(DISTINCT persoon) FROM jeugdhulp WHERE periode = '2025H2'{filter}{group}")
    };
    assert_eq!(ask(&text("", ""), limits).unwrap(), [shown(200, 244)]);
    assert_eq!(ask(&text("", " AND groep = 'ambulant'"), limits).unwrap(), [shown(200, 200)]);
    // 52 has four, and 51 is hidden with it; their group is not.
    assert_eq!(
        ask(&text("categorie", " AND categorie IN ('45', '51', '52')"), limits).unwrap(),
        [shown(200, 200), FoundCell::Hidden, FoundCell::Hidden]
    );
    assert_eq!(ask(&text("", " AND groep = 'ggz'"), limits).unwrap(), [shown(44, 44)]);
    // Nobody can be in a group with a categorie of another.
    let both = text("groep, categorie", " AND groep IN ('ambulant', 'ggz') AND categorie IN ('45', '51')");
    assert_eq!(ask(&both, limits).unwrap(), [shown(200, 200), shown(0, 0), shown(0, 0), FoundCell::Hidden]);
    let began = "SELECT COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' AND begin = 'gestart'";
    assert_eq!(ask(began, limits).unwrap(), [FoundCell::Shown { persons: None, rows: Some(244) }]);
    let again = "SELECT COUNT(*) FROM herhaald_beroep WHERE periode = '2025H2'";
    assert_eq!(ask(again, limits).unwrap(), [FoundCell::Shown { persons: None, rows: Some(244) }]);
    let earlier = text("", "").replace("2025H2", "2025H1");
    assert_eq!(ask(&earlier, limits).unwrap(), [FoundCell::NotHeld]);
}

#[test]
fn too_little_time_or_place_fails_without_a_word_of_the_engine() {
    let text = "SELECT groep, COUNT(DISTINCT persoon) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY groep";
    let busy = EngineLimits { time: Duration::from_millis(50), concurrent: 0, ..EngineLimits::default() };
    assert_eq!(ask(text, busy), Err(EngineError::TimedOut));
    let closed = EngineLimits { waiting: 0, ..EngineLimits::default() };
    assert_eq!(ask(text, closed), Err(EngineError::Busy));
}
