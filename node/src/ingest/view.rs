//! The rows of the view `jeugdhulp`: what a period counts of one person. Rows hold members of closed lists only, no
//! date and nothing else that singles a child out, so that whatever reads a snapshot cannot ask for more. Pure.

use drempel_protocols::id::Period;
use jiff::{ToSpan as _, civil::Date};

use super::{
    bericht::Persoonsgegevens,
    codes::{Categorie, DatumGebruik, Geslacht, Hulpvorm, RedenBeeindiging, code_list},
    traject::Traject,
};

code_list! {
    /// Whether a traject was counted before the period.
    Begin {
        AlLopend = "al_lopend" "It was, and had not ended.",
        Gestart = "gestart" "It was not.",
    }
}

/// Whether and why a traject ended in the period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Uitkomst {
    /// It ended, for this reden.
    Geeindigd(RedenBeeindiging),
    /// It did not.
    LooptDoor,
}

impl Uitkomst {
    /// The member of the dimension einde.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Geeindigd(reden) => reden.code(),
            Self::LooptDoor => "loopt_door",
        }
    }
}

code_list! {
    /// Age on the last day of the period.
    Leeftijdsgroep {
        Tot4 = "0-3" "Until the fourth birthday.",
        Tot12 = "4-11" "Until the twelfth birthday.",
        Tot18 = "12-17" "Until the eighteenth birthday.",
        Vanaf18 = "18+" "From the eighteenth birthday.",
    }
}

code_list! {
    /// How long a traject has run at its end, or on the last day of the period.
    Duurklasse {
        Tot3Maanden = "tot_3_maanden" "Less than three months.",
        Tot6Maanden = "3_tot_6_maanden" "Three to six months.",
        Tot12Maanden = "6_tot_12_maanden" "Six to twelve months.",
        Tot2Jaar = "1_tot_2_jaar" "One to two years.",
        Vanaf2Jaar = "2_jaar_of_langer" "Two years or longer.",
    }
}

code_list! {
    /// Whether a person was counted just before the period and still is after its last day, over all trajecten.
    Stroom {
        Doorlopend = "doorlopend" "Both.",
        Uitstroom = "uitstroom" "Before only.",
        Instroom = "instroom" "After only.",
        InEnUit = "in_en_uit" "Neither.",
    }
}

/// A person as the view sees one: a number that means nothing outside its snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Persoon {
    /// Its place in the order of persons in the snapshot.
    pub nummer: u32,
    /// Birth and geslacht.
    pub gegevens: Persoonsgegevens,
    /// All trajecten of the person.
    pub trajecten: Vec<Traject>,
}

/// The trajecten that earlier releases counted (rule R2).
#[derive(Clone, Debug, Default)]
pub struct CountedSet(());

impl CountedSet {
    /// Nothing was counted before: what runs already goes by date, and what ended before the period never counts.
    #[must_use]
    pub const fn empty() -> Self {
        Self(())
    }
}

/// A row: one traject counted in one period. The order of the fields is that in which rows are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// The period.
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
}

/// The rows of a person in a period.
#[must_use]
pub fn jeugdhulp(person: &Persoon, period: Period, _counted: &CountedSet) -> Vec<Row> {
    let (first, last) = (period.first_day(), period.last_day());
    let stroom = stroom(&person.trajecten, first, last);
    let leeftijdsgroep = leeftijdsgroep(&person.gegevens, last);
    let counted = person.trajecten.iter().filter(|traject| traject.touches(first, last));
    counted
        .map(|traject| {
            let ended = traject.einde.filter(|einde| einde.datum <= last);
            Row {
                periode: period,
                persoon: person.nummer,
                begin: if traject.aanvang < first { Begin::AlLopend } else { Begin::Gestart },
                einde: ended.map_or(Uitkomst::LooptDoor, |einde| Uitkomst::Geeindigd(einde.reden)),
                categorie: traject.categorie,
                hulpvorm: traject.hulpvorm,
                leeftijdsgroep,
                geslacht: person.gegevens.geslacht,
                duurklasse: duurklasse(traject.aanvang, ended.map_or(last, |einde| einde.datum)),
                stroom,
            }
        })
        .collect()
}

fn stroom(trajecten: &[Traject], first: Date, last: Date) -> Stroom {
    let before = trajecten.iter().any(|t| t.aanvang < first && t.einde.is_none_or(|einde| einde.datum >= first));
    let after = trajecten.iter().any(|t| t.aanvang <= last && t.einde.is_none_or(|einde| einde.datum > last));
    match (before, after) {
        (true, true) => Stroom::Doorlopend,
        (true, false) => Stroom::Uitstroom,
        (false, true) => Stroom::Instroom,
        (false, false) => Stroom::InEnUit,
    }
}

/// Unknown where only the year of birth may be used, or not even that (IV009), and for the unborn.
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

#[cfg(test)]
mod tests;
