//! The node's binary: reads the command line and hands over to the library.

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use clap::Parser as _;
use drempel_node::{cli::Cli, hardening::forbid_dumps};

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Err(error) = forbid_dumps() {
        writeln!(io::stderr(), "drempel-node: cannot forbid dumps of its memory: {error}").unwrap_or_default();
        return ExitCode::FAILURE;
    }
    match cli.run(&mut io::stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        // The reader of a pipe has seen enough.
        Err(error) if error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe) => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            writeln!(io::stderr(), "drempel-node: {error:#}").unwrap_or_default();
            ExitCode::FAILURE
        }
    }
}
