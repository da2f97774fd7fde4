//! How many persons are in one of two cells, which cells alone do not give (rule R1), by the numbers of the joint system:
//! of the new half-year asked of its rows, of earlier ones as their releases kept it.

use std::collections::BTreeMap;

use super::joint::own;
use crate::sdc::Unions;

/// Unions of the new half-year, and those of earlier ones that their releases kept.
pub(super) struct Known<'u, U> {
    own: Renumbered<'u, U>,
    earlier: &'u BTreeMap<(usize, [usize; 2]), u64>,
}

impl<'u, U> Known<'u, U> {
    /// The persons of earlier unions by whole and parts.
    pub(super) const fn new(own: Renumbered<'u, U>, earlier: &'u BTreeMap<(usize, [usize; 2]), u64>) -> Self {
        Self { own, earlier }
    }
}

impl<U: Unions> Unions for Known<'_, U> {
    fn in_any(&self, asked: &[(usize, Vec<usize>)]) -> Vec<u64> {
        let earlier = |(whole, parts): &(usize, Vec<usize>)| {
            let [one, other] = parts.as_slice() else { return None };
            self.earlier.get(&(*whole, [*one, *other])).copied()
        };
        let others: Vec<_> = asked.iter().filter(|asked| earlier(asked).is_none()).cloned().collect();
        let mut own = self.own.in_any(&others).into_iter();
        asked.iter().map(|asked| earlier(asked).or_else(|| own.next()).unwrap_or_default()).collect()
    }

    fn has(&self, cell: usize) -> bool {
        self.own.has(cell)
    }

    fn knows(&self, whole: usize, parts: &[usize; 2]) -> bool {
        self.own.knows(whole, parts) || self.earlier.contains_key(&(whole, *parts))
    }
}

/// Unions of the new half-year, asked by the numbers of the joint system.
pub(super) struct Renumbered<'u, U> {
    unions: &'u U,
    own: BTreeMap<usize, usize>,
}

impl<'u, U> Renumbered<'u, U> {
    pub(super) fn new(unions: &'u U, numbers: &[usize]) -> Self {
        Self { unions, own: own(numbers) }
    }
}

impl<U: Unions> Unions for Renumbered<'_, U> {
    fn in_any(&self, asked: &[(usize, Vec<usize>)]) -> Vec<u64> {
        let number = |cell: &usize| self.own.get(cell).copied().unwrap_or(usize::MAX);
        let renumbered = asked.iter().map(|(whole, parts)| (number(whole), parts.iter().map(number).collect()));
        self.unions.in_any(&renumbered.collect::<Vec<_>>())
    }

    fn has(&self, cell: usize) -> bool {
        self.own.get(&cell).is_some_and(|cell| self.unions.has(*cell))
    }
}
