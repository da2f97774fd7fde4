//! The analyst's command line.

use std::{
    io::{Write as _, stderr, stdout},
    process::ExitCode,
};

use clap::Parser as _;
use drempel_coordinator::cli::{Args, Exit, run};

fn main() -> ExitCode {
    let args = Args::parse();
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(run(args, &mut stdout(), &mut stderr())).into(),
        Err(error) => {
            // Nobody is left to tell if the error stream is gone; the exit code says it either way.
            let _told = writeln!(stderr(), "drempel cannot start: {error}").is_ok();
            Exit::Failed.into()
        }
    }
}
