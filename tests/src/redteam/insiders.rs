//! What others than the public know of a shown cell (rule R7), counted over the children themselves: an aanbieder knows its
//! own clients, and everybody knows how many children there are. For whoever has to know that neither leaves too few others.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    chain::Chain,
    figures::{Cell, Figures},
    life::{Landmarks, Members, View},
    plan::Plan,
};

/// The shown cells of which somebody knows too much, in words, and how many were looked at.
#[must_use]
pub fn known(figures: &Figures, chain: &Chain, plan: &Plan, landmarks: &Landmarks) -> (usize, Vec<String>) {
    let (mut judged, mut found) = (0, Vec::new());
    let delivered = chain.children.iter().flat_map(|child| &child.trajecten).any(|of| of.aanbieder > 0);
    for half in 0..chain.halves {
        let rows: Vec<Row> = if delivered { rows(chain, half, landmarks) } else { Vec::new() };
        // What was the same at the end of the half-year before was looked at there.
        let shown = figures.cells.iter().filter(|cell| {
            cell.released.half == half && cell.released.reason.is_none() && cell.released.persons > 0 && !cell.is_stock
        });
        for cell in shown {
            judged += 1;
            let mut wrong = Vec::new();
            if let Some(inwoners) = plan.inwoners.filter(|_| cell.within.is_empty()) {
                let others = u64::from(inwoners).saturating_sub(cell.released.persons);
                wrong.extend((others < cell.released.k).then(|| format!("{others} who could be are not in one cell")));
            }
            if delivered {
                wrong.extend(of_aanbieders(cell, &rows));
            }
            let name = cell.released.place.members();
            found.extend(wrong.into_iter().map(|what| format!("{what} of half-year {} {name}", half + 1)));
        }
    }
    (judged, found)
}

/// A row of a child, and who delivers it; 0 if that is not known.
struct Row {
    child: usize,
    view: View,
    members: Members,
    aanbieder: u32,
}

fn rows(chain: &Chain, half: usize, landmarks: &Landmarks) -> Vec<Row> {
    let mut found = Vec::new();
    for (child, life) in chain.children.iter().enumerate() {
        let delivered: Vec<u32> = life.delivered(half).collect();
        let rows = life.rows(half, landmarks).into_iter().enumerate();
        found.extend(rows.flat_map(|(place, (view, members))| {
            // A change does not say from whom to whom: it may be any of those who have helped.
            let own = place..place + 1;
            let of_row = if view == View::Wisseling { 0..delivered.len() } else { own };
            let of_row = delivered.get(of_row).unwrap_or_default().to_vec();
            of_row.into_iter().map(move |aanbieder| Row { child, view, members, aanbieder })
        }));
    }
    found
}

/// For each aanbieder that may know of few others, how many.
fn of_aanbieders(cell: &Cell, rows: &[Row]) -> Vec<String> {
    let mut at: BTreeMap<usize, BTreeSet<u32>> = BTreeMap::new();
    for row in rows.iter().filter(|row| cell.has(row.view, &row.members)) {
        at.entry(row.child).or_default().insert(row.aanbieder);
    }
    let all: BTreeSet<u32> = at.values().flatten().copied().collect();
    let too_few = |aanbieder: u32| {
        let surely = at.values().filter(|of| !of.contains(&aanbieder)).count();
        let least = at.values().filter(|of| !of.contains(&aanbieder) && !of.contains(&0)).count();
        (surely > 0 && (least as u64) < cell.released.k).then(|| format!("{surely} are not clients of one aanbieder"))
    };
    all.into_iter().filter(|aanbieder| *aanbieder > 0).filter_map(too_few).collect()
}
