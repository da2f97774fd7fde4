//! Writes one message as iJw 3.2 has it, valid against the official schemas. Half of the senders give every element a
//! prefix, the others make the message's namespace the default: both are the same XML.

use std::io;

use drempel_protocols::id::Gemeentecode;

use super::{
    berichten::{Bericht, Client, Inhoud, Soort},
    dossier::{Dossier, Product, agb},
    persoon::Persoon,
};

mod client;
mod declaratie;
mod sheet;

use self::sheet::{Base, Own, Sheet};

/// A message with all that it takes to write it.
pub(super) struct Brief<'a> {
    pub(super) gemeente: Gemeentecode,
    pub(super) identificatie: usize,
    pub(super) bericht: &'a Bericht,
    pub(super) personen: &'a [Persoon],
    pub(super) dossiers: &'a [Dossier],
}

/// The name of the message, by which files are named too.
pub(super) fn name(inhoud: &Inhoud) -> &'static str {
    match inhoud {
        Inhoud::Client(Client { soort, .. }) => match soort {
            Soort::Toewijzing => "jw301",
            Soort::Start => "jw305",
            Soort::Stop => "jw307",
            Soort::Verzoek => "jw315",
            Soort::Wijziging => "jw317",
        },
        Inhoud::Antwoord(..) => "jw319",
        Inhoud::Declaratie { .. } => "jw323",
        Inhoud::Retour { van, .. } => match van {
            Soort::Start => "jw306",
            _ => "jw308",
        },
    }
}

/// COD002-VEKT.
fn berichtcode(name: &str) -> &'static str {
    match name {
        "jw301" => "436",
        "jw305" => "438",
        "jw306" => "439",
        "jw307" => "440",
        "jw308" => "441",
        "jw315" => "446",
        "jw317" => "486",
        "jw319" => "488",
        _ => "490",
    }
}

impl Brief<'_> {
    /// The message as text.
    pub(super) fn write(&self) -> io::Result<Vec<u8>> {
        let prefixed = self.bericht.aanbieder.is_multiple_of(2);
        Sheet::message(name(&self.bericht.inhoud), prefixed, |sheet| {
            sheet.group(Own("Header"), |sheet| self.header(sheet))?;
            match &self.bericht.inhoud {
                Inhoud::Client(client) => sheet.group(Own("Client"), |sheet| self.client(sheet, client)),
                Inhoud::Declaratie { maand, regels } => self.declaratie(sheet, *maand, regels),
                Inhoud::Antwoord(persoon, position) => self.antwoord(sheet, *persoon, *position),
                Inhoud::Retour { .. } => Ok(()),
            }
        })
    }

    fn header(&self, sheet: &mut Sheet) -> io::Result<()> {
        let name = name(&self.bericht.inhoud);
        let (aanbieder, gemeente) = (agb(self.bericht.aanbieder).to_string(), self.gemeente.ijw());
        let by_gemeente = matches!(name, "jw301" | "jw319");
        let (afzender, ontvanger) = if by_gemeente { (&gemeente, &aanbieder) } else { (&aanbieder, &gemeente) };
        // A retour repeats the header of the message that it is about, and adds its own.
        let (identificatie, dagtekening) = match self.bericht.inhoud {
            Inhoud::Retour { identificatie, dagtekening, .. } => (identificatie, dagtekening),
            _ => (self.identificatie, self.bericht.dagtekening),
        };
        sheet.leaf(Own("BerichtCode"), berichtcode(name))?;
        sheet.leaf(Own("BerichtVersie"), "3")?;
        sheet.leaf(Own("BerichtSubversie"), "2")?;
        sheet.leaf(Own("Afzender"), afzender)?;
        sheet.leaf(Own("Ontvanger"), ontvanger)?;
        sheet.group(Own("BerichtIdentificatie"), |sheet| {
            sheet.leaf(Base("Identificatie"), &format!("D{identificatie:010}"))?;
            sheet.leaf(Base("Dagtekening"), &dagtekening.to_string())
        })?;
        xsd_versie(sheet, "XsdVersie")?;
        if matches!(self.bericht.inhoud, Inhoud::Retour { .. }) {
            sheet.leaf(Own("IdentificatieRetour"), &format!("R{:010}", self.identificatie))?;
            sheet.leaf(Own("DagtekeningRetour"), &self.bericht.dagtekening.to_string())?;
            xsd_versie(sheet, "XsdVersieRetour")?;
            sheet.group(Own("RetourCodes"), |sheet| sheet.leaf(Own("RetourCode"), "0200"))?;
        }
        Ok(())
    }

    fn antwoord(&self, sheet: &mut Sheet, persoon: usize, position: usize) -> io::Result<()> {
        let antwoord = self.dossiers.get(persoon).and_then(|dossier| dossier.antwoorden.get(position));
        let Some(antwoord) = antwoord else { return Ok(()) };
        sheet.group(Own("Antwoord"), |sheet| {
            sheet.leaf(Own("ReferentieAanbieder"), &antwoord.referentie.to_string())?;
            sheet.leaf(Own("VerzoekAntwoord"), if antwoord.afgewezen { "1" } else { "2" })?;
            if antwoord.afgewezen { sheet.leaf(Own("RedenAfwijzingVerzoek"), "7") } else { Ok(()) }
        })
    }
}

fn xsd_versie(sheet: &mut Sheet, name: &str) -> io::Result<()> {
    sheet.group(Own(name), |sheet| {
        sheet.leaf(Base("BasisschemaXsdVersie"), "0.1.0")?;
        sheet.leaf(Base("BerichtXsdVersie"), "0.1.0")
    })
}

fn product(sheet: &mut Sheet, product: Option<Product>) -> io::Result<()> {
    let Some(product) = product else { return Ok(()) };
    sheet.group(Own("Product"), |sheet| {
        sheet.leaf(Base("Categorie"), product.categorie)?;
        product.code().map_or(Ok(()), |code| sheet.leaf(Base("Code"), &code.to_string()))
    })
}
