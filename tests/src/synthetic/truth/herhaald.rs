//! The view `herhaald_beroep`: a row for each traject that starts in a period, by what help there was before.

use drempel_protocols::id::Period;
use jiff::{Span, civil::Date};

use super::{
    super::{draw::days_between, persoon::Persoon},
    Traject, geslacht, leeftijdsgroep,
};

/// One row of the view. None is onbekend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HerhaaldRow {
    /// The person, by position in the list of persons.
    pub persoon: usize,
    /// JZ020.
    pub categorie: &'static str,
    /// The BIJ hulpvorm.
    pub hulpvorm: Option<&'static str>,
    /// How long after earlier help.
    pub herhaald: &'static str,
    /// By the age on the last day of the period.
    pub leeftijdsgroep: Option<&'static str>,
    /// `M` or `V`.
    pub geslacht: Option<&'static str>,
}

/// The rows of one period.
pub(in super::super) fn herhaald(personen: &[Persoon], trajecten: &[Traject], period: Period) -> Vec<HerhaaldRow> {
    let (first, last) = (period.first_day(), period.last_day());
    let started = trajecten.iter().filter(|traject| first <= traject.start && traject.start <= last);
    started
        .filter_map(|traject| {
            let kenmerken = personen.get(traject.persoon)?.kenmerken;
            let earlier =
                trajecten.iter().filter(|other| other.persoon == traject.persoon && other.start < traject.start);
            Some(HerhaaldRow {
                persoon: traject.persoon,
                categorie: traject.categorie,
                hulpvorm: traject.hulpvorm,
                herhaald: class(traject.start, earlier.map(|other| other.einde.map(|einde| einde.dag))),
                leeftijdsgroep: leeftijdsgroep(kenmerken, last),
                geslacht: geslacht(kenmerken),
            })
        })
        .collect()
}

fn class(start: Date, earlier: impl Iterator<Item = Option<Date>>) -> &'static str {
    let ends: Vec<Option<Date>> = earlier.collect();
    let close = |end: &Option<Date>| end.is_none_or(|end| days_between(end, start) <= 7);
    let Some(latest) = ends.iter().max() else { return "eerste" };
    let before = |months: i32| latest.is_some_and(|end| start < end.saturating_add(Span::new().months(months)));
    if ends.iter().any(close) {
        "aansluitend"
    } else if before(6) {
        "binnen_6_maanden"
    } else if before(12) {
        "binnen_12_maanden"
    } else {
        "later"
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn classes_change_on_their_boundary() {
        let after = |end: Date, start: Date| class(start, [Some(date(2019, 1, 1)), Some(end)].into_iter());
        assert_eq!(class(date(2025, 1, 1), std::iter::empty()), "eerste");
        assert_eq!(class(date(2025, 1, 1), [None, Some(date(2020, 1, 1))].into_iter()), "aansluitend");
        assert_eq!(after(date(2025, 3, 1), date(2025, 1, 8)), "aansluitend");
        assert_eq!(after(date(2025, 1, 1), date(2025, 1, 8)), "aansluitend");
        assert_eq!(after(date(2025, 1, 1), date(2025, 1, 9)), "binnen_6_maanden");
        assert_eq!(after(date(2024, 8, 31), date(2025, 2, 27)), "binnen_6_maanden");
        assert_eq!(after(date(2024, 8, 31), date(2025, 2, 28)), "binnen_12_maanden");
        assert_eq!(after(date(2024, 2, 29), date(2025, 2, 27)), "binnen_12_maanden");
        assert_eq!(after(date(2024, 2, 29), date(2025, 2, 28)), "later");
    }
}
