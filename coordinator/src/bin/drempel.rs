//! The analyst's command line.

use std::{
    io::{stderr, stdout},
    process::ExitCode,
};

use clap::Parser as _;
use drempel_coordinator::cli::{Args, run};

fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(run(args, &mut stdout(), &mut stderr())).into())
}
