//! A coordinator with a good certificate that sends anything at all: every answer is a problem with a status of the
//! 400s, nothing runs, and the node goes on.

use std::time::Duration;

use drempel_node::askers::Names;
use drempel_protocols::problem::ProblemType;
use drempel_tests::{authority::tls, participants::coordinator_oin};
use rand::{RngExt as _, SeedableRng as _};

use crate::{
    asker::{Asker, QUESTION, ask_of, intents, records_of, sign, small},
    slow::raw,
};

#[tokio::test]
async fn junk_is_refused_and_the_node_goes_on() {
    let federation = small(1).start().await.unwrap();
    let code = *federation.members().keys().next().unwrap();
    let asker = Asker::coordinator(&federation, code);
    let honest = sign(&ask_of(&federation, code, QUESTION), federation.signing_key());
    let most = 64 * 1024;

    let mut random = rand_chacha::ChaCha20Rng::seed_from_u64(5);
    let noise: Vec<u8> = (0..4_096).map(|_| random.random()).collect();
    let junk: Vec<(&str, Vec<u8>)> = vec![
        ("empty", Vec::new()),
        ("NUL", vec![0]),
        ("noise", noise),
        ("no JSON", b"SELECT 1".to_vec()),
        ("no object", b"[]".to_vec()),
        ("empty object", b"{}".to_vec()),
        ("null", b"null".to_vec()),
        ("another form", br#"{"ask":{},"signature":1}"#.to_vec()),
        ("one field more", br#"{"ask":"","signature":"","more":1}"#.to_vec()),
        ("one field twice", br#"{"ask":"","ask":"","signature":""}"#.to_vec()),
        ("lone surrogate", br#"{"ask":"\ud800","signature":""}"#.to_vec()),
        ("not UTF-8", b"{\"ask\":\"\xff\xfe\",\"signature\":\"\"}".to_vec()),
        ("byte order mark", [b"\xef\xbb\xbf".as_slice(), &honest].concat()),
        ("deep array", vec![b'['; most]),
        ("deep object", br#"{"ask":"#.repeat(9_000)),
        ("long number", [b"{\"ask\":".as_slice(), &[b'9'; 60_000]].concat()),
        ("half", honest[..honest.len() / 2].to_vec()),
        ("one and a half", [honest.as_slice(), &honest[..100]].concat()),
        ("full size", vec![b' '; most]),
    ];
    for (what, body) in junk {
        let reply = asker.post(body).await;
        assert_eq!(reply.problem().kind, ProblemType::Malformed, "{what}");
    }
    for size in [most + 1, 2 * most, 10 * 1024 * 1024] {
        // The node may stop reading before everything is sent.
        if let Ok(reply) = asker.try_post(vec![b' '; size]).await {
            assert_eq!(reply.problem().kind, ProblemType::TooLarge, "{size}");
        }
    }
    // Without a length, in parts.
    let issued = federation.authority().issue(&coordinator_oin().unwrap(), 50_000).unwrap();
    let config = tls(&federation.authority().root(), Some(&issued), &[&rustls::version::TLS13]).unwrap();
    let address = federation.member(code).unwrap().config().listen;
    let part = format!("{:x}\r\n{}\r\n", most / 2, " ".repeat(most / 2));
    let head = "POST /v1/vragen HTTP/1.1\r\nHost: node\r\nTransfer-Encoding: chunked\r\n\r\n";
    let said = format!("{head}{part}{part}{part}0\r\n\r\n").into_bytes();
    let heard = tokio::task::spawn_blocking(move || raw(address, Some(config), &said)).await.unwrap().unwrap();
    assert!(heard.starts_with(b"HTTP/1.1 413 "), "{}", String::from_utf8_lossy(&heard));

    for (method, path, kind) in [
        ("GET", "/v1/vragen", ProblemType::MethodNotAllowed),
        ("PUT", "/v1/vragen", ProblemType::MethodNotAllowed),
        ("TRACE", "/v1/vragen", ProblemType::MethodNotAllowed),
        ("POST", "/v1/status", ProblemType::MethodNotAllowed),
        ("GET", "/", ProblemType::NotFound),
        ("GET", "/metrics", ProblemType::NotFound),
        ("GET", "/debug/pprof", ProblemType::NotFound),
        ("GET", "/v1/vragen/../../etc/passwd", ProblemType::NotFound),
        ("POST", "/v1/vragen/1", ProblemType::NotFound),
    ] {
        let request = asker.request(method.parse().unwrap(), path);
        assert_eq!(asker.send(request).await.unwrap().problem().kind, kind, "{method} {path}");
    }

    assert!(intents(&records_of(&federation, code)).is_empty());
    assert_eq!(asker.post(honest).await.status, 200, "the node still answers");
    federation.stop().await;
}

#[tokio::test]
async fn a_hostile_question_of_the_largest_size_is_only_a_question() {
    let federation = small(1).start().await.unwrap();
    let code = *federation.members().keys().next().unwrap();
    let asker = Asker::coordinator(&federation, code);
    let send = async |sql: String| {
        let mut ask = ask_of(&federation, code, QUESTION);
        ask.sql = sql;
        let asked = asker.post(sign(&ask, federation.signing_key()));
        tokio::time::timeout(Duration::from_secs(20), asked).await.expect("an answer in time")
    };
    let members = (0..4_000).map(|n| format!("'{n}'")).collect::<Vec<_>>().join(", ");
    for sql in [
        "a".repeat(60_000),
        "'".repeat(30_000),
        format!("SELECT {} FROM jeugdhulp", vec!["COUNT(*)"; 1_500].join(", ")),
        format!("SELECT COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' AND categorie IN ({members})"),
        format!("SELECT COUNT(*) FROM jeugdhulp WHERE periode = '{}'", "\u{1f9ff}".repeat(4_000)),
        "\u{202e}\u{200b}SELECT".repeat(1_000),
    ] {
        let reply = send(sql).await;
        assert_eq!(reply.problem().kind, ProblemType::Refused);
        assert!(reply.body.len() < 64 * 1024, "a refusal of {} bytes", reply.body.len());
    }
    // What the coordinator says of the asker stands in the log, so it has a length and no control characters.
    for asked_by in ["a".repeat(201), "\u{1b}[2J".to_owned(), "a\nb".to_owned()] {
        let mut ask = ask_of(&federation, code, QUESTION);
        ask.asker = asked_by;
        let reply = asker.post(sign(&ask, federation.signing_key())).await;
        assert_eq!(reply.problem().kind, ProblemType::Malformed);
    }
    let mut ask = ask_of(&federation, code, QUESTION);
    ask.asker = "\"}{".repeat(66);
    assert_eq!(asker.post(sign(&ask, federation.signing_key())).await.status, 200);
    let names = Names::read(&federation.member(code).unwrap().config().paths.vragers).unwrap();
    let asked_by = names.of(&intents(&records_of(&federation, code))[0].asker);
    assert_eq!(asked_by.name(), Some(ask.asker.as_str()));
    federation.stop().await;
}
