use drempel_protocols::{cell::Cell, question::Question, sql};
use proptest::prelude::*;

use super::*;
use crate::{dispatch::tests::node, document::Shown, fixture::catalogue, registry::Registry};

const BY_GROUP: &str =
    "SELECT gemeente, groep, COUNT(*) AS n FROM jeugdhulp WHERE periode = '2025H1' GROUP BY gemeente, groep";

struct Asked {
    question: Question,
    presentation: Presentation,
    grid: Grid,
    targets: Targets,
}

fn asked(text: &str) -> Asked {
    let (question, presentation) = sql::read(text, &catalogue(), &"landelijke-monitor".parse().unwrap()).unwrap();
    let grid = Grid::of(&question, &catalogue()).unwrap();
    let targets = Targets::of(&question, &catalogue(), &Registry::new([14, 37, 34].map(node)));
    Asked { question, presentation, grid, targets }
}

impl Asked {
    fn rows(&self, answers: &[(u16, &Payload)]) -> Vec<Row> {
        let answers = answers.iter().map(|(number, payload)| (node(*number).gemeente, *payload)).collect();
        rows(&self.question, &self.presentation, &self.grid, &self.targets, &answers)
    }

    fn payload(&self, cell: impl Fn(usize) -> Cell) -> Payload {
        let cells: Vec<Cell> = (0..self.grid.cells().unwrap()).map(cell).collect();
        self.question.measures().iter().map(|measure| (*measure, cells.clone())).collect()
    }
}

#[test]
fn every_area_asked_has_every_cell() {
    let asked = asked(BY_GROUP);
    let cells = asked.grid.cells().unwrap();
    let payload = asked.payload(|position| Cell::Value(position as u64));
    let rows = asked.rows(&[(14, &payload)]);
    assert_eq!(rows.len(), 3 * cells);
    assert_eq!(rows[1].measure("n"), Shown::Value(1));
    assert_eq!(rows[1].text("gemeente"), "GM0014");
    assert!(rows[cells..].iter().all(|row| row.measure("n") == Shown::NoAnswer));
}

#[test]
fn ordering_puts_rows_without_value_last_and_limit_cuts() {
    for (direction, first) in [("DESC", 30), ("ASC", 10)] {
        let asked = asked(&format!("{BY_GROUP} ORDER BY n {direction} LIMIT 4"));
        let payload = asked.payload(|position| match position {
            0 => Cell::Hidden,
            1 => Cell::Value(10),
            2 => Cell::Value(30),
            3 => Cell::Value(20),
            _ => Cell::NotHeld,
        });
        let rows = asked.rows(&[(14, &payload)]);
        assert_eq!(rows.len(), 4);
        assert_eq!(rows[0].measure("n"), Shown::Value(first));
        assert_eq!(rows[1].measure("n"), Shown::Value(20));
        assert_eq!(rows[3].measure("n"), Shown::Hidden);
    }
}

#[test]
fn a_region_sums_its_gemeenten() {
    let asked = asked(
        "SELECT jeugdregio, COUNT(DISTINCT persoon) AS n FROM jeugdhulp WHERE periode = '2025H1' GROUP BY jeugdregio",
    );
    let (ten, hidden) = (asked.payload(|_| Cell::Value(10)), asked.payload(|_| Cell::Hidden));
    let rows = asked.rows(&[(14, &ten), (37, &hidden), (34, &ten)]);
    let of = |name: &str| rows.iter().find(|row| row.text("jeugdregio") == name).unwrap().measure("n");
    assert_eq!(of("Groningen"), Shown::AtLeast(10));
    assert_eq!(of("Flevoland"), Shown::Value(10));
}

#[test]
fn a_bound_is_ordered_among_the_values() {
    for (direction, first) in [("DESC", "Groningen"), ("ASC", "Flevoland")] {
        let asked = asked(&format!(
            "SELECT jeugdregio, COUNT(*) AS n FROM jeugdhulp WHERE periode = '2025H1' GROUP BY jeugdregio ORDER BY n {direction}"
        ));
        let (ten, twenty, hidden) =
            (asked.payload(|_| Cell::Value(10)), asked.payload(|_| Cell::Value(20)), asked.payload(|_| Cell::Hidden));
        let rows = asked.rows(&[(14, &twenty), (37, &hidden), (34, &ten)]);
        assert_eq!(rows[0].text("jeugdregio"), first, "{direction}");
    }
}

#[test]
fn each_half_year_has_its_rows() {
    let asked =
        asked("SELECT periode, COUNT(*) AS n FROM jeugdhulp WHERE periode IN ('2025H1', '2025H2') GROUP BY periode");
    let payload = asked.payload(|position| Cell::Value(10 * (position as u64 + 1)));
    let rows = asked.rows(&[(14, &payload), (37, &payload), (34, &payload)]);
    let shown: Vec<(&str, Shown)> = rows.iter().map(|row| (row.text("periode"), row.measure("n"))).collect();
    assert_eq!(shown, [("2025H1", Shown::Value(30)), ("2025H2", Shown::Value(60))]);
}

#[test]
fn a_total_of_all_gemeenten_is_their_sum_and_comes_last() {
    let asked = asked(
        "SELECT gemeente, groep, COUNT(*) AS n FROM jeugdhulp WHERE periode = '2025H1' GROUP BY CUBE (gemeente, groep)",
    );
    let cells = asked.grid.cells().unwrap();
    let payload = asked.payload(|position| Cell::Value(10 + position as u64));
    let rows = asked.rows(&[(14, &payload), (34, &payload), (37, &payload)]);
    assert_eq!(rows.len(), 4 * cells);
    for (place, row) in rows.iter().enumerate() {
        let (gemeente, cell) = (place / cells, place % cells);
        assert_eq!(row.text("gemeente"), ["GM0014", "GM0034", "GM0037", "totaal"][gemeente]);
        assert_eq!(row.text("groep") == "totaal", cell + 1 == cells);
        let times = if gemeente == 3 { 3 } else { 1 };
        assert_eq!(row.measure("n"), Shown::Value(times * (10 + cell as u64)));
    }
    assert!(asked.targets.has_sums());
}

#[test]
fn each_set_has_its_own_rows() {
    let asked = asked(
        "SELECT jeugdregio, groep, COUNT(*) AS n FROM jeugdhulp WHERE periode = '2025H1' AND jeugdregio IN ('Groningen', 'Zeeland') GROUP BY GROUPING SETS ((jeugdregio), (groep)) ORDER BY n DESC",
    );
    let members = asked.grid.axes()[0].members.len();
    let payload = asked.payload(|position| if position == members { Cell::Value(90) } else { Cell::Value(10) });
    let rows = asked.rows(&[(14, &payload), (37, &payload)]);
    let areas: Vec<(&str, &str)> = rows.iter().map(|row| (row.text("jeugdregio"), row.text("groep"))).collect();
    assert_eq!(areas.len(), 2 + members);
    assert_eq!((areas[0], rows[0].measure("n")), (("Groningen", "totaal"), Shown::Value(180)));
    assert!(areas[1..=members].iter().all(|(area, groep)| *area == "totaal" && *groep != "totaal"));
    assert_eq!((areas[members + 1], rows[members + 1].measure("n")), (("Zeeland", "totaal"), Shown::NoAnswer));
}

proptest! {
    #[test]
    fn rows_are_the_same_whatever_is_in_the_cells(counts in prop::collection::vec(0u64..100, 8)) {
        let asked = asked(BY_GROUP);
        let some = asked.payload(|position| match counts[position % counts.len()] {
            count if count < 10 => Cell::Hidden,
            count => Cell::Value(count),
        });
        let keys = |rows: &[Row]| {
            rows.iter().map(|row| (row.text("gemeente").to_owned(), row.text("groep").to_owned())).collect::<Vec<_>>()
        };
        prop_assert_eq!(keys(&asked.rows(&[(14, &some), (34, &some)])), keys(&asked.rows(&[])));
    }
}
