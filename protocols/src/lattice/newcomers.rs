//! What holds of who came in a half-year or left in it: whoever of some age or geslacht has no help but of some kinds has help
//! of these that ran before, or is new; and the same of what runs on and who is gone (rule R12).

use std::collections::BTreeMap;

use super::{
    Place,
    flows::{AL_LOPEND, BEGIN, EINDE, KEPT, LOOPT_DOOR, flowing, members, name},
};
use crate::{
    catalogue::{Catalogue, PerPersoon},
    id::ColumnName,
    sdc::{Count, Line, Tie},
};

/// All of it, for the cells of a lattice and its lines.
pub(super) fn ties(catalogue: &Catalogue, numbers: &BTreeMap<Place, usize>, lines: &[Line]) -> Vec<Tie> {
    let Some((view, _)) = flowing(catalogue) else { return Vec::new() };
    let everybody = Place::new(view.clone(), BTreeMap::new());
    let places: BTreeMap<usize, &Place> = numbers.iter().map(|(place, cell)| (*cell, place)).collect();
    let of_view = catalogue.view(view.as_str());
    // All rows of a person are in such a place, or none is.
    let is_of_persons = |place: &Place| {
        let een = |column: &ColumnName| {
            of_view.and_then(|view| view.dimension(column)).is_some_and(|of| of.per_persoon() == PerPersoon::Een)
        };
        *place.view() == view && !place.within().is_empty() && place.within().keys().all(een)
    };
    let kinds: Vec<ColumnName> = KEPT.iter().filter_map(|column| name(column)).collect();
    let mut ties = Vec::new();
    for line in lines.iter().filter(|line| line.overlaps) {
        let Some(whole) = places.get(&line.whole).filter(|place| is_of_persons(place)) else { continue };
        let part = line.parts.first().and_then(|part| places.get(part));
        let kind = kinds.iter().find(|kind| part.is_some_and(|part| part.within().contains_key(kind)));
        let Some(kind) = kind.filter(|kind| !whole.within().contains_key(kind)) else { continue };
        for (column, code) in [(BEGIN, AL_LOPEND), (EINDE, LOOPT_DOOR)] {
            let Some((column, codes)) = name(column).zip(members(&[code])) else { continue };
            let at_moment = |place: &Place| numbers.get(&place.with(&column, Some(codes.clone()))).copied();
            let all = numbers.get(&everybody).copied().zip(at_moment(&everybody));
            let Some((all, moment)) = all else { continue };
            for (some, others) in beside(line, lines) {
                let of_kind = |cell: &usize| {
                    let codes = places.get(cell)?.within().get(kind)?;
                    at_moment(&everybody.with(kind, Some(codes.clone())))
                };
                let Some(running) = some.iter().map(of_kind).collect::<Option<Vec<_>>>() else { continue };
                let less = others.iter().chain(&running).chain([&all]).map(|cell| (Count::Persons(*cell), -1));
                let terms = less.chain([line.whole, moment].map(|cell| (Count::Persons(cell), 1))).collect();
                ties.push(Tie { terms, exactly: false, sum: 0 });
            }
        }
    }
    ties
}

/// Some parts of a line and what else there is: each two of its parts, and each part of a part, with all beside it.
fn beside(line: &Line, lines: &[Line]) -> Vec<(Vec<usize>, Vec<usize>)> {
    let mut found = Vec::new();
    let without = |parts: &[usize], some: &[usize]| -> Vec<usize> {
        parts.iter().copied().filter(|part| !some.contains(part)).collect()
    };
    for (place, one) in line.parts.iter().enumerate() {
        for other in line.parts.iter().skip(place + 1).filter(|_| line.parts.len() > 2) {
            found.push((vec![*one, *other], without(&line.parts, &[*one, *other])));
        }
    }
    let mut left = vec![(line, Vec::new())];
    while let Some((line, around)) = left.pop() {
        for part in &line.parts {
            let others = [around.clone(), without(&line.parts, &[*part])].concat();
            let finer = lines.iter().filter(|finer| finer.whole == *part && finer.direction == line.direction);
            left.extend(finer.map(|finer| (finer, others.clone())));
            found.push((vec![*part], others));
        }
    }
    found
}
