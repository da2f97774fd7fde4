use std::collections::BTreeMap;

use jiff::civil::date;
use proptest::prelude::*;

use super::{
    super::traject::{self, Einde, merge},
    *,
};

const PLAN: RedenBeeindiging = RedenBeeindiging::VolgensPlan;

fn person(trajecten: Vec<Traject>) -> Persoon {
    let gegevens =
        Persoonsgegevens { geboortedatum: date(2012, 7, 1), datumgebruik: None, geslacht: Geslacht::Vrouwelijk };
    Persoon { nummer: 3, gegevens, trajecten }
}

fn traject(aanvang: Date, einde: Option<Date>) -> Traject {
    Traject {
        categorie: Some(Categorie::C45),
        hulpvorm: None,
        aanvang,
        einde: einde.map(|datum| Einde { datum, reden: PLAN }),
    }
}

fn period(text: &str) -> Period {
    text.parse().unwrap()
}

fn rows(trajecten: Vec<Traject>, in_period: &str) -> Vec<Row> {
    jeugdhulp(&person(trajecten), period(in_period), &CountedSet::empty())
}

#[test]
fn a_traject_counts_where_it_shares_a_day_with_the_period() {
    let counts = |aanvang, einde| rows(vec![traject(aanvang, einde)], "2024H1").len();
    assert_eq!(counts(date(2023, 1, 1), Some(date(2023, 12, 31))), 0);
    assert_eq!(counts(date(2023, 1, 1), Some(date(2024, 1, 1))), 1);
    assert_eq!(counts(date(2024, 6, 30), None), 1);
    assert_eq!(counts(date(2024, 7, 1), None), 0);
}

#[test]
fn begin_and_einde_go_by_the_days_of_the_period() {
    let row = |aanvang, einde| rows(vec![traject(aanvang, einde)], "2024H1").remove(0);
    let ran = row(date(2023, 12, 31), Some(date(2024, 6, 30)));
    assert_eq!((ran.begin.code(), ran.einde.code()), ("al_lopend", "31"));
    let runs = row(date(2024, 1, 1), Some(date(2024, 7, 1)));
    assert_eq!((runs.begin.code(), runs.einde.code()), ("gestart", "loopt_door"));
    assert_eq!(row(date(2024, 1, 1), Some(date(2024, 1, 1))).einde.code(), "31");
}

#[test]
fn iv009_age_is_that_on_the_last_day_or_unknown() {
    let age = |geboortedatum, datumgebruik| {
        let gegevens = Persoonsgegevens { geboortedatum, datumgebruik, geslacht: Geslacht::Onbekend };
        leeftijdsgroep(&gegevens, date(2024, 6, 30)).map(Leeftijdsgroep::code)
    };
    assert_eq!(age(date(2020, 7, 1), None), Some("0-3"));
    assert_eq!(age(date(2020, 6, 30), None), Some("4-11"));
    assert_eq!(age(date(2012, 7, 1), None), Some("4-11"));
    assert_eq!(age(date(2012, 6, 30), None), Some("12-17"));
    assert_eq!(age(date(2006, 7, 1), Some(DatumGebruik::DagOnbekend)), Some("12-17"));
    assert_eq!(age(date(2006, 6, 30), None), Some("18+"));
    assert_eq!(age(date(2024, 6, 30), None), Some("0-3"));
    assert_eq!(age(date(2024, 7, 1), None), None);
    assert_eq!(age(date(2012, 1, 1), Some(DatumGebruik::AlleenJaar)), None);
    assert_eq!(age(date(1900, 1, 1), Some(DatumGebruik::GeheelOnbekend)), None);
}

#[test]
fn duration_is_in_whole_months_clamped_to_the_end_of_the_month() {
    let code = |aanvang, on| duurklasse(aanvang, on).code();
    assert_eq!(code(date(2023, 11, 30), date(2024, 2, 28)), "tot_3_maanden");
    assert_eq!(code(date(2023, 11, 30), date(2024, 2, 29)), "3_tot_6_maanden");
    assert_eq!(code(date(2024, 1, 1), date(2024, 6, 30)), "3_tot_6_maanden");
    assert_eq!(code(date(2024, 1, 1), date(2024, 7, 1)), "6_tot_12_maanden");
    assert_eq!(code(date(2023, 6, 30), date(2024, 6, 30)), "1_tot_2_jaar");
    assert_eq!(code(date(2022, 6, 30), date(2024, 6, 30)), "2_jaar_of_langer");
    assert_eq!(code(Date::MAX, Date::MAX), "2_jaar_of_langer");
}

#[test]
fn stroom_is_one_member_for_all_trajecten_of_a_person() {
    let stroom = |trajecten: Vec<Traject>| {
        let rows = rows(trajecten, "2024H1");
        assert!(rows.iter().all(|row| row.stroom == rows[0].stroom));
        rows[0].stroom.code()
    };
    let before = traject(date(2023, 1, 1), Some(date(2024, 2, 1)));
    let after = traject(date(2024, 3, 1), None);
    let within = traject(date(2024, 3, 1), Some(date(2024, 4, 1)));
    assert_eq!(stroom(vec![before, after]), "doorlopend");
    assert_eq!(stroom(vec![before, within]), "uitstroom");
    assert_eq!(stroom(vec![within, after]), "instroom");
    assert_eq!(stroom(vec![within]), "in_en_uit");
    assert_eq!(stroom(vec![traject(date(2023, 1, 1), Some(date(2024, 6, 30)))]), "uitstroom");
}

#[test]
fn geslacht_that_is_unknown_is_no_member() {
    assert_eq!(Geslacht::Onbekend.member(), None);
    assert_eq!(Geslacht::Vrouwelijk.member(), Some("V"));
}

proptest! {
    /// R2: begin + in - uit = eind per categorie, and the end of a period is the begin of the next.
    #[test]
    fn r2_stocks_and_flows_agree(episodes in traject::tests::episodes()) {
        let person = person(merge(episodes));
        let mut ends: Option<BTreeMap<Option<Categorie>, i64>> = None;
        for period in period("2024H1").through(period("2028H2")) {
            let rows = jeugdhulp(&person, period, &CountedSet::empty());
            let count = |wanted: &dyn Fn(&Row) -> bool| {
                let mut counts = BTreeMap::new();
                for row in rows.iter().filter(|row| wanted(row)) {
                    *counts.entry(row.categorie).or_insert(0i64) += 1;
                }
                counts
            };
            let begin = count(&|row| row.begin == Begin::AlLopend);
            let started = count(&|row| row.begin == Begin::Gestart);
            let ended = count(&|row| row.einde != Uitkomst::LooptDoor);
            let end = count(&|row| row.einde == Uitkomst::LooptDoor);
            for categorie in [None, Some(Categorie::C32), Some(Categorie::C45)] {
                let of = |counts: &BTreeMap<_, i64>| counts.get(&categorie).copied().unwrap_or(0);
                prop_assert_eq!(of(&begin) + of(&started) - of(&ended), of(&end));
            }
            if let Some(ends) = ends.replace(end) {
                prop_assert_eq!(ends, begin);
            }
        }
    }
}
