//! Primary suppression: the rules, which cells they hide by themselves, and in which order the others are candidates to be
//! hidden with them. No value but zero, and whether it is below the threshold, has a part in it (rules R4, R6 and R8).

use serde::{Deserialize, Serialize};

use super::{
    Interval,
    pattern::Reason,
    system::{Cell, System},
};

/// What must hold of what is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// The least number of persons of a cell that is shown and not zero.
    pub k: u64,
    /// Whether a cell without persons is unsafe too.
    pub hide_zeros: bool,
    /// How many values every unsafe cell keeps; 0 leaves that out.
    pub values: usize,
    /// Whether remainders of lines count as cells.
    pub remainders: bool,
}

impl Rules {
    /// Whether so many persons are too few to be shown.
    #[must_use]
    pub const fn too_few(&self, persons: u64) -> bool {
        persons < self.k && (persons > 0 || self.hide_zeros)
    }

    /// The least persons of a cell that is hidden, as every reader knows.
    #[must_use]
    pub const fn least(&self, cell: &Cell) -> i64 {
        if self.hide_zeros || cell.sensitive { 0 } else { 1 }
    }

    /// Whether a reader tells too much of a hidden cell that may have too few persons: rule R4, seen from outside.
    #[must_use]
    pub fn narrow(&self, interval: &Interval) -> bool {
        let k = i64::try_from(self.k).unwrap_or(i64::MAX);
        let values = interval.most.map(|most| most.saturating_sub(interval.least).saturating_add(1));
        interval.least < k && values.is_some_and(|values| values < i64::try_from(self.values).unwrap_or(i64::MAX))
    }
}

/// For every cell of a table whether it may not be shown by itself: it has too few persons, or none and is gevoelig, unless
/// a zero that is shown implies it (rule R6); or others than the public know too much of it (rule R7).
pub(super) fn unsafe_cells(system: &System, rules: Rules) -> Vec<bool> {
    let cells = system.cells();
    let may_be = |cell: &Cell| !cell.structural && !cell.shows.nothing();
    let hides_nobody = |cell: &Cell| match cell.earlier {
        Some(earlier) => earlier.reason.is_some(),
        None => cell.sensitive || rules.hide_zeros,
    };
    // Wholes come after their parts, so that a zero is implied from above in one pass.
    let mut open: Vec<bool> =
        cells.iter().map(|cell| may_be(cell) && cell.persons == 0 && hides_nobody(cell)).collect();
    for line in system.lines().iter().rev() {
        let zero_shown = |cell: usize| {
            let nobody = cells.get(cell).is_some_and(|cell| cell.persons == 0 && !cell.shows.nothing());
            nobody && open.get(cell).is_some_and(|open| !open)
        };
        if zero_shown(line.whole) {
            for part in &line.parts {
                if let Some(open) = open.get_mut(*part) {
                    *open = false;
                }
            }
        }
    }
    let is_unsafe = |(cell, open): (&Cell, bool)| match cell.earlier {
        Some(earlier) => matches!(earlier.reason, Some(Reason::Unsafe | Reason::Insider)),
        None => open || (may_be(cell) && (cell.insider || (cell.persons > 0 && rules.too_few(cell.persons)))),
    };
    cells.iter().zip(open).map(is_unsafe).collect()
}

/// Safe cells, the most wanted first (rule R8): those shown before, which stay, and those that everybody knows; then zeros
/// that are shown, then the most wanted, then by their place. No value but zero has a part in it.
pub(super) fn candidates(system: &System, unsafe_cells: &[bool]) -> Vec<usize> {
    let cells = system.cells();
    let is_candidate = |cell: &Cell, is_unsafe: bool| match cell.earlier {
        _ if cell.structural => true,
        _ if cell.shows.nothing() => false,
        Some(earlier) => earlier.reason.is_none(),
        None => !is_unsafe,
    };
    let all = cells.iter().zip(unsafe_cells).enumerate();
    let mut order: Vec<usize> =
        all.filter(|(_, (cell, is_unsafe))| is_candidate(cell, **is_unsafe)).map(|(place, _)| place).collect();
    order.sort_by_key(|cell| {
        let Some(cell) = cells.get(*cell) else { return (3, 0) };
        // Of the zeros the smallest first: the others then follow from them.
        match (cell.earlier, cell.persons) {
            _ if cell.structural => (0, 0),
            (Some(_), _) => (0, 0),
            (None, 0) => (1, cell.wanted),
            (None, _) => (2, u64::MAX - cell.wanted),
        }
    });
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdc::{Earlier, Shows};

    /// What a later audit looks at: what was hidden for itself, whoever it was hidden from, and nothing beside it.
    #[test]
    fn what_was_hidden_for_itself_stays_so() {
        let cell = |reason| Cell {
            persons: 30,
            shows: Shows::PERSONS,
            earlier: Some(Earlier { reason, k: 10, settled: false }),
            ..Cell::default()
        };
        let reasons = [None, Some(Reason::Unsafe), Some(Reason::Insider), Some(Reason::Secondary)];
        let system = System::new(reasons.map(cell).to_vec(), Vec::new()).unwrap();
        let rules = Rules { k: 10, hide_zeros: false, values: 4, remainders: true };
        assert_eq!(unsafe_cells(&system, rules), [false, true, true, false]);
    }

    #[test]
    fn what_insiders_know_is_hidden_only_in_tables() {
        let cell = |shows| Cell { persons: 30, shows, insider: true, ..Cell::default() };
        let system = System::new([Shows::PERSONS, Shows::default()].map(cell).to_vec(), Vec::new()).unwrap();
        let rules = Rules { k: 10, hide_zeros: false, values: 4, remainders: true };
        assert_eq!(unsafe_cells(&system, rules), [true, false]);
    }
}
