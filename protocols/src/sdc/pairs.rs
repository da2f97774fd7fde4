//! Unions of two parts of a line in which a person can be in several (rule R1): how many persons are in either is in no
//! table, and yet every reader knows that it lies between the larger part and the sum, and that it adds up over every
//! dimension of which a person has one member. Without these an audit over cells leaves values that no records have.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    remainder::Unions,
    system::{Count, Line, System, Tie},
};

/// A union: of two parts, by their places in a line of a direction, within the whole of that line.
type Pair = (usize, usize, (usize, usize));

/// What holds of unions of pairs, and how many persons each has. Only of lines that a dimension of one member a person
/// goes through: elsewhere a union says nothing of cells.
#[must_use]
pub fn pair_unions(system: &System, unions: &impl Unions) -> (Vec<Tie>, Vec<u64>) {
    let overlapping: BTreeMap<(usize, usize), &Line> =
        system.lines().iter().filter(|line| line.overlaps).map(|line| ((line.direction, line.whole), line)).collect();
    let directions: BTreeSet<usize> = overlapping.keys().map(|(direction, _)| *direction).collect();
    let mut making = Making { places: BTreeMap::new(), asked: Vec::new(), ties: Vec::new() };
    for across in system.lines().iter().filter(|line| !line.overlaps) {
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
