//! What holds of who came in a half-year or left in it: whoever of some age or geslacht has no help but of some kinds has help
//! of these that ran before, or is new; and the same of what runs on and who is gone. And who is new has some kind of help of
//! which none ran before, among some kinds, or help of others that began (rule R12).

use std::collections::BTreeMap;

use super::{
    Place,
    flows::{AL_LOPEND, BEGIN, EINDE, GESTART, INSTROOM, KEPT, LOOPT_DOOR, STROOM, UITSTROOM, flowing, members, name},
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

/// Of who is new, or has left, with all kinds of help that there are: among some kinds who has it and had none that ran, or
/// has none that runs on; among the others who has any that can be of somebody new, or of somebody who left.
pub(super) fn ties_of_kinds(catalogue: &Catalogue, numbers: &BTreeMap<Place, usize>, lines: &[Line]) -> Vec<Tie> {
    let Some((view, _)) = flowing(catalogue) else { return Vec::new() };
    let everybody = Place::new(view, BTreeMap::new());
    let places: BTreeMap<usize, &Place> = numbers.iter().map(|(place, cell)| (*cell, place)).collect();
    let within = |place: &Place, members_of: &[(&str, &str)]| {
        let narrow =
            |place: Place, (column, code): &(&str, &str)| Some(place.with(&name(column)?, Some(members(&[code])?)));
        members_of.iter().try_fold(place.clone(), narrow)
    };
    let cell = |place: &Place, of: &[(&str, &str)]| numbers.get(&within(place, of)?).copied();
    let is_kind = |cell: &usize| {
        let columns = places.get(cell).map(|place| place.within().keys());
        columns.is_some_and(|mut columns| columns.all(|column| KEPT.contains(&column.as_str())))
    };
    let (before, began, after) = ((BEGIN, AL_LOPEND), (BEGIN, GESTART), (EINDE, LOOPT_DOOR));
    let Some(all) = cell(&everybody, &[]) else { return Vec::new() };
    let mut ties = Vec::new();
    for line in lines.iter().filter(|line| line.whole == all && line.parts.iter().all(is_kind)) {
        for (some, others) in beside(line, lines).into_iter().chain([(line.parts.clone(), Vec::new())]) {
            let each = |cells: &[usize], of: &[(&str, &str)]| -> Option<Vec<usize>> {
                cells.iter().map(|of_kind| cell(places.get(of_kind)?, of)).collect()
            };
            let mut tie = |who: &[(Option<usize>, i64)], moment: (&str, &str), any: &[(&str, &str)]| {
                let who = who.iter().map(|(cell, times)| Some(((*cell)?, *times))).collect::<Option<Vec<_>>>()?;
                let (running, any) = (each(&some, &[moment])?, each(&others, any)?);
                let less = some.iter().copied().chain(any).map(|cell| (cell, -1));
                let terms = who.into_iter().chain(running.into_iter().map(|cell| (cell, 1))).chain(less);
                let terms = terms.map(|(cell, times)| (Count::Persons(cell), times)).collect();
                ties.push(Tie { terms, exactly: false, sum: 0 });
                Some(())
            };
            let moment = |of| [(Some(all), 1), (cell(&everybody, &[of]), -1)];
            let flow = |code| [(cell(&everybody, &[(STROOM, code)]), 1)];
            // Each of these is left out where the tables have no such cells.
            let _ = tie(&moment(before), before, &[began]);
            let _ = tie(&flow(INSTROOM), before, &[began, after]);
            let _ = tie(&moment(after), after, &[]);
            let _ = tie(&flow(UITSTROOM), after, &[before]);
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
