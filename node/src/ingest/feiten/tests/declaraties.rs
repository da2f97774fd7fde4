use super::*;

/// The net amounts by month, and every finding, in every order of the messages.
fn declared(brieven: &[Brief]) -> (Vec<(String, i64)>, Vec<Bevinding>) {
    let of = |brieven: &[Brief]| {
        let found = person(brieven).declaraties(&Afbeelding::default());
        let cells = found.bedragen.iter();
        let amounts = cells.map(|(cel, bedrag)| (format!("{} {:02}", cel.periode, cel.maand), *bedrag)).collect();
        let mut codes: Vec<Bevinding> = found.vondsten.iter().map(|(code, _)| *code).collect();
        codes.sort();
        (amounts, codes)
    };
    let mut order = brieven.to_vec();
    let first = of(&order);
    for _ in 0..order.len() {
        order.rotate_left(1);
        assert_eq!(of(&order), first);
        order.reverse();
        assert_eq!(of(&order), first);
        order.reverse();
    }
    first
}

fn debit(id: &str, dag: &str, referentie: &str, bedrag: u32) -> Brief {
    Brief::jw323(id, dag).prestatie(referentie, "", 7, "2024-03", bedrag, "D")
}

fn credit(id: &str, dag: &str, referentie: &str, vorige: &str, bedrag: u32) -> Brief {
    Brief::jw323(id, dag).prestatie(referentie, vorige, 7, "2024-03", bedrag, "C")
}

fn basis() -> [Brief; 2] {
    [toegewezen(), gestart()]
}

fn with(brieven: &[Brief]) -> (Vec<(String, i64)>, Vec<Bevinding>) {
    declared(&[&basis()[..], brieven].concat())
}

fn march(bedrag: i64) -> Vec<(String, i64)> {
    vec![("2024H1 03".to_owned(), bedrag)]
}

#[test]
fn iv024_amounts_are_eurocents_and_add_up() {
    let two = [debit("D1", "2024-04-02", "R1", 12_345), debit("D2", "2024-05-02", "R2", 55)];
    assert_eq!(with(&two), (march(12_400), vec![]));
}

#[test]
fn iv091_op366_a_credit_takes_its_line_back_and_a_new_line_corrects_it() {
    let (first, back) = (debit("D1", "2024-04-02", "R1", 500), credit("D2", "2024-05-02", "R2", "R1", 500));
    assert_eq!(with(&[first.clone(), back.clone()]), (vec![], vec![]));
    assert_eq!(with(&[first, back, debit("D3", "2024-05-03", "R3", 400)]), (march(400), vec![]));
}

#[test]
fn iv091_a_credit_of_a_line_that_is_not_there_does_not_count() {
    let lone = [debit("D1", "2024-04-02", "R1", 500), credit("D2", "2024-05-02", "R2", "R9", 300)];
    assert_eq!(with(&lone), (march(500), vec![Bevinding::CreditZonderDebet]));
}

#[test]
fn op360_a_line_is_credited_once() {
    let twice = [
        debit("D1", "2024-04-02", "R1", 500),
        credit("D2", "2024-05-02", "R2", "R1", 500),
        credit("D3", "2024-06-02", "R3", "R1", 500),
    ];
    assert_eq!(with(&twice), (vec![], vec![Bevinding::DubbelGecrediteerd]));
}

#[test]
fn op366_a_credit_of_another_amount_is_reported() {
    let part = [debit("D1", "2024-04-02", "R1", 500), credit("D2", "2024-05-02", "R2", "R1", 200)];
    assert_eq!(with(&part), (march(300), vec![Bevinding::CreditWijktAf]));
}

#[test]
fn op283_a_line_counts_once_however_often_it_is_sent() {
    let again = [debit("D1", "2024-04-02", "R1", 500), debit("D2", "2024-05-02", "R1", 500)];
    assert_eq!(with(&again), (march(500), vec![Bevinding::DubbeleSleutel]));
    let mut elsewhere = debit("D2", "2024-05-02", "R1", 70);
    elsewhere.aanbieder = "87654321".to_owned();
    let both = with(&[debit("D1", "2024-04-02", "R1", 500), elsewhere]);
    assert_eq!((both.0.iter().map(|(_, bedrag)| bedrag).sum::<i64>(), both.1), (570, vec![]));
}

#[test]
fn op276_what_is_declared_on_a_removed_toewijzing_does_not_count() {
    let removed = Brief::jw301("T2", "2024-02-01").toewijzing(7, "45", "2024-02-01 10:00:00", "13");
    let found = declared(&[toegewezen(), removed, debit("D1", "2024-04-02", "R1", 500)]);
    assert_eq!(found.0, []);
    assert!(found.1.contains(&Bevinding::ToewijzingVerwijderd));
}

#[test]
fn op364_start_and_stop_are_no_condition() {
    let found = declared(&[toegewezen(), debit("D1", "2024-04-02", "R1", 500)]);
    assert_eq!(found, (march(500), vec![Bevinding::DeclaratieZonderStart]));
    let found = declared(&[debit("D1", "2024-04-02", "R1", 500)]);
    assert_eq!(found, (march(500), vec![Bevinding::DeclaratieZonderToewijzing, Bevinding::DeclaratieZonderStart]));
}

#[test]
fn op368_a_period_outside_the_toewijzing_is_reported() {
    let mut ended = toegewezen();
    ended.regels = ended.regels.replace("<m:Commentaar>", "<m:Einddatum>2024-03-15</m:Einddatum><m:Commentaar>");
    let found = declared(&[ended, gestart(), debit("D1", "2024-04-02", "R1", 500)]);
    assert_eq!(found, (march(500), vec![Bevinding::DeclaratieBuitenToewijzing]));
}

#[test]
fn what_was_declared_last_shows_that_there_was_help() {
    let of = |brieven: &[Brief]| episodes(&person(&[&basis()[..], brieven].concat())).episodes[0].bewijs.to_string();
    let (line, back) = (debit("D1", "2024-04-02", "R1", 500), credit("D2", "2024-05-02", "R2", "R1", 500));
    assert_eq!(of(&[]), "2024-01-15");
    assert_eq!(of(std::slice::from_ref(&line)), "2024-03-31");
    assert_eq!(of(&[line, back]), "2024-01-15");
}

#[test]
fn a_start_after_a_pause_shows_that_there_was_help_then() {
    let pause = Brief::jw307("E1", "2024-03-01").stop("7", "45", "2024-01-15", ("20", "2024-02-29"), "1");
    let again = Brief::jw305("S2", "2024-05-01").start("7", "45", "2024-04-20", "1");
    let found = episodes(&person(&[&basis()[..], &[pause, again]].concat()));
    assert_eq!((found.episodes.len(), found.episodes[0].bewijs.to_string().as_str()), (1, "2024-04-20"));
}
