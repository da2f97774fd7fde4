//! An import that is killed, at two hundred moments from its first instruction to its last, over records and a snapshot
//! that are in use: the records are whole, the live snapshot is the old one or the new one, and running the import again
//! gives what an import that nobody killed gives.

use std::{collections::BTreeMap, thread, time::Instant};

use rand::{RngExt as _, SeedableRng as _};

use crate::gemeente::{Gemeente, persons, portions, synthetic, text, true_persons};

const KILLS: u32 = 200;

#[test]
fn an_import_killed_at_any_moment_can_be_run_again() {
    let truth = synthetic(31, 25);
    let gemeente = Gemeente::init();
    let [first, second] = portions(&truth, &gemeente.path("berichten"));
    gemeente.import(&first);
    let (before, of_first) = (gemeente.kept(), gemeente.verify());
    let one = gemeente.views();
    let start = || gemeente.process(&["import", "--ijw", text(&second)]).spawn().unwrap();

    let whole = || {
        gemeente.put_back(&before);
        let begin = Instant::now();
        assert!(start().wait().unwrap().success());
        begin.elapsed()
    };
    let mut duration = whole().max(whole());
    let (both, of_both, after) = (gemeente.views(), gemeente.verify(), gemeente.kept());
    assert!(one != both && of_first < of_both);
    assert_eq!(persons(&both), true_persons(&truth));

    let mut random = rand_chacha::ChaCha20Rng::seed_from_u64(12);
    let (mut with_remains, mut old, mut new) = (0, 0, 0);
    let run_again = |what: &str| {
        gemeente.import(&second);
        assert_eq!(gemeente.verify(), of_both, "{what}");
        assert!(gemeente.views() == both, "{what}: other rows after the import was run again");
        assert_eq!(gemeente.remains(), Vec::<String>::new(), "{what}");
        gemeente.put_back(&before);
    };
    gemeente.put_back(&before);
    for kill in 0..KILLS {
        // The machine may have become busier since.
        if kill % 10 == 0 {
            duration = whole();
            gemeente.put_back(&before);
        }
        let mut import = start();
        thread::sleep(duration.mul_f64(1.1 * random.random::<f64>()));
        import.kill().unwrap();
        import.wait().unwrap();

        with_remains += usize::from(!gemeente.remains().is_empty());
        let (facts, views) = (gemeente.verify(), gemeente.views());
        assert!(facts == of_first || facts == of_both, "kill {kill}: {facts} facts");
        assert!(views == one || views == both, "kill {kill}: rows of neither");
        assert!(views == one || facts == of_both, "kill {kill}: a snapshot of facts that are not in the records");
        (old, new) = if facts == of_first { (old + 1, new) } else { (old, new + 1) };
        // Now and then another kill comes over the remains of the one before.
        if facts == of_both || random.random_ratio(3, 4) {
            run_again(&format!("kill {kill}"));
        }
    }
    let seen = format!("{old} before and {new} after the facts were taken; {with_remains} with remains");
    assert!(old > 20 && new > 0 && with_remains > 10, "the kills miss the import: {seen}");

    // The new records are there, and their snapshot is not live yet.
    let of = |kept: &BTreeMap<String, Vec<u8>>, folder: &str| -> BTreeMap<String, Vec<u8>> {
        let within = kept.iter().filter(|(name, _)| name.starts_with(folder));
        within.map(|(name, content)| (name.clone(), content.clone())).collect()
    };
    gemeente.put_back(&of(&after, "records/").into_iter().chain(of(&before, "snapshots/")).collect());
    assert!(gemeente.views() == one);
    assert_eq!(gemeente.verify(), of_both);
    run_again("between records and snapshot");
}
