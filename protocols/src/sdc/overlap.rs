//! What readers know of persons who are in several parts of a line, besides what the cells say (rule R1). The union of two
//! parts is in no table, and yet lies between the larger part and the sum, and adds up over every dimension of which a
//! person has one member. And among some of the records nobody is in more parts than among all of them. Without these an
//! audit over cells leaves values that no records have.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    remainder::Unions,
    system::{Count, Line, System, Tie},
};

/// A union: of two parts, by their places in a line of a direction, within the whole of that line.
type Pair = (usize, usize, (usize, usize));

/// What holds of cells of which persons are in several parts, and how many persons each union has that it speaks of.
#[must_use]
pub fn overlaps(system: &System, unions: &impl Unions) -> (Vec<Tie>, Vec<u64>) {
    let overlapping: BTreeMap<(usize, usize), &Line> =
        system.lines().iter().filter(|line| line.overlaps).map(|line| ((line.direction, line.whole), line)).collect();
    let directions: BTreeSet<usize> = overlapping.keys().map(|(direction, _)| *direction).collect();
    let mut making = Making { places: BTreeMap::new(), asked: Vec::new(), ties: Vec::new() };
    making.nested(system, &overlapping, &directions);
    // Only of lines that a dimension of one member a person goes through: elsewhere a union says nothing of cells.
    let has = |line: &Line| line.parts.iter().chain([&line.whole]).all(|cell| unions.has(*cell));
    for across in system.lines().iter().filter(|line| !line.overlaps && has(line)) {
        for direction in &directions {
            let line = |cell: &usize| overlapping.get(&(*direction, *cell)).copied();
            let Some(parts) = across.parts.iter().map(line).collect::<Option<Vec<_>>>() else { continue };
            let Some(whole) =
                line(&across.whole).filter(|whole| parts.iter().all(|part| part.parts.len() == whole.parts.len()))
            else {
                continue;
            };
            for one in 0..whole.parts.len() {
                for other in one + 1..whole.parts.len() {
                    let mut terms = vec![(Count::Unpublished(making.union(whole, (one, other))), 1)];
                    terms.extend(parts.iter().map(|part| (Count::Unpublished(making.union(part, (one, other))), -1)));
                    making.ties.push(Tie { terms, exactly: true, sum: 0 });
                }
            }
        }
    }
    let counted = unions.in_any(&making.asked);
    (making.ties, counted)
}

struct Making {
    places: BTreeMap<Pair, usize>,
    asked: Vec<(usize, Vec<usize>)>,
    ties: Vec<Tie>,
}

impl Making {
    /// Of each cell and a part of it in another direction: how many more parts than persons the part has is at most what
    /// the cell has.
    fn nested(&mut self, system: &System, overlapping: &BTreeMap<(usize, usize), &Line>, directions: &BTreeSet<usize>) {
        for across in system.lines() {
            for direction in directions.iter().filter(|direction| **direction != across.direction) {
                let Some(whole) = overlapping.get(&(*direction, across.whole)) else { continue };
                // Of one dimension, for a stock that two half-years have: its parts overlap as parts, not within them.
                if across.parts.iter().any(|part| whole.parts.contains(part)) {
                    continue;
                }
                for part in across.parts.iter().filter_map(|part| overlapping.get(&(*direction, *part))) {
                    let more = |line: &Line, times: i64| {
                        let parts = line.parts.iter().map(|part| (Count::Persons(*part), times)).collect::<Vec<_>>();
                        parts.into_iter().chain([(Count::Persons(line.whole), -times)])
                    };
                    let terms = more(part, 1).chain(more(whole, -1)).collect();
                    self.ties.push(Tie { terms, exactly: false, sum: 0 });
                }
            }
        }
    }

    /// The place of a union, with its own bounds when it is met first.
    fn union(&mut self, line: &Line, pair: (usize, usize)) -> usize {
        if let Some(place) = self.places.get(&(line.direction, line.whole, pair)) {
            return *place;
        }
        let place = self.asked.len();
        self.places.insert((line.direction, line.whole, pair), place);
        let part = |number: usize| line.parts.get(number).copied().unwrap_or(line.whole);
        let (one, other) = (part(pair.0), part(pair.1));
        self.asked.push((line.whole, vec![one, other]));
        let (union, whole) = (Count::Unpublished(place), Count::Persons(line.whole));
        let (one, other) = (Count::Persons(one), Count::Persons(other));
        let mut at_most = |terms: Vec<(Count, i64)>| self.ties.push(Tie { terms, exactly: false, sum: 0 });
        at_most(vec![(one, 1), (union, -1)]);
        at_most(vec![(other, 1), (union, -1)]);
        at_most(vec![(union, 1), (one, -1), (other, -1)]);
        at_most(vec![(union, 1), (whole, -1)]);
        let rest = line.parts.iter().enumerate().filter(|(number, _)| *number != pair.0 && *number != pair.1);
        let rest = rest.map(|(_, part)| (Count::Persons(*part), -1));
        at_most([(whole, 1), (union, -1)].into_iter().chain(rest).collect());
        place
    }
}
