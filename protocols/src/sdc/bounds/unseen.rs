//! What a reader of the shown cells does not see, and what holds of it in every table of records (rules R1, R2 and R12):
//! from a system with true counts to unknowns, of which the true values are there only to begin a search from.

use super::{Constraint, Unknowns};
use crate::sdc::{
    audit::Reader,
    system::{Cell, Count, Line, System, Tie},
};

impl Unknowns {
    /// Of what a reader does not see of a system. Of a shown cell whose persons are in no table a reader knows that they
    /// are none, or as many as its release shows.
    pub(in crate::sdc) fn of(
        system: &System,
        hidden: &[bool],
        reader: &Reader<'_, impl Fn(usize) -> (i64, Option<i64>)>,
    ) -> Self {
        let is_empty = |(place, cell): (usize, &Cell)| {
            let is_shown = hidden.get(place) == Some(&false) && !cell.shows.nothing();
            cell.structural || is_shown && cell.persons == 0
        };
        let empty = system.cells().iter().enumerate().map(is_empty).collect();
        let mut making = Making { system, empty, places: Places::of(system), made: Self::default() };
        for (place, cell) in system.cells().iter().enumerate() {
            if cell.structural {
                continue;
            }
            let is_hidden = hidden.get(place).is_none_or(|hidden| *hidden) || cell.shows.nothing();
            if !is_hidden && cell.persons == 0 {
                continue;
            }
            let k = cell.earlier.map_or(reader.k, |earlier| earlier.k);
            let (least, most) =
                if is_hidden { (reader.bounds)(place) } else { (i64::try_from(k).unwrap_or(i64::MAX), None) };
            if is_hidden || !cell.shows.persons {
                making.unknown(Count::Persons(place), (least, most));
            }
            if cell.rows.is_some() && (is_hidden || !cell.shows.rows) {
                making.unknown(Count::Rows(place), (least, None));
            }
        }
        for place in 0..system.unpublished().len() {
            making.unknown(Count::Unpublished(place), (0, None));
        }
        making.constraints(reader.ties);
        making.made
    }
}

/// The most parts in which a line falls apart that others are held against.
pub(super) const FEW: usize = 3;

pub(super) struct Making<'s> {
    pub(super) system: &'s System,
    /// Which cells a reader knows to have nobody.
    empty: Vec<bool>,
    places: Places,
    made: Unknowns,
}

impl Making<'_> {
    fn unknown(&mut self, count: Count, bounds: (i64, Option<i64>)) {
        self.places.insert(count, self.made.counts.len());
        self.made.counts.push(count);
        self.made.truth.push(self.value(count));
        self.made.bounds.push(bounds);
    }

    /// A number of persons that is in no table, and of which the records give no value.
    pub(super) fn number(&mut self) -> Count {
        let count = Count::Unpublished(self.places.unpublished.len());
        self.places.unpublished.push(None);
        self.unknown(count, (0, None));
        count
    }

    /// Gives such a number a value to begin a search from.
    pub(super) fn set(&mut self, count: Count, value: i64) {
        if let Some(slot) = self.places.get(count).and_then(|place| self.made.truth.get_mut(place)) {
            *slot = value;
        }
    }

    /// The parts of a line of which a reader does not know that nobody is in them; of the only one its own parts.
    pub(super) fn present(&self, line: &Line) -> Vec<usize> {
        let is_empty = |cell: &usize| self.empty.get(*cell).is_none_or(|empty| *empty);
        let parts: Vec<usize> = line.parts.iter().copied().filter(|part| !is_empty(part)).collect();
        let finer = |cell: usize| self.system.below(cell).find(|finer| finer.direction == line.direction);
        let only = parts.first().copied().filter(|_| parts.len() == 1);
        only.and_then(finer).map_or(parts, |finer| self.present(finer))
    }

    /// The ways in which a line falls apart in few such parts, from coarse to fine.
    pub(super) fn few_parts(&self, line: &Line) -> Vec<Vec<usize>> {
        let mut found = vec![self.present(line)];
        found.retain(|parts| (2..=FEW).contains(&parts.len()));
        let mut next = 0;
        while let Some(parts) = found.get(next).cloned() {
            next += 1;
            for (place, part) in parts.iter().enumerate() {
                let finer = self.system.below(*part).find(|finer| finer.direction == line.direction);
                let own = finer.map(|finer| self.present(finer)).unwrap_or_default();
                let mut parts = parts.clone();
                parts.splice(place..=place, own.iter().copied());
                parts.sort_unstable();
                if own.len() > 1 && parts.len() <= FEW && !found.contains(&parts) {
                    found.push(parts);
                }
            }
        }
        found
    }

    /// Whether the rows of all of these are counted.
    pub(super) fn have_rows<'c>(&self, mut cells: impl Iterator<Item = &'c usize>) -> bool {
        cells.all(|cell| self.system.count(Count::Rows(*cell)).is_some())
    }

    pub(super) fn value(&self, count: Count) -> i64 {
        self.system.count(count).map_or(0, |count| i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// What holds of every table of records: rows add up, persons too unless a person can be in several parts, nobody is
    /// without a row; and what is declared besides.
    fn constraints(&mut self, ties: &[Tie]) {
        let system = self.system;
        for line in system.lines() {
            let parts = |count: fn(usize) -> Count| line.parts.iter().map(move |part| (count(*part), -1));
            let sum = |count: fn(usize) -> Count| parts(count).chain([(count(line.whole), 1)]);
            let has_rows = |cell: &usize| system.count(Count::Rows(*cell)).is_some();
            if has_rows(&line.whole) && line.parts.iter().all(has_rows) {
                self.constraint(sum(Count::Rows), true, 0);
            }
            self.constraint(sum(Count::Persons), !line.overlaps, 0);
            for part in line.parts.iter().filter(|_| line.overlaps) {
                self.constraint([(Count::Persons(*part), 1), (Count::Persons(line.whole), -1)].into_iter(), false, 0);
            }
        }
        for (cell, counts) in system.cells().iter().enumerate() {
            if counts.rows.is_some() {
                self.constraint([(Count::Persons(cell), 1), (Count::Rows(cell), -1)].into_iter(), false, 0);
            }
        }
        for whole in 0..system.cells().len() {
            let lines = || system.below(whole).filter(|line| line.overlaps);
            for across in lines() {
                for others in self.few_parts(across) {
                    lines()
                        .filter(|line| line.direction != across.direction)
                        .for_each(|line| self.crossed(line, &others));
                }
            }
        }
        self.divided();
        for tie in system.ties().iter().chain(ties) {
            self.constraint(tie.terms.iter().copied(), tie.exactly, tie.sum);
        }
        self.made.constraints.sort_unstable();
        self.made.constraints.dedup();
    }

    /// What holds of a cell that falls apart as a line does and in some other parts, of both of which persons can be in
    /// several, whatever crosses them. How many rows more than one somebody has is what it has more than one of in the other
    /// parts, and one for each of these but the first. If all are in one part of the line it is what it has more there; else
    /// somebody is in another part too, and there are only so many other parts.
    fn crossed(&mut self, line: &Line, others: &[usize]) {
        let parts = self.present(line);
        if parts.len() < 2 || !self.have_rows(parts.iter().chain(others).chain([&line.whole])) {
            return;
        }
        let more = |cell: usize, times: i64| [(Count::Rows(cell), times), (Count::Persons(cell), -times)];
        let all = i64::try_from(others.len()).unwrap_or(i64::MAX);
        let most = all - 1;
        for one in &parts {
            let rest = || parts.iter().filter(|part| *part != one);
            let several = others.iter().map(|part| (Count::Persons(*part), 1));
            let rows = rest().map(|part| (Count::Rows(*part), -1)).chain([(Count::Persons(*one), -all)]);
            self.constraint(several.chain(rows), false, 0);
            let rest = rest().map(|part| (Count::Persons(*part), -most));
            let within = others.iter().chain([one]).flat_map(|part| more(*part, -1));
            let terms: Vec<_> = more(line.whole, 1).into_iter().chain(within).chain(rest).collect();
            self.constraint(terms.into_iter(), false, 0);
        }
    }

    pub(super) fn constraint(&mut self, terms: impl Iterator<Item = (Count, i64)>, exactly: bool, sum: i64) {
        let mut constraint = Constraint { terms: Vec::new(), exactly, sum };
        for (count, times) in terms {
            match self.places.get(count) {
                Some(place) => constraint.terms.push((place, times)),
                None => constraint.sum -= times * self.value(count),
            }
        }
        constraint.terms.sort_unstable();
        constraint.terms.dedup_by(|other, kept| {
            let same = other.0 == kept.0;
            if same {
                kept.1 += other.1;
            }
            same
        });
        constraint.terms.retain(|(_, times)| *times != 0);
        if !constraint.terms.is_empty() {
            self.made.constraints.push(constraint);
        }
    }
}

/// Where the counts of a system are among the unknowns.
struct Places {
    persons: Vec<Option<usize>>,
    rows: Vec<Option<usize>>,
    unpublished: Vec<Option<usize>>,
}

impl Places {
    fn of(system: &System) -> Self {
        let cells = system.cells().len();
        Self {
            persons: vec![None; cells],
            rows: vec![None; cells],
            unpublished: vec![None; system.unpublished().len()],
        }
    }

    fn get(&self, count: Count) -> Option<usize> {
        let (places, number) = match count {
            Count::Persons(cell) => (&self.persons, cell),
            Count::Rows(cell) => (&self.rows, cell),
            Count::Unpublished(number) => (&self.unpublished, number),
        };
        places.get(number).copied().flatten()
    }

    fn insert(&mut self, count: Count, place: usize) {
        let (places, number) = match count {
            Count::Persons(cell) => (&mut self.persons, cell),
            Count::Rows(cell) => (&mut self.rows, cell),
            Count::Unpublished(number) => (&mut self.unpublished, number),
        };
        if let Some(slot) = places.get_mut(number) {
            *slot = Some(place);
        }
    }
}
