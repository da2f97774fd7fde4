//! A question that is not fresh, not as it was signed, not for this gemeente or not within the cubes is refused: by the
//! node itself, also when a hostile coordinator signs it with the right key. What a refusal says follows from the
//! question and the configuration, never from the records, and each is in the log.

use drempel_node::audit::Event;
use drempel_protocols::{
    id::{Digest, Gemeentecode, QuestionId},
    message::{Ask, LIFE, SignedAsk},
    problem::ProblemType,
};
use drempel_tests::clock::TestClock;
use jiff::SignedDuration;
use rand::{RngExt as _, SeedableRng as _};
use ring::signature::Ed25519KeyPair;

use crate::asker::{
    Asker, QUESTION, ask_of, assert_no_intent_without_outcome, intents, purpose, records_of, sign, small,
};

type Bend = Box<dyn Fn(&mut Ask) + Send + Sync>;

fn bend(bend: impl Fn(&mut Ask) + Send + Sync + 'static) -> Bend {
    Box::new(bend)
}

/// Another text, with the digest it would have if it were canonical.
fn text(sql: &'static str) -> Bend {
    bend(move |ask| {
        ask.sql = sql.to_owned();
        ask.digest = Digest::of("drempel question v1", &[sql.as_bytes()]);
    })
}

/// By how much clocks may differ, and a second more.
const FUTURE: SignedDuration = SignedDuration::from_secs(31);

fn bends() -> Vec<(&'static str, ProblemType, Bend)> {
    use ProblemType::{CatalogueMismatch, Malformed, Recipient, Refused, Stale};
    let minutes = SignedDuration::from_mins;
    vec![
        ("meant for nobody", Recipient, bend(|ask| ask.recipient = "00000099000000000001".parse().unwrap())),
        (
            "expired",
            Stale,
            bend(move |ask| {
                (ask.issued, ask.expires) = (ask.issued - minutes(6), ask.expires - minutes(6));
                ask.id = QuestionId::at(ask.issued);
            }),
        ),
        (
            "issued in the future",
            Stale,
            bend(|ask| {
                (ask.issued, ask.expires) = (ask.issued + FUTURE, ask.expires + FUTURE);
                ask.id = QuestionId::at(ask.issued);
            }),
        ),
        ("lives too long", Stale, bend(|ask| ask.expires = ask.issued + LIFE + SignedDuration::from_nanos(1))),
        ("lives for ever", Stale, bend(|ask| ask.expires = jiff::Timestamp::MAX)),
        ("from the beginning of time", Stale, bend(|ask| ask.issued = jiff::Timestamp::MIN)),
        (
            "all of time",
            Stale,
            bend(|ask| {
                (ask.issued, ask.expires) = (jiff::Timestamp::MIN, jiff::Timestamp::MAX);
            }),
        ),
        ("expires before it is issued", Stale, bend(|ask| ask.expires = ask.issued - SignedDuration::from_secs(1))),
        ("id older than its issue", Stale, bend(move |ask| ask.id = QuestionId::at(ask.issued - minutes(6)))),
        ("id newer than its issue", Stale, bend(move |ask| ask.id = QuestionId::at(ask.issued + minutes(6)))),
        (
            "id of the end of time",
            Malformed,
            bend(|ask| ask.id = "ffffffff-ffff-7fff-bfff-ffffffffffff".parse().unwrap()),
        ),
        ("other catalogue", CatalogueMismatch, bend(|ask| ask.catalogue = Digest::of("another", &[]))),
        ("digest of another question", Malformed, bend(|ask| ask.digest = Digest::of("another", &[]))),
        ("not canonical: a space", Malformed, bend(|ask| ask.sql = ask.sql.replacen(' ', "  ", 1))),
        ("not canonical: an end", Malformed, bend(|ask| ask.sql.push('\n'))),
        ("not canonical: case", Malformed, bend(|ask| ask.sql = ask.sql.replacen("SELECT", "select", 1))),
        ("not canonical: a limit", Malformed, bend(|ask| ask.sql.push_str(" LIMIT 10"))),
        ("unknown purpose", Refused, bend(|ask| ask.purpose = "nieuwsgierigheid".parse().unwrap())),
        ("purpose without this cube", Refused, bend(|ask| ask.purpose = "regionale-inkoop".parse().unwrap())),
        (
            "outside the cubes: three dimensions",
            Refused,
            text(
                "SELECT groep, leeftijdsgroep, geslacht, COUNT(*) AS aantal FROM jeugdhulp \
                 WHERE periode = '2025H2' GROUP BY groep, leeftijdsgroep, geslacht",
            ),
        ),
        (
            "outside the cubes: a filter",
            Refused,
            text(
                "SELECT hoofdgroep, levensfase, COUNT(*) AS aantal FROM jeugdhulp \
                 WHERE periode = '2025H2' AND geslacht = 'M' GROUP BY hoofdgroep, levensfase",
            ),
        ),
        (
            "outside the cubes: a measure",
            Refused,
            text("SELECT stroom, COUNT(*) AS aantal FROM jeugdhulp WHERE periode = '2025H2' GROUP BY stroom"),
        ),
        (
            "about another gemeente",
            Refused,
            text("SELECT COUNT(*) AS aantal FROM jeugdhulp WHERE periode = '2025H2' AND gemeente = 'GM0363'"),
        ),
        ("a person", Refused, text("SELECT persoon FROM jeugdhulp WHERE periode = '2025H2'")),
        (
            "each person",
            Refused,
            text("SELECT persoon, COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY persoon"),
        ),
        (
            "one person",
            Refused,
            text("SELECT COUNT(*) AS aantal FROM jeugdhulp WHERE periode = '2025H2' AND persoon = 1"),
        ),
        ("everything", Refused, text("SELECT * FROM jeugdhulp")),
        ("another table", Refused, text("SELECT COUNT(*) AS aantal FROM trajecten WHERE periode = '2025H2'")),
        (
            "a union of members",
            Refused,
            text(
                "SELECT COUNT(*) AS aantal FROM jeugdhulp WHERE periode = '2025H2' AND leeftijdsgroep IN ('0-3', '4-11')",
            ),
        ),
        (
            "everybody but one",
            Refused,
            text("SELECT COUNT(*) AS aantal FROM jeugdhulp WHERE periode = '2025H2' AND geslacht <> 'M'"),
        ),
        (
            "small cells only",
            Refused,
            text(
                "SELECT groep, COUNT(*) AS aantal FROM jeugdhulp WHERE periode = '2025H2' GROUP BY groep \
                 HAVING COUNT(DISTINCT persoon) = 1",
            ),
        ),
        ("two statements", Refused, text("SELECT COUNT(*) AS aantal FROM jeugdhulp; DROP TABLE jeugdhulp")),
        ("a file", Refused, text("SELECT COUNT(*) AS aantal FROM '/etc/passwd'")),
        ("no text", Refused, text("")),
        ("NUL", Refused, text("SELECT COUNT(*)\0 AS aantal FROM jeugdhulp WHERE periode = '2025H2'")),
    ]
}

#[tokio::test]
async fn each_bent_question_is_refused_alike_by_every_node_and_logged() {
    let clock = TestClock::shared();
    let federation = small(2).clock(clock).start().await.unwrap();
    let codes: Vec<Gemeentecode> = federation.members().keys().copied().collect();
    let askers: Vec<Asker> = codes.iter().map(|code| Asker::coordinator(&federation, *code)).collect();
    let mut expected = Vec::new();
    for (what, kind, bend) in bends() {
        let mut refused = Vec::new();
        for (code, asker) in codes.iter().zip(&askers) {
            let mut ask = ask_of(&federation, *code, QUESTION);
            bend(&mut ask);
            let mut reply = asker.post(sign(&ask, federation.signing_key())).await;
            let problem = reply.problem();
            assert_eq!(problem.kind, kind, "{what}: {problem:?}");
            assert_eq!(problem.refusals.is_empty(), kind != ProblemType::Refused, "{what}: {problem:?}");
            // Its own name is the one thing of a node that a refusal may say.
            reply.body = reply.text().replace(&code.to_string(), "GM....").into_bytes();
            reply.headers.remove("content-length");
            refused.push(reply);
        }
        assert!(refused.iter().all(|reply| *reply == refused[0]), "{what}: {refused:#?}");
        expected.push(kind);
    }
    for code in &codes {
        let records = records_of(&federation, *code);
        let logged: Vec<ProblemType> = records
            .iter()
            .filter_map(|record| match &record.entry.event {
                Event::Refused { problem, .. } => Some(*problem),
                _ => None,
            })
            .collect();
        assert_eq!(logged, expected, "each refusal is in the log, in order");
        assert!(intents(&records).is_empty(), "nothing ran");
    }
    federation.stop().await;
}

#[tokio::test]
async fn a_question_for_one_gemeente_is_refused_by_another() {
    let federation = small(2).start().await.unwrap();
    let codes: Vec<Gemeentecode> = federation.members().keys().copied().collect();
    let (here, there) = (Asker::coordinator(&federation, codes[0]), Asker::coordinator(&federation, codes[1]));
    let signed = sign(&ask_of(&federation, codes[0], QUESTION), federation.signing_key());
    assert_eq!(there.post(signed.clone()).await.problem().kind, ProblemType::Recipient);
    assert_eq!(here.post(signed).await.status, 200);
    assert!(intents(&records_of(&federation, codes[1])).is_empty());
    federation.stop().await;
}

#[tokio::test]
async fn no_byte_of_a_signed_question_can_be_changed() {
    let federation = small(1).start().await.unwrap();
    let code = *federation.members().keys().next().unwrap();
    let asker = Asker::coordinator(&federation, code);
    let honest = sign(&ask_of(&federation, code, QUESTION), federation.signing_key());
    let mut random = rand_chacha::ChaCha20Rng::seed_from_u64(4);

    // What is signed is changed within the envelope, so that only the signature can tell.
    let envelope: serde_json::Value = serde_json::from_slice(&honest).unwrap();
    for field in ["ask", "signature"] {
        let whole = envelope[field].as_str().unwrap();
        for _ in 0..60 {
            let place = random.random_range(0..whole.len());
            let mut changed = whole.as_bytes().to_vec();
            changed[place] ^= 1 << random.random_range(0..5);
            let Ok(changed) = String::from_utf8(changed) else { continue };
            let mut bent = envelope.clone();
            bent[field] = changed.clone().into();
            let reply = asker.post(serde_json::to_vec(&bent).unwrap()).await;
            assert_eq!(reply.problem().kind, ProblemType::Signature, "{field}, byte {place}: {changed}");
        }
        let mut longer = envelope.clone();
        longer[field] = format!("{whole} ").into();
        assert_eq!(asker.post(longer.to_string()).await.problem().kind, ProblemType::Signature);
        let mut empty = envelope.clone();
        empty[field] = "".into();
        assert_eq!(asker.post(empty.to_string()).await.problem().kind, ProblemType::Signature);
    }
    // Any bit of what is sent.
    for _ in 0..100 {
        let place = random.random_range(0..honest.len());
        let mut bent = honest.clone();
        bent[place] ^= 1 << random.random_range(0..8);
        let kind = asker.post(bent).await.problem().kind;
        assert!([ProblemType::Signature, ProblemType::Malformed].contains(&kind), "byte {place}: {kind:?}");
    }

    let mut bent = ask_of(&federation, code, QUESTION);
    bent.asker = "somebody else".to_owned();
    let other = Ed25519KeyPair::generate_pkcs8(&ring::rand::SystemRandom::new()).unwrap();
    let other = Ed25519KeyPair::from_pkcs8(other.as_ref()).unwrap();
    assert_eq!(asker.post(sign(&bent, &other)).await.problem().kind, ProblemType::Signature, "another key");

    // A signature without the context string that says what it is for.
    let text = serde_json::to_string(&bent).unwrap();
    let bare = data_encoding::BASE64.encode(federation.signing_key().sign(text.as_bytes()).as_ref());
    let bare = serde_json::json!({ "ask": text, "signature": bare });
    assert_eq!(asker.post(bare.to_string()).await.problem().kind, ProblemType::Signature, "without context");

    let records = records_of(&federation, code);
    assert!(intents(&records).is_empty());
    assert_eq!(asker.post(honest).await.status, 200, "as it was, it is answered");
    assert_no_intent_without_outcome(&records_of(&federation, code));
    federation.stop().await;
}

#[tokio::test]
async fn a_question_can_be_used_for_five_minutes_and_not_before_it_is_issued() {
    let clock = TestClock::shared();
    let federation = small(1).clock(clock.clone()).start().await.unwrap();
    let code = *federation.members().keys().next().unwrap();
    let asker = Asker::coordinator(&federation, code);
    let signed = || sign(&ask_of(&federation, code, QUESTION), federation.signing_key());

    let (one, other) = (signed(), signed());
    clock.advance(SignedDuration::from_secs(4 * 60 + 50));
    assert_eq!(asker.post(one.clone()).await.status, 200);
    clock.advance(SignedDuration::from_secs(11));
    assert_eq!(asker.post(other).await.problem().kind, ProblemType::Stale, "never used, and expired");
    assert_eq!(asker.post(one).await.problem().kind, ProblemType::Stale, "answered, and expired");

    // As a clock that runs behind sees it.
    let early = signed();
    clock.advance(-SignedDuration::from_secs(35));
    assert_eq!(asker.post(early.clone()).await.problem().kind, ProblemType::Stale);
    clock.advance(SignedDuration::from_secs(10));
    assert_eq!(asker.post(early).await.status, 200, "within the skew of clocks");
    assert_eq!(intents(&records_of(&federation, code)).len(), 2);
    federation.stop().await;
}

#[tokio::test]
async fn what_is_signed_must_be_an_ask_and_nothing_more() {
    let federation = small(1).start().await.unwrap();
    let code = *federation.members().keys().next().unwrap();
    let asker = Asker::coordinator(&federation, code);
    let honest = serde_json::to_value(ask_of(&federation, code, QUESTION)).unwrap();
    let context = b"drempel question v1\n".as_slice();
    let signed = |text: &str| {
        let signature = federation.signing_key().sign(&[context, text.as_bytes()].concat());
        let signature = data_encoding::BASE64.encode(signature.as_ref());
        serde_json::json!({ "ask": text, "signature": signature }).to_string()
    };
    let with = |field: &str, value: serde_json::Value| {
        let mut bent = honest.clone();
        bent[field] = value;
        bent.to_string()
    };
    let twice = honest.to_string().replacen('{', "{\"purpose\":\"regionale-inkoop\",", 1);
    let bent = [
        String::new(),
        "null".to_owned(),
        "[".repeat(20_000),
        twice,
        with("extra", 1.into()),
        with("id", "not an id".into()),
        with("id", "9e107d9d-372b-4b68-a5bc-1d1a2b3c4d5e".into()),
        with("issued", "yesterday".into()),
        with("issued", 1e300.into()),
        with("recipient", "1".into()),
        with("purpose", purpose().to_string().to_uppercase().into()),
        with("sql", serde_json::Value::Null),
    ];
    for text in &bent {
        let reply = asker.post(signed(text)).await;
        assert_eq!(reply.problem().kind, ProblemType::Malformed, "{:.200}", text);
    }
    assert!(intents(&records_of(&federation, code)).is_empty());
    // The way of signing here is the real one.
    assert_eq!(asker.post(signed(&honest.to_string())).await.status, 200);
    let real = SignedAsk::sign(&ask_of(&federation, code, QUESTION), federation.signing_key()).unwrap();
    assert_eq!(asker.post(serde_json::to_vec(&real).unwrap()).await.status, 200);
    federation.stop().await;
}
