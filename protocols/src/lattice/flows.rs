//! Stocks and flows (rule R2): what the dimensions `begin`, `einde` and `stroom` have to do with each other within a
//! half-year, and with those of the next.

use std::collections::{BTreeMap, BTreeSet};

use super::Place;
use crate::{
    catalogue::Catalogue,
    id::{ColumnName, MemberCode, ViewName},
    sdc::{Count, Tie},
};

const BEGIN: &str = "begin";
const EINDE: &str = "einde";
const STROOM: &str = "stroom";
const AL_LOPEND: &str = "al_lopend";
const LOOPT_DOOR: &str = "loopt_door";
const DOORLOPEND: &str = "doorlopend";
const INSTROOM: &str = "instroom";
const UITSTROOM: &str = "uitstroom";

/// The dimensions that a traject keeps from one half-year to the next; its person's age is not one.
const KEPT: [&str; 2] = ["categorie", "hulpvorm"];

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
    let started = cell(&[(BEGIN, &["gestart"])]);
    let through = cell(&[(BEGIN, &[AL_LOPEND]), (EINDE, &[LOOPT_DOOR])]);
    let started_on = cell(&[(BEGIN, &["gestart"]), (EINDE, &[LOOPT_DOOR])]);
    let stroom = |code: &str| cell(&[(STROOM, &[code])]);
    let all = [
        tie(&[(running, 1), (cell(&[(STROOM, &[DOORLOPEND, UITSTROOM])]), -1)], true),
        tie(&[(left, 1), (cell(&[(STROOM, &[DOORLOPEND, INSTROOM])]), -1)], true),
        tie(&[(stroom(INSTROOM), 1), (stroom("in_en_uit"), 1), (started, -1)], false),
        tie(&[(through, 1), (stroom(DOORLOPEND), -1)], false),
        tie(&[(stroom(INSTROOM), 1), (started_on, -1)], false),
    ];
    all.into_iter().flatten().collect()
}

/// The view with trajecten that begin and end, and whether a cube has the flow of persons.
fn flowing(catalogue: &Catalogue) -> Option<(ViewName, bool)> {
    let has = |view: &crate::catalogue::View, column: &str| view.column(column).is_some();
    let view = catalogue.views().find(|view| [BEGIN, EINDE, STROOM].into_iter().all(|column| has(view, column)))?;
    let stroom = catalogue.cubes().filter(|cube| cube.view() == view.name());
    let stroom = stroom.flat_map(|cube| cube.dimensions()).any(|column| column.as_str() == STROOM);
    Some((view.name().clone(), stroom))
}

fn only(members: &BTreeSet<MemberCode>, codes: &[&str]) -> bool {
    members.iter().map(MemberCode::as_str).eq(codes.iter().copied())
}

fn name(column: &str) -> Option<ColumnName> {
    column.parse().ok()
}

fn members(codes: &[&str]) -> Option<BTreeSet<MemberCode>> {
    codes.iter().map(|code| code.parse().ok()).collect()
}
