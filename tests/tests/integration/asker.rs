//! Asks a node directly, as a coordinator does or as one would that means harm: the builder of questions that tests
//! bend, the client, and what came back, byte for byte.

use std::{collections::BTreeMap, path::Path, time::Duration};

use drempel_node::audit::{Entry, Event, Intent, Outcome, verify};
use drempel_protocols::{
    answer::{Answer, LoggedAnswer},
    catalogue::Catalogue,
    id::{Gemeentecode, Oin, PurposeId, QuestionId},
    log::LogProof,
    message::{ASK_PATH, Ask, LIFE, SignedAsk},
    problem::Problem,
    sql,
};
use drempel_tests::{
    authority::{Authority, Issued, tls},
    federation::{Federation, FederationBuilder},
    participants::{self, Participant},
    synthetic::Size,
};
use jiff::Timestamp;
use ring::signature::Ed25519KeyPair;
use rustls::ClientConfig;

/// A question that every node answers, and that differs between gemeenten.
pub const QUESTION: &str = "SELECT hoofdgroep, levensfase, COUNT(DISTINCT persoon), COUNT(*) FROM jeugdhulp \
                            WHERE periode = '2025H2' GROUP BY hoofdgroep, levensfase";

/// A small federation of the first of these gemeenten.
pub fn small(gemeenten: usize) -> FederationBuilder {
    let participants =
        ["GM0014", "GM0034"].map(|code| Participant { code: code.parse().unwrap(), size: Size::Persons(150) });
    Federation::builder().participants(participants[..gemeenten].to_vec())
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    /// All but the date.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The problem, which must be in order in itself.
    pub fn problem(&self) -> Problem {
        let problem: Problem = serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}, status {}: {}", self.status, self.text()));
        assert_eq!(self.headers.get("content-type").map(String::as_str), Some("application/problem+json"));
        assert_eq!((problem.status, problem.kind.status()), (self.status, self.status));
        problem
    }

    pub fn logged(&self) -> LoggedAnswer {
        assert_eq!(self.status, 200, "{}", self.text());
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn answer(&self) -> Answer {
        serde_json::from_str(&self.logged().answer).unwrap()
    }
}

/// A client of one server.
#[derive(Clone)]
pub struct Asker {
    client: reqwest::Client,
    url: String,
}

impl Asker {
    pub fn new(url: String, mut tls: ClientConfig) -> Self {
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .https_only(true)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(60))
            .build()
            .unwrap();
        Self { client, url }
    }

    /// With a certificate of this authority, TLS 1.3.
    pub fn with(url: String, authority: &Authority, identity: &Issued) -> Self {
        Self::new(url, tls(&authority.root(), Some(identity), &[&rustls::version::TLS13]).unwrap())
    }

    /// As the coordinator of a federation.
    pub fn coordinator(federation: &Federation, code: Gemeentecode) -> Self {
        let issued = federation.authority().issue(&participants::coordinator_oin().unwrap(), 50_000).unwrap();
        Self::with(federation.member(code).unwrap().url(), federation.authority(), &issued)
    }

    pub async fn send(&self, request: reqwest::RequestBuilder) -> Result<Reply, reqwest::Error> {
        let response = request.send().await?;
        let headers = response
            .headers()
            .iter()
            .filter(|(name, _)| *name != "date")
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        Ok(Reply { status: response.status().as_u16(), headers, body: response.bytes().await?.to_vec() })
    }

    pub fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    /// Sends bytes as a question.
    pub async fn try_post(&self, body: impl Into<Vec<u8>>) -> Result<Reply, reqwest::Error> {
        let request = self.request(reqwest::Method::POST, ASK_PATH).header("content-type", "application/json");
        self.send(request.body(body.into())).await
    }

    pub async fn post(&self, body: impl Into<Vec<u8>>) -> Reply {
        self.try_post(body).await.unwrap()
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request(reqwest::Method::GET, path)).await.unwrap()
    }
}

pub fn purpose() -> PurposeId {
    Federation::purpose().unwrap()
}

/// An honest question to one node, in canonical text.
pub fn ask(catalogue: &Catalogue, recipient: &Oin, now: Timestamp, text: &str) -> Ask {
    let (question, _) =
        sql::read(text, catalogue, &purpose()).unwrap_or_else(|refusals| panic!("{text}: {refusals:?}"));
    Ask {
        id: QuestionId::at(now),
        recipient: recipient.clone(),
        asker: "an analyst".to_owned(),
        purpose: purpose(),
        sql: sql::render(&question),
        digest: sql::digest(&question),
        catalogue: catalogue.digest(),
        issued: now,
        expires: now + LIFE,
    }
}

/// An honest question to a gemeente of a federation.
pub fn ask_of(federation: &Federation, code: Gemeentecode, text: &str) -> Ask {
    let recipient = &federation.member(code).unwrap().config().oin;
    ask(federation.catalogue(), recipient, federation.clock().now(), text)
}

/// The bytes to send.
pub fn sign(ask: &Ask, key: &Ed25519KeyPair) -> Vec<u8> {
    serde_json::to_vec(&SignedAsk::sign(ask, key).unwrap()).unwrap()
}

/// Every record of a log that is whole.
pub fn records(folder: &Path) -> Vec<Record> {
    let mut records = Vec::new();
    verify(folder, |logged| {
        let (json, answer) = (logged.json.to_owned(), logged.answer.map(|answer| answer.text.to_owned()));
        records.push(Record { entry: logged.entry.clone(), json, answer });
    })
    .unwrap()
    .unwrap();
    records
}

/// A record of a log, with the answer that stands beside it.
pub struct Record {
    pub entry: Entry,
    pub json: String,
    pub answer: Option<String>,
}

pub fn records_of(federation: &Federation, code: Gemeentecode) -> Vec<Record> {
    records(&federation.member(code).unwrap().config().paths.audit)
}

pub fn intents(records: &[Record]) -> Vec<&Intent> {
    records
        .iter()
        .filter_map(|record| match &record.entry.event {
            Event::Intent(intent) => Some(&**intent),
            _ => None,
        })
        .collect()
}

/// Every intent has exactly one outcome, after it.
pub fn assert_no_intent_without_outcome(records: &[Record]) {
    let mut open = BTreeMap::new();
    for Record { entry, .. } in records {
        match &entry.event {
            Event::Intent(intent) => assert!(open.insert(entry.sequence, intent.question).is_none()),
            Event::Outcome { intent, question, .. } => assert_eq!(open.remove(intent), Some(*question)),
            _ => {}
        }
    }
    assert!(open.is_empty(), "intents without an outcome: {open:?}");
}

/// What a node sent stands in its log, byte for byte, beside the record that it sent.
pub fn assert_logged(records: &[Record], logged: &LoggedAnswer) {
    let record = records.iter().find(|record| record.json == logged.record).expect("a record of the log");
    assert!(matches!(record.entry.event, Event::Outcome { outcome: Outcome::Answered { .. }, .. }));
    assert_eq!(record.answer.as_ref(), Some(&logged.answer));
    assert!(LogProof::says(&logged.proof).is_some_and(|head| head.size >= record.entry.sequence));
}
