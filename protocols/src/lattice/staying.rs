//! What holds of who has some kind of help, some of which goes on and some of which does not: relations between what is in
//! different tables, and in those of the half-years before and after, that hold for every child whatever its trajecten are
//! (rule R12). Without them readers can tell more from trajecten that ran on than the audit knows.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Place,
    flows::{
        AL_LOPEND, BEGIN, EINDE, GESTART, INSTROOM, KEPT, LOOPT_DOOR, STROOM, UITSTROOM, ends, flowing, members, name,
        overlap,
    },
};
use crate::{
    catalogue::Catalogue,
    id::{ColumnName, MemberCode, ViewName},
    sdc::{Count, Line, Tie},
};

/// The most parts of which each choice is looked at.
const FEW: u32 = 6;

/// All of it, for the cells of a lattice and its lines.
pub(super) fn ties(catalogue: &Catalogue, numbers: &BTreeMap<Place, usize>, lines: &[Line]) -> Vec<Tie> {
    let Some((view, _)) = flowing(catalogue) else { return Vec::new() };
    let ended: BTreeSet<MemberCode> = ends(&view, catalogue).cloned().collect();
    let mut ties = of_kinds(&view, numbers);
    ties.extend(of_changes(&view, numbers, lines, &ended));
    let splits = [
        (EINDE, members(&[LOOPT_DOOR]), Some(ended)),
        (BEGIN, members(&[AL_LOPEND]), members(&[GESTART])),
        (BEGIN, members(&[GESTART]), members(&[AL_LOPEND])),
    ];
    for (column, stays, goes) in splits {
        let (Some(column), Some(stays), Some(goes)) = (name(column), stays, goes) else { continue };
        let split = Split::of(&view, column, stays, &goes, numbers, lines);
        ties.extend(split.of_one());
        ties.extend(split.of_several());
        ties.extend(split.within());
    }
    ties
}

/// Trajecten of which some stay and the others go: those that run on and those that ended, or those that ran before and
/// those that began.
struct Split<'l> {
    numbers: &'l BTreeMap<Place, usize>,
    /// What stays of each cell.
    staying: BTreeMap<usize, usize>,
    /// What goes, by what it is otherwise.
    going: Vec<(Place, usize)>,
    /// The cells of which persons can be in several parts, with those parts, and of the same parts what stays.
    overlapping: Vec<(&'l Line, Vec<usize>)>,
    /// What stands in a line with others that go.
    of_lines: BTreeSet<(usize, usize)>,
}

impl<'l> Split<'l> {
    fn of(
        view: &ViewName,
        column: ColumnName,
        stays: BTreeSet<MemberCode>,
        goes: &BTreeSet<MemberCode>,
        numbers: &'l BTreeMap<Place, usize>,
        lines: &'l [Line],
    ) -> Self {
        let with = |members: &BTreeSet<MemberCode>| {
            let has =
                |(place, _): &(&Place, &usize)| place.view() == view && place.within().get(&column) == Some(members);
            let without = |(place, cell): (&Place, &usize)| (place.with(&column, None), *cell);
            numbers.iter().filter(has).map(without).collect::<Vec<_>>()
        };
        let staying: BTreeMap<usize, usize> =
            with(&stays).into_iter().filter_map(|(all, staying)| Some((*numbers.get(&all)?, staying))).collect();
        let of_line = |line: &'l Line| {
            let parts = line.parts.iter().map(|part| staying.get(part).copied()).collect::<Option<Vec<_>>>()?;
            (line.overlaps && staying.contains_key(&line.whole)).then_some((line, parts))
        };
        let overlapping = lines.iter().filter_map(of_line).collect();
        let of_lines = lines.iter().flat_map(|line| line.parts.iter().map(|part| (line.whole, *part))).collect();
        Self { numbers, staying, going: with(goes), overlapping, of_lines }
    }

    /// The finest cells of what goes that have all that goes of a place.
    fn around(&self, whole: &Place) -> Vec<usize> {
        let around: Vec<_> = self.going.iter().filter(|(place, _)| place.has(whole)).collect();
        let is_finest = |place: &Place| !around.iter().any(|(finer, _)| finer != place && place.has(finer));
        around.iter().filter(|(place, _)| is_finest(place)).map(|(_, cell)| *cell).collect()
    }

    /// Who has some kind of help has some of it that stays, or some that goes, which counts wherever what goes of that kind
    /// does, though no table need have it by itself.
    fn of_one(&self) -> Vec<Tie> {
        let mut ties = Vec::new();
        for (place, whole) in self.numbers {
            let Some(staying) = self.staying.get(whole) else { continue };
            // Where a table has what goes by itself, a line says so.
            if self.going.iter().any(|(all, _)| all == place) {
                continue;
            }
            ties.extend(
                self.around(place).into_iter().map(|going| at_most([(*whole, 1), (*staying, -1), (going, -1)])),
            );
        }
        ties
    }

    /// Who has several of some kinds of help has as many of them among what stays, or some that goes, and then has lost no
    /// more than all but one. How many more of some parts than one somebody has is at least what they have more than the
    /// whole, and among what stays at most what all parts have more than it.
    fn of_several(&self) -> Vec<Tie> {
        let places: BTreeMap<usize, &Place> = self.numbers.iter().map(|(place, cell)| (*cell, place)).collect();
        let mut ties = Vec::new();
        for (line, parts) in &self.overlapping {
            let (Some(staying), Some(place)) = (self.staying.get(&line.whole), places.get(&line.whole)) else {
                continue;
            };
            for going in self.around(place) {
                for some in several(&line.parts) {
                    let lost = i64::try_from(some.len()).unwrap_or(i64::MAX) - 1;
                    let more = some.into_iter().map(|part| (part, 1)).chain([(line.whole, -1), (*staying, 1)]);
                    let kept = parts.iter().map(|part| (*part, -1));
                    ties.push(at_most(more.chain([(going, -lost)]).chain(kept)));
                }
            }
        }
        ties
    }

    /// Among what stays nobody has more kinds of help than among all, though no table need have what goes.
    fn within(&self) -> Vec<Tie> {
        let tie = |(line, parts): &(&Line, Vec<usize>)| {
            let staying = self.staying.get(&line.whole).filter(|of| !self.of_lines.contains(&(line.whole, **of)))?;
            let all = line.parts.iter().map(|part| (*part, -1)).chain([(line.whole, 1), (*staying, -1)]);
            Some(at_most(parts.iter().map(|part| (*part, 1)).chain(all)))
        };
        self.overlapping.iter().filter_map(tie).collect()
    }
}

/// Two or more of some parts: each choice if they are few, else each two and all of them.
pub(super) fn several(parts: &[usize]) -> Vec<Vec<usize>> {
    let few = u32::try_from(parts.len()).ok().filter(|parts| *parts <= FEW);
    let chosen =
        |bits: u32| (0u32..).zip(parts).filter(|(place, _)| bits >> place & 1 == 1).map(|(_, part)| *part).collect();
    let pairs = || {
        let others = |(place, one): (usize, &usize)| {
            let one = *one;
            parts.iter().skip(place + 1).map(move |other| vec![one, *other])
        };
        parts.iter().enumerate().flat_map(others).chain([parts.to_vec()]).collect()
    };
    few.map_or_else(pairs, |few| (0..1 << few).filter(|bits: &u32| bits.count_ones() > 1).map(chosen).collect())
}

/// So many times the persons of cells are no more than nothing together.
fn at_most(persons: impl IntoIterator<Item = (usize, i64)>) -> Tie {
    let terms = persons.into_iter().map(|(cell, times)| (Count::Persons(cell), times)).collect();
    Tie { terms, exactly: false, sum: 0 }
}

/// Who began some help in the half-year has some that runs on, or one for each that ended; and who ended some has had some
/// before, or one for each that began and ended, and has begun some, or one for each that ran before and ended. In however
/// many cells of a line that is (rule R12).
fn of_changes(
    view: &ViewName,
    numbers: &BTreeMap<Place, usize>,
    lines: &[Line],
    ended: &BTreeSet<MemberCode>,
) -> Vec<Tie> {
    let [Some(begin), Some(einde)] = [BEGIN, EINDE].map(name) else { return Vec::new() };
    let [Some(ran_before), Some(gestart), Some(loopt_door)] =
        [[AL_LOPEND], [GESTART], [LOOPT_DOOR]].map(|codes| members(&codes))
    else {
        return Vec::new();
    };
    // What changed, by the kind of help: whether it began, or else ended.
    let change = |place: &Place| {
        let kept = |(column, codes): (&ColumnName, &BTreeSet<MemberCode>)| {
            KEPT.contains(&column.as_str()).then(|| (column.clone(), codes.clone()))
        };
        let kind = Place::new(view.clone(), place.within().iter().filter_map(kept).collect());
        let began = match (place.within().get(&begin), place.within().get(&einde)) {
            (Some(codes), None) if *codes == gestart => true,
            (None, Some(codes)) if codes.is_subset(ended) => false,
            _ => return None,
        };
        Some((kind, began))
    };
    let own = numbers.iter().filter(|(place, _)| place.view() == view);
    let changes: BTreeMap<usize, (Place, bool)> =
        own.filter_map(|(place, cell)| Some((*cell, change(place)?))).collect();
    let mut some: BTreeSet<Vec<usize>> = changes.keys().map(|cell| vec![*cell]).collect();
    for line in lines.iter().filter(|line| line.overlaps) {
        let parts: Vec<usize> = line.parts.iter().copied().filter(|part| changes.contains_key(part)).collect();
        let alike = |parts: &Vec<usize>| {
            let mut of = parts.iter().map(|part| changes.get(part));
            let first = of.next();
            of.all(|other| Some(other) == first)
        };
        some.extend(several(&parts).into_iter().filter(alike));
    }
    let mut ties = Vec::new();
    for cells in some {
        let Some((kind, began)) = cells.first().and_then(|cell| changes.get(cell)) else { continue };
        let of = |codes: &BTreeSet<MemberCode>| {
            let all = kind.with(&begin, Some(codes.clone()));
            let runs_on = all.with(&einde, Some(loopt_door.clone()));
            Some((*numbers.get(&all)?, *numbers.get(&runs_on)?))
        };
        let (Some((started, started_on)), Some((running, through))) = (of(&gestart), of(&ran_before)) else { continue };
        let each = i64::try_from(cells.len()).unwrap_or(i64::MAX);
        let mut tie = |persons: usize, all: usize, runs_on: usize| {
            let own = cells.iter().map(|cell| (Count::Persons(*cell), 1)).chain([(Count::Persons(persons), -each)]);
            let terms = own.chain([(Count::Rows(all), -1), (Count::Rows(runs_on), 1)]).collect();
            ties.push(Tie { terms, exactly: false, sum: 0 });
        };
        if !began {
            tie(running, started, started_on);
            tie(started, running, through);
        } else if !cells.contains(&started) {
            tie(started_on, started, started_on);
        }
    }
    ties
}

/// What holds of who has some kind of help in a half-year. One traject of that kind runs all through it, or began and
/// ended in it; else one began and another runs on, or one ran before and ended. Then the person is gone at the end, as
/// somebody who was there before; or another traject runs on, which began in the half-year or ran before beside that one.
/// And the same with the beginning for the end. It says what trajecten of other kinds that ran all through leave to those
/// of this one (rule R12).
fn of_kinds(view: &ViewName, numbers: &BTreeMap<Place, usize>) -> Vec<Tie> {
    let (before, after) = ((BEGIN, AL_LOPEND), (EINDE, LOOPT_DOOR));
    let everybody = Place::new(view.clone(), BTreeMap::new());
    let cell = |place: &Place, within: &[(&str, &str)]| {
        let narrow =
            |place: Place, (column, code): &(&str, &str)| Some(place.with(&name(column)?, Some(members(&[code])?)));
        numbers.get(&within.iter().try_fold(place.clone(), narrow)?).copied()
    };
    let tie = |kind: &Place, persons: usize, [one, other]: [(&str, &str); 2], gone: &str| {
        let rows = [
            // Of this kind: what ran all through, and what began and ended, which is all but what ran before or runs on.
            (persons, -1),
            (cell(kind, &[one])?, 1),
            (cell(kind, &[other])?, 1),
            (cell(kind, &[one, other])?, -2),
            (cell(&everybody, &[other])?, -1),
            (cell(&everybody, &[one, other])?, 1),
        ];
        let at_once = overlap(cell(&everybody, &[one])?, -1);
        let of = [(persons, 1), (cell(&everybody, &[(STROOM, gone)])?, -1)];
        let of = of.map(|(cell, times)| (Count::Persons(cell), times));
        let terms = of.into_iter().chain(rows.map(|(cell, times)| (Count::Rows(cell), times))).chain(at_once);
        Some(Tie { terms: terms.collect(), exactly: false, sum: 0 })
    };
    let kept = |column: &ColumnName| KEPT.contains(&column.as_str());
    let is_kind = |place: &Place| place.within().len() == 1 && place.within().keys().all(kept);
    let kinds = numbers.iter().filter(|(place, _)| place.view() == view && is_kind(place));
    let both = |(kind, persons): (&Place, &usize)| {
        [tie(kind, *persons, [before, after], UITSTROOM), tie(kind, *persons, [after, before], INSTROOM)]
    };
    kinds.flat_map(both).flatten().collect()
}
