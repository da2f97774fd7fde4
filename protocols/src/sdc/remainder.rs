//! Remainders of lines (rule R5). What is left of a shown cell without its topmost shown parts is known to every reader,
//! and so is a cell like any other: nobody is in it, or at least k persons are.

use super::system::{Line, System};

/// For each line whose remainder has too few persons its whole, and the shown part to hide next, the least wanted; none
/// where no part with persons is shown. `rank` is the place of a cell in the order in which cells are wanted.
pub(super) fn violations(
    system: &System,
    hidden: &[bool],
    rank: &[usize],
    too_few: impl Fn(u64) -> bool,
) -> Vec<(usize, Option<usize>)> {
    let shown = |cell: usize| hidden.get(cell).is_some_and(|hidden| !hidden);
    let mut to_hide = Vec::new();
    for line in system.lines().iter().filter(|line| shown(line.whole)) {
        let mut topmost = Vec::new();
        let hides = descend(system, line, &shown, &mut topmost);
        let parts: u64 = topmost.iter().map(|part| system.persons(*part)).sum();
        let remainder = system.persons(line.whole).saturating_sub(parts);
        if hides && too_few(remainder) {
            let people = topmost.into_iter().filter(|part| system.persons(*part) > 0);
            to_hide.push((line.whole, people.max_by_key(|part| rank.get(*part))));
        }
    }
    to_hide
}

/// Collects the topmost shown cells of a line and of the lines that go on under its hidden parts; says whether a cell
/// without shown cells in its place is left.
fn descend(system: &System, line: &Line, shown: &impl Fn(usize) -> bool, topmost: &mut Vec<usize>) -> bool {
    let mut hides = false;
    for part in &line.parts {
        if shown(*part) {
            topmost.push(*part);
            continue;
        }
        match system.below(*part).find(|below| below.direction == line.direction) {
            Some(below) => hides |= descend(system, below, shown, topmost),
            None => hides = true,
        }
    }
    hides
}
