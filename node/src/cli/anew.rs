//! `audit begin-anew` and `audit pin`: another log in the place of one that is lost, and taking the log of another gemeente for
//! that of another key. Both are for when people have told each other what happened.

use std::{io::Write, sync::Arc};

use anyhow::{anyhow, ensure};
use drempel_protocols::{
    clock::SystemClock,
    id::Gemeentecode,
    log::{LogKey, log_name},
};

use crate::{anew, config::Config, witness};

pub(super) fn begin(config: &Config, (reason, has_officers): (&str, bool), out: &mut impl Write) -> anyhow::Result<()> {
    let reason = reason.parse().map_err(|unfit: &str| anyhow!("--reason: {unfit}"))?;
    let anew::Begun { key, aside, key_aside } =
        anew::begin_anew(config, (reason, has_officers), Arc::new(SystemClock))?;
    let gemeente = config.gemeente;
    writeln!(out, "what is left of the other log is in {}: keep it, for what it still shows", aside.display())?;
    if let Some(file) = key_aside {
        writeln!(out, "its key is in {}: it signs nothing any more", file.display())?;
    }
    writeln!(
        out,
        "another log has begun, with a record of why, under the key\n  {key}\n\
         1. Give that key to the coordinator, as logsleutel of {gemeente}, and say what happened. There it is settled with:\n   \
         drempel-coordinator settle {gemeente} --reason …\n\
         2. Give it to the gemeenten that cosign this log, who take it with:\n   \
         drempel-node audit pin {gemeente} {key}\n\
         3. Start the node. What officers decided was in the other log: let the officer decline again what was declined, on \
         the pages, and then accept the catalogue. Until then every question is refused, unless there never were officers.\n\
         4. Put back no older ledger: what was answered from it is not known here any more."
    )?;
    Ok(())
}

pub(super) fn pin(
    config: &Config,
    (gemeente, key): (Gemeentecode, &LogKey),
    out: &mut impl Write,
) -> anyhow::Result<()> {
    ensure!(gemeente != config.gemeente, "the log of this gemeente is not cosigned by its own node");
    ensure!(key.name() == log_name(gemeente), "that is the key of {}, and not of the log of {gemeente}", key.name());
    let replaced = witness::pin(&config.paths.getuigenis, key)?;
    writeln!(out, "the log of {gemeente} is that of\n  {key}\nfrom now on, and is cosigned under no other")?;
    if let Some(replaced) = replaced {
        writeln!(out, "what was seen of it under\n  {replaced}\nis seen no more")?;
    }
    Ok(())
}
