//! What a third person can prove of a node's log with an exported bundle and the key of the log: that an answer was logged,
//! and that yesterday's log is the beginning of today's. And what is no proof.

use std::path::Path;

use clap::Parser as _;
use drempel_coordinator::cli::Exit;
use drempel_node::cli::Cli;
use drempel_protocols::id::Gemeentecode;
use drempel_tests::federation::Federation;

use crate::asker::{Asker, QUESTION, ask_of, sign, small};

/// The command line of a node that is running.
fn node(federation: &Federation, code: Gemeentecode, arguments: &[&str]) -> anyhow::Result<String> {
    let config = federation.layout().node_config(code);
    let config = config.to_str().unwrap();
    let mut out = Vec::new();
    Cli::try_parse_from(["drempel-node", "--config", config].iter().chain(arguments))?.run(&mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[tokio::test]
async fn a_third_person_proves_what_was_logged_with_a_bundle_and_a_key() {
    let federation = small(2).start().await.unwrap();
    let codes: Vec<Gemeentecode> = federation.members().keys().copied().collect();
    let [code, other] = *codes.as_slice() else { panic!("two gemeenten") };
    let asker = Asker::coordinator(&federation, code);
    let ask = ask_of(&federation, code, QUESTION);
    let logged = asker.post(sign(&ask, federation.signing_key())).await.logged();
    let key = node(&federation, code, &["audit", "key"]).unwrap();
    let yesterday = logged.verify(ask.id, &key.trim().parse().unwrap()).unwrap().to_string();
    // The log goes on.
    for _ in 0..3 {
        asker.post(sign(&ask_of(&federation, code, QUESTION), federation.signing_key())).await.logged();
    }

    let folder = tempfile::tempdir().unwrap();
    let bundle = folder.path().join("bundle.json");
    let question = ask.id.to_string();
    let export = ["audit", "export", "--out", text(&bundle), "--question", &question, "--since", &yesterday];
    let said = node(&federation, code, &export).unwrap();
    let size = federation.member(code).unwrap().node().unwrap().audit().head().size;
    assert!(said.contains(&format!("2 of {size} records")), "{said}");
    assert!(node(&federation, code, &export).unwrap_err().to_string().contains("cannot write"), "it is there already");

    let one = folder.path().join("one.json");
    node(&federation, code, &["audit", "prove", "1", "--out", text(&one), "--since", &yesterday]).unwrap();
    let one = federation.drempel(&["audit", "verify", text(&one), "--log-key", key.trim()]).await.unwrap();
    assert!(one.exit == Exit::Ok && one.out.contains("\"opened\"") && one.out.lines().count() == 1, "{}", one.out);
    let beyond = (size + 1).to_string();
    let none = text(&folder.path().join("none.json")).to_owned();
    assert!(node(&federation, code, &["audit", "prove", &beyond, "--out", &none]).is_err());

    let verify = async |key: &str, since: &str| {
        let arguments = ["audit", "verify", text(&bundle), "--log-key", key, "--since", since];
        federation.drempel(&arguments).await.unwrap()
    };
    let proved = verify(key.trim(), &yesterday).await;
    assert_eq!(proved.exit, Exit::Ok, "{}", proved.err);
    let lines: Vec<serde_json::Value> = proved.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["record"]["event"]["sql"], ask.sql.as_str());
    assert_eq!(lines[1]["answer"], serde_json::from_str::<serde_json::Value>(&logged.answer).unwrap());

    let others = node(&federation, other, &["audit", "key"]).unwrap();
    let unproved = verify(others.trim(), &yesterday).await;
    assert_eq!((unproved.exit, unproved.out.as_str()), (Exit::Refused, ""), "{}", unproved.err);
    let another = federation.member(other).unwrap().node().unwrap().audit().head().to_string();
    let unproved = verify(key.trim(), &another).await;
    assert_eq!((unproved.exit, unproved.out.as_str()), (Exit::Refused, ""), "{}", unproved.err);

    // One letter of what left.
    let written = std::fs::read_to_string(&bundle).unwrap();
    std::fs::write(&bundle, written.replacen("landelijke-monitor", "landelijke_monitor", 1)).unwrap();
    assert_eq!(verify(key.trim(), &yesterday).await.exit, Exit::Refused);

    let none = folder.path().join("none.json");
    let other_history = ["audit", "export", "--out", text(&none), "--since", &another];
    assert!(node(&federation, code, &other_history).unwrap_err().to_string().contains("NOT THE SAME LOG"));
    let unknown = ["audit", "export", "--out", text(&none), "--question", &question];
    assert!(node(&federation, other, &unknown).unwrap_err().to_string().contains("has no question"));
    let copied = &federation.member(code).unwrap().config().paths.audit;
    let said = node(&federation, other, &["audit", "verify", "--log", text(copied), "--key", key.trim()]).unwrap();
    assert!(said.contains("it is signed with the key of --key"), "{said}");
    assert!(node(&federation, other, &["audit", "verify", "--key", key.trim()]).is_err(), "another log");

    let found = |arguments: &[&str]| node(&federation, code, &[&["audit", "search"], arguments].concat()).unwrap();
    assert!(found(&["--became", "answered", "--text", "JEUGDHULP"]).contains("4 of 4 questions"));
    assert!(found(&["--asker", "nobody"]).contains("0 of 4 questions"));
    let first: serde_json::Value = serde_json::from_str(found(&["--json"]).lines().next().unwrap()).unwrap();
    assert_eq!((&first["question"], &first["sql"]), (&question.as_str().into(), &ask.sql.as_str().into()));
    federation.stop().await;
}
