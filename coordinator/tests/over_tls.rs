//! The coordinator and the command line over real TLS, with nodes that answer without records: certificates count,
//! the wrong organisation does not, an interrupted link is named, and the exit codes hold.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;
use axum::{Json, Router, extract::State, routing::post};
use clap::Parser as _;
use data_encoding::BASE64;
use drempel_coordinator::{
    AnswerDocument, Config, Running,
    auth::TokenHash,
    cli::{Args, Exit, run},
    config::{AnalystConfig, CatalogueConfig, LimitsConfig, WitnessConfig},
    registry::Node,
    start,
};
use drempel_protocols::{
    answer::{Answer, LoggedAnswer},
    catalogue::{Bundle, Measure, SignedBundle, TrustedParty},
    cell::Cell,
    clock::SystemClock,
    id::{Digest, Gemeentecode},
    message::{ASK_PATH, Ask},
    transport::{ClientCertificates, Credentials, IdentitySource, Limits, TlsFiles, serve},
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use ring::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair as _},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

const SQL: &str = "SELECT gemeente, COUNT(*) AS n FROM jeugdhulp WHERE periode = '2025H1' GROUP BY gemeente";
const TOKEN: &str = "een-lang-en-willekeurig-token";

/// A folder with an authority and what it has issued.
struct Authority {
    folder: PathBuf,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new(folder: &Path) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        fs::write(folder.join("ca.pem"), issuer.pem()).unwrap();
        Self { folder: folder.to_owned(), issuer }
    }

    /// A certificate for localhost that names an organisation.
    fn issue(&self, oin: &str) -> TlsFiles {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CustomDnType(vec![2, 5, 4, 5]), oin);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let path = |name: &str| self.folder.join(format!("{oin}-{name}.pem"));
        fs::write(path("certificate"), certificate.pem()).unwrap();
        fs::write(path("key"), key.serialize_pem()).unwrap();
        TlsFiles {
            certificate: path("certificate"),
            key: path("key"),
            roots: self.folder.join("ca.pem"),
            revoked: None,
        }
    }
}

fn oin(number: u16) -> String {
    format!("0000009900000000{number:04}")
}

/// A node that answers 10 in every cell.
async fn node(authority: &Authority, number: u16, shown_oin: &str) -> Node {
    async fn answer(State(gemeente): State<Gemeentecode>, Json(signed): Json<Value>) -> Json<LoggedAnswer> {
        let ask: Ask = serde_json::from_str(signed.get("ask").and_then(Value::as_str).unwrap()).unwrap();
        let answer = Answer {
            question: ask.id,
            digest: ask.digest,
            gemeente,
            catalogue: ask.catalogue,
            policy: Digest::of("policy", &[]),
            releases: std::collections::BTreeMap::new(),
            k: 10,
            round_to: 1,
            payload: [(Measure::Aantal, vec![Cell::Value(10)])].into(),
        };
        let answer = serde_json::to_string(&answer).unwrap();
        let outcome = json!({ "result": "answered", "answer": LoggedAnswer::digest("00", &answer) });
        let event = json!({ "kind": "outcome", "question": ask.id, "outcome": outcome });
        let record = json!({ "salt": "00", "event": event }).to_string();
        Json(LoggedAnswer { answer, salt: "00".to_owned(), record, proof: String::new() })
    }
    let gemeente: Gemeentecode = format!("GM{number:04}").parse().unwrap();
    let url = listen(authority, shown_oin, Router::new().route(ASK_PATH, post(answer)).with_state(gemeente)).await;
    registered(number, url)
}

/// Serves a router as a node would, and says where.
async fn listen(authority: &Authority, shown_oin: &str, router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let tls = Credentials::read(&authority.issue(shown_oin)).unwrap().server(ClientCertificates::Required).unwrap();
    let tls = Arc::new(ArcSwap::from_pointee(tls));
    tokio::spawn(serve(listener, tls, router, Limits::default(), std::future::pending()));
    format!("https://localhost:{port}")
}

/// A node at an address, as the coordinator has it registered.
fn registered(number: u16, url: String) -> Node {
    let gemeente = format!("GM{number:04}").parse().unwrap();
    Node { gemeente, oin: oin(number).parse().unwrap(), url, logsleutel: None, getuigesleutel: None }
}

/// The registered catalogue, signed by two parties.
fn catalogue(folder: &Path) -> CatalogueConfig {
    let registered = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../config/catalogus"));
    let target = folder.join("catalogus");
    fs::create_dir(&target).unwrap();
    for entry in fs::read_dir(registered).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name() != "handtekeningen.toml" {
            fs::copy(entry.path(), target.join(entry.file_name())).unwrap();
        }
    }
    let bundle: Bundle = SignedBundle::read(&target).unwrap().bundle().clone();
    let (mut signatures, mut parties) = (String::new(), Vec::new());
    for name in ["VNG", "VWS"] {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let key = Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap();
        let signature = bundle.sign(name, &key);
        signatures.push_str(&format!(
            "[[handtekening]]\npartij = \"{name}\"\nhandtekening = \"{}\"\n",
            signature.handtekening
        ));
        parties.push(TrustedParty { partij: name.to_owned(), sleutel: BASE64.encode(key.public_key().as_ref()) });
    }
    fs::write(target.join("handtekeningen.toml"), signatures).unwrap();
    CatalogueConfig { folder: target, parties }
}

fn config(authority: &Authority, nodes: Vec<Node>) -> Config {
    let folder = &authority.folder;
    let key = folder.join("ondertekening.der");
    fs::write(&key, Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap().as_ref()).unwrap();
    let analyst = |name: &str, oin: Option<&str>, token: Option<&str>| AnalystConfig {
        name: name.to_owned(),
        oin: oin.map(|oin| oin.parse().unwrap()),
        token_sha256: token.map(TokenHash::of),
        purposes: ["landelijke-monitor".parse().unwrap()].into(),
    };
    Config {
        listen: "127.0.0.1:0".parse().unwrap(),
        store: folder.join("bevragingen.sqlite"),
        signing_key: key,
        catalogue: catalogue(folder),
        tls: authority.issue(&oin(9000)),
        federation: authority.issue(&oin(9001)),
        identity: IdentitySource::default(),
        limits: LimitsConfig { node_seconds: 5, ..LimitsConfig::default() },
        getuige: WitnessConfig::default(),
        analysts: vec![analyst("certificaat", Some(&oin(9100)), None), analyst("token", None, Some(TOKEN))],
        nodes,
    }
}

async fn coordinator(authority: &Authority, nodes: Vec<Node>) -> Running {
    start(config(authority, nodes), Arc::new(SystemClock)).await.unwrap()
}

struct Said {
    exit: Exit,
    out: String,
    err: String,
}

async fn drempel(running: &Running, authority: &Authority, token: Option<&str>, arguments: &[&str]) -> Said {
    let folder = &authority.folder;
    let url = format!("https://localhost:{}", running.local_addr().port());
    let ca = folder.join("ca.pem");
    let mut line = vec!["drempel", "--coordinator", &url, "--ca", ca.to_str().unwrap()];
    let token_file = folder.join("token");
    let own = authority.issue(&oin(9100));
    match token {
        Some(token) => {
            fs::write(&token_file, format!("{token}\n")).unwrap();
            line.extend(["--token-file", token_file.to_str().unwrap()]);
        }
        None => line.extend(["--cert", own.certificate.to_str().unwrap(), "--key", own.key.to_str().unwrap()]),
    }
    line.extend(arguments);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let exit = run(Args::try_parse_from(line).unwrap(), &mut out, &mut err).await;
    Said { exit, out: String::from_utf8(out).unwrap(), err: String::from_utf8(err).unwrap() }
}

fn query<'a>(sql: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut line = vec!["query", sql, "--purpose", "landelijke-monitor", "--progress", "lines"];
    line.extend(more);
    line
}

#[tokio::test(flavor = "multi_thread")]
async fn from_command_line_to_nodes_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new(folder.path());
    let nodes = vec![node(&authority, 14, &oin(14)).await, node(&authority, 34, &oin(34)).await];
    let running = coordinator(&authority, nodes).await;

    for token in [None, Some(TOKEN)] {
        let said = drempel(&running, &authority, token, &query(SQL, &["--format", "json"])).await;
        assert_eq!(said.exit, Exit::Ok, "{}", said.err);
        let answer: AnswerDocument = serde_json::from_str(&said.out).unwrap();
        assert!(answer.coverage.is_complete());
        assert_eq!(answer.rows.len(), 2);
        assert!(said.err.contains("2/2 gemeenten"), "{}", said.err);
    }
    let said = drempel(&running, &authority, None, &query(SQL, &[])).await;
    assert!(said.out.contains("GM0014    10") && said.out.contains("2 of 2 gemeenten answered."), "{}", said.out);
    let said = drempel(&running, &authority, None, &query(SQL, &["--format", "csv"])).await;
    assert!(said.out.starts_with("gemeente,n,n_status,n_at_least\r\nGM0014,10,value,\r\n"), "{}", said.out);
    assert!(said.err.contains("2 of 2 gemeenten answered.") && said.err.contains("Blind spots:"), "{}", said.err);
    let said = drempel(&running, &authority, None, &["nodes", "--format", "csv"]).await;
    assert!(said.out.contains("GM0014,Groningen,Groningen,") && said.out.contains("geantwoord"), "{}", said.out);
    let said = drempel(&running, &authority, None, &["catalogue"]).await;
    assert!(said.out.contains("landelijke-monitor  yes"), "{}", said.out);
    let said = drempel(&running, &authority, None, &["explain", SQL, "--purpose", "landelijke-monitor"]).await;
    assert!(said.out.contains("2: GM0014 GM0034"), "{}", said.out);

    let refused =
        drempel(&running, &authority, None, &query("SELECT naam FROM jeugdhulp WHERE periode = '2025H1'", &[])).await;
    assert_eq!(refused.exit, Exit::Refused);
    assert!(refused.err.contains("naam") && refused.err.contains('^'), "{}", refused.err);
    let stranger = drempel(&running, &authority, Some("verkeerd"), &["nodes"]).await;
    assert_eq!(stranger.exit, Exit::Failed);
    assert!(stranger.err.contains("The sender is not known"), "{}", stranger.err);

    tokio::time::timeout(Duration::from_secs(20), running.shutdown()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_and_a_stopped_node_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new(folder.path());
    let stopped = registered(37, "https://localhost:9".to_owned());
    let nodes = vec![node(&authority, 14, &oin(14)).await, node(&authority, 34, &oin(666)).await, stopped];
    let running = coordinator(&authority, nodes).await;

    let said = drempel(&running, &authority, None, &query(SQL, &[])).await;
    assert_eq!(said.exit, Exit::Incomplete, "{}", said.err);
    for part in ["GM0037 (unreachable)", "GM0034 unreachable: its certificate does not name", "--partial"] {
        assert!(said.err.contains(part), "{part} not in {}", said.err);
    }
    assert!(said.out.is_empty());
    let said = drempel(&running, &authority, None, &query(SQL, &["--partial", "--format", "json"])).await;
    assert_eq!(said.exit, Exit::Ok);
    let answer: AnswerDocument = serde_json::from_str(&said.out).unwrap();
    assert_eq!(answer.coverage.unreachable.len(), 2);
    assert_eq!(answer.coverage.answered.len(), 1);
    running.shutdown().await;
}

#[tokio::test]
async fn a_second_coordinator_does_not_touch_the_store_of_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut config = config(&Authority::new(folder.path()), Vec::new());
    config.listen = taken.local_addr().unwrap();
    let store = config.store.clone();
    let problem = start(config, Arc::new(SystemClock)).await.err().unwrap().to_string();
    assert!(problem.contains("cannot listen"), "{problem}");
    assert!(!store.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_stops_the_work_at_the_node() {
    struct Working(Arc<AtomicUsize>);
    impl Drop for Working {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::SeqCst);
        }
    }
    async fn hang(State(working): State<Arc<AtomicUsize>>) {
        working.fetch_add(1, Ordering::SeqCst);
        let _working = Working(working);
        std::future::pending::<()>().await;
    }
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new(folder.path());
    let working = Arc::new(AtomicUsize::new(0));
    let router = Router::new().route(ASK_PATH, post(hang)).with_state(Arc::clone(&working));
    let url = listen(&authority, &oin(14), router).await;
    let node = registered(14, url);
    let running = coordinator(&authority, vec![node]).await;

    let line = query(SQL, &["--wait", "1"]);
    let (said, seen) = tokio::join!(drempel(&running, &authority, None, &line), async {
        tokio::time::sleep(Duration::from_millis(800)).await;
        working.load(Ordering::SeqCst)
    });
    assert_eq!(seen, 1);
    assert_eq!(said.exit, Exit::Failed);
    assert!(said.err.contains("the question is cancelled"), "{}", said.err);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(working.load(Ordering::SeqCst), 0);
    running.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_table_holds_is_refused_and_can_be_proposed() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new(folder.path());
    let url = listen(&authority, &oin(14), Router::new()).await;
    let node = registered(14, url);
    let running = coordinator(&authority, vec![node]).await;
    let outside = "SELECT categorie, verwijzer, COUNT(*) AS n FROM jeugdhulp WHERE periode = '2025H1' GROUP BY categorie, verwijzer";
    let said = drempel(&running, &authority, None, &query(outside, &[])).await;
    assert_eq!(said.exit, Exit::Refused);
    assert!(said.err.contains("The nearest table is") && said.err.contains("drempel propose"), "{}", said.err);
    let why = "Which categorieën does each referrer send to?";
    let weighed = ["--doelmatig", "One table", "--rechtmatig", "No more than this", "--verantwoord", "No ranking"];
    let propose = |sql| [&["propose", sql, "--purpose", "landelijke-monitor", "--why", why][..], &weighed].concat();
    let said = drempel(&running, &authority, None, &propose(outside)).await;
    assert!(said.exit == Exit::Ok && said.out.contains("categorie, verwijzer  aantal"), "{}{}", said.out, said.err);
    let said = drempel(&running, &authority, None, &propose(SQL)).await;
    assert!(said.exit == Exit::Refused && said.err.contains("holds this question already"), "{}", said.err);
    let said = drempel(&running, &authority, None, &["proposals", "--format", "json"]).await;
    let document: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(document["voorstellen"][0]["motivering"], why);
    assert_eq!(document["voorstellen"][0]["weging"]["verantwoord"], "No ranking");
    assert_eq!(document["voorstellen"].as_array().unwrap().len(), 1);
    running.shutdown().await;
}

/// Interrupted as soon as the question is at the node, which can be before the command line knows its id.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn an_interruption_cancels_the_question() {
    use std::process::Stdio;

    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new(folder.path());
    let asked = Arc::new(tokio::sync::Notify::new());
    let hang = |State(asked): State<Arc<tokio::sync::Notify>>| async move {
        asked.notify_one();
        std::future::pending::<()>().await;
    };
    let url =
        listen(&authority, &oin(14), Router::new().route(ASK_PATH, post(hang)).with_state(Arc::clone(&asked))).await;
    let node = registered(14, url);
    let running = coordinator(&authority, vec![node]).await;

    let own = authority.issue(&oin(9100));
    let child = std::process::Command::new(env!("CARGO_BIN_EXE_drempel"))
        .args(["--coordinator", &format!("https://localhost:{}", running.local_addr().port()), "--ca"])
        .arg(folder.path().join("ca.pem"))
        .arg("--cert")
        .arg(own.certificate)
        .arg("--key")
        .arg(own.key)
        .args(query(SQL, &[]))
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    asked.notified().await;
    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let ended = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap()).await.unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(4), "{said}");
    assert!(said.contains("the question is cancelled"), "{said}");
    running.shutdown().await;
}
