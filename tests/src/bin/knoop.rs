//! The node's command line, for tests that start a node as a process and kill it: cargo gives a test the path of
//! binaries of its own package only.

use std::process::ExitCode;

use clap::Parser as _;
use drempel_node::cli::Cli;

fn main() -> anyhow::Result<ExitCode> {
    Cli::parse().run(&mut std::io::stdout())?;
    Ok(ExitCode::SUCCESS)
}
