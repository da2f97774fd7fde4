//! Catalogues that change between half-years: what ran on can be listed more finely, not grouped across what there was.

use super::*;
use crate::catalogue::tests::with;

/// Two half-years, each under a catalogue of its own.
fn released([first, second]: [&Catalogue; 2]) -> Result<Vec<Release>, JointError> {
    history([("2025H1", 60, first, PolicyFile::default()), ("2025H2", 40, second, PolicyFile::default())])
}

/// How many cells of a release are of what ran before, by one categorie.
fn stocks_of_one(release: &Release) -> usize {
    let is_one = |place: &Place| {
        let within = |column: &str| place.within().get(&column.parse::<ColumnName>().unwrap());
        within("categorie").is_some_and(|members| members.len() == 1)
            && within("begin").is_some()
            && place.within().len() == 2
    };
    release.cells.iter().filter(|cell| is_one(&cell.place) && cell.place.members().contains("al_lopend")).count()
}

#[test]
fn a_list_that_is_added_has_its_stocks_from_then_on() {
    let registered = Catalogue::from_bundle(registered().bundle()).unwrap();
    let coarse = Catalogue::from_bundle(&with("kubussen.toml", |text| {
        text.replace("dimensies = [\"categorie\"]", "dimensies = [\"groep\"]")
    }));
    let releases = released([&coarse.unwrap(), &registered]).unwrap();
    assert_eq!(stocks_of_one(&releases[0]), 5, "groups of one categorie, rest apart");
    assert_eq!(stocks_of_one(&releases[1]), 25);
    let known = lattice::shown_by(&registered, |_| true).unwrap();
    assert_eq!(certificate(&releases, &BTreeSet::new(), &known).unwrap().verify(&Microlp), Ok(()));
}

#[test]
fn groups_across_those_there_were_are_refused() {
    let registered = Catalogue::from_bundle(registered().bundle()).unwrap();
    let other = Catalogue::from_bundle(&with("weergaven.toml", |text| {
        text.replace(
            "uit = [\"ggz\"] },\n    { code = \"andere\"",
            "uit = [\"ggz\", \"overige\"] },\n    { code = \"andere\"",
        )
        .replace("uit = [\"dag_verblijf_crisis\", \"overige\"]", "uit = [\"dag_verblijf_crisis\"]")
    }));
    assert_eq!(released([&other.unwrap(), &registered]).err(), Some(JointError::NewStock));
}
