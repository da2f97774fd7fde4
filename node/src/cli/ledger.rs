//! `ledger`: what a gemeente takes over from those that became it on 1 January.

use std::{collections::HashMap, io::Write, path::Path};

use anyhow::{Context as _, ensure};

use crate::{
    audit::AnsweredFrom,
    config::Config,
    ingest::{RecordKey, records::Records},
    ledger::{Ledger, Overgenomen},
};

/// Takes over another gemeente's releases and counted set.
pub(super) fn import(
    config: &Config,
    other: &Path,
    (record_key, log): (&Path, &Path),
    accept_loss: bool,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    ensure!(log.is_dir(), "there is no folder {}; give that of the log of the other node", log.display());
    let answered = AnsweredFrom::read(log)?;
    ensure!(other.is_file(), "there is no file {}; give the ledger.sqlite of the other node", other.display());
    let theirs = RecordKey::read(record_key).with_context(|| format!("cannot use {}", record_key.display()))?;
    let own = config.read_record_key()?;
    let records = Records::open(&config.paths.records, config.gemeente, &own)
        .context("import the other gemeente's messages here first, so that its children are known")?;
    let mut names = HashMap::new();
    for dossier in records.dossiers()? {
        let bsn = dossier?.bsn;
        names.insert(theirs.persoon(bsn), own.persoon(bsn));
    }
    let taken =
        Ledger::open(&config.paths.ledger)?.take_over(other, config.gemeente, &names, &answered, accept_loss)?;
    let Overgenomen { gemeente, last, releases, persons, known } = taken;
    writeln!(out, "took over {releases} releases of {gemeente}, up to {last}")?;
    writeln!(out, "of {persons} counted children {known} are in the records here; the others will end as vervallen")?;
    Ok(())
}
