use super::{
    super::{
        bericht::{Gelezen, lees},
        bevinding::Bevinding,
        tests::berichten::Brief,
        traject::Episode,
    },
    *,
};

/// The facts of messages in every order that a test can bear, which must all be the same.
fn facts(brieven: &[Brief]) -> (Vec<(String, String, String)>, Vec<Bevinding>) {
    let mut orders = Vec::new();
    for by in 0..brieven.len() {
        let mut order = brieven.to_vec();
        order.rotate_left(by);
        orders.push(order.clone());
        order.reverse();
        order.extend_from_slice(&brieven[..1]);
        orders.push(order);
    }
    let mut results = orders.iter().map(|order| once(order));
    let first = results.next().unwrap();
    for other in results {
        assert_eq!(other, first);
    }
    first
}

fn once(brieven: &[Brief]) -> (Vec<(String, String, String)>, Vec<Bevinding>) {
    let mut feiten = Feiten::default();
    for (bron, brief) in brieven.iter().enumerate() {
        let Gelezen::Bericht(bericht) = lees(brief.xml().as_bytes(), "GM0014".parse().unwrap()).unwrap() else {
            panic!()
        };
        assert_eq!(bericht.afgekeurd, []);
        feiten.add(*bericht, bron);
    }
    let (_, persoon) = feiten.personen().next().unwrap();
    let found = persoon.episodes();
    let mut codes: Vec<Bevinding> = found.bevindingen.iter().map(|(code, _)| *code).collect();
    codes.sort();
    let show = |episode: &Episode| {
        let einde = episode.einde.map_or("open".to_owned(), |e| format!("{} {}", e.datum, e.reden.code()));
        (episode.categorie.map_or("?", |c| c.code()).to_owned(), episode.aanvang.to_string(), einde)
    };
    (found.episodes.iter().map(show).collect(), codes)
}

fn ep(categorie: &str, aanvang: &str, einde: &str) -> (String, String, String) {
    (categorie.to_owned(), aanvang.to_owned(), einde.to_owned())
}

fn toegewezen() -> Brief {
    Brief::jw301("T1", "2024-01-02").toewijzing(7, "45", "2024-01-02 10:00:00", "")
}

fn gestart() -> Brief {
    Brief::jw305("S1", "2024-01-16").start("7", "45", "2024-01-15", "1")
}

fn stop(id: &str, dag: &str, begin: &str, reden: &str, einde: &str, status: &str) -> Brief {
    Brief::jw307(id, dag).stop("7", "45", begin, (reden, einde), status)
}

fn gestopt() -> Brief {
    stop("E1", "2024-04-02", "2024-01-15", "31", "2024-04-01", "1")
}

#[test]
fn a_start_runs_until_its_definitive_stop() {
    assert_eq!(facts(&[toegewezen(), gestart()]), (vec![ep("45", "2024-01-15", "open")], vec![]));
    let (episodes, codes) = facts(&[toegewezen(), gestart(), gestopt()]);
    assert_eq!((episodes, codes), (vec![ep("45", "2024-01-15", "2024-04-01 31")], vec![]));
}

#[test]
fn iv013_the_latest_toewijzing_is_current_whatever_was_sent_last() {
    let later = Brief::jw301("T0", "2024-01-01").toewijzing(7, "46", "2024-01-02 10:00:01", "");
    assert_eq!(facts(&[toegewezen(), later, gestart()]).0, [ep("46", "2024-01-15", "open")]);
    let tied = Brief::jw301("T2", "2024-01-03").toewijzing(7, "44", "2024-01-02 10:00:00", "");
    assert_eq!(facts(&[toegewezen(), tied, gestart()]).0, [ep("45", "2024-01-15", "open")]);
}

#[test]
fn jz002_13_counts_as_never_sent_until_a_later_toewijzing() {
    let removed = Brief::jw301("T2", "2024-02-01").toewijzing(7, "45", "2024-02-01 10:00:00", "13");
    let (episodes, codes) = facts(&[toegewezen(), removed.clone(), gestart(), gestopt()]);
    assert_eq!((episodes, codes), (vec![], vec![Bevinding::ToewijzingVerwijderd; 2]));
    let again = Brief::jw301("T3", "2024-02-02").toewijzing(7, "45", "2024-02-02 10:00:00", "14");
    assert_eq!(facts(&[toegewezen(), removed, again, gestart()]).0.len(), 1);
}

#[test]
fn iv008_a_deletion_takes_its_key_and_a_correction_brings_another() {
    let deleted = Brief::jw305("S2", "2024-01-20").start("7", "45", "2024-01-15", "3");
    assert_eq!(facts(&[toegewezen(), gestart(), deleted]), (vec![], vec![]));
    let corrected =
        Brief::jw305("S2", "2024-01-20").start("7", "45", "2024-01-15", "3").start("7", "45", "2024-01-18", "1");
    assert_eq!(facts(&[toegewezen(), gestart(), corrected]), (vec![ep("45", "2024-01-18", "open")], vec![]));
}

#[test]
fn iv008_on_one_day_deletions_weigh_against_deliveries() {
    let same_day = Brief::jw305("S2", "2024-01-16").start("7", "45", "2024-01-15", "3");
    assert_eq!(facts(&[toegewezen(), gestart(), same_day.clone()]).0, []);
    let again = Brief::jw305("S3", "2024-01-16").start("7", "45", "2024-01-15", "1");
    assert_eq!(facts(&[toegewezen(), gestart(), same_day, again]).0.len(), 1);
    let deleted = Brief::jw305("S2", "2024-01-20").start("7", "45", "2024-01-15", "3");
    let later = Brief::jw305("S3", "2024-01-21").start("7", "45", "2024-01-15", "1");
    assert_eq!(facts(&[toegewezen(), gestart(), deleted, later]).0.len(), 1);
    let swap = Brief::jw305("S2", "2024-01-20").start("7", "45", "2024-01-15", "3").start("7", "45", "2024-01-15", "1");
    assert_eq!(facts(&[toegewezen(), gestart(), swap]).0.len(), 1);
}

#[test]
fn tr063_a_deletion_of_nothing_is_counted() {
    let start = Brief::jw305("S2", "2024-01-20").start("7", "45", "2024-01-16", "3");
    let stop = stop("E2", "2024-04-02", "2024-01-15", "31", "2024-04-01", "3");
    let (episodes, codes) = facts(&[toegewezen(), gestart(), start, stop]);
    assert_eq!((episodes.len(), codes), (1, vec![Bevinding::VerwijderingZonderAanlevering; 2]));
}

#[test]
fn tr071_a_start_with_a_stop_is_not_deleted() {
    let deleted = Brief::jw305("S2", "2024-05-01").start("7", "45", "2024-01-15", "3");
    let (episodes, codes) = facts(&[toegewezen(), gestart(), gestopt(), deleted.clone()]);
    assert_eq!((episodes, codes), (vec![ep("45", "2024-01-15", "2024-04-01 31")], vec![Bevinding::StartHeeftStop]));
    let stop_deleted = stop("E2", "2024-04-30", "2024-01-15", "31", "2024-04-01", "3");
    assert_eq!(facts(&[toegewezen(), gestart(), gestopt(), stop_deleted, deleted]), (vec![], vec![]));
}

#[test]
fn a_start_without_toewijzing_counts_by_its_own_product() {
    assert_eq!(facts(&[gestart()]), (vec![ep("45", "2024-01-15", "open")], vec![Bevinding::StartZonderToewijzing]));
    let bare = Brief::jw305("S1", "2024-01-16").start("7", "", "2024-01-15", "1");
    assert_eq!(facts(std::slice::from_ref(&bare)), (vec![], vec![Bevinding::ToewijzingOnbekend]));
    assert_eq!(facts(&[toegewezen(), bare.clone()]).0, [ep("45", "2024-01-15", "open")]);
    let generic = Brief::jw301("T1", "2024-01-02").toewijzing(7, "", "2024-01-02 10:00:00", "");
    assert_eq!(facts(&[generic.clone(), bare]).0, [ep("?", "2024-01-15", "open")]);
    assert_eq!(facts(&[generic, gestart()]).0, [ep("45", "2024-01-15", "open")]);
}

#[test]
fn without_a_number_product_is_the_key() {
    let start = Brief::jw305("S1", "2024-01-16").start("", "45/45A04", "2024-01-15", "1");
    let end = ("31", "2024-04-01");
    let stop = Brief::jw307("E1", "2024-04-02").stop("", "45/45A04", "2024-01-15", end, "1");
    assert_eq!(facts(&[start.clone(), stop]).0, [ep("45", "2024-01-15", "2024-04-01 31")]);
    let other = Brief::jw307("E1", "2024-04-02").stop("", "45/45A05", "2024-01-15", end, "1");
    assert_eq!(facts(&[start, other]), (vec![ep("45", "2024-01-15", "open")], vec![Bevinding::StopZonderStart]));
}

#[test]
fn op377_a_temporary_stop_ends_nothing_and_a_definitive_one_may_follow() {
    let pause = stop("E0", "2024-03-01", "2024-01-15", "20", "2024-02-29", "1");
    assert_eq!(facts(&[toegewezen(), gestart(), pause.clone()]), (vec![ep("45", "2024-01-15", "open")], vec![]));
    let (episodes, codes) = facts(&[toegewezen(), gestart(), pause, gestopt()]);
    assert_eq!((episodes, codes), (vec![ep("45", "2024-01-15", "2024-04-01 31")], vec![]));
}

#[test]
fn op379_a_start_after_a_temporary_stop_continues() {
    let pause = stop("E0", "2024-03-01", "2024-01-15", "20", "2024-02-29", "1");
    let again = Brief::jw305("S2", "2024-05-01").start("7", "45", "2024-04-20", "1");
    let all = [toegewezen(), gestart(), pause, again];
    assert_eq!(facts(&all), (vec![ep("45", "2024-01-15", "open")], vec![]));
    let end = stop("E2", "2024-08-01", "2024-04-20", "34", "2024-07-31", "1");
    let (episodes, codes) = facts(&[all.as_slice(), &[end]].concat());
    assert_eq!((episodes, codes), (vec![ep("45", "2024-01-15", "2024-07-31 34")], vec![]));
}

#[test]
fn op379_a_start_after_a_definitive_stop_is_another_episode() {
    let again = Brief::jw305("S2", "2024-05-01").start("7", "45", "2024-04-20", "1");
    let (episodes, codes) = facts(&[toegewezen(), gestart(), gestopt(), again]);
    assert_eq!(
        (episodes, codes),
        (vec![ep("45", "2024-01-15", "2024-04-01 31"), ep("45", "2024-04-20", "open")], vec![])
    );
}

#[test]
fn tr326_a_start_on_a_running_start_continues_it_and_is_reported() {
    let again = Brief::jw305("S2", "2024-05-01").start("7", "45", "2024-04-20", "1");
    let end = stop("E2", "2024-08-01", "2024-04-20", "34", "2024-07-31", "1");
    let (episodes, codes) = facts(&[toegewezen(), gestart(), again, end]);
    assert_eq!(
        (episodes, codes),
        (vec![ep("45", "2024-01-15", "2024-07-31 34")], vec![Bevinding::StartOpLopendeStart])
    );
}

#[test]
fn tr413_tr414_extra_and_misplaced_temporary_stops_are_reported() {
    let pause = stop("E0", "2024-03-01", "2024-01-15", "20", "2024-02-29", "1");
    let late = stop("E2", "2024-05-02", "2024-01-15", "20", "2024-05-01", "1");
    let (_, codes) = facts(&[toegewezen(), gestart(), pause, late.clone()]);
    assert_eq!(codes, [Bevinding::TweedeTijdelijkeStop]);
    let (episodes, codes) = facts(&[toegewezen(), gestart(), gestopt(), late]);
    assert_eq!(
        (episodes, codes),
        (vec![ep("45", "2024-01-15", "2024-04-01 31")], vec![Bevinding::StopVoorTijdelijkeStop])
    );
}

#[test]
fn tr415_of_several_definitive_stops_the_last_sent_counts() {
    let later = stop("E2", "2024-04-03", "2024-01-15", "32", "2024-05-01", "1");
    let (episodes, codes) = facts(&[toegewezen(), gestart(), gestopt(), later]);
    assert_eq!(
        (episodes, codes),
        (vec![ep("45", "2024-01-15", "2024-05-01 32")], vec![Bevinding::TweedeDefinitieveStop])
    );
    let same_day = stop("E2", "2024-04-02", "2024-01-15", "32", "2024-03-01", "1");
    assert_eq!(facts(&[toegewezen(), gestart(), gestopt(), same_day]).0, [ep("45", "2024-01-15", "2024-03-01 32")]);
}

#[test]
fn stops_that_cannot_be_are_counted() {
    assert_eq!(facts(&[toegewezen(), gestopt()]), (vec![], vec![Bevinding::StopZonderStart]));
    let backwards = stop("E1", "2024-04-02", "2024-01-15", "31", "2024-01-14", "1");
    let (episodes, codes) = facts(&[toegewezen(), gestart(), backwards]);
    assert_eq!((episodes, codes), (vec![ep("45", "2024-01-15", "open")], vec![Bevinding::EindeVoorBegin]));
}

#[test]
fn the_latest_message_says_when_a_person_was_born() {
    let mut late = gestart();
    late.geboren = "2013-03-04".to_owned();
    let latest = |brieven: &[Brief]| {
        let mut feiten = Feiten::default();
        for brief in brieven {
            if let Ok(Gelezen::Bericht(bericht)) = lees(brief.xml().as_bytes(), "GM0014".parse().unwrap()) {
                feiten.add(*bericht, 0);
            }
        }
        feiten.personen().next().unwrap().1.gegevens().geboortedatum.year()
    };
    assert_eq!(latest(&[toegewezen(), late.clone()]), 2013);
    assert_eq!(latest(&[late, toegewezen()]), 2013);
}
