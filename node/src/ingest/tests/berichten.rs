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
    pub(in super::super) regels: String,
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
            regels: String::new(),
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

    pub(in super::super) fn xml(&self) -> String {
        let Self { nummer, identificatie, dagtekening, bsn, geboren, geslacht, regels } = self;
        let (code, afzender, ontvanger, lijst) = match *nummer {
            "301" => ("436", "0014", "12345678", "ToegewezenProducten"),
            "305" => ("438", "12345678", "0014", "StartProducten"),
            _ => ("440", "12345678", "0014", "StopProducten"),
        };
        format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<m:Bericht xmlns:m="http://www.istandaarden.nl/ijw/3_2/jw{nummer}/schema" xmlns:b="http://www.istandaarden.nl/ijw/3_2/basisschema/schema">
<m:Header><m:BerichtCode>{code}</m:BerichtCode><m:BerichtVersie>3</m:BerichtVersie><m:BerichtSubversie>2</m:BerichtSubversie>
<m:Afzender>{afzender}</m:Afzender><m:Ontvanger>{ontvanger}</m:Ontvanger>
<m:BerichtIdentificatie><b:Identificatie>{identificatie}</b:Identificatie><b:Dagtekening>{dagtekening}</b:Dagtekening></m:BerichtIdentificatie>
<m:XsdVersie><b:BasisschemaXsdVersie>1.0.0</b:BasisschemaXsdVersie><b:BerichtXsdVersie>1.0.0</b:BerichtXsdVersie></m:XsdVersie></m:Header>
<m:Client><m:Bsn>{bsn}</m:Bsn><m:Geboortedatum><b:Datum>{geboren}</b:Datum></m:Geboortedatum><m:Geslacht>{geslacht}</m:Geslacht>
<m:Naam><b:Geslachtsnaam><b:Naam>{NAAM} &amp; Zn</b:Naam></b:Geslachtsnaam></m:Naam>
<m:Relaties><m:Relatie><m:Nummer>1</m:Nummer><m:Geboortedatum><b:Datum>1980-01-01</b:Datum></m:Geboortedatum><m:Geslacht>1</m:Geslacht></m:Relatie></m:Relaties>
<m:{lijst}>{regels}</m:{lijst}></m:Client></m:Bericht>"#
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
