//! The certificate of everything that a gemeente released: what a third person needs to check it, and nothing that is not
//! published. Of cubes that the gemeente does not answer from, and of withdrawn releases, it says only that they exist.

use std::collections::{BTreeMap, BTreeSet};

use super::{JointError, Release, joint::Making};
use crate::{
    lattice::Place,
    sdc::{Certificate, CertifiedCell, Ground, Shows},
};

/// Of releases in the order of half-years. `withdrawn` are the places in that order of those that were; `allowed` is what
/// the accepted cubes show ([`crate::lattice::shown_by`]).
///
/// # Errors
/// [`JointError`] if the releases do not follow each other, or round their counts.
pub fn certificate(
    history: &[Release],
    withdrawn: &BTreeSet<usize>,
    allowed: &BTreeMap<Place, Shows>,
) -> Result<Certificate, JointError> {
    if let Some(rounded) = history.iter().find(|release| release.round_to > 1) {
        return Err(JointError::Rounded(rounded.period));
    }
    let mut making = Making::default();
    let mut cells: Vec<CertifiedCell> = Vec::new();
    for (ground, release) in history.iter().enumerate() {
        let numbers = making.released(release)?;
        for (cell, number) in release.cells.iter().zip(numbers) {
            if number == cells.len() {
                cells.push(CertifiedCell {
                    labels: labels(release, &cell.place),
                    ground,
                    hidden: true,
                    persons: None,
                    rows: None,
                    shows: Shows::default(),
                    has_rows: making.cells.get(number).is_some_and(|cell| cell.rows.is_some()),
                    structural: cell.structural,
                    sensitive: cell.sensitive,
                });
            }
            let (false, Some(certified)) = (withdrawn.contains(&ground), cells.get_mut(number)) else { continue };
            let allowed = allowed.get(&cell.place).copied().unwrap_or_default();
            let shows = Shows {
                persons: cell.shows.persons && (allowed.persons || certified.shows.persons),
                rows: cell.shows.rows && (allowed.rows || certified.shows.rows),
            };
            certified.shows = shows;
            certified.hidden = cell.reason.is_some() || shows.nothing();
            certified.persons = (!certified.hidden && shows.persons).then_some(cell.persons);
            certified.rows = (!certified.hidden && shows.rows).then_some(cell.rows);
        }
    }
    let ground =
        |release: &Release| Ground { rules: release.rules, catalogue: release.catalogue, policy: Some(release.policy) };
    let dimensions = ["release", "view", "members"].map(str::to_owned).to_vec();
    Ok(Certificate::new(history.iter().map(ground).collect(), dimensions, cells, making.lines, making.ties))
}

/// What a cell is called: the release that has it first, the view, and the members of each dimension that is limited.
fn labels(release: &Release, place: &Place) -> Vec<String> {
    vec![format!("{} {}", release.gemeente, release.period), place.view().to_string(), place.members()]
}
