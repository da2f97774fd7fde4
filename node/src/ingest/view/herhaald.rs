//! The rows of `herhaald_beroep`: for every traject that begins, what help the same person had before. It looks back, so
//! that no half-year has to wait for the next one to be known.

use drempel_protocols::{catalogue::HerhaaldBeroep, id::Period};
use jiff::civil::Date;

use super::{super::traject::Traject, HERHAALD, Persoon, Rij, of, place};

/// The rows of a person in a half-year: one for each traject that began in it.
pub fn herhaald_beroep<'p>(
    person: &'p Persoon,
    periode: Period,
    definitie: &'p HerhaaldBeroep,
) -> impl Iterator<Item = Rij> + use<'p> {
    let (leeftijdsgroep, geslacht) = person.kenmerken(periode);
    let began = move |traject: &&Traject| (periode.first_day()..=periode.last_day()).contains(&traject.aanvang);
    person.trajecten.iter().filter(began).map(move |traject| {
        Rij::new(
            person.nummer,
            periode,
            [
                of(traject.zorg.categorie, |categorie| categorie as u8),
                of(traject.zorg.hulpvorm, |hulpvorm| hulpvorm as u8),
                place(HERHAALD, definitie.class(earlier(&person.trajecten, traject), traject.aanvang)),
                leeftijdsgroep,
                geslacht,
            ],
        )
    })
}

/// The ends of what began before.
fn earlier<'p>(trajecten: &'p [Traject], traject: &Traject) -> impl Iterator<Item = Option<Date>> + use<'p> {
    let aanvang = traject.aanvang;
    trajecten.iter().filter(move |other| other.aanvang < aanvang).map(|other| other.einde.map(|einde| einde.datum))
}
