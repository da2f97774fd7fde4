use super::*;

fn rows(gemeente: &SyntheticGemeente, view: &str) -> Vec<ViewRow> {
    period(FIRST).through(period(LAST)).flat_map(|period| gemeente.view_rows(view, period)).collect()
}

fn members(rows: &[ViewRow], column: &str) -> Vec<&'static str> {
    rows.iter().filter_map(|row| row.member(column)).collect::<BTreeSet<_>>().into_iter().collect()
}

#[test]
fn every_member_of_every_view_occurs() {
    let gemeente = gemeente("GM0363", 1, Size::Persons(3000));
    let jeugdhulp = rows(&gemeente, "jeugdhulp");
    assert_eq!(members(&jeugdhulp, "verwijzer"), ["01", "02", "03", "04", "05", "06", "08"]);
    assert_eq!(members(&jeugdhulp, "wachttijdklasse").len(), 5);
    for column in ["verwijzer", "wachttijdklasse", "einde"] {
        assert!(jeugdhulp.iter().any(|row| row.member(column).is_none()), "no {column} is onbekend");
    }
    assert!(jeugdhulp.iter().all(|row| !row.aanbieders().is_empty() && row.bedrag().is_none()));
    assert!(jeugdhulp.iter().any(|row| row.aanbieders().len() == 2), "no traject has had two aanbieders");
    assert_eq!(members(&rows(&gemeente, "herhaald_beroep"), "herhaald").len(), 5);
    let wisseling = rows(&gemeente, "wisseling");
    assert_eq!(members(&wisseling, "aansluiting").len(), 3);
    assert_eq!(members(&wisseling, "reden").len(), 4);
    let declaratie = rows(&gemeente, "declaratie");
    assert_eq!(members(&declaratie, "maand").len(), 12);
    assert_eq!(members(&declaratie, "categorie").len(), 24);
    assert!(declaratie.iter().all(|row| row.bedrag().is_some_and(|bedrag| bedrag > 0)));
    assert!(rows(&gemeente, "trajecten").is_empty());
}

#[test]
fn an_estimated_end_is_of_a_traject_without_a_stop() {
    let gemeente = gemeente("GM0014", 1, Size::Persons(1500));
    let horizon = period(LAST).last_day();
    let estimated: Vec<&Traject> = gemeente
        .trajecten()
        .iter()
        .filter(|traject| traject.einde.is_some_and(|einde| einde.reden.is_none()))
        .collect();
    assert!(!estimated.is_empty());
    for traject in estimated {
        let dag = traject.einde.unwrap().dag;
        assert!(traject.start <= dag && dag < horizon);
        let open = |episode: &&Episode| episode.persoon == traject.persoon && episode.einde.is_none();
        assert!(gemeente.episodes().iter().any(|episode| open(&episode)));
        let mut own = gemeente.episodes().iter().filter(|e| e.persoon == traject.persoon);
        assert!(own.all(|e| e.categorie != traject.categorie || e.laatste_start <= dag));
    }
}

#[test]
fn care_that_resumed_after_a_pause_has_a_later_start() {
    let gemeente = gemeente("GM0014", 1, Size::Persons(1500));
    assert!(gemeente.episodes().iter().all(|episode| episode.aanvang <= episode.laatste_start));
    assert!(gemeente.episodes().iter().all(|e| e.einde.is_none_or(|einde| e.laatste_start <= einde.dag)));
    let resumed = gemeente.episodes().iter().filter(|episode| episode.aanvang < episode.laatste_start).count();
    assert!(resumed > 0);
    assert_eq!(resumed, gemeente.irregularities().of(Irregularity::PauseResumed));
}

#[test]
fn a_table_of_productcodes_changes_what_is_true_and_no_message() {
    let plain = gemeente("GM0014", 1, Size::Persons(300));
    let sorted = gemeente("GM0014", 1, Size::Persons(300)).with_producten(Producten::example());
    assert_eq!(files(&plain), files(&sorted));
    assert!(!members(&rows(&plain, "jeugdhulp"), "hulpvorm").is_empty());
    let of_45 = |gemeente: &SyntheticGemeente| -> BTreeSet<Option<&str>> {
        let rows = rows(gemeente, "jeugdhulp").into_iter();
        rows.filter(|row| row.member("categorie") == Some("45")).map(|row| row.member("hulpvorm")).collect()
    };
    assert_eq!(of_45(&plain), [None].into());
    assert_eq!(of_45(&sorted), [None, Some("02"), Some("03")].into());
    let table = Producten::example().to_csv();
    assert_eq!(table.lines().next(), Some("productcode,categorie,hulpvorm"));
    assert!(table.contains("\n45A01,,02\n") && table.contains("\n54A05,45,02\n") && table.contains("\n35A03,,\n"));
}

#[test]
fn the_ground_truth_is_written_as_it_is() {
    let gemeente = gemeente("GM0014", 1, Size::Persons(100));
    let json = serde_json::to_value(gemeente.waarheid()).unwrap();
    assert_eq!((json["eerste"].as_str(), json["laatste"].as_str()), (Some(FIRST), Some(LAST)));
    assert_eq!(json["personen"].as_array().unwrap().len(), 100);
    let episodes = json["episodes"].as_array().unwrap();
    assert_eq!(episodes.len(), gemeente.episodes().len());
    let sum: i64 = json["declaraties"].as_array().unwrap().iter().map(|net| net["bedrag"].as_i64().unwrap()).sum();
    assert_eq!(sum, gemeente.declaraties().iter().map(|declaratie| declaratie.bedrag).sum::<i64>());
    let starts = |name: &str| episodes.iter().map(|found| found[name].as_str().unwrap()).collect::<Vec<_>>();
    let resumed = starts("aanvang").iter().zip(starts("laatste_start")).filter(|(one, other)| **one < *other).count();
    assert_eq!(resumed, gemeente.irregularities().of(Irregularity::PauseResumed));
    let first = &gemeente.episodes()[0];
    assert_eq!(episodes[0]["aanvang"].as_str(), Some(first.aanvang.to_string().as_str()));
    assert_eq!(episodes[0]["persoon"].as_str(), Some(gemeente.personen()[first.persoon].bsn.to_string().as_str()));
}
