//! `records`: the encrypted records themselves. Verifying, exporting for the gemeente's own use, and changing the key.

use std::{
    fs::{self, File},
    io::Write,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};

use super::import::{Setting, with_progress};
use crate::{
    config::Config,
    ingest::{
        Progress, RecordKey, rebuild,
        records::{Records, RecordsError},
        views::{export_feiten, export_views},
    },
    ledger::Ledger,
    whole_file::sync_folder_of,
};

pub(super) fn verify(config: &Config, out: &mut impl Write) -> anyhow::Result<()> {
    let key = config.read_record_key()?;
    let records = Records::open(&config.paths.records, config.gemeente, &key)?;
    let facts = records.verify()?;
    let files = records.manifest().segmenten.len();
    writeln!(out, "whole: {facts} facts in {files} files, under key {}", key.vingerafdruk())?;
    Ok(())
}

/// Facts and views as CSV, with BSN.
pub(super) fn export(config: &Config, dir: &Path, out: &mut impl Write) -> anyhow::Result<()> {
    let setting = Setting::of(config)?;
    let request = setting.request(config);
    let records = Records::open(&config.paths.records, config.gemeente, request.key)?;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    let persons = export_views(&request, &records, dir)?;
    let facts = export_feiten(dir, records.dossiers()?)?;
    writeln!(
        out,
        "wrote {facts} facts and the views of {persons} persons to {}: WITH BSN, for the gemeente's own use only",
        dir.display()
    )?;
    Ok(())
}

/// Encrypts everything again under another key. In place: the configured file gets the new key, and the old one is kept
/// beside it until the operator removes it.
pub(super) fn rotate(config: &Config, new_key: Option<&Path>, out: &mut impl Write) -> anyhow::Result<()> {
    let setting = Setting::of(config)?;
    let (next, in_place) = match new_key {
        Some(path) => (path.to_owned(), false),
        None if config.paths.record_key_command.is_empty() => (beside(&config.paths.record_key, "next"), true),
        None => {
            bail!("the key comes from a command: give the new one as a file with --new-key, then change the command")
        }
    };
    if in_place && !next.exists() {
        // Whole under its name or not there.
        let made = beside(&config.paths.record_key, "made");
        let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&made)?;
        file.write_all(&RecordKey::random_bytes()?)?;
        file.sync_all()?;
        fs::rename(&made, &next)?;
        // On disk before anything is under it.
        sync_folder_of(&next)?;
    }
    let key = RecordKey::read(&next).with_context(|| format!("cannot use {}", next.display()))?;
    let old = setting.request(config).key.clone();
    match Records::open(&config.paths.records, config.gemeente, &old) {
        Ok(mut records) => {
            let facts = records.manifest().feiten;
            rename_in_ledger(config, &records, &old, &key)?;
            with_progress(|progress| {
                progress(Progress::Deriving(facts));
                records.rekey(&key, &mut |written| progress(Progress::Derived(written)))
            })??;
        }
        // An earlier run came as far as the records, and not to the key.
        Err(RecordsError::OtherKey { found, .. }) if found == key.vingerafdruk().to_string() => {}
        Err(error) => return Err(error.into()),
    }
    if in_place {
        let previous = beside(&config.paths.record_key, &format!("previous-{}", old.vingerafdruk()));
        // Whenever this is interrupted there is a key under the configured name.
        fs::copy(&config.paths.record_key, &previous)?;
        File::open(&previous)?.sync_all()?;
        fs::rename(&next, &config.paths.record_key)?;
        sync_folder_of(&config.paths.record_key)?;
        writeln!(out, "the old key is {}; remove it when no backup needs it", previous.display())?;
    } else {
        writeln!(out, "the records are now under {}; put that key in the configuration", next.display())?;
    }
    let request = crate::ingest::ImportRequest { key: &key, ..setting.request(config) };
    let report = with_progress(|progress| rebuild(&request, progress))??;
    writeln!(
        out,
        "encrypted {} facts again under key {}; the snapshot has new person numbers and identifiers",
        report.feiten.values().sum::<u64>(),
        key.vingerafdruk()
    )?;
    Ok(())
}

/// What releases counted of a person is found again under the hash that the new key gives. Before anything is under it:
/// if this is interrupted the names are there for nothing, which does no harm.
fn rename_in_ledger(config: &Config, records: &Records, old: &RecordKey, new: &RecordKey) -> anyhow::Result<()> {
    if !config.paths.ledger.exists() {
        return Ok(());
    }
    let mut names = Vec::new();
    for dossier in records.dossiers()? {
        let bsn = dossier?.bsn;
        names.push((old.persoon(bsn), new.persoon(bsn)));
    }
    Ok(Ledger::open(&config.paths.ledger)?.rename(names)?)
}

fn beside(path: &Path, what: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(what);
    path.with_file_name(name)
}
