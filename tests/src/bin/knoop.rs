//! The node's binary, for tests that start a node as a process and kill it: cargo gives a test the path of binaries of
//! its own package only.

use std::process::ExitCode;

use clap::Parser as _;
use drempel_node::{cli::Cli, hardening::forbid_dumps};

fn main() -> anyhow::Result<ExitCode> {
    let cli = Cli::parse();
    forbid_dumps()?;
    cli.run(&mut std::io::stdout())?;
    Ok(ExitCode::SUCCESS)
}
