//! The rows of `jeugdhulp`: what a half-year counts of one person (`domain` B2: gebruik, instroom, uitstroom, stand).

use drempel_protocols::{catalogue::Wachttijd, id::Period};
use jiff::{ToSpan as _, Unit, civil::Date};

use super::{
    super::{
        codes::{Categorie, Geslacht, Hulpvorm, RedenBeeindiging, Verwijzer},
        traject::Traject,
    },
    Begin, Duurklasse, EINDE, Leeftijdsgroep, ONBEKEND, Persoon, Rij, Stroom, WACHTTIJDKLASSE, of,
    persoon::geslacht,
    place,
};

/// Whether and why a traject ended in the period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Uitkomst {
    /// It did not.
    LooptDoor,
    /// It ended, for this reden; none where the end was estimated.
    Geeindigd(Option<RedenBeeindiging>),
}

/// A row of `jeugdhulp` in its own words: one traject in use in one half-year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gebruik {
    /// The half-year.
    pub periode: Period,
    /// The number of the person.
    pub persoon: u32,
    /// Whether it was counted before.
    pub begin: Begin,
    /// Whether and why it ended.
    pub einde: Uitkomst,
    /// Productcategorie.
    pub categorie: Option<Categorie>,
    /// Hulpvorm.
    pub hulpvorm: Option<Hulpvorm>,
    /// Age on the last day.
    pub leeftijdsgroep: Option<Leeftijdsgroep>,
    /// Geslacht.
    pub geslacht: Geslacht,
    /// How long it has run.
    pub duurklasse: Duurklasse,
    /// The person's own flow.
    pub stroom: Stroom,
    /// Who referred.
    pub verwijzer: Option<Verwijzer>,
    /// The place of the class from the request for help to the first day.
    pub wachttijdklasse: Option<u8>,
    /// AGB-code of the aanbieder that delivered last.
    pub aanbieder: Option<u32>,
    /// AGB-code of who else delivered it, or [`MEER_AANBIEDERS`].
    ///
    /// [`MEER_AANBIEDERS`]: super::super::traject::MEER_AANBIEDERS
    pub eerdere_aanbieder: Option<u32>,
}

impl From<Gebruik> for Rij {
    fn from(gebruik: Gebruik) -> Self {
        let einde = match gebruik.einde {
            Uitkomst::LooptDoor => 0,
            Uitkomst::Geeindigd(reden) => reden.map_or(ONBEKEND, |reden| place(EINDE, reden.code())),
        };
        let leden = [
            gebruik.begin as u8,
            einde,
            of(gebruik.categorie, |categorie| categorie as u8),
            of(gebruik.hulpvorm, |hulpvorm| hulpvorm as u8),
            of(gebruik.leeftijdsgroep, |groep| groep as u8),
            geslacht(gebruik.geslacht),
            gebruik.duurklasse as u8,
            gebruik.stroom as u8,
            of(gebruik.verwijzer, |verwijzer| verwijzer as u8),
            gebruik.wachttijdklasse.unwrap_or(ONBEKEND),
        ];
        let rij = Self::new(gebruik.persoon, gebruik.periode, leden);
        let aanbieder = gebruik.aanbieder.unwrap_or_default();
        Self { aanbieder, eerdere_aanbieder: gebruik.eerdere_aanbieder, ..rij }
    }
}

/// The rows of a person in a half-year: one for each traject in use.
pub fn jeugdhulp<'p>(
    person: &'p Persoon,
    periode: Period,
    wachttijd: &'p Wachttijd,
) -> impl Iterator<Item = Gebruik> + use<'p> {
    let (first, last) = (periode.first_day(), periode.last_day());
    let (stroom, leeftijdsgroep) = (person.stroom(periode), person.leeftijdsgroep(periode));
    person.trajecten.iter().filter(move |traject| traject.touches(first, last)).map(move |traject| {
        let ended = traject.einde.filter(|einde| einde.datum <= last);
        let verwijzing = traject.verwijzing();
        Gebruik {
            periode,
            persoon: person.nummer,
            begin: if traject.aanvang < first { Begin::AlLopend } else { Begin::Gestart },
            einde: ended.map_or(Uitkomst::LooptDoor, |einde| Uitkomst::Geeindigd(einde.reden)),
            categorie: traject.zorg.categorie,
            hulpvorm: traject.zorg.hulpvorm,
            leeftijdsgroep,
            geslacht: person.gegevens.geslacht,
            duurklasse: duurklasse(traject.aanvang, ended.map_or(last, |einde| einde.datum)),
            stroom,
            verwijzer: verwijzing.verwijzer,
            wachttijdklasse: wachttijdklasse(traject, verwijzing.verzoekdag, wachttijd),
            aanbieder: traject.aanbieder(last),
            eerdere_aanbieder: traject.eerdere_aanbieder(last),
        }
    })
}

fn duurklasse(aanvang: Date, on: Date) -> Duurklasse {
    let within = |months: i32| on < aanvang.saturating_add(months.months());
    if within(3) {
        Duurklasse::Tot3Maanden
    } else if within(6) {
        Duurklasse::Tot6Maanden
    } else if within(12) {
        Duurklasse::Tot12Maanden
    } else if within(24) {
        Duurklasse::Tot2Jaar
    } else {
        Duurklasse::Vanaf2Jaar
    }
}

fn wachttijdklasse(traject: &Traject, verzoekdag: Option<Date>, wachttijd: &Wachttijd) -> Option<u8> {
    let days = verzoekdag?.until((Unit::Day, traject.aanvang)).ok()?.get_days();
    Some(place(WACHTTIJDKLASSE, wachttijd.class(days)))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn duration_is_in_whole_months_clamped_to_the_end_of_the_month() {
        let code = |aanvang, on| duurklasse(aanvang, on).code();
        assert_eq!(code(date(2023, 11, 30), date(2024, 2, 28)), "tot_3_maanden");
        assert_eq!(code(date(2023, 11, 30), date(2024, 2, 29)), "3_tot_6_maanden");
        assert_eq!(code(date(2024, 1, 1), date(2024, 6, 30)), "3_tot_6_maanden");
        assert_eq!(code(date(2024, 1, 1), date(2024, 7, 1)), "6_tot_12_maanden");
        assert_eq!(code(date(2023, 6, 30), date(2024, 6, 30)), "1_tot_2_jaar");
        assert_eq!(code(date(2022, 6, 30), date(2024, 6, 30)), "2_jaar_of_langer");
        assert_eq!(code(Date::MAX, Date::MAX), "2_jaar_of_langer");
    }
}
