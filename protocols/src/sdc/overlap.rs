//! What readers know of persons who are in several parts of a line, besides what the cells say (rule R1). The union of two
//! parts is in no table, and yet lies between the larger part and the sum, and adds up over every dimension of which a
//! person has one member. And among some of the records nobody is in more parts than among all of them. Without these an
//! audit over cells leaves values that no records have.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    remainder::Unions,
    system::{Count, Line, System, Tie},
};

/// How many persons are in at least one of two parts of a cell: a number that is in no table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Union {
    /// The cell.
    pub whole: usize,
    /// Two of its parts.
    pub parts: [usize; 2],
    /// How many are in either.
    pub persons: u64,
}

/// What holds of cells of which persons are in several parts, and the unions that it speaks of.
#[must_use]
pub fn overlaps(system: &System, unions: &impl Unions) -> (Vec<Tie>, Vec<Union>) {
    let overlapping: BTreeMap<(usize, usize), &Line> =
        system.lines().iter().filter(|line| line.overlaps).map(|line| ((line.direction, line.whole), line)).collect();
    let directions: BTreeSet<usize> = overlapping.keys().map(|(direction, _)| *direction).collect();
    let mut making = Making::default();
    making.nested(system, &overlapping, &directions);
    // Only of lines that a dimension of one member a person goes through: elsewhere a union says nothing of cells.
    for across in system.lines().iter().filter(|line| !line.overlaps && line.parts.len() > 1) {
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
                    let union = |line: &Line| {
                        let mut parts = [*line.parts.get(one)?, *line.parts.get(other)?];
                        parts.sort_unstable();
                        unions.knows(line.whole, &parts).then_some(parts)
                    };
                    let of_parts = parts.iter().map(|part| Some((*part, union(part)?))).collect::<Option<Vec<_>>>();
                    let Some((of_whole, of_parts)) = union(whole).zip(of_parts) else { continue };
                    let mut terms = vec![(Count::Unpublished(making.union(whole, of_whole)), 1)];
                    let of_parts = of_parts.into_iter().map(|(part, pair)| making.union(part, pair));
                    terms.extend(of_parts.map(|union| (Count::Unpublished(union), -1)));
                    making.ties.push(Tie { terms, exactly: true, sum: 0 });
                }
            }
        }
    }
    let counted = unions.in_any(&making.asked);
    let union = |((whole, parts), persons): (&(usize, Vec<usize>), u64)| {
        let [one, other] = parts.as_slice() else { return None };
        Some(Union { whole: *whole, parts: [*one, *other], persons })
    };
    let counted = making.asked.iter().zip(counted).filter_map(union).collect();
    (making.ties, counted)
}

#[derive(Default)]
struct Making {
    /// The place of a union by its cell and parts: a stock is a cell of two half-years, and so are its unions.
    places: BTreeMap<(usize, [usize; 2]), usize>,
    /// What has been said of unions in lines of a direction.
    said: BTreeSet<(usize, usize, [usize; 2])>,
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
    fn union(&mut self, line: &Line, parts: [usize; 2]) -> usize {
        let place = *self.places.entry((line.whole, parts)).or_insert_with(|| {
            self.asked.push((line.whole, parts.to_vec()));
            self.asked.len() - 1
        });
        if !self.said.insert((line.direction, line.whole, parts)) {
            return place;
        }
        let (union, whole) = (Count::Unpublished(place), Count::Persons(line.whole));
        let [one, other] = parts.map(Count::Persons);
        let mut at_most = |terms: Vec<(Count, i64)>| self.ties.push(Tie { terms, exactly: false, sum: 0 });
        at_most(vec![(one, 1), (union, -1)]);
        at_most(vec![(other, 1), (union, -1)]);
        at_most(vec![(union, 1), (one, -1), (other, -1)]);
        at_most(vec![(union, 1), (whole, -1)]);
        let rest = line.parts.iter().filter(|part| !parts.contains(part)).map(|part| (Count::Persons(*part), -1));
        at_most([(whole, 1), (union, -1)].into_iter().chain(rest).collect());
        place
    }
}
