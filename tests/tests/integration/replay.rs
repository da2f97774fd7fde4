//! An id is good for one question. An honest retry gets the same bytes, also from a node that was started anew; another
//! content under the same id gets nothing, also once the first has expired; and of two at once only one runs.

use std::time::Duration;

use drempel_node::audit::{Event, Outcome};
use drempel_protocols::{
    id::Gemeentecode,
    message::{Ask, LIFE},
    problem::ProblemType,
    sql,
};
use drempel_tests::{clock::TestClock, federation::Federation};
use jiff::SignedDuration;

use crate::asker::{
    Asker, QUESTION, ask_of, assert_logged, assert_no_intent_without_outcome, intents, purpose, records_of, sign, small,
};

const OTHER: &str = "SELECT COUNT(*) FROM jeugdhulp WHERE periode = '2025H2'";

type Bend = fn(&mut Ask);

async fn one() -> (Federation, std::sync::Arc<TestClock>, Gemeentecode) {
    let clock = TestClock::shared();
    let federation = small(1).clock(clock.clone()).start().await.unwrap();
    let code = *federation.members().keys().next().unwrap();
    (federation, clock, code)
}

fn put(ask: &mut Ask, text: &str, federation: &Federation) {
    let (question, _) = sql::read(text, federation.catalogue(), &purpose()).unwrap();
    (ask.sql, ask.digest) = (sql::render(&question), sql::digest(&question));
}

#[tokio::test]
async fn an_honest_retry_gets_the_same_bytes_also_after_a_restart() {
    let (mut federation, clock, code) = one().await;
    let asker = Asker::coordinator(&federation, code);
    let ask = ask_of(&federation, code, QUESTION);
    let signed = sign(&ask, federation.signing_key());
    let first = asker.post(signed.clone()).await;
    assert_eq!(first.status, 200);
    assert_eq!(asker.post(signed.clone()).await, first);

    // Other questions in between, and other spellings of the same envelope, change nothing.
    assert_eq!(asker.post(sign(&ask_of(&federation, code, OTHER), federation.signing_key())).await.status, 200);
    let spaced = String::from_utf8(signed.clone()).unwrap().replacen(':', " : ", 1);
    assert_eq!(asker.post(spaced).await.body, first.body);

    federation.stop_node(code).await.unwrap();
    federation.start_node(code).await.unwrap();
    let asker = Asker::coordinator(&federation, code);
    assert_eq!(asker.post(signed.clone()).await, first, "after a restart");
    clock.advance(SignedDuration::from_secs(280));
    assert_eq!(asker.post(signed.clone()).await, first, "in the fifth minute");
    clock.advance(SignedDuration::from_secs(25));
    assert_eq!(asker.post(signed).await.problem().kind, ProblemType::Stale, "after it");

    let records = records_of(&federation, code);
    assert_eq!(intents(&records).iter().filter(|intent| intent.question == ask.id).count(), 1);
    assert_no_intent_without_outcome(&records);
    assert_logged(&records, &first.logged());
    federation.stop().await;
}

#[tokio::test]
async fn an_id_with_another_content_is_refused() {
    let (mut federation, _, code) = one().await;
    let mut asker = Asker::coordinator(&federation, code);
    let ask = ask_of(&federation, code, QUESTION);
    let first = asker.post(sign(&ask, federation.signing_key())).await;
    assert_eq!(first.status, 200);
    let bends: [(&str, Bend); 4] = [
        ("asker", |ask| ask.asker.push('!')),
        ("issued", |ask| ask.issued += SignedDuration::from_nanos(1)),
        ("expires", |ask| ask.expires -= SignedDuration::from_nanos(1)),
        ("issued and expires", |ask| {
            ask.issued += SignedDuration::from_secs(20);
            ask.expires += SignedDuration::from_secs(20);
        }),
    ];
    for restarted in [false, true] {
        let mut other = ask.clone();
        put(&mut other, OTHER, &federation);
        assert_eq!(asker.post(sign(&other, federation.signing_key())).await.problem().kind, ProblemType::Replayed);
        for (what, bend) in bends {
            let mut bent = ask.clone();
            bend(&mut bent);
            let reply = asker.post(sign(&bent, federation.signing_key())).await;
            assert_eq!(reply.problem().kind, ProblemType::Replayed, "{what}, restarted: {restarted}");
        }
        assert_eq!(asker.post(sign(&ask, federation.signing_key())).await, first);
        federation.stop_node(code).await.unwrap();
        federation.start_node(code).await.unwrap();
        asker = Asker::coordinator(&federation, code);
    }
    assert_eq!(intents(&records_of(&federation, code)).len(), 1);
    federation.stop().await;
}

/// A coordinator may sign a short life. The id stays used until no question can bear it any more.
#[tokio::test]
async fn an_id_cannot_be_used_again_once_its_question_has_expired() {
    for restart in [false, true] {
        let (mut federation, clock, code) = one().await;
        let mut asker = Asker::coordinator(&federation, code);
        let mut ask = ask_of(&federation, code, QUESTION);
        ask.expires = ask.issued + SignedDuration::from_secs(30);
        assert_eq!(asker.post(sign(&ask, federation.signing_key())).await.status, 200);

        // In steps of a minute, with a record in the log after each, for as long as any issue fits the id.
        for minute in 1..=11 {
            clock.advance(SignedDuration::from_mins(1));
            let now = federation.clock().now();
            let noise = sign(&ask_of(&federation, code, OTHER), federation.signing_key());
            assert_eq!(asker.post(noise).await.status, 200);
            if restart && minute % 4 == 1 {
                federation.stop_node(code).await.unwrap();
                federation.start_node(code).await.unwrap();
                asker = Asker::coordinator(&federation, code);
            }
            for issued in [now, ask.issued + LIFE, now - SignedDuration::from_mins(4)] {
                let mut again = ask.clone();
                (again.issued, again.expires) = (issued, issued + LIFE);
                put(&mut again, OTHER, &federation);
                let kind = asker.post(sign(&again, federation.signing_key())).await.problem().kind;
                assert!(
                    [ProblemType::Replayed, ProblemType::Stale].contains(&kind),
                    "minute {minute}, issued {issued}: {kind:?}"
                );
            }
        }
        let records = records_of(&federation, code);
        assert_eq!(intents(&records).iter().filter(|intent| intent.question == ask.id).count(), 1);
        assert_no_intent_without_outcome(&records);
        federation.stop().await;
    }
}

#[tokio::test]
async fn of_equal_questions_at_once_only_one_runs() {
    let (federation, _, code) = one().await;
    let asker = Asker::coordinator(&federation, code);
    let ask = ask_of(&federation, code, QUESTION);
    let signed = sign(&ask, federation.signing_key());
    let node = std::sync::Arc::clone(federation.member(code).unwrap().node().unwrap());
    let paused = node.engine().pause().await;
    let first = tokio::spawn({
        let (asker, signed) = (asker.clone(), signed.clone());
        async move { asker.post(signed).await }
    });
    while intents(&records_of(&federation, code)).is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(asker.post(signed.clone()).await.problem().kind, ProblemType::Busy);
    let mut other = ask.clone();
    put(&mut other, OTHER, &federation);
    assert_eq!(asker.post(sign(&other, federation.signing_key())).await.problem().kind, ProblemType::Replayed);
    drop(paused);
    let first = first.await.unwrap();
    assert_eq!(first.status, 200);
    assert_eq!(asker.post(signed).await, first);

    // And without any order, many at once.
    let ask = ask_of(&federation, code, OTHER);
    let signed = sign(&ask, federation.signing_key());
    let all: Vec<_> = (0..16)
        .map(|_| {
            let (asker, signed) = (Asker::coordinator(&federation, code), signed.clone());
            tokio::spawn(async move { asker.post(signed).await })
        })
        .collect();
    let mut answered = Vec::new();
    for reply in all {
        match reply.await.unwrap() {
            reply if reply.status == 200 => answered.push(reply),
            reply => assert_eq!(reply.problem().kind, ProblemType::Busy),
        }
    }
    assert!(!answered.is_empty() && answered.iter().all(|reply| *reply == answered[0]));
    let records = records_of(&federation, code);
    assert_eq!(intents(&records).iter().filter(|intent| intent.question == ask.id).count(), 1);
    assert_no_intent_without_outcome(&records);
    federation.stop().await;
}

#[tokio::test]
async fn a_withdrawn_question_leaves_nothing_and_may_be_asked_again() {
    let (federation, _, code) = one().await;
    let asker = Asker::coordinator(&federation, code);
    let ask = ask_of(&federation, code, QUESTION);
    let signed = sign(&ask, federation.signing_key());
    let node = std::sync::Arc::clone(federation.member(code).unwrap().node().unwrap());
    let paused = node.engine().pause().await;
    let withdrawn = tokio::spawn({
        let (asker, signed) = (asker.clone(), signed.clone());
        async move { asker.post(signed).await }
    });
    while intents(&records_of(&federation, code)).is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    withdrawn.abort();
    let cancelled = || {
        let records = records_of(&federation, code);
        records.iter().any(|record| matches!(&record.entry.event, Event::Outcome { outcome: Outcome::Cancelled, .. }))
    };
    for _ in 0..500 {
        if cancelled() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(cancelled(), "a withdrawn question is recorded as such");
    drop(paused);
    assert_eq!(asker.post(signed).await.status, 200);
    assert_no_intent_without_outcome(&records_of(&federation, code));
    federation.stop().await;
}

#[tokio::test]
async fn every_answer_that_left_is_in_the_log_byte_for_byte() {
    let federation = small(2).start().await.unwrap();
    let questions =
        [QUESTION, OTHER, "SELECT periode, stroom, COUNT(DISTINCT persoon) FROM jeugdhulp GROUP BY periode, stroom"];
    for question in questions {
        federation.query(question).await.unwrap();
        for code in federation.members().keys() {
            let asker = Asker::coordinator(&federation, *code);
            let ask = ask_of(&federation, *code, question);
            let reply = asker.post(sign(&ask, federation.signing_key())).await;
            let records = records_of(&federation, *code);
            assert_logged(&records, &reply.logged());
            let answer = reply.answer();
            assert_eq!((answer.question, answer.digest, answer.gemeente), (ask.id, ask.digest, *code));
            let key = federation.member(*code).unwrap().node().unwrap().audit().key().clone();
            let head = reply.logged().verify(ask.id, &key).unwrap();
            assert_eq!(head.size, records.last().unwrap().entry.sequence, "nothing came after it");
        }
    }
    for code in federation.members().keys() {
        let records = records_of(&federation, *code);
        assert_eq!(intents(&records).len(), 2 * questions.len());
        assert_no_intent_without_outcome(&records);
    }
    federation.stop().await;
}
