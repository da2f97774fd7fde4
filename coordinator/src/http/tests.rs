use axum::{
    body::{Body, to_bytes},
    http::{Method, Request, StatusCode},
};
use drempel_protocols::{cell::Cell, trace::Traceparent};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::*;
use crate::{
    dispatch::{
        LinkError,
        tests::{Act, FakeLink},
    },
    fixture::app,
};

const SQL: &str = "SELECT COUNT(*) AS n FROM jeugdhulp WHERE periode = '2025H1'";

struct Reply {
    status: StatusCode,
    headers: axum::http::HeaderMap,
    body: Vec<u8>,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The last part of the problem type, after checking that it is a problem and agrees with the status.
    fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json");
        let json = self.json();
        assert_eq!(json["status"], self.status.as_u16());
        assert!(json["title"].is_string() && json["detail"].is_string());
        json["type"].as_str().unwrap().rsplit(':').next().unwrap().to_owned()
    }
}

async fn send(app: &Arc<App>, request: Request<Body>) -> Reply {
    let response = router(Arc::clone(app)).oneshot(request).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    assert_eq!(headers["api-version"], API_VERSION);
    assert_eq!(headers["cache-control"], "no-store");
    assert_eq!(headers["x-frame-options"], "DENY");
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec();
    Reply { status, headers, body }
}

fn request(method: Method, path: &str, who: &str, headers: &[(&str, &str)], body: &str) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    if !who.is_empty() {
        request = request.header("authorization", format!("Bearer {who}"));
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::from(body.to_owned())).unwrap()
}

async fn get(app: &Arc<App>, path: &str, who: &str) -> Reply {
    send(app, request(Method::GET, path, who, &[], "")).await
}

async fn ask(app: &Arc<App>, who: &str, headers: &[(&str, &str)], body: &Value) -> Reply {
    send(app, request(Method::POST, "/v1/bevragingen", who, headers, &body.to_string())).await
}

fn question() -> Value {
    json!({ "vraag": SQL, "doel": "landelijke-monitor" })
}

fn all_answer() -> Arc<App> {
    app(&FakeLink::new(1, |_, _| Act::Answer(Cell::Value(10))))
}

#[tokio::test]
async fn a_question_is_answered_in_one_request() {
    let app = all_answer();
    let reply = ask(&app, "anna", &[("prefer", "wait=5")], &question()).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", String::from_utf8_lossy(&reply.body));
    let answer = reply.json();
    assert_eq!(answer["rows"], json!([{ "n": 30, "n_status": "value" }]));
    assert_eq!(answer["purpose"], "landelijke-monitor");
    assert_eq!(answer["columns"], json!(["n"]));
    assert_eq!(answer["coverage"]["asked"], json!(["GM0014", "GM0034", "GM0037"]));
    assert_eq!(answer["coverage"]["answered"], answer["coverage"]["asked"]);

    let csv = send(
        &app,
        request(Method::GET, &format!("{}/resultaat", reply.header("location")), "anna", &[("accept", "text/csv")], ""),
    )
    .await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(csv.body, b"n,n_status,n_at_least\r\n30,value,\r\n");
}

#[tokio::test]
async fn or_in_several_and_only_by_the_one_who_asked() {
    let app = all_answer();
    let reply = ask(&app, "anna", &[], &question()).await;
    assert_eq!(reply.status, StatusCode::ACCEPTED);
    assert_eq!(reply.header("retry-after"), "1");
    let path = reply.header("location").to_owned();
    let id = path.rsplit('/').next().unwrap().parse().unwrap();
    app.jobs.wait(id, Duration::from_secs(5)).await;
    let state = get(&app, &path, "anna").await.json();
    assert_eq!(state["status"], "klaar");
    assert_eq!(state["aantallen"]["geantwoord"], 3);
    assert_eq!(get(&app, &format!("{path}/resultaat"), "anna").await.status, StatusCode::OK);
    for path in [path.clone(), format!("{path}/resultaat")] {
        let reply = get(&app, &path, "bram").await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND);
        assert_eq!(reply.problem(), "niet-gevonden");
    }
    let reply = send(&app, request(Method::DELETE, &path, "bram", &[], "")).await;
    assert_eq!(reply.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_same_key_is_the_same_question() {
    let app = all_answer();
    let key = [("idempotency-key", "sleutel-1"), ("prefer", "wait=5")];
    let first = ask(&app, "anna", &key, &question()).await;
    let again = ask(&app, "anna", &key, &question()).await;
    assert_eq!(first.header("location"), again.header("location"));
    let other = json!({ "vraag": SQL, "doel": "landelijke-monitor", "gedeeltelijk": true });
    let conflict = ask(&app, "anna", &key, &other).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT);
    assert_eq!(conflict.problem(), "conflict");
    let of_another = json!({ "vraag": SQL, "doel": "regionale-inkoop" });
    assert_ne!(ask(&app, "bram", &key, &of_another).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn incomplete_names_who_is_missing() {
    let app = app(&FakeLink::new(1, |node, _| match node.gemeente.to_string().as_str() {
        "GM0034" => Act::Fail(LinkError::Refused("declined".to_owned())),
        _ => Act::Answer(Cell::Value(10)),
    }));
    let reply = ask(&app, "anna", &[("prefer", "wait=5")], &question()).await;
    assert_eq!(reply.status, StatusCode::CONFLICT);
    assert_eq!(reply.problem(), "onvolledig");
    let json = reply.json();
    assert!(json["detail"].as_str().unwrap().contains("GM0034"));
    assert_eq!(json["coverage"]["refused"], json!([{ "gemeente": "GM0034", "reason": "declined" }]));
    assert!(json.get("rows").is_none());

    let partial = json!({ "vraag": SQL, "doel": "landelijke-monitor", "gedeeltelijk": true });
    let reply = ask(&app, "anna", &[("prefer", "wait=5")], &partial).await;
    assert_eq!(reply.json()["rows"], json!([{ "n": null, "n_status": "at_least", "n_at_least": 20 }]));
}

#[tokio::test]
async fn a_question_can_be_cancelled() {
    let app = app(&FakeLink::new(1, |_, _| Act::Hang));
    let path = ask(&app, "anna", &[], &question()).await.header("location").to_owned();
    let pending = get(&app, &format!("{path}/resultaat"), "anna").await;
    assert_eq!(pending.status, StatusCode::ACCEPTED);
    let cancelled = send(&app, request(Method::DELETE, &path, "anna", &[], "")).await;
    assert_eq!(cancelled.json()["status"], "geannuleerd");
    assert_eq!(get(&app, &format!("{path}/resultaat"), "anna").await.problem(), "geannuleerd");
}

#[tokio::test]
async fn an_explanation_asks_nobody() {
    let link = FakeLink::new(1, |_, _| Act::Hang);
    let app = app(&link);
    let explain = async |body: Value| {
        send(&app, request(Method::POST, "/v1/bevragingen/toetsing", "anna", &[], &body.to_string())).await
    };
    let reply = explain(question()).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.json()["gemeenten"], json!(["GM0014", "GM0034", "GM0037"]));
    assert!(reply.json()["kubus"].is_string());
    let refused = explain(json!({ "vraag": "SELECT bsn, x FROM jeugdhulp", "doel": "landelijke-monitor" })).await;
    assert_eq!(refused.problem(), "geweigerd");
    assert!(!refused.json()["refusals"].as_array().unwrap().is_empty());
    assert!(link.received.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_purpose_of_others_is_forbidden() {
    let reply = ask(&all_answer(), "bram", &[], &question()).await;
    assert_eq!(reply.status, StatusCode::FORBIDDEN);
    assert_eq!(reply.problem(), "niet-bevoegd");
    assert_eq!(reply.json()["refusals"][0]["code"], "purpose");
}

#[tokio::test]
async fn every_no_is_a_problem_document() {
    let app = all_answer();
    let long = format!("{{\"vraag\": \"{}\"}}", "x".repeat(70_000));
    for (request, status, problem) in [
        (request(Method::GET, "/v1/niets", "anna", &[], ""), 404, "niet-gevonden"),
        (request(Method::GET, "/v1/bevragingen/", "anna", &[], ""), 404, "niet-gevonden"),
        (request(Method::GET, "/v1/bevragingen/x", "anna", &[], ""), 404, "niet-gevonden"),
        (request(Method::PUT, "/v1/bevragingen", "anna", &[], ""), 405, "methode"),
        (request(Method::POST, "/v1/bevragingen", "anna", &[], "{"), 400, "onleesbaar"),
        (request(Method::POST, "/v1/bevragingen", "anna", &[], "{\"sql\": 1}"), 400, "onleesbaar"),
        (request(Method::POST, "/v1/bevragingen", "anna", &[], &long), 413, "te-groot"),
        (
            request(Method::POST, "/v1/bevragingen", "anna", &[("idempotency-key", "")], &question().to_string()),
            400,
            "onleesbaar",
        ),
    ] {
        let reply = send(&app, request).await;
        assert_eq!((reply.status.as_u16(), reply.problem().as_str()), (status, problem));
    }
}

#[tokio::test]
async fn what_is_not_open_to_all_is_closed_to_strangers() {
    let app = all_answer();
    for (path, methods) in ROUTES {
        for method in *methods {
            let method: Method = method.to_uppercase().parse().unwrap();
            let path = path.replace("{id}", "0197a0a0-0000-7000-8000-000000000000");
            for who in ["", "niemand"] {
                let reply = send(&app, request(method.clone(), &path, who, &[], &question().to_string())).await;
                if ["/healthz", "/v1/openapi.json"].contains(&path.as_str()) {
                    assert_eq!(reply.status, StatusCode::OK);
                } else {
                    assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{method} {path}");
                    assert_eq!(reply.problem(), "onbekende-afzender");
                    assert_eq!(reply.header("www-authenticate"), "Bearer");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_trace_comes_back_with_an_answer_and_with_a_refusal_and_a_bent_one_does_not() {
    let app = all_answer();
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let transaction = "0197a0a0-0000-7000-8000-000000000000";
    let refused = json!({ "vraag": "SELECT naam FROM jeugdhulp", "doel": "landelijke-monitor" });
    for question in [question(), refused] {
        let headers = [("prefer", "wait=5"), ("traceparent", trace), ("fsc-transaction-id", transaction)];
        let reply = ask(&app, "anna", &headers, &question).await;
        assert_eq!((reply.header("traceparent"), reply.header("fsc-transaction-id")), (trace, transaction));
        let bent = [("prefer", "wait=5"), ("traceparent", &trace[1..]), ("fsc-transaction-id", "anna")];
        let other = ask(&app, "anna", &bent, &question).await;
        let begun: Traceparent = other.header("traceparent").parse().unwrap();
        assert!(!trace.contains(&begun.trace().to_string()) && other.header("fsc-transaction-id").is_empty());
        assert_eq!((reply.status, reply.body), (other.status, other.body));
    }
}

#[tokio::test]
async fn the_openapi_document_describes_exactly_these_routes() {
    let app = all_answer();
    let reply = get(&app, "/v1/openapi.json", "").await;
    assert_eq!(reply.header("access-control-allow-origin"), "*");
    let document = reply.json();
    assert_eq!(document["info"]["version"], API_VERSION);
    let mut described: Vec<(String, Vec<String>)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(path, item)| (path.clone(), item.as_object().unwrap().keys().cloned().collect()))
        .collect();
    let mut routes: Vec<(String, Vec<String>)> = ROUTES
        .iter()
        .map(|(path, methods)| ((*path).to_owned(), methods.iter().map(|method| (*method).to_owned()).collect()))
        .collect();
    for (_, methods) in described.iter_mut().chain(&mut routes) {
        methods.sort();
    }
    described.sort();
    routes.sort();
    assert_eq!(described, routes);
    for (path, methods) in ROUTES {
        for method in *methods {
            let path = path.replace("{id}", "0197a0a0-0000-7000-8000-000000000000");
            let request = request(method.to_uppercase().parse().unwrap(), &path, "anna", &[], &question().to_string());
            assert_ne!(send(&app, request).await.status, StatusCode::METHOD_NOT_ALLOWED);
        }
    }
}

#[tokio::test]
async fn the_catalogue_shows_no_column_that_stays_inside() {
    let app = all_answer();
    let catalogue = get(&app, "/v1/catalogus", "anna").await.json();
    assert_eq!(catalogue["gemeenten"].as_array().unwrap().len(), 342);
    let views = catalogue["weergaven"].as_array().unwrap();
    let columns: Vec<_> = views.iter().flat_map(|view| view["kolommen"].as_array().unwrap()).collect();
    assert!(views.len() == 4 && columns.iter().all(|column| column["rol"].is_string()));
    assert!(columns.iter().all(|column| column["naam"] != "aanbieder"));
    let purpose = &catalogue["doelen"][0];
    assert!(purpose["verwerkingsactiviteit"].is_string() && purpose["gebruikers"][0].is_string(), "{purpose}");
    let nodes = get(&app, "/v1/knooppunten", "bram").await.json();
    assert_eq!(nodes["knooppunten"][0]["naam"], "Groningen");
    assert_eq!(nodes["knooppunten"][0]["laatst"], Value::Null);
}
