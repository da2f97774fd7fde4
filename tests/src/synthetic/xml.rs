//! Writes one message as iJw 3.2 has it: JW301, JW305 or JW307, valid against the official schemas. Half of the senders
//! give every element a prefix, the others make the message's namespace the default: both are the same XML.

use std::io;

use drempel_protocols::id::Gemeentecode;
use jiff::civil::Date;
use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};

use super::{
    berichten::{Bericht, Inhoud},
    dossier::{Dossier, Melding, Product, Toewijzing, Versie},
    persoon::{Kenmerken, Persoon},
};

/// A message with all that it takes to write it.
pub(super) struct Brief<'a> {
    pub(super) gemeente: Gemeentecode,
    pub(super) identificatie: usize,
    pub(super) bericht: &'a Bericht,
    pub(super) persoon: &'a Persoon,
    pub(super) dossier: &'a Dossier,
}

/// The name of the message, by which files are named too.
pub(super) fn name(inhoud: &Inhoud) -> &'static str {
    match inhoud {
        Inhoud::Toewijzingen(_) => "jw301",
        Inhoud::Starts(_) => "jw305",
        Inhoud::Stops(_) => "jw307",
    }
}

impl Brief<'_> {
    /// The message as text.
    pub(super) fn write(&self) -> io::Result<Vec<u8>> {
        let name = name(&self.bericht.inhoud);
        let prefixed = self.bericht.aanbieder.is_multiple_of(2);
        let own = if prefixed { format!("{name}:") } else { String::new() };
        let mut sheet = Sheet { writer: Writer::new(Vec::with_capacity(4096)), own };
        sheet.writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let root = format!("{}Bericht", sheet.own);
        let mut start = BytesStart::new(root.as_str());
        let attribute = if prefixed { format!("xmlns:{name}") } else { "xmlns".to_owned() };
        start.push_attribute((attribute.as_str(), format!("{NAMESPACE}/{name}/schema").as_str()));
        start.push_attribute(("xmlns:ijw", format!("{NAMESPACE}/basisschema/schema").as_str()));
        sheet.writer.write_event(Event::Start(start))?;
        sheet.group(Own("Header"), |sheet| self.header(sheet))?;
        sheet.group(Own("Client"), |sheet| self.client(sheet))?;
        sheet.writer.write_event(Event::End(BytesEnd::new(root.as_str())))?;
        Ok(sheet.writer.into_inner())
    }

    fn header(&self, sheet: &mut Sheet) -> io::Result<()> {
        // Synthetic AGB codes: 99 is no kind of care.
        let aanbieder = format!("99{:06}", 1000 + self.bericht.aanbieder);
        let gemeente = self.gemeente.ijw();
        let (code, afzender, ontvanger) = match self.bericht.inhoud {
            Inhoud::Toewijzingen(_) => ("436", &gemeente, &aanbieder),
            Inhoud::Starts(_) => ("438", &aanbieder, &gemeente),
            Inhoud::Stops(_) => ("440", &aanbieder, &gemeente),
        };
        sheet.leaf(Own("BerichtCode"), code)?;
        sheet.leaf(Own("BerichtVersie"), "3")?;
        sheet.leaf(Own("BerichtSubversie"), "2")?;
        sheet.leaf(Own("Afzender"), afzender)?;
        sheet.leaf(Own("Ontvanger"), ontvanger)?;
        sheet.group(Own("BerichtIdentificatie"), |sheet| {
            sheet.leaf(Base("Identificatie"), &format!("D{:010}", self.identificatie))?;
            sheet.leaf(Base("Dagtekening"), &self.bericht.dagtekening.to_string())
        })?;
        sheet.group(Own("XsdVersie"), |sheet| {
            sheet.leaf(Base("BasisschemaXsdVersie"), "0.1.0")?;
            sheet.leaf(Base("BerichtXsdVersie"), "0.1.0")
        })
    }

    fn client(&self, sheet: &mut Sheet) -> io::Result<()> {
        let persoon = self.persoon;
        let kenmerken = persoon.vroeger.filter(|_| self.bericht.earliest).unwrap_or(persoon.kenmerken);
        sheet.leaf(Own("Bsn"), &persoon.bsn.to_string())?;
        sheet.group(Own("Geboortedatum"), |sheet| geboortedatum(sheet, kenmerken))?;
        sheet.leaf(Own("Geslacht"), kenmerken.geslacht.ijw())?;
        let dossier = self.dossier;
        match &self.bericht.inhoud {
            Inhoud::Toewijzingen(held) => {
                sheet.group(Own("Naam"), |sheet| {
                    naam(sheet, persoon)?;
                    sheet.leaf(Base("NaamGebruik"), "1")
                })?;
                commentaar(sheet, persoon)?;
                sheet.group(Own("Contactgegevens"), |sheet| self.contact(sheet))?;
                sheet.group(Own("ToegewezenProducten"), |sheet| {
                    for (position, number) in held {
                        let toewijzing = dossier.toewijzingen.get(*position);
                        if let Some((toewijzing, versie)) = toewijzing.and_then(|t| Some((t, t.versies.get(*number)?)))
                        {
                            sheet.group(Own("ToegewezenProduct"), |s| toegewezen(s, toewijzing, versie, persoon))?;
                        }
                    }
                    Ok(())
                })
            }
            Inhoud::Starts(positions) => {
                sheet.group(Own("Naam"), |sheet| naam(sheet, persoon))?;
                self.meldingen(sheet, "StartProducten", "StartProduct", positions)
            }
            Inhoud::Stops(positions) => {
                sheet.group(Own("Naam"), |sheet| naam(sheet, persoon))?;
                self.meldingen(sheet, "StopProducten", "StopProduct", positions)
            }
        }
    }

    fn contact(&self, sheet: &mut Sheet) -> io::Result<()> {
        sheet.group(Own("Contact"), |sheet| {
            sheet.leaf(Own("Soort"), "01")?;
            sheet.group(Own("Adres"), |sheet| {
                let huisnummer = (self.bericht.persoon % 250 + 1).to_string();
                sheet.group(Base("Huis"), |sheet| sheet.leaf(Base("Huisnummer"), &huisnummer))?;
                sheet.leaf(Base("Postcode"), &format!("{:04}ZZ", self.bericht.persoon % 1000))?;
                sheet.leaf(Base("Straatnaam"), "Verzonnen Straat")?;
                sheet.leaf(Base("Plaatsnaam"), "Nergenshuizen")?;
                sheet.leaf(Base("LandCode"), "NL")
            })
        })
    }

    fn meldingen(&self, sheet: &mut Sheet, list: &str, item: &str, positions: &[usize]) -> io::Result<()> {
        sheet.group(Own(list), |sheet| {
            for melding in positions.iter().filter_map(|position| self.dossier.meldingen.get(*position)) {
                if let Some(toewijzing) = self.dossier.toewijzingen.get(melding.toewijzing) {
                    sheet.group(Own(item), |sheet| gemeld(sheet, toewijzing, melding))?;
                }
            }
            Ok(())
        })
    }
}

fn geboortedatum(sheet: &mut Sheet, kenmerken: Kenmerken) -> io::Result<()> {
    sheet.leaf(Base("Datum"), &kenmerken.geboortedatum.to_string())?;
    kenmerken.datum_gebruik.map_or(Ok(()), |gebruik| sheet.leaf(Base("DatumGebruik"), gebruik.ijw()))
}

fn naam(sheet: &mut Sheet, persoon: &Persoon) -> io::Result<()> {
    sheet.group(Base("Geslachtsnaam"), |sheet| {
        sheet.leaf(Base("Achternaam"), &persoon.achternaam)?;
        persoon.voorvoegsel.map_or(Ok(()), |voorvoegsel| sheet.leaf(Base("Voorvoegsel"), voorvoegsel))
    })?;
    sheet.leaf(Base("Voornamen"), &persoon.voornamen)
}

fn commentaar(sheet: &mut Sheet, persoon: &Persoon) -> io::Result<()> {
    persoon.commentaar.as_deref().map_or(Ok(()), |text| sheet.leaf(Own("Commentaar"), text))
}

fn toegewezen(sheet: &mut Sheet, toewijzing: &Toewijzing, versie: &Versie, persoon: &Persoon) -> io::Result<()> {
    sheet.leaf(Own("ToewijzingNummer"), &toewijzing.nummer.to_string())?;
    product(sheet, toewijzing.product)?;
    sheet.leaf(Own("Toewijzingsdatum"), &versie.vastgesteld.date().to_string())?;
    sheet.leaf(Own("Toewijzingstijd"), &versie.vastgesteld.time().to_string())?;
    sheet.leaf(Own("Ingangsdatum"), &toewijzing.ingang.to_string())?;
    day(sheet, "Einddatum", versie.einde)?;
    versie.reden_wijziging.map_or(Ok(()), |reden| sheet.leaf(Own("RedenWijziging"), reden))?;
    if toewijzing.product.is_none() {
        sheet.leaf(Own("Budget"), "450000")?;
    }
    commentaar(sheet, persoon)
}

fn gemeld(sheet: &mut Sheet, toewijzing: &Toewijzing, melding: &Melding) -> io::Result<()> {
    sheet.leaf(Own("ToewijzingNummer"), &toewijzing.nummer.to_string())?;
    product(sheet, melding.product)?;
    day(sheet, "ToewijzingIngangsdatum", Some(toewijzing.ingang))?;
    day(sheet, "Begindatum", Some(melding.begin))?;
    if let Some(stop) = melding.stop {
        sheet.leaf(Own("RedenBeeindiging"), stop.reden)?;
        day(sheet, "Einddatum", Some(stop.dag))?;
    }
    sheet.leaf(Own("StatusAanlevering"), if melding.verwijdert { "3" } else { "1" })
}

fn product(sheet: &mut Sheet, product: Option<Product>) -> io::Result<()> {
    let Some(product) = product else { return Ok(()) };
    sheet.group(Own("Product"), |sheet| {
        sheet.leaf(Base("Categorie"), product.categorie)?;
        product.nummer.map_or(Ok(()), |number| sheet.leaf(Base("Code"), &format!("{}A{number:02}", product.categorie)))
    })
}

fn day(sheet: &mut Sheet, name: &str, day: Option<Date>) -> io::Result<()> {
    day.map_or(Ok(()), |day| sheet.leaf(Own(name), &day.to_string()))
}

const NAMESPACE: &str = "http://www.istandaarden.nl/ijw/3_2";

/// An element of the message's own namespace or of the basisschema's.
#[derive(Clone, Copy)]
enum Name<'a> {
    Own(&'a str),
    Base(&'a str),
}
use Name::{Base, Own};

struct Sheet {
    writer: Writer<Vec<u8>>,
    /// The prefix of the message's own namespace with its colon, or nothing.
    own: String,
}

impl Sheet {
    fn qualified(&self, name: Name<'_>) -> String {
        match name {
            Own(local) => format!("{}{local}", self.own),
            Base(local) => format!("ijw:{local}"),
        }
    }

    fn group(&mut self, name: Name<'_>, inner: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<()> {
        let name = self.qualified(name);
        self.writer.write_event(Event::Start(BytesStart::new(name.as_str())))?;
        inner(self)?;
        self.writer.write_event(Event::End(BytesEnd::new(name.as_str())))
    }

    fn leaf(&mut self, name: Name<'_>, text: &str) -> io::Result<()> {
        self.group(name, |sheet| sheet.writer.write_event(Event::Text(BytesText::new(text))))
    }
}
