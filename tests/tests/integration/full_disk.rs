//! An import that the disk has no room for: it says so without a value of any record, leaves records and snapshot as
//! they were, and can be run again when there is room.

use std::{
    collections::BTreeSet,
    process::{Command, Output},
};

use crate::{
    gemeente::{Gemeente, persons, portions, synthetic, text, true_persons},
    watch,
};

/// What a limit of the shell counts in.
const BLOCK: usize = 512;

/// An import that cannot make any file larger than so many blocks.
fn limited(gemeente: &Gemeente, blocks: usize, messages: &std::path::Path) -> Output {
    let import = gemeente.process(&["import", "--ijw", text(messages)]);
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f \"$0\"; exec \"$@\"", &blocks.to_string()]);
    shell.arg(import.get_program()).args(import.get_args()).output().unwrap()
}

#[test]
fn an_import_without_room_fails_and_changes_nothing() {
    let truth = synthetic(32, 40).with_canary(watch::bsn(), watch::NAME);
    let numbers: BTreeSet<String> = truth.personen().iter().map(|persoon| persoon.bsn.to_string()).collect();
    let gemeente = Gemeente::init();
    let [first, second] = portions(&truth, &gemeente.path("berichten"));
    gemeente.import(&first);
    let (before, one) = (gemeente.kept(), gemeente.views());
    gemeente.import(&second);
    let both = gemeente.views();
    assert_eq!(persons(&both), true_persons(&truth));

    let made: Vec<usize> =
        gemeente.kept().into_iter().filter(|(name, _)| !before.contains_key(name)).map(|(_, c)| c.len()).collect();
    let largest = made.iter().max().unwrap() / BLOCK;
    let least = made.iter().min().unwrap() / BLOCK;
    assert!(largest > 8, "{made:?}");
    for blocks in BTreeSet::from([0, 1, least, 2 * least, largest / 4, largest / 2, largest - 1]) {
        gemeente.put_back(&before);
        let output = limited(&gemeente, blocks, &second);
        let said = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&said);
        assert!(!output.status.success(), "{blocks} blocks were enough: {text}");
        assert!(text.contains("File too large"), "{blocks} blocks: {text}");
        assert!(!watch::holds(&said), "{blocks} blocks: {text}");
        let named = said.windows(9).filter_map(|window| std::str::from_utf8(window).ok());
        assert!(!named.into_iter().any(|window| numbers.contains(window)), "{blocks} blocks: {text}");

        let after = gemeente.kept();
        for (name, content) in &before {
            assert!(after.get(name) == Some(content), "{blocks} blocks: {name} is not as it was");
        }
        gemeente.verify();
        assert!(gemeente.views() == one, "{blocks} blocks: other rows");
        gemeente.import(&second);
        assert!(gemeente.views() == both, "{blocks} blocks: other rows after there was room");
        assert_eq!(gemeente.remains(), Vec::<String>::new());
    }
}
