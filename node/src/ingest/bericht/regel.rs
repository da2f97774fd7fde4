//! One line of a message. A line that cannot be used is left out with one finding, the first in the order of the
//! document; the other lines of the message count.

use std::sync::Arc;

use jiff::civil::{Date, Time};

use super::{
    super::{
        bevinding::Bevinding,
        codes::{Categorie, RedenBeeindiging, RedenWijziging},
    },
    Aanlevering, Beeindiging, Geleverd, Levering, Product, Regels, StartProduct, StopProduct, ToegewezenProduct,
    plek::Veld,
    velden::{self, Soort, code, vereist, vul},
};

/// What was read so far of a line of any kind.
#[derive(Default)]
pub(super) struct Regel {
    toewijzing: Option<u32>,
    categorie: Option<Categorie>,
    productcode: Option<Arc<str>>,
    toewijzingsdatum: Option<Date>,
    toewijzingstijd: Option<Time>,
    ingangsdatum: Option<Date>,
    begindatum: Option<Date>,
    einddatum: Option<Date>,
    reden_wijziging: Option<RedenWijziging>,
    reden_beeindiging: Option<RedenBeeindiging>,
    status: Option<Aanlevering>,
    afgekeurd: Option<Bevinding>,
}

impl Regel {
    /// Takes the text of a field.
    pub(super) fn vul(&mut self, veld: Veld, text: &str) {
        let taken = match veld {
            Veld::ToewijzingNummer => vul(&mut self.toewijzing, velden::nummer(text)),
            Veld::Categorie => vul(&mut self.categorie, code(Categorie::from_code(text))),
            Veld::Productcode => vul(&mut self.productcode, velden::tekst(text, 5).map(Into::into)),
            Veld::Toewijzingsdatum => vul(&mut self.toewijzingsdatum, velden::datum(text)),
            Veld::Toewijzingstijd => vul(&mut self.toewijzingstijd, velden::tijd(text)),
            Veld::Ingangsdatum => vul(&mut self.ingangsdatum, velden::datum(text)),
            Veld::Begindatum => vul(&mut self.begindatum, velden::datum(text)),
            Veld::Einddatum => vul(&mut self.einddatum, velden::datum(text)),
            Veld::RedenWijziging => vul(&mut self.reden_wijziging, code(RedenWijziging::from_code(text))),
            Veld::RedenBeeindiging => vul(&mut self.reden_beeindiging, code(RedenBeeindiging::from_code(text))),
            Veld::StatusAanlevering => vul(&mut self.status, status(text)),
            _ => Ok(()),
        };
        if let Err(bevinding) = taken {
            self.afgekeurd.get_or_insert(bevinding);
        }
    }

    /// Adds the line to the others of its kind.
    pub(super) fn add_to(self, regels: &mut Regels) -> Result<(), Bevinding> {
        if let Some(bevinding) = self.afgekeurd {
            return Err(bevinding);
        }
        match regels {
            Regels::Toegewezen(regels) => regels.push(ToegewezenProduct {
                datum: vereist(self.toewijzingsdatum)?,
                tijd: vereist(self.toewijzingstijd)?,
                nummer: vereist(self.toewijzing)?,
                ingangsdatum: vereist(self.ingangsdatum)?,
                einddatum: self.einddatum,
                reden: self.reden_wijziging,
                product: self.product()?,
            }),
            Regels::Gestart(regels) => {
                regels.push(StartProduct { status: vereist(self.status)?, levering: self.levering()? });
            }
            Regels::Gestopt(regels) => regels.push(StopProduct {
                status: vereist(self.status)?,
                beeindiging: Beeindiging {
                    einddatum: vereist(self.einddatum)?,
                    reden: vereist(self.reden_beeindiging)?,
                    levering: self.levering()?,
                },
            }),
        }
        Ok(())
    }

    fn product(self) -> Result<Option<Product>, Bevinding> {
        match (self.categorie, self.productcode) {
            (Some(categorie), code) => Ok(Some(Product { categorie, code })),
            (None, None) => Ok(None),
            (None, Some(_)) => Err(Bevinding::NietVolgensSchema),
        }
    }

    fn levering(self) -> Result<Levering, Bevinding> {
        let begindatum = vereist(self.begindatum)?;
        let toewijzing = self.toewijzing;
        let product = self.product()?;
        if toewijzing.is_none() && product.is_none() {
            return Err(Bevinding::ProductOntbreekt);
        }
        Ok(Levering { wat: Geleverd { toewijzing, product }, begindatum })
    }
}

impl Regels {
    /// No line yet of a message of this kind.
    pub(super) const fn none(soort: Soort) -> Self {
        match soort {
            Soort::Jw301 => Self::Toegewezen(Vec::new()),
            Soort::Jw305 => Self::Gestart(Vec::new()),
            Soort::Jw307 => Self::Gestopt(Vec::new()),
        }
    }

    /// Whether no line can be used.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        match self {
            Self::Toegewezen(regels) => regels.is_empty(),
            Self::Gestart(regels) => regels.is_empty(),
            Self::Gestopt(regels) => regels.is_empty(),
        }
    }
}

fn status(text: &str) -> Result<Aanlevering, Bevinding> {
    match text {
        "1" => Ok(Aanlevering::Eerste),
        "3" => Ok(Aanlevering::Verwijderen),
        "2" | "9" => Err(Bevinding::StatusNietToegestaan),
        _ => Err(Bevinding::OnbekendeCode),
    }
}
