//! Remainders of lines (rule R5). What is left of a shown cell without its topmost shown parts is known to every reader,
//! and so is a cell like any other: nobody is in it, or at least k persons are. Where a person can be in several parts
//! three things are left: who is in a hidden part, who is in no shown part, and who is not in one of the shown parts. So is
//! who is not in a cell of another view, of those that all its persons are in.
//!
//! What is hidden because too few were left tells whoever runs the algorithm backwards that they were too few (rule R8): a
//! violation says so, for the audit.

use super::system::{Count, Line, System, Tie};

/// Counts of persons over records, which cells alone do not give where a person can be in several parts of a line.
pub trait Unions {
    /// For each cell and some of its parts, or of their parts, how many persons are in at least one of these.
    fn in_any(&self, asked: &[(usize, Vec<usize>)]) -> Vec<u64>;

    /// Whether the records of a cell are at hand: those of an earlier release are not.
    fn has(&self, cell: usize) -> bool {
        let _ = cell;
        true
    }

    /// Whether it is known how many persons are in at least one of two parts of a cell.
    fn knows(&self, whole: usize, parts: &[usize; 2]) -> bool {
        self.has(whole) && parts.iter().all(|part| self.has(*part))
    }
}

/// Of a system in which persons add up everywhere.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoOverlaps;

impl Unions for NoOverlaps {
    fn in_any(&self, asked: &[(usize, Vec<usize>)]) -> Vec<u64> {
        asked.iter().map(|_| 0).collect()
    }
}

/// A line whose remainder has too few persons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Violation {
    /// The shown cell that something is left of.
    pub(super) whole: usize,
    /// The cell to hide next; none if nothing more can be hidden.
    pub(super) hide: Option<usize>,
    /// What that says of hidden cells.
    pub(super) says: Option<Tie>,
}

/// What must hold of a remainder, and what may be hidden.
pub(super) struct Demand<'d> {
    /// Whether so many persons are too few.
    pub(super) too_few: &'d dyn Fn(u64) -> bool,
    /// The least persons that are not, but for none.
    pub(super) k: u64,
    /// The place of a cell in the order in which cells are wanted.
    pub(super) rank: &'d [usize],
}

/// Every line whose remainder has too few persons. What is in no table and follows from what is shown is left too, and may
/// be all that is.
pub(super) fn violations(
    system: &System,
    hidden: &[bool],
    demand: &Demand<'_>,
    unions: &impl Unions,
) -> Vec<Violation> {
    let shown = |cell: usize| hidden.get(cell).is_some_and(|hidden| !hidden);
    let fronts: Vec<Front<'_>> = system
        .lines()
        .iter()
        .filter(|line| shown(line.whole) && system.persons(line.whole) > 0)
        .filter(|line| line.parts.iter().chain([&line.whole]).all(|cell| unions.has(*cell)))
        .flat_map(|line| {
            let (mut table, mut all) = (Front::of(line), Front::of(line));
            descend(system, line, &|cell| shown(cell) && !is_sum(system, cell), &mut table);
            descend(system, line, &shown, &mut all);
            let same = table.hidden == all.hidden;
            [Some(all), Some(table).filter(|_| !same)].into_iter().flatten()
        })
        .filter(|front| !front.hidden.is_empty() || front.line.overlaps)
        .collect();
    let overlapping = fronts.iter().filter(|front| front.line.overlaps && !front.hidden.is_empty());
    let asked: Vec<(usize, Vec<usize>)> = overlapping
        .flat_map(|front| [(front.line.whole, front.hidden.clone()), (front.line.whole, front.shown.clone())])
        .collect();
    let mut counted = unions.in_any(&asked).into_iter();
    let mut found = Vec::new();
    for front in &fronts {
        let whole = system.persons(front.line.whole);
        let is_zero = |cell: &usize| {
            let cell = system.cells().get(*cell);
            cell.is_some_and(|cell| cell.sensitive || (cell.persons == 0 && !cell.shows.nothing()))
        };
        let hides_zero = front.hidden.iter().any(is_zero);
        let too_few = |persons: u64| (demand.too_few)(persons) || (persons == 0 && hides_zero);
        if !front.line.overlaps {
            let parts: u64 = front.shown.iter().map(|part| system.persons(*part)).sum();
            let left = whole.saturating_sub(parts);
            if too_few(left) {
                let says = below(front.hidden.iter().map(|cell| (*cell, 1)), demand.k);
                let violation = Violation { says: Some(says), ..front.violation(system, demand) };
                found.extend(open(system, violation, left));
            }
            continue;
        }
        if !front.hidden.is_empty() {
            let (in_hidden, in_shown) = (counted.next().unwrap_or(0), counted.next().unwrap_or(0));
            let in_none = whole.saturating_sub(in_shown);
            if too_few(in_hidden) || (demand.too_few)(in_none) {
                let least = if too_few(in_hidden) { in_hidden } else { in_none };
                let least = if (demand.too_few)(in_none) { least.min(in_none) } else { least };
                found.extend(open(system, front.violation(system, demand), least));
            }
        }
        if seen(system, front.line.whole) {
            let without = |part: &usize| whole.saturating_sub(system.persons(*part));
            let people = front.shown.iter().filter(|part| seen(system, **part) && system.persons(**part) > 0);
            for part in people.filter(|part| (demand.too_few)(without(part)) && without(part) > 0) {
                let hide = [*part, front.line.whole].into_iter().find(|cell| may_hide(system, *cell));
                let says = below([(front.line.whole, 1), (*part, -1)].into_iter(), demand.k);
                let violation = Violation { whole: front.line.whole, hide, says: Some(says) };
                found.extend(open(system, violation, without(part)));
            }
        }
    }
    found.extend(beside(system, &shown, demand));
    found.extend(seams(system, &shown, demand, unions));
    found
}

/// A violation, unless it cannot be undone and is none by the threshold of the release that showed the whole: a policy
/// that becomes stricter does not hold for what was released before it.
fn open(system: &System, violation: Violation, left: u64) -> Option<Violation> {
    let earlier = system.cells().get(violation.whole).and_then(|cell| cell.earlier);
    let was_enough = earlier.is_some_and(|earlier| left >= earlier.k);
    (violation.hide.is_some() || !was_enough).then_some(violation)
}

/// What is left of shown cells beside shown cells of another view.
fn beside(system: &System, shown: &impl Fn(usize) -> bool, demand: &Demand<'_>) -> Vec<Violation> {
    let known = |cell: &usize| shown(*cell) && seen(system, *cell) && system.persons(*cell) > 0;
    let mut found = Vec::new();
    for [part, whole] in system.inside().iter().filter(|pair| pair.iter().all(known)) {
        let left = system.persons(*whole).saturating_sub(system.persons(*part));
        if left > 0 && (demand.too_few)(left) {
            let hide = [*part, *whole].into_iter().find(|cell| may_hide(system, *cell));
            let says = below([(*whole, 1), (*part, -1)].into_iter(), demand.k);
            found.extend(open(system, Violation { whole: *whole, hide, says: Some(says) }, left));
        }
    }
    found
}

/// Of lines whose records are not at hand, as those of gemeenten that became one: what is left of a new cell without one
/// of its parts. Both are known by themselves or as a sum of shown cells.
fn seams(system: &System, shown: &impl Fn(usize) -> bool, demand: &Demand<'_>, unions: &impl Unions) -> Vec<Violation> {
    let in_table = |cell: &usize| shown(*cell) && seen(system, *cell);
    let sum = |cell: usize| system.below(cell).find(|line| !line.overlaps && line.parts.iter().all(in_table));
    let is_new = |cell: usize| system.cells().get(cell).is_some_and(|cell| cell.earlier.is_none());
    let is_seam =
        |line: &&Line| line.overlaps && is_new(line.whole) && !line.parts.iter().all(|part| unions.has(*part));
    let mut found = Vec::new();
    for line in system.lines().iter().filter(is_seam) {
        let parts = sum(line.whole).map(|line| line.parts.as_slice()).unwrap_or_default();
        if !in_table(&line.whole) && parts.is_empty() {
            continue;
        }
        let without = |part: &usize| system.persons(line.whole).saturating_sub(system.persons(*part));
        let known = line.parts.iter().filter(|part| in_table(part) || sum(**part).is_some());
        let known = known.filter(|part| system.persons(**part) > 0);
        for part in known.filter(|part| (demand.too_few)(without(part)) && without(part) > 0) {
            let candidates = parts.iter().chain([&line.whole]).copied();
            let candidates = candidates.filter(|cell| system.persons(*cell) > 0 && may_hide(system, *cell));
            let hide = candidates.max_by_key(|cell| demand.rank.get(*cell));
            let says = below([(line.whole, 1), (*part, -1)].into_iter(), demand.k);
            found.push(Violation { whole: line.whole, hide, says: Some(says) });
        }
    }
    found
}

/// The wholes of lines of which a reader of the shown cells sees that too few persons are left.
pub(super) fn visible(system: &System, hidden: &[bool], demand: &Demand<'_>) -> Vec<usize> {
    struct Unseen(Vec<bool>);
    impl Unions for Unseen {
        /// A reader cannot tell: many in the hidden parts, and nobody in the shown ones.
        fn in_any(&self, asked: &[(usize, Vec<usize>)]) -> Vec<u64> {
            (0..asked.len()).map(|place| if place % 2 == 0 { u64::MAX } else { 0 }).collect()
        }

        fn has(&self, cell: usize) -> bool {
            self.0.get(cell).is_some_and(|known| *known)
        }
    }
    let is_hidden = |cell: usize| hidden.get(cell).is_some_and(|hidden| *hidden);
    let is_known = |cell| is_hidden(cell) || seen(system, cell) || system.persons(cell) == 0;
    let mut known: Vec<bool> = (0..system.cells().len()).map(is_known).collect();
    // Of what a reader sees rows only the persons are not known, nor what they leave of anything.
    for line in system.lines().iter().filter(|line| is_hidden(line.whole)) {
        let all = line.parts.iter().all(|part| known.get(*part).is_some_and(|known| *known));
        if let Some(known) = known.get_mut(line.whole) {
            *known &= all;
        }
    }
    violations(system, hidden, demand, &Unseen(known)).into_iter().map(|violation| violation.whole).collect()
}

/// A line down to its topmost shown cells.
struct Front<'s> {
    line: &'s Line,
    shown: Vec<usize>,
    /// Hidden cells without shown cells in their place.
    hidden: Vec<usize>,
}

impl<'s> Front<'s> {
    const fn of(line: &'s Line) -> Self {
        Self { line, shown: Vec::new(), hidden: Vec::new() }
    }

    /// The shown part to hide next is the least wanted with persons; if there is none, the whole.
    fn violation(&self, system: &System, demand: &Demand<'_>) -> Violation {
        let people = self.shown.iter().copied().filter(|part| system.persons(*part) > 0 && may_hide(system, *part));
        let part = people.max_by_key(|part| demand.rank.get(*part));
        let whole = Some(self.line.whole).filter(|whole| may_hide(system, *whole));
        Violation { whole: self.line.whole, hide: part.or(whole), says: None }
    }
}

/// Persons of cells, added up or subtracted, that are below a number.
fn below(terms: impl Iterator<Item = (usize, i64)>, number: u64) -> Tie {
    let terms = terms.map(|(cell, times)| (Count::Persons(cell), times)).collect();
    Tie { terms, exactly: false, sum: i64::try_from(number).unwrap_or(i64::MAX) - 1 }
}

/// Whether a cell is shown for the first time now.
fn may_hide(system: &System, cell: usize) -> bool {
    system.cells().get(cell).is_some_and(|cell| cell.earlier.is_none() && !cell.shows.nothing())
}

/// Whether a cell stands in no table, and somebody can be in it.
fn is_sum(system: &System, cell: usize) -> bool {
    system.cells().get(cell).is_some_and(|cell| cell.shows.nothing() && !cell.structural)
}

fn seen(system: &System, cell: usize) -> bool {
    system.cells().get(cell).is_some_and(|cell| cell.shows.persons)
}

fn descend<'s>(system: &'s System, line: &'s Line, shown: &impl Fn(usize) -> bool, front: &mut Front<'s>) {
    for part in &line.parts {
        if shown(*part) {
            front.shown.push(*part);
            continue;
        }
        match system.below(*part).find(|below| below.direction == line.direction) {
            Some(below) => descend(system, below, shown, front),
            None => front.hidden.push(*part),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdc::{Cell, Earlier, Reason, Shows};

    /// Records of the first cell only, and of those that it is the sum of.
    struct OfNew;

    impl Unions for OfNew {
        fn in_any(&self, asked: &[(usize, Vec<usize>)]) -> Vec<u64> {
            vec![0; asked.len()]
        }

        fn has(&self, cell: usize) -> bool {
            ![1, 2].contains(&cell)
        }
    }

    /// Who had help in a new gemeente, of whom some had it in the one that became it and some in the other; and the same
    /// who go on having it and do not, which stand in a table where the sum does not.
    fn hidden_for(of_one: u64, in_table: bool) -> Vec<Option<usize>> {
        let cell = |persons: u64, shows: bool, earlier: bool| Cell {
            persons,
            shows: if shows { Shows::PERSONS } else { Shows::default() },
            earlier: earlier.then_some(Earlier { reason: None::<Reason>, k: 10, settled: false }),
            ..Cell::default()
        };
        let cells = vec![
            cell(65, in_table, false),
            cell(of_one, true, true),
            cell(30, true, true),
            cell(45, true, false),
            cell(20, true, false),
        ];
        let line = |parts: [usize; 2], direction: usize, overlaps: bool| Line {
            whole: 0,
            parts: parts.to_vec(),
            direction,
            overlaps,
        };
        let system = System::new(cells, vec![line([1, 2], 0, true), line([3, 4], 1, false)]).unwrap();
        let demand = Demand { too_few: &|persons| (1..10).contains(&persons), k: 10, rank: &[0, 1, 2, 3, 4] };
        let found = violations(&system, &[false; 5], &demand, &OfNew);
        found.into_iter().map(|violation| violation.hide).collect()
    }

    #[test]
    fn sixty_five_less_sixty_are_not_five_of_the_other_gemeente() {
        assert_eq!(hidden_for(60, true), [Some(4)]);
        assert_eq!(hidden_for(60, false), [Some(4)]);
        // Ten or nobody of the other alone may be told.
        assert_eq!(hidden_for(55, true), []);
        assert_eq!(hidden_for(65, false), []);
    }

    /// That of 17 children with help 12 changed aanbieder says that 5 did not.
    #[test]
    fn who_is_not_in_a_cell_of_another_view_is_left() {
        let hidden_for = |persons: u64, shown: bool| {
            let cells = [17, persons].map(|persons| Cell { persons, shows: Shows::PERSONS, ..Cell::default() });
            let system = System::new(cells.to_vec(), Vec::new()).unwrap().with_inside(vec![[1, 0]]);
            let demand = Demand { too_few: &|persons| (1..10).contains(&persons), k: 10, rank: &[0, 1] };
            let found = violations(&system, &[false, !shown], &demand, &NoOverlaps);
            found.into_iter().map(|violation| violation.hide).collect::<Vec<_>>()
        };
        assert_eq!(hidden_for(12, true), [Some(1)]);
        assert_eq!([hidden_for(12, false), hidden_for(17, true), hidden_for(0, true)], [[], [], []]);
    }

    /// What an earlier release left under its own threshold of 10 cannot be undone under one of 12; what it left under no
    /// threshold is still too few, though nothing can be hidden.
    #[test]
    fn what_was_enough_then_is_no_violation_now() {
        let open = |left: u64, released: bool| {
            let earlier = released.then_some(Earlier { reason: None, k: 10, settled: false });
            let cell = |persons| Cell { persons, shows: Shows::PERSONS, earlier, ..Cell::default() };
            let cells = vec![cell(50 + left), cell(50), cell(left)];
            let line = Line { whole: 0, parts: vec![1, 2], direction: 0, overlaps: false };
            let system = System::new(cells, vec![line]).unwrap();
            let demand = Demand { too_few: &|persons| (1..12).contains(&persons), k: 12, rank: &[0, 1, 2] };
            let found = violations(&system, &[false, false, true], &demand, &NoOverlaps);
            found.into_iter().map(|violation| violation.hide).collect::<Vec<_>>()
        };
        assert_eq!(open(11, true), []);
        assert_eq!(open(9, true), [None]);
        assert_eq!(open(12, true), []);
        assert_eq!(open(11, false), [Some(1)]);
    }
}
