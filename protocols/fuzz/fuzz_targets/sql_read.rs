//! Reads arbitrary bytes as a question; see the README for how to run it.

#![no_main]

use std::sync::LazyLock;

use drempel_protocols::catalogue::Catalogue;
use libfuzzer_sys::fuzz_target;

#[path = "../oracle.rs"]
mod oracle;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(oracle::catalogue);

fuzz_target!(|data: &[u8]| oracle::check(&CATALOGUE, data));
