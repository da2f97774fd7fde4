//! What an import does with files that are not what they should be: each ends under a stable code, the others count, and
//! no value of a record is in what is said about it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test that cannot go on has failed"
)]

mod bomb;
mod classes;
mod folder;
mod fuzz_corpus;
mod large;

use std::path::PathBuf;

/// The messages that are fuzzed, which are the fixtures of these tests as well.
fn corpus() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/bericht_lees")
}
