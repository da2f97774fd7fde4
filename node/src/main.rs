//! The node's binary: reads the command line and hands over to the library.

use std::process::ExitCode;

use clap::Parser as _;
use drempel_node::cli::Cli;

fn main() -> ExitCode {
    match Cli::parse().run(&mut std::io::stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            use std::io::Write as _;
            let _ = writeln!(std::io::stderr(), "drempel-node: {error:#}");
            ExitCode::FAILURE
        }
    }
}
