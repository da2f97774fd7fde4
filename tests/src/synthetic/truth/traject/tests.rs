use jiff::civil::date;

use super::{
    super::super::episode::{Productcode, Toegewezen},
    *,
};

const FIRST: Date = date(2023, 1, 1);
const HORIZON: Date = date(2025, 12, 31);

fn episode(aanvang: Date, einde: Option<(Date, &'static str)>) -> Episode {
    Episode {
        persoon: 0,
        categorie: "45",
        product: None,
        aanbieder: 99_001_000,
        aanvang,
        laatste_start: aanvang,
        einde: einde.map(|(dag, reden)| Einde { dag, reden }),
        toewijzing: None,
        gedeclareerd: None,
    }
}

fn assigned(einddatum: Option<Date>) -> Option<Toegewezen> {
    Some(Toegewezen { einddatum, verwijzing: Verwijzing { verwijzer: Some("02"), verzoekdag: None } })
}

fn merge(episodes: &[Episode]) -> Vec<Traject> {
    Traject::all(episodes, &Producten::default(), (FIRST, HORIZON))
}

#[test]
fn episodes_merge_where_they_share_a_day() {
    let first = episode(date(2025, 1, 1), Some((date(2025, 2, 1), "38")));
    let same_day = episode(date(2025, 2, 1), Some((date(2025, 3, 1), "31")));
    let day_after = episode(date(2025, 3, 2), None);
    let trajecten = merge(&[day_after, same_day, first]);
    assert_eq!(trajecten.len(), 2);
    assert_eq!(trajecten[0].start, date(2025, 1, 1));
    assert_eq!(trajecten[0].einde, Some(Afloop { dag: date(2025, 3, 1), reden: Some("31") }));
    assert_eq!((trajecten[1].start, trajecten[1].einde), (date(2025, 3, 2), None));
}

#[test]
fn the_last_end_gives_the_reden_and_an_open_part_keeps_it_open() {
    let long = episode(date(2025, 1, 1), Some((date(2025, 6, 1), "34")));
    let within = episode(date(2025, 2, 1), Some((date(2025, 3, 1), "31")));
    let alike = episode(date(2025, 4, 1), Some((date(2025, 6, 1), "33")));
    let open = episode(date(2025, 6, 1), None);
    assert_eq!(merge(&[long, within])[0].einde.unwrap().reden, Some("34"));
    assert_eq!(merge(&[long, within, alike])[0].einde.unwrap().reden, Some("33"));
    assert_eq!(merge(&[long, within, alike, open])[0].einde, None);
}

#[test]
fn other_hulpvormen_of_a_categorie_stay_apart() {
    let coded = |nummer| Episode {
        product: Some(Productcode { categorie: "45", nummer }),
        ..episode(date(2025, 1, 1), Some((date(2025, 2, 1), "31")))
    };
    let episodes = [coded(1), coded(2), coded(8), coded(20)];
    assert_eq!(merge(&episodes).len(), 1);
    let trajecten = Traject::all(&episodes, &Producten::example(), (FIRST, HORIZON));
    let hulpvormen: Vec<Option<&str>> = trajecten.iter().map(|traject| traject.hulpvorm).collect();
    assert_eq!(hulpvormen, [None, Some("02"), Some("03")]);
}

#[test]
fn an_open_traject_ends_at_the_mean_between_what_was_seen_and_what_was_assigned() {
    let ended = episode(date(2024, 1, 1), Some((date(2024, 1, 11), "31")));
    let longer = episode(date(2024, 3, 1), Some((date(2024, 3, 12), "31")));
    let open = |einddatum, gedeclareerd| {
        let open = episode(date(2024, 6, 1), None);
        let trajecten = merge(&[ended, longer, Episode { toewijzing: assigned(einddatum), gedeclareerd, ..open }]);
        trajecten[2].einde.map(|einde| (einde.dag, einde.reden))
    };
    assert_eq!(open(Some(date(2025, 5, 31)), None), Some((date(2024, 6, 11), None)), "10.5 days on average");
    assert_eq!(open(Some(date(2025, 5, 31)), Some(date(2024, 7, 31))), Some((date(2024, 7, 31), None)));
    assert_eq!(open(Some(date(2024, 6, 5)), None), Some((date(2024, 6, 5), None)));
    assert_eq!(open(Some(date(2024, 6, 5)), Some(date(2024, 7, 31))), Some((date(2024, 7, 31), None)));
    assert_eq!(open(Some(HORIZON), None), None);
    assert_eq!(open(Some(date(2024, 6, 5)), Some(HORIZON)), None);
    assert_eq!(open(None, None), None);
    let alone = Episode { toewijzing: assigned(Some(date(2025, 5, 31))), ..episode(date(2024, 6, 1), None) };
    assert_eq!(merge(&[alone])[0].einde.unwrap().dag, date(2025, 5, 31), "without any to take the mean of");
}

#[test]
fn a_start_after_a_pause_shows_that_there_was_care() {
    let ended = episode(date(2024, 1, 1), Some((date(2024, 1, 11), "31")));
    let open = |laatste_start, einddatum| {
        let open = Episode { laatste_start, toewijzing: assigned(Some(einddatum)), ..episode(date(2024, 6, 1), None) };
        merge(&[ended, open])[1].einde.map(|einde| einde.dag)
    };
    assert_eq!(open(date(2024, 6, 1), date(2025, 5, 31)), Some(date(2024, 6, 11)));
    assert_eq!(open(date(2024, 8, 1), date(2025, 5, 31)), Some(date(2024, 8, 1)));
    assert_eq!(open(date(2024, 8, 1), date(2024, 7, 1)), Some(date(2024, 8, 1)), "not before what was seen");
    assert_eq!(open(HORIZON, date(2024, 7, 1)), None);
}

#[test]
fn what_ended_before_the_first_day_does_not_count_for_the_mean() {
    let before = episode(date(2022, 1, 1), Some((date(2022, 12, 31), "31")));
    let on_the_day = episode(date(2022, 12, 30), Some((FIRST, "31")));
    let open = Episode { toewijzing: assigned(Some(date(2025, 5, 31))), ..episode(date(2024, 6, 1), None) };
    let einde = |ended: &[Episode]| merge(&[ended, &[open]].concat()).last().unwrap().einde.unwrap().dag;
    assert_eq!(einde(&[before]), date(2025, 5, 31));
    let elsewhere = Episode { persoon: 1, ..before };
    assert_eq!(merge(&[elsewhere, on_the_day, open])[1].einde.unwrap().dag, date(2024, 6, 3), "two days");
}

#[test]
fn the_first_episode_says_who_referred() {
    let early = episode(date(2024, 1, 1), None);
    let known = Episode { toewijzing: assigned(None), ..early };
    let later = Episode { aanvang: date(2024, 1, 2), ..known };
    let verwijzer = |episodes: &[Episode]| merge(episodes)[0].verwijzing.verwijzer;
    assert_eq!(verwijzer(&[early, later]), None);
    assert_eq!(verwijzer(&[early, known]), Some("02"));
}
