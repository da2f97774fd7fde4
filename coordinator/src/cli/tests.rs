use drempel_protocols::{
    problem::{Problem, ProblemType},
    refusal::{Refusal, RefusalCode},
};

use super::*;
use crate::{
    combine::Combined,
    coverage::Coverage,
    document::{Missing, Row},
    http::ProblemDocument,
};

/// An answer with one row of each kind.
pub(crate) fn answer() -> AnswerDocument {
    let codes = |codes: &[&str]| codes.iter().map(|code| code.parse().unwrap()).collect();
    let row = |member: &str, cell| {
        let mut row = Row::default();
        row.push_text("groep", member);
        row.push_measure("personen", cell);
        row
    };
    AnswerDocument {
        question: "SELECT groep, COUNT(DISTINCT persoon) FROM jeugdhulp".to_owned(),
        purpose: "landelijke-monitor".parse().unwrap(),
        coverage: Coverage {
            asked: codes(&["GM0014", "GM0034"]),
            answered: codes(&["GM0014"]),
            late: vec![Missing {
                gemeente: "GM0034".parse().unwrap(),
                reason: "no answer within 30 seconds".to_owned(),
            }],
            ..Coverage::default()
        },
        columns: vec!["groep".to_owned(), "personen".to_owned()],
        measures: vec!["personen".to_owned()],
        rows: vec![
            row("verblijf", Combined::Value(12_345)),
            row("ambulant", Combined::AtLeast(1240)),
            row("onbekend", Combined::Hidden),
            row("a", Combined::NoAnswer),
            row("b", Combined::NotHeld),
        ],
        notes: vec!["Figures are a sum of gemeenten.".to_owned()],
        blind_spots: vec!["Not counted: PGB.".to_owned()],
    }
}

#[test]
fn the_table_shows_what_is_hidden_and_who_is_missing() {
    assert_eq!(
        table(&answer()),
        "\
groep     personen
--------  --------
verblijf     12345
ambulant    ≥ 1240
onbekend    hidden
a                –
b         not held

1 of 2 gemeenten answered.
  GM0034 late: no answer within 30 seconds
Figures are a sum of gemeenten.
Blind spots:
  Not counted: PGB.
"
    );
}

#[test]
fn json_is_read_back_as_it_was_written() {
    let mut out = Vec::new();
    print(&answer(), Format::Json, &mut out).unwrap();
    assert_eq!(serde_json::from_slice::<AnswerDocument>(&out).unwrap(), answer());
    let value: serde_json::Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(value["coverage"]["late"][0]["gemeente"], "GM0034");
    assert_eq!(value["rows"][1]["personen"], serde_json::Value::Null);
    assert_eq!(value["rows"][1]["personen_at_least"], 1240);
}

fn problem(problem: Problem, coverage: Option<Coverage>) -> ClientError {
    ClientError::Problem { document: Box::new(ProblemDocument { problem, coverage }), sql: None }
}

#[test]
fn the_exit_code_says_what_happened() {
    let refusal = Refusal {
        code: RefusalCode::NotSql,
        position: None,
        reason: "This is not SQL.".to_owned(),
        remedy: "Write SELECT.".to_owned(),
    };
    let of = |kind| problem(Problem::new(kind, "d"), None).exit();
    assert_eq!(problem(Problem::refused(vec![refusal.clone()]), None).exit(), Exit::Refused);
    assert_eq!(of(ProblemType::Forbidden), Exit::Refused);
    assert_eq!(of(ProblemType::TooLarge), Exit::Refused);
    assert_eq!(of(ProblemType::Incomplete), Exit::Incomplete);
    assert_eq!(of(ProblemType::Unauthenticated), Exit::Failed);
    assert_eq!(CliError::Usage(String::new()).exit(), Exit::Usage);
    let document = ProblemDocument { problem: Problem::refused(vec![refusal]), coverage: None };
    let said = client::explain(&document, Some("x"));
    assert!(said.contains("This is not SQL.\n  Write SELECT."), "{said}");
}

#[test]
fn an_incomplete_answer_names_who_is_missing() {
    let coverage = answer().coverage;
    let document = ProblemDocument {
        problem: Problem::new(ProblemType::Incomplete, coverage.shortfall()),
        coverage: Some(coverage),
    };
    let said = client::explain(&document, None);
    assert!(said.contains("1 of 2 gemeenten answered; missing: GM0034 (late)"), "{said}");
    assert!(said.contains("--partial"), "{said}");
    let wire = serde_json::to_value(&document).unwrap();
    assert_eq!(wire["type"], "urn:drempel:probleem:onvolledig");
    assert_eq!(serde_json::from_value::<ProblemDocument>(wire).unwrap(), document);
}
