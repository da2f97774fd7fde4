//! Which elements of a message are read, by the element around them. What is not in these lists has no place of its own
//! ([`Plek::Overig`]), nor has anything within it: a relation's date of birth is not the client's.

use super::velden::Soort;

/// Where in a message the parser is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Plek {
    Bericht,
    Header,
    BerichtIdentificatie,
    Client,
    Geboortedatum,
    Regels,
    Regel,
    Product,
    Veld(Veld),
    Overig,
}

/// The elements whose text is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Veld {
    BerichtCode,
    BerichtVersie,
    BerichtSubversie,
    Afzender,
    Ontvanger,
    Identificatie,
    Dagtekening,
    Bsn,
    Geboortedatum,
    DatumGebruik,
    Geslacht,
    ToewijzingNummer,
    Categorie,
    Productcode,
    Toewijzingsdatum,
    Toewijzingstijd,
    Ingangsdatum,
    Begindatum,
    Einddatum,
    RedenWijziging,
    RedenBeeindiging,
    StatusAanlevering,
}

impl Soort {
    /// The place of an element in the message's own namespace.
    pub(super) fn child(self, parent: Plek, local: &str) -> Plek {
        match (parent, local) {
            (Plek::Bericht, "Header") => Plek::Header,
            (Plek::Bericht, "Client") => Plek::Client,
            (Plek::Header, "BerichtIdentificatie") => Plek::BerichtIdentificatie,
            (Plek::Header, "BerichtCode") => Plek::Veld(Veld::BerichtCode),
            (Plek::Header, "BerichtVersie") => Plek::Veld(Veld::BerichtVersie),
            (Plek::Header, "BerichtSubversie") => Plek::Veld(Veld::BerichtSubversie),
            (Plek::Header, "Afzender") => Plek::Veld(Veld::Afzender),
            (Plek::Header, "Ontvanger") => Plek::Veld(Veld::Ontvanger),
            (Plek::Client, "Bsn") => Plek::Veld(Veld::Bsn),
            (Plek::Client, "Geboortedatum") => Plek::Geboortedatum,
            (Plek::Client, "Geslacht") => Plek::Veld(Veld::Geslacht),
            (Plek::Client, name) if name == self.regels() => Plek::Regels,
            (Plek::Regels, name) if name == self.regel() => Plek::Regel,
            (Plek::Regel, "Product") => Plek::Product,
            (Plek::Regel, "ToewijzingNummer") => Plek::Veld(Veld::ToewijzingNummer),
            (Plek::Regel, "Toewijzingsdatum") => Plek::Veld(Veld::Toewijzingsdatum),
            (Plek::Regel, "Toewijzingstijd") => Plek::Veld(Veld::Toewijzingstijd),
            (Plek::Regel, "Ingangsdatum") => Plek::Veld(Veld::Ingangsdatum),
            (Plek::Regel, "Begindatum") => Plek::Veld(Veld::Begindatum),
            (Plek::Regel, "Einddatum") => Plek::Veld(Veld::Einddatum),
            (Plek::Regel, "RedenWijziging") => Plek::Veld(Veld::RedenWijziging),
            (Plek::Regel, "RedenBeeindiging") => Plek::Veld(Veld::RedenBeeindiging),
            (Plek::Regel, "StatusAanlevering") => Plek::Veld(Veld::StatusAanlevering),
            _ => Plek::Overig,
        }
    }

    const fn regels(self) -> &'static str {
        match self {
            Self::Jw301 => "ToegewezenProducten",
            Self::Jw305 => "StartProducten",
            Self::Jw307 => "StopProducten",
        }
    }

    const fn regel(self) -> &'static str {
        match self {
            Self::Jw301 => "ToegewezenProduct",
            Self::Jw305 => "StartProduct",
            Self::Jw307 => "StopProduct",
        }
    }
}

/// The place of an element in the namespace of the basisschema.
pub(super) fn basis_child(parent: Plek, local: &str) -> Plek {
    match (parent, local) {
        (Plek::BerichtIdentificatie, "Identificatie") => Plek::Veld(Veld::Identificatie),
        (Plek::BerichtIdentificatie, "Dagtekening") => Plek::Veld(Veld::Dagtekening),
        (Plek::Geboortedatum, "Datum") => Plek::Veld(Veld::Geboortedatum),
        (Plek::Geboortedatum, "DatumGebruik") => Plek::Veld(Veld::DatumGebruik),
        (Plek::Product, "Categorie") => Plek::Veld(Veld::Categorie),
        (Plek::Product, "Code") => Plek::Veld(Veld::Productcode),
        _ => Plek::Overig,
    }
}
