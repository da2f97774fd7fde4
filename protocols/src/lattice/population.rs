//! How many persons could be in a cell, as published (rule R7): the inhabitants of a gemeente for all rows of a view, and
//! by age where the catalogue has that. For every other cell none is published.

use super::Place;
use crate::{
    catalogue::{Catalogue, ONBEKEND},
    id::{Gemeentecode, Period},
};

const LEEFTIJDSGROEP: &str = "leeftijdsgroep";

/// The reference population of a cell; none where the catalogue has none.
#[must_use]
pub fn population(catalogue: &Catalogue, gemeente: Gemeentecode, period: Period, place: &Place) -> Option<u64> {
    let entry = catalogue.division(period)?.gemeente(gemeente)?;
    let mut within = place.within().iter();
    match (within.next(), within.next()) {
        (None, _) => entry.inwoners,
        (Some((column, ages)), None) if column.as_str() == LEEFTIJDSGROEP => {
            let mut known = ages.iter().filter(|age| age.as_str() != ONBEKEND).peekable();
            known.peek()?;
            known.map(|age| entry.leeftijdsgroepen.get(age)).sum()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{catalogue::tests::with, id::ViewName};

    #[test]
    fn only_cells_of_all_or_of_an_age_have_a_population() {
        let bundle = with("gebieden.toml", |text| {
            text.replacen(
                "inwoners = 233071",
                "inwoners = 233071, leeftijdsgroepen = { \"0-3\" = 7000, \"4-11\" = 14000 }",
                1,
            )
        });
        let catalogue = Catalogue::from_bundle(&bundle).unwrap();
        let of = |gemeente: &str, members: &[(&str, &str)]| {
            let members: Vec<_> =
                members.iter().map(|(column, code)| (column.parse().unwrap(), code.parse().unwrap())).collect();
            let view: ViewName = "jeugdhulp".parse().unwrap();
            let place =
                Place::of(&catalogue, &view, members.iter().map(|(column, code)| (column, code))).unwrap().unwrap();
            population(&catalogue, gemeente.parse().unwrap(), "2025H2".parse().unwrap(), &place)
        };
        assert_eq!(of("GM0014", &[]), Some(233_071));
        assert_eq!(of("GM0014", &[("leeftijdsgroep", "4-11")]), Some(14_000));
        assert_eq!(of("GM0014", &[("levensfase", "tot_12_jaar")]), Some(21_000));
        assert_eq!(of("GM0014", &[("leeftijdsgroep", "12-17")]), None);
        assert_eq!(of("GM0014", &[("leeftijdsgroep", "4-11"), ("geslacht", "M")]), None);
        assert_eq!(of("GM0034", &[("leeftijdsgroep", "4-11")]), None);
        assert_eq!(of("GM9999", &[]), None);
    }
}
