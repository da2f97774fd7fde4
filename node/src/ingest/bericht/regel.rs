//! One line of a message. A line that cannot be used is left out with one finding, the first in the order of the
//! document; the other lines of the message count.

use compact_str::CompactString;
use jiff::civil::{Date, Time};

use super::{
    super::{
        bevinding::Bevinding,
        codes::{
            Categorie, DebetCredit, Eenheid, RedenAfwijzing, RedenBeeindiging, RedenVerzoek, RedenWijziging, Verwijzer,
            VerzoekAntwoord,
        },
    },
    Aanlevering, Beeindiging, Geleverd, Levering, Prestatie, Product, Soort, Toewijzing, Uitspraak, Verzoek,
    declaratie::FIRST_YEAR,
    plek::Veld,
    velden::{self, code, vereist, vul},
};

/// What was read so far of a line of any kind.
#[derive(Default)]
pub(super) struct Regel {
    toewijzing: Option<u32>,
    categorie: Option<Categorie>,
    productcode: Option<CompactString>,
    toewijzingsdatum: Option<Date>,
    toewijzingstijd: Option<Time>,
    ingangsdatum: Option<Date>,
    begindatum: Option<Date>,
    einddatum: Option<Date>,
    reden_wijziging: Option<RedenWijziging>,
    reden_beeindiging: Option<RedenBeeindiging>,
    reden_verzoek: Option<RedenVerzoek>,
    reden_afwijzing: Option<RedenAfwijzing>,
    antwoord: Option<VerzoekAntwoord>,
    gemeente: Option<()>,
    status: Option<Aanlevering>,
    referentie: Option<CompactString>,
    vorige: Option<CompactString>,
    verwijzer: Option<Verwijzer>,
    volume: Option<u32>,
    eenheid: Option<Eenheid>,
    bedrag: Option<u32>,
    debet_credit: Option<DebetCredit>,
    afgekeurd: Option<Bevinding>,
}

/// A line as it is used.
pub(super) enum Gelezen {
    /// A fact about the client.
    Uitspraak(Uitspraak),
    /// A request for a change, which is counted.
    Wijzigingsverzoek,
    /// An answer to a request, which is counted, with what is the matter with it.
    Antwoord(VerzoekAntwoord, Option<Bevinding>),
}

impl Regel {
    /// Takes the text of a field.
    pub(super) fn vul(&mut self, soort: Soort, veld: Veld, text: &str) {
        let taken = match veld {
            Veld::ToewijzingNummer => vul(&mut self.toewijzing, velden::nummer(text)),
            Veld::Categorie => vul(&mut self.categorie, code(Categorie::from_code(text))),
            Veld::Productcode => vul(&mut self.productcode, velden::tekst(text, 5)),
            Veld::Toewijzingsdatum => vul(&mut self.toewijzingsdatum, velden::datum(text)),
            Veld::Toewijzingstijd => vul(&mut self.toewijzingstijd, velden::tijd(text)),
            Veld::Ingangsdatum => vul(&mut self.ingangsdatum, velden::datum(text)),
            Veld::Begindatum => vul(&mut self.begindatum, velden::datum(text)),
            Veld::Einddatum => vul(&mut self.einddatum, velden::datum(text)),
            Veld::RedenWijziging => vul(&mut self.reden_wijziging, code(RedenWijziging::from_code(text))),
            Veld::RedenBeeindiging => vul(&mut self.reden_beeindiging, code(RedenBeeindiging::from_code(text))),
            Veld::RedenVerzoek => vul(&mut self.reden_verzoek, code(RedenVerzoek::from_code(text))),
            Veld::RedenAfwijzing => vul(&mut self.reden_afwijzing, code(RedenAfwijzing::from_code(text))),
            Veld::VerzoekAntwoord => vul(&mut self.antwoord, code(VerzoekAntwoord::from_code(text))),
            Veld::Gemeente => vul(&mut self.gemeente, velden::gemeente(text).map(|_| ())),
            Veld::StatusAanlevering => vul(&mut self.status, velden::status(text)),
            Veld::Referentie => vul(&mut self.referentie, velden::tekst(text, longest_reference(soort))),
            Veld::VorigeReferentie => vul(&mut self.vorige, velden::tekst(text, longest_reference(soort))),
            Veld::VerwijzerType => vul(&mut self.verwijzer, code(Verwijzer::from_code(text))),
            Veld::Volume => vul(&mut self.volume, velden::bedrag(text)),
            Veld::Eenheid => vul(&mut self.eenheid, code(Eenheid::from_code(text))),
            Veld::Bedrag => vul(&mut self.bedrag, velden::bedrag(text)),
            Veld::DebetCredit => vul(&mut self.debet_credit, code(DebetCredit::from_code(text))),
            _ => Ok(()),
        };
        if let Err(bevinding) = taken {
            self.afgekeurd.get_or_insert(bevinding);
        }
    }

    /// The line as a value of its kind. `aanbieder` is the receiver of a JW301.
    pub(super) fn finish(&mut self, soort: Soort, aanbieder: u32) -> Result<Gelezen, Bevinding> {
        if let Some(bevinding) = self.afgekeurd {
            return Err(bevinding);
        }
        Ok(Gelezen::Uitspraak(match soort {
            Soort::Jw301 => Uitspraak::Toewijzing(self.toewijzing(aanbieder)?),
            Soort::Jw305 => {
                let status = vereist(self.status)?;
                Uitspraak::Start(self.levering()?, status)
            }
            Soort::Jw307 => {
                let (status, einddatum) = (vereist(self.status)?, vereist(self.einddatum)?);
                let reden = vereist(self.reden_beeindiging)?;
                Uitspraak::Stop(Beeindiging { einddatum, reden, levering: self.levering()? }, status)
            }
            Soort::Jw315 => Uitspraak::Verzoek(Verzoek {
                referentie: vereist(self.referentie.take())?,
                verwijzer: vereist(self.verwijzer)?,
                ingangsdatum: vereist(self.ingangsdatum)?,
            }),
            Soort::Jw317 => {
                vereist(self.referentie.take())?;
                vereist(self.reden_verzoek)?;
                return Ok(Gelezen::Wijzigingsverzoek);
            }
            Soort::Jw319 => return self.antwoord(),
            Soort::Jw323 => Uitspraak::Prestatie(self.prestatie()?),
        }))
    }

    fn toewijzing(&mut self, aanbieder: u32) -> Result<Toewijzing, Bevinding> {
        // CS336: the administrative correction of old is not to be used.
        if self.reden_wijziging == Some(RedenWijziging::R01) {
            return Err(Bevinding::RedenNietToegestaan);
        }
        Ok(Toewijzing {
            nummer: vereist(self.toewijzing)?,
            datum: vereist(self.toewijzingsdatum)?,
            tijd: vereist(self.toewijzingstijd)?,
            ingangsdatum: vereist(self.ingangsdatum)?,
            einddatum: self.einddatum,
            reden: self.reden_wijziging,
            aanbieder,
            product: product(self.categorie, self.productcode.take())?,
            referentie: self.referentie.take(),
        })
    }

    fn levering(&mut self) -> Result<Levering, Bevinding> {
        let begindatum = vereist(self.begindatum)?;
        let (toewijzing, product) = (self.toewijzing, product(self.categorie, self.productcode.take())?);
        if toewijzing.is_none() && product.is_none() {
            return Err(Bevinding::ProductOntbreekt);
        }
        Ok(Levering { wat: Geleverd { toewijzing, product }, begindatum })
    }

    fn antwoord(&mut self) -> Result<Gelezen, Bevinding> {
        vereist(self.referentie.take())?;
        let antwoord = vereist(self.antwoord)?;
        // OP359: who rejects for the woonplaatsbeginsel names the gemeente that pays.
        let nameless = self.reden_afwijzing == Some(RedenAfwijzing::Woonplaatsbeginsel) && self.gemeente.is_none();
        Ok(Gelezen::Antwoord(antwoord, nameless.then_some(Bevinding::WoonplaatsZonderGemeente)))
    }

    fn prestatie(&mut self) -> Result<Prestatie, Bevinding> {
        let (begin, einde) = (vereist(self.begindatum)?, vereist(self.einddatum)?);
        // CS337, OP367: within one calendar month; CS100: of 2021 or later.
        if einde < begin || begin.first_of_month() != einde.first_of_month() || begin.year() < FIRST_YEAR {
            return Err(Bevinding::PeriodeOngeldig);
        }
        let (bedrag, debet_credit) = (vereist(self.bedrag)?, vereist(self.debet_credit)?);
        let (volume, eenheid) = (vereist(self.volume)?, vereist(self.eenheid)?);
        // CS325: nothing is not a credit; CS339: what is counted in euros is the amount.
        if (bedrag == 0 && debet_credit == DebetCredit::Credit) || (eenheid == Eenheid::Euros && volume != bedrag) {
            return Err(Bevinding::BedragOngeldig);
        }
        Ok(Prestatie {
            referentie: vereist(self.referentie.take())?,
            vorige: self.vorige.take(),
            toewijzing: vereist(self.toewijzing)?,
            categorie: vereist(self.categorie)?,
            code: vereist(self.productcode.take())?,
            begin,
            einde,
            bedrag,
            debet_credit,
        })
    }
}

fn product(categorie: Option<Categorie>, code: Option<CompactString>) -> Result<Option<Product>, Bevinding> {
    match (categorie, code) {
        (Some(categorie), code) => Ok(Some(Product { categorie, code })),
        (None, None) => Ok(None),
        (None, Some(_)) => Err(Bevinding::NietVolgensSchema),
    }
}

/// LDT_ReferentieNummer and LDT_Referentie.
const fn longest_reference(soort: Soort) -> usize {
    match soort {
        Soort::Jw323 => 20,
        _ => 36,
    }
}
