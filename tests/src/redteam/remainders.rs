//! What is left of a published line beside its shown parts (rule R5), counted over the children themselves and not over cells,
//! for whoever has to know that it is nobody or at least k. Where a child can be in several parts that is three numbers: who
//! is in the hidden part, who is in no shown part, and who is not in one of the shown parts.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    chain::Chain,
    codebook::Column,
    figures::{Cell, Figures},
    life::{Landmarks, Members, View},
};

/// The remainders that are too small, in words, and how many were looked at.
#[must_use]
pub fn small(figures: &Figures, chain: &Chain, landmarks: &Landmarks) -> (usize, Vec<String>) {
    let (mut judged, mut found) = (0, Vec::new());
    for half in 0..chain.halves {
        let rows: Vec<(usize, View, Members)> = (0..)
            .zip(&chain.children)
            .flat_map(|(child, life)| life.rows(half, landmarks).into_iter().map(move |(view, of)| (child, view, of)))
            .collect();
        let own: Vec<&Cell> = figures.cells.iter().filter(|cell| cell.released.half == half).collect();
        for whole in own.iter().filter(|cell| cell.released.reason.is_none()) {
            let inside: Vec<&(usize, View, Members)> =
                rows.iter().filter(|(_, view, members)| whole.has(*view, members)).collect();
            for column in Column::ALL {
                let parts: Vec<(u64, &Cell)> =
                    own.iter().filter_map(|part| Some((part_of(whole, part, column)?, *part))).collect();
                if !parts.is_empty() {
                    judged += 1;
                    let left = left(whole, column, &parts, &inside);
                    found.extend(left.into_iter().map(|what| {
                        format!(
                            "{what} of half-year {} {} by {}",
                            half + 1,
                            whole.released.place.members(),
                            column.name()
                        )
                    }));
                }
            }
        }
    }
    let aside = aside(figures);
    judged += aside.len();
    found.extend(aside.into_iter().flatten());
    (judged, found)
}

/// For each shown cell of changes and each of the children with that help: nothing, or that few of these did not change.
fn aside(figures: &Figures) -> Vec<Option<String>> {
    let shown = |view: View| {
        let cells = figures.cells.iter().filter(move |cell| cell.view == view && cell.released.shows_persons);
        cells.filter(|cell| cell.released.reason.is_none() && cell.released.persons > 0)
    };
    let mut found = Vec::new();
    for part in shown(View::Wisseling) {
        let bits = |column: Column| part.within.iter().find(|(of, _)| *of == column).map(|(_, bits)| *bits);
        let is_in = |(column, all): &(Column, u64)| bits(*column).is_some_and(|bits| bits & !all == 0);
        let same = |whole: &&Cell| whole.released.half == part.released.half && whole.within.iter().all(is_in);
        for whole in shown(View::Jeugdhulp).filter(same) {
            let left = whole.released.persons.saturating_sub(part.released.persons);
            let (all, changes) = (whole.released.place.members(), part.released.place.members());
            found.push((1..part.released.k).contains(&left).then(|| {
                format!("{left} are not in one shown part of half-year {} {all} by {changes}", part.released.half + 1)
            }));
        }
    }
    found
}

/// The members of a cell in a dimension, if it is another but for fewer members there.
fn part_of(whole: &Cell, part: &Cell, column: Column) -> Option<u64> {
    let of = |cell: &Cell| cell.within.iter().copied().collect::<BTreeMap<Column, u64>>();
    let (mut rest, mut own) = (of(whole), of(part));
    let bits = own.remove(&column)?;
    let all = rest.remove(&column).unwrap_or(u64::MAX);
    (whole.view == part.view && rest == own && bits & !all == 0 && bits != all).then_some(bits)
}

fn left(whole: &Cell, column: Column, parts: &[(u64, &Cell)], inside: &[&(usize, View, Members)]) -> Vec<String> {
    let shown = || parts.iter().filter(|(_, part)| part.released.reason.is_none());
    let top: Vec<&(u64, &Cell)> =
        shown().filter(|(bits, _)| !shown().any(|(other, _)| bits & !other == 0 && bits != other)).collect();
    // Where no part is shown the whole is left, which was shown as it may be; and what was the same at the end of the
    // half-year before was looked at there.
    if top.is_empty() || whole.is_stock && top.iter().all(|(_, part)| part.is_stock) {
        return Vec::new();
    }
    let covered = top.iter().fold(0, |covered, (bits, _)| covered | bits);
    let who = |test: &dyn Fn(u64) -> bool| -> BTreeSet<usize> {
        let bit = |members: &Members| {
            members.get(column as usize).map_or(0, |lid| 1u64.checked_shl((*lid).into()).unwrap_or(0))
        };
        inside.iter().filter(|(_, _, members)| test(bit(members))).map(|(child, ..)| *child).collect()
    };
    let (all, hidden, visible) = (who(&|_| true), who(&|bit| bit & covered == 0), who(&|bit| bit & covered != 0));
    let mut found = Vec::new();
    let mut small = |persons: usize, what: &str| {
        // Where nobody is in a shown part what is left is the whole, which was shown as it may be.
        if persons > 0 && persons < all.len() && (persons as u64) < whole.released.k {
            found.push(format!("{persons} {what}"));
        }
    };
    small(hidden.len(), "are in a hidden part");
    small(all.len() - visible.len(), "are in no shown part");
    for (bits, part) in top.iter().filter(|_| whole.released.shows_persons) {
        let without = all.len() - who(&|bit| bit & bits != 0).len();
        if part.released.shows_persons && without < all.len() {
            small(without, "are not in one shown part");
        }
    }
    let secret = |(bits, part): &(u64, &Cell)| bits & covered == 0 && part.released.reason.is_some() && part.sensitive;
    if hidden.is_empty() && parts.iter().any(secret) {
        found.push("nobody is in a hidden gevoelig part".to_owned());
    }
    found
}
