//! Flaws: what is wrong with published cells, as far as a reader can tell who sees them and nothing else. For who checks a
//! certificate, or a table that somebody else protected.

use std::collections::BTreeSet;

use super::{
    audit::narrow,
    linear::Linear,
    primary::Rules,
    remainder::{self, Demand},
    system::{Cell, System},
};

/// What is wrong with a published cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It is shown, and has too few persons.
    Shown,
    /// What is left of one of its lines has too few persons.
    Remainder,
    /// It is hidden, and keeps too few values; or what is shown contradicts itself.
    Narrow,
}

/// What is wrong with published cells. A cell of an earlier release is held to the threshold of that one.
#[must_use]
pub fn published(system: &System, hidden: &[bool], rules: Rules, solver: &impl Linear) -> Vec<(usize, Flaw)> {
    let of = |cell: &Cell| Rules { k: cell.earlier.map_or(rules.k, |earlier| earlier.k), ..rules };
    let shown = system.cells().iter().zip(hidden).enumerate().filter(|(_, (_, hidden))| !**hidden);
    // Of a cell without persons in a table a reader sees rows, of which there are at least as many.
    let least = |cell: &Cell| if cell.shows.persons { Some(cell.persons) } else { cell.rows };
    let small = shown.filter(|(_, (cell, _))| !cell.structural && least(cell).is_some_and(|few| of(cell).too_few(few)));
    let mut flaws: Vec<(usize, Flaw)> = small.map(|(cell, _)| (cell, Flaw::Shown)).collect();
    let rules_of = |cell: usize| system.cells().get(cell).map_or(rules, of);
    if rules.remainders {
        let any_rank: Vec<usize> = (0..hidden.len()).collect();
        let thresholds: BTreeSet<u64> = system.cells().iter().map(|cell| of(cell).k).collect();
        for k in thresholds {
            let rules = Rules { k, ..rules };
            let demand = Demand { too_few: &|persons| rules.too_few(persons), k, rank: &any_rank };
            let wholes = remainder::visible(system, hidden, &demand).into_iter();
            flaws.extend(wholes.filter(|whole| rules_of(*whole).k == k).map(|whole| (whole, Flaw::Remainder)));
        }
    }
    if rules.values > 0 {
        let least = |cell: &Cell| if cell.shows.nothing() { 0 } else { rules.least(cell) };
        let least = |cell: usize| system.cells().get(cell).map_or(0, least);
        let found = narrow(system, hidden, rules.k, least, rules.values, solver).into_iter();
        let found = found.filter(|found| rules_of(found.cell).narrow(found));
        flaws.extend(found.map(|found| (found.cell, Flaw::Narrow)));
    }
    flaws
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdc::{Earlier, Line, Microlp, Shows};

    /// What is wrong with 25 persons of whom 20 are shown and 5 are not, and with 5 persons that are shown, under rules.
    fn flaws(values: usize, remainders: bool, hidden: [bool; 3], k_before: Option<u64>) -> Vec<(usize, Flaw)> {
        let earlier = k_before.map(|k| Earlier { reason: None, k, settled: false });
        let cell = |persons| Cell { persons, shows: Shows::PERSONS, earlier, ..Cell::default() };
        let line = Line { whole: 0, parts: vec![1, 2], direction: 0, overlaps: false };
        let system = System::new([25, 20, 5].map(cell).to_vec(), vec![line]).unwrap();
        published(&system, &hidden, Rules { k: 10, hide_zeros: false, values, remainders }, &Microlp)
    }

    #[test]
    fn three_values_are_too_few_and_four_are_enough() {
        for (whole, narrow) in [(4, true), (5, false)] {
            let cell = |persons| Cell { persons, shows: Shows::PERSONS, ..Cell::default() };
            let line = Line { whole: 0, parts: vec![1, 2], direction: 0, overlaps: false };
            let system = System::new([whole, whole - 1, 1].map(cell).to_vec(), vec![line]).unwrap();
            let rules = Rules { k: 3, hide_zeros: false, values: 4, remainders: false };
            let found = published(&system, &[false, true, true], rules, &Microlp);
            assert_eq!(!found.is_empty(), narrow, "{found:?}");
        }
    }

    #[test]
    fn each_rule_finds_what_is_wrong_by_itself() {
        let one = [false, false, true];
        assert_eq!(flaws(0, false, one, None), []);
        assert_eq!(flaws(0, true, one, None), [(0, Flaw::Remainder)]);
        assert_eq!(flaws(4, false, one, None), [(2, Flaw::Narrow)]);
        assert_eq!(flaws(4, true, [false, true, true], None), []);
        assert_eq!(flaws(4, true, [false; 3], None), [(2, Flaw::Shown)]);
        // An earlier release had a lower threshold, by which 5 are enough.
        assert_eq!(flaws(4, true, [false; 3], Some(5)), []);
        assert_eq!(flaws(4, true, one, Some(5)), []);
    }
}
