//! The interval audit (rule R4): how many values every hidden count keeps for a reader of the shown ones. Values are shown
//! to be possible by witnesses, whole numbers for all hidden counts at once that satisfy everything; what has too few is
//! not safe, whatever the reason.

use std::collections::BTreeSet;

use super::{
    bounds::Unknowns,
    linear::Linear,
    reach::{Reach, extremes},
    system::{Count, System, Tie},
    witnesses::{Component, Witnesses},
};

/// The least and the most persons that a hidden cell can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// The cell.
    pub cell: usize,
    /// The least.
    pub least: i64,
    /// The most; none where there is none.
    pub most: Option<i64>,
}

/// What a reader knows before looking at any line.
pub(super) struct Reader<'t, B> {
    /// The least persons that are shown and not zero.
    pub(super) k: u64,
    /// The least and the most persons of each hidden cell.
    pub(super) bounds: B,
    /// What else holds.
    pub(super) ties: &'t [Tie],
}

/// The interval of every hidden cell for a reader who knows nothing of it but `least`.
#[must_use]
pub fn intervals(
    system: &System,
    hidden: &[bool],
    k: u64,
    least: impl Fn(usize) -> i64,
    solver: &impl Linear,
) -> Vec<Interval> {
    let mut found = Vec::new();
    let reader = Reader { k, bounds: |cell| (least(cell), None), ties: &[] };
    for component in parts(system, hidden, &reader) {
        for (place, count) in component.counts.iter().enumerate() {
            if let Count::Persons(cell) = count
                && hidden.get(*cell).is_some_and(|hidden| *hidden)
            {
                let (least, most) = extremes(&component, place, solver);
                found.push(Interval { cell: *cell, least, most });
            }
        }
    }
    found.sort_unstable_by_key(|interval| interval.cell);
    found
}

/// The intervals of hidden cells of tables that may have fewer than so many values, for the same reader. A point at which
/// one cell is at its end shows of all others that they can be what they are there, so that few are asked about.
pub(super) fn narrow(
    system: &System,
    hidden: &[bool],
    k: u64,
    least: impl Fn(usize) -> i64,
    values: usize,
    solver: &impl Linear,
) -> Vec<Interval> {
    let mut found = Vec::new();
    let reader = Reader { k, bounds: |cell| (least(cell), None), ties: &[] };
    let asked = |count: &Count| match count {
        Count::Persons(cell) => Some(*cell).filter(|cell| {
            let in_table = system.cells().get(*cell).is_some_and(|cell| !cell.shows.nothing());
            in_table && hidden.get(*cell).is_some_and(|hidden| *hidden)
        }),
        _ => None,
    };
    for component in parts(system, hidden, &reader) {
        let mut reach = Reach::new(component.counts.len(), values);
        let places = places(&component, &asked);
        reach.spread(&component, &places, solver);
        for place in places {
            if !reach.asks(&component, place, solver) {
                continue;
            }
            let (least, most) = extremes(&component, place, solver);
            found.extend(cell_at(&component, place).map(|cell| Interval { cell, least, most }));
        }
    }
    found.sort_unstable_by_key(|interval| interval.cell);
    found
}

/// An audit, which goes on from what it found before: as more is hidden, what was possible stays possible.
pub(super) struct Audit {
    inside: Witnesses,
    outside: Witnesses,
    /// Found for the first reader while everything that earlier releases have, and later ones will have too, keeps its true
    /// value: whatever is released later, it stays possible.
    settled: Witnesses,
    /// Cells of which the second reader knows, as things are now, that they have enough persons.
    enough: BTreeSet<usize>,
    /// Whether what can be settled was looked for.
    begun: bool,
}

/// The two readers: one knows which hidden cells are unsafe and which remainders were too small, the other does not
/// (rules R4 and R8).
pub(super) struct Readers<'t, I, O> {
    pub(super) inside: Reader<'t, I>,
    pub(super) outside: Reader<'t, O>,
}

/// How far an audit goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// Until a cell is found that is too narrow: what mends it often mends others, which would be looked at for nothing.
    First,
    /// Every cell.
    All,
}

impl Audit {
    /// Of whether counts keep so many values.
    pub(super) fn new(values: usize) -> Self {
        let witnesses = || Witnesses::new(values);
        Self { inside: witnesses(), outside: witnesses(), settled: witnesses(), enough: BTreeSet::new(), begun: false }
    }

    /// Hidden cells that keep fewer values; none only if every cell keeps enough. For the first reader every count of the
    /// cells in `targets` must keep so many values; for the second the persons of every other hidden cell of a table that
    /// may be below k. What earlier releases settled is not looked at again.
    pub(super) fn too_narrow<I, O>(
        &mut self,
        system: &System,
        hidden: &[bool],
        targets: &[bool],
        readers: &Readers<'_, I, O>,
        extent: Extent,
        solver: &impl Linear,
    ) -> Vec<usize>
    where
        I: Fn(usize) -> (i64, Option<i64>),
        O: Fn(usize) -> (i64, Option<i64>),
    {
        // As more is hidden it may no longer be known.
        self.enough.clear();
        if !self.begun {
            self.begun = true;
            // What stays possible later is possible now.
            self.settle(system, hidden, targets, &readers.inside, solver);
            self.inside.join(&self.settled);
        }
        let is_target = |cell: usize| targets.get(cell).is_some_and(|target| *target);
        let is_open = |cell: usize| {
            system.cells().get(cell).is_some_and(|cell| cell.earlier.is_none_or(|earlier| !earlier.settled))
        };
        let of_target = |count: &Count| count.cell().filter(|cell| is_target(*cell) && is_open(*cell));
        let mut narrow = BTreeSet::new();
        let inside = parts(system, hidden, &readers.inside);
        for component in &inside {
            // What the bounds say already is not looked for.
            let counts = component.counts.iter().zip(&component.bounds);
            narrow.extend(
                counts.filter(|(_, bounds)| self.inside.too_few(**bounds)).filter_map(|(count, _)| of_target(count)),
            );
        }
        for component in inside {
            if extent == Extent::First && !narrow.is_empty() {
                break;
            }
            let mut asked = places(&component, &of_target);
            asked.retain(|place| component.counts.get(*place).is_some_and(|count| self.inside.lacks(*count)));
            if asked.is_empty() {
                continue;
            }
            let all = Component::of(&component);
            let lacking = look(&mut self.inside, system, &all, &asked, solver);
            let lacking = lacking.iter().filter(|place| !self.inside.suffice(&all, **place, solver));
            narrow.extend(taken(lacking, extent).filter_map(|place| cell_at(&component, *place)));
        }
        let k = i64::try_from(readers.outside.k).unwrap_or(i64::MAX);
        let of_other = |count: &Count| match count {
            Count::Persons(cell) => Some(*cell).filter(|cell| {
                let in_table = system.cells().get(*cell).is_some_and(|cell| !cell.shows.nothing());
                in_table && hidden.get(*cell).is_some_and(|hidden| *hidden) && !is_target(*cell) && is_open(*cell)
            }),
            _ => None,
        };
        for component in parts(system, hidden, &readers.outside) {
            if extent == Extent::First && !narrow.is_empty() {
                break;
            }
            let mut asked = places(&component, &of_other);
            asked.retain(|place| {
                let known = component.bounds.get(*place).is_some_and(|(least, _)| *least >= k);
                if known {
                    self.enough.extend(cell_at(&component, *place));
                }
                // What the first reader cannot exclude, this one cannot either.
                let lacks = |count: &Count| self.inside.lacks(*count) && self.outside.lacks(*count);
                !known && component.counts.get(*place).is_some_and(lacks)
            });
            if asked.is_empty() {
                continue;
            }
            let all = Component::of(&component);
            let lacking = look(&mut self.outside, system, &all, &asked, solver);
            let lacking = lacking.iter().filter(|place| {
                if all.at_least(**place, k, solver) {
                    self.enough.extend(cell_at(&component, **place));
                    return false;
                }
                !self.outside.suffice(&all, **place, solver)
            });
            narrow.extend(taken(lacking, extent).filter_map(|place| cell_at(&component, *place)));
        }
        narrow.into_iter().collect()
    }

    /// Looks which hidden cells keep enough values whatever is released later, so that later audits need not. What the next
    /// release has too, or has other parts of, it may tell more of.
    pub(super) fn settle(
        &mut self,
        system: &System,
        hidden: &[bool],
        targets: &[bool],
        inside: &Reader<'_, impl Fn(usize) -> (i64, Option<i64>)>,
        solver: &impl Linear,
    ) {
        let in_stock = in_stock(system);
        let stays = |count: &Count| {
            let goes_on = |cell: usize| in_stock.get(cell).is_some_and(|is_in| *is_in);
            is_new(system, *count) && behind(system, *count).is_none_or(|cell| !goes_on(cell))
        };
        let of = |count: &Count| {
            let cell = count.cell().filter(|_| stays(count))?;
            let wanted = matches!(count, Count::Persons(_)) || targets.get(cell).is_some_and(|target| *target);
            Some(cell).filter(|cell| wanted && hidden.get(*cell).is_some_and(|hidden| *hidden))
        };
        for component in parts(system, hidden, inside) {
            let asked = places(&component, &of);
            self.settled.among(&component, &asked, &stays, solver);
        }
    }

    /// Whether a hidden cell keeps enough values whatever is released later.
    pub(super) fn settled(&self, system: &System, cell: usize, is_target: bool) -> bool {
        let kept = |count: Count| system.count(count).is_none() || !self.settled.lacks(count);
        if is_target {
            kept(Count::Persons(cell)) && kept(Count::Rows(cell))
        } else {
            self.enough.contains(&cell) || kept(Count::Persons(cell))
        }
    }
}

/// Looks in cheap ways, first among what is new, then among everything; gives the places that still lack values.
fn look(
    witnesses: &mut Witnesses,
    system: &System,
    all: &Component<'_>,
    asked: &[usize],
    solver: &impl Linear,
) -> Vec<usize> {
    let component = all.unknowns();
    let lacks = |witnesses: &Witnesses, place: &usize| {
        component.counts.get(*place).is_some_and(|count| witnesses.lacks(*count))
    };
    if component.counts.iter().any(|count| !is_new(system, *count)) {
        witnesses.among(component, asked, &|count: &Count| is_new(system, *count), solver);
    }
    let lacking: Vec<usize> = asked.iter().copied().filter(|place| lacks(witnesses, place)).collect();
    witnesses.walks(all, &lacking);
    lacking.into_iter().filter(|place| lacks(witnesses, place)).collect()
}

fn taken<'p>(places: impl Iterator<Item = &'p usize>, extent: Extent) -> impl Iterator<Item = &'p usize> {
    places.take(if extent == Extent::First { 1 } else { usize::MAX })
}

fn cell_at(component: &Unknowns, place: usize) -> Option<usize> {
    component.counts.get(place).copied().and_then(Count::cell)
}

/// Which cells stand in the next release too, or are within one that does: the next release has other parts of that.
fn in_stock(system: &System) -> Vec<bool> {
    let mut found: Vec<bool> = system.cells().iter().map(|cell| cell.stock && cell.earlier.is_none()).collect();
    for line in system.lines().iter().rev() {
        if found.get(line.whole) == Some(&true) {
            for part in &line.parts {
                if let Some(slot) = found.get_mut(*part) {
                    *slot = true;
                }
            }
        }
    }
    found
}

/// Whether a count is of a cell that no earlier release has, or of a union within one; or a number that no release gives a
/// value.
fn is_new(system: &System, count: Count) -> bool {
    let is_new = |cell: usize| system.cells().get(cell).is_some_and(|cell| cell.earlier.is_none());
    behind(system, count).is_none_or(is_new)
}

/// The cell that a count is of, or that a union is within.
fn behind(system: &System, count: Count) -> Option<usize> {
    match count {
        Count::Unpublished(place) => system.unpublished().get(place).map(|union| union.whole),
        of_cell => of_cell.cell(),
    }
}

/// The places of the counts asked about.
fn places(component: &Unknowns, of: &impl Fn(&Count) -> Option<usize>) -> Vec<usize> {
    component.counts.iter().enumerate().filter(|(_, count)| of(count).is_some()).map(|(place, _)| place).collect()
}

fn parts(system: &System, hidden: &[bool], reader: &Reader<'_, impl Fn(usize) -> (i64, Option<i64>)>) -> Vec<Unknowns> {
    let mut unknowns = Unknowns::of(system, hidden, reader);
    unknowns.tighten();
    unknowns.reduce();
    unknowns.components()
}
