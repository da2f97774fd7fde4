//! `policy check`: what the policy in the configuration file would refuse of what was answered lately.

use std::io::Write;

use drempel_protocols::{
    clock::{Clock as _, SystemClock, dutch_day},
    policy::Policy,
};
use jiff::ToSpan as _;

use crate::{
    app::open_catalogue,
    askers::Names,
    audit::{Became, asked},
    config::Config,
    decision::Decisions,
    gate::{Under, refused_by_change},
};

pub(super) fn check(config: &Config, days: u16, out: &mut impl Write) -> anyhow::Result<()> {
    let catalogue = open_catalogue(config)?;
    let today = dutch_day(SystemClock.now());
    let first = today.saturating_sub(i64::from(days).days());
    let mut lately = asked(&config.paths.audit, &Names::default())?;
    lately.retain(|asked| asked.became == Became::Answered && dutch_day(asked.time) >= first);
    let decisions = Decisions::read(&config.paths.audit)?;
    let after = decisions.over(&Policy::from_file(&config.beleid, &catalogue)?, &catalogue, today);
    // They were answered, so whatever the policy was it was no stricter on them than the constants.
    let (before, catalogue) = (Policy::constants(), &catalogue);
    let change = (Under { catalogue, policy: &before }, Under { catalogue, policy: &after });
    let refused = refused_by_change(&lately, config.gemeente, change);
    for asked in &refused {
        let sql = asked.sql.as_deref().unwrap_or_default();
        writeln!(out, "{} {:.0} {sql}", asked.record, asked.time)?;
    }
    writeln!(
        out,
        "{} of the {} questions that were answered in the last {days} days would be refused by this policy",
        refused.len(),
        lately.len()
    )?;
    Ok(())
}
