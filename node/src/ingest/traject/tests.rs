use drempel_protocols::id::Period;
use jiff::{ToSpan as _, civil::date};
use proptest::prelude::*;

use super::{
    super::codes::{Categorie, Hulpvorm},
    *,
};

pub(in super::super) fn day(offset: i32) -> Date {
    date(2024, 1, 1).checked_add(offset.days()).unwrap()
}

pub(in super::super) fn zorg(categorie: Option<Categorie>) -> Zorg {
    Zorg { categorie, hulpvorm: categorie.and_then(Hulpvorm::of) }
}

pub(in super::super) fn of(categorie: Option<Categorie>, aanvang: Date, einde: Option<Einde>) -> Episode {
    Episode {
        zorg: zorg(categorie),
        code: None,
        afgebeeld: true,
        aanvang,
        einde,
        aanbieder: 12_345_678,
        verwijzing: Verwijzing::ONBEKEND,
        bewijs: aanvang,
        toegewezen_tot: None,
        bericht: BerichtId { dagtekening: aanvang, aanbieder: 12_345_678, identificatie: "A1".into() },
    }
}

fn episode(first: i32, last: Option<(i32, RedenBeeindiging)>) -> Episode {
    let einde = last.map(|(last, reden)| Einde { datum: day(last), reden: Some(reden) });
    of(Some(Categorie::C32), day(first), einde)
}

pub(in super::super) fn episodes() -> impl Strategy<Value = Vec<Episode>> {
    let categorie = prop_oneof![Just(None), Just(Some(Categorie::C32)), Just(Some(Categorie::C45))];
    let reden = prop_oneof![Just(RedenBeeindiging::VolgensPlan), Just(RedenBeeindiging::Overlijden)];
    let einde = prop::option::of((0i32..400, reden));
    let one = (categorie, 0i32..900, einde).prop_map(|(categorie, first, einde)| {
        let einde = einde.map(|(length, reden)| Einde { datum: day(first + length), reden: Some(reden) });
        of(categorie, day(first), einde)
    });
    prop::collection::vec(one, 0..12)
}

pub(in super::super) fn periods() -> impl Iterator<Item = Period> {
    "2024H1".parse::<Period>().unwrap().through("2028H2".parse().unwrap())
}

const PLAN: RedenBeeindiging = RedenBeeindiging::VolgensPlan;

#[test]
fn b2_a_shared_day_merges_and_the_next_day_does_not() {
    let merged = merge(vec![episode(0, Some((10, PLAN))), episode(10, Some((20, PLAN)))]);
    assert_eq!(merged.len(), 1);
    assert_eq!((merged[0].aanvang, merged[0].einde.unwrap().datum), (day(0), day(20)));
    assert_eq!(merge(vec![episode(0, Some((10, PLAN))), episode(11, Some((20, PLAN)))]).len(), 2);
}

#[test]
fn b2_open_if_any_part_is_open() {
    let merged = merge(vec![episode(0, None), episode(5, Some((8, PLAN))), episode(400, Some((401, PLAN)))]);
    assert_eq!(merged.len(), 1);
    assert_eq!(merged[0].einde, None);
}

#[test]
fn b2_reden_is_that_of_the_last_end_and_then_the_smallest() {
    let merged = merge(vec![
        episode(0, Some((20, RedenBeeindiging::DoorClient))),
        episode(5, Some((20, PLAN))),
        episode(6, Some((9, RedenBeeindiging::Overlijden))),
    ]);
    assert_eq!(merged[0].einde, Some(Einde { datum: day(20), reden: Some(PLAN) }));
}

#[test]
fn b2_another_hulpvorm_is_another_traject() {
    let mut other = episode(5, Some((20, PLAN)));
    other.zorg.hulpvorm = Some(Hulpvorm::H14);
    assert_eq!(merge(vec![episode(0, Some((10, PLAN))), other]).len(), 2);
}

#[test]
fn the_aanbieder_is_who_started_last_and_the_verwijzer_who_referred_first() {
    use super::super::codes::Verwijzer;
    let mut first = episode(0, Some((30, PLAN)));
    first.verwijzing = Verwijzing { verwijzer: Some(Verwijzer::Huisarts), verzoekdag: Some(day(-9)) };
    let mut second = episode(20, None);
    second.aanbieder = 99;
    second.verwijzing = Verwijzing { verwijzer: Some(Verwijzer::Gemeente), verzoekdag: None };
    let traject = &merge(vec![second.clone(), first.clone()])[0];
    assert_eq!(traject.verwijzing().verwijzer, Some(Verwijzer::Huisarts));
    let aanbieders = |traject: &Traject, on: Date| (traject.aanbieder(on), traject.eerdere_aanbieder(on));
    assert_eq!(aanbieders(traject, day(-1)), (None, None));
    assert_eq!(aanbieders(traject, day(19)), (Some(12_345_678), None));
    assert_eq!(aanbieders(traject, day(20)), (Some(99), Some(12_345_678)));
    let third = Episode { aanbieder: 12_345_678, ..episode(25, None) };
    let fourth = Episode { aanbieder: 7, ..episode(26, None) };
    let traject = &merge(vec![second, first, third, fourth])[0];
    assert_eq!(aanbieders(traject, day(25)), (Some(12_345_678), Some(99)));
    assert_eq!(aanbieders(traject, day(26)), (Some(7), Some(MEER_AANBIEDERS)));
}

proptest! {
    #[test]
    fn merging_keeps_every_day_and_shares_none(mut episodes in episodes(), rotate in 0usize..12) {
        let merged = merge(episodes.clone());
        for offset in (0..1400).step_by(7) {
            for categorie in [None, Some(Categorie::C32), Some(Categorie::C45)] {
                let on = day(offset);
                let before = episodes.iter().any(|e| {
                    e.zorg.categorie == categorie && e.aanvang <= on && e.einde.is_none_or(|e| e.datum >= on)
                });
                let after = merged.iter().filter(|t| t.zorg.categorie == categorie && t.touches(on, on)).count();
                prop_assert_eq!(usize::from(before), after);
            }
        }
        let by = if episodes.is_empty() { 0 } else { rotate % episodes.len() };
        episodes.rotate_left(by);
        prop_assert_eq!(merge(episodes), merged);
    }
}
