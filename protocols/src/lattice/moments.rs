//! Trajecten that run at one moment, before a half-year or after it. Of one categorie and hulpvorm a person has one at a time,
//! so that who has several has several kinds of help: of few kinds nobody has more trajecten than these (rules R2 and R12).

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Place,
    flows::{AL_LOPEND, BEGIN, EINDE, KEPT, LOOPT_DOOR, flowing, members, name, overlap},
};
use crate::{
    catalogue::Catalogue,
    id::ColumnName,
    sdc::{Count, Line, Tie},
};

/// The most kinds of help at once of which it says something that nobody has more.
pub(super) const FEW: usize = 3;

/// Who has two of a categorie has two hulpvormen, one of them another than any that one chooses; and the other way round.
pub(super) fn ties(catalogue: &Catalogue, numbers: &BTreeMap<Place, usize>, lines: &[Line]) -> Vec<Tie> {
    let Some((view, _)) = flowing(catalogue) else { return Vec::new() };
    let [Some(categorie), Some(hulpvorm)] = KEPT.map(name) else { return Vec::new() };
    let everybody = Place::new(view, BTreeMap::new());
    let mut ties = Vec::new();
    for (column, code) in [(BEGIN, AL_LOPEND), (EINDE, LOOPT_DOOR)] {
        let (Some(column), Some(codes)) = (name(column), members(&[code])) else { continue };
        let moment = everybody.with(&column, Some(codes));
        let Some(total) = numbers.get(&moment) else { continue };
        for (kept, other) in [(&categorie, &hulpvorm), (&hulpvorm, &categorie)] {
            let kinds: Vec<Part> = limited(&moment, kept, numbers).collect();
            for parts in partitions(&moment, *total, other, numbers, lines) {
                ties.extend(kinds.iter().flat_map(|kind| of_few_kinds(*kind, &parts)));
                let single = |(_, members): &&Part| *members == 1;
                if parts.iter().all(|part| single(&part)) {
                    ties.extend(kinds.iter().filter(single).map(|(kind, _)| of_two(*kind, *total, &parts)));
                }
            }
        }
    }
    ties
}

/// A cell, and how many members it has of what it limits.
type Part = (usize, usize);

/// The cells of a moment that limit one dimension.
fn limited<'n>(
    moment: &'n Place,
    kept: &'n ColumnName,
    numbers: &'n BTreeMap<Place, usize>,
) -> impl Iterator<Item = Part> + 'n {
    let members = |(place, cell): (&Place, &usize)| Some((*cell, place.within().get(kept)?.len()));
    numbers.iter().filter(|(place, _)| place.with(kept, None) == *moment).filter_map(members)
}

/// The ways in which a moment falls apart by what a traject keeps, from coarse to fine.
fn partitions(
    moment: &Place,
    total: usize,
    kept: &ColumnName,
    numbers: &BTreeMap<Place, usize>,
    lines: &[Line],
) -> BTreeSet<Vec<Part>> {
    let members: BTreeMap<usize, usize> = limited(moment, kept, numbers).collect();
    let of_cell = |whole: usize| {
        let of_line = |line: &Line| line.parts.iter().map(|part| Some((*part, *members.get(part)?))).collect();
        lines.iter().filter(|line| line.whole == whole).find_map(of_line)
    };
    let finer = |parts: &Vec<Part>| -> Vec<Part> {
        parts.iter().flat_map(|part| of_cell(part.0).unwrap_or_else(|| vec![*part])).collect()
    };
    let mut found = BTreeSet::new();
    let mut next: Option<Vec<Part>> = of_cell(total);
    while let Some(parts) = next {
        next = Some(finer(&parts)).filter(|finer| *finer != parts);
        found.insert(parts);
    }
    found
}

/// Of a cell nobody has more trajecten than so many kinds of those in one part, and each in the other parts.
fn of_few_kinds((cell, members): Part, parts: &[Part]) -> impl Iterator<Item = Tie> {
    parts.iter().filter(move |(_, many)| members * many <= FEW).map(move |(one, many)| {
        let kinds = i64::try_from(members * many).unwrap_or(i64::MAX);
        let rest = parts.iter().filter(|(part, _)| part != one).map(|(part, _)| (Count::Rows(*part), -1));
        let own = [(Count::Rows(cell), 1), (Count::Persons(cell), -kinds)];
        Tie { terms: own.into_iter().chain(rest).collect(), exactly: false, sum: 0 }
    })
}

/// Who has several of one member has as many of the other dimension.
fn of_two(cell: usize, total: usize, parts: &[Part]) -> Tie {
    let several = parts.iter().map(|(part, _)| (Count::Persons(*part), -1)).chain([(Count::Persons(total), 1)]);
    Tie { terms: overlap(cell, 1).into_iter().chain(several).collect(), exactly: false, sum: 0 }
}
