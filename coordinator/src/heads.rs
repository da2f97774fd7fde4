//! `drempel-coordinator heads`: how far each log went, who has cosigned it, and which is not what it was, by the name of who
//! shows it, or says so and shows nothing.

use std::{collections::BTreeMap, io::Write};

use drempel_protocols::{
    id::Gemeentecode,
    log::{LogHead, log_name},
};

use crate::{
    config::Config,
    jobs::{LastHead, Store},
    witness::{Cosigned, Dispute, Sightings},
};

/// Prints it, by the store of a coordinator that may be running.
///
/// # Errors
/// If the store cannot be read, or nothing be written.
pub fn print(config: &Config, out: &mut impl Write) -> anyhow::Result<()> {
    let keys = config.nodes.iter().filter_map(|node| Some((node.gemeente, node.logsleutel.clone()?)));
    for (gemeente, LastHead { last, other, is_signed }) in Store::log_heads(&config.store, &keys.collect())? {
        let unsigned = if is_signed { "" } else { " (not checked: no logsleutel)" };
        writeln!(out, "{gemeente} {last}{unsigned}")?;
        if let Some((one, other)) = other {
            writeln!(out, "{gemeente} HAS TWO HISTORIES: {one} and {other}; tell its privacy officer")?;
        }
    }
    let names: BTreeMap<String, Gemeentecode> =
        config.nodes.iter().map(|node| (log_name(node.gemeente), node.gemeente)).collect();
    let gemeente = |log: &str| names.get(log).map_or_else(|| log.to_owned(), Gemeentecode::to_string);
    let report = Sightings::report(&config.store)?;
    for Cosigned { log, witness, head, time } in &report.cosigned {
        writeln!(out, "{} cosigned by {witness}: {head}, {time:.0}", gemeente(log))?;
    }
    let text =
        |head: Option<LogHead>| head.map_or_else(|| "nothing that it can show".to_owned(), |head| head.to_string());
    for Dispute { log, witness, why, seen, shown, time, evidence } in &report.disputes {
        let says = if evidence.is_some() { "shows" } else { "says" };
        writeln!(
            out,
            "{} IS NOT THE LOG THAT IT WAS, {says} {witness}, {time:.0}: {why}; it had seen {} and was shown {}; tell its \
             privacy officer",
            gemeente(log),
            text(*seen),
            text(*shown)
        )?;
    }
    Ok(())
}
