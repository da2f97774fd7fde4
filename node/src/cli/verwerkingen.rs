//! What leaves the log for the logs and registers that others prescribe: verwerkingen, decisions, and the entries of the register
//! of AVG article 30. What is said to be written is on disk.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use anyhow::{Context as _, bail};
use askama::Template as _;
use drempel_protocols::{
    clock::{Clock as _, SystemClock, dutch_day},
    policy::Policy,
};
use jiff::civil::Date;
use serde_json::Value;

use crate::{
    app::{name, open_catalogue},
    audit::{AuditError, Verwerking, verwerkingen},
    besluit::besluit,
    config::Config,
    dataverwerking::logregel,
    decision::Decisions,
    verwerkingsregister::Verwerkingsregister,
    whole_file::sync_folder_of,
};

/// Writes the questions of these days, and the decisions on them.
pub(super) fn write(
    config: &Config,
    (file, besluiten): (&Path, Option<&Path>),
    (from, until): (Option<Date>, Option<Date>),
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let catalogue = open_catalogue(config)?;
    let (mut questions, verified) = match verwerkingen(&config.paths.audit) {
        Ok(Some(found)) => found,
        Ok(None) => bail!("there is no log yet at {}", config.paths.audit.display()),
        Err(AuditError::Broken(finding)) => {
            bail!("NOT WHOLE: {finding}; keep the folder as it is and tell the privacy officer")
        }
        Err(error) => return Err(error.into()),
    };
    let all = questions.len();
    questions.retain(|question| {
        let day = dutch_day(question.began);
        from.is_none_or(|from| day >= from) && until.is_none_or(|until| day <= until)
    });
    let said = match (questions.first(), questions.last()) {
        (Some(first), Some(last)) => format!("from record {} to record {}", first.record, last.record),
        _ => "nothing was asked in these days".to_owned(),
    };
    lines(file, &questions, |question| logregel(question, config, &catalogue))?;
    if let Some(file) = besluiten {
        lines(file, &questions, |question| besluit(question, config, &catalogue))?;
    }
    for file in [Some(file), besluiten].into_iter().flatten() {
        writeln!(out, "{}: {} of {all} questions, {said}", file.display(), questions.len())?;
    }
    writeln!(out, "on disk; the log goes to {}", verified.head)?;
    Ok(())
}

/// Writes a line for each question to a file that is not there yet; once this returns, it is on disk.
fn lines(file: &Path, questions: &[Verwerking], line: impl Fn(&Verwerking) -> Value) -> anyhow::Result<()> {
    let mut text = String::new();
    for question in questions {
        text.push_str(&serde_json::to_string(&line(question))?);
        text.push('\n');
    }
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    let written = made.and_then(|mut made| {
        let on_disk =
            made.write_all(text.as_bytes()).and_then(|()| made.sync_all()).and_then(|()| sync_folder_of(file));
        // What is there in part must not be in the way of the next try.
        on_disk.inspect_err(|_| drop(fs::remove_file(file)))
    });
    written.with_context(|| format!("cannot write {}", file.display()))
}

/// Writes the entries of the register of AVG article 30, as a page and for programs.
pub(super) fn register(config: &Config, folder: &Path, out: &mut impl Write) -> anyhow::Result<()> {
    let catalogue = open_catalogue(config)?;
    let today = dutch_day(SystemClock.now());
    let configured = Policy::from_file(&config.beleid, &catalogue)?;
    let policy = Decisions::read(&config.paths.audit)?.over(&configured, &catalogue, today);
    let register = Verwerkingsregister::of(&catalogue, &policy, config, (name(config, &catalogue), today));
    let write = |name: &str, text: String| {
        let path = folder.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    };
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    write("verwerkingsregister.html", register.render()?)?;
    write("verwerkingsregister.json", serde_json::to_string_pretty(&register.entries())?)?;
    let count = register.verwerkingen.len();
    writeln!(out, "{}: {count} purposes; fill in what it says the gemeente has to", folder.display())?;
    Ok(())
}
