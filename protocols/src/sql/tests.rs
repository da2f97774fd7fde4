use std::{collections::BTreeSet, fmt::Write as _, sync::LazyLock};

use proptest::prelude::*;

use super::*;
use crate::{catalogue::tests::registered, question::OutputContent};

mod corpus;
mod questions;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::from_bundle(registered().bundle()).unwrap());

fn monitor() -> PurposeId {
    "landelijke-monitor".parse().unwrap()
}

fn accepted(text: &str) -> (Question, Presentation) {
    read(text, &CATALOGUE, &monitor()).unwrap_or_else(|refusals| panic!("{text}\n{}", worded(&refusals)))
}

fn refused(text: &str) -> Vec<Refusal> {
    read(text, &CATALOGUE, &monitor()).expect_err(text)
}

fn worded(refusals: &[Refusal]) -> String {
    refusals.iter().fold(String::new(), |mut all, refusal| {
        writeln!(all, "{:?}: {refusal}", refusal.code).unwrap();
        all
    })
}

fn place(line: u64, column: u64) -> Option<crate::refusal::Position> {
    Some(crate::refusal::Position { line, column })
}

#[test]
fn every_fault_is_named_at_once_in_the_order_of_the_text() {
    let refusals = refused(
        "SELECT catagorie, AVG(leeftijd), persoon\nFROM jeugdhulp\nWHERE periode = '2025H3' AND geslacht = 'x' OR groep > 'a'\nGROUP BY catagorie\nORDER BY nergens\nLIMIT 0",
    );
    let found: Vec<_> = refusals.iter().map(|refusal| (refusal.code, refusal.position)).collect();
    let expected = [
        (RefusalCode::UnknownColumn, place(1, 8)),
        (RefusalCode::NotSupported, place(1, 19)),
        (RefusalCode::Role, place(1, 34)),
        (RefusalCode::Period, place(3, 17)),
        (RefusalCode::UnknownMember, place(3, 41)),
        (RefusalCode::NotSupported, place(3, 45)),
        (RefusalCode::NotSupported, place(3, 54)),
        (RefusalCode::UnknownColumn, place(4, 10)),
        (RefusalCode::Output, place(5, 10)),
        (RefusalCode::Output, place(6, 7)),
    ];
    assert_eq!(found, expected, "{}", worded(&refusals));
}

#[test]
fn a_mistake_is_answered_with_what_was_probably_meant() {
    for (text, remedy) in [
        ("SELECT catagorie, COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY catagorie", "Write categorie;"),
        ("SELECT COUNT(*) FROM jeugdhlup WHERE periode = '2025H2'", "Write jeugdhulp;"),
        (
            "SELECT COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' AND categorie = 'Jeugd-ggz'",
            "Write '54' (Jeugd-ggz)",
        ),
        (
            "SELECT COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' AND gemeente = 'Almere'",
            "Write 'GM0034' for Almere.",
        ),
        ("SELECT COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' AND jeugdregio = 'Groningn'", "Write 'Groningen'."),
        (
            "SELECT COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' AND categorie = 45",
            "Write '45' with single quotes.",
        ),
        ("SELECT COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' AND categorie IS NULL", "= 'onbekend'"),
        ("SELECT COUNT(*) FROM jeugdhulp WHERE periode = '2025'", "'2025H2'"),
    ] {
        let refusals = refused(text);
        assert!(refusals.iter().any(|refusal| refusal.remedy.contains(remedy)), "{text}\n{}", worded(&refusals));
    }
}

#[test]
fn what_lies_outside_the_cubes_is_answered_with_a_question_that_does_not() {
    let refusals = refused(
        "SELECT groep, leeftijdsgroep, geslacht, COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY groep, leeftijdsgroep, geslacht",
    );
    let [refusal] = refusals.as_slice() else { panic!("{}", worded(&refusals)) };
    assert_eq!(refusal.code, RefusalCode::OutsideCubes);
    let changes = "Replace geslacht by geslacht_groep. Leave out leeftijdsgroep.";
    assert!(refusal.remedy.contains(changes), "{}", refusal.remedy);
    let (_, suggested) = refusal.remedy.split_once("accepted: ").unwrap();
    accepted(suggested);

    let detailed = refused(
        "SELECT categorie, levensfase, COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' AND categorie IN ('51', '52', '45') GROUP BY categorie, levensfase",
    );
    assert!(
        detailed[0].remedy.contains("Replace categorie by hoofdgroep")
            && detailed[0].remedy.contains("hoofdgroep IN ('ambulant', 'ggz')"),
        "{}",
        worded(&detailed)
    );

    let text = "SELECT hulpvorm, COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY hulpvorm";
    let elsewhere = read(text, &CATALOGUE, &"regionale-inkoop".parse().unwrap()).unwrap_err();
    assert!(elsewhere[0].remedy.contains("It can be asked for landelijke-monitor."), "{}", worded(&elsewhere));
}

#[test]
fn a_column_of_another_view_is_answered_with_that_view() {
    for (text, remedy) in [
        (
            "SELECT herhaald, COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY herhaald",
            "Write FROM herhaald_beroep, which has it, or one of the columns of jeugdhulp: periode,",
        ),
        (
            "SELECT COUNT(*) FROM wisseling WHERE periode = '2025H2' AND begin = 'gestart'",
            "Write FROM jeugdhulp, which",
        ),
        (
            "SELECT hulpvorm, COUNT(*) FROM declaratie WHERE periode = '2025H2' GROUP BY hulpvorm",
            "Write FROM herhaald_beroep or jeugdhulp or wisseling, which has it,",
        ),
        ("SELECT COUNT(*) FROM wisselingen WHERE periode = '2025H2'", "Write wisseling; the views are: declaratie,"),
    ] {
        let refusals = refused(text);
        assert!(refusals.iter().any(|refusal| refusal.remedy.starts_with(remedy)), "{text}\n{}", worded(&refusals));
    }
}

#[test]
fn a_column_that_never_leaves_is_named_in_no_view() {
    for view in CATALOGUE.views().map(|view| view.name().as_str()) {
        let text = format!("SELECT aanbieder, COUNT(*) FROM {view} WHERE periode = '2025H2' GROUP BY aanbieder");
        let refusals = refused(&text);
        for refusal in &refusals {
            assert_eq!(refusal.code, RefusalCode::UnknownColumn);
            assert_eq!(refusal.reason, format!("There is no column aanbieder in {view}."));
            assert!(refusal.remedy.starts_with("Write one of the columns: periode,"), "{refusal}");
            assert!(!refusal.remedy.contains("aanbieder"), "{refusal}");
        }
    }
}

#[test]
fn a_view_without_a_table_is_answered_with_those_that_have_one() {
    for purpose in CATALOGUE.purposes() {
        let refusals =
            read("SELECT COUNT(*) FROM declaratie WHERE periode = '2025H2'", &CATALOGUE, &purpose.id).unwrap_err();
        let [refusal] = refusals.as_slice() else { panic!("{}", worded(&refusals)) };
        assert_eq!(refusal.code, RefusalCode::OutsideCubes);
        assert!(refusal.remedy.ends_with("are: herhaald_beroep, jeugdhulp, wisseling."), "{refusal}");
    }
    let elsewhere = read(
        "SELECT COUNT(*) FROM wisseling WHERE periode = '2025H2'",
        &CATALOGUE,
        &"regionale-inkoop".parse().unwrap(),
    );
    let elsewhere = elsewhere.unwrap_err();
    assert!(elsewhere[0].remedy.contains("It can be asked for landelijke-monitor."), "{}", worded(&elsewhere));
}

#[test]
fn an_unknown_purpose_is_refused_beside_the_rest() {
    let refusals = read("SELECT wijk FROM jeugdhulp", &CATALOGUE, &"fraude".parse().unwrap()).unwrap_err();
    let codes: BTreeSet<_> = refusals.iter().map(|refusal| refusal.code).collect();
    assert!(codes.contains(&RefusalCode::Purpose) && codes.contains(&RefusalCode::UnknownColumn));
    assert!(refusals.iter().any(|refusal| refusal.remedy.contains("landelijke-monitor, regionale-inkoop")));
}

#[test]
fn layout_is_read_apart_from_the_question() {
    let plain = accepted("SELECT groep, COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY groep");
    let laid_out = accepted(
        "SELECT COUNT(*) AS n, groep AS soort FROM jeugdhulp WHERE periode = '2025H2' GROUP BY groep ORDER BY n DESC, 2 LIMIT 7",
    );
    assert_eq!(plain.0, laid_out.0);
    let Presentation { columns, order_by, limit } = laid_out.1;
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["n", "soort"]);
    assert_eq!(columns[1].content, OutputContent::Dimension("groep".parse().unwrap()));
    let keys: Vec<_> = order_by.iter().map(|key| (key.column, key.descending)).collect();
    assert_eq!(keys, [(0, true), (1, false)]);
    assert_eq!(limit, Some(7));
}

#[test]
fn the_digest_names_the_question() {
    let one = accepted("SELECT COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' AND categorie = '45'").0;
    let same = accepted("select count(*) as n from JEUGDHULP where categorie='45' and periode='2025H2' limit 3;").0;
    let other = accepted("SELECT COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' AND categorie = '46'").0;
    assert_eq!(digest(&one), digest(&same));
    assert_ne!(digest(&one), digest(&other));
}

#[test]
fn at_most_32_refusals_are_given_and_soon() {
    let members: Vec<String> = (0..256).map(|n| format!("'x{n}'")).collect();
    let text = format!(
        "SELECT gemeente, COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' AND gemeente IN ({}) GROUP BY gemeente",
        members.join(",")
    );
    assert_eq!(refused(&text).len(), 32);
}
