//! Which elements of a message are read, by the element around them. What is not in these lists has no place of its own
//! ([`Plek::Overig`]), nor has anything within it: a relation's date of birth is not the client's.

use super::{super::bevinding::Bevinding, Soort, naamruimte::Ruimte};

/// Where in a message the parser is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Plek {
    Bericht,
    Header,
    BerichtIdentificatie,
    Declaratie,
    DeclaratiePeriode,
    TotaalIngediend,
    Clienten,
    Client,
    Geboortedatum,
    Regels,
    Regel,
    Product,
    Verwijzer,
    ProductReferentie,
    ProductPeriode,
    IngediendBedrag,
    Woonplaatsbeginsel,
    Veld(Veld),
    Overig,
}

/// The elements whose text is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Veld {
    Afzender,
    Bedrag,
    Begindatum,
    BerichtCode,
    BerichtSubversie,
    BerichtVersie,
    Bsn,
    Categorie,
    Dagtekening,
    DatumGebruik,
    DebetCredit,
    DeclaratieBegin,
    DeclaratieEinde,
    Eenheid,
    Einddatum,
    Geboortedatum,
    Gemeente,
    Geslacht,
    Identificatie,
    Ingangsdatum,
    Ontvanger,
    Productcode,
    RedenAfwijzing,
    RedenBeeindiging,
    RedenVerzoek,
    RedenWijziging,
    Referentie,
    StatusAanlevering,
    ToewijzingNummer,
    Toewijzingsdatum,
    Toewijzingstijd,
    Totaal,
    TotaalDebetCredit,
    VerwijzerType,
    VerzoekAntwoord,
    Volume,
    VorigeReferentie,
}

impl Plek {
    /// Whether a field here is one of a line, not of the header or the client.
    pub(super) const fn in_regel(self) -> bool {
        matches!(
            self,
            Self::Regel
                | Self::Product
                | Self::Verwijzer
                | Self::ProductReferentie
                | Self::ProductPeriode
                | Self::IngediendBedrag
                | Self::Woonplaatsbeginsel
        )
    }
}

impl Soort {
    /// The place of an element within another.
    pub(super) fn plek(self, rond: Plek, ruimte: Ruimte, local: &str) -> Result<Plek, Bevinding> {
        match (rond, ruimte) {
            (Plek::Veld(_), _) => Err(Bevinding::NietVolgensSchema),
            (Plek::Overig, _) | (_, Ruimte::Anders) => Ok(Plek::Overig),
            (_, Ruimte::Eigen) => Ok(self.child(rond, local)),
            (_, Ruimte::Basis) => Ok(basis_child(rond, local)),
        }
    }

    /// The place of an element in the message's own namespace.
    fn child(self, parent: Plek, local: &str) -> Plek {
        match parent {
            Plek::Bericht => self.in_bericht(local),
            Plek::Header => in_header(local),
            Plek::Declaratie => match local {
                "DeclaratiePeriode" => Plek::DeclaratiePeriode,
                "TotaalIngediendBedrag" => Plek::TotaalIngediend,
                "Clienten" => Plek::Clienten,
                _ => Plek::Overig,
            },
            Plek::Clienten if local == "Client" => Plek::Client,
            Plek::Client => self.in_client(local),
            Plek::Regels if local == self.regel() => Plek::Regel,
            Plek::Regel => self.in_regel(local),
            Plek::Woonplaatsbeginsel if local == "Gemeente" => Plek::Veld(Veld::Gemeente),
            _ => Plek::Overig,
        }
    }

    fn in_bericht(self, local: &str) -> Plek {
        match (self, local) {
            (_, "Header") => Plek::Header,
            (Self::Jw323, "Declaratie") => Plek::Declaratie,
            (Self::Jw319, "Antwoord") => Plek::Regel,
            (Self::Jw319 | Self::Jw323, _) => Plek::Overig,
            (_, "Client") => Plek::Client,
            _ => Plek::Overig,
        }
    }

    fn in_client(self, local: &str) -> Plek {
        match local {
            "Bsn" => Plek::Veld(Veld::Bsn),
            "Geboortedatum" if self.heeft_gegevens() => Plek::Geboortedatum,
            "Geslacht" if self.heeft_gegevens() => Plek::Veld(Veld::Geslacht),
            // The one line of a JW317 is not in a list.
            name if name == self.regel() && self == Self::Jw317 => Plek::Regel,
            name if name == self.regels() => Plek::Regels,
            _ => Plek::Overig,
        }
    }

    fn in_regel(self, local: &str) -> Plek {
        match (self, local) {
            (Self::Jw301 | Self::Jw305 | Self::Jw307, "Product") => Plek::Product,
            (Self::Jw315, "Verwijzer") => Plek::Verwijzer,
            (Self::Jw323, "ProductReferentie") => Plek::ProductReferentie,
            (Self::Jw323, "ProductPeriode") => Plek::ProductPeriode,
            (Self::Jw323, "IngediendBedrag") => Plek::IngediendBedrag,
            (Self::Jw319, "Woonplaatsbeginsel") => Plek::Woonplaatsbeginsel,
            _ => self.veld(local).map_or(Plek::Overig, Plek::Veld),
        }
    }

    fn veld(self, local: &str) -> Option<Veld> {
        Some(match (self, local) {
            (Self::Jw301 | Self::Jw305 | Self::Jw307 | Self::Jw323, "ToewijzingNummer") => Veld::ToewijzingNummer,
            (Self::Jw301 | Self::Jw315 | Self::Jw317 | Self::Jw319, "ReferentieAanbieder") => Veld::Referentie,
            (Self::Jw301, "Toewijzingsdatum") => Veld::Toewijzingsdatum,
            (Self::Jw301, "Toewijzingstijd") => Veld::Toewijzingstijd,
            (Self::Jw301, "Ingangsdatum") | (Self::Jw315, "ToewijzingIngangsdatum") => Veld::Ingangsdatum,
            (Self::Jw301, "RedenWijziging") => Veld::RedenWijziging,
            (Self::Jw305 | Self::Jw307, "Begindatum") => Veld::Begindatum,
            (Self::Jw301 | Self::Jw307, "Einddatum") => Veld::Einddatum,
            (Self::Jw307, "RedenBeeindiging") => Veld::RedenBeeindiging,
            (Self::Jw305 | Self::Jw307, "StatusAanlevering") => Veld::StatusAanlevering,
            (Self::Jw317, "RedenVerzoek") => Veld::RedenVerzoek,
            (Self::Jw319, "VerzoekAntwoord") => Veld::VerzoekAntwoord,
            (Self::Jw319, "RedenAfwijzingVerzoek") => Veld::RedenAfwijzing,
            (Self::Jw323, "ProductCategorie") => Veld::Categorie,
            (Self::Jw323, "ProductCode") => Veld::Productcode,
            (Self::Jw323, "GeleverdVolume") => Veld::Volume,
            (Self::Jw323, "Eenheid") => Veld::Eenheid,
            _ => return None,
        })
    }

    const fn regels(self) -> &'static str {
        match self {
            Self::Jw301 => "ToegewezenProducten",
            Self::Jw305 => "StartProducten",
            Self::Jw307 => "StopProducten",
            Self::Jw315 => "AangevraagdeProducten",
            Self::Jw317 | Self::Jw319 => "",
            Self::Jw323 => "Prestaties",
        }
    }

    const fn regel(self) -> &'static str {
        match self {
            Self::Jw301 => "ToegewezenProduct",
            Self::Jw305 => "StartProduct",
            Self::Jw307 => "StopProduct",
            Self::Jw315 => "AangevraagdProduct",
            Self::Jw317 => "Verzoek",
            Self::Jw319 => "Antwoord",
            Self::Jw323 => "Prestatie",
        }
    }
}

fn in_header(local: &str) -> Plek {
    match local {
        "BerichtIdentificatie" => Plek::BerichtIdentificatie,
        "BerichtCode" => Plek::Veld(Veld::BerichtCode),
        "BerichtVersie" => Plek::Veld(Veld::BerichtVersie),
        "BerichtSubversie" => Plek::Veld(Veld::BerichtSubversie),
        "Afzender" => Plek::Veld(Veld::Afzender),
        "Ontvanger" => Plek::Veld(Veld::Ontvanger),
        _ => Plek::Overig,
    }
}

/// The place of an element in the namespace of the basisschema.
fn basis_child(parent: Plek, local: &str) -> Plek {
    let veld = match (parent, local) {
        (Plek::BerichtIdentificatie, "Identificatie") => Veld::Identificatie,
        (Plek::BerichtIdentificatie, "Dagtekening") => Veld::Dagtekening,
        (Plek::DeclaratiePeriode, "Begindatum") => Veld::DeclaratieBegin,
        (Plek::DeclaratiePeriode, "Einddatum") => Veld::DeclaratieEinde,
        (Plek::TotaalIngediend, "TotaalBedrag") => Veld::Totaal,
        (Plek::TotaalIngediend, "DebetCredit") => Veld::TotaalDebetCredit,
        (Plek::Geboortedatum, "Datum") => Veld::Geboortedatum,
        (Plek::Geboortedatum, "DatumGebruik") => Veld::DatumGebruik,
        (Plek::Product, "Categorie") => Veld::Categorie,
        (Plek::Product, "Code") => Veld::Productcode,
        (Plek::Verwijzer, "Type") => Veld::VerwijzerType,
        (Plek::ProductReferentie, "ReferentieNummer") => Veld::Referentie,
        (Plek::ProductReferentie, "VorigReferentieNummer") => Veld::VorigeReferentie,
        (Plek::ProductPeriode, "Begindatum") => Veld::Begindatum,
        (Plek::ProductPeriode, "Einddatum") => Veld::Einddatum,
        (Plek::IngediendBedrag, "Bedrag") => Veld::Bedrag,
        (Plek::IngediendBedrag, "DebetCredit") => Veld::DebetCredit,
        _ => return Plek::Overig,
    };
    Plek::Veld(veld)
}
