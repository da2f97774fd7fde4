use super::*;
use crate::ingest::codes::Verwijzer;

/// A toewijzing that answers a verzoek.
fn beantwoord() -> Brief {
    let mut brief = toegewezen();
    brief.regels = brief
        .regels
        .replace("<m:Toewijzingsdatum>", "<m:ReferentieAanbieder>V-1</m:ReferentieAanbieder><m:Toewijzingsdatum>");
    brief
}

fn verzoek(id: &str, dag: &str, referentie: &str, verwijzer: &str) -> Brief {
    Brief::jw315(id, dag).verzoek(referentie, verwijzer)
}

fn verwijzing(brieven: &[Brief]) -> (Option<&'static str>, Option<String>) {
    let mut reversed = brieven.to_vec();
    reversed.reverse();
    let of = |brieven: &[Brief]| {
        let found = episodes(&person(brieven)).episodes.remove(0).verwijzing;
        (found.verwijzer.map(Verwijzer::code), found.verzoekdag.map(|day| day.to_string()))
    };
    assert_eq!(of(brieven), of(&reversed));
    of(brieven)
}

#[test]
fn jw315_the_verwijzer_is_that_of_the_verzoek_that_the_toewijzing_answers() {
    let asked = verzoek("V1", "2023-12-01", "V-1", "02");
    let found = verwijzing(&[beantwoord(), gestart(), asked.clone()]);
    assert_eq!(found, (Some("02"), Some("2023-12-01".to_owned())));
    assert_eq!(verwijzing(&[toegewezen(), gestart(), asked]), (Some("01"), None));
}

#[test]
fn jw315_another_reference_or_aanbieder_is_another_verzoek() {
    let other = verzoek("V1", "2023-12-01", "V-2", "02");
    let brieven = [beantwoord(), gestart(), other];
    assert_eq!(verwijzing(&brieven), (None, None));
    assert_eq!(facts(&brieven).1, [Bevinding::VerzoekOnbekend]);
    let mut elsewhere = verzoek("V1", "2023-12-01", "V-1", "02");
    elsewhere.aanbieder = "87654321".to_owned();
    assert_eq!(verwijzing(&[beantwoord(), gestart(), elsewhere]), (None, None));
}

#[test]
fn jw315_a_verzoek_that_is_repeated_counts_from_the_first_time() {
    let first = verzoek("V1", "2023-12-01", "V-1", "05");
    let again = verzoek("V2", "2023-12-20", "V-1", "02");
    assert_eq!(verwijzing(&[beantwoord(), gestart(), first, again]), (Some("05"), Some("2023-12-01".to_owned())));
}

#[test]
fn a_start_without_toewijzing_has_no_verwijzer() {
    assert_eq!(verwijzing(&[gestart(), verzoek("V1", "2023-12-01", "V-1", "02")]), (None, None));
}
