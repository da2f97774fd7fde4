//! An independent recount of the views from the ground truth, for tests to hold the node's answers against. It is
//! written from the definitions alone and shares no code with the node, so a mistake has to be made twice, in the same
//! way, to go unseen.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::persoon::{DatumGebruik, Geslacht, Kenmerken};

mod declaratie;
mod herhaald;
mod jeugdhulp;
mod traject;
mod wisseling;

pub use self::{
    declaratie::DeclaratieRow,
    herhaald::HerhaaldRow,
    jeugdhulp::TruthRow,
    traject::{Afloop, Traject},
    wisseling::WisselingRow,
};
pub(super) use self::{declaratie::declaratie, herhaald::herhaald, jeugdhulp::jeugdhulp, wisseling::wisseling};

/// A row of any view.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ViewRow {
    /// Of `jeugdhulp`.
    Jeugdhulp(TruthRow),
    /// Of `herhaald_beroep`.
    HerhaaldBeroep(HerhaaldRow),
    /// Of `wisseling`.
    Wisseling(WisselingRow),
    /// Of `declaratie`.
    Declaratie(DeclaratieRow),
}

impl ViewRow {
    /// The person, by position in the list of persons.
    #[must_use]
    pub fn persoon(&self) -> usize {
        match self {
            Self::Jeugdhulp(row) => row.persoon,
            Self::HerhaaldBeroep(row) => row.persoon,
            Self::Wisseling(row) => row.persoon,
            Self::Declaratie(row) => row.persoon,
        }
    }

    /// The member code in a column of the row's view, by the column's name; None both for onbekend and for a column
    /// that is no dimension of the view.
    #[must_use]
    pub fn member(&self, column: &str) -> Option<&'static str> {
        match (self, column) {
            (Self::Jeugdhulp(row), _) => row.member(column),
            (Self::HerhaaldBeroep(row), "categorie") => Some(row.categorie),
            (Self::HerhaaldBeroep(row), "hulpvorm") => row.hulpvorm,
            (Self::HerhaaldBeroep(row), "herhaald") => Some(row.herhaald),
            (Self::HerhaaldBeroep(row), "leeftijdsgroep") => row.leeftijdsgroep,
            (Self::HerhaaldBeroep(row), "geslacht") => row.geslacht,
            (Self::Wisseling(row), "categorie") => Some(row.categorie),
            (Self::Wisseling(row), "hulpvorm") => row.hulpvorm,
            (Self::Wisseling(row), "aansluiting") => Some(row.aansluiting),
            (Self::Wisseling(row), "reden") => Some(row.reden),
            (Self::Wisseling(row), "leeftijdsgroep") => row.leeftijdsgroep,
            (Self::Wisseling(row), "geslacht") => row.geslacht,
            (Self::Declaratie(row), "maand") => Some(row.maand),
            (Self::Declaratie(row), "categorie") => Some(row.categorie),
            _ => None,
        }
    }

    /// The AGB codes of the aanbieders, in the views that have any.
    #[must_use]
    pub fn aanbieders(&self) -> BTreeSet<u32> {
        match self {
            Self::Jeugdhulp(row) => row.aanbieders.clone(),
            Self::Declaratie(row) => BTreeSet::from([row.aanbieder]),
            Self::HerhaaldBeroep(_) | Self::Wisseling(_) => BTreeSet::new(),
        }
    }

    /// The AGB code of the aanbieder that gave the care last, in the views that have any.
    #[must_use]
    pub fn aanbieder(&self) -> Option<u32> {
        match self {
            Self::Jeugdhulp(row) => Some(row.aanbieder),
            Self::Declaratie(row) => Some(row.aanbieder),
            Self::HerhaaldBeroep(_) | Self::Wisseling(_) => None,
        }
    }

    /// The amount in cents, in the view that has it.
    #[must_use]
    pub fn bedrag(&self) -> Option<i64> {
        match self {
            Self::Declaratie(row) => Some(row.bedrag),
            _ => None,
        }
    }
}

fn geslacht(kenmerken: Kenmerken) -> Option<&'static str> {
    match kenmerken.geslacht {
        Geslacht::Mannelijk => Some("M"),
        Geslacht::Vrouwelijk => Some("V"),
        Geslacht::Onbekend => None,
    }
}

fn leeftijdsgroep(kenmerken: Kenmerken, peildatum: Date) -> Option<&'static str> {
    let born = kenmerken.geboortedatum;
    if matches!(kenmerken.datum_gebruik, Some(DatumGebruik::DagEnMaandOnbekend | DatumGebruik::GeheelOnbekend))
        || born > peildatum
    {
        return None;
    }
    let had_birthday = (born.month(), born.day()) <= (peildatum.month(), peildatum.day());
    let age = peildatum.year() - born.year() - i16::from(!had_birthday);
    Some(match age {
        ..=3 => "0-3",
        4..=11 => "4-11",
        12..=17 => "12-17",
        _ => "18+",
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn age_changes_on_the_birthday() {
        let born = |geboortedatum| Kenmerken { geboortedatum, datum_gebruik: None, geslacht: Geslacht::Onbekend };
        assert_eq!(leeftijdsgroep(born(date(2021, 6, 30)), date(2025, 6, 30)), Some("4-11"));
        assert_eq!(leeftijdsgroep(born(date(2021, 7, 1)), date(2025, 6, 30)), Some("0-3"));
        assert_eq!(leeftijdsgroep(born(date(2025, 7, 1)), date(2025, 6, 30)), None);
    }
}
