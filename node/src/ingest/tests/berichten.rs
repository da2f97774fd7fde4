//! Small iJw messages, with every element of the schema that an import must pass over.

use std::fmt::Write as _;

pub(in super::super) const KIND: &str = "999900006";
pub(in super::super) const ANDER_KIND: &str = "999999990";
pub(in super::super) const NAAM: &str = "Geheimnaam";
pub(in super::super) const GEBOREN: &str = "2012-03-04";

/// A message of gemeente 0014, to be changed by its fields and by replacing text.
#[derive(Clone, Debug)]
pub(in super::super) struct Brief {
    pub(in super::super) nummer: &'static str,
    pub(in super::super) identificatie: String,
    pub(in super::super) dagtekening: String,
    pub(in super::super) bsn: String,
    pub(in super::super) geboren: String,
    pub(in super::super) geslacht: &'static str,
    pub(in super::super) aanbieder: String,
    pub(in super::super) regels: String,
    saldo: i64,
}

impl Brief {
    fn new(nummer: &'static str, identificatie: &str, dagtekening: &str) -> Self {
        Self {
            nummer,
            identificatie: identificatie.to_owned(),
            dagtekening: dagtekening.to_owned(),
            bsn: KIND.to_owned(),
            geboren: GEBOREN.to_owned(),
            geslacht: "2",
            aanbieder: "12345678".to_owned(),
            regels: String::new(),
            saldo: 0,
        }
    }

    pub(in super::super) fn jw301(identificatie: &str, dagtekening: &str) -> Self {
        Self::new("301", identificatie, dagtekening)
    }

    pub(in super::super) fn jw305(identificatie: &str, dagtekening: &str) -> Self {
        Self::new("305", identificatie, dagtekening)
    }

    pub(in super::super) fn jw307(identificatie: &str, dagtekening: &str) -> Self {
        Self::new("307", identificatie, dagtekening)
    }

    pub(in super::super) fn jw315(identificatie: &str, dagtekening: &str) -> Self {
        Self::new("315", identificatie, dagtekening)
    }

    /// Of March 2024.
    pub(in super::super) fn jw323(identificatie: &str, dagtekening: &str) -> Self {
        Self::new("323", identificatie, dagtekening)
    }

    pub(in super::super) fn bsn(mut self, bsn: &str) -> Self {
        bsn.clone_into(&mut self.bsn);
        self
    }

    /// A ToegewezenProduct; `reden` empty for none.
    pub(in super::super) fn toewijzing(mut self, nummer: u32, product: &str, moment: &str, reden: &str) -> Self {
        let (datum, tijd) = moment.split_once(' ').unwrap();
        let reden = element("RedenWijziging", reden);
        write!(
            self.regels,
            "<m:ToegewezenProduct><m:ToewijzingNummer>{nummer}</m:ToewijzingNummer>{}\
             <m:Toewijzingsdatum>{datum}</m:Toewijzingsdatum><m:Toewijzingstijd>{tijd}</m:Toewijzingstijd>\
             <m:Ingangsdatum>2024-01-01</m:Ingangsdatum>{reden}<m:Commentaar>{NAAM} kent {KIND}</m:Commentaar>\
             </m:ToegewezenProduct>",
            inhoud(product)
        )
        .unwrap();
        self
    }

    /// A StartProduct; `nummer` and `product` empty for none.
    pub(in super::super) fn start(mut self, nummer: &str, product: &str, begin: &str, status: &str) -> Self {
        write!(
            self.regels,
            "<m:StartProduct>{}{}<m:Begindatum>{begin}</m:Begindatum>\
             <m:StatusAanlevering>{status}</m:StatusAanlevering></m:StartProduct>",
            element("ToewijzingNummer", nummer),
            inhoud(product)
        )
        .unwrap();
        self
    }

    /// A StopProduct; `einde` is reden and einddatum.
    pub(in super::super) fn stop(
        mut self,
        nummer: &str,
        product: &str,
        begin: &str,
        einde: (&str, &str),
        status: &str,
    ) -> Self {
        write!(
            self.regels,
            "<m:StopProduct>{}{}<m:Begindatum>{begin}</m:Begindatum><m:RedenBeeindiging>{}</m:RedenBeeindiging>\
             <m:Einddatum>{}</m:Einddatum><m:StatusAanlevering>{status}</m:StatusAanlevering></m:StopProduct>",
            element("ToewijzingNummer", nummer),
            inhoud(product),
            einde.0,
            einde.1
        )
        .unwrap();
        self
    }

    /// An AangevraagdProduct.
    pub(in super::super) fn verzoek(mut self, referentie: &str, verwijzer: &str) -> Self {
        write!(
            self.regels,
            "<m:AangevraagdProduct><m:ReferentieAanbieder>{referentie}</m:ReferentieAanbieder>\
             <m:ToewijzingIngangsdatum>2024-01-01</m:ToewijzingIngangsdatum><m:Verwijzer><b:Type>{verwijzer}</b:Type>\
             <b:Naam>{NAAM}</b:Naam></m:Verwijzer></m:AangevraagdProduct>"
        )
        .unwrap();
        self
    }

    /// A Prestatie of a whole month, `2024-03`; `vorige` empty for none.
    pub(in super::super) fn prestatie(
        mut self,
        referentie: &str,
        vorige: &str,
        toewijzing: u32,
        maand: &str,
        bedrag: u32,
        debet_credit: &str,
    ) -> Self {
        let first: jiff::civil::Date = format!("{maand}-01").parse().unwrap();
        let vorige = match vorige {
            "" => String::new(),
            vorige => format!("<b:VorigReferentieNummer>{vorige}</b:VorigReferentieNummer>"),
        };
        self.saldo += if debet_credit == "D" { i64::from(bedrag) } else { -i64::from(bedrag) };
        write!(
            self.regels,
            "<m:Prestatie><m:ProductReferentie><b:ReferentieNummer>{referentie}</b:ReferentieNummer>{vorige}\
             </m:ProductReferentie><m:ToewijzingNummer>{toewijzing}</m:ToewijzingNummer>\
             <m:ProductCategorie>45</m:ProductCategorie><m:ProductCode>45A04</m:ProductCode>\
             <m:ProductPeriode><b:Begindatum>{first}</b:Begindatum><b:Einddatum>{}</b:Einddatum></m:ProductPeriode>\
             <m:GeleverdVolume>3</m:GeleverdVolume><m:Eenheid>04</m:Eenheid><m:IngediendBedrag>\
             <b:Bedrag>{bedrag}</b:Bedrag><b:DebetCredit>{debet_credit}</b:DebetCredit></m:IngediendBedrag></m:Prestatie>",
            first.last_of_month()
        )
        .unwrap();
        self
    }

    fn declaratie(&self) -> String {
        let Self { bsn, regels, saldo, .. } = self;
        let debet_credit = if *saldo < 0 { "C" } else { "D" };
        format!(
            "<m:Declaratie><m:DeclaratieNummer>1</m:DeclaratieNummer><m:DeclaratiePeriode>\
             <b:Begindatum>2024-03-01</b:Begindatum><b:Einddatum>2024-03-31</b:Einddatum></m:DeclaratiePeriode>\
             <m:DeclaratieDagtekening>2024-04-01</m:DeclaratieDagtekening><m:TotaalIngediendBedrag>\
             <b:TotaalBedrag>{}</b:TotaalBedrag><b:DebetCredit>{debet_credit}</b:DebetCredit></m:TotaalIngediendBedrag>\
             <m:Clienten><m:Client><m:Bsn>{bsn}</m:Bsn><m:Prestaties>{regels}</m:Prestaties></m:Client></m:Clienten>\
             </m:Declaratie>",
            saldo.unsigned_abs()
        )
    }

    fn client(&self, lijst: &str) -> String {
        let Self { bsn, geboren, geslacht, regels, .. } = self;
        format!(
            "<m:Client><m:Bsn>{bsn}</m:Bsn><m:Geboortedatum><b:Datum>{geboren}</b:Datum></m:Geboortedatum>\
             <m:Geslacht>{geslacht}</m:Geslacht>\n\
             <m:Naam><b:Geslachtsnaam><b:Naam>{NAAM} &amp; Zn</b:Naam></b:Geslachtsnaam></m:Naam>\n\
             <m:Relaties><m:Relatie><m:Nummer>1</m:Nummer><m:Geboortedatum><b:Datum>1980-01-01</b:Datum></m:Geboortedatum>\
             <m:Geslacht>1</m:Geslacht></m:Relatie></m:Relaties>\n\
             <m:{lijst}>{regels}</m:{lijst}></m:Client>"
        )
    }

    pub(in super::super) fn xml(&self) -> String {
        let Self { nummer, identificatie, dagtekening, aanbieder, .. } = self;
        let aanbieder = aanbieder.as_str();
        let (code, afzender, ontvanger, inhoud) = match *nummer {
            "301" => ("436", "0014", aanbieder, self.client("ToegewezenProducten")),
            "305" => ("438", aanbieder, "0014", self.client("StartProducten")),
            "315" => ("446", aanbieder, "0014", self.client("AangevraagdeProducten")),
            "323" => ("490", aanbieder, "0014", self.declaratie()),
            _ => ("440", aanbieder, "0014", self.client("StopProducten")),
        };
        format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<m:Bericht xmlns:m="http://www.istandaarden.nl/ijw/3_2/jw{nummer}/schema" xmlns:b="http://www.istandaarden.nl/ijw/3_2/basisschema/schema">
<m:Header><m:BerichtCode>{code}</m:BerichtCode><m:BerichtVersie>3</m:BerichtVersie><m:BerichtSubversie>2</m:BerichtSubversie>
<m:Afzender>{afzender}</m:Afzender><m:Ontvanger>{ontvanger}</m:Ontvanger>
<m:BerichtIdentificatie><b:Identificatie>{identificatie}</b:Identificatie><b:Dagtekening>{dagtekening}</b:Dagtekening></m:BerichtIdentificatie>
<m:XsdVersie><b:BasisschemaXsdVersie>1.0.0</b:BasisschemaXsdVersie><b:BerichtXsdVersie>1.0.0</b:BerichtXsdVersie></m:XsdVersie></m:Header>
{inhoud}</m:Bericht>"#
        )
    }
}

fn element(name: &str, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("<m:{name}>{text}</m:{name}>") }
}

/// `45` or `45/45A04`, as Product.
fn inhoud(product: &str) -> String {
    match product.split_once('/') {
        _ if product.is_empty() => String::new(),
        None => format!("<m:Product><b:Categorie>{product}</b:Categorie></m:Product>"),
        Some((categorie, code)) => {
            format!("<m:Product><b:Categorie>{categorie}</b:Categorie><b:Code>{code}</b:Code></m:Product>")
        }
    }
}
