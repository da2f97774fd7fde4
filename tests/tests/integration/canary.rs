//! A child with a known number and a name that occurs nowhere else is in the messages of every gemeente. Everything
//! that can be done is done; then number, name and date of birth are looked for in every response, log, report and file.

use clap::Parser as _;
use drempel_node::cli::Cli;
use drempel_tests::federation::Federation;

use crate::{
    asker::{Asker, QUESTION, ask_of, records_of, sign, small},
    oracle, watch,
};
use rand::SeedableRng as _;

/// What the node's own command line prints, errors included.
fn node(arguments: &[&str]) -> Vec<u8> {
    let mut out = Vec::new();
    let cli = Cli::try_parse_from([&["drempel-node"], arguments].concat()).unwrap();
    if let Err(error) = cli.run(&mut out) {
        out.extend(format!("{error:#}\n{error:?}").into_bytes());
    }
    out
}

#[tokio::test]
async fn a_childs_number_and_name_are_nowhere_but_in_the_messages() {
    let _watching = watch::begin();
    let federation = small(2).canary(watch::bsn(), watch::NAME).start().await.unwrap();
    let mut said: Vec<(String, Vec<u8>)> = Vec::new();
    let purpose = Federation::purpose().unwrap().to_string();

    // The canary is in the messages, and is one of those counted.
    for member in federation.members().values() {
        let messages = federation.node_folder(member.code).join("berichten");
        let planted =
            watch::files(&messages, "").iter().filter(|path| watch::holds(&std::fs::read(path).unwrap())).count();
        assert!(planted > 0, "{} has no canary in its messages", member.code);
        let truth = member.truth.as_ref().unwrap();
        let last = federation.catalogue().periods().last().unwrap();
        let canary = truth.personen().iter().position(|persoon| persoon.bsn == watch::bsn()).unwrap();
        assert!(truth.count(last, |row| row.persoon == canary).1 > 0);
    }

    let mut random = rand_chacha::ChaCha20Rng::seed_from_u64(7);
    let mut questions: Vec<String> = oracle::questions(federation.catalogue(), &mut random);
    questions.retain(|text| !text.contains("COUNT(*)") || text.contains("GROUP BY"));
    for (number, question) in questions.iter().enumerate().filter(|(number, _)| number % 8 == 0) {
        let format = ["table", "json", "csv"][number / 8 % 3];
        let answered =
            federation.drempel(&["query", question, "--purpose", &purpose, "--format", format]).await.unwrap();
        said.push((question.clone(), [answered.out, answered.err].concat().into_bytes()));
    }
    for question in [
        "SELECT persoon FROM jeugdhulp",
        "SELECT naam, bsn FROM jeugdhulp WHERE periode = '2025H2'",
        "SELECT COUNT(*) FROM personen WHERE periode = '2025H2'",
        "SELECT categorie, geslacht, COUNT(*) FROM jeugdhulp WHERE periode = '2025H2' GROUP BY categorie, geslacht",
    ] {
        let refused = federation.drempel(&["query", question, "--purpose", &purpose]).await.unwrap();
        said.push((question.to_owned(), [refused.out, refused.err].concat().into_bytes()));
    }
    for arguments in [
        vec!["explain", QUESTION, "--purpose", &purpose],
        vec!["nodes"],
        vec!["catalogue"],
        vec!["--format", "json", "nodes"],
    ] {
        let shown = federation.drempel(&arguments).await.unwrap();
        said.push((arguments.join(" "), [shown.out, shown.err].concat().into_bytes()));
    }

    for code in federation.members().keys() {
        let asker = Asker::coordinator(&federation, *code);
        let config = federation.layout().node_config(*code);
        let config = config.to_str().unwrap();
        let ask = ask_of(&federation, *code, QUESTION);
        let answered = asker.post(sign(&ask, federation.signing_key())).await;
        assert_eq!(answered.status, 200);
        said.push(("answer".to_owned(), answered.body));
        said.push(("status".to_owned(), asker.get("/v1/status").await.body));
        said.push(("metrics".to_owned(), asker.get("/metrics").await.body));
        said.push(("junk".to_owned(), asker.post("junk").await.body));
        for arguments in [
            ["check"].as_slice(),
            &["audit", "verify"],
            &["audit", "show"],
            &["catalogue", "show"],
            &["records", "verify"],
            &["mapping", "check"],
            &["schema"],
        ] {
            said.push((arguments.join(" "), node(&[&["--config", config], arguments].concat())));
        }
        assert!(!records_of(&federation, *code).is_empty());
    }
    // Another import, over the one that is in use; what only the gemeente may have; another key.
    let exported = tempfile::tempdir().unwrap();
    for member in federation.members().values() {
        let folder = federation.node_folder(member.code);
        let (config, messages) = (federation.layout().node_config(member.code), folder.join("berichten"));
        let export = exported.path().join(member.code.to_string());
        let (messages, export) = (messages.to_str().unwrap(), export.to_str().unwrap());
        for arguments in [
            ["import", "--ijw", messages].as_slice(),
            &["records", "export", "--dir", export],
            &["import", "--csv", export],
            &["import", "--rebuild"],
            &["records", "rotate"],
        ] {
            let done = node(&[&["--config", config.to_str().unwrap()], arguments].concat());
            said.push((arguments.join(" "), done));
        }
        assert!(watch::holds(&std::fs::read(format!("{export}/jeugdhulp.csv")).unwrap()), "the gemeente's own");
    }

    assert!(said.len() > 30);
    for (what, text) in &said {
        assert!(!text.is_empty(), "{what} said nothing");
        assert!(!watch::holds(text), "{what}: {}", String::from_utf8_lossy(text));
    }
    let looked_at = watch::assert_absent(federation.folder(), "berichten");
    assert!(looked_at > 30, "{looked_at} files");
    let files = watch::files(federation.folder(), "berichten");
    for name in [
        "import.json",
        "import.html",
        "import.txt",
        "trajecten.parquet",
        "jeugdhulp.parquet",
        "herhaald_beroep.parquet",
    ] {
        assert!(files.iter().any(|path| path.ends_with(name)), "{name} was not looked at");
    }
    for name in ["wisseling.parquet", "declaratie.parquet", "manifest.json", "bevragingen.sqlite", "checkpoint"] {
        assert!(files.iter().any(|path| path.ends_with(name)), "{name} was not looked at");
    }
    for member in federation.members().values() {
        let folder = federation.node_folder(member.code);
        let of = |part: &str, extension: &str| {
            let extension = Some(std::ffi::OsStr::new(extension));
            watch::files(&folder.join(part), "")
                .into_iter()
                .filter(|path| path.extension() == extension)
                .collect::<Vec<_>>()
        };
        let records = of("records", "parquet");
        assert!(!records.is_empty());
        assert!(records.iter().all(|path| watch::encrypted(&std::fs::read(path).unwrap())));
        assert_eq!((of("rapporten", "json").len(), of("rapporten", "html").len()), (3, 3));
        let personen = member.truth.as_ref().unwrap().personen();
        let numbers = personen.iter().map(|persoon| persoon.bsn.to_string()).collect();
        let canary = personen.iter().find(|persoon| persoon.bsn == watch::bsn()).unwrap();
        let born = canary.kenmerken.geboortedatum.to_string();
        watch::assert_none(&folder, "berichten", &numbers, &[born.replace('-', ""), born]);
    }
    federation.stop().await;

    tracing::trace!("{}", watch::PROBE);
    let (events, seen) = watch::seen();
    assert!(events > 1_000, "{events} events");
    assert!(seen.iter().any(|event| event.contains(watch::PROBE)), "the watch does not see");
    let leaked: Vec<&String> = seen.iter().filter(|event| watch::holds(event.as_bytes())).collect();
    assert!(leaked.is_empty(), "{leaked:#?}");
}

#[test]
fn the_watch_finds_a_canary_in_whatever_form() {
    let number = watch::bsn().to_string();
    let value: u32 = number.parse().unwrap();
    assert!(watch::holds(format!("bsn={number},").as_bytes()));
    assert!(watch::holds(format!("x{}y", watch::NAME.to_uppercase()).as_bytes()));
    assert!(watch::holds(&[&[0, 1], value.to_le_bytes().as_slice(), &[2]].concat()));
    assert!(!watch::holds(b"999999990 Zeldzaam kanarie"));
}
