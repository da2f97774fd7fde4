//! Which cells are hidden, and why. A pattern is made in rounds that only ever hide more: suppression, then remainders of
//! lines, then the interval audit, until all of them find nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Interval, audit, elimination, linear::Linear, remainder, system::System};

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

    /// The least persons of a hidden cell, as every reader knows.
    #[must_use]
    pub const fn least(&self) -> i64 {
        if self.hide_zeros { 0 } else { 1 }
    }

    /// Whether a reader tells too much of a hidden cell that may have too few persons: rule R4, seen from outside.
    #[must_use]
    pub fn narrow(&self, interval: &Interval) -> bool {
        let k = i64::try_from(self.k).unwrap_or(i64::MAX);
        let values = interval.most.map(|most| most.saturating_sub(interval.least).saturating_add(1));
        interval.least < k && values.is_some_and(|values| values < i64::try_from(self.values).unwrap_or(i64::MAX))
    }
}

/// Whether a cell is shown: the one thing about it that may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Its value is shown.
    Value,
    /// It is not.
    Hidden,
}

/// Why a cell is hidden. Only for the owner of the figures (rule R4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// It has too few persons.
    Unsafe,
    /// Another cell would follow from it.
    Secondary,
    /// A line would have too small a remainder with it.
    Remainder,
    /// Another cell would keep too few values with it.
    Interval,
}

/// What is hidden of a system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    reasons: Vec<Option<Reason>>,
    unprotected: Vec<usize>,
}

impl Pattern {
    /// Whether a cell is shown.
    #[must_use]
    pub fn status(&self, cell: usize) -> Status {
        match self.reason(cell) {
            None => Status::Value,
            Some(_) => Status::Hidden,
        }
    }

    /// Why a cell is hidden; none if it is shown.
    #[must_use]
    pub fn reason(&self, cell: usize) -> Option<Reason> {
        self.reasons.get(cell).copied().flatten()
    }

    /// Unsafe cells that keep too few values though nothing more can be hidden.
    #[must_use]
    pub fn unprotected(&self) -> &[usize] {
        &self.unprotected
    }

    /// For every cell whether it is hidden.
    #[must_use]
    pub fn hidden(&self) -> Vec<bool> {
        self.reasons.iter().map(Option::is_some).collect()
    }
}

/// Hides what the rules demand.
#[must_use]
pub fn protect(system: &System, rules: Rules, solver: &impl Linear) -> Pattern {
    let order = order(system, rules);
    let mut rank = vec![usize::MAX; system.cells().len()];
    for (place, cell) in order.iter().enumerate() {
        if let Some(rank) = rank.get_mut(*cell) {
            *rank = place;
        }
    }
    let mut making = Making { system, rules, order, rank, reasons: vec![None; system.cells().len()] };
    let unsafe_cells: Vec<usize> = (0..system.cells().len()).filter(|cell| is_unsafe(system, rules, *cell)).collect();
    making.hide(&unsafe_cells, Reason::Unsafe);
    making.suppress();
    loop {
        let to_hide = making.remainders();
        if making.hide(&to_hide, Reason::Remainder) {
            making.suppress();
            continue;
        }
        let narrow = making.too_narrow(solver);
        if !making.hide(&making.repair(&narrow), Reason::Interval) {
            return Pattern { reasons: making.reasons, unprotected: narrow };
        }
        making.suppress();
    }
}

/// Whether a cell may not be shown by itself.
fn is_unsafe(system: &System, rules: Rules, cell: usize) -> bool {
    let Some(cell) = system.cells().get(cell) else { return false };
    !cell.structural && rules.too_few(cell.persons)
}

/// Safe cells, the most wanted first (rule R8): zeros that are shown, then those that are the sum of the most, then by
/// their place. No value but zero has a part in it.
fn order(system: &System, rules: Rules) -> Vec<usize> {
    let cells = system.cells();
    let mut order: Vec<usize> = (0..cells.len()).filter(|cell| !is_unsafe(system, rules, *cell)).collect();
    order.sort_by_key(|cell| {
        let (zero, leaves) = cells.get(*cell).map_or((false, 0), |cell| (cell.persons == 0, cell.leaves));
        // Of the zeros the smallest first: the others then follow from them.
        if zero { (0, leaves) } else { (1, u64::MAX - leaves) }
    });
    order
}

struct Making<'s> {
    system: &'s System,
    rules: Rules,
    order: Vec<usize>,
    rank: Vec<usize>,
    reasons: Vec<Option<Reason>>,
}

impl Making<'_> {
    /// Hides cells that are shown; says whether there was any.
    fn hide(&mut self, cells: &[usize], reason: Reason) -> bool {
        let mut hid = false;
        for cell in cells {
            if let Some(slot) = self.reasons.get_mut(*cell).filter(|slot| slot.is_none()) {
                *slot = Some(reason);
                hid = true;
            }
        }
        hid
    }

    /// Hides what would give away a cell that was hidden for a reason of its own.
    fn suppress(&mut self) {
        let protected: Vec<usize> = self.places(|reason| matches!(reason, Some(reason) if reason != Reason::Secondary));
        let candidates: Vec<usize> =
            self.order.iter().copied().filter(|cell| self.reasons.get(*cell).is_some_and(Option::is_none)).collect();
        let hidden = elimination::suppress(self.system, &protected, &candidates);
        let secondary: Vec<usize> =
            candidates.into_iter().filter(|cell| hidden.get(*cell).is_some_and(|hidden| *hidden)).collect();
        self.hide(&secondary, Reason::Secondary);
    }

    fn remainders(&self) -> Vec<usize> {
        if !self.rules.remainders {
            return Vec::new();
        }
        let too_few = |persons| self.rules.too_few(persons);
        let violations = remainder::violations(self.system, &self.hidden(), &self.rank, too_few);
        violations.into_iter().filter_map(|(_, part)| part).collect()
    }

    fn too_narrow(&self, solver: &impl Linear) -> Vec<usize> {
        if self.rules.values == 0 {
            return Vec::new();
        }
        let targets: Vec<bool> = self.reasons.iter().map(|reason| *reason == Some(Reason::Unsafe)).collect();
        let least = self.rules.least();
        let k = i64::try_from(self.rules.k).unwrap_or(i64::MAX);
        let bounds = |cell: usize| {
            if targets.get(cell).is_some_and(|target| *target) { (least, Some(k - 1)) } else { (k, None) }
        };
        audit::too_narrow(self.system, &self.hidden(), &targets, bounds, (least, k), self.rules.values, solver)
    }

    /// The shown cell to hide next so that cells that are too narrow keep more values: of the cells nearest to any of
    /// them, the one that is near to most, and of those the least wanted. One at a time, as it often mends several.
    fn repair(&self, narrow: &[usize]) -> Vec<usize> {
        let hidden = self.hidden();
        let mut near: BTreeMap<usize, usize> = BTreeMap::new();
        let mut closest = usize::MAX;
        for cell in narrow {
            let Some((distance, cells)) = self.nearest(*cell, &hidden) else { continue };
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

    /// The shown cells with persons in the lines of a cell or, if there are none, in the lines of what those hide; and
    /// after how many lines they come.
    fn nearest(&self, cell: usize, hidden: &[bool]) -> Option<(usize, BTreeSet<usize>)> {
        let mut reached = vec![false; hidden.len()];
        let mut front = vec![cell];
        for distance in 1.. {
            let lines = front.iter().flat_map(|cell| self.system.above(*cell).chain(self.system.below(*cell)));
            let around: BTreeSet<usize> =
                lines.flat_map(|line| line.parts.iter().copied().chain([line.whole])).collect();
            let is_shown = |cell: &usize| hidden.get(*cell).is_some_and(|hidden| !hidden);
            let shown: BTreeSet<usize> =
                around.iter().copied().filter(|cell| is_shown(cell) && self.system.persons(*cell) > 0).collect();
            if !shown.is_empty() {
                return Some((distance, shown));
            }
            front = around.into_iter().filter(|cell| !is_shown(cell)).collect();
            front.retain(|cell| reached.get_mut(*cell).is_some_and(|reached| !std::mem::replace(reached, true)));
            if front.is_empty() {
                return None;
            }
        }
        None
    }

    fn hidden(&self) -> Vec<bool> {
        self.reasons.iter().map(Option::is_some).collect()
    }

    fn places(&self, which: impl Fn(Option<Reason>) -> bool) -> Vec<usize> {
        let reasons = self.reasons.iter().enumerate();
        reasons.filter(|(_, reason)| which(**reason)).map(|(cell, _)| cell).collect()
    }
}
