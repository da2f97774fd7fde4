//! A gemeente that has lost its log: it cannot go on as if nothing happened, it can begin another that says so, and everybody who
//! knew the other takes the new one only once somebody there has said so too.

use std::fs;

use clap::Parser as _;
use drempel_coordinator::heads;
use drempel_node::{
    audit::{Event, verify},
    cli::Cli,
};
use drempel_protocols::{
    clock::{Clock as _, SystemClock},
    id::Gemeentecode,
    log::SignedCheckpoint,
};
use drempel_tests::{clock::TestClock, federation::Federation};

use crate::{
    asker::{Asker, QUESTION, ask_of, sign, small},
    browser::Browser,
    witnesses::{CODES, answered, by, code, command, cosigned, node, round, said_heads, three},
};

fn settle(federation: &Federation, reason: &str) -> Result<String, String> {
    let (config, mut out) = (federation.coordinator_config().unwrap(), Vec::new());
    let done = heads::settle(&config, (code("GM0014"), reason), SystemClock.now(), &mut out);
    done.map(|()| String::from_utf8(out).unwrap()).map_err(|error| format!("{error:#}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_log_is_begun_anew_and_taken_by_those_who_knew_it_when_they_say_so() {
    let mut federation = three(&TestClock::shared()).await;
    answered(&federation, "GM0014").await;
    round(&federation).await;
    let paths = federation.member(code("GM0014")).unwrap().config().paths.clone();
    let key = |federation: &Federation| command(federation, "GM0014", &["audit", "key"]).unwrap().trim().to_owned();
    let (old, records) = (key(&federation), node(&federation, "GM0014").audit().head().size);
    let begin = ["audit", "begin-anew", "--no-officers", "--reason", "De schijf is verloren gegaan"];
    let in_use = command(&federation, "GM0014", &begin).unwrap_err();
    assert!(format!("{in_use:#}").contains("another process"), "{in_use:#}");

    // The disk is lost, but for what witnesses have seen.
    federation.stop_node(code("GM0014")).await.unwrap();
    fs::remove_dir_all(&paths.audit).unwrap();
    let error = federation.start_node(code("GM0014")).await.unwrap_err().to_string();
    assert!(error.contains("was put back or has two histories") && error.contains("begin-anew"), "{error}");
    assert!(command(&federation, "GM0014", &["audit", "begin-anew", "--reason", " "]).is_err());
    let built = command(&federation, "GM0014", &["release", "build"]).unwrap_err().to_string();
    assert!(built.contains(&format!("has seen {records} records")), "an empty log is no word of an officer: {built}");
    let no_pages = command(&federation, "GM0014", &["audit", "begin-anew", "--reason", "verloren"]).unwrap_err();
    assert!(no_pages.to_string().contains("--no-officers"), "{no_pages}");
    // One that breaks off leaves nothing that starts, and is done again: here no other key can be made.
    let in_the_way = paths.log_key.with_extension("pk8.new");
    fs::create_dir(&in_the_way).unwrap();
    assert!(command(&federation, "GM0014", &begin).is_err());
    fs::remove_dir(&in_the_way).unwrap();
    let error = federation.start_node(code("GM0014")).await.unwrap_err().to_string();
    assert!(error.contains("another log was about to begin"), "{error}");
    let built = command(&federation, "GM0014", &["release", "build"]).unwrap_err().to_string();
    assert!(built.contains("another log was about to begin"), "{built}");
    let said = Cli::try_parse_from(["drempel-node", "--config", config(&federation).to_str().unwrap(), "check"]);
    let mut checked = Vec::new();
    assert!(said.unwrap().run(&mut checked).is_err());
    let checked = String::from_utf8(checked).unwrap();
    assert!(checked.contains("PROBLEM  [paths] audit: another log was about to begin"), "{checked}");
    let said = command(&federation, "GM0014", &begin).unwrap();
    let new = key(&federation);
    assert!(new != old && said.contains(&new) && said.contains("drempel-coordinator settle GM0014"), "{said}");
    // The start that was refused had made an empty folder.
    let seen = fs::read_to_string(paths.audit.with_file_name("audit.old-1").join("getuigenis.json")).unwrap();
    assert!(seen.contains("drempel/coordinator"));
    assert!(paths.log_key.with_file_name("log.pk8.old-1").exists());

    // It starts, says so in its second record, and answers: there are no accounts that could accept the catalogue.
    federation.start_node(code("GM0014")).await.unwrap();
    answered(&federation, "GM0014").await;
    let mut anew = None;
    verify(&paths.audit, |logged| {
        if let Event::BegunAnew { reason, before, seen, officers: false } = &logged.entry.event {
            anew = Some((
                logged.entry.sequence,
                reason.as_str().to_owned(),
                before.clone().unwrap().to_string(),
                seen.clone(),
            ));
        }
    })
    .unwrap()
    .unwrap();
    let (sequence, reason, before, seen) = anew.unwrap();
    assert_eq!((sequence, reason.as_str(), before), (2, "De schijf is verloren gegaan", old.clone()));
    assert!(seen.len() == 3 && seen.values().all(|head| head.size == records), "{seen:?}");

    // The coordinator and the witnesses knew the other: nobody cosigns this one by itself.
    round(&federation).await;
    assert!(cosigned(&federation, "GM0014").is_empty());
    let file = federation.layout().coordinator().join("coordinator.toml");
    fs::write(&file, fs::read_to_string(&file).unwrap().replace(&old, &new)).unwrap();
    federation.restart_coordinator().await.unwrap();
    round(&federation).await;
    assert!(cosigned(&federation, "GM0014").is_empty());
    let said = said_heads(&federation);
    assert!(said.matches("GM0014 IS NOT THE LOG THAT IT WAS").count() == 3, "{said}");
    assert!(settle(&federation, " ").is_err());
    let said = settle(&federation, "Schijf verloren, gemeld door de FG").unwrap();
    assert!(said.contains("3 disputes") && said.contains(&old) && said.contains(&new), "{said}");
    let said = said_heads(&federation);
    assert!(!said.contains("IS NOT") && said.matches("settled").count() == 3, "{said}");
    round(&federation).await;
    let now = |federation: &Federation| node(federation, "GM0014").audit().head().size;
    let coordinator = by("GM0014", [now(&federation), 0, 0]).into_iter().filter(|(_, records)| *records > 0).collect();
    assert_eq!(cosigned(&federation, "GM0014"), coordinator);
    for other in ["GM0034", "GM0037"] {
        assert!(command(&federation, other, &["audit", "pin", other, &new]).is_err());
        assert!(command(&federation, other, &["audit", "pin", "GM0014", &key_of_another(&federation)]).is_err());
        let said = command(&federation, other, &["audit", "pin", "GM0014", &new]).unwrap();
        assert!(said.contains(&old), "{said}");
    }
    round(&federation).await;
    assert_eq!(cosigned(&federation, "GM0014"), by("GM0014", [now(&federation); 3]));
    settle(&federation, "De getuigen hebben de nieuwe sleutel").unwrap();
    // What was seen of the other is kept, and its key is taken for no log again.
    let (folder, mut said) = (federation.folder().join("evidence"), Vec::new());
    heads::evidence(&federation.coordinator_config().unwrap(), &folder, &mut said).unwrap();
    let (old_key, kept) = (old.parse().unwrap(), fs::read_to_string(folder.join("replaced-1.checkpoint")).unwrap());
    assert_eq!(SignedCheckpoint::open(&kept, &old_key).unwrap().checkpoint().size, records);
    let back = command(&federation, "GM0034", &["audit", "pin", "GM0014", &old]).unwrap_err().to_string();
    assert!(back.contains("whose place another took"), "{back}");
    let new_to_old =
        |from: &str, to: &str| fs::write(&file, fs::read_to_string(&file).unwrap().replace(from, to)).unwrap();
    new_to_old(&new, &old);
    assert!(settle(&federation, "terug").unwrap_err().contains("whose place another took"));
    new_to_old(&old, &new);
    let nothing = settle(&federation, "nog eens").unwrap_err();
    assert!(nothing.contains("nothing to settle"), "{nothing}");
    for text in CODES {
        assert_eq!(cosigned(&federation, text).len(), 3, "{text}");
    }
    federation.stop().await;
}

fn config(federation: &Federation) -> std::path::PathBuf {
    federation.layout().node_config(code("GM0014"))
}

fn key_of_another(federation: &Federation) -> String {
    command(federation, "GM0034", &["audit", "key"]).unwrap().trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_log_that_is_begun_anew_an_officer_decides_before_anything_is_answered() {
    let clock = TestClock::shared();
    let mut federation = small(1).pages().clock(clock.clone()).start().await.unwrap();
    let code: Gemeentecode = code("GM0014");
    federation.stop_node(code).await.unwrap();
    let reason = "Verhuisd naar een andere machine";
    let none =
        command(&federation, "GM0014", &["audit", "begin-anew", "--no-officers", "--reason", reason]).unwrap_err();
    assert!(none.to_string().contains("never had an account"), "{none}");
    // Nor does it help to have lost who the officers were.
    let accounts = federation.member(code).unwrap().config().paginas.as_ref().unwrap().accounts.clone();
    let lost = accounts.with_extension("lost");
    fs::rename(&accounts, &lost).unwrap();
    command(&federation, "GM0014", &["audit", "begin-anew", "--reason", reason]).unwrap();
    federation.start_node(code).await.unwrap();
    let asker = Asker::coordinator(&federation, code);
    let ask = async || asker.post(sign(&ask_of(&federation, code, QUESTION), federation.signing_key())).await.status;
    assert_eq!(ask().await, 400);
    fs::rename(&lost, &accounts).unwrap();
    let mut officer = Browser::new(&federation, code);
    assert_eq!(officer.sign_in(&federation, &clock, "officer").await.status, 303);
    let page = officer.get("/logboek").await.text();
    assert!(page.contains("Verhuisd naar een andere machine"), "{page}");
    let (csrf, digest) = (officer.csrf().await, federation.catalogue().digest().to_string());
    let form = [
        ("csrf", csrf.as_str()),
        ("soort", "catalogus"),
        ("naam", &digest),
        ("besluit", "aanvaarden"),
        ("reden", "Opnieuw gelezen"),
        ("sinds", ""),
    ];
    assert_eq!(officer.post("/besluit", &form).await.status, 303);
    assert_eq!(ask().await, 200);
    federation.stop().await;
}
