//! What is hidden, seen from the lines: hidden cells can have other values as long as all lines add up, so that a cell is
//! free if others make up for it in each of its lines. It tells what hiding one more cell asks for, which is what
//! [`elimination`](super::elimination) would hide, without going through all cells again.

use super::{
    combination::{Combinations, Vector, less, scaled},
    residue::Residue,
    system::System,
};

/// What changes of hidden cells the lines allow.
pub(super) struct Freedom {
    /// Of each hidden cell, in which lines it is.
    lines: Combinations,
}

impl Freedom {
    /// With these cells hidden.
    pub(super) fn of(system: &System, hidden: &[bool]) -> Self {
        let mut made = Self { lines: Combinations::none(system.lines().len()) };
        for (cell, is_hidden) in hidden.iter().enumerate() {
            if *is_hidden {
                made.hide(system, cell);
            }
        }
        made
    }

    /// Hides one more; says whether it is free, so that it does not follow from what is still shown. Nothing follows then
    /// that did not before.
    pub(super) fn hide(&mut self, system: &System, cell: usize) -> bool {
        insert(&mut self.lines, &lines_of(system, cell)).is_none()
    }

    /// What to hide besides a cell, so that it is free: of these shown cells, the most wanted first, those that cannot be
    /// shown one after another without giving it away. None if it is free, or nothing makes it so.
    pub(super) fn others(&self, system: &System, cell: usize, candidates: &[usize]) -> Vec<usize> {
        let (mut others, mut left) = (Vec::new(), candidates);
        let mut hidden = self.lines.clone();
        loop {
            let mut open = hidden.reduce(&lines_of(system, cell));
            if open.is_empty() {
                return others;
            }
            // A candidate can be shown if those after it are enough to make up for the cell: the last that are needed for
            // it begin with one that cannot.
            let mut with = hidden.clone();
            let found = left.iter().rposition(|candidate| {
                if let Some((pivot, vector)) = insert(&mut with, &lines_of(system, *candidate))
                    && let Ok(place) = open.binary_search_by_key(&pivot, |(place, _)| *place)
                    && let Some((_, factor)) = open.get(place).copied()
                {
                    open = less(&open, factor, &vector);
                }
                open.is_empty()
            });
            let Some((other, after)) = found.and_then(|found| left.get(found..)).and_then(<[usize]>::split_first)
            else {
                return others;
            };
            insert(&mut hidden, &lines_of(system, *other));
            others.push(*other);
            left = after;
        }
    }
}

/// In which lines a cell is, as the whole or as a part.
fn lines_of(system: &System, cell: usize) -> Vector {
    let whole = system.below_places(cell).map(|line| (line, Residue::ONE));
    whole.chain(system.above_places(cell).map(|line| (line, Residue::from(-1)))).collect()
}

/// Adds what is not yet a combination, and gives it as it was added, with its pivot.
fn insert(lines: &mut Combinations, vector: &Vector) -> Option<(usize, Vector)> {
    let reduced = lines.reduce(vector);
    let (pivot, entry) = *reduced.first()?;
    let vector = scaled(&reduced, entry.inverse()?);
    lines.add(pivot, vector.clone());
    Some((pivot, vector))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::{
            Microlp, Reason, Rules, elimination,
            pattern::protect,
            primary::{candidates, unsafe_cells},
            tests::{Small, of_sizes},
        },
        *,
    };

    /// What else is hidden with one more cell, by going through all cells again and by what was hidden before.
    fn both(small: &Small, shown: usize) -> Option<(Vec<bool>, Vec<bool>)> {
        let table = small.table();
        let system = table.system();
        let rules = Rules { k: 10, hide_zeros: false, values: 0, remainders: false };
        let is_unsafe = unsafe_cells(system, rules);
        let order = candidates(system, &is_unsafe);
        let mut unsafe_cells: Vec<usize> = (0..is_unsafe.len()).filter(|cell| is_unsafe[*cell]).collect();
        let mut hidden = elimination::suppress(system, &unsafe_cells, &order, 0, &[]);
        let mut order: Vec<usize> = order.into_iter().filter(|cell| !hidden[*cell]).collect();
        if order.is_empty() {
            return None;
        }
        let cell = order.remove(shown % order.len());
        unsafe_cells.push(cell);
        let again = elimination::suppress(system, &unsafe_cells, &order, 0, &[]);
        let again = (0..hidden.len()).map(|place| hidden[place] || place == cell || again[place]).collect();
        let mut freedom = Freedom::of(system, &hidden);
        let others = freedom.others(system, cell, &order);
        assert!(!freedom.hide(system, cell) || others.is_empty());
        hidden[cell] = true;
        for other in others {
            hidden[other] = true;
        }
        Some((again, hidden))
    }

    proptest! {
        #[test]
        fn one_more_cell_asks_for_what_a_suppression_would_hide(small in of_sizes(3..9), shown in any::<usize>()) {
            if let Some((again, hidden)) = both(&small, shown) {
                prop_assert_eq!(again, hidden);
            }
        }

        /// Remainders hide one cell after another, and there is no audit that would find what gives one away.
        #[test]
        fn what_a_remainder_hides_does_not_follow_from_what_is_shown(small in of_sizes(3..7)) {
            let table = small.table();
            let system = table.system();
            let rules = Rules { k: 10, hide_zeros: false, values: 0, remainders: true };
            let pattern = protect(system, rules, &table, &Microlp);
            let cells = || 0..system.cells().len();
            let for_itself = |cell: &usize| pattern.reason(*cell).is_some_and(|reason| reason != Reason::Secondary);
            let protected: Vec<usize> = cells().filter(for_itself).collect();
            let shown: Vec<usize> = cells().filter(|cell| pattern.reason(*cell).is_none()).collect();
            prop_assert_eq!(elimination::suppress(system, &protected, &shown, 0, &[]), pattern.hidden());
        }
    }
}
