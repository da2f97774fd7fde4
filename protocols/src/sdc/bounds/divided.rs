//! What holds where a cell falls apart in a dimension of one member a person (an age) and in one of several (how help began),
//! and no table crosses the two (rules R1 and R12). How many parts of the second more than one each person is in adds up over
//! the first; and whatever two lines say of each other they say of each of its parts too. How many that is in a part is a
//! number that is in no table, and which a reader reckons with all the same.

use super::unseen::Making;
use crate::sdc::system::{Count, Line};

/// A part of a cell in which everybody is at most once.
struct Part {
    /// How many parts of another line more than one its persons are in together.
    more: Count,
    /// The most that it can be, by the true counts.
    most: i64,
    /// What it falls apart in.
    parts: Vec<Self>,
}

/// A sum of counts.
type Sum = Vec<(Count, i64)>;

impl Making<'_> {
    /// What holds of every cell that falls apart in both ways.
    pub(super) fn divided(&mut self) {
        let system = self.system;
        for whole in 0..system.cells().len() {
            for across in system.below(whole).filter(|line| line.overlaps) {
                let lines: Vec<&Line> = system.below(whole).filter(|line| self.divides(line, across)).collect();
                let others = if lines.is_empty() { Vec::new() } else { self.few_parts(across) };
                for others in &others {
                    if self.have_rows(others.iter().chain([&whole])) {
                        lines.iter().for_each(|line| self.divided_by(line, across, others));
                    }
                }
            }
        }
    }

    /// What holds of a cell that falls apart as a line does, and in some other parts of which persons can be in several.
    fn divided_by(&mut self, line: &Line, across: &Line, others: &[usize]) {
        let parts = self.part_by_part(line, across, others.len());
        let (more, whole) = (parts.iter().map(|part| (part.more, 1)), Count::Persons(line.whole));
        let persons = others.iter().map(|part| (Count::Persons(*part), -1));
        self.constraint(more.chain(persons).chain([(whole, 1)]), true, 0);
        let several = others.iter().map(|part| self.value(Count::Persons(*part))).sum::<i64>();
        self.spread(&parts, several - self.value(whole));
    }

    /// Whether everybody is in one part of a line, and no part of it falls apart as another line does.
    fn divides(&self, line: &Line, across: &Line) -> bool {
        let crossed = |part: &usize| self.system.below(*part).any(|line| line.direction == across.direction);
        !line.overlaps && !line.parts.iter().any(crossed) && self.have_rows(self.present(line).iter())
    }

    /// The parts of a line, with what bounds each by itself.
    fn part_by_part(&mut self, line: &Line, across: &Line, others: usize) -> Vec<Part> {
        let mut found = Vec::new();
        for cell in self.present(line) {
            let more = self.number();
            let at_most = self.at_most(cell, across, i64::try_from(others).unwrap_or(i64::MAX));
            for sum in &at_most {
                self.constraint([(more, 1)].into_iter().chain(sum.iter().map(|(of, times)| (*of, -times))), false, 0);
            }
            let value = |sum: &Sum| sum.iter().map(|(of, times)| times * self.value(*of)).sum();
            let most: i64 = at_most.iter().map(value).min().unwrap_or(0);
            let finer = self.system.below(cell).find(|finer| finer.direction == line.direction);
            let finer = finer.filter(|finer| self.divides(finer, across));
            let parts = finer.map(|finer| self.part_by_part(finer, across, others)).unwrap_or_default();
            if parts.is_empty() {
                found.push(Part { more, most, parts });
                continue;
            }
            self.constraint(parts.iter().map(|part| (part.more, 1)).chain([(more, -1)]), true, 0);
            let together = parts.iter().map(|part| part.most).sum();
            found.push(Part { more, most: most.min(together), parts });
        }
        found
    }

    /// What the persons of a part have together at most, in so many ways: one for each of the other parts but the first,
    /// their rows but one for each, or what some part of it says (as [`Making::crossed`] has it of the whole).
    fn at_most(&self, cell: usize, across: &Line, others: i64) -> Vec<Sum> {
        let (persons, rows) = (Count::Persons(cell), Count::Rows(cell));
        let mut found = vec![vec![(persons, others - 1)], vec![(rows, 1), (persons, -1)]];
        for below in self.system.below(cell).filter(|below| below.overlaps && below.direction != across.direction) {
            let parts = self.present(below);
            if !self.have_rows(parts.iter()) {
                continue;
            }
            for one in &parts {
                let rest = || parts.iter().filter(|part| *part != one);
                let within = [(Count::Rows(*one), 1), (Count::Persons(*one), -1)];
                found.push(rest().map(|part| (Count::Persons(*part), others - 1)).chain(within).collect());
                let beside = [(Count::Persons(*one), others), (persons, -1)];
                found.push(rest().map(|part| (Count::Rows(*part), 1)).chain(beside).collect());
            }
        }
        found
    }

    /// Gives parts values that go together: which they really have the records do not say.
    fn spread(&mut self, parts: &[Part], mut all: i64) {
        for part in parts {
            let own = all.min(part.most);
            all -= own;
            self.set(part.more, own);
            self.spread(&part.parts, own);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use crate::sdc::{
        Cell, Line, Microlp, Shows, System,
        audit::{Reader, intervals},
        bounds::Unknowns,
    };

    fn cell((persons, rows): (u64, u64)) -> Cell {
        Cell { persons, rows: Some(rows), shows: Shows { persons: true, rows: true }, ..Cell::default() }
    }

    /// All, how help began, who is young and who is not, and what kinds of help these have.
    fn system(counts: [(u64, u64); 9]) -> System {
        let line = |whole: usize, parts: &[usize], direction: usize| Line {
            whole,
            parts: parts.to_vec(),
            direction,
            overlaps: direction != 1,
        };
        let lines = vec![line(0, &[1, 2], 0), line(0, &[3, 4], 1), line(3, &[5, 6], 2), line(4, &[7, 8], 2)];
        System::new(counts.map(cell).to_vec(), lines).unwrap()
    }

    /// Of 45 persons 16 have help that ran before and help that began. Of those who are not young no more than twelve can
    /// have both: who has one kind only has one row of it.
    #[test]
    fn who_has_help_of_two_beginnings_is_young_or_has_two_kinds() {
        let counts = [(45, 69), (26, 26), (35, 43), (8, 12), (37, 57), (0, 0), (8, 12), (37, 37), (12, 20)];
        let system = system(counts);
        let hidden: Vec<bool> = (0..9).map(|cell| [3, 4, 6].contains(&cell)).collect();
        let found = intervals(&system, &hidden, 10, |_| 0, &Microlp);
        assert_eq!(found.iter().find(|interval| interval.cell == 3).map(|young| young.least), Some(4));
    }

    /// A person: whether young, and of each row how it began and of which kind it is.
    fn persons() -> impl Strategy<Value = Vec<(bool, Vec<(bool, bool)>)>> {
        let rows = proptest::collection::vec((any::<bool>(), any::<bool>()), 1..4);
        proptest::collection::vec((any::<bool>(), rows), 1..12)
    }

    proptest! {
        #[test]
        fn what_is_said_holds_of_all_records(persons in persons(), shown in proptest::collection::vec(any::<bool>(), 9)) {
            let inside = |young: bool, (began, kind): (bool, bool)| {
                let age = if young { 3 } else { 4 };
                [0, 1 + usize::from(began), age, 2 * age - 1 + usize::from(kind)]
            };
            let mut rows: BTreeMap<usize, u64> = BTreeMap::new();
            let mut members: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
            for (person, (young, own)) in persons.iter().enumerate() {
                for cell in own.iter().flat_map(|row| inside(*young, *row)) {
                    *rows.entry(cell).or_default() += 1;
                    members.entry(cell).or_default().insert(person);
                }
            }
            let count = |cell: usize| {
                (members.get(&cell).map_or(0, |members| members.len() as u64), rows.get(&cell).copied().unwrap_or(0))
            };
            let system = system(std::array::from_fn(count));
            let hidden: Vec<bool> = shown.iter().map(|shown| !shown).collect();
            let unknowns = Unknowns::of(&system, &hidden, &Reader { k: 1, bounds: |_| (0, None), ties: &[] });
            prop_assert!(unknowns.holds(&unknowns.truth));
        }
    }
}
