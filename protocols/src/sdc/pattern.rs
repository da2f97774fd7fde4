//! Which cells are hidden, and why. A pattern is made in rounds that only ever hide more: suppression, then remainders of
//! lines, then the interval audit, until all of them find nothing.

mod repair;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use self::repair::Repair;
use super::{
    audit::{Audit, Extent, Reader, Readers},
    elimination,
    freedom::Freedom,
    linear::Linear,
    primary::{Rules, candidates, unsafe_cells},
    remainder::{self, Demand, Unions},
    system::{Cell, System, Tie},
};

/// Whether a cell is shown: the one thing about it that may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Its value is shown.
    Value,
    /// It is not.
    Hidden,
}

/// Why a cell is hidden. Only for the owner of the figures (rule R4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    /// It has too few persons.
    Unsafe,
    /// It has enough, and others than the public know too much of it (rule R7).
    Insider,
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
    settled: Vec<bool>,
    unprotected: Vec<usize>,
    told: Vec<Tie>,
}

impl Pattern {
    /// What hidden cells tell a reader who runs the algorithm backwards: which remainders were too small (rule R8).
    #[must_use]
    pub fn told(&self) -> &[Tie] {
        &self.told
    }

    /// Whether a hidden cell keeps enough values whatever is released later.
    #[must_use]
    pub fn settled(&self, cell: usize) -> bool {
        self.settled.get(cell).is_some_and(|settled| *settled)
    }

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

    /// Unsafe cells that keep too few values, and shown cells with too small a remainder, though nothing more can be hidden.
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

/// Hides what the rules demand. `unions` are needed where persons do not add up.
#[must_use]
pub fn protect(system: &System, rules: Rules, unions: &impl Unions, solver: &impl Linear) -> Pattern {
    let unsafe_cells = unsafe_cells(system, rules);
    let order = candidates(system, &unsafe_cells);
    let mut rank = vec![usize::MAX; system.cells().len()];
    for (place, cell) in order.iter().enumerate() {
        if let Some(rank) = rank.get_mut(*cell) {
            *rank = place;
        }
    }
    let reasons = system.cells().iter().zip(&unsafe_cells).map(|(cell, is_unsafe)| match cell.earlier {
        Some(earlier) => earlier.reason,
        None if *is_unsafe && cell.insider && cell.persons >= rules.k => Some(Reason::Insider),
        None => is_unsafe.then_some(Reason::Unsafe),
    });
    let reasons: Vec<Option<Reason>> = reasons.collect();
    let implied = vec![false; reasons.len()];
    let told = system.told().to_vec();
    let follows = system.cells().iter().any(|cell| cell.earlier.is_some());
    let mut making =
        Making { system, rules, order, rank, unsafe_cells, reasons, implied, told, follows, freedom: None };
    making.suppress();
    let mut audit = Audit::new(rules.values);
    loop {
        let violations = making.violations(unions);
        if making.learn(&violations) {
            // What was possible may be so no longer.
            audit = Audit::new(rules.values);
        }
        let to_hide: Vec<usize> = violations.iter().filter_map(|violation| violation.hide).collect();
        if making.hide_safely(&to_hide, Reason::Remainder) {
            continue;
        }
        let mut narrow = making.too_narrow(&mut audit, Extent::First, solver);
        let mut repair = making.repair(&narrow, Repair::Persons);
        if repair.is_empty() && !narrow.is_empty() {
            narrow = making.too_narrow(&mut audit, Extent::All, solver);
            repair = making.repair(&narrow, Repair::Persons);
        }
        if repair.is_empty() && making.follows {
            repair = making.repair(&narrow, Repair::Zeros);
        }
        if !making.hide_safely(&repair, Reason::Interval) {
            let open = violations.iter().filter(|violation| violation.hide.is_none()).map(|violation| violation.whole);
            let unprotected: BTreeSet<usize> = narrow.into_iter().chain(open).collect();
            let unprotected = unprotected.into_iter().collect();
            making.settle(&mut audit, solver);
            let settled = making.unsafe_cells.iter().enumerate();
            let settled = settled.map(|(cell, is_unsafe)| audit.settled(system, cell, *is_unsafe)).collect();
            let told = making.told.split_off(system.told().len());
            return Pattern { reasons: making.reasons, settled, unprotected, told };
        }
    }
}

struct Making<'s> {
    system: &'s System,
    rules: Rules,
    order: Vec<usize>,
    rank: Vec<usize>,
    unsafe_cells: Vec<bool>,
    reasons: Vec<Option<Reason>>,
    /// Cells that stand in no table and follow from those that are shown.
    implied: Vec<bool>,
    /// What is told by what is hidden.
    told: Vec<Tie>,
    /// Whether there are earlier releases.
    follows: bool,
    /// What is hidden now, if cells were hidden one by one since the last suppression.
    freedom: Option<Freedom>,
}

impl Making<'_> {
    /// Takes in what is told by hiding because of violations; says whether there was anything new.
    fn learn(&mut self, violations: &[remainder::Violation]) -> bool {
        let known = self.told.len();
        for says in violations.iter().filter_map(|violation| violation.says.as_ref()) {
            if !self.told.contains(says) {
                self.told.push(says.clone());
            }
        }
        self.told.len() > known
    }

    /// Hides cells that are shown; says whether there was any. That nobody is in a cell is hidden like too few persons:
    /// a hidden zero is an unsafe cell.
    fn hide(&mut self, cells: &[usize], reason: Reason) -> bool {
        let mut hid = false;
        for cell in cells {
            let is_zero = self.system.persons(*cell) == 0;
            if let Some(slot) = self.reasons.get_mut(*cell).filter(|slot| slot.is_none()) {
                *slot = Some(if is_zero { Reason::Unsafe } else { reason });
                hid = true;
                if let Some(is_unsafe) = self.unsafe_cells.get_mut(*cell) {
                    *is_unsafe |= is_zero;
                }
            }
        }
        hid
    }

    /// Hides cells that are shown, and what would give them away; says whether there was any.
    fn hide_safely(&mut self, cells: &[usize], reason: Reason) -> bool {
        let before = self.hidden();
        if !self.hide(cells, reason) {
            return false;
        }
        let was_shown = |cell: &usize| before.get(*cell).is_some_and(|hidden| !hidden);
        let new: BTreeSet<usize> = cells.iter().copied().filter(was_shown).collect();
        let mut new = new.into_iter();
        // A sum that stands in no table may follow no longer, which only a suppression tells.
        let has_sums = self.system.cells().iter().any(|cell| cell.shows.nothing());
        let freedom = self.freedom.take();
        match (new.next(), new.next()) {
            (Some(cell), None) if !has_sums => {
                let freedom = freedom.unwrap_or_else(|| Freedom::of(self.system, &before));
                self.freedom = self.free(freedom, cell);
            }
            _ => {}
        }
        if self.freedom.is_none() {
            self.suppress();
        }
        true
    }

    /// Hides what would give away a cell that was just hidden. None where that asks for a suppression.
    fn free(&mut self, mut freedom: Freedom, cell: usize) -> Option<Freedom> {
        let system = self.system;
        let (candidates, kept) = self.candidates();
        let others = freedom.others(system, cell, candidates.get(kept..).unwrap_or_default());
        for cell in [cell].iter().chain(&others) {
            freedom.hide(system, *cell);
        }
        self.hide(&others, Reason::Secondary);
        // A zero that was hidden must not be given away itself.
        others.iter().all(|cell| system.persons(*cell) > 0).then_some(freedom)
    }

    /// Hides what would give away a cell that was hidden for a reason of its own.
    fn suppress(&mut self) {
        // A zero that would give away what an earlier release hid is one that readers may not know either.
        while self.suppress_once() {}
    }

    /// Says whether a zero was hidden, that must not be given away itself.
    fn suppress_once(&mut self) -> bool {
        let protected: Vec<usize> = self.places(|reason| matches!(reason, Some(reason) if reason != Reason::Secondary));
        let (candidates, kept) = self.candidates();
        let sums: Vec<usize> = (0..self.reasons.len()).filter(|cell| self.is_sum(*cell)).collect();
        let hidden = elimination::suppress(self.system, &protected, &candidates, kept, &sums);
        let is_hidden = |cell: &usize| hidden.get(*cell).is_some_and(|hidden| *hidden);
        for cell in sums {
            if let Some(implied) = self.implied.get_mut(cell) {
                *implied = !is_hidden(&cell);
            }
        }
        let secondary: Vec<usize> = candidates.into_iter().skip(kept).filter(is_hidden).collect();
        let any_zero = secondary.iter().any(|cell| self.system.persons(*cell) == 0);
        self.hide(&secondary, Reason::Secondary) && any_zero
    }

    /// The cells that are shown, the most wanted first, and how many of these stay so.
    fn candidates(&self) -> (Vec<usize>, usize) {
        let is_shown = |cell: &usize| self.reasons.get(*cell).is_some_and(Option::is_none);
        let shown: Vec<usize> = self.order.iter().copied().filter(is_shown).collect();
        let is_kept = |cell: &Cell| cell.earlier.is_some() || cell.structural;
        let kept = shown.iter().take_while(|cell| self.cell(**cell).is_some_and(is_kept)).count();
        (shown, kept)
    }

    fn violations(&self, unions: &impl Unions) -> Vec<remainder::Violation> {
        if !self.rules.remainders {
            return Vec::new();
        }
        let demand = Demand { too_few: &|persons| self.rules.too_few(persons), k: self.rules.k, rank: &self.rank };
        remainder::violations(self.system, &self.hidden(), &demand, unions)
    }

    fn too_narrow(&self, audit: &mut Audit, extent: Extent, solver: &impl Linear) -> Vec<usize> {
        if self.rules.values == 0 {
            return Vec::new();
        }
        let inside = Reader { k: self.rules.k, bounds: |cell| self.inside(cell), ties: &self.told };
        let outside = Reader { k: self.rules.k, bounds: |cell| self.outside(cell), ties: &[] };
        let readers = Readers { inside, outside };
        audit.too_narrow(self.system, &self.hidden(), &self.unsafe_cells, &readers, extent, solver)
    }

    fn settle(&self, audit: &mut Audit, solver: &impl Linear) {
        if self.rules.values > 0 {
            let inside = Reader { k: self.rules.k, bounds: |cell| self.inside(cell), ties: &self.told };
            audit.settle(self.system, &self.hidden(), &self.unsafe_cells, &inside, solver);
        }
    }

    /// What a reader knows of the persons of a hidden cell who knows which are unsafe (rule R4). A sum that stands in no
    /// table has no status that says something of it.
    fn inside(&self, cell: usize) -> (i64, Option<i64>) {
        let k = self.cell(cell).and_then(|cell| cell.earlier).map_or(self.rules.k, |earlier| earlier.k);
        let k = i64::try_from(k).unwrap_or(i64::MAX);
        // What only insiders keep from being shown has enough persons.
        let is_unsafe = self.unsafe_cells.get(cell).is_some_and(|is_unsafe| *is_unsafe)
            && self.reasons.get(cell) != Some(&Some(Reason::Insider));
        match (self.is_sum(cell), is_unsafe) {
            (true, _) => (0, None),
            (false, true) => (self.least(cell), Some(k - 1)),
            (false, false) => (k, None),
        }
    }

    /// What a reader knows of it who does not.
    fn outside(&self, cell: usize) -> (i64, Option<i64>) {
        (if self.is_sum(cell) { 0 } else { self.least(cell) }, None)
    }

    fn least(&self, cell: usize) -> i64 {
        self.cell(cell).filter(|cell| cell.persons > 0).map_or(0, |cell| self.rules.least(cell))
    }

    fn hidden(&self) -> Vec<bool> {
        let all = self.reasons.iter().zip(&self.implied).enumerate();
        let known = |cell: usize| self.cell(cell).is_some_and(|cell| cell.structural);
        let is_hidden = |(cell, (reason, implied)): (usize, (&Option<Reason>, &bool))| {
            reason.is_some() || (self.is_sum(cell) && !implied && !known(cell))
        };
        all.map(is_hidden).collect()
    }

    fn cell(&self, cell: usize) -> Option<&Cell> {
        self.system.cells().get(cell)
    }

    /// Whether a cell stands in no table.
    fn is_sum(&self, cell: usize) -> bool {
        self.cell(cell).is_some_and(|cell| cell.shows.nothing())
    }

    fn places(&self, which: impl Fn(Option<Reason>) -> bool) -> Vec<usize> {
        let reasons = self.reasons.iter().enumerate();
        reasons.filter(|(_, reason)| which(**reason)).map(|(cell, _)| cell).collect()
    }
}
