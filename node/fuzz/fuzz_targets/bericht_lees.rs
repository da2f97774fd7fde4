//! Reads arbitrary bytes as an iJw message; see the README for how to run it.

#![no_main]

use libfuzzer_sys::fuzz_target;

/// The reader and what it needs, without the rest of the node.
#[allow(dead_code, reason = "the import uses more of them")]
#[path = "../../src/ingest"]
mod ingest {
    pub(crate) mod bericht;
    pub(crate) mod bevinding;
    pub(crate) mod bsn;
    pub(crate) mod codes;
}

#[path = "../oracle.rs"]
mod oracle;
#[path = "../rewrite.rs"]
mod rewrite;

fuzz_target!(|data: &[u8]| oracle::check(data));
