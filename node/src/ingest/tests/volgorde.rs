//! OP080 and the set of facts: whatever the order, the repetition and the division over runs and files of messages, the
//! files of the snapshot are the same, byte for byte.

use proptest::prelude::*;

use super::*;

const BSNS: [&str; 3] = [KIND, ANDER_KIND, "999900018"];
const DAYS: [&str; 6] = ["2023-11-06", "2024-01-15", "2024-01-16", "2024-04-01", "2024-09-30", "2025-02-03"];
const PRODUCTS: [&str; 4] = ["", "35", "45", "45/45A04"];

/// A message about one of three children, out of so few values that messages meet.
fn brief() -> impl Strategy<Value = Brief> {
    let line = (0usize..5, 0usize..6, 0usize..6, 0usize..4, 0usize..3, 0usize..4);
    (line, 0usize..3, 0usize..6, 0usize..2, any::<bool>()).prop_map(
        |((kind, one, other, product, number, code), bsn, sent, aanbieder, deletes)| {
            let id = format!("{kind}{one}{other}{product}{number}{code}{bsn}");
            let nummer = ["", "7", "8"][number];
            let product = if nummer.is_empty() && PRODUCTS[product].is_empty() { "35" } else { PRODUCTS[product] };
            let status = if deletes { "3" } else { "1" };
            let mut brief = match kind {
                0 => {
                    let moment = format!("{} 0{code}:00:00", DAYS[one]);
                    let reden = ["", "", "04", "13"][code];
                    let mut brief =
                        Brief::jw301(&id, DAYS[sent]).toewijzing([7, 8][number % 2], product, &moment, reden);
                    let extra = format!(
                        "{}<m:Einddatum>{}</m:Einddatum>",
                        if code == 1 { "<m:ReferentieAanbieder>V1</m:ReferentieAanbieder>" } else { "" },
                        DAYS[other]
                    );
                    if code < 2 {
                        brief.regels = brief.regels.replace("<m:Ingangsdatum>", &format!("{extra}<m:Ingangsdatum>"));
                    }
                    brief
                }
                1 => Brief::jw305(&id, DAYS[sent]).start(nummer, product, DAYS[one], status),
                2 => {
                    let reden = ["31", "32", "20", "38"][code];
                    Brief::jw307(&id, DAYS[sent]).stop(nummer, product, DAYS[one], (reden, DAYS[other]), status)
                }
                3 => Brief::jw315(&id, DAYS[sent]).verzoek(["V1", "V2"][number % 2], ["01", "02", "05", "08"][code]),
                _ => {
                    let (vorige, sign) = if deletes { (["R0", "R1"][number % 2], "C") } else { ("", "D") };
                    let own = ["R0", "R1", "R2", "R3"][code];
                    Brief::jw323(&id, DAYS[sent]).prestatie(
                        own,
                        vorige,
                        7,
                        "2024-03",
                        [100, 101, 102, 103, 104, 105][one],
                        sign,
                    )
                }
            };
            brief.aanbieder = ["12345678", "87654321"][aanbieder].to_owned();
            brief.bsn(BSNS[bsn])
        },
    )
}

/// The files of the snapshot after importing messages in runs, each in the order given.
fn files(runs: &[Vec<String>]) -> Option<std::collections::BTreeMap<String, snapshot::FileEntry>> {
    let node = Node::new();
    for run in runs.iter().filter(|run| !run.is_empty()) {
        let messages = Node::new();
        write(messages.0.path(), run);
        match node.import(messages.0.path()) {
            Ok(_) | Err(ImportError::NothingUsable(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
    match Snapshot::open_current(&node.snapshots()) {
        Ok(snapshot) => Some(snapshot.manifest().files.clone()),
        Err(SnapshotError::None) => None,
        Err(error) => panic!("{error}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn op080_order_repetition_and_division_mean_nothing(
        brieven in prop::collection::vec(brief(), 1..14),
        again in prop::collection::vec((any::<prop::sample::Index>(), 0usize..3), 0..10),
        places in prop::collection::vec((0usize..3, any::<u64>()), 14),
    ) {
        let xml: Vec<String> = brieven.iter().map(Brief::xml).collect();
        let mut keyed: Vec<(usize, u64, &String)> =
            xml.iter().zip(&places).map(|(xml, (run, order))| (*run, *order, xml)).collect();
        for (index, run) in &again {
            keyed.push((*run, index.index(usize::MAX) as u64, &xml[index.index(xml.len())]));
        }
        keyed.sort();
        let mut runs = vec![Vec::new(); 3];
        for (run, _, xml) in keyed {
            runs[run].push(xml.clone());
        }
        prop_assert_eq!(files(&runs), files(&[xml]));
    }
}
