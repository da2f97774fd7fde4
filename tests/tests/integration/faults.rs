//! What happens when something fails: a gemeente that is down, a question that is withdrawn, a node that is killed in
//! the middle of questions. Nothing is silently missing, nothing leaves unlogged, and the log is whole afterwards.

use std::{
    collections::BTreeSet,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use drempel_coordinator::{AnswerDocument, cli::Exit, document::Shown};
use drempel_node::audit::{Event, Outcome, verify};
use drempel_protocols::id::Gemeentecode;
use drempel_tests::{
    federation::{Federation, Layout},
    participants::Participant,
    synthetic::Size,
};

const PER_GEMEENTE: &str =
    "SELECT gemeente, COUNT(DISTINCT persoon) AS jeugdigen FROM jeugdhulp WHERE periode = '2025H2' GROUP BY gemeente";
const TOTAL: &str = "SELECT COUNT(DISTINCT persoon) AS jeugdigen FROM jeugdhulp WHERE periode = '2025H2'";

fn gemeente(code: &str, persons: usize) -> Participant {
    Participant { code: code.parse().unwrap(), size: Size::Persons(persons) }
}

async fn three() -> Federation {
    let participants = vec![gemeente("GM0014", 200), gemeente("GM0034", 200), gemeente("GM0037", 200)];
    Federation::builder().participants(participants).node_seconds(10).start().await.unwrap()
}

fn value(answer: &AnswerDocument, row: usize) -> Shown {
    answer.rows[row].measure("jeugdigen")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_gemeente_is_named_and_sums_become_lower_bounds() {
    let mut federation = three().await;
    let code: Gemeentecode = "GM0034".parse().unwrap();
    let whole = federation.query(TOTAL).await.unwrap();
    let Shown::Value(all) = value(&whole, 0) else { panic!("{whole:?}") };
    federation.stop_node(code).await.unwrap();

    let said = federation.drempel(&["query", TOTAL, "--purpose", "landelijke-monitor"]).await.unwrap();
    assert_eq!(said.exit, Exit::Incomplete);
    assert!(said.err.contains("GM0034"), "{}", said.err);
    assert_eq!(said.out, "", "no figures without --partial");

    let partial = ["query", TOTAL, "--purpose", "landelijke-monitor", "--partial", "--format", "json"];
    let said = federation.drempel(&partial).await.unwrap();
    assert_eq!(said.exit, Exit::Ok, "{}", said.err);
    let answer: AnswerDocument = serde_json::from_str(&said.out).unwrap();
    let json: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(json["coverage"]["unreachable"][0]["gemeente"], "GM0034");
    assert!(json["coverage"]["unreachable"][0]["reason"].as_str().is_some_and(|reason| !reason.is_empty()));
    assert_eq!(json["coverage"]["asked"].as_array().unwrap().len(), 3);
    assert_eq!(json["coverage"]["answered"].as_array().unwrap().len(), 2);
    let Shown::AtLeast(bound) = value(&answer, 0) else { panic!("{answer:?}") };
    assert!(0 < bound && bound < all);

    let rows = ["query", PER_GEMEENTE, "--purpose", "landelijke-monitor", "--partial", "--format", "json"];
    let said = federation.drempel(&rows).await.unwrap();
    let answer: AnswerDocument = serde_json::from_str(&said.out).unwrap();
    assert_eq!(value(&answer, 1), Shown::NoAnswer, "the row is there and says that no answer came");

    federation.start_node(code).await.unwrap();
    let again = federation.query(TOTAL).await.unwrap();
    assert_eq!(value(&again, 0), Shown::Value(all));
    federation.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_stops_the_work_at_the_nodes_and_is_logged_there() {
    let federation = three().await;
    let node = Arc::clone(federation.member("GM0014".parse().unwrap()).unwrap().node().unwrap());
    let pause = node.engine().pause().await;
    let before = node.audit().head().size;

    let client = analyst(&federation);
    let url = format!("{}/v1/bevragingen", federation.url());
    let body = serde_json::json!({ "vraag": TOTAL, "doel": "landelijke-monitor" });
    let made =
        client.post(&url).body(body.to_string()).header("content-type", "application/json").send().await.unwrap();
    assert_eq!(made.status(), 202);
    let location = made.headers()["location"].to_str().unwrap().to_owned();
    let job = if location.starts_with("http") { location } else { format!("{}{location}", federation.url()) };
    eventually("the intent is logged", || node.audit().head().size > before).await;

    assert!(client.delete(&job).send().await.unwrap().status().is_success());
    eventually("the withdrawal is logged", || node.audit().head().size > before + 1).await;
    eventually("nobody waits to be counted", || node.engine().waiting() == 0).await;
    drop(pause);
    let state: serde_json::Value = client.get(&job).send().await.unwrap().json().await.unwrap();
    assert_eq!(state["status"], "geannuleerd");
    let mut outcomes = Vec::new();
    verify(&node_audit(federation.layout(), "GM0014"), |logged| {
        if let Event::Outcome { outcome, .. } = &logged.entry.event {
            outcomes.push(outcome.clone());
        }
    })
    .unwrap()
    .unwrap();
    assert_eq!(outcomes.last(), Some(&Outcome::Cancelled));
    federation.stop().await;
}

/// A node as a process of its own, to be killed.
struct Process(Child);

impl Process {
    fn start(layout: &Layout, code: &str) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_knoop"))
            .arg("--config")
            .arg(layout.node_config(code.parse().unwrap()))
            .arg("serve")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self(child)
    }

    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Ok(None) = self.0.try_wait() {
            self.kill();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_killed_during_questions_has_logged_every_answer_that_left() {
    let code = "GM0014";
    let mut federation =
        Federation::builder().participants(vec![gemeente(code, 200)]).node_seconds(5).start().await.unwrap();
    federation.stop_node(code.parse().unwrap()).await.unwrap();
    let federation = Arc::new(federation);
    let audit = node_audit(federation.layout(), code);
    let mut answers = 0;
    for round in 0..6u64 {
        let mut process = Process::start(federation.layout(), code);
        let stop = Arc::new(AtomicBool::new(false));
        let askers: Vec<_> = (0..4)
            .map(|_| {
                let (federation, stop) = (Arc::clone(&federation), Arc::clone(&stop));
                tokio::spawn(async move {
                    let mut answered = 0u64;
                    while !stop.load(Ordering::Relaxed) {
                        match federation.query(PER_GEMEENTE).await {
                            Ok(_) => answered += 1,
                            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                        }
                    }
                    answered
                })
            })
            .collect();
        eventually("the node answers", || answered_in_log(&audit).len() > answers).await;
        tokio::time::sleep(Duration::from_millis(37 * (round + 1))).await;
        process.kill();
        stop.store(true, Ordering::Relaxed);
        let mut told = 0;
        for asker in askers {
            told += asker.await.unwrap();
        }
        let logged = answered_in_log(&audit);
        assert!(logged.len() - answers >= usize::try_from(told).unwrap(), "an answer left that the log does not have");
        answers = logged.len();
    }
    // The coordinator keeps the place in the node's log of every answer it got; each is there.
    let federation = Arc::into_inner(federation).unwrap();
    let mut federation = federation;
    federation.start_node(code.parse().unwrap()).await.unwrap();
    let mut unfinished = BTreeSet::new();
    verify(&audit, |logged| match &logged.entry.event {
        Event::Intent(_) => {
            unfinished.insert(logged.entry.sequence);
        }
        Event::Outcome { intent, .. } => {
            unfinished.remove(intent);
        }
        _ => {}
    })
    .unwrap()
    .unwrap();
    assert_eq!(unfinished, BTreeSet::new(), "after a restart every intent has an outcome");
    federation.stop().await;
}

/// The answers in a log that may be cut short by a kill.
fn answered_in_log(audit: &std::path::Path) -> Vec<u64> {
    let mut answered = Vec::new();
    let found = verify(audit, |logged| {
        if matches!(&logged.entry.event, Event::Outcome { outcome: Outcome::Answered { .. }, .. }) {
            answered.push(logged.entry.sequence);
        }
    });
    assert!(found.as_ref().unwrap().is_ok(), "{found:?}");
    answered
}

fn node_audit(layout: &Layout, code: &str) -> std::path::PathBuf {
    layout.node(code.parse().unwrap()).join("audit")
}

fn analyst(federation: &Federation) -> reqwest::Client {
    let tls =
        drempel_protocols::transport::Credentials::anonymous_client(&federation.layout().analyst_roots()).unwrap();
    let token = std::fs::read_to_string(federation.layout().analyst_token()).unwrap();
    let mut headers = reqwest::header::HeaderMap::new();
    headers.insert("authorization", format!("Bearer {token}").parse().unwrap());
    reqwest::Client::builder().tls_backend_preconfigured(tls).default_headers(headers).build().unwrap()
}

async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..600 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never: {what}");
}
