use std::collections::BTreeMap;

use super::{
    super::{
        afbeelding::Afbeelding,
        bericht::{Gelezen, lees},
        bevinding::{Aard, Bevinding},
        bsn::Bsn,
        tests::berichten::Brief,
        traject::Episode,
    },
    *,
};

mod declaraties;
mod verwijzing;

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

/// What the messages say about the one person whom they are about.
fn person(brieven: &[Brief]) -> PersoonFeiten {
    let mut personen: BTreeMap<Bsn, PersoonFeiten> = BTreeMap::new();
    for brief in brieven {
        let Gelezen::Bericht(bericht) = lees(brief.xml().as_bytes(), "GM0014".parse().unwrap()).unwrap() else {
            panic!()
        };
        assert_eq!(bericht.bevindingen, []);
        for (bsn, uitspraak) in bericht.uitspraken {
            personen.entry(bsn).or_default().add(uitspraak, bericht.header.bericht.clone());
        }
    }
    assert_eq!(personen.len(), 1);
    personen.into_values().next().unwrap()
}

fn once(brieven: &[Brief]) -> (Vec<(String, String, String)>, Vec<Bevinding>) {
    let found = episodes(&person(brieven));
    // What is late or not mapped in these small messages is beside the point of most tests.
    let codes = found.vondsten.iter().map(|(code, _)| *code);
    let mut codes: Vec<Bevinding> =
        codes.filter(|code| !matches!(code.aard(), Aard::TeLaat | Aard::NietAfgebeeld)).collect();
    codes.sort();
    let show = |episode: &Episode| {
        let einde = episode.einde.map_or("open".to_owned(), |e| format!("{} {}", e.datum, e.reden.unwrap().code()));
        (episode.zorg.categorie.map_or("?", |c| c.code()).to_owned(), episode.aanvang.to_string(), einde)
    };
    (found.episodes.iter().map(show).collect(), codes)
}

fn episodes(persoon: &PersoonFeiten) -> Episodes {
    let afbeelding = Afbeelding::default();
    persoon.episodes(&afbeelding, &persoon.declaraties(&afbeelding))
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
    assert_eq!(episodes, []);
    assert_eq!(codes.iter().filter(|code| **code == Bevinding::ToewijzingVerwijderd).count(), 2);
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
    let latest = |brieven: &[Brief]| person(brieven).gegevens().unwrap().geboortedatum.year();
    assert_eq!(latest(&[toegewezen(), late.clone()]), 2013);
    assert_eq!(latest(&[late, toegewezen()]), 2013);
}

/// Findings of the kinds that other tests leave out.
fn other_codes(brieven: &[Brief]) -> Vec<Bevinding> {
    let found = episodes(&person(brieven));
    let codes = found.vondsten.iter().map(|(code, _)| *code);
    codes.filter(|code| matches!(code.aard(), Aard::TeLaat | Aard::NietAfgebeeld)).collect()
}

#[test]
fn op271_op272_what_is_sent_after_five_working_days_is_late() {
    let pleegzorg = |dag: &str| Brief::jw305("S1", dag).start("7", "35", "2024-01-15", "1");
    assert_eq!(other_codes(&[pleegzorg("2024-01-22")]), []);
    assert_eq!(other_codes(&[pleegzorg("2024-01-23")]), [Bevinding::StartTeLaat]);
    let stop = |dag: &str| Brief::jw307("E1", dag).stop("7", "35", "2024-01-15", ("31", "2024-04-01"), "1");
    assert_eq!(other_codes(&[pleegzorg("2024-01-22"), stop("2024-04-08")]), []);
    assert_eq!(other_codes(&[pleegzorg("2024-01-22"), stop("2024-04-09")]), [Bevinding::StopTeLaat]);
}

#[test]
fn b3_a_product_without_hulpvorm_is_reported_unless_the_mapping_has_it() {
    assert_eq!(other_codes(&[gestart()]), [Bevinding::ProductNietAfgebeeld]);
    let brieven = [Brief::jw305("S1", "2024-01-16").start("7", "45/45A04", "2024-01-15", "1")];
    assert_eq!(other_codes(&brieven), [Bevinding::ProductNietAfgebeeld]);
    let mapping = Afbeelding::read("productcode,categorie,hulpvorm\n45A04,,02\n".as_bytes()).unwrap();
    let persoon = person(&brieven);
    let found = persoon.episodes(&mapping, &persoon.declaraties(&mapping));
    assert!(found.vondsten.iter().all(|(code, _)| *code != Bevinding::ProductNietAfgebeeld));
    assert_eq!(found.episodes[0].zorg.hulpvorm.unwrap().code(), "02");
}

#[test]
fn tr074_a_key_that_is_delivered_twice_counts_once_and_is_reported() {
    let again = Brief::jw305("S2", "2024-02-01").start("7", "45", "2024-01-15", "1");
    let (episodes, codes) = facts(&[toegewezen(), gestart(), again]);
    assert_eq!((episodes, codes), (vec![ep("45", "2024-01-15", "open")], vec![Bevinding::DubbeleSleutel]));
}

#[test]
fn op087_a_toewijzing_that_is_sent_again_is_one_toewijzing() {
    let again = Brief::jw301("T2", "2024-03-02").toewijzing(7, "45", "2024-01-02 10:00:00", "");
    assert_eq!(person(&[toegewezen(), again]).toewijzingen(), 1);
}

#[test]
fn op380_an_extension_stretches_the_toewijzing_and_starts_nothing() {
    let mut first = toegewezen();
    first.regels = first.regels.replace("<m:Commentaar>", "<m:Einddatum>2024-03-31</m:Einddatum><m:Commentaar>");
    let mut longer = Brief::jw301("T2", "2024-03-20").toewijzing(7, "45", "2024-03-20 10:00:00", "04");
    longer.regels = longer.regels.replace("<m:Reden", "<m:Einddatum>2024-12-31</m:Einddatum><m:Reden");
    let stop = stop("E1", "2024-10-02", "2024-01-15", "31", "2024-10-01", "1");
    let brieven = [first, longer, gestart(), stop];
    assert_eq!(facts(&brieven), (vec![ep("45", "2024-01-15", "2024-10-01 31")], vec![]));
    let open = episodes(&person(&brieven[..3]));
    assert_eq!(open.episodes[0].toegewezen_tot, Some(jiff::civil::date(2024, 12, 31)));
}

#[test]
fn cs335_a_removed_toewijzing_with_days_is_removed_and_reported() {
    let removed = Brief::jw301("T2", "2024-02-01").toewijzing(7, "45", "2024-02-01 10:00:00", "13");
    let (_, codes) = facts(&[toegewezen(), removed.clone()]);
    assert_eq!(codes, [Bevinding::VerwijderdMetLooptijd]);
    let mut right = removed;
    right.regels = right.regels.replace("<m:Reden", "<m:Einddatum>2024-01-01</m:Einddatum><m:Reden");
    assert_eq!(facts(&[toegewezen(), right]).1, []);
}

#[test]
fn op259_toewijzingen_of_one_product_that_overlap_are_reported() {
    let mut second = Brief::jw301("T2", "2024-02-01").toewijzing(8, "45", "2024-02-01 10:00:00", "");
    let codes = |second: &Brief| facts(&[toegewezen(), second.clone()]).1;
    assert_eq!(codes(&second), [Bevinding::ToewijzingGestapeld]);
    second.regels = second.regels.replace("Categorie>45<", "Categorie>46<");
    assert_eq!(codes(&second), []);
    let mut ended = toegewezen();
    ended.regels = ended.regels.replace("<m:Commentaar>", "<m:Einddatum>2024-01-31</m:Einddatum><m:Commentaar>");
    let mut later = Brief::jw301("T2", "2024-02-01").toewijzing(8, "45", "2024-02-01 10:00:00", "");
    later.regels = later.regels.replace("2024-01-01", "2024-02-01");
    assert_eq!(facts(&[ended, later]).1, []);
}
