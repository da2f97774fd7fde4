//! What an analyst may do at the coordinator: nothing without a token, nothing for another purpose than those given,
//! nothing with a question of somebody else.

use std::collections::BTreeSet;

use drempel_coordinator::{
    auth::{TokenHash, new_token},
    config::AnalystConfig,
    http::ROUTES,
};
use drempel_protocols::problem::{Problem, ProblemType};
use drempel_tests::{
    authority::{Authority, tls},
    federation::Federation,
    participants::{self, coordinator_oin},
};

use crate::asker::{Asker, QUESTION, Reply, purpose, small};

const PURCHASE: &str = "regionale-inkoop";
/// A question that both purposes have a cube for.
const OF_BOTH: &str = "SELECT categorie, COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY categorie";

fn anonymous(url: &str, federation: &Federation) -> Asker {
    Asker::new(url.to_owned(), tls(&federation.authority().root(), None, &[&rustls::version::TLS13]).unwrap())
}

async fn call(asker: &Asker, method: &str, path: &str, token: Option<&str>, body: &str) -> Reply {
    let mut request = asker.request(method.to_uppercase().parse().unwrap(), path);
    request = request.header("content-type", "application/json").header("prefer", "wait=30").body(body.to_owned());
    if let Some(token) = token {
        request = request.header("authorization", token);
    }
    asker.send(request).await.unwrap()
}

fn question(sql: &str, purpose: &str) -> String {
    serde_json::json!({ "vraag": sql, "doel": purpose }).to_string()
}

fn kind(reply: &Reply) -> ProblemType {
    serde_json::from_slice::<Problem>(&reply.body).unwrap_or_else(|_| panic!("{}: {}", reply.status, reply.text())).kind
}

#[tokio::test]
async fn nothing_but_health_and_the_description_is_open() {
    let federation = small(1).start().await.unwrap();
    let asker = anonymous(federation.url(), &federation);
    let token = std::fs::read_to_string(federation.layout().analyst_token()).unwrap();
    let good = format!("Bearer {}", token.trim());
    let body = question(QUESTION, &purpose().to_string());
    let mut open = BTreeSet::new();
    for (route, methods) in ROUTES {
        let path = route.replace("{id}", "019a0000-0000-7000-8000-000000000000");
        for method in *methods {
            let bare = call(&asker, method, &path, None, &body).await;
            if bare.status == 200 {
                open.insert(*route);
                continue;
            }
            let half = &good[..good.len() - 1];
            let wrong = [
                None,
                Some(""),
                Some("Bearer"),
                Some("Bearer "),
                Some("Basic YTpi"),
                Some(half),
                Some(token.trim()),
                Some("Bearer 0000000000000000000000000000000000000000000000000000000000000000"),
            ];
            for token in wrong {
                let reply = call(&asker, method, &path, token, &body).await;
                assert_eq!(
                    (reply.status, kind(&reply)),
                    (401, ProblemType::Unauthenticated),
                    "{method} {route} {token:?}"
                );
            }
            assert_ne!(call(&asker, method, &path, Some(&good), &body).await.status, 401, "{method} {route}");
        }
    }
    assert_eq!(open, BTreeSet::from(["/healthz", "/v1/openapi.json"]));
    for path in ["/", "/v1", "/v1/", "/metrics", "/v1/bevragingen/..", "/debug", "/admin", "/v1/vragen"] {
        let reply = call(&asker, "get", path, None, "").await;
        assert!([401, 404, 405].contains(&reply.status), "{path}: {}", reply.status);
    }

    // A certificate of a node is no pass for an analyst, and one of another authority no connection.
    let node = federation.authority().issue(&participants::oin("GM0014".parse().unwrap()).unwrap(), 9).unwrap();
    let asker = Asker::with(federation.url().to_owned(), federation.authority(), &node);
    assert_eq!(call(&asker, "get", "/v1/catalogus", None, "").await.status, 401);
    let other = Authority::new("Another").unwrap().issue(&coordinator_oin().unwrap(), 9).unwrap();
    let asker = Asker::with(federation.url().to_owned(), federation.authority(), &other);
    assert!(asker.send(asker.request(reqwest::Method::GET, "/healthz")).await.is_err());
    federation.stop().await;
}

#[tokio::test]
async fn a_purpose_and_a_question_belong_to_the_analyst_they_were_given_to() {
    let federation = small(1).start().await.unwrap();
    // A second coordinator beside the first, with two analysts of different purposes.
    let path = federation.layout().coordinator().join("coordinator.toml");
    let mut config = drempel_coordinator::Config::read(&path).unwrap();
    config.listen.set_port(0);
    config.store = federation.layout().coordinator().join("tweede.sqlite");
    let tokens = [new_token().unwrap(), new_token().unwrap()];
    config.analysts = [purpose().to_string(), PURCHASE.to_owned()]
        .iter()
        .zip(&tokens)
        .map(|(purpose, token)| AnalystConfig {
            name: format!("analyst for {purpose}"),
            oin: None,
            token_sha256: Some(TokenHash::of(token)),
            purposes: BTreeSet::from([purpose.parse().unwrap()]),
        })
        .collect();
    let coordinator = drempel_coordinator::start(config, federation.clock().clone()).await.unwrap();
    let asker = anonymous(&format!("https://{}", coordinator.local_addr()), &federation);
    let [monitor, purchase] = tokens.map(|token| format!("Bearer {token}"));
    let monitoring = purpose().to_string();

    for (token, purpose) in [(&monitor, PURCHASE), (&purchase, monitoring.as_str()), (&purchase, "nieuwsgierigheid")] {
        let reply = call(&asker, "post", "/v1/bevragingen", Some(token), &question(OF_BOTH, purpose)).await;
        assert!([400, 403].contains(&reply.status), "{}: {}", reply.status, reply.text());
    }
    // Within its own purpose, but in no cube of that purpose.
    let reply = call(&asker, "post", "/v1/bevragingen", Some(&purchase), &question(QUESTION, PURCHASE)).await;
    assert_eq!(kind(&reply), ProblemType::Refused);

    for (token, purpose) in [(&monitor, monitoring.as_str()), (&purchase, PURCHASE)] {
        let reply = call(&asker, "post", "/v1/bevragingen", Some(token), &question(OF_BOTH, purpose)).await;
        assert!([200, 201].contains(&reply.status), "{}: {}", reply.status, reply.text());
    }
    let reply = call(&asker, "post", "/v1/bevragingen", Some(&monitor), &question(OF_BOTH, &monitoring)).await;
    let path = reply.headers.get("location").unwrap_or_else(|| panic!("{}", reply.text()));
    assert!(path.starts_with("/v1/bevragingen/"), "{path}");
    for (method, path) in [("get", path.clone()), ("get", format!("{path}/resultaat")), ("delete", path.clone())] {
        let reply = call(&asker, method, &path, Some(&purchase), "").await;
        assert_eq!((reply.status, kind(&reply)), (404, ProblemType::NotFound), "{method} {path}");
    }
    let own = call(&asker, "get", path, Some(&monitor), "").await;
    assert_eq!(own.status, 200);
    coordinator.shutdown().await;
    federation.stop().await;
}
