//! Stocks and flows (rule R2): what the dimensions `begin`, `einde` and `stroom` have to do with each other within a
//! half-year, and with those of the next.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Place,
    levels::{Axes, Levels, Node},
};
use crate::{
    catalogue::{Catalogue, ONBEKEND},
    id::{ColumnName, MemberCode, ViewName},
    sdc::{Count, Tie},
};

pub(super) const BEGIN: &str = "begin";
pub(super) const EINDE: &str = "einde";
pub(super) const STROOM: &str = "stroom";
pub(super) const AL_LOPEND: &str = "al_lopend";
pub(super) const GESTART: &str = "gestart";
pub(super) const LOOPT_DOOR: &str = "loopt_door";
const DOORLOPEND: &str = "doorlopend";
pub(super) const INSTROOM: &str = "instroom";
pub(super) const UITSTROOM: &str = "uitstroom";
const IN_EN_UIT: &str = "in_en_uit";
const HERHAALD: &str = "herhaald";

/// The members of `herhaald` of who had no help in the six months before, or none at all.
const NEW: [&str; 3] = ["eerste", "binnen_12_maanden", "later"];

/// The dimensions that a traject keeps from one half-year to the next; its person's age is not one.
pub(super) const KEPT: [&str; 2] = ["categorie", "hulpvorm"];

/// Whether a dimension says how trajecten flow, of which readers know whatever tables there are.
pub(super) fn flows(column: &ColumnName) -> bool {
    [BEGIN, EINDE].contains(&column.as_str())
}

/// Two dimensions of a cube that it cannot cross as long as not all is declared that follows: categorie with hulpvorm, as
/// what runs on is not counted for both and the one can follow from the other, and stroom with anything.
pub(super) fn undeclared<'c>(
    view: &ViewName,
    roots: &BTreeSet<&'c ColumnName>,
    catalogue: &Catalogue,
) -> Option<(&'c ColumnName, &'c ColumnName)> {
    let find = |column: &str| roots.iter().copied().find(|root| root.as_str() == column);
    let kinds = find(KEPT[0]).zip(find(KEPT[1]));
    let other = || roots.iter().copied().find(|root| root.as_str() != STROOM);
    let stroom = find(STROOM).and_then(|stroom| Some((stroom, other()?)));
    let is_flowing = || flowing(catalogue).is_some_and(|(flowing, _)| *view == flowing);
    kinds.or_else(|| stroom.filter(|_| is_flowing()))
}

/// Whether a place is about the flow of persons, which says nothing of each of their rows.
#[must_use]
pub fn is_of_persons(place: &Place) -> bool {
    name(STROOM).is_some_and(|stroom| place.within().contains_key(&stroom))
}

/// Whether a place is a stock at the end of its half-year, which is one at the beginning of the next.
#[must_use]
pub fn is_stock_after(place: &Place) -> bool {
    let is =
        |column: &ColumnName, codes: &[&str]| place.within().get(column).is_some_and(|members| only(members, codes));
    let kept = |column: &ColumnName| column.as_str() == EINDE || KEPT.contains(&column.as_str());
    let trajecten = name(EINDE).is_some_and(|einde| is(&einde, &[LOOPT_DOOR])) && place.within().keys().all(kept);
    let persons = name(STROOM).is_some_and(|stroom| is(&stroom, &[DOORLOPEND, INSTROOM])) && place.within().len() == 1;
    trajecten || persons
}

/// Whether a place is about trajecten that ran before its half-year, whatever became of them.
pub(super) fn is_stock_before(place: &Place) -> bool {
    let before = name(BEGIN).and_then(|begin| place.within().get(&begin));
    before.is_some_and(|members| only(members, &[AL_LOPEND])) && after(place).is_some()
}

/// For a stock at the beginning of a half-year the same as it was at the end of the half-year before: one cell, with one
/// status.
#[must_use]
pub fn after(place: &Place) -> Option<Place> {
    let mut within = place.within().clone();
    let found = if within.remove(&name(BEGIN)?).is_some_and(|members| only(&members, &[AL_LOPEND])) {
        within.insert(name(EINDE)?, members(&[LOOPT_DOOR])?).is_none()
            && within.keys().all(|column| column.as_str() == EINDE || KEPT.contains(&column.as_str()))
    } else {
        let stroom = name(STROOM)?;
        let before = place.within().get(&stroom).is_some_and(|members| only(members, &[DOORLOPEND, UITSTROOM]));
        within.clone_from(place.within());
        within.insert(stroom, members(&[DOORLOPEND, INSTROOM])?);
        before && within.len() == 1
    };
    found.then(|| Place::new(place.view().clone(), within))
}

/// Rows that no table has by themselves, and that half-years have in common all the same: of each kind of traject those
/// that ran before, those that began, and those of either that run on. With them goes what is left of a table of one
/// half-year when what ran on is known from the next.
pub(super) fn running(catalogue: &Catalogue, levels: &Levels) -> Vec<(ViewName, Axes)> {
    let Some((view, _)) = flowing(catalogue) else { return Vec::new() };
    let axis = |column: &str, codes: &[&str]| {
        let nodes = codes.iter().map(|code| members(&[code]).map(Some));
        Some((name(column)?, std::iter::once(Some(None)).chain(nodes).collect::<Option<Vec<Node>>>()?))
    };
    let over = |kept: &str| {
        let kept = name(kept)?;
        let nodes = levels.nodes(&view, &kept, catalogue);
        let begin = axis(BEGIN, &[AL_LOPEND, GESTART, ONBEKEND])?;
        Some(vec![(kept, nodes), begin, axis(EINDE, &[LOOPT_DOOR])?])
    };
    KEPT.iter().filter_map(|kept| Some((view.clone(), over(kept)?))).collect()
}

/// That what runs on, or began, is part of what there is.
pub(super) fn running_ties(catalogue: &Catalogue, numbers: &BTreeMap<Place, usize>) -> Vec<Tie> {
    let Some((view, _)) = flowing(catalogue) else { return Vec::new() };
    let [Some(begin), Some(einde)] = [name(BEGIN), name(EINDE)] else { return Vec::new() };
    let at_most = |terms: Vec<(Count, i64)>| Tie { terms, exactly: false, sum: 0 };
    let mut ties = Vec::new();
    for (place, part) in numbers.iter().filter(|(place, _)| *place.view() == view) {
        let is =
            |column: &ColumnName, code: &str| place.within().get(column).is_some_and(|members| only(members, &[code]));
        let runs_on = is(&einde, LOOPT_DOOR).then(|| place.with(&einde, None));
        // Where what ran before is in no table beside what began, no line says that it is part of all.
        let ran_before = members(&[AL_LOPEND]).map(|members| place.with(&begin, Some(members)));
        let alone = is(&begin, GESTART) && ran_before.is_some_and(|place| !numbers.contains_key(&place));
        let began = alone.then(|| place.with(&begin, None));
        for whole in [runs_on, began].iter().flatten().filter_map(|whole| numbers.get(whole)) {
            for count in [Count::Persons, Count::Rows] {
                ties.push(at_most(vec![(count(*part), 1), (count(*whole), -1)]));
            }
            ties.push(at_most(overlap(*part, 1).into_iter().chain(overlap(*whole, -1)).collect()));
        }
    }
    ties
}

/// Who begins help of some herhaald had none that ran when a gemeente's first half-year began: what is earlier goes by date
/// there, and had ended at least six months before. And who begins it has begun nothing before in that half-year, so it is
/// of one of these.
pub(super) fn ties_of_first(catalogue: &Catalogue, numbers: &BTreeMap<Place, usize>) -> Vec<Tie> {
    let (Some((view, _)), Some(begin), Some(herhaald)) = (flowing(catalogue), name(BEGIN), name(HERHAALD)) else {
        return Vec::new();
    };
    let (Some(new), Some(ran_before), Some(gestart)) = (members(&NEW), members(&[AL_LOPEND]), members(&[GESTART]))
    else {
        return Vec::new();
    };
    let mut found: BTreeMap<Place, Vec<(&BTreeSet<MemberCode>, usize)>> = BTreeMap::new();
    for (place, cell) in numbers.iter().filter(|(place, _)| *place.view() == view) {
        let within = place.within();
        let is_new =
            within.get(&herhaald).filter(|codes| codes.is_subset(&new) && within.get(&begin) == Some(&gestart));
        if let Some(codes) = is_new {
            found.entry(place.with(&begin, None).with(&herhaald, None)).or_default().push((codes, *cell));
        }
    }
    let tie = |(place, cells): (Place, Vec<(&BTreeSet<MemberCode>, usize)>)| {
        let (all, before) = (*numbers.get(&place)?, *numbers.get(&place.with(&begin, Some(ran_before.clone())))?);
        let is_finest = |codes: &BTreeSet<_>| !cells.iter().any(|(finer, _)| *finer != codes && finer.is_subset(codes));
        let new = cells.iter().filter(|(codes, _)| is_finest(codes)).map(|(_, cell)| (Count::Persons(*cell), 1));
        let terms = new.chain([(Count::Persons(before), 1), (Count::Persons(all), -1)]).collect();
        Some(Tie { terms, exactly: false, sum: 0 })
    };
    found.into_iter().filter_map(tie).collect()
}

/// How a traject can end.
pub(super) fn ends<'c>(view: &ViewName, catalogue: &'c Catalogue) -> impl Iterator<Item = &'c MemberCode> {
    let einde =
        name(EINDE).and_then(|einde| Some(catalogue.view(view.as_str())?.dimension(&einde)?.domain().members()));
    let codes = einde.unwrap_or_default().iter().map(|member| &member.code);
    codes.filter(|code| code.as_str() != LOOPT_DOOR)
}

/// How many more rows than persons a cell has, so many times.
pub(super) const fn overlap(cell: usize, times: i64) -> [(Count, i64); 2] {
    [(Count::Rows(cell), times), (Count::Persons(cell), -times)]
}

/// The numbers of persons before and after the half-year, which are in no table.
pub(super) fn stocks(catalogue: &Catalogue) -> Vec<Place> {
    let Some((view, true)) = flowing(catalogue) else { return Vec::new() };
    let stock = |codes: &[&str]| Some(Place::new(view.clone(), BTreeMap::from([(name(STROOM)?, members(codes)?)])));
    [[DOORLOPEND, UITSTROOM], [DOORLOPEND, INSTROOM]].iter().filter_map(|codes| stock(codes)).collect()
}

/// What holds of persons with a traject that was counted before or still is after (rule R12).
pub(super) fn ties(catalogue: &Catalogue, numbers: &BTreeMap<Place, usize>) -> Vec<Tie> {
    let Some((view, _)) = flowing(catalogue) else { return Vec::new() };
    let cell = |within: &[(&str, &[&str])]| {
        let within = within.iter().map(|(column, codes)| Some((name(column)?, members(codes)?)));
        let place = Place::new(view.clone(), within.collect::<Option<_>>()?);
        numbers.get(&place).map(|cell| Count::Persons(*cell))
    };
    let tie = |terms: &[(Option<Count>, i64)], exactly: bool| {
        let terms = terms.iter().map(|(count, times)| Some(((*count)?, *times))).collect::<Option<Vec<_>>>()?;
        Some(Tie { terms, exactly, sum: 0 })
    };
    let running = cell(&[(BEGIN, &[AL_LOPEND])]);
    let left = cell(&[(EINDE, &[LOOPT_DOOR])]);
    let started = cell(&[(BEGIN, &[GESTART])]);
    let through = cell(&[(BEGIN, &[AL_LOPEND]), (EINDE, &[LOOPT_DOOR])]);
    let started_on = cell(&[(BEGIN, &[GESTART]), (EINDE, &[LOOPT_DOOR])]);
    let ends: Vec<&str> = ends(&view, catalogue).map(MemberCode::as_str).collect();
    let ended = cell(&[(EINDE, &ends)]);
    let ended_of = |begin: &str| cell(&[(BEGIN, &[begin]), (EINDE, &ends)]);
    let stroom = |code: &str| cell(&[(STROOM, &[code])]);
    let all = [
        tie(&[(running, 1), (cell(&[(STROOM, &[DOORLOPEND, UITSTROOM])]), -1)], true),
        tie(&[(left, 1), (cell(&[(STROOM, &[DOORLOPEND, INSTROOM])]), -1)], true),
        tie(&[(stroom(INSTROOM), 1), (stroom(IN_EN_UIT), 1), (started, -1)], false),
        tie(&[(through, 1), (stroom(DOORLOPEND), -1)], false),
        tie(&[(stroom(INSTROOM), 1), (started_on, -1)], false),
        tie(&[(stroom(IN_EN_UIT), 1), (ended_of(GESTART), -1)], false),
        // Of who came and went nothing runs on, and nothing ran before.
        tie(&[(stroom(IN_EN_UIT), 1), (started_on, 1), (started, -1)], false),
        tie(&[(stroom(IN_EN_UIT), 1), (ended_of(AL_LOPEND), 1), (ended, -1)], false),
        tie(&[(stroom(UITSTROOM), 1), (ended_of(AL_LOPEND), -1)], false),
        tie(&[(stroom(UITSTROOM), 1), (stroom(IN_EN_UIT), 1), (ended, -1)], false),
    ];
    all.into_iter().flatten().collect()
}

/// The view with trajecten that begin and end, and whether a cube has the flow of persons.
pub(super) fn flowing(catalogue: &Catalogue) -> Option<(ViewName, bool)> {
    let has = |view: &crate::catalogue::View, column: &str| view.column(column).is_some();
    let view = catalogue.views().find(|view| [BEGIN, EINDE, STROOM].into_iter().all(|column| has(view, column)))?;
    let stroom = catalogue.cubes().filter(|cube| cube.view() == view.name());
    let stroom = stroom.flat_map(|cube| cube.dimensions()).any(|column| column.as_str() == STROOM);
    Some((view.name().clone(), stroom))
}

pub(super) fn only(members: &BTreeSet<MemberCode>, codes: &[&str]) -> bool {
    members.iter().map(MemberCode::as_str).eq(codes.iter().copied())
}

pub(super) fn name(column: &str) -> Option<ColumnName> {
    column.parse().ok()
}

pub(super) fn members(codes: &[&str]) -> Option<BTreeSet<MemberCode>> {
    codes.iter().map(|code| code.parse().ok()).collect()
}
