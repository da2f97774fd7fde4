//! Views whose persons are all in another view (`personen_in`): what that ties for whoever reads tables of both (rule R12), and
//! of which cells something is left beside them, as of any cell beside its parts (rule R5).

use std::collections::{BTreeMap, BTreeSet};

use super::Place;
use crate::{
    catalogue::{Catalogue, Relation},
    id::ColumnName,
    sdc::{Count, Line, Tie},
};

/// No cell has more persons than that of the other view, nor do its persons have more parts of it than they have there.
pub(super) fn ties(catalogue: &Catalogue, numbers: &BTreeMap<Place, usize>, lines: &[Line]) -> Vec<Tie> {
    let mut ties = Vec::new();
    let at_most = |terms| Tie { terms, exactly: false, sum: 0 };
    for view in catalogue.views() {
        let Some(Relation::Persons(other)) = view.relation() else { continue };
        let own = numbers.iter().filter(|(place, _)| place.view() == view.name());
        let there = |(place, cell): (&Place, &usize)| Some((*cell, *numbers.get(&place.in_view(other))?));
        let there: BTreeMap<usize, usize> = own.filter_map(there).collect();
        ties.extend(
            there.iter().map(|(own, all)| at_most(vec![(Count::Persons(*own), 1), (Count::Persons(*all), -1)])),
        );
        for line in lines.iter().filter(|line| line.overlaps) {
            let both = |cell: &usize, times: i64| {
                Some([(Count::Persons(*cell), times), (Count::Persons(*there.get(cell)?), -times)])
            };
            let parts = line.parts.iter().map(|part| both(part, 1));
            let terms = parts.chain([both(&line.whole, -1)]).collect::<Option<Vec<_>>>();
            ties.extend(terms.map(|terms| at_most(terms.concat())));
        }
    }
    ties
}

/// Each cell of such a view, with each cell of the other view that all its persons are in.
pub(super) fn inside(catalogue: &Catalogue, numbers: &BTreeMap<Place, usize>) -> Vec<[usize; 2]> {
    let mut found = Vec::new();
    for view in catalogue.views() {
        let Some(Relation::Persons(other)) = view.relation() else { continue };
        let own: Vec<(Place, usize)> = numbers
            .iter()
            .filter(|(place, _)| place.view() == view.name())
            .map(|(place, cell)| (place.in_view(other), *cell))
            .collect();
        let columns: BTreeSet<&ColumnName> = own.iter().flat_map(|(place, _)| place.within().keys()).collect();
        let wholes = numbers.iter().filter(|(place, _)| place.view() == other);
        for (whole, number) in wholes.filter(|(place, _)| place.within().keys().all(|column| columns.contains(column)))
        {
            found.extend(own.iter().filter(|(place, _)| whole.has(place)).map(|(_, cell)| [*cell, *number]));
        }
    }
    found
}
