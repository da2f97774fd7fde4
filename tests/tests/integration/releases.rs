//! Two half-years of one gemeente, from messages to answers: the stock at the beginning of the second is the stock at the
//! end of the first with one status, every release is in the log before it answers, and one that is withdrawn answers no
//! more. And gemeenten that release under other profiles: each answers as its own has it.

use std::collections::BTreeSet;

use drempel_coordinator::document::Shown;
use drempel_node::{audit::Event, ledger::Ledger};
use drempel_protocols::{
    answer::Answer,
    id::{Gemeentecode, Period},
    policy::PolicyFile,
};
use drempel_tests::{federation::Federation, participants::Participant, synthetic::Size};
use jiff::Timestamp;

use crate::asker::records_of;

#[tokio::test(flavor = "multi_thread")]
async fn the_second_half_year_goes_on_where_the_first_ended() {
    let code = "GM0014".parse().unwrap();
    let participants = vec![Participant { code, size: Size::Persons(450) }];
    let [first, second]: [Period; 2] = ["2025H2", "2026H1"].map(|period| period.parse().unwrap());
    let federation = Federation::builder().participants(participants).first_release(first).start().await.unwrap();
    let stock = async |period: Period, member: &str| {
        let sql = format!(
            "SELECT hoofdgroep, COUNT(*) AS n FROM jeugdhulp WHERE periode = '{period}' AND {member} GROUP BY hoofdgroep"
        );
        let answer = federation.query(&sql).await.unwrap();
        answer.rows.iter().map(|row| (row.text("hoofdgroep").to_owned(), row.measure("n"))).collect::<Vec<_>>()
    };
    let end = stock(first, "beeindigd = 'loopt_door'").await;
    assert_eq!(end, stock(second, "begin = 'al_lopend'").await);
    let shown = |cells: &[(String, Shown)]| cells.iter().filter(|(_, cell)| matches!(cell, Shown::Value(1..))).count();
    assert!(shown(&end) > 0 && shown(&end) < end.len(), "{end:?}");

    let member = federation.member(code).unwrap();
    let stored = member.releases().unwrap();
    let logged = |kind: fn(&Event) -> Option<(Period, String)>| -> Vec<(Period, String)> {
        records_of(&federation, code).iter().filter_map(|record| kind(&record.entry.event)).collect()
    };
    let released = logged(|event| match event {
        Event::Release { period, release } => Some((*period, release.clone())),
        _ => None,
    });
    assert_eq!(
        released,
        [first, second].into_iter().zip(stored.iter().map(|stored| stored.id.clone())).collect::<Vec<_>>()
    );

    Ledger::open(&member.config().paths.ledger).unwrap().withdraw(second, "verkeerd", Timestamp::UNIX_EPOCH).unwrap();
    assert!(member.node().unwrap().reload().unwrap());
    let withdrawn = stock(second, "begin = 'al_lopend'").await;
    assert!(withdrawn.iter().all(|(_, cell)| *cell == Shown::NotHeld), "{withdrawn:?}");
    assert_eq!(stock(first, "beeindigd = 'loopt_door'").await, end);
    let gone = logged(|event| match event {
        Event::Withdrawn { period, release } => Some((*period, release.clone())),
        _ => None,
    });
    assert_eq!(gone, [(second, stored[1].id.clone())]);
    federation.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn under_cbs_counts_are_rounded_and_nobody_is_not_shown() {
    let [exact, rounded]: [Gemeentecode; 2] = ["GM0014", "GM0034"].map(|code| code.parse().unwrap());
    let participants = [exact, rounded].map(|code| Participant { code, size: Size::Persons(450) });
    let policy = PolicyFile { profiel: Some("cbs".parse().unwrap()), ..PolicyFile::default() };
    let builder = Federation::builder().participants(participants.to_vec()).policy(rounded, policy);
    let federation = builder.start().await.unwrap();
    let mut off = 0;
    for (column, own, of) in [
        ("levensfase", "leeftijdsgroep", [("12_tot_18_jaar", "12-17"), ("vanaf_18_jaar", "18+")]),
        ("categorie", "categorie", [("45", "45"), ("49", "49")]),
    ] {
        let sql = format!(
            "SELECT gemeente, {column}, COUNT(DISTINCT persoon) AS n FROM jeugdhulp WHERE periode = '2025H2' \
             GROUP BY gemeente, {column}"
        );
        let answer = federation.query(&sql).await.unwrap();
        assert!(answer.notes.iter().any(|note| note.starts_with("Counts of GM0034 are rounded to multiples of 5")));
        for row in &answer.rows {
            let code: Gemeentecode = row.text("gemeente").parse().unwrap();
            let found = row.measure("n");
            if code == rounded {
                assert!(matches!(found, Shown::Hidden | Shown::Value(10..)), "{row:?}");
            }
            let Some((_, member)) = of.iter().find(|(group, _)| *group == row.text(column)) else { continue };
            let truth = federation.member(code).unwrap().truth.as_ref().unwrap();
            let rows = truth.view_rows("jeugdhulp", "2025H2".parse().unwrap());
            let persons = rows.iter().filter(|row| row.member(own) == Some(*member)).map(|row| row.persoon());
            let count = persons.collect::<BTreeSet<_>>().len() as u64;
            if let Shown::Value(value) = found {
                let (step, most) = if code == rounded { (5, 2) } else { (1, 0) };
                assert!(value.is_multiple_of(step) && value.abs_diff(count) <= most, "{row:?} of {count}");
                off += usize::from(value != count);
            }
        }
    }
    assert!(off > 0, "nothing had to be rounded");
    let said = |code: Gemeentecode| -> BTreeSet<u32> {
        let records = records_of(&federation, code);
        let answers = records.iter().filter_map(|record| record.answer.as_ref());
        answers.map(|answer| serde_json::from_str::<Answer>(answer).unwrap().round_to).collect()
    };
    assert_eq!((said(exact), said(rounded)), (BTreeSet::from([1]), BTreeSet::from([5])));
    federation.stop().await;
}
