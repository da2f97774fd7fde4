//! `account`: who may sign in to the pages. A password and a secret are made here, printed once, and kept nowhere as they are.

use std::{io::Write, path::Path};

use anyhow::Context as _;

use crate::{
    config::Config,
    officer::{Accounts, Role, account::Enrolment},
};

pub(super) fn add(config: &Config, name: &str, role: Role, out: &mut impl Write) -> anyhow::Result<()> {
    let enrolment = Accounts::add(file(config)?, name, role)?;
    writeln!(out, "{} may sign in as {}:", name.trim(), role.name())?;
    print(&enrolment, out)
}

pub(super) fn reset(config: &Config, name: &str, out: &mut impl Write) -> anyhow::Result<()> {
    let enrolment = Accounts::reset(file(config)?, name)?;
    writeln!(out, "{name} has to sign in anew:")?;
    print(&enrolment, out)
}

pub(super) fn remove(config: &Config, name: &str, out: &mut impl Write) -> anyhow::Result<()> {
    Accounts::remove(file(config)?, name)?;
    writeln!(
        out,
        "{name} can sign in no more, and is signed out. The log goes on to have what {name} did, under a pseudonym that \
         nobody can resolve now."
    )?;
    Ok(())
}

pub(super) fn list(config: &Config, out: &mut impl Write) -> anyhow::Result<()> {
    let accounts = Accounts::read(file(config)?)?;
    for account in accounts.iter() {
        writeln!(out, "{:<10} {}", account.role().name(), account.name())?;
    }
    if accounts.iter().next().is_none() {
        writeln!(out, "there are no accounts yet; make one with: drempel-node account add NAME --role officer")?;
    }
    Ok(())
}

fn file(config: &Config) -> anyhow::Result<&Path> {
    let pages = config.paginas.as_ref();
    let pages =
        pages.context("the configuration has no [paginas], so there are no pages to sign in to; add it first")?;
    Ok(&pages.accounts)
}

fn print(Enrolment { password, secret, url }: &Enrolment, out: &mut impl Write) -> anyhow::Result<()> {
    writeln!(
        out,
        "  password: {password}\n  secret:   {secret}\n  or:       {url}\n\
         Put the secret, or what stands after `or`, into an app for codes (TOTP). None of this is shown again; `account \
         reset` makes it anew."
    )?;
    Ok(())
}
