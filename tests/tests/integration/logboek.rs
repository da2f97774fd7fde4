//! A gemeente's own logboek: it is sent every question in order, each once it has said that it took the one before, and nothing
//! that only looks like an acknowledgement is one.

use std::{
    collections::VecDeque,
    convert::Infallible,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use clap::Parser as _;
use drempel_node::cli::Cli;
use drempel_protocols::{
    message::Ask,
    transport::{ClientCertificates, Limits, TlsFiles, TlsReload, serve},
};
use drempel_tests::{authority::Authority, federation::Federation};
use http::{Request, Response, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use tokio::net::TcpListener;
use tower::service_fn;

use crate::asker::{Asker, QUESTION, ask_of, sign, small};

/// What a logboek says: its status, its words, and where else to go.
type Said = (u16, &'static str, Option<String>);

/// A logboek: what it was sent, and what it says next; when that has run out, that all was taken.
#[derive(Clone, Default)]
struct Logboek {
    sent: Arc<Mutex<Vec<(String, String, String)>>>,
    says: Arc<Mutex<VecDeque<Said>>>,
}

impl Logboek {
    /// Listens under a certificate of an authority. Its address.
    async fn listen(&self, authority: &Authority, folder: &Path) -> String {
        let oin = "00000099000000099998".parse().unwrap();
        authority.issue(&oin, 998).unwrap().write(folder, "logboek", &authority.root()).unwrap();
        let path = |name: &str| folder.join(name);
        let files = TlsFiles {
            certificate: path("logboek.crt"),
            key: path("logboek.key"),
            roots: path("federation-roots.pem"),
            revoked: None,
        };
        let tls = TlsReload::start(files, ClientCertificates::NotAsked).unwrap().current();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let logboek = self.clone();
        let service = service_fn(move |request| logboek.clone().take(request));
        tokio::spawn(serve(listener, tls, service, Limits::default(), std::future::pending()));
        format!("https://localhost:{port}/v1/traces")
    }

    async fn take(self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
        let (parts, body) = request.into_parts();
        let header = |name| parts.headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
        let (kind, token) = (header(header::CONTENT_TYPE), header(header::AUTHORIZATION));
        let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        self.sent.lock().unwrap().push((format!("{} {} {kind}", parts.method, parts.uri.path()), token, body));
        let (status, said, elsewhere) = self.says.lock().unwrap().pop_front().unwrap_or((200, "{}", None));
        let mut response = Response::builder().status(status).header(header::CONTENT_TYPE, "application/json");
        if let Some(elsewhere) = elsewhere {
            response = response.header(header::LOCATION, elsewhere);
        }
        Ok(response.body(Full::from(said)).unwrap())
    }

    fn say(&self, said: impl IntoIterator<Item = Said>) {
        self.says.lock().unwrap().extend(said);
    }

    fn bodies(&self) -> Vec<String> {
        self.sent.lock().unwrap().iter().map(|(_, _, body)| body.clone()).collect()
    }
}

/// The configuration of a gemeente with a logboek.
fn configured(federation: &Federation, url: &str, roots: &Path) -> PathBuf {
    let node = federation.layout().node_config("GM0014".parse().unwrap());
    let with = node.with_file_name("met-logboek.toml");
    fs::write(node.with_file_name("token"), "geheim-woord\n").unwrap();
    let logboek = format!("[logboek]\nurl = \"{url}\"\nroots = \"{}\"\ntoken_file = \"token\"\n", roots.display());
    fs::write(&with, format!("{}\n{logboek}", fs::read_to_string(&node).unwrap())).unwrap();
    with
}

async fn command(config: &Path, arguments: &[&str]) -> Result<String, String> {
    let config = config.to_str().unwrap();
    let cli = Cli::try_parse_from(["drempel-node", "--config", config].iter().chain(arguments)).unwrap();
    let ran = move || {
        let mut out = Vec::new();
        cli.run(&mut out).map(|()| String::from_utf8(out).unwrap()).map_err(|error| format!("{error:#}"))
    };
    tokio::task::spawn_blocking(ran).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_question_is_taken_once_and_in_order_whatever_the_logboek_says_meanwhile() {
    let federation = small(1).start().await.unwrap();
    let code = "GM0014".parse().unwrap();
    let asker = Asker::coordinator(&federation, code);
    let ask = async |unfit: Option<&str>| {
        let fit = ask_of(&federation, code, QUESTION);
        let asked = Ask { sql: unfit.map_or(fit.sql.clone(), str::to_owned), ..fit };
        asker.post(sign(&asked, federation.signing_key())).await.status
    };
    for (unfit, status) in [(None, 200), (Some("SELECT nothing"), 400), (None, 200)] {
        assert_eq!(ask(unfit).await, status);
    }
    let folder = tempfile::tempdir().unwrap();
    let (logboek, other) = (Logboek::default(), Logboek::default());
    let url = logboek.listen(federation.authority(), &folder.path().join("a")).await;
    let elsewhere = other.listen(federation.authority(), &folder.path().join("b")).await;
    let config = configured(&federation, &url, &folder.path().join("a/federation-roots.pem"));
    let send = async || command(&config, &["audit", "send"]).await;

    // None of these is an acknowledgement, so the first question is the first each time.
    let rejected = r#"{"partialSuccess": {"rejectedSpans": "1", "errorMessage": "disk full"}}"#;
    let not_taken = [
        ((503, "{}", None), "HTTP status 503"),
        ((307, "{}", Some(elsewhere)), "HTTP status 307"),
        ((200, "<html>sign in</html>", None), "does not speak OTLP"),
        ((202, "{}", None), "HTTP status 202"),
        ((200, rejected, None), "rejected it: disk full"),
    ];
    let tries = not_taken.len();
    for (says, said) in not_taken {
        logboek.say([says]);
        let error = send().await.unwrap_err();
        assert!(error.contains(said) && error.contains("0 questions were taken"), "{error}");
    }
    assert_eq!((logboek.bodies().len(), other.bodies().len()), (tries, 0));
    // It breaks off after one, and goes on there.
    logboek.say([(200, "{}", None), (500, "", None)]);
    assert!(send().await.unwrap_err().contains("1 questions were taken"));
    assert!(send().await.unwrap().starts_with("2 questions were taken"));
    assert!(send().await.unwrap().starts_with("0 questions were taken"));
    assert_eq!(ask(None).await, 200);
    let mut said = Vec::new();
    let check = Cli::try_parse_from(["drempel-node", "--config", config.to_str().unwrap(), "check"]).unwrap();
    check.run(&mut said).unwrap();
    let said = String::from_utf8(said).unwrap();
    assert!(said.contains("logboek: has not taken 1 questions yet"), "{said}");
    assert!(send().await.unwrap().starts_with("1 questions were taken"));

    let file = folder.path().join("verwerkingen.jsonl");
    command(&config, &["audit", "dataverwerkingen", "--out", file.to_str().unwrap()]).await.unwrap();
    let lines: Vec<String> = fs::read_to_string(&file).unwrap().lines().map(str::to_owned).collect();
    let taken = logboek.bodies();
    let order: Vec<usize> =
        taken[tries..].iter().map(|body| lines.iter().position(|line| line == body).unwrap()).collect();
    assert_eq!((lines.len(), order), (4, vec![0, 1, 1, 2, 3]));
    assert!(taken[..tries].iter().all(|body| *body == lines[0]));
    for (request, token, body) in logboek.sent.lock().unwrap().iter() {
        assert_eq!((request.as_str(), token.as_str()), ("POST /v1/traces application/json", "Bearer geheim-woord"));
        assert!(!body.contains(&ask_of(&federation, code, QUESTION).asker), "{body}");
    }

    // Who is not the logboek by its certificate is sent nothing, and neither is one that is not there.
    assert_eq!(ask(None).await, 200);
    let stranger = Authority::new("stranger").unwrap();
    let false_one = Logboek::default().listen(&stranger, &folder.path().join("c")).await;
    for (url, said) in [
        (false_one.as_str(), "cannot be reached"),
        ("https://localhost:1/v1/traces", "cannot be reached"),
        ("http://localhost:1/v1/traces", "begins with https://"),
    ] {
        let config = configured(&federation, url, &folder.path().join("a/federation-roots.pem"));
        let error = command(&config, &["audit", "send"]).await.unwrap_err();
        assert!(error.contains(said) && !error.contains("geheim"), "{error}");
    }
    // A log that was put back from before is no reason to send what comes in its place as if it were the same.
    let stand = federation.member(code).unwrap().config().paths.logboek_stand.clone();
    let through = fs::read_to_string(&stand).unwrap();
    fs::write(&stand, through.replace("\"through\":", "\"through\":9")).unwrap();
    assert!(send().await.unwrap_err().contains("put back from a backup"));
    fs::write(&stand, through).unwrap();
    configured(&federation, &url, &folder.path().join("a/federation-roots.pem"));
    assert!(send().await.unwrap().starts_with("1 questions were taken"));
    federation.stop().await;
}
