//! The commands of `audit`: read the log, also while the node is running.

mod command;

use std::{
    collections::BTreeSet,
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use anyhow::{Context as _, bail};
use askama::Template as _;
use clap::ValueEnum as _;
use drempel_protocols::{
    clock::{Clock as _, SystemClock, dutch_day},
    id::{PurposeId, QuestionId},
    log::{Bundle, BundledAnswer, LogHead, LogKey},
    policy::Policy,
};

pub(super) use self::command::AuditCommand;
use crate::{
    app::{name, open_catalogue},
    askers::{Asker, Askers, Names},
    audit::{Asked, AuditError, Event, Outcome, Sought, Verified, asked, verify},
    config::Config,
    officer::Register,
    witness::{Contradiction, Cosigned},
};

/// `kept` is how far the log went when somebody outside this machine kept that: it must still begin so. `key` is the key
/// that it must be signed with.
fn verify_log(
    folder: &Path,
    kept: Option<LogHead>,
    key: Option<&LogKey>,
    out: &mut impl Write,
) -> anyhow::Result<Verified> {
    let (mut questions, mut answers, mut refused) = (0u64, 0u64, 0u64);
    let found = verify(folder, |logged| match &logged.entry.event {
        Event::Intent(_) => questions = questions.saturating_add(1),
        Event::Outcome { outcome: Outcome::Answered { .. }, .. } => answers = answers.saturating_add(1),
        Event::Refused { .. } => refused = refused.saturating_add(1),
        _ => {}
    })
    .with_context(|| format!("cannot read the log at {}", folder.display()))?;
    let verified = match found {
        Ok(verified) => verified,
        Err(finding) => bail!("NOT WHOLE: {finding}; keep the folder as it is and tell the privacy officer"),
    };
    writeln!(
        out,
        "whole: {} records, {questions} questions run, {answers} answers left, {refused} refused\nhead: {}",
        verified.head.size, verified.head
    )?;
    if let Some(signed) = &verified.key {
        writeln!(out, "key:  {signed}")?;
    }
    if verified.torn > 0 || verified.ahead {
        writeln!(
            out,
            "the last write is not complete: a node is writing, or was cut off and completes it at its next start"
        )?;
    }
    if let Some(key) = key {
        if verified.key.as_ref() != Some(key) {
            bail!("NOT THE SAME LOG: it is signed with another key than that of --key");
        }
        writeln!(out, "it is signed with the key of --key")?;
    }
    if let Some(kept) = kept {
        if kept.size > verified.head.size {
            let first = verified.head.size.saturating_add(1);
            bail!("NOT THE SAME LOG: record {first} is missing, and the head that was kept has {} records", kept.size);
        }
        if !verified.begins_with(kept) {
            bail!("NOT THE SAME LOG: its first {} records are not those of the head that was kept", kept.size);
        }
        writeln!(out, "its first {} records are those of the head that was kept", kept.size)?;
    }
    Ok(verified)
}

/// Says up to where witnesses have cosigned a log that is whole, which must be the one that they saw.
fn witnessed(config: &Config, verified: &Verified, out: &mut impl Write) -> anyhow::Result<()> {
    let cosigned = Cosigned::read(&config.paths.getuigenis)?;
    let naam = |of: &Cosigned| {
        let known = config.getuigen.iter().find(|getuige| getuige.sleutel == of.key);
        known.map_or_else(|| of.key.name().to_owned(), |getuige| getuige.naam.clone())
    };
    let contradictions = Contradiction::read(&config.paths.getuigenis)?.into_iter().map(|of| (of.witness, of.head));
    for (witness, head) in cosigned.iter().map(|of| (naam(of), of.head)).chain(contradictions) {
        if !verified.begins_with(head) {
            bail!(
                "NOT THE SAME LOG: it was put back or has two histories: {witness} has seen {} records with another root; \
                 keep the folder as it is and tell the privacy officer",
                head.size
            );
        }
    }
    for getuige in &config.getuigen {
        let last = getuige.of(&cosigned);
        let holds = |last: &&Cosigned| verified.key.as_ref().is_some_and(|log| last.holds(log));
        match last.filter(holds) {
            Some(Cosigned { head, time, .. }) => {
                writeln!(out, "cosigned by {}: its first {} records, {time}", getuige.naam, head.size)?;
            }
            None if last.is_some() => bail!(
                "what {} cosigned, in {}, is not as it was written",
                getuige.naam,
                config.paths.getuigenis.display()
            ),
            None => writeln!(out, "cosigned by {}: nothing yet", getuige.naam)?,
        }
    }
    Ok(())
}

fn show(folder: &Path, out: &mut impl Write) -> anyhow::Result<()> {
    // Nothing is shown of a log that is not whole: whether a record is as it was written is known at the end.
    if let Err(finding) =
        verify(folder, |_| {}).with_context(|| format!("cannot read the log at {}", folder.display()))?
    {
        bail!("NOT WHOLE: {finding}; keep the folder as it is and tell the privacy officer");
    }
    let mut written = Ok(());
    let shown = verify(folder, |logged| {
        if written.is_ok() {
            let answer = logged.answer.map(|answer| answer.text);
            written = serde_json::to_string(&serde_json::json!({ "record": logged.entry, "answer": answer }))
                .map_err(std::io::Error::from)
                .and_then(|line| writeln!(out, "{line}"));
        }
    });
    written?;
    match shown? {
        Ok(_) => Ok(()),
        Err(finding) => bail!("NOT WHOLE: {finding}; keep the folder as it is and tell the privacy officer"),
    }
}

/// Prints the questions that are sought.
fn search(config: &Config, sought: &Sought, json: bool, out: &mut impl Write) -> anyhow::Result<()> {
    let folder = &config.paths.audit;
    if !fs::exists(folder)? {
        bail!("there is no log yet at {}", folder.display());
    }
    let all = match asked(folder, &Names::read(&config.paths.vragers)?) {
        Ok(all) => all,
        Err(AuditError::Broken(finding)) => {
            bail!("NOT WHOLE: {finding}; keep the folder as it is and tell the privacy officer")
        }
        Err(error) => return Err(error.into()),
    };
    let found: Vec<_> = all.iter().filter(|asked| sought.is(asked)).collect();
    for asked in &found {
        if json {
            writeln!(out, "{}", serde_json::to_string(asked)?)?;
            continue;
        }
        let Asked { record, time, question, asker, purpose, sql, became, problem, .. } = asked;
        let became = became.to_possible_value().map(|word| word.get_name().to_owned()).unwrap_or_default();
        let question = question.map_or_else(|| "no id".to_owned(), |question| question.to_string());
        // As the coordinator has it: it may be anything.
        let asker = match asker {
            None => "unknown".to_owned(),
            Some(Asker::Named(name)) => name.escape_debug().to_string(),
            Some(Asker::Erased(of)) => format!("erased {}", of.as_str()),
        };
        let purpose = purpose.as_ref().map_or("-", PurposeId::as_str);
        writeln!(out, "{record} {time:.0} {question} {became} for {purpose}, asked by {asker}")?;
        if let Some(sql) = sql {
            writeln!(out, "    {sql}")?;
        }
        if let Some(problem) = problem {
            writeln!(out, "    {}", problem.title())?;
        }
    }
    if !json {
        writeln!(out, "{} of {} questions", found.len(), all.len())?;
    }
    Ok(())
}

/// Writes the records of some questions, some by their numbers, or all, that a third person can check.
fn export(
    folder: &Path,
    (questions, numbers, since): (&[QuestionId], &[u64], &[LogHead]),
    file: &Path,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let mut records = Vec::new();
    let mut found = BTreeSet::new();
    let verified = verify(folder, |logged| {
        let question = match &logged.entry.event {
            Event::Intent(intent) => Some(intent.question),
            Event::Outcome { question, .. } => Some(*question),
            Event::Refused { question, .. } => *question,
            _ => None,
        };
        let asked = question.filter(|question| questions.contains(question));
        found.extend(asked);
        let is_all = questions.is_empty() && numbers.is_empty();
        if is_all || asked.is_some() || numbers.contains(&logged.entry.sequence) {
            let answer = logged
                .answer
                .map(|answer| BundledAnswer { text: answer.text.to_owned(), salt: answer.salt.to_owned() });
            records.push((logged.entry.sequence, logged.json.to_owned(), answer));
        }
    })
    .with_context(|| format!("cannot read the log at {}", folder.display()))?;
    let verified = match verified {
        Ok(verified) => verified,
        Err(finding) => bail!("NOT WHOLE: {finding}; keep the folder as it is and tell the privacy officer"),
    };
    if let Some(question) = questions.iter().find(|question| !found.contains(question)) {
        bail!("the log has no question {question}");
    }
    let size = verified.head.size;
    if let Some(number) = numbers.iter().find(|number| !(1..=size).contains(*number)) {
        bail!("the log has no record {number}; it has {size}");
    }
    let checkpoint = verified.checkpoint.context("the log has no records yet")?;
    let count = records.len();
    let bundle = Bundle::of(&verified.tree, &checkpoint, since, records)
        .context("NOT THE SAME LOG: it does not begin with the records of --since")?;
    let text = serde_json::to_string(&bundle)?;
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    let written = made.and_then(|mut made| {
        // What is there in part must not be in the way of the next try.
        made.write_all(text.as_bytes()).inspect_err(|_| drop(fs::remove_file(file)))
    });
    written.with_context(|| format!("cannot write {}", file.display()))?;
    writeln!(
        out,
        "{}: {count} of {} records. Give whoever is to check it the key too, by another way (`audit key`)",
        file.display(),
        verified.head.size
    )?;
    Ok(())
}

/// Erases the key of somebody who asked: the log stays as it is, and nobody can say any more who it was.
fn forget(config: &Config, asker: &str, out: &mut impl Write) -> anyhow::Result<()> {
    let path = &config.paths.vragers;
    if !fs::exists(path)? || !Askers::open(path)?.erase(asker)? {
        bail!("nobody of that name is known to have asked; audit search shows the names as they were sent");
    }
    writeln!(
        out,
        "forgotten: the log says so once the node runs. The name is still in backups of {}, and the coordinator has its own",
        path.display()
    )?;
    Ok(())
}

/// Writes the public register, as a page and for programs.
fn register(config: &Config, folder: &Path, out: &mut impl Write) -> anyhow::Result<()> {
    let catalogue = open_catalogue(config)?;
    let today = dutch_day(SystemClock.now());
    let policy = Policy::from_file(&config.beleid, &catalogue)?;
    let register = Register::of(
        &asked(&config.paths.audit, &Names::default())?,
        &catalogue,
        (config.gemeente, name(config, &catalogue)),
        (policy.k(), today),
    );
    let write = |name: &str, text: String| {
        let path = folder.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    };
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    write("register.html", register.render()?)?;
    write("register.json", serde_json::to_string_pretty(&register)?)?;
    writeln!(out, "{}: {} questions, until {today}", folder.display(), register.vragen.len())?;
    Ok(())
}

/// Prints the public key that the log is signed with.
fn key(folder: &Path, out: &mut impl Write) -> anyhow::Result<()> {
    if !fs::exists(folder)? {
        bail!("there is no log yet at {}; its key is made when the node is started first", folder.display());
    }
    match verify(folder, |_| {})? {
        Ok(Verified { key: Some(key), .. }) => Ok(writeln!(out, "{key}")?),
        Ok(_) => bail!("the log has no records yet"),
        Err(finding) => bail!("NOT WHOLE: {finding}; keep the folder as it is and tell the privacy officer"),
    }
}

/// Prints the public key that the logs of others are cosigned with.
fn witness_key(config: &Config, out: &mut impl Write) -> anyhow::Result<()> {
    let file = &config.paths.witness_key;
    if !fs::exists(file)? {
        bail!("{} is not there yet; it is made when the node is started first", file.display());
    }
    Ok(writeln!(out, "{}", crate::audit::witness_key(file, config.gemeente)?.public())?)
}
