//! What the tests of this crate share: the registered catalogue, and a coordinator over nodes without a network.

use std::{
    collections::BTreeSet,
    path::Path,
    sync::{Arc, LazyLock},
    time::Duration,
};

use drempel_protocols::{
    answer::LoggedAnswer,
    catalogue::{Catalogue, SignedBundle},
    clock::SystemClock,
    id::QuestionId,
    log::{Kind, LogKey, LogProof, SignedCheckpoint, SigningKey, Tree, TreeHash},
    transport::IdentitySource,
};
use ring::{rand::SystemRandom, signature::Ed25519KeyPair};

use crate::{
    auth::{Analyst, Analysts, TokenHash},
    dispatch::{
        Dispatcher,
        tests::{FakeLink, key, node},
    },
    http::App,
    jobs::{Jobs, Store},
    registry::Registry,
};

static CATALOGUE: LazyLock<Arc<Catalogue>> = LazyLock::new(|| {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../config/catalogus"));
    Arc::new(Catalogue::from_bundle(SignedBundle::read(folder).unwrap().bundle()).unwrap())
});

/// The registered catalogue.
pub(crate) fn catalogue() -> Arc<Catalogue> {
    Arc::clone(&CATALOGUE)
}

/// An analyst with a purpose.
pub(crate) fn analyst(name: &str, purpose: &str) -> Analyst {
    Analyst { name: name.to_owned(), purposes: BTreeSet::from([purpose.parse().unwrap()]) }
}

/// An answer to a question as a node would have logged it after so many other records, and the key of that log.
pub(crate) fn logged(answer: &str, question: QuestionId, before: u64) -> (LoggedAnswer, LogKey) {
    let digest = LoggedAnswer::digest("00", answer);
    let outcome = serde_json::json!({ "result": "answered", "answer": digest });
    let event = serde_json::json!({ "kind": "outcome", "intent": before, "question": question, "outcome": outcome });
    let record = serde_json::json!({ "sequence": before + 1, "salt": "00", "event": event }).to_string();
    let mut tree = Tree::default();
    for number in 0..before {
        tree.push(TreeHash::of_record(&number.to_be_bytes()));
    }
    tree.push(TreeHash::of_record(record.as_bytes()));
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    let key = SigningKey::from_pkcs8("drempel/GM0014", Kind::Log, pkcs8.as_ref()).unwrap();
    let size = before + 1;
    let inclusion = tree.inclusion(before, size).unwrap();
    let checkpoint = SignedCheckpoint::sign(size, tree.root(size).unwrap(), &key).unwrap();
    let proof = LogProof { inclusion, checkpoint }.to_string();
    (LoggedAnswer { answer: answer.to_owned(), salt: "00".to_owned(), record, proof }, key.public().clone())
}

/// A coordinator of Groningen, Almere and Stadskanaal, with the analysts "anna" (landelijke-monitor) and "bram"
/// (regionale-inkoop), whose tokens are their names; each may have two questions under way.
pub(crate) fn app(link: &Arc<FakeLink>) -> Arc<App> {
    let registry = Arc::new(Registry::new([14, 34, 37].map(node)));
    let clock = Arc::new(SystemClock);
    let dispatcher = Arc::new(Dispatcher::new(
        Arc::<FakeLink>::clone(link),
        key(),
        Arc::<SystemClock>::clone(&clock),
        8,
        Duration::from_secs(1),
    ));
    let store = Store::in_memory().unwrap();
    let jobs = Arc::new(Jobs::new(catalogue(), Arc::clone(&registry), dispatcher, clock, store, 2));
    let mut analysts = Analysts::default();
    analysts.add(analyst("anna", "landelijke-monitor"), None, Some(TokenHash::of("anna")));
    analysts.add(analyst("bram", "regionale-inkoop"), None, Some(TokenHash::of("bram")));
    Arc::new(App {
        catalogue: catalogue(),
        registry,
        jobs,
        analysts,
        identity: IdentitySource::default(),
        patience: Duration::from_secs(10),
    })
}
