use std::collections::{BTreeMap, BTreeSet};

use super::*;

mod messages;
mod views;

const FIRST: &str = "2023H1";
const LAST: &str = "2025H2";

fn period(text: &str) -> Period {
    text.parse().unwrap()
}

fn gemeente(code: &str, seed: u64, size: Size) -> SyntheticGemeente {
    SyntheticGemeente::generate(code.parse().unwrap(), seed, period(FIRST), period(LAST), size).unwrap()
}

/// Every file of a gemeente by its name.
fn files(gemeente: &SyntheticGemeente) -> BTreeMap<String, String> {
    let dir = tempfile::tempdir().unwrap();
    let count = gemeente.write_messages(dir.path()).unwrap();
    let entries = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap());
    let files: BTreeMap<String, String> = entries
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap()))
        .collect();
    assert_eq!(files.len(), count.total());
    files
}

#[test]
fn a_seed_always_gives_the_same_gemeente() {
    let [one, same, other] = [1, 1, 2].map(|seed| gemeente("GM0014", seed, Size::Persons(60)));
    assert_eq!(one.personen(), same.personen());
    assert_eq!(one.episodes(), same.episodes());
    assert_eq!(files(&one), files(&same));
    assert_ne!(files(&one), files(&other));
    assert_ne!(one.episodes(), gemeente("GM0034", 1, Size::Persons(60)).episodes());
}

#[test]
fn what_runs_on_is_what_begins_the_next_period() {
    let gemeente = gemeente("GM0599", 3, Size::Persons(3000));
    let stock = |period: Period, wanted: &dyn Fn(&TruthRow) -> bool| {
        let mut stock: BTreeMap<&str, i64> = BTreeMap::new();
        for row in gemeente.rows(period).iter().filter(|row| wanted(row)) {
            *stock.entry(row.categorie).or_default() += 1;
        }
        stock
    };
    for period in period(FIRST).through(period("2025H1")) {
        let begin = stock(period, &|row| row.begin == "al_lopend");
        let started = stock(period, &|row| row.begin == "gestart");
        let ended = stock(period, &|row| row.einde != Some("loopt_door"));
        let next = stock(period.next().unwrap(), &|row| row.begin == "al_lopend");
        let categories: BTreeSet<&str> =
            [&begin, &started, &ended, &next].into_iter().flat_map(|s| s.keys().copied()).collect();
        for categorie in categories {
            let of = |stock: &BTreeMap<&str, i64>| stock.get(categorie).copied().unwrap_or_default();
            assert_eq!(of(&begin) + of(&started) - of(&ended), of(&next), "{period} {categorie}");
        }
    }
}

#[test]
fn a_calibrated_gemeente_looks_like_the_country() {
    // Roosendaal, of middling size.
    let code = "GM1674".parse().unwrap();
    let gemeente = gemeente("GM1674", 1, Size::Calibrated);
    let expected = f64::from(u32::try_from(expected_jongeren(code).unwrap()).unwrap());
    let share = |part: usize, whole: usize| part as f64 / whole as f64;
    for period in period(FIRST).through(period(LAST)) {
        let (stock, trajecten) = gemeente.count(period, |row| row.einde == Some("loopt_door"));
        assert!((stock as f64 / expected - 1.0).abs() < 0.15, "{period}: {stock} of {expected}");
        // CBS: 431,135 trajecten of some 310,000 jongeren.
        assert!((1.15..1.7).contains(&share(trajecten, stock)), "{period}: {trajecten} of {stock}");
    }
    let middle = period("2024H1");
    let (stock, _) = gemeente.count(middle, |row| row.einde == Some("loopt_door"));
    let of = |column: &str, member: &str| {
        share(
            gemeente.count(middle, |row| row.einde == Some("loopt_door") && row.member(column) == Some(member)).0,
            stock,
        )
    };
    // CBS, 31-12-2023: 54.3 % boys; 4.3, 45.7, 43.9 and 6.2 % by age.
    assert!((0.50..0.58).contains(&of("geslacht", "M")), "{}", of("geslacht", "M"));
    assert!((0.02..0.09).contains(&of("leeftijdsgroep", "0-3")), "{}", of("leeftijdsgroep", "0-3"));
    assert!((0.40..0.51).contains(&of("leeftijdsgroep", "4-11")), "{}", of("leeftijdsgroep", "4-11"));
    assert!((0.38..0.49).contains(&of("leeftijdsgroep", "12-17")), "{}", of("leeftijdsgroep", "12-17"));
    assert!((0.04..0.10).contains(&of("leeftijdsgroep", "18+")), "{}", of("leeftijdsgroep", "18+"));
    assert!((0.03..0.08).contains(&of("hulpvorm", "11")), "pleegzorg {}", of("hulpvorm", "11"));
    // 475,000 in a year for 326,505 on a peildatum.
    let year: BTreeSet<usize> =
        ["2024H1", "2024H2"].iter().flat_map(|half| gemeente.rows(period(half))).map(|row| row.persoon).collect();
    assert!((1.25..1.65).contains(&share(year.len(), stock)), "{}", share(year.len(), stock));
}

#[test]
fn every_categorie_and_reden_occurs() {
    let gemeente = gemeente("GM0363", 1, Size::Persons(4000));
    let rows: Vec<TruthRow> = period(FIRST).through(period(LAST)).flat_map(|period| gemeente.rows(period)).collect();
    let members = |column: &str| rows.iter().filter_map(|row| row.member(column)).collect::<BTreeSet<_>>().len();
    assert_eq!(members("categorie"), 24);
    assert_eq!(members("einde"), 11, "02, 31 to 39 and loopt_door");
    assert_eq!(members("hulpvorm"), 8);
    assert_eq!(members("duurklasse"), 5);
    assert_eq!(members("stroom"), 4);
    assert_eq!(members("leeftijdsgroep"), 4);
}

#[test]
fn every_irregularity_occurs() {
    let gemeenten: Vec<SyntheticGemeente> = (1..=3).map(|seed| gemeente("GM0855", seed, Size::Persons(1200))).collect();
    for irregularity in Irregularity::ALL {
        let times: Vec<usize> = gemeenten.iter().map(|gemeente| gemeente.irregularities().of(irregularity)).collect();
        assert!(times.iter().sum::<usize>() > 0, "{irregularity:?}");
    }
}

#[test]
fn a_gemeente_has_each_bsn_once_and_in_its_own_order() {
    let [one, other] = ["GM0014", "GM0034"].map(|code| gemeente(code, 1, Size::Persons(500)));
    let numbers = |gemeente: &SyntheticGemeente| gemeente.personen().iter().map(|p| p.bsn).collect::<Vec<_>>();
    assert_eq!(numbers(&one).into_iter().collect::<BTreeSet<_>>().len(), 500);
    assert_ne!(numbers(&one), numbers(&other));
    let too_many = Size::Persons(9092);
    let code = "GM0014".parse().unwrap();
    assert!(SyntheticGemeente::generate(code, 1, period(FIRST), period(LAST), too_many).is_err());
    assert!(SyntheticGemeente::generate(code, 1, period(LAST), period(FIRST), Size::Persons(1)).is_err());
}

#[test]
fn the_largest_gemeente_ends_at_the_last_test_bsn() {
    let gemeente = gemeente("GM0363", 1, Size::Calibrated);
    assert_eq!(gemeente.personen().len(), 9091);
}

#[test]
fn the_canary_is_only_where_it_was_planted() {
    const CANARY: &str = "Kanariepiet";
    let clean = gemeente("GM0014", 5, Size::Persons(40));
    let bsn = clean.personen().last().unwrap().bsn;
    assert!(files(&clean).values().all(|text| !text.contains(CANARY)));
    let planted = gemeente("GM0014", 5, Size::Persons(40)).with_canary(bsn, CANARY);
    let files = files(&planted);
    let about = files.values().filter(|text| text.contains(CANARY));
    assert!(about.clone().count() > 1);
    assert!(about.clone().all(|text| text.contains(&bsn.to_string())));
    assert!(about.clone().any(|text| text.contains("Commentaar")));
    let nameless = |name: &str| name.starts_with("jw317") || name.starts_with("jw323");
    let named = files.iter().filter(|(name, text)| text.contains(&bsn.to_string()) && !nameless(name));
    assert_eq!(named.count(), about.count());
    let numbers: BTreeSet<Bsn> = planted.personen().iter().map(|persoon| persoon.bsn).collect();
    assert_eq!(numbers.len(), 40);
    assert_eq!(planted.rows(period(LAST)), clean.rows(period(LAST)));
}

#[test]
fn the_latest_message_says_who_a_person_is() {
    let gemeente = gemeente("GM0014", 7, Size::Persons(400));
    let former = gemeente.personen().iter().filter(|persoon| persoon.vroeger.is_some());
    let texts = files(&gemeente);
    let value = |text: &str, element: &str| {
        text.split_once(&format!("{element}>")).map(|(_, rest)| rest.chars().take_while(|c| *c != '<').collect())
    };
    let mut seen = 0;
    for persoon in former {
        let own: BTreeMap<String, &String> = texts
            .values()
            .filter(|text| text.contains(&persoon.bsn.to_string()) && text.contains("Geslacht>"))
            .map(|text| (value(text, "Dagtekening").unwrap(), text))
            .collect();
        let geslacht = |text: &str| -> String { value(text, "Geslacht").unwrap() };
        assert_eq!(geslacht(own.last_key_value().unwrap().1), persoon.kenmerken.geslacht.ijw());
        assert_ne!(geslacht(own.first_key_value().unwrap().1), persoon.kenmerken.geslacht.ijw());
        seen += 1;
    }
    assert!(seen > 0);
}
