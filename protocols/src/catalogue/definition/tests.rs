use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::catalogue::{
    Bundle, Catalogue,
    tests::{FILES, problems, registered},
};

fn definitions() -> Definitions {
    Catalogue::from_bundle(registered().bundle()).unwrap().definitions().clone()
}

fn refused(from: &str, to: &str) -> String {
    let changed = problems("definities.toml", |text| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    });
    assert!(changed.contains("definities.toml"), "{changed}");
    changed
}

#[test]
fn the_registered_definitions_are_as_documented() {
    let Definitions { herhaald, wisseling, wachttijd } = definitions();
    let plain = |classes: &[(MemberCode, u32)]| -> Vec<(String, u32)> {
        classes.iter().map(|(code, bound)| (code.to_string(), *bound)).collect()
    };
    assert_eq!(herhaald.aansluitend_dagen(), 7);
    assert_eq!(plain(herhaald.klassen()), [("binnen_6_maanden".to_owned(), 6), ("binnen_12_maanden".to_owned(), 12)]);
    assert_eq!((wisseling.hoogstens_dagen(), wisseling.aansluitend_dagen()), (30, 1));
    assert_eq!(plain(wachttijd.klassen()).iter().map(|(_, weeks)| *weeks).collect::<Vec<_>>(), [4, 10, 26]);
    assert_eq!(wachttijd.laatste().as_str(), "26_weken_of_langer");
}

#[test]
fn a_catalogue_without_definitions_does_not_load() {
    let bundle = registered().bundle().clone();
    let files = FILES.into_iter().filter(|name| *name != "definities.toml");
    let files = files.map(|name| (name.to_owned(), bundle.file(name).unwrap().to_owned())).collect();
    let error = Catalogue::from_bundle(&Bundle::from_files(files)).unwrap_err();
    assert_eq!(error.problems, ["definities.toml: the file is missing"]);
}

#[test]
fn what_is_no_definition_is_refused_by_its_key() {
    for (from, to, named) in [
        ("hoogstens_dagen = 30", "hoogstens_dagen = 367", "from 0 to 366"),
        ("hoogstens_dagen = 30", "hoogstens_dagen = -1", "from 0 to 366"),
        ("hoogstens_dagen = 30", "hoogstens_dagen = \"30\"", "hoogstens_dagen"),
        ("hoogstens_dagen = 30", "hoogstens_dagen = 1", "wisseling.hoogstens_dagen"),
        ("hoogstens_dagen = 30", "hoogstens_weken = 4", "hoogstens_weken"),
        ("hoogstens_dagen = 30", "", "hoogstens_dagen"),
        ("aansluitend_dagen = 7", "aansluitend_dagen = 367", "aansluitend_dagen"),
        ("[wisseling]", "[verhuizing]", "verhuizing"),
        ("maanden = 12", "maanden = 6", "herhaald_beroep.klasse"),
        ("maanden = 12", "maanden = 601", "herhaald_beroep.klasse"),
        ("maanden = 6", "maanden = 0", "herhaald_beroep.klasse"),
        ("weken = 10", "weken = 3", "wachttijd.klasse"),
        ("code = \"binnen_6_maanden\"", "code = \"binnen_5_maanden\"", "herhaald_beroep.herhaald"),
        ("code = \"binnen_6_maanden\"", "code = \"eerste\"", "herhaald_beroep.herhaald"),
        ("laatste = \"26_weken_of_langer\"", "laatste = \"onbekend\"", "jeugdhulp.wachttijdklasse"),
        ("[[wachttijd.klasse]]\ncode = \"tot_4_weken\"\nweken = 4", "", "jeugdhulp.wachttijdklasse"),
    ] {
        let error = refused(from, to);
        assert!(error.contains(named), "{to}: {error}");
    }
    let none = problems("definities.toml", |text| {
        let (head, rest) = text.split_once("[[herhaald_beroep.klasse]]").unwrap();
        let rest = rest.split_once("[wisseling]").unwrap().1;
        format!("{head}\nklasse = []\n[wisseling]{rest}")
    });
    assert!(none.contains("herhaald_beroep.klasse: needs one class or more"), "{none}");
}

#[test]
fn the_views_must_have_the_members_that_are_defined() {
    for (from, to, named) in [
        ("code = \"binnen_6_maanden\"", "code = \"binnen_een_half_jaar\"", "herhaald_beroep.herhaald"),
        ("code = \"later\"", "code = \"veel_later\"", "herhaald_beroep.herhaald"),
        ("code = \"onderbroken\"", "code = \"gat\"", "wisseling.aansluiting"),
        ("code = \"voor_verzoek\"", "code = \"ervoor\"", "jeugdhulp.wachttijdklasse"),
        ("naam = \"herhaald\"", "naam = \"terugkeer\"", "no dimensie herhaald_beroep.herhaald"),
        ("naam = \"wisseling\"", "naam = \"overstap\"", "no dimensie wisseling.aansluiting"),
    ] {
        let error = problems("weergaven.toml", |text| text.replacen(from, to, 1));
        assert!(error.contains("definities.toml: ") && error.contains(named), "{to}: {error}");
    }
}

#[test]
fn months_end_at_most_on_their_last_day() {
    let herhaald = definitions().herhaald;
    let class = |einde, aanvang| herhaald.class([Some(einde)], aanvang).to_owned();
    assert_eq!(class(date(2024, 8, 31), date(2024, 9, 7)), "aansluitend");
    assert_eq!(class(date(2024, 8, 31), date(2024, 9, 8)), "binnen_6_maanden");
    assert_eq!(class(date(2024, 8, 31), date(2025, 2, 27)), "binnen_6_maanden");
    assert_eq!(class(date(2024, 8, 31), date(2025, 2, 28)), "binnen_12_maanden");
    assert_eq!(class(date(2024, 2, 29), date(2025, 2, 27)), "binnen_12_maanden");
    assert_eq!(class(date(2024, 2, 29), date(2025, 2, 28)), "later");
    assert_eq!(class(date(2025, 3, 1), date(2024, 1, 1)), "aansluitend");
    assert_eq!(herhaald.class([Some(date(2020, 1, 1)), None], date(2024, 1, 1)), "aansluitend");
    assert_eq!(herhaald.class([], date(2024, 1, 1)), "eerste");
}

#[test]
fn the_bounds_of_each_class_are_kept_to() {
    let Definitions { wisseling, wachttijd, .. } = definitions();
    let weeks = [
        (i32::MIN, "voor_verzoek"),
        (0, "voor_verzoek"),
        (1, "tot_4_weken"),
        (27, "tot_4_weken"),
        (28, "4_tot_10_weken"),
        (69, "4_tot_10_weken"),
        (70, "10_tot_26_weken"),
        (181, "10_tot_26_weken"),
        (182, "26_weken_of_langer"),
        (i32::MAX, "26_weken_of_langer"),
    ];
    for (days, class) in weeks {
        assert_eq!(wachttijd.class(days), class, "{days}");
    }
    let changes = [
        (-31, None),
        (-30, Some("overlappend")),
        (-1, Some("overlappend")),
        (0, Some("aansluitend")),
        (1, Some("aansluitend")),
        (2, Some("onderbroken")),
        (30, Some("onderbroken")),
        (31, None),
    ];
    for (days, class) in changes {
        assert_eq!(wisseling.class(days), class, "{days}");
    }
}

fn days() -> impl Strategy<Value = Date> {
    (0i32..20_000).prop_map(|days| date(2000, 1, 1).saturating_add(days.days()))
}

proptest! {
    #[test]
    fn every_class_is_a_member_of_its_column(
        earlier in proptest::collection::vec(proptest::option::weighted(0.9, days()), 0..4), aanvang in days(), gap: i32,
    ) {
        let catalogue = Catalogue::from_bundle(registered().bundle()).unwrap();
        let definitions = catalogue.definitions();
        let is_member = |view: &str, column: &str, class: &str| {
            catalogue.view(view).unwrap().column(column).unwrap().dimension().unwrap().domain().index_of(class).is_some()
        };
        prop_assert!(is_member("herhaald_beroep", "herhaald", definitions.herhaald.class(earlier, aanvang)));
        prop_assert!(is_member("jeugdhulp", "wachttijdklasse", definitions.wachttijd.class(gap)));
        for days in [gap, gap % 40] {
            prop_assert!(definitions.wisseling.class(days).is_none_or(|class| is_member("wisseling", "aansluiting", class)));
        }
    }

    #[test]
    fn later_help_is_never_of_an_earlier_class(
        earlier in proptest::collection::vec(days(), 1..4), aanvang in days(), wait in 0i32..1_000, gap in -1_000i32..1_000,
    ) {
        let Definitions { herhaald, wachttijd, .. } = definitions();
        let order = ["aansluitend", "binnen_6_maanden", "binnen_12_maanden", "later"];
        let place = |aanvang| {
            let class = herhaald.class(earlier.iter().copied().map(Some), aanvang);
            order.iter().position(|known| *known == class)
        };
        prop_assert!(place(aanvang).is_some() && place(aanvang) <= place(aanvang.saturating_add(wait.days())));
        let order = ["voor_verzoek", "tot_4_weken", "4_tot_10_weken", "10_tot_26_weken", "26_weken_of_langer"];
        let place = |days| order.iter().position(|known| *known == wachttijd.class(days));
        prop_assert!(place(gap).is_some() && place(gap) <= place(gap + wait));
    }

    #[test]
    fn the_order_of_earlier_help_changes_nothing(
        earlier in proptest::collection::vec(proptest::option::weighted(0.9, days()), 0..5), aanvang in days(),
    ) {
        let herhaald = definitions().herhaald;
        let reversed = herhaald.class(earlier.iter().rev().copied(), aanvang).to_owned();
        prop_assert_eq!(herhaald.class(earlier, aanvang), reversed);
    }

    #[test]
    fn classes_have_rising_bounds(bounds in proptest::collection::vec(0u32..700, 0..5)) {
        let rising = bounds.windows(2).all(|pair| pair[0] < pair[1]);
        let within = !bounds.is_empty() && bounds.iter().all(|bound| (1..=600).contains(bound));
        let classes = bounds.iter().map(|bound| (format!("tot_{bound}").parse().unwrap(), *bound)).collect();
        prop_assert_eq!(Classes::new(classes).is_some(), rising && within);
    }

    #[test]
    fn days_lie_from_0_to_366(days: i64, near in -10i64..400) {
        for days in [days, near] {
            prop_assert_eq!(Days::try_from(days).is_ok(), (0..=366).contains(&days));
        }
    }
}
