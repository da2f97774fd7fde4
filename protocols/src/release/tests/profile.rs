//! Releases under other profiles than the default: what they hide, and how they round what they show.

use super::*;

/// Two half-years, the first under the profile landelijk and the second under cbs.
fn released() -> (Catalogue, Vec<Release>) {
    let catalogue = Catalogue::from_bundle(registered().bundle()).unwrap();
    let of = |profile: &str| PolicyFile { profiel: Some(profile.parse().unwrap()), ..PolicyFile::default() };
    let halves = [("2025H1", 63, &catalogue, of("landelijk")), ("2025H2", 42, &catalogue, of("cbs"))];
    let releases = history(halves).unwrap();
    (catalogue, releases)
}

#[test]
fn cbs_hides_zeros_too_and_rounds_what_it_shows() {
    let (catalogue, releases) = released();
    let [exact, rounded] = releases.as_slice() else { panic!("two releases") };
    assert_eq!((exact.round_to(), rounded.round_to()), (1, 5));
    let is_stock = |cell: &ReleasedCell| lattice::after(&cell.place).is_some();
    let own = || rounded.cells.iter().filter(|cell| !cell.shows.nothing() && !is_stock(cell));
    // What ran before is known not to be there where the first release showed that.
    let ran_before = |cell: &ReleasedCell| cell.place.members().contains("al_lopend");
    let zeros = own().filter(|cell| cell.persons == 0 && cell.reason.is_none() && !cell.structural);
    assert!(zeros.into_iter().all(ran_before));
    assert!(own().filter(|cell| (1..10).contains(&cell.persons)).all(|cell| cell.reason.is_some()));
    assert!(own().filter(|cell| cell.persons == 0 && cell.reason.is_some()).count() > 20);
    assert!(exact.cells.iter().any(|cell| cell.persons == 0 && cell.reason.is_none() && !cell.structural));
    let published = rounded.published();
    let mut off = 0;
    for cell in own().filter(|cell| cell.reason.is_none()) {
        for (measure, found) in &published[&cell.place] {
            let count = if *measure == Measure::Personen { cell.persons } else { cell.rows };
            let Cell::Value(value) = found else { panic!("{} is shown", cell.place.members()) };
            assert!(value.is_multiple_of(5) && value.abs_diff(count) <= 2, "{value} of {count}");
            off += usize::from(*value != count);
        }
    }
    assert!(off > 5, "{off} counts are not multiples of 5");
    let read: Release = serde_json::from_str(&serde_json::to_string(rounded).unwrap()).unwrap();
    assert_eq!(read, *rounded);
    // A certificate would give exact counts.
    let allowed = lattice::shown_by(&catalogue, |_| true).unwrap();
    let of = |history: &[Release]| certificate(history, &BTreeSet::new(), &allowed).map(|_| ());
    assert_eq!(of(&releases[..1]), Ok(()));
    assert_eq!(of(&releases), Err(JointError::Rounded(rounded.period())));
}

/// A reader knows that nothing of before the first half-year can have lapsed.
#[test]
fn nobody_has_lapsed_in_a_first_half_year_under_any_profile() {
    let catalogue = Catalogue::from_bundle(&crate::catalogue::tests::with("kubussen.toml", |text| {
        // Of what is gone nobody knows who referred: with tables of that, and of both with categorie, they make a circle.
        let cubes = text.split("[[kubus]]").filter(|cube| !cube.contains("verwijzer"));
        cubes.collect::<Vec<_>>().join("[[kubus]]").replace("[\"reden_einde\"]", "[\"einde\"]")
    }));
    let catalogue = catalogue.unwrap();
    let cbs = || PolicyFile { profiel: Some("cbs".parse().unwrap()), ..PolicyFile::default() };
    let releases = history([("2025H1", 63, &catalogue, cbs()), ("2025H2", 42, &catalogue, cbs())]).unwrap();
    let lapsed = |release: &Release| {
        let cell = release.cells.iter().find(|cell| cell.place.members() == "einde=vervallen").unwrap();
        (cell.persons, cell.structural, cell.reason.is_some())
    };
    assert_eq!(releases.iter().map(lapsed).collect::<Vec<_>>(), [(0, true, false), (0, false, true)]);
}

#[test]
fn counts_are_rounded_to_the_nearest_multiple() {
    for (count, to, expected) in
        [(0, 5, 0), (10, 5, 10), (12, 5, 10), (13, 5, 15), (17, 1, 17), (15, 10, 20), (17, 0, 17)]
    {
        assert_eq!(rounded(count, to), expected, "{count} to {to}");
    }
}
