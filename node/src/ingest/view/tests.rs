use std::{collections::BTreeMap, sync::LazyLock};

use drempel_protocols::{
    catalogue::{Catalogue, Definitions, PerPersoon, SignedBundle},
    id::Period,
};
use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::{
    super::{
        bericht::Persoonsgegevens,
        codes::{Geslacht, RedenBeeindiging, Verwijzer},
        feiten::Verwijzing,
        traject::{
            Einde, Episode, Traject, merge,
            tests::{episodes, of, periods},
        },
    },
    *,
};

static CATALOGUS: LazyLock<Catalogue> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../config/catalogus");
    let signed = SignedBundle::read(folder.as_ref()).unwrap();
    Catalogue::from_bundle(signed.bundle()).unwrap()
});

static DEFINITIES: LazyLock<Definitions> = LazyLock::new(|| CATALOGUS.definitions().clone());

fn period(text: &str) -> Period {
    text.parse().unwrap()
}

fn person(trajecten: Vec<Traject>) -> Persoon {
    let gegevens =
        Persoonsgegevens { geboortedatum: date(2012, 3, 4), datumgebruik: None, geslacht: Geslacht::Vrouwelijk };
    Persoon { nummer: 7, gegevens, trajecten }
}

fn episode(aanvang: Date, einde: Option<(Date, RedenBeeindiging)>) -> Episode {
    of(Some(Categorie::C32), aanvang, einde.map(|(datum, reden)| Einde { datum, reden: Some(reden) }))
}

fn traject(aanvang: Date, einde: Option<Date>) -> Traject {
    merge(vec![episode(aanvang, einde.map(|einde| (einde, RedenBeeindiging::VolgensPlan)))]).remove(0)
}

fn rows(trajecten: Vec<Traject>, half: &str) -> Vec<Rij> {
    jeugdhulp(&person(trajecten), period(half), &DEFINITIES.wachttijd).map(Rij::from).collect()
}

/// The members of a row in columns of a view.
fn leden(view: &ViewSchema, rij: &Rij, columns: &[&str]) -> Vec<Option<&'static str>> {
    let place = |name: &&str| view.leden.iter().position(|(column, _)| column == name).unwrap();
    columns.iter().map(|name| view.lid(place(name), rij)).collect()
}

#[test]
fn gebruik_is_every_traject_that_touches_the_period() {
    let used = |aanvang, einde, half| rows(vec![traject(aanvang, einde)], half).len();
    assert_eq!(used(date(2024, 6, 30), None, "2024H1"), 1);
    assert_eq!(used(date(2024, 7, 1), None, "2024H1"), 0);
    assert_eq!(used(date(2023, 1, 1), Some(date(2024, 1, 1)), "2024H1"), 1);
    assert_eq!(used(date(2023, 1, 1), Some(date(2023, 12, 31)), "2024H1"), 0);
}

#[test]
fn begin_and_einde_go_by_the_days_of_the_period() {
    let row =
        |aanvang, einde| leden(&JEUGDHULP, &rows(vec![traject(aanvang, einde)], "2024H1")[0], &["begin", "einde"]);
    assert_eq!(row(date(2023, 12, 31), None), [Some("al_lopend"), Some("loopt_door")]);
    assert_eq!(row(date(2024, 1, 1), Some(date(2024, 6, 30))), [Some("gestart"), Some("31")]);
    assert_eq!(row(date(2024, 1, 1), Some(date(2024, 7, 1))), [Some("gestart"), Some("loopt_door")]);
}

#[test]
fn an_estimated_einde_shows_as_onbekend() {
    let mut estimated = traject(date(2023, 1, 1), None);
    estimated.einde = Some(Einde { datum: date(2024, 3, 1), reden: None });
    assert_eq!(
        leden(&JEUGDHULP, &rows(vec![estimated.clone()], "2024H1")[0], &["einde", "stroom"]),
        [None, Some("uitstroom")]
    );
    assert_eq!(leden(&JEUGDHULP, &rows(vec![estimated], "2023H2")[0], &["einde"]), [Some("loopt_door")]);
}

#[test]
fn wachttijd_is_from_the_request_to_the_first_day() {
    let class = |days: i64| {
        let mut waited = traject(date(2024, 3, 1), None);
        let verzoekdag = Some(date(2024, 3, 1) - jiff::Span::new().days(days));
        waited.episodes[0].verwijzing = Verwijzing { verwijzer: Some(Verwijzer::Huisarts), verzoekdag };
        leden(&JEUGDHULP, &rows(vec![waited], "2024H1")[0], &["wachttijdklasse"])[0].unwrap()
    };
    for (days, code) in [
        (-3, "voor_verzoek"),
        (0, "voor_verzoek"),
        (1, "tot_4_weken"),
        (27, "tot_4_weken"),
        (28, "4_tot_10_weken"),
        (69, "4_tot_10_weken"),
        (70, "10_tot_26_weken"),
        (181, "10_tot_26_weken"),
        (182, "26_weken_of_langer"),
    ] {
        assert_eq!(class(days), code, "{days}");
    }
    let unknown = rows(vec![traject(date(2024, 3, 1), None)], "2024H1");
    assert_eq!(leden(&JEUGDHULP, &unknown[0], &["verwijzer", "wachttijdklasse"]), [None, None]);
}

#[test]
fn stroom_is_one_member_for_all_trajecten_of_a_person() {
    let stroom = |trajecten: Vec<Traject>| {
        let rows = rows(trajecten, "2024H1");
        let members: Vec<_> = rows.iter().map(|row| leden(&JEUGDHULP, row, &["stroom"])[0].unwrap()).collect();
        assert!(members.iter().all(|member| *member == members[0]));
        members[0]
    };
    let before = traject(date(2023, 1, 1), Some(date(2024, 2, 1)));
    let after = traject(date(2024, 3, 1), None);
    let within = traject(date(2024, 3, 1), Some(date(2024, 4, 1)));
    assert_eq!(stroom(vec![before.clone(), after.clone()]), "doorlopend");
    assert_eq!(stroom(vec![before, within.clone()]), "uitstroom");
    assert_eq!(stroom(vec![within.clone(), after]), "instroom");
    assert_eq!(stroom(vec![within]), "in_en_uit");
    assert_eq!(stroom(vec![traject(date(2023, 1, 1), Some(date(2024, 6, 30)))]), "uitstroom");
}

#[test]
fn herhaald_beroep_looks_back_over_every_categorie() {
    let herhaald = |earlier: Option<Date>| {
        let mut trajecten = vec![traject(date(2024, 3, 31), None)];
        trajecten.extend(earlier.map(|einde| traject(date(2020, 1, 1), Some(einde))));
        let person = person(trajecten);
        let rows: Vec<Rij> = herhaald_beroep(&person, period("2024H1"), &DEFINITIES.herhaald).collect();
        assert_eq!(rows.len(), 1);
        leden(&HERHAALD_BEROEP, &rows[0], &["herhaald"])[0].unwrap()
    };
    assert_eq!(herhaald(None), "eerste");
    assert_eq!(herhaald(Some(date(2024, 3, 24))), "aansluitend");
    assert_eq!(herhaald(Some(date(2024, 3, 23))), "binnen_6_maanden");
    assert_eq!(herhaald(Some(date(2023, 9, 30))), "binnen_12_maanden");
    assert_eq!(herhaald(Some(date(2023, 10, 1))), "binnen_6_maanden");
    assert_eq!(herhaald(Some(date(2023, 3, 31))), "later");
    let running = person(vec![traject(date(2020, 1, 1), None), traject(date(2024, 3, 31), None)]);
    let rows: Vec<Rij> = herhaald_beroep(&running, period("2024H1"), &DEFINITIES.herhaald).collect();
    assert_eq!(leden(&HERHAALD_BEROEP, &rows[0], &["herhaald"]), [Some("aansluitend")]);
}

#[test]
fn wisseling_is_another_aanbieder_near_the_end_of_one() {
    let changes = |einde: Date, new: Date, before: Option<Date>| {
        let first = episode(date(2023, 1, 1), Some((einde, RedenBeeindiging::AndereAanbieder)));
        let mut second = episode(new, None);
        second.aanbieder = 99;
        let mut all = vec![first, second];
        all.extend(before.map(|begun| Episode { aanbieder: 99, ..episode(begun, None) }));
        let rows = wisseling(&person(merge(all)), period("2024H1"), &DEFINITIES.wisseling);
        rows.iter().map(|row| leden(&WISSELING, row, &["aansluiting", "reden"])).collect::<Vec<_>>()
    };
    let one = |class| vec![vec![Some(class), Some("overstap")]];
    let new = date(2024, 3, 1);
    assert_eq!(changes(date(2024, 3, 2), new, None), one("overlappend"));
    assert_eq!(changes(date(2024, 3, 1), new, None), one("aansluitend"));
    assert_eq!(changes(date(2024, 2, 29), new, None), one("aansluitend"));
    assert_eq!(changes(date(2024, 2, 28), new, None), one("onderbroken"));
    assert_eq!(changes(date(2024, 1, 31), new, None), one("onderbroken"));
    assert!(changes(date(2024, 1, 30), new, None).is_empty());
    assert_eq!(changes(date(2024, 3, 31), new, None), one("overlappend"));
    assert!(changes(date(2024, 4, 1), new, None).is_empty());
    assert!(changes(date(2024, 2, 29), new, Some(date(2023, 6, 1))).is_empty());
}

#[test]
fn lists_are_those_of_the_catalogue() {
    for view in VIEWS {
        let known = CATALOGUS.view(view.naam).unwrap();
        for (column, codes) in view.leden {
            let dimension = known.column(column).unwrap().dimension().unwrap();
            assert_eq!(dimension.per_persoon() == PerPersoon::Een, EEN.contains(column), "{}.{column}", view.naam);
            let domain = dimension.domain();
            let mut members: Vec<&str> = domain.members().iter().map(|member| member.code.as_str()).collect();
            assert_eq!(members.pop(), Some("onbekend"));
            // What is no longer in the records ends so in a release, and in no row of a snapshot.
            members.retain(|member| (*column, *member) != ("einde", "vervallen"));
            members.sort_unstable();
            let mut codes = codes.to_vec();
            codes.sort_unstable();
            assert_eq!(members, codes, "{}.{column}", view.naam);
        }
        assert_eq!(known.column("aanbieder").is_some(), view.aanbieder);
        assert_eq!(known.column("eerdere_aanbieder").is_some(), view.eerdere_aanbieder);
        assert_eq!(known.column("bedrag").is_some(), view.bedrag);
    }
}

proptest! {
    /// R1: what is `een` per person is one member in every view of a half-year.
    #[test]
    fn r1_een_is_one_member_over_all_views(episodes in episodes()) {
        let person = person(merge(episodes));
        for period in periods() {
            let mut seen = std::collections::BTreeSet::new();
            for rij in jeugdhulp(&person, period, &DEFINITIES.wachttijd).map(Rij::from) {
                seen.insert(leden(&JEUGDHULP, &rij, &["leeftijdsgroep", "geslacht"]));
            }
            for rij in herhaald_beroep(&person, period, &DEFINITIES.herhaald) {
                seen.insert(leden(&HERHAALD_BEROEP, &rij, &["leeftijdsgroep", "geslacht"]));
            }
            for rij in wisseling(&person, period, &DEFINITIES.wisseling) {
                seen.insert(leden(&WISSELING, &rij, &["leeftijdsgroep", "geslacht"]));
            }
            prop_assert!(seen.len() <= 1);
        }
    }

    /// R12: no row has members that are excluded, whether by what is recorded or, as here, by date and without a mapping.
    #[test]
    fn r12_no_row_is_what_is_excluded(episodes in episodes(), kinds in prop::collection::vec(0u8..3, 12)) {
        let referred = |(mut episode, kind): (Episode, u8)| {
            let (known, asked) = (Some(Verwijzer::Huisarts), Some(date(2024, 2, 3)));
            episode.verwijzing = match kind {
                0 => Verwijzing::ONBEKEND,
                1 => Verwijzing { verwijzer: Some(Verwijzer::Gemeente), verzoekdag: None },
                _ => Verwijzing { verwijzer: known, verzoekdag: asked },
            };
            episode
        };
        let person = person(merge(episodes.into_iter().zip(kinds).map(referred).collect()));
        for period in periods() {
            let jeugdhulp: Vec<Rij> = jeugdhulp(&person, period, &DEFINITIES.wachttijd).map(Rij::from).collect();
            let began: Vec<Rij> = herhaald_beroep(&person, period, &DEFINITIES.herhaald).collect();
            let changes = wisseling(&person, period, &DEFINITIES.wisseling);
            for (view, rows) in [(&JEUGDHULP, &jeugdhulp), (&HERHAALD_BEROEP, &began), (&WISSELING, &changes)] {
                for (row, exclusion) in rows.iter().flat_map(|row| {
                    CATALOGUS.view(view.naam).unwrap().exclusions().iter().map(move |exclusion| (row, exclusion))
                }) {
                    let is_in = exclusion.members().iter().all(|(column, codes)| {
                        let lid = leden(view, row, &[column.as_str()])[0].unwrap_or("onbekend");
                        codes.iter().any(|code| code.as_str() == lid)
                    });
                    prop_assert!(!is_in, "{} {:?}", view.naam, exclusion);
                }
            }
            let new: std::collections::BTreeSet<_> = began
                .iter()
                .map(|row| leden(&HERHAALD_BEROEP, row, &["herhaald"])[0].unwrap())
                .filter(|class| ["eerste", "binnen_12_maanden", "later"].contains(class))
                .collect();
            let before = jeugdhulp.iter().any(|row| leden(&JEUGDHULP, row, &["begin"])[0] == Some("al_lopend"));
            prop_assert!(new.len() <= usize::from(!before), "{new:?}");
        }
    }

    /// R2: begin + in - uit = eind per categorie, and the end of a period is the begin of the next.
    #[test]
    fn r2_stocks_and_flows_agree(episodes in episodes()) {
        let person = person(merge(episodes));
        let mut ends: Option<BTreeMap<Option<&str>, i64>> = None;
        for period in periods() {
            let rows: Vec<Rij> = jeugdhulp(&person, period, &DEFINITIES.wachttijd).map(Rij::from).collect();
            let count = |column: &str, wanted: &dyn Fn(Option<&str>) -> bool| {
                let mut counts = BTreeMap::new();
                for row in &rows {
                    let found = leden(&JEUGDHULP, row, &["categorie", column]);
                    if wanted(found[1]) {
                        *counts.entry(found[0]).or_insert(0i64) += 1;
                    }
                }
                counts
            };
            let begin = count("begin", &|member| member == Some("al_lopend"));
            let started = count("begin", &|member| member == Some("gestart"));
            let ended = count("einde", &|member| member != Some("loopt_door"));
            let end = count("einde", &|member| member == Some("loopt_door"));
            for categorie in [None, Some("32"), Some("45")] {
                let of = |counts: &BTreeMap<_, i64>| counts.get(&categorie).copied().unwrap_or(0);
                prop_assert_eq!(of(&begin) + of(&started) - of(&ended), of(&end));
            }
            if let Some(ends) = ends.replace(end) {
                prop_assert_eq!(ends, begin);
            }
        }
    }
}
