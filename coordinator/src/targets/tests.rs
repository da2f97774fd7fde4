use std::sync::LazyLock;

use super::*;
use crate::{dispatch::tests::node, fixture::catalogue};

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry::new([14, 37, 34, 363].map(node)));

fn targets(sql: &str) -> Targets {
    let purpose = "landelijke-monitor".parse().unwrap();
    let (question, _) = drempel_protocols::sql::read(sql, &catalogue(), &purpose).unwrap();
    Targets::of(&question, &catalogue(), &REGISTRY)
}

fn asked(targets: &Targets) -> Vec<String> {
    targets.asked().iter().map(ToString::to_string).collect()
}

#[test]
fn without_area_every_node_is_asked_for_one_row() {
    let targets = targets("SELECT COUNT(*) FROM jeugdhulp WHERE periode = '2025H1'");
    assert_eq!(asked(&targets), ["GM0014", "GM0034", "GM0037", "GM0363"]);
    assert_eq!(targets.rows("2025H1".parse().unwrap()).count(), 1);
    assert_eq!(targets.absent().len(), 342 - 4);
    assert!(targets.has_sums());
}

#[test]
fn by_region_each_gemeente_counts_in_its_own() {
    let targets = targets("SELECT jeugdregio, COUNT(*) FROM jeugdhulp WHERE periode = '2025H1' GROUP BY jeugdregio");
    let rows: Vec<(String, usize)> = targets
        .rows("2025H1".parse().unwrap())
        .map(|(area, gemeenten)| (area.unwrap().to_string(), gemeenten.len()))
        .collect();
    assert!(rows.contains(&("Groningen".to_owned(), 2)), "{rows:?}");
    assert_eq!(rows.iter().map(|(_, count)| count).sum::<usize>(), 4);
}

#[test]
fn filters_select_and_those_without_a_node_are_counted() {
    let targets = targets(
        "SELECT gemeente, COUNT(*) FROM jeugdhulp WHERE periode = '2025H1' AND jeugdregio = 'Groningen' GROUP BY gemeente",
    );
    assert_eq!(asked(&targets), ["GM0014", "GM0037"]);
    assert_eq!(targets.absent().len() + 2, {
        let catalogue = catalogue();
        let division = catalogue.division("2025H1".parse().unwrap()).unwrap();
        division.gemeenten().filter(|(_, entry)| entry.jeugdregio.as_str() == "Groningen").count()
    });
    assert!(!targets.has_sums());
}

#[test]
fn an_area_named_has_its_row_even_if_nobody_in_it_takes_part() {
    let rows = |sql: &str| -> Vec<(String, usize)> {
        let targets = targets(sql);
        let rows = targets.rows("2025H1".parse().unwrap());
        rows.map(|(area, gemeenten)| (area.unwrap().to_string(), gemeenten.len())).collect()
    };
    for (level, here, elsewhere) in [
        ("gemeente", "GM0014", "GM0050"),
        ("provincie", "Groningen", "Zeeland"),
        ("jeugdregio", "Flevoland", "Zeeland"),
    ] {
        let named = rows(&format!(
            "SELECT {level}, COUNT(*) FROM jeugdhulp WHERE periode = '2025H1' AND {level} IN ('{here}', '{elsewhere}') GROUP BY {level}"
        ));
        assert_eq!(named.len(), 2, "{named:?}");
        assert!(named.contains(&(elsewhere.to_owned(), 0)), "{named:?}");
    }
    let within = rows(
        "SELECT gemeente, COUNT(*) FROM jeugdhulp WHERE periode = '2025H1' AND provincie = 'Flevoland' GROUP BY gemeente",
    );
    assert_eq!(within, [("GM0034".to_owned(), 1)]);
}
