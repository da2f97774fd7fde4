//! Two half-years of one gemeente, from messages to answers: the stock at the beginning of the second is the stock at the
//! end of the first with one status, every release is in the log before it answers, and one that is withdrawn answers no
//! more.

use drempel_coordinator::document::Shown;
use drempel_node::{audit::Event, ledger::Ledger};
use drempel_protocols::id::Period;
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
        records_of(&federation, code).iter().filter_map(|(entry, _)| kind(&entry.event)).collect()
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
