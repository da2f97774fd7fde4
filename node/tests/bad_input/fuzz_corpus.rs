//! Holds every file of the fuzz corpus to what the fuzz target holds it to, in ordinary test runs.

use std::fs;

use drempel_node::ingest;

use super::corpus;

#[path = "../../fuzz/oracle.rs"]
mod oracle;
#[path = "../../fuzz/rewrite.rs"]
mod rewrite;

#[test]
fn the_fuzz_corpus_keeps_what_the_oracle_asks() {
    let mut files = 0;
    for entry in fs::read_dir(corpus()).unwrap() {
        oracle::check(&fs::read(entry.unwrap().path()).unwrap());
        files += 1;
    }
    assert!(files >= 250, "only {files} files");
}
