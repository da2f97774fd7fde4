use super::*;
use crate::{dispatch::tests::node, fixture::catalogue, registry::Registry};

/// How a text is noted in a federation of Groningen, Stadskanaal and Almere.
fn said(text: &str) -> (Vec<String>, Vec<String>) {
    let purpose = "landelijke-monitor".parse().unwrap();
    let (question, _) = drempel_protocols::sql::read(text, &catalogue(), &purpose).unwrap();
    let targets = Targets::of(&question, &catalogue(), &Registry::new([14, 37, 34].map(node)));
    (notes(&question, &targets, &BTreeMap::new()), blind_spots(&question, &targets))
}

#[test]
fn who_rounds_is_named_where_few_do() {
    let some = |count: u16| (1..=count).map(|code| (format!("GM{code:04}").parse().unwrap(), 5)).collect();
    assert_eq!(rounded(&BTreeMap::new()), None);
    assert_eq!(
        rounded(&some(2)).unwrap(),
        "Counts of GM0001, GM0002 are rounded to multiples of 5, so that parts need not add up to totals, and sums are as rough."
    );
    assert!(rounded(&some(11)).unwrap().starts_with("Counts of 11 gemeenten are rounded"));
}

#[test]
fn absent_gemeenten_are_named_where_asked_for_or_few() {
    let (_, spots) = said(
        "SELECT gemeente, COUNT(*) FROM jeugdhulp WHERE periode = '2025H1' AND gemeente IN ('GM0014', 'GM0050') GROUP BY gemeente",
    );
    assert_eq!(spots[0], "1 of 2 gemeenten in the areas asked takes no part and is not in any figure: GM0050.");
    let (_, spots) = said(
        "SELECT gemeente, COUNT(*) FROM jeugdhulp WHERE periode = '2025H1' AND provincie = 'Flevoland' GROUP BY gemeente",
    );
    assert!(spots[0].starts_with("5 of 6 gemeenten") && spots[0].contains("GM0050"), "{spots:?}");
    let (_, spots) = said("SELECT COUNT(*) FROM jeugdhulp WHERE periode = '2025H1'");
    assert!(spots[0].ends_with("figure."), "{spots:?}");
}

#[test]
fn a_region_of_which_some_gemeenten_take_part_says_so() {
    let (notes, spots) = said(
        "SELECT provincie, COUNT(*) FROM jeugdhulp WHERE periode = '2025H1' AND provincie IN ('Flevoland', 'Zeeland') GROUP BY provincie",
    );
    assert!(notes.iter().any(|note| note.contains("that take part")), "{notes:?}");
    assert_eq!(spots[1..3], ["Flevoland: 1 of 6 gemeenten take part.", "Zeeland: 0 of 13 gemeenten take part."]);
    let (_, spots) = said("SELECT jeugdregio, COUNT(*) FROM jeugdhulp WHERE periode = '2025H1' GROUP BY jeugdregio");
    assert_eq!(spots.iter().filter(|spot| spot.contains("take part")).count(), 2, "{spots:?}");
    let (notes, spots) = said("SELECT COUNT(*) FROM jeugdhulp WHERE periode = '2025H1' AND provincie = 'Flevoland'");
    assert!(notes.iter().any(|note| note.contains("that take part")), "{notes:?}");
    assert!(spots[0].starts_with("5 of 6 gemeenten"), "{spots:?}");
}
