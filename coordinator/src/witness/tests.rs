use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use drempel_protocols::{
    clock::SystemClock,
    id::Gemeentecode,
    log::{Consistency, Kind, Tree, TreeHash, log_name, witness_name},
};
use ring::{rand::SystemRandom, signature::Ed25519KeyPair};

use super::*;
use crate::{dispatch::Reply, jobs::Store};

/// A node without a network.
struct FakeNode {
    log: SigningKey,
    tree: Tree,
    witness: SigningKey,
    seen: BTreeMap<String, Seen>,
    /// What it was brought, in their order.
    given: Vec<String>,
    /// Whether it shows as a witness what it saw.
    shows: bool,
    /// What it says in place of what a witness would.
    says: Option<Testimony>,
}

#[derive(Default)]
struct FakeLogs {
    nodes: Mutex<BTreeMap<Gemeentecode, FakeNode>>,
    down: Mutex<BTreeSet<Gemeentecode>>,
}

impl FakeLogs {
    fn with<T>(&self, node: &Node, work: impl FnOnce(&mut FakeNode) -> T) -> Result<T, LinkError> {
        if self.down.lock().unwrap().contains(&node.gemeente) {
            return Err(LinkError::Unreachable("connection refused".to_owned()));
        }
        Ok(work(self.nodes.lock().unwrap().get_mut(&node.gemeente).unwrap()))
    }

    fn change<T>(&self, code: &str, work: impl FnOnce(&mut FakeNode) -> T) -> T {
        work(self.nodes.lock().unwrap().get_mut(&code.parse().unwrap()).unwrap())
    }
}

impl LogLink for FakeLogs {
    fn offer<'a>(&'a self, node: &'a Node, since: u64, until: Option<u64>) -> Reply<'a> {
        Box::pin(async move {
            self.with(node, |of| {
                let size = until.unwrap_or(of.tree.size());
                let checkpoint = SignedCheckpoint::sign(size, of.tree.root(size).unwrap(), &of.log).unwrap();
                let proof = of.tree.consistency(since, size).unwrap_or(Consistency(Vec::new()));
                Offer { old: since, proof, checkpoint }.to_string().into_bytes()
            })
        })
    }

    fn testify<'a>(&'a self, node: &'a Node, relayed: Vec<u8>) -> Reply<'a> {
        Box::pin(async move {
            self.with(node, |of| {
                let relayed: Relayed = serde_json::from_slice(&relayed).unwrap();
                let seen = of.seen.get(relayed.log.name());
                let said = match relayed.weigh(seen).unwrap() {
                    Ok(witnessed) => {
                        let cosigned = witnessed.cosign(&of.witness, SystemClock.now()).unwrap().to_string();
                        let kept = Seen::open(relayed.log.clone(), &cosigned).unwrap();
                        of.seen.insert(relayed.log.name().to_owned(), kept);
                        Testimony::Cosigned(cosigned)
                    }
                    Err(why) => Testimony::Refused { why, seen: of.shows.then(|| seen.map(text_of)).flatten() },
                };
                serde_json::to_vec(of.says.as_ref().unwrap_or(&said)).unwrap()
            })
        })
    }

    fn cosigned<'a>(&'a self, node: &'a Node, checkpoint: String) -> Reply<'a> {
        Box::pin(async move { self.with(node, |of| of.given.push(checkpoint)).map(|()| Vec::new()) })
    }
}

fn key(name: &str, kind: Kind) -> SigningKey {
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    SigningKey::from_pkcs8(name, kind, pkcs8.as_ref()).unwrap()
}

fn text_of(seen: &Seen) -> String {
    seen.checkpoint().to_string()
}

fn push(tree: &mut Tree, records: &[&str]) {
    records.iter().for_each(|record| tree.push(TreeHash::of_record(record.as_bytes())));
}

/// Three nodes, and a coordinator that can be started again over the same file.
struct Federation {
    link: Arc<FakeLogs>,
    registry: Arc<Registry>,
    path: PathBuf,
    folder: tempfile::TempDir,
}

const CODES: [&str; 3] = ["GM0014", "GM0034", "GM0037"];

impl Federation {
    fn new() -> Self {
        let (link, folder) = (Arc::new(FakeLogs::default()), tempfile::tempdir().unwrap());
        let nodes = CODES.map(|code| {
            let gemeente = code.parse().unwrap();
            let (log, witness) = (key(&log_name(gemeente), Kind::Log), key(&witness_name(gemeente), Kind::Witness));
            let mut tree = Tree::default();
            push(&mut tree, &["opened", "asked"]);
            let node = Node {
                gemeente,
                oin: "00000099000000001014".parse().unwrap(),
                url: String::new(),
                logsleutel: Some(log.public().clone()),
                getuigesleutel: Some(witness.public().clone().try_into().unwrap()),
            };
            let fake =
                FakeNode { log, tree, witness, seen: BTreeMap::new(), given: Vec::new(), shows: true, says: None };
            link.nodes.lock().unwrap().insert(gemeente, fake);
            node
        });
        let path = folder.path().join("bevragingen.sqlite");
        drop(Store::open(&path).unwrap());
        Self { link, registry: Arc::new(Registry::new(nodes)), path, folder }
    }

    fn start(&self) -> Arc<Witnessing> {
        let (link, registry) = (Arc::<FakeLogs>::clone(&self.link), Arc::clone(&self.registry));
        let store = Sightings::open(&self.path).unwrap();
        Witnessing::new(link, registry, SystemClock::shared(), self.key_of(&store), store)
    }

    fn key_of(&self, store: &Sightings) -> SigningKey {
        key_of(store, &self.key_file(""), "drempel/coordinator").unwrap()
    }

    fn key(&self) -> LogKey {
        self.key_of(&Sightings::open(&self.path).unwrap()).public().clone()
    }

    fn key_file(&self, end: &str) -> PathBuf {
        self.folder.path().join(format!("getuige.pk8{end}"))
    }

    /// The store is lost; the key is not.
    fn lose(&self) {
        for end in ["", "-wal", "-shm"] {
            std::fs::remove_file(format!("{}{end}", self.path.display())).unwrap_or_default();
        }
        drop(Store::open(&self.path).unwrap());
    }

    async fn round(&self) -> Report {
        self.start().round().await;
        Sightings::report(&self.path).unwrap()
    }

    /// Who cosigned what a node was brought last, of how many records.
    fn brought(&self, code: &str) -> (u64, Vec<String>) {
        let node = self.registry.node(code.parse().unwrap()).unwrap();
        let log = node.logsleutel.clone().unwrap();
        let text = self.link.change(code, |of| of.given.last().cloned()).unwrap();
        let keys: Vec<LogKey> = self.registry.nodes().map(|node| node.getuigesleutel.clone().unwrap().into()).collect();
        let coordinator = self.key();
        let keys: Vec<&LogKey> = keys.iter().chain([&coordinator]).collect();
        let signed = SignedCheckpoint::open(&text, &log).unwrap();
        (signed.checkpoint().size, signed.witnesses(&keys).unwrap().into_keys().collect())
    }
}

fn said(report: &Report) -> Vec<(&str, &str, Unwitnessed)> {
    report.disputes.iter().map(|said| (said.log.as_str(), said.witness.as_str(), said.why)).collect()
}

#[tokio::test]
async fn one_round_brings_each_log_back_cosigned_by_three() {
    let federation = Federation::new();
    let report = federation.round().await;
    let by = |others: [&str; 2]| {
        let others = others.map(|code| witness_name(code.parse().unwrap()));
        [others.as_slice(), &["drempel/coordinator".to_owned()]].concat()
    };
    assert_eq!(federation.brought("GM0014"), (2, by(["GM0034", "GM0037"])));
    assert_eq!(federation.brought("GM0034"), (2, by(["GM0014", "GM0037"])));
    assert_eq!((report.cosigned.len(), said(&report)), (9, Vec::new()));
    // A restart forgets nothing, a log that went on is cosigned on, and one that did not again.
    federation.link.change("GM0014", |of| push(&mut of.tree, &["answered"]));
    let report = federation.round().await;
    assert_eq!(federation.brought("GM0014"), (3, by(["GM0034", "GM0037"])));
    assert_eq!(federation.brought("GM0034"), (2, by(["GM0014", "GM0037"])));
    assert_eq!(said(&report), []);
    assert_eq!(federation.link.change("GM0014", |of| of.given.len()), 2);
}

#[tokio::test]
async fn a_witness_that_saw_more_or_less_is_met_where_it_is() {
    let federation = Federation::new();
    federation.round().await;
    // One that lost what it saw is another witness, and counts once its key is known.
    let witness = key(&witness_name("GM0034".parse().unwrap()), Kind::Witness);
    let known = witness.public().clone();
    federation.link.change("GM0034", |of| {
        of.seen.clear();
        of.witness = witness;
    });
    federation.link.change("GM0014", |of| push(&mut of.tree, &["answered"]));
    federation.round().await;
    assert_eq!(federation.brought("GM0014").1.len(), 2);
    let with = |node: &Node| match node.gemeente.to_string().as_str() {
        "GM0034" => Node { getuigesleutel: Some(known.clone().try_into().unwrap()), ..node.clone() },
        _ => node.clone(),
    };
    let registry = Arc::new(Registry::new(federation.registry.nodes().map(with)));
    let federation = Federation { registry, ..federation };
    federation.round().await;
    assert_eq!(federation.brought("GM0014").1.len(), 3);
    // And a coordinator that lost what it saw finds the others where they are.
    let before = federation.key();
    federation.lose();
    let report = federation.round().await;
    assert_eq!((federation.brought("GM0014").1.len(), said(&report)), (3, Vec::new()));
    assert_ne!(federation.key(), before);
}

#[tokio::test]
async fn a_coordinator_that_lost_what_it_saw_is_another_witness() {
    let federation = Federation::new();
    federation.round().await;
    let (first, pkcs8) = (federation.key(), std::fs::read(federation.key_file("")).unwrap());
    federation.round().await;
    assert_eq!(federation.key(), first, "nothing is lost by a restart");
    for number in 1..3 {
        federation.lose();
        std::fs::write(federation.key_file(""), &pkcs8).unwrap();
        // The log has another history by now.
        federation.link.change("GM0014", |of| {
            of.tree = Tree::default();
            push(&mut of.tree, &["opened", "otherwise", "answered"]);
        });
        federation.round().await;
        let text = federation.link.change("GM0014", |of| of.given.last().cloned()).unwrap();
        let signed = federation.link.change("GM0014", |of| SignedCheckpoint::open(&text, of.log.public()).unwrap());
        assert!(signed.witnesses(&[&first]).unwrap().is_empty(), "it cosigned one history");
        assert_eq!(signed.witnesses(&[&federation.key()]).unwrap().len(), 1);
        assert_eq!(std::fs::read(federation.key_file(&format!(".old-{number}"))).unwrap(), pkcs8);
    }
}

#[tokio::test]
async fn a_log_that_was_put_back_is_named_by_each_who_saw_it_and_by_nobody_else() {
    let federation = Federation::new();
    let before = federation.link.change("GM0014", |of| of.tree.clone());
    federation.link.change("GM0014", |of| push(&mut of.tree, &["a", "b"]));
    federation.round().await;
    let brought = federation.link.change("GM0014", |of| of.given.last().cloned()).unwrap();
    federation.link.change("GM0014", |of| of.tree = before);
    let report = federation.round().await;
    let witnesses = ["drempel/GM0034/getuige", "drempel/GM0037/getuige", "drempel/coordinator"];
    let smaller = witnesses.map(|witness| ("drempel/GM0014", witness, Unwitnessed::Smaller));
    let sorted = |report: &Report| {
        let mut said: Vec<_> =
            said(report).into_iter().map(|(log, by, why)| (log.to_owned(), by.to_owned(), why)).collect();
        said.sort_by_key(|said| format!("{said:?}"));
        said
    };
    let owned = |said: [(&str, &str, Unwitnessed); 3]| said.map(|(log, by, why)| (log.to_owned(), by.to_owned(), why));
    assert_eq!(sorted(&report), owned(smaller));
    let own = report.disputes.iter().find(|said| said.witness == "drempel/coordinator").unwrap();
    assert_eq!((own.seen.unwrap().size, own.shown.unwrap().size), (4, 2));
    // Both checkpoints are kept, and show it to who has the key of the log.
    let log = federation.link.change("GM0014", |of| of.log.public().clone());
    for dispute in &report.disputes {
        let Evidence { seen, shown } = dispute.evidence.as_ref().unwrap();
        let size = |text: &str| SignedCheckpoint::open(text, &log).unwrap().checkpoint().size;
        assert_eq!((size(seen), size(shown)), (4, 2), "{}", dispute.witness);
    }
    // The node is shown what it signed, and the others are cosigned as ever.
    assert_eq!(
        federation.link.change("GM0014", |of| of.given.last().cloned()).unwrap().lines().next(),
        brought.lines().next()
    );
    assert_eq!(federation.brought("GM0014").0, 4);
    assert_eq!(federation.brought("GM0034").1.len(), 3);
    // What is said again is kept once; that it goes on otherwise is said too.
    assert_eq!(federation.round().await.disputes.len(), 3);
    federation.link.change("GM0014", |of| push(&mut of.tree, &["x", "y"]));
    let forked = federation.round().await;
    assert_eq!(forked.disputes.iter().filter(|said| said.why == Unwitnessed::Forked(4)).count(), 3);
    federation.link.change("GM0014", |of| push(&mut of.tree, &["z"]));
    let unproved = federation.round().await;
    assert_eq!(unproved.disputes.iter().filter(|said| said.why == Unwitnessed::Unproved).count(), 3);
}

#[tokio::test]
async fn another_key_is_named_and_never_cosigned() {
    let federation = Federation::new();
    federation.round().await;
    federation.link.change("GM0014", |of| of.log = key("drempel/GM0014", Kind::Log));
    let report = federation.round().await;
    assert_eq!(said(&report), [("drempel/GM0014", "drempel/coordinator", Unwitnessed::OtherKey)]);
    // Nor if the configuration is told of it.
    let log = federation.link.change("GM0014", |of| of.log.public().clone());
    let with = |node: &Node| match node.gemeente.to_string().as_str() {
        "GM0014" => Node { logsleutel: Some(log.clone()), ..node.clone() },
        _ => node.clone(),
    };
    let registry = Arc::new(Registry::new(federation.registry.nodes().map(with)));
    let federation = Federation { registry, ..federation };
    let report = federation.round().await;
    assert_eq!(report.disputes.iter().filter(|said| said.why == Unwitnessed::OtherKey).count(), 3);
    assert!(report.cosigned.iter().filter(|of| of.log == "drempel/GM0014").all(|of| of.head.size == 2));
}

#[tokio::test]
async fn who_is_down_or_lies_holds_up_nobody() {
    let federation = Federation::new();
    federation.link.down.lock().unwrap().insert("GM0034".parse().unwrap());
    let cosigned = federation.link.change("GM0014", |of| {
        let checkpoint = SignedCheckpoint::sign(2, of.tree.root(2).unwrap(), &of.log).unwrap();
        let offer = Offer { old: 0, proof: Consistency(Vec::new()), checkpoint };
        offer.consider(None).unwrap().cosign(&key("drempel/GM0037/getuige", Kind::Witness), SystemClock.now()).unwrap()
    });
    for lie in [
        Testimony::Cosigned(cosigned.to_string()),
        Testimony::Cosigned("x".to_owned()),
        Testimony::Refused { why: Unwitnessed::Other(0), seen: None },
        Testimony::Refused { why: Unwitnessed::Other(99), seen: None },
    ] {
        federation.link.change("GM0037", |of| of.says = Some(lie));
        let report = federation.round().await;
        assert_eq!(federation.brought("GM0014").1, ["drempel/coordinator"]);
        assert_eq!(federation.brought("GM0037").1, ["drempel/GM0014/getuige", "drempel/coordinator"]);
        assert_eq!(said(&report), []);
    }
    // What a witness says of a log is kept as what it says, and shows nothing that the log did not sign.
    let lie = Testimony::Refused { why: Unwitnessed::Forked(2), seen: Some("x".to_owned()) };
    federation.link.change("GM0037", |of| of.says = Some(lie));
    let report = federation.round().await;
    let lied = report.disputes.iter().map(|said| (said.witness.as_str(), said.seen)).collect::<Vec<_>>();
    assert_eq!(lied, [("drempel/GM0037/getuige", None)]);
    assert_eq!(federation.brought("GM0014").1, ["drempel/coordinator"]);
}

#[tokio::test]
async fn what_a_witness_says_without_showing_it_is_kept_until_it_shows_it() {
    let federation = Federation::new();
    let signed = |federation: &Federation, records: u64| {
        federation.link.change("GM0014", |of| {
            SignedCheckpoint::sign(records, of.tree.root(records).unwrap(), &of.log).unwrap().to_string()
        })
    };
    let says = |why, seen: Option<String>| {
        federation.link.change("GM0034", |of| of.says = Some(Testimony::Refused { why, seen }));
    };
    let of = |report: &Report| -> Vec<(Unwitnessed, bool)> {
        let said = report.disputes.iter().filter(|said| said.log == "drempel/GM0014");
        said.map(|said| (said.why, said.evidence.is_some())).collect()
    };
    // What the log signed, and does go on from, shows none of it; nor does a size that is not that of what is shown.
    let mut kinds = Vec::new();
    for (why, seen) in [
        (Unwitnessed::Smaller, Some(signed(&federation, 1))),
        (Unwitnessed::Forked(2), Some(signed(&federation, 2))),
        (Unwitnessed::Forked(7), None),
        (Unwitnessed::Unproved, Some(signed(&federation, 1))),
    ] {
        says(why, seen);
        kinds = of(&federation.round().await);
        assert!(kinds.iter().all(|(_, shows)| !shows), "{why:?}");
    }
    assert_eq!(kinds.len(), 3, "one of each kind, whatever the size");
    // And then it shows it: another root for the same records.
    let mut tree = Tree::default();
    push(&mut tree, &["opened", "otherwise"]);
    federation.link.change("GM0034", |of| of.says = None);
    federation.link.change("GM0014", |of| std::mem::swap(&mut of.tree, &mut tree));
    let other = signed(&federation, 2);
    federation.link.change("GM0014", |of| std::mem::swap(&mut of.tree, &mut tree));
    let first = federation.link.change("GM0014", |of| of.log.public().clone());
    federation.link.change("GM0034", |of| {
        of.seen.insert("drempel/GM0014".to_owned(), Seen::open(first, &other).unwrap());
    });
    let report = federation.round().await;
    let shown: Vec<_> = report.disputes.iter().filter(|said| said.evidence.is_some()).collect();
    assert_eq!(shown.iter().map(|said| said.why).collect::<Vec<_>>(), [Unwitnessed::Forked(2)]);
    assert_eq!(shown[0].evidence.as_ref().unwrap().seen, other);
    assert_eq!(of(&report).len(), 3);
    // What it says after that puts nothing of it away.
    says(Unwitnessed::Forked(2), None);
    assert_eq!(of(&federation.round().await), of(&report));
}
