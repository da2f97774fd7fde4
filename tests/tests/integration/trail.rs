//! A question can be followed from who asks to the log of each node and back, and what leaves the log for a Logboek
//! Dataverwerkingen and an Authorization Decision Log is exactly what was asked. What stands in the headers of a trace changes
//! no answer and no refusal, and what has not their form is in no log.

use std::{collections::BTreeSet, fs};

use clap::Parser as _;
use drempel_coordinator::cli::{Args, Exit, args::Command, run};
use drempel_node::{
    askers::Names,
    audit::{Became, Event, asked},
    cli::Cli,
};
use drempel_protocols::{
    answer::Answer,
    id::{Digest, Gemeentecode},
    message::{ASK_PATH, Ask},
    problem::ProblemType,
    trace::{FSC_TRANSACTION_ID, TRACEPARENT, Traceparent, Trail, TransactionId},
};
use drempel_tests::{federation::Federation, participants};
use reqwest::Method;
use serde_json::Value;

use crate::asker::{Asker, QUESTION, Reply, ask_of, intents, purpose, records_of, sign, small};

/// The command line of the analyst, as part of a trace.
async fn query(federation: &Federation, traceparent: &str) -> Exit {
    let purpose = purpose().to_string();
    let mut args = Args::try_parse_from(["drempel", "query", QUESTION, "--purpose", &purpose]).unwrap();
    args.connection = federation.connection();
    let Command::Query(query) = &mut args.command else { panic!("a question") };
    query.traceparent = Some(traceparent.to_owned());
    run(args, &mut Vec::new(), &mut Vec::new()).await
}

/// The command line of a node.
fn node(federation: &Federation, code: Gemeentecode, arguments: &[&str]) -> anyhow::Result<String> {
    let config = federation.layout().node_config(code);
    let config = ["drempel-node", "--config", config.to_str().unwrap()];
    let mut out = Vec::new();
    Cli::try_parse_from(config.iter().chain(arguments))?.run(&mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

async fn post(asker: &Asker, signed: &[u8], headers: &[(&str, &str)]) -> Reply {
    let mut request = asker.request(Method::POST, ASK_PATH).header("content-type", "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    asker.send(request.body(signed.to_vec())).await.unwrap()
}

fn new_trail() -> Trail {
    let transaction = Some(TransactionId::at(jiff::Timestamp::UNIX_EPOCH));
    Trail { traceparent: Traceparent::begin(), transaction }
}

#[tokio::test]
async fn a_trace_goes_from_the_command_line_to_the_log_of_each_node_and_back() {
    let federation = small(2).start().await.unwrap();
    let outer = Traceparent::begin().unwrap();
    assert_eq!(query(&federation, &outer.to_string()).await, Exit::Ok);
    assert_eq!(query(&federation, "a secret").await, Exit::Ok, "it begins a trace");
    let (mut spans, mut transactions, mut others) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for code in federation.members().keys() {
        let records = records_of(&federation, *code);
        let [first, second] = *intents(&records) else { panic!("two questions") };
        let of = first.traceparent.unwrap();
        assert_eq!(of.trace(), outer.trace());
        spans.insert(of.span());
        others.insert(second.traceparent.unwrap().trace());
        transactions.extend([first, second].map(|intent| intent.fsc_transaction_id.unwrap().to_string()));
        assert!(!records.iter().any(|record| record.json.contains("secret")));
    }
    assert!(spans.len() == 2 && !spans.contains(&outer.span()), "each request is a step of its own");
    assert!(others.len() == 1 && !others.contains(&outer.trace()));
    assert_eq!(transactions.len(), 4, "each request is a transaction of its own");

    // And back: from a node, and from the coordinator with the transaction that an outway put on the request.
    let code = *federation.members().keys().next().unwrap();
    let trail = new_trail();
    let (trace, transaction) = (trail.traceparent.unwrap().to_string(), trail.transaction.unwrap().to_string());
    let headers = [(TRACEPARENT, trace.as_str()), (FSC_TRANSACTION_ID, transaction.as_str())];
    let back = |reply: &Reply| (reply.headers[TRACEPARENT].clone(), reply.headers[FSC_TRANSACTION_ID].clone());
    let said = (trace.clone(), transaction.clone());
    let signed = sign(&ask_of(&federation, code, QUESTION), federation.signing_key());
    assert_eq!(back(&post(&Asker::coordinator(&federation, code), &signed, &headers).await), said);
    let issued = federation.authority().issue(&participants::coordinator_oin().unwrap(), 50_001).unwrap();
    let analyst = Asker::with(federation.url().to_owned(), federation.authority(), &issued);
    let token = fs::read_to_string(federation.layout().analyst_token()).unwrap();
    let request = analyst.request(Method::POST, "/v1/bevragingen").bearer_auth(token.trim());
    let request =
        request.header("prefer", "wait=60").header(TRACEPARENT, &trace).header(FSC_TRANSACTION_ID, &transaction);
    let asked = serde_json::json!({ "vraag": QUESTION, "doel": purpose() });
    let reply = analyst.send(request.json(&asked)).await.unwrap();
    assert_eq!((reply.status, back(&reply)), (200, said));
    let records = records_of(&federation, code);
    let last = *intents(&records).last().unwrap();
    assert_eq!(last.fsc_transaction_id, trail.transaction);
    assert_eq!(last.traceparent.unwrap().trace(), trail.traceparent.unwrap().trace());
    federation.stop().await;
}

#[tokio::test]
async fn what_stands_in_the_headers_of_a_trace_changes_no_answer_and_no_refusal() {
    let federation = small(1).start().await.unwrap();
    let code = *federation.members().keys().next().unwrap();
    let asker = Asker::coordinator(&federation, code);
    let trail = new_trail();
    let (trace, transaction) = (trail.traceparent.unwrap().to_string(), trail.transaction.unwrap().to_string());
    let good = [(TRACEPARENT, trace.as_str()), (FSC_TRANSACTION_ID, transaction.as_str())];
    let shouted = trace.to_uppercase();
    let bent: [&[(&str, &str)]; 5] = [
        &[(TRACEPARENT, "canary"), (FSC_TRANSACTION_ID, "canary")],
        &[(TRACEPARENT, "00-canary-canary-01"), ("tracestate", "canary=1"), ("baggage", "canary=1")],
        &[(TRACEPARENT, &shouted), (FSC_TRANSACTION_ID, "00000000-0000-4000-8000-000000ca4a47")],
        &[good[0], good[0], good[1], good[1]],
        &[],
    ];

    // The very same bytes again, whatever stands beside them.
    let signed = sign(&ask_of(&federation, code, QUESTION), federation.signing_key());
    let first = post(&asker, &signed, &good).await;
    let payload = |reply: &Reply| -> Answer { Answer { question: reply.answer().question, ..reply.answer() } };
    for headers in bent {
        let again = post(&asker, &signed, headers).await;
        assert_eq!((again.status, &again.body), (200, &first.body), "{headers:?}");
        assert!(!again.headers.contains_key(TRACEPARENT) && !again.headers.contains_key(FSC_TRANSACTION_ID));
    }
    // New questions, and refusals: one of each with a good trace, and with each bent one.
    let mut refusals = BTreeSet::new();
    for headers in bent.into_iter().chain([good.as_slice()]) {
        let reply = post(&asker, &sign(&ask_of(&federation, code, QUESTION), federation.signing_key()), headers).await;
        assert_eq!(payload(&reply).payload, payload(&first).payload, "{headers:?}");
        let mut ask = ask_of(&federation, code, QUESTION);
        ask.recipient = participants::coordinator_oin().unwrap();
        let refused = post(&asker, &sign(&ask, federation.signing_key()), headers).await;
        assert_eq!(refused.problem().kind, ProblemType::Recipient);
        refusals.insert(refused.body);
    }
    assert_eq!(refusals.len(), 1, "a refusal says the same");

    let records = records_of(&federation, code);
    assert!(
        !records.iter().any(|record| record.json.to_lowercase().contains("canary") || record.json.contains("ca4a47"))
    );
    let intents: Vec<_> =
        intents(&records).iter().map(|intent| (intent.traceparent, intent.fsc_transaction_id)).collect();
    let (there, none) = ((trail.traceparent, trail.transaction), (None, None));
    assert_eq!(intents, [there, none, none, none, none, none, there]);
    let refused = records.iter().filter_map(|record| match &record.entry.event {
        Event::Refused { traceparent, fsc_transaction_id, .. } => Some((*traceparent, *fsc_transaction_id)),
        _ => None,
    });
    assert_eq!(refused.collect::<Vec<_>>(), [none, none, none, none, none, there]);
    federation.stop().await;
}

fn lines(file: &str) -> Vec<Value> {
    fs::read_to_string(file).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The text or number of an attribute of a span.
fn attribute<'v>(span: &'v Value, key: &str) -> Option<&'v str> {
    let found = span["attributes"].as_array().unwrap().iter().find(|attribute| attribute["key"] == key)?;
    found["value"]["stringValue"].as_str().or_else(|| found["value"]["intValue"].as_str())
}

#[tokio::test]
async fn what_is_written_for_other_logs_is_exactly_what_was_asked_and_names_nobody() {
    let federation = small(1).start().await.unwrap();
    let code = *federation.members().keys().next().unwrap();
    let asker = Asker::coordinator(&federation, code);
    let outer = Traceparent::begin().unwrap();
    assert_eq!(query(&federation, &outer.to_string()).await, Exit::Ok);
    let signed = |bend: &dyn Fn(&mut Ask)| {
        let mut ask = ask_of(&federation, code, QUESTION);
        ask.asker = "Anna Achterberg".to_owned();
        bend(&mut ask);
        sign(&ask, federation.signing_key())
    };
    let mut by_anna = ask_of(&federation, code, QUESTION);
    by_anna.asker = "Anna Achterberg".to_owned();
    asker.post(sign(&by_anna, federation.signing_key())).await.logged();
    for bend in [
        &(|ask: &mut Ask| ask.purpose = "anna-achterberg".parse().unwrap()) as &dyn Fn(&mut Ask),
        &|ask| ask.sql = "SELECT persoon FROM jeugdhulp".to_owned(),
        &|ask| ask.recipient = participants::coordinator_oin().unwrap(),
    ] {
        asker.post(signed(bend)).await.problem();
    }
    asker.post("no question").await.problem();

    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (verwerkingen, besluiten, none) = (path("verwerkingen.jsonl"), path("besluiten.jsonl"), path("none.jsonl"));
    let both = ["audit", "dataverwerkingen", "--out", &verwerkingen, "--besluiten", &besluiten];
    let said = node(&federation, code, &both).unwrap();
    let paths = &federation.member(code).unwrap().config().paths;
    let all = asked(&paths.audit, &Names::read(&paths.vragers).unwrap()).unwrap();
    let (first, last) = (all.first().unwrap().record, all.last().unwrap().record);
    assert!(said.contains(&format!("6 of 6 questions, from record {first} to record {last}")), "{said}");
    assert!(said.contains("on disk"), "{said}");
    assert!(node(&federation, code, &both).is_err(), "they are there already");
    let before = ["audit", "dataverwerkingen", "--out", &none, "--until", "2020-01-01"];
    assert!(node(&federation, code, &before).unwrap().contains("0 of 6 questions"));
    assert_eq!(fs::read_to_string(&none).unwrap(), "");

    let (spans, decisions) = (lines(&verwerkingen), lines(&besluiten));
    assert_eq!((spans.len(), decisions.len()), (all.len(), all.len()));
    let mut ids = BTreeSet::new();
    for ((line, decision), asked) in spans.iter().zip(&decisions).zip(&all) {
        let span = &line["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
        assert_eq!(attribute(span, "drempel.record"), Some(asked.record.to_string().as_str()));
        let processor = format!("urn:oin:{}", participants::coordinator_oin().unwrap());
        assert_eq!(attribute(span, "dpl.core.foreign_operation.processor"), Some(processor.as_str()));
        assert_eq!(attribute(span, "drempel.vraag"), asked.sql.as_deref());
        let activity = attribute(span, "dpl.core.processing_activity_id");
        let is_registered =
            asked.purpose.as_ref().is_some_and(|purpose| federation.catalogue().purpose(purpose).is_some());
        assert_eq!(activity.is_some(), is_registered);
        let problem = asked.problem.map(|problem| problem.urn());
        assert_eq!(attribute(span, "exception.type"), problem);
        let code = if asked.became == Became::Answered { 1 } else { 2 };
        assert_eq!(span["status"]["code"], code);
        let time = (asked.time.as_second() * 1_000_000_000).to_string();
        assert_eq!(span["startTimeUnixNano"], time.as_str());
        assert!(span["endTimeUnixNano"].as_str().unwrap() >= time.as_str());
        assert!(ids.insert(span["spanId"].as_str().unwrap().to_owned()), "each is a step of its own");
        assert_eq!((&decision["trace_id"], &decision["span_id"]), (&span["traceId"], &span["spanId"]));
        assert_eq!(decision["response"]["decision"], asked.became != Became::Refused);
        assert_eq!(decision["request"]["subject"]["id"], processor.as_str());
        assert_eq!(decision["type"], "access_evaluation");
        assert_eq!(decision["policies"]["beleid"].is_string(), asked.became != Became::Refused);
    }
    let of_trace = &spans[0]["resourceSpans"][0];
    let span = &of_trace["scopeSpans"][0]["spans"][0];
    assert_eq!(span["traceId"], outer.trace().to_string());
    let records = records_of(&federation, code);
    assert_eq!(span["parentSpanId"], intents(&records)[0].traceparent.unwrap().span().to_string());
    assert_eq!(attribute(&of_trace["resource"], "drempel.gemeente"), Some(code.to_string().as_str()));
    assert!(attribute(&of_trace["resource"], "service.version").is_some_and(|version| !version.is_empty()));

    // The register that they refer to, and nobody's name in anything.
    let register = path("register");
    node(&federation, code, &["audit", "verwerkingsregister", "--out", &register]).unwrap();
    let (json, html) = (path("register/verwerkingsregister.json"), path("register/verwerkingsregister.html"));
    let entries: Vec<Value> = serde_json::from_str(&fs::read_to_string(&json).unwrap()).unwrap();
    assert_eq!(entries.len(), federation.catalogue().purposes().count());
    assert_eq!(attribute(span, "dpl.core.processing_activity_id"), entries[0]["id"].as_str());
    let names: BTreeSet<String> =
        all.iter().filter_map(|asked| asked.asker.as_ref()?.name().map(str::to_owned)).collect();
    assert_eq!(names.len(), 2);
    for file in [&verwerkingen, &besluiten, &json, &html] {
        let text = fs::read_to_string(file).unwrap().to_lowercase();
        let named = names.iter().find(|name| text.contains(&name.to_lowercase()));
        assert!(named.is_none() && !text.contains("achterberg") && !text.contains("data_subject"), "{file}: {named:?}");
    }

    // Everything that a retry is known by stands in the log, so that a name could be tried against it if it were of that.
    let of_anna = intents(&records).into_iter().find(|intent| intent.question == by_anna.id).unwrap();
    let content = |asker: &str| {
        let text = serde_json::to_string(&Ask { asker: asker.to_owned(), ..by_anna.clone() }).unwrap();
        let peer = of_anna.peer.to_string();
        Digest::of("drempel ask content v2", &[peer.as_bytes(), text.as_bytes()])
    };
    assert_eq!(of_anna.content, content(of_anna.asker.as_str()));
    assert_ne!(of_anna.content, content("Anna Achterberg"));

    // Who is forgotten is so at once; the log never had the name, and is as it was but for the record that says so.
    let named = |text: &str| text.contains("Achterberg");
    assert!(named(&node(&federation, code, &["audit", "search"]).unwrap()));
    assert!(node(&federation, code, &["audit", "forget", "Achterberg"]).is_err(), "nobody is called so");
    node(&federation, code, &["audit", "forget", "Anna Achterberg"]).unwrap();
    let found = node(&federation, code, &["audit", "search"]).unwrap();
    assert!(!named(&found) && found.contains("asked by erased "), "{found}");
    let running = federation.member(code).unwrap().node().unwrap();
    running.log_the_erased().unwrap();
    let records = records_of(&federation, code);
    let erased = records.iter().filter(|record| matches!(record.entry.event, Event::AskerErased { .. }));
    assert_eq!(erased.count(), 1);
    node(&federation, code, &["audit", "verify"]).unwrap();
    for file in fs::read_dir(&paths.audit).unwrap() {
        assert!(!named(&String::from_utf8_lossy(&fs::read(file.unwrap().path()).unwrap())));
    }
    federation.stop().await;
}
