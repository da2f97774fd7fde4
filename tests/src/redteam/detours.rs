//! Attacks that go around what one gemeente hides: by tables released as if each were alone, by another gemeente's ledger, by
//! an old one, or by a log that is written anew. Each is carried out, and so is what has to stop it.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use drempel_node::{
    app::StartError,
    audit::verify,
    ledger::{Ledger, LedgerError},
    release::{Build, BuildError},
};
use drempel_protocols::{
    clock::{Clock as _, SystemClock},
    lattice::Lattice,
    log::{LogHead, TreeHash},
    message::Ask,
    policy::PolicyFile,
};

use super::{
    attack::Asked,
    chain::{Chain, Protection},
    figures::Figures,
    lies::HONEST,
    life::{HALF_YEARS, HALVES, Life},
    plan::Plan,
    planter::Planter,
    registry::{BOTH, Drawn, ROWS},
    target::Target,
    trial::Ground,
};

const GROEP: Drawn = ("jeugdhulp", &["kerngroep"], BOTH);

/// An attack, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detour {
    /// Its number in the suite of attacks, or where it comes from.
    pub number: &'static str,
    /// What it does, in a few words.
    pub name: &'static str,
    /// What it gives where nothing stops it.
    pub gives: String,
    /// Whether that came of it.
    pub works: bool,
    /// What stops it; none if nothing did.
    pub stopped: Option<String>,
}

/// All of them.
///
/// # Errors
/// If something other than an attack fails.
pub async fn all(ground: &Ground) -> anyhow::Result<Vec<Detour>> {
    let mut found = vec![circle(ground)?, herindeling(ground)?];
    found.extend(restored(ground).await?);
    found.extend(rewritten(ground).await?);
    Ok(found)
}

/// A figure of a release, if it is shown.
fn shown(ground: &Ground, chain: &Chain, asked: &Asked) -> anyhow::Result<Option<i64>> {
    let figures = Figures::of(chain, &ground.codebook)?;
    Ok(asked.figure(&figures, &ground.codebook).and_then(|figure| figures.shown(figure)))
}

fn release(ground: &Ground, children: &[Life], cubes: &[Drawn], protection: Protection) -> anyhow::Result<Chain> {
    let of = (&ground.codebook, &ground.landmarks);
    Chain::release(&ground.registry, children.to_vec(), &Plan::new([cubes.to_vec()]), protection, of)
}

/// Tables of each two of three dimensions, released as if each were alone: how many children have all three members or none
/// follows, and no table has it.
fn circle(ground: &Ground) -> anyhow::Result<Detour> {
    let of = Planter { codebook: &ground.codebook, landmarks: &ground.landmarks };
    let mut children = Vec::new();
    for (place, many) in [2, 12, 12, 12, 12, 12, 12, 3].into_iter().enumerate() {
        let kind = [(if place & 1 == 0 { "45" } else { "51" }, -1, HALF_YEARS)];
        let child = if place & 2 == 0 { of.boy(&kind)? } else { of.girl(&kind)? };
        let child = if place & 4 == 0 { child } else { of.referred(child, "06")? };
        children.extend(vec![child; many]);
    }
    let cubes: [Drawn; 3] = [
        ("jeugdhulp", &["kerngroep", "geslacht_groep"], ROWS),
        ("jeugdhulp", &["geslacht_groep", "verwijzer_groep"], ROWS),
        ("jeugdhulp", &["kerngroep", "verwijzer_groep"], ROWS),
    ];
    let (a, b, c) = (("categorie", "45"), ("geslacht", "M"), ("verwijzer", "01"));
    let terms: [(i64, usize, &[_]); 7] =
        [(1, 0, &[]), (-1, 0, &[a]), (-1, 1, &[b]), (-1, 2, &[c]), (1, 0, &[a, b]), (1, 1, &[b, c]), (1, 2, &[a, c])];
    let chains = cubes.map(|cube| release(ground, &children, &[cube], Protection::Drempel));
    let chains = chains.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
    let mut sum = Some(0);
    for (times, table, within) in terms {
        let chain = chains.get(table).context("a table that is not there")?;
        sum = sum.zip(shown(ground, chain, &Asked::new(true, 0, within))?).map(|(sum, count)| sum + times * count);
    }
    let together = ground.registry.with(Some(&cubes), None).map_err(|error| error.to_string());
    let together = together.and_then(|catalogue| Lattice::of(&catalogue).map_err(|error| error.to_string()));
    Ok(Detour {
        number: "R12",
        name: "tables that go round in a circle, each released as if it were alone",
        gives: "77 - 38 - 38 - 38 + 14 + 14 + 14 = 5 have all three or none".to_owned(),
        works: sum == Some(5),
        stopped: together.err(),
    })
}

/// Of a gemeente that two became, less one of them: what the other has.
fn herindeling(ground: &Ground) -> anyhow::Result<Detour> {
    let planter = Planter { codebook: &ground.codebook, landmarks: &ground.landmarks };
    let of = (&ground.codebook, &ground.landmarks);
    let runs_on = |categorie, many| Ok::<_, anyhow::Error>(vec![planter.boy(&[(categorie, -1, HALF_YEARS)])?; many]);
    let parts = [[runs_on("51", 40)?, runs_on("45", 30)?].concat(), [runs_on("51", 5)?, runs_on("45", 30)?].concat()];
    let plan = |halves| Plan::new(vec![vec![("jeugdhulp", &["kerngroep", "begin", "beeindigd"][..], ROWS)]; halves]);
    let told = |protection: Protection| {
        let mut new = Chain::begin(("GM1969", 0), parts.concat(), protection, of.1)?;
        let mut before = None;
        let mut first = 0;
        for (gemeente, children) in ["GM0014", "GM0037"].into_iter().zip(&parts) {
            let mut part = Chain::begin((gemeente, first), children.clone(), protection, of.1)?;
            part.go_on(&ground.registry, &plan(2), of)?;
            new.take_over(&part, of)?;
            first += children.len() as u64;
            before = before.or(Some(part));
        }
        new.go_on(&ground.registry, &plan(3), of)?;
        anyhow::ensure!(new.refused.is_none() && new.halves == 3, "the new gemeente releases nothing");
        let ggz = ("categorie", "51+52+54");
        let all = shown(ground, &new, &Asked::new(true, 2, &[ggz, ("begin", "al_lopend")]))?;
        let one = before.context("there is no other gemeente")?;
        let one = shown(ground, &one, &Asked::new(true, 1, &[ggz, ("einde", "loopt_door")]))?;
        Ok(all.zip(one).map(|(all, one)| all - one))
    };
    let stopped = told(Protection::Drempel)?.is_none().then(|| "not all is shown".to_owned());
    Ok(Detour {
        number: "A12",
        name: "a gemeente that two became, less what one of them released",
        gives: "45 - 40 = 5 of the other, which hid them".to_owned(),
        works: told(Protection::Threshold)? == Some(5),
        stopped,
    })
}

/// A ledger that is put back from before a release, and the same half-year made again once a record has come late.
async fn restored(ground: &Ground) -> anyhow::Result<Vec<Detour>> {
    let of = Planter { codebook: &ground.codebook, landmarks: &ground.landmarks };
    let child = of.boy(&[("45", -1, HALF_YEARS)])?;
    let late = release(ground, &vec![child.clone(); 50], &[GROEP], Protection::Drempel)?;
    let again = release(ground, &vec![child; 51], &[GROEP], Protection::Drempel)?;
    let everybody = Asked::new(false, 0, &[]);
    let told = shown(ground, &again, &everybody)?.zip(shown(ground, &late, &everybody)?);
    let works = told.is_some_and(|(again, before)| again - before == 1);
    let gives = "51 - 50 = 1 that came late".to_owned();

    let bundle = ground.registry.bundle(Some(&[GROEP]), None)?;
    let clock = Arc::new(SystemClock);
    let mut node = Target::start(&bundle, &late.ledger(), PolicyFile::default(), clock).await?;
    anyhow::ensure!(node.ask(HONEST).await?.answer().is_some(), "the first release is not answered from");
    let folder = tempfile::tempdir()?;
    let before = folder.path().join("before.sqlite");
    drop(Ledger::open(&before)?);
    let mut found = Vec::new();
    for (name, ledger) in [
        ("a node that is started with the ledger of before a release", before.as_path()),
        ("a node that is started with the ledger of another release of that half-year", again.ledger().as_path()),
    ] {
        let refused = node.put_back(ledger).await.err();
        let is_it =
            |error: &anyhow::Error| matches!(error.downcast_ref(), Some(StartError::Ledger(LedgerError::Behind(_))));
        let stopped = refused.filter(is_it).map(|error| error.to_string());
        found.push(Detour { number: "R3", name, gives: gives.clone(), works, stopped });
    }
    let (config, catalogue) = (node.config(), &node.catalogue);
    let build = Build { config, catalogue, now: SystemClock.now(), accept_loss: true };
    let made = build.make(HALVES[0].parse()?, &Ledger::open(&before)?, &mut |_| {});
    // For want of a snapshot it would be refused later.
    let stopped = made.err().filter(|error| matches!(error, BuildError::Ledger(LedgerError::Behind(_))));
    let stopped = stopped.map(|error| error.to_string());
    found.push(Detour {
        number: "R3",
        name: "the same half-year, built again from such a ledger",
        gives,
        works,
        stopped,
    });
    Ok(found)
}

/// Names of askers that would be records of the log if they were written as they are.
const FORGED: [(&str, &str); 2] = [
    ("an asker whose name goes on as a record", "x\",\"kind\":\"refused\",\"y\":\""),
    ("an asker whose name is a line of the log", "x\",\"kind\":\"refused\"}\nrecord 0000 {\"sequence\":1}\n"),
];

/// Whether the first line is a record of a refusal, as it would be read.
fn forges(written: &str) -> bool {
    let read = written.lines().next().and_then(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    read.is_some_and(|record| record.get("kind").is_some_and(|kind| kind == "refused"))
}

/// How a log is rewritten: what it is called, and what is done to its records, each with what signs it, for the id of a
/// question that is to be hidden.
type Rewriting = (&'static str, fn(&mut Vec<String>, &str));

/// A record as if it were of another question.
fn of_another(record: &str, curious: &str) -> String {
    let last = if curious.ends_with('0') { '1' } else { '0' };
    let other = curious.get(..curious.len() - 1).map(|most| format!("{most}{last}"));
    record.replacen(curious, &other.unwrap_or_default(), 1)
}

const REWRITINGS: [Rewriting; 7] = [
    ("a record of the log changed", |records, curious| {
        if let Some(record) = records.iter_mut().find(|record| record.contains(curious)) {
            *record = of_another(record, curious);
        }
    }),
    ("a record changed, and its hash made again", |records, curious| {
        if let Some(record) = records.iter_mut().find(|record| record.contains(curious)) {
            let changed = of_another(record, curious);
            let hashed = changed.split_inclusive('\n').map(|line| match line.strip_prefix("record ") {
                Some(rest) => {
                    let json = rest.split_once(' ').map_or("", |(_, json)| json);
                    format!("record {} {json}", TreeHash::of_record(json.trim_end_matches('\n').as_bytes()))
                }
                None => line.to_owned(),
            });
            *record = hashed.collect();
        }
    }),
    ("a record taken out", |records, curious| {
        records.retain(|record| !record.contains(curious));
    }),
    ("two records swapped", |records, _| {
        let last = records.len() - 1;
        records.swap(last, last - 1);
    }),
    ("a record told twice", |records, _| {
        records.extend(records.last().cloned());
    }),
    ("the end cut off", |records, _| {
        records.truncate(records.len() - 2);
    }),
    ("everything taken out", |records, _| records.clear()),
];

/// What somebody who may write the log's folder does to what it says of a question; the writer's own code looks at it after
/// that, with the head that went with the answer.
async fn rewritten(ground: &Ground) -> anyhow::Result<Vec<Detour>> {
    let of = Planter { codebook: &ground.codebook, landmarks: &ground.landmarks };
    let chain = release(ground, &vec![of.boy(&[("45", -1, HALF_YEARS)])?; 50], &[GROEP], Protection::Drempel)?;
    let bundle = ground.registry.bundle(Some(&[GROEP]), None)?;
    let mut node = Target::start(&bundle, &chain.ledger(), PolicyFile::default(), Arc::new(SystemClock)).await?;
    let mut found = Vec::new();
    for (name, forged) in FORGED {
        let before = records(&node)?;
        let asked = node.send(&Ask { asker: forged.to_owned(), ..node.question(HONEST)? }, node.key()).await?;
        let written = records(&node)? - before;
        let own = if asked.answer().is_some() { 2 } else { 1 };
        let is_whole = verify(&node.config().paths.audit, |_| {})?.is_ok() && written == own;
        found.push(Detour {
            number: "A17",
            name,
            gives: "a record that nobody wrote".to_owned(),
            works: forges(&format!("{{\"asker\":\"{forged}\"}}")),
            stopped: is_whole.then(|| format!("status {}, and {written} records in a log that is whole", asked.status)),
        });
    }

    let curious = node.question(HONEST)?;
    let seen = node.send(&curious, node.key()).await?;
    let head = seen.head().context("an answer without its record")?;
    node.stop().await;
    let audit = &node.config().paths.audit;
    let written = batches(&segment(&node)?);
    for (name, rewrite) in REWRITINGS {
        let folder = tempfile::tempdir()?;
        let mut changed = written.clone();
        rewrite(&mut changed, &curious.id.to_string());
        for file in fs::read_dir(audit)? {
            let file = file?;
            fs::copy(file.path(), folder.path().join(file.file_name()))?;
        }
        fs::write(only_segment(folder.path())?, changed.concat())?;
        found.push(Detour {
            number: "A21",
            name,
            gives: "a question that was not asked".to_owned(),
            works: changed != written,
            stopped: noticed(folder.path(), head)?,
        });
    }
    // A log of its own, whole in itself: what was asked is in neither.
    let other = Target::start(&bundle, &chain.ledger(), PolicyFile::default(), Arc::new(SystemClock)).await?;
    found.push(Detour {
        number: "A21",
        name: "another log in its place, whole in itself",
        gives: "a question that was not asked".to_owned(),
        works: verify(&other.config().paths.audit, |_| {})?.is_ok(),
        stopped: noticed(&other.config().paths.audit, head)?,
    });
    Ok(found)
}

/// What is wrong with a log, for who has the head that went with an answer.
fn noticed(folder: &Path, kept: LogHead) -> anyhow::Result<Option<String>> {
    let missing = "it is not the log of the head that went with the answer";
    Ok(match verify(folder, |_| {})? {
        Err(finding) => Some(finding.to_string()),
        Ok(found) => (found.tree.root(kept.size) != Ok(kept.root)).then(|| missing.to_owned()),
    })
}

/// How many records a node's log has.
fn records(node: &Target) -> anyhow::Result<usize> {
    Ok(segment(node)?.lines().filter(|line| line.starts_with("record ")).count())
}

/// The records of a segment, each with the answer that stands beside it and the checkpoint that signs it.
fn batches(segment: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    for line in segment.split_inclusive('\n') {
        if let Some(batch) = found.last_mut() {
            batch.push_str(line);
        }
        if line.starts_with("checkpoint ") {
            found.push(String::new());
        }
    }
    found.retain(|batch| !batch.is_empty());
    found
}

/// The text of a node's log, which is short.
fn segment(node: &Target) -> anyhow::Result<String> {
    Ok(fs::read_to_string(only_segment(&node.config().paths.audit)?)?)
}

fn only_segment(folder: &Path) -> anyhow::Result<PathBuf> {
    let files = fs::read_dir(folder)?.map(|file| Ok(file?.path())).collect::<anyhow::Result<Vec<_>>>()?;
    files.into_iter().find(|path| path.extension().is_some()).context("a log without a segment")
}
