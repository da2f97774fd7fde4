use std::{
    collections::BTreeSet,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use drempel_protocols::{cell::Cell, clock::SystemClock, log::LogKey};
use ring::{rand::SystemRandom, signature::KeyPair as _};

use super::*;
use crate::fixture::logged;

/// What a fake node does with the n-th request it gets.
pub(crate) type Behaviour = dyn Fn(&Node, usize) -> Act + Send + Sync;

/// What a fake node does.
pub(crate) enum Act {
    Answer(Cell),
    Fail(LinkError),
    Hang,
    Say(String),
}

/// Nodes without a network: they count requests, keep the bytes, and answer the same cell everywhere.
pub(crate) struct FakeLink {
    behaviour: Box<Behaviour>,
    pub(crate) received: Mutex<Vec<(Gemeentecode, Arc<[u8]>)>>,
    trails: Mutex<Vec<Trail>>,
    cells: usize,
    under_way: AtomicUsize,
    pub(crate) most_under_way: AtomicUsize,
    pub(crate) withdrawn: AtomicUsize,
}

impl FakeLink {
    pub(crate) fn new(cells: usize, behaviour: impl Fn(&Node, usize) -> Act + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            behaviour: Box::new(behaviour),
            received: Mutex::default(),
            trails: Mutex::default(),
            cells,
            under_way: AtomicUsize::new(0),
            most_under_way: AtomicUsize::new(0),
            withdrawn: AtomicUsize::new(0),
        })
    }
}

struct UnderWay<'a>(&'a FakeLink, bool);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::SeqCst);
        if !self.1 {
            self.0.withdrawn.fetch_add(1, Ordering::SeqCst);
        }
    }
}

impl NodeLink for FakeLink {
    fn ask<'a>(&'a self, node: &'a Node, signed: Arc<[u8]>, trail: Trail) -> Reply<'a> {
        Box::pin(async move {
            self.trails.lock().unwrap().push(trail);
            let count = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
            self.most_under_way.fetch_max(count, Ordering::SeqCst);
            let mut guard = UnderWay(self, false);
            let earlier = {
                let mut received = self.received.lock().unwrap();
                received.push((node.gemeente, Arc::clone(&signed)));
                received.iter().filter(|(gemeente, _)| *gemeente == node.gemeente).count() - 1
            };
            tokio::time::sleep(Duration::from_millis(10)).await;
            let reply = match (self.behaviour)(node, earlier) {
                Act::Fail(error) => Err(error),
                Act::Say(text) => Ok(text.into_bytes()),
                Act::Hang => {
                    std::future::pending::<()>().await;
                    Ok(Vec::new())
                }
                Act::Answer(cell) => Ok(reply(&ask_in(&signed), node.gemeente, cell, self.cells)),
            };
            guard.1 = true;
            reply
        })
    }
}

/// The ask inside signed bytes, whoever signed it.
fn ask_in(signed: &[u8]) -> Ask {
    let outer: serde_json::Value = serde_json::from_slice(signed).unwrap();
    serde_json::from_str(outer["ask"].as_str().unwrap()).unwrap()
}

fn reply(ask: &Ask, gemeente: Gemeentecode, cell: Cell, cells: usize) -> Vec<u8> {
    let mut payload = BTreeMap::new();
    if ask.sql.contains("DISTINCT") {
        payload.insert(Measure::Personen, vec![cell; cells]);
    }
    if ask.sql.contains("COUNT(*)") {
        payload.insert(Measure::Aantal, vec![cell; cells]);
    }
    let answer = Answer {
        question: ask.id,
        digest: ask.digest,
        gemeente,
        catalogue: ask.catalogue,
        policy: Digest::of("policy", &[]),
        releases: BTreeMap::new(),
        k: 10,
        round_to: 1,
        payload,
    };
    let (logged, _) = logged(&serde_json::to_string(&answer).unwrap(), ask.id, 1);
    serde_json::to_vec(&logged).unwrap()
}

pub(crate) fn node(number: u16) -> Node {
    Node {
        gemeente: format!("GM{number:04}").parse().unwrap(),
        oin: format!("0000009900000000{number:04}").parse().unwrap(),
        url: format!("https://node-{number}.example"),
        logsleutel: None,
        getuigesleutel: None,
    }
}

pub(crate) fn key() -> Ed25519KeyPair {
    let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap()
}

#[derive(Default)]
struct Heard(Mutex<Vec<(Gemeentecode, State)>>);

impl Progress for Heard {
    fn reached(&self, gemeente: Gemeentecode, state: State) {
        self.0.lock().unwrap().push((gemeente, state));
    }
}

fn asking() -> Arc<Asking> {
    Arc::new(Asking {
        id: QuestionId::at(jiff::Timestamp::UNIX_EPOCH),
        asker: "analist".to_owned(),
        purpose: "landelijke-monitor".parse().unwrap(),
        sql: "SELECT COUNT(*)".to_owned(),
        digest: Digest::of("q", &[]),
        catalogue: Digest::of("c", &[]),
        measures: vec![Measure::Aantal],
        cells: 3,
        trail: Trail { traceparent: Traceparent::begin(), transaction: None },
    })
}

async fn ask(link: &Arc<FakeLink>, nodes: u16, concurrency: usize) -> BTreeMap<Gemeentecode, Outcome> {
    let dispatcher = Arc::new(Dispatcher::new(
        Arc::<FakeLink>::clone(link),
        key(),
        Arc::new(SystemClock),
        concurrency,
        Duration::from_secs(20),
    ));
    dispatcher.ask_all(asking(), (1..=nodes).map(node).collect(), Arc::new(Heard::default())).await
}

async fn ask_one(behaviour: impl Fn(&Node, usize) -> Act + Send + Sync + 'static) -> (Outcome, Arc<FakeLink>) {
    let link = FakeLink::new(3, behaviour);
    let outcome = ask(&link, 1, 8).await.into_values().next().unwrap();
    (outcome, link)
}

#[test]
fn an_answer_that_the_log_of_its_node_does_not_have_is_not_taken() {
    let asking = asking();
    let answer = |value| {
        let payload = [(Measure::Aantal, vec![Cell::Value(value); 3])].into();
        let (id, gemeente) = (asking.id, node(14).gemeente);
        let (digest, catalogue) = (asking.digest, asking.catalogue);
        let releases = BTreeMap::new();
        let policy = Digest::of("policy", &[]);
        let answer =
            Answer { question: id, digest, gemeente, catalogue, policy, releases, k: 10, round_to: 1, payload };
        logged(&serde_json::to_string(&answer).unwrap(), id, 5)
    };
    let (good, key) = answer(10);
    let (other, other_key) = answer(11);
    let taken = |logged: &LoggedAnswer, key: Option<&LogKey>| {
        let node = Node { logsleutel: key.cloned(), ..node(14) };
        check::answer(&serde_json::to_vec(logged).unwrap(), &asking, &node).map(|(_, logged)| logged)
    };
    assert_eq!(taken(&good, Some(&key)).as_ref(), Ok(&good));
    assert_eq!(taken(&good, None).as_ref(), Ok(&good));
    assert!(matches!(taken(&good, Some(&other_key)), Err(Unusable::Unlogged(_))));
    let of_another = LoggedAnswer { answer: other.answer, ..good.clone() };
    assert!(matches!(taken(&of_another, None), Err(Unusable::Unlogged(_))));
    let unproved = LoggedAnswer { proof: other.proof, ..good };
    assert!(matches!(taken(&unproved, Some(&key)), Err(Unusable::Unlogged(_))));
}

#[tokio::test(start_paused = true)]
async fn each_gemeente_has_its_own_outcome() {
    let link = FakeLink::new(3, |node, _| match node.gemeente.to_string().as_str() {
        "GM0001" => Act::Answer(Cell::Hidden),
        "GM0002" => Act::Hang,
        "GM0003" => Act::Fail(LinkError::Refused("declined".to_owned())),
        _ => Act::Fail(LinkError::Unreachable("connection refused".to_owned())),
    });
    let states: Vec<State> = ask(&link, 4, 8).await.values().map(Outcome::state).collect();
    assert_eq!(states, [State::Geantwoord, State::TeLaat, State::Geweigerd, State::Onbereikbaar]);
}

#[tokio::test(start_paused = true)]
async fn one_retry_with_the_very_same_bytes() {
    let (outcome, link) = ask_one(|_, earlier| match earlier {
        0 => Act::Fail(LinkError::Unreachable("reset".to_owned())),
        _ => Act::Answer(Cell::Value(12)),
    })
    .await;
    assert_eq!(outcome.state(), State::Geantwoord);
    let received = link.received.lock().unwrap();
    assert_eq!(received.len(), 2);
    assert_eq!(received[0].1, received[1].1);
}

#[tokio::test(start_paused = true)]
async fn each_node_is_a_step_of_the_trace_and_each_request_a_transaction() {
    let link = FakeLink::new(3, |_, earlier| match earlier {
        0 => Act::Fail(LinkError::Unreachable("reset".to_owned())),
        _ => Act::Answer(Cell::Value(12)),
    });
    let dispatcher = Arc::new(Dispatcher::new(
        Arc::<FakeLink>::clone(&link),
        key(),
        Arc::new(SystemClock),
        1,
        Duration::from_secs(20),
    ));
    let asked = asking();
    let nodes = || (1..=2).map(node).collect();
    dispatcher.ask_all(Arc::clone(&asked), nodes(), Arc::new(Heard::default())).await;
    let trails = std::mem::take(&mut *link.trails.lock().unwrap());
    let parent = asked.trail.traceparent.unwrap();
    assert!(trails.iter().all(|trail| trail.traceparent.unwrap().trace() == parent.trace()));
    let spans: BTreeSet<_> = trails.iter().map(|trail| trail.traceparent.unwrap().span()).collect();
    assert!(spans.len() == 2 && !spans.contains(&parent.span()), "one for each node, on a second try too");
    let transactions: BTreeSet<_> = trails.iter().map(|trail| trail.transaction.unwrap().to_string()).collect();
    assert_eq!((trails.len(), transactions.len()), (4, 4));

    // What an outway said of the request goes on to every node.
    let trail = Trail { transaction: trails[0].transaction, traceparent: None };
    let asked = Arc::new(Asking { trail, ..asked.as_ref().clone() });
    dispatcher.ask_all(asked, nodes(), Arc::new(Heard::default())).await;
    assert!(link.trails.lock().unwrap().iter().all(|sent| *sent == trail));
}

#[tokio::test(start_paused = true)]
async fn no_more_than_one_retry_and_none_after_a_refusal() {
    let (outcome, link) = ask_one(|_, _| Act::Fail(LinkError::Unavailable("503".to_owned()))).await;
    assert_eq!(outcome, Outcome::Unreachable("503".to_owned()));
    assert_eq!(link.received.lock().unwrap().len(), 2);
    let (outcome, link) = ask_one(|_, _| Act::Fail(LinkError::Refused("no".to_owned()))).await;
    assert_eq!(outcome, Outcome::Refused("no".to_owned()));
    assert_eq!(link.received.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn never_more_at_a_time_than_allowed() {
    let link = FakeLink::new(3, |_, _| Act::Answer(Cell::Value(10)));
    let outcomes = ask(&link, 40, 4).await;
    assert_eq!(outcomes.values().filter(|outcome| outcome.state() == State::Geantwoord).count(), 40);
    assert_eq!(link.most_under_way.load(Ordering::SeqCst), 4);
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_a_place_too_long_is_late_and_never_asked() {
    assert!(WHOLE < LIFE.unsigned_abs());
    let link = FakeLink::new(3, |_, _| Act::Hang);
    let begin = Instant::now();
    let outcomes = ask(&link, 40, 1).await;
    assert!(begin.elapsed() <= WHOLE + Duration::from_secs(1), "{:?}", begin.elapsed());
    assert!(outcomes.values().all(|outcome| outcome.state() == State::TeLaat));
    assert!(link.received.lock().unwrap().len() < 15);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_fit_is_not_used() {
    let other = Ask {
        id: QuestionId::at(jiff::Timestamp::UNIX_EPOCH),
        recipient: node(1).oin,
        asker: String::new(),
        purpose: "p".parse().unwrap(),
        sql: "COUNT(*)".to_owned(),
        digest: Digest::of("q", &[]),
        catalogue: Digest::of("c", &[]),
        issued: jiff::Timestamp::UNIX_EPOCH,
        expires: jiff::Timestamp::UNIX_EPOCH,
    };
    let say = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let another_question = say(reply(&other, node(1).gemeente, Cell::Hidden, 3));
    let mut seen = BTreeSet::new();
    for text in [String::new(), "{}".to_owned(), another_question] {
        let (outcome, _) = ask_one(move |_, _| Act::Say(text.clone())).await;
        assert_eq!(outcome.state(), State::Onbereikbaar);
        seen.insert(outcome.reason().unwrap().to_owned());
    }
    assert_eq!(seen.len(), 2);

    let asking = Asking { id: other.id, ..asking().as_ref().clone() };
    let body = |gemeente, cell, cells| reply(&other, gemeente, cell, cells);
    let here = node(1).gemeente;
    let check = |body: Vec<u8>| check::answer(&body, &asking, &node(1)).map(|_| ());
    assert_eq!(check(body(here, Cell::Hidden, 3)), Ok(()));
    assert_eq!(check(body(here, Cell::Hidden, 4)), Err(Unusable::Cells));
    assert_eq!(check(body(node(2).gemeente, Cell::Hidden, 3)), Err(Unusable::Gemeente));
    assert_eq!(check(body(here, Cell::Value(u64::MAX), 3)), Err(Unusable::Count));
    let elsewhere = Ask { catalogue: Digest::of("d", &[]), ..other.clone() };
    assert_eq!(check(reply(&elsewhere, here, Cell::Hidden, 3)), Err(Unusable::Catalogue));
}

#[tokio::test(start_paused = true)]
async fn dropping_the_question_withdraws_what_is_under_way() {
    let link = FakeLink::new(3, |_, _| Act::Hang);
    let whole = tokio::spawn({
        let link = Arc::clone(&link);
        async move { ask(&link, 5, 8).await }
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    whole.abort();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(link.withdrawn.load(Ordering::SeqCst), 5);
}

#[test]
fn each_node_gets_a_question_signed_for_it_alone() {
    let key = key();
    let public = key.public_key().as_ref().to_vec();
    let dispatcher =
        Dispatcher::new(FakeLink::new(3, |_, _| Act::Hang), key, Arc::new(SystemClock), 1, Duration::from_secs(1));
    let bytes = dispatcher.sign(&asking(), &node(1)).unwrap();
    let signed: SignedAsk = serde_json::from_slice(&bytes).unwrap();
    let now = SystemClock.now();
    assert!(signed.open(&public, &node(1).oin, now).is_ok());
    assert!(signed.open(&public, &node(2).oin, now).is_err());
}
