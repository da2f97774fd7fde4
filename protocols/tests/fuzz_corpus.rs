//! Holds every text of the fuzz corpus to what the fuzz target holds it to, in ordinary test runs.

use std::{fs, path::Path};

#[path = "../fuzz/oracle.rs"]
mod oracle;

#[test]
fn the_fuzz_corpus_keeps_what_the_oracle_asks() {
    let catalogue = oracle::catalogue();
    let mut texts = 0;
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/sql_read")).unwrap() {
        oracle::check(&catalogue, &fs::read(entry.unwrap().path()).unwrap());
        texts += 1;
    }
    assert!(texts >= 400, "only {texts} texts");
}
