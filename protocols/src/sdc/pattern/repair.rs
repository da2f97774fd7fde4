//! Repair: which shown cell to hide so that a hidden one keeps more values. Nearest first, so that as little as possible
//! is hidden; it sees which cells have persons, and no other value.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
};

use super::Making;
use crate::sdc::system::{Cell, Tie};

/// Which cells may be hidden to mend others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repair {
    /// Those with persons.
    Persons,
    /// Those without: the last resort of a later half-year, of which zeros can narrow what an earlier one hid, and earlier
    /// releases can no longer hide more.
    Zeros,
}

impl Making<'_> {
    /// The shown cell to hide next so that cells that are too narrow keep more values: of the cells nearest to any of
    /// them, the one that is near to most, and of those the least wanted. One at a time, as it often mends several.
    pub(super) fn repair(&self, narrow: &[usize], with: Repair) -> Vec<usize> {
        let hidden = self.hidden();
        let mut near: BTreeMap<usize, usize> = BTreeMap::new();
        let mut closest = usize::MAX;
        for cell in narrow {
            let Some((distance, cells)) = self.nearest(*cell, &hidden, with, closest) else { continue };
            if distance < closest {
                near.clear();
                closest = distance;
            }
            if distance == closest {
                for cell in cells {
                    *near.entry(cell).or_default() += 1;
                }
            }
        }
        let best = near.into_iter().max_by_key(|(cell, mends)| (*mends, self.rank.get(*cell).copied()));
        best.into_iter().map(|(cell, _)| cell).collect()
    }

    /// The shown cells in the lines of a cell or, if there are none, in the lines of what those lead on to; where no line
    /// leads on, those that are tied to any of them. And after how many steps they come, if these are no more than `most`.
    fn nearest(&self, cell: usize, hidden: &[bool], with: Repair, most: usize) -> Option<(usize, BTreeSet<usize>)> {
        let is_shown = |cell: usize| hidden.get(cell).is_some_and(|hidden| !hidden);
        let mut passed = vec![false; self.system.lines().len()];
        let mut reached = vec![false; hidden.len()];
        let mut front = vec![cell];
        let first =
            |seen: &mut Vec<bool>, place: usize| seen.get_mut(place).is_some_and(|seen| !mem::replace(seen, true));
        first(&mut reached, cell);
        'steps: for distance in 1..=most {
            let lines =
                front.iter().flat_map(|cell| self.system.above_places(*cell).chain(self.system.below_places(*cell)));
            let lines = lines.filter(|line| first(&mut passed, *line)).filter_map(|line| self.system.lines().get(line));
            let in_lines: Vec<usize> = lines.flat_map(|line| line.parts.iter().chain([&line.whole])).copied().collect();
            for ways in [Some(in_lines), None] {
                let mut near = ways.unwrap_or_else(|| self.tied(&reached));
                near.retain(|cell| first(&mut reached, *cell));
                let may_hide = |cell: &usize| is_shown(*cell) && self.may_hide(*cell, with);
                let shown: BTreeSet<usize> = near.iter().copied().filter(may_hide).collect();
                if !shown.is_empty() {
                    return Some((distance, shown));
                }
                // What can no longer be hidden, or stands in no table, leads on to what can.
                let has_earlier = |cell: usize| self.cell(cell).is_some_and(|cell| cell.earlier.is_some());
                near.retain(|cell| !is_shown(*cell) || self.is_sum(*cell) || has_earlier(*cell));
                if !near.is_empty() {
                    front = near;
                    continue 'steps;
                }
            }
            return None;
        }
        None
    }

    /// The other cells that something is known of together with any of some (rule R12).
    fn tied(&self, to: &[bool]) -> Vec<usize> {
        let is_one = |cell: usize| to.get(cell).is_some_and(|is_one| *is_one);
        let ties = self.system.ties().iter().filter(|tie| cells(tie).any(is_one));
        ties.flat_map(cells).filter(|cell| !is_one(*cell)).collect()
    }

    /// Whether a repair may hide a cell, if it is shown.
    fn may_hide(&self, cell: usize, with: Repair) -> bool {
        let is_wanted = |cell: &Cell| (cell.persons > 0) == (with == Repair::Persons) && !cell.structural;
        self.cell(cell).is_some_and(|cell| is_wanted(cell) && cell.earlier.is_none() && !cell.shows.nothing())
    }
}

fn cells(tie: &Tie) -> impl Iterator<Item = usize> + '_ {
    tie.terms.iter().filter_map(|(count, _)| count.cell())
}
