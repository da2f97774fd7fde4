//! Logs cosigned by others: within one round by the coordinator and two gemeenten, seen with public keys only; a log that is not
//! what it was, named by each who saw it; and what is no cosignature, kept by nobody. None of it holds up an answer.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use clap::Parser as _;
use drempel_coordinator::{cli::Exit, heads, witness::read_key};
use drempel_node::{app::Node, cli::Cli};
use drempel_protocols::{
    id::Gemeentecode,
    log::{
        COSIGNED_PATH, Kind, LOG_PATH, LogKey, Offer, Relayed, SignedCheckpoint, SigningKey, Testimony, WITNESS_PATH,
    },
    problem::ProblemType,
};
use drempel_tests::{clock::TestClock, federation::Federation, participants::Participant, synthetic::Size};
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use ring::{rand::SystemRandom, signature::Ed25519KeyPair};

use crate::asker::{Asker, QUESTION, Reply, ask_of, sign};

pub const CODES: [&str; 3] = ["GM0014", "GM0034", "GM0037"];

pub fn code(text: &str) -> Gemeentecode {
    text.parse().unwrap()
}

pub async fn three(clock: &Arc<TestClock>) -> Federation {
    let participants = CODES.map(|text| Participant { code: code(text), size: Size::Persons(60) }).to_vec();
    Federation::builder().participants(participants).clock(Arc::<TestClock>::clone(clock)).start().await.unwrap()
}

pub async fn round(federation: &Federation) {
    federation.coordinator().unwrap().witnessing().round().await;
}

pub async fn answered(federation: &Federation, text: &str) {
    let asker = Asker::coordinator(federation, code(text));
    asker.post(sign(&ask_of(federation, code(text), QUESTION), federation.signing_key())).await.logged();
}

pub fn node(federation: &Federation, text: &str) -> Arc<Node> {
    Arc::clone(federation.member(code(text)).unwrap().node().unwrap())
}

pub fn said_heads(federation: &Federation) -> String {
    let mut out = Vec::new();
    heads::print(&federation.coordinator_config().unwrap(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

pub fn command(federation: &Federation, text: &str, arguments: &[&str]) -> anyhow::Result<String> {
    let config = federation.layout().node_config(code(text));
    let mut out = Vec::new();
    let all = ["drempel-node", "--config", config.to_str().unwrap()];
    Cli::try_parse_from(all.iter().chain(arguments))?.run(&mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

/// How far each witness has cosigned a log, by the name of its key, seen with public keys and nothing else.
pub fn cosigned(federation: &Federation, text: &str) -> BTreeMap<String, u64> {
    let log: LogKey = command(federation, text, &["audit", "key"]).unwrap().trim().parse().unwrap();
    let nodes = CODES.map(|text| command(federation, text, &["audit", "witness-key"]).unwrap());
    let coordinator = read_key(&federation.coordinator_config().unwrap()).unwrap().public().to_string();
    let keys: Vec<LogKey> = nodes.iter().chain([&coordinator]).map(|key| key.trim().parse().unwrap()).collect();
    let mut found = BTreeMap::new();
    for kept in node(federation, text).witness().cosigned().unwrap() {
        let signed = SignedCheckpoint::open(&kept.checkpoint, &log).unwrap();
        let keys: Vec<&LogKey> = keys.iter().collect();
        for name in signed.witnesses(&keys).unwrap().into_keys() {
            found.insert(name, signed.checkpoint().size);
        }
    }
    found
}

/// By the coordinator, and by each of the other two in their order, so many records.
pub fn by(text: &str, records: [u64; 3]) -> BTreeMap<String, u64> {
    let others = CODES.into_iter().filter(|other| *other != text);
    let names = others.map(|other| format!("drempel/{other}/getuige"));
    ["drempel/coordinator".to_owned()].into_iter().chain(names).zip(records).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn within_one_round_every_log_is_cosigned_by_the_coordinator_and_two_others() {
    let clock = TestClock::shared();
    let mut federation = three(&clock).await;
    answered(&federation, "GM0014").await;
    let quarter = SignedDuration::from_secs(15 * 60 + 1);
    let late = |federation: &Federation| node(federation, "GM0014").late_witnesses().unwrap();
    assert!(late(&federation).is_empty(), "nobody is late at once");
    clock.advance(quarter);
    assert_eq!(late(&federation), ["Throw-away coordinator", "GM0034", "GM0037"]);
    round(&federation).await;
    assert!(late(&federation).is_empty());
    for text in CODES {
        let records = node(&federation, text).audit().head().size;
        assert_eq!(cosigned(&federation, text), by(text, [records; 3]));
        let said = command(&federation, text, &["audit", "verify"]).unwrap();
        let line = format!("cosigned by Throw-away coordinator: its first {records} records");
        assert!(said.contains(&line) && said.matches("cosigned by ").count() == 3, "{said}");
    }
    let said = said_heads(&federation);
    let head = node(&federation, "GM0014").audit().head();
    assert!(said.contains(&format!("GM0014 cosigned by drempel/GM0034/getuige: {head}")), "{said}");
    assert_eq!(said.matches(" cosigned by ").count(), 9, "{said}");

    // A witness that is down: the others go on, who asks is answered, and it is late.
    federation.stop_node(code("GM0034")).await.unwrap();
    answered(&federation, "GM0014").await;
    clock.advance(quarter);
    round(&federation).await;
    let (before, now) = (head.size, node(&federation, "GM0014").audit().head().size);
    assert!(before < now);
    assert_eq!(cosigned(&federation, "GM0014"), by("GM0014", [now, before, now]));
    assert_eq!(late(&federation), ["GM0034"]);
    let status = Asker::coordinator(&federation, code("GM0014")).get("/v1/status").await.text();
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    assert_eq!((&status["late_witnesses"], &status["log_contradicted"]), (&["GM0034"].into(), &false.into()));
    let checked = command(&federation, "GM0014", &["check"]).unwrap();
    assert!(checked.contains("witness: GM0037: cosigned the first"), "{checked}");
    answered(&federation, "GM0014").await;

    // And it takes up what it knows when it is there again, as does a coordinator.
    federation.start_node(code("GM0034")).await.unwrap();
    federation.restart_coordinator().await.unwrap();
    round(&federation).await;
    let now = node(&federation, "GM0014").audit().head().size;
    assert_eq!(cosigned(&federation, "GM0014"), by("GM0014", [now; 3]));
    assert!(late(&federation).is_empty() && !said_heads(&federation).contains("IS NOT THE LOG"));
    federation.stop().await;
}

fn copy(from: &Path, to: &Path) {
    if to.exists() {
        fs::remove_dir_all(to).unwrap();
    }
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_put_back_and_gone_on_with_is_named_by_each_who_saw_it() {
    let mut federation = three(&TestClock::shared()).await;
    let config = federation.member(code("GM0014")).unwrap().config().clone();
    let backup = federation.folder().join("backup");
    federation.stop_node(code("GM0014")).await.unwrap();
    let files = ["", "-wal", "-shm"].map(|end| format!("{}{end}", config.paths.getuigenis.display()));
    let seen_before = files.each_ref().map(|file| fs::read(file).ok());
    copy(&config.paths.audit, &backup);
    federation.start_node(code("GM0014")).await.unwrap();
    answered(&federation, "GM0014").await;
    round(&federation).await;
    let seen = node(&federation, "GM0014").audit().head();

    // Put back: what was cosigned is beside it, so that the node itself says so and does not start.
    federation.stop_node(code("GM0014")).await.unwrap();
    copy(&backup, &config.paths.audit);
    let error = federation.start_node(code("GM0014")).await.unwrap_err().to_string();
    assert!(
        error.contains("was put back or has two histories") && error.contains(&format!("{} records", seen.size)),
        "{error}"
    );
    let error = command(&federation, "GM0014", &["audit", "verify"]).unwrap_err().to_string();
    assert!(
        error.contains("NOT THE SAME LOG") && error.contains(&format!("has seen {} records", seen.size)),
        "{error}"
    );

    // With everything else put back too nothing on the machine tells.
    for (file, before) in files.iter().zip(seen_before) {
        before.map_or_else(|| fs::remove_file(file).unwrap_or_default(), |before| fs::write(file, before).unwrap());
    }
    federation.start_node(code("GM0014")).await.unwrap();
    for _ in 0..3 {
        answered(&federation, "GM0014").await;
    }
    round(&federation).await;
    let said = said_heads(&federation);
    for witness in ["drempel/coordinator", "drempel/GM0034/getuige", "drempel/GM0037/getuige"] {
        let line =
            said.lines().find(|line| line.contains(&format!("GM0014 IS NOT THE LOG THAT IT WAS, shows {witness}")));
        assert!(line.is_some_and(|line| line.contains(&format!("it had seen {seen}"))), "{witness}: {said}");
    }
    assert_eq!(said.matches("IS NOT THE LOG").count(), 3, "of the others nothing is said: {said}");
    // What they show convinces anybody who has the key of the log: it signed both, and one does not begin with the other.
    let (folder, mut said) = (federation.folder().join("evidence"), Vec::new());
    heads::evidence(&federation.coordinator_config().unwrap(), &folder, &mut said).unwrap();
    let said = String::from_utf8(said).unwrap();
    assert!(said.ends_with("3 disputes, of which 0 are what a witness says and shows nothing for\n"), "{said}");
    let log: LogKey = command(&federation, "GM0014", &["audit", "key"]).unwrap().trim().parse().unwrap();
    let signed = |name: &str| {
        let text = fs::read_to_string(folder.join(name)).unwrap();
        SignedCheckpoint::open(&text, &log).unwrap().checkpoint().head()
    };
    assert!(signed("1-seen.checkpoint") == seen && signed("1-shown.checkpoint") != seen);
    // The node has been shown what it signed, and answers nothing any more; the others go on.
    let contradicted = node(&federation, "GM0014").witness().contradicted().unwrap();
    assert!(contradicted.contains("Throw-away coordinator has seen"), "{contradicted}");
    assert!(cosigned(&federation, "GM0014").is_empty());
    assert_eq!(cosigned(&federation, "GM0034").len(), 3);
    let asked = |text: &str| sign(&ask_of(&federation, code(text), QUESTION), federation.signing_key());
    let reply = Asker::coordinator(&federation, code("GM0014")).post(asked("GM0014")).await;
    assert_eq!(reply.problem().kind, ProblemType::Unavailable);
    answered(&federation, "GM0034").await;
    let said = federation.drempel(&["query", QUESTION, "--purpose", "landelijke-monitor"]).await.unwrap();
    assert_ne!(said.exit, Exit::Ok, "{}", said.err);
    let status = Asker::coordinator(&federation, code("GM0014")).get("/v1/status").await.text();
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    assert_eq!((&status["answering"], &status["log_contradicted"]), (&false.into(), &true.into()));

    // Nor does it start again, and it says why.
    federation.stop_node(code("GM0014")).await.unwrap();
    let error = federation.start_node(code("GM0014")).await.unwrap_err().to_string();
    assert!(
        error.contains("Throw-away coordinator has seen") && error.contains(&format!("{} records", seen.size)),
        "{error}"
    );
    let error = command(&federation, "GM0014", &["audit", "verify"]).unwrap_err().to_string();
    assert!(error.contains("NOT THE SAME LOG") && error.contains("Throw-away coordinator has seen"), "{error}");
    let (file, mut out) = (federation.layout().node_config(code("GM0014")), Vec::new());
    let check = Cli::try_parse_from(["drempel-node", "--config", file.to_str().unwrap(), "check"]).unwrap();
    check.run(&mut out).unwrap_err();
    let said = String::from_utf8(out).unwrap();
    assert!(said.contains("Throw-away coordinator has seen"), "{said}");
    federation.stop().await;
}

async fn offered(asker: &Asker) -> String {
    let reply = asker.get(LOG_PATH).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.text()
}

async fn sent(asker: &Asker, path: &str, body: impl Into<Vec<u8>>) -> Reply {
    asker.send(asker.request(Method::POST, path).body(body.into())).await.unwrap()
}

fn stranger() -> SigningKey {
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    SigningKey::from_pkcs8("drempel/GM0034/getuige", Kind::Witness, pkcs8.as_ref()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_cosignature_is_not_kept_and_what_is_no_log_not_cosigned() {
    let federation = three(&TestClock::shared()).await;
    let [own, other] = ["GM0014", "GM0034"].map(|text| Asker::coordinator(&federation, code(text)));
    let key = |text: &str| node(&federation, text).audit().key().clone();
    let (offer, others) = (offered(&own).await, offered(&other).await);
    let by_stranger = |offer: &str, text: &str, time: Timestamp| {
        Offer::open(offer, &key(text)).unwrap().consider(None).unwrap().cosign(&stranger(), time).unwrap().to_string()
    };
    let now = federation.clock().now();
    for (what, body, kind) in [
        ("nothing", String::new(), ProblemType::Signature),
        ("another key", by_stranger(&offer, "GM0014", now), ProblemType::Signature),
        ("another log", by_stranger(&others, "GM0034", now), ProblemType::Signature),
        ("nobody", Offer::open(&offer, &key("GM0014")).unwrap().checkpoint.to_string(), ProblemType::Signature),
        ("too much", "x".repeat(17 * 1024), ProblemType::TooLarge),
    ] {
        assert_eq!(sent(&own, COSIGNED_PATH, body).await.problem().kind, kind, "{what}");
    }
    assert!(cosigned(&federation, "GM0014").is_empty());

    let relayed =
        |log: &str, offer: &str| serde_json::to_vec(&Relayed { log: key(log), offer: offer.to_owned() }).unwrap();
    for (what, body) in [
        ("nothing", Vec::new()),
        ("no offer", relayed("GM0014", "x")),
        ("signed by another", relayed("GM0014", &others)),
        ("its own", relayed("GM0034", &others)),
    ] {
        assert_eq!(sent(&other, WITNESS_PATH, body).await.problem().kind, ProblemType::Malformed, "{what}");
    }
    for path in ["?sinds=x", "?tot=-1", "?x=1"] {
        assert_eq!(own.get(&format!("{LOG_PATH}{path}")).await.problem().kind, ProblemType::Malformed, "{path}");
    }
    assert_eq!(own.get(&format!("{LOG_PATH}?tot=999")).await.problem().kind, ProblemType::Conflict);
    assert!(node(&federation, "GM0034").witness().cosigned().unwrap().is_empty());
    federation.stop().await;
}

/// As if the witness had been killed after it kept what it saw, before anybody heard of it.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_witness_saw_and_did_not_say_it_cosigns_again() {
    let mut federation = three(&TestClock::shared()).await;
    let asker = Asker::coordinator(&federation, code("GM0014"));
    let offer = offered(&asker).await;
    let log = node(&federation, "GM0014").audit().key().clone();
    let body = serde_json::to_vec(&Relayed { log, offer }).unwrap();
    let witness = Asker::coordinator(&federation, code("GM0034"));
    let unheard: Testimony = serde_json::from_slice(&sent(&witness, WITNESS_PATH, body.clone()).await.body).unwrap();
    assert!(matches!(unheard, Testimony::Cosigned(_)));
    federation.stop_node(code("GM0034")).await.unwrap();
    federation.start_node(code("GM0034")).await.unwrap();
    // It has not forgotten: from the beginning it is not offered again.
    let witness = Asker::coordinator(&federation, code("GM0034"));
    let again: Testimony = serde_json::from_slice(&sent(&witness, WITNESS_PATH, body).await.body).unwrap();
    assert!(matches!(again, Testimony::Refused { .. }), "{again:?}");
    let size = node(&federation, "GM0014").audit().head().size;
    round(&federation).await;
    assert_eq!(cosigned(&federation, "GM0014"), by("GM0014", [size; 3]));
    answered(&federation, "GM0014").await;
    round(&federation).await;
    assert_eq!(cosigned(&federation, "GM0014"), by("GM0014", [size + 2; 3]));
    assert!(!said_heads(&federation).contains("IS NOT THE LOG"));
    federation.stop().await;
}
