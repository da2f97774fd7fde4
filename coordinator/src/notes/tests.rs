use super::*;
use crate::{dispatch::tests::node, fixture::catalogue, registry::Registry};

/// How a text is noted in a federation of Groningen, Stadskanaal and Almere.
fn said(text: &str) -> (Vec<String>, Vec<String>) {
    let purpose = "landelijke-monitor".parse().unwrap();
    let (question, _) = drempel_protocols::sql::read(text, &catalogue(), &purpose).unwrap();
    let targets = Targets::of(&question, &catalogue(), &Registry::new([14, 37, 34].map(node)));
    (notes(&question, &targets), blind_spots(&question, &targets))
}

#[test]
fn absent_gemeenten_are_named_where_asked_for_or_few() {
    let (_, spots) = said(
        "SELECT gemeente, COUNT(*) FROM jeugdhulp WHERE periode = '2025H1' AND gemeente IN ('GM0014', 'GM0050') GROUP BY gemeente",
    );
    assert_eq!(spots[0], "1 gemeente in the areas asked takes no part and is not in any figure: GM0050.");
    let (_, spots) = said(
        "SELECT gemeente, COUNT(*) FROM jeugdhulp WHERE periode = '2025H1' AND provincie = 'Flevoland' GROUP BY gemeente",
    );
    assert!(spots[0].starts_with("5 gemeenten") && spots[0].contains("GM0050"), "{spots:?}");
    let (_, spots) = said("SELECT COUNT(*) FROM jeugdhulp WHERE periode = '2025H1'");
    assert!(spots[0].ends_with("figure."), "{spots:?}");
}
