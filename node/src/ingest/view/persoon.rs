//! A person as the views see one, and what is the same in every row of a person and half-year (`per_persoon = "een"`,
//! rule R1): age on the last day, geslacht, and the flow over all trajecten.

use drempel_protocols::id::Period;
use jiff::civil::Date;

use super::{
    super::{
        bericht::Persoonsgegevens,
        codes::{DatumGebruik, Geslacht},
        traject::Traject,
    },
    Leeftijdsgroep, ONBEKEND, Stroom, of,
};

/// A person: a number that means nothing outside its snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Persoon {
    /// Its place in the order of persons in the snapshot.
    pub nummer: u32,
    /// Birth and geslacht.
    pub gegevens: Persoonsgegevens,
    /// All trajecten of the person.
    pub trajecten: Vec<Traject>,
}

impl Persoon {
    /// The age group on the last day of a half-year. Unknown where only the year of birth may be used, or not even
    /// that (IV009), and for the unborn.
    pub(super) fn leeftijdsgroep(&self, periode: Period) -> Option<Leeftijdsgroep> {
        leeftijdsgroep(&self.gegevens, periode.last_day())
    }

    /// The places of age group and geslacht in a half-year.
    pub(super) fn kenmerken(&self, periode: Period) -> (u8, u8) {
        (of(self.leeftijdsgroep(periode), |groep| groep as u8), geslacht(self.gegevens.geslacht))
    }

    /// The flow over a half-year.
    pub(super) fn stroom(&self, periode: Period) -> Stroom {
        let (first, last) = (periode.first_day(), periode.last_day());
        let ends_after = |t: &Traject, day: Date| t.einde.is_none_or(|einde| einde.datum > day);
        let before = self.trajecten.iter().any(|t| t.aanvang < first && t.einde.is_none_or(|e| e.datum >= first));
        let after = self.trajecten.iter().any(|t| t.aanvang <= last && ends_after(t, last));
        match (before, after) {
            (true, true) => Stroom::Doorlopend,
            (true, false) => Stroom::Uitstroom,
            (false, true) => Stroom::Instroom,
            (false, false) => Stroom::InEnUit,
        }
    }
}

/// The place of a geslacht.
pub(super) const fn geslacht(geslacht: Geslacht) -> u8 {
    match geslacht {
        Geslacht::Mannelijk => 0,
        Geslacht::Vrouwelijk => 1,
        Geslacht::Onbekend => ONBEKEND,
    }
}

fn leeftijdsgroep(gegevens: &Persoonsgegevens, on: Date) -> Option<Leeftijdsgroep> {
    if matches!(gegevens.datumgebruik, Some(DatumGebruik::AlleenJaar | DatumGebruik::GeheelOnbekend)) {
        return None;
    }
    let born = gegevens.geboortedatum;
    if born > on {
        return None;
    }
    let birthday_to_come = (on.month(), on.day()) < (born.month(), born.day());
    Some(match on.year() - born.year() - i16::from(birthday_to_come) {
        ..4 => Leeftijdsgroep::Tot4,
        4..12 => Leeftijdsgroep::Tot12,
        12..18 => Leeftijdsgroep::Tot18,
        18.. => Leeftijdsgroep::Vanaf18,
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn iv009_age_is_that_of_the_last_day_and_unknown_without_month() {
        let age = |geboortedatum, datumgebruik| {
            let gegevens = Persoonsgegevens { geboortedatum, datumgebruik, geslacht: Geslacht::Onbekend };
            leeftijdsgroep(&gegevens, date(2024, 6, 30)).map(Leeftijdsgroep::code)
        };
        assert_eq!(age(date(2020, 7, 1), None), Some("0-3"));
        assert_eq!(age(date(2020, 6, 30), None), Some("4-11"));
        assert_eq!(age(date(2012, 7, 1), None), Some("4-11"));
        assert_eq!(age(date(2012, 6, 30), None), Some("12-17"));
        assert_eq!(age(date(2006, 7, 1), Some(DatumGebruik::DagOnbekend)), Some("12-17"));
        assert_eq!(age(date(2006, 6, 30), None), Some("18+"));
        assert_eq!(age(date(2024, 6, 30), None), Some("0-3"));
        assert_eq!(age(date(2024, 7, 1), None), None);
        assert_eq!(age(date(2012, 1, 1), Some(DatumGebruik::AlleenJaar)), None);
        assert_eq!(age(date(1900, 1, 1), Some(DatumGebruik::GeheelOnbekend)), None);
    }
}
