//! The part of a message that is about one person: JW301, JW305, JW307, JW315 and JW317.

use std::io;

use jiff::civil::Date;

use super::{
    super::{
        berichten::{Client, Soort},
        dossier::{Dossier, Melding, Toewijzing, Versie, Verzoek, Wijziging},
        persoon::{Kenmerken, Persoon},
    },
    Base, Brief, Own, Sheet, product,
};

impl Brief<'_> {
    pub(super) fn client(&self, sheet: &mut Sheet, client: &Client) -> io::Result<()> {
        let about = self.personen.get(client.persoon).zip(self.dossiers.get(client.persoon));
        let Some((persoon, dossier)) = about else { return Ok(()) };
        sheet.leaf(Own("Bsn"), &persoon.bsn.to_string())?;
        if client.soort == Soort::Wijziging {
            return sheet.group(Own("Verzoek"), |sheet| wijziging(sheet, dossier, client));
        }
        let kenmerken = persoon.vroeger.filter(|_| client.earliest).unwrap_or(persoon.kenmerken);
        sheet.group(Own("Geboortedatum"), |sheet| geboortedatum(sheet, kenmerken))?;
        sheet.leaf(Own("Geslacht"), kenmerken.geslacht.ijw())?;
        sheet.group(Own("Naam"), |sheet| {
            naam(sheet, persoon)?;
            if client.soort == Soort::Toewijzing { sheet.leaf(Base("NaamGebruik"), "1") } else { Ok(()) }
        })?;
        match client.soort {
            Soort::Toewijzing => {
                commentaar(sheet, persoon)?;
                sheet.group(Own("Contactgegevens"), |sheet| contact(sheet, client.persoon))?;
                sheet.group(Own("ToegewezenProducten"), |sheet| toewijzingen(sheet, persoon, dossier, client))
            }
            Soort::Verzoek => {
                sheet.leaf(Own("GezagsdragerBekend"), "1")?;
                commentaar(sheet, persoon)?;
                sheet.group(Own("AangevraagdeProducten"), |sheet| verzoeken(sheet, persoon, dossier, client))
            }
            Soort::Stop => sheet.group(Own("StopProducten"), |sheet| meldingen(sheet, "StopProduct", dossier, client)),
            Soort::Start | Soort::Wijziging => {
                sheet.group(Own("StartProducten"), |sheet| meldingen(sheet, "StartProduct", dossier, client))
            }
        }
    }
}

fn toewijzingen(sheet: &mut Sheet, persoon: &Persoon, dossier: &Dossier, client: &Client) -> io::Result<()> {
    for regel in &client.regels {
        let toewijzing = dossier.toewijzingen.get(regel.positie);
        if let Some((toewijzing, versie)) = toewijzing.and_then(|t| Some((t, t.versies.get(regel.versie)?))) {
            sheet.group(Own("ToegewezenProduct"), |sheet| toegewezen(sheet, toewijzing, versie, persoon))?;
        }
    }
    Ok(())
}

fn meldingen(sheet: &mut Sheet, item: &str, dossier: &Dossier, client: &Client) -> io::Result<()> {
    for melding in client.regels.iter().filter_map(|regel| dossier.meldingen.get(regel.positie)) {
        if let Some(toewijzing) = dossier.toewijzingen.get(melding.toewijzing) {
            sheet.group(Own(item), |sheet| gemeld(sheet, toewijzing, melding))?;
        }
    }
    Ok(())
}

fn verzoeken(sheet: &mut Sheet, persoon: &Persoon, dossier: &Dossier, client: &Client) -> io::Result<()> {
    for verzoek in client.regels.iter().filter_map(|regel| dossier.verzoeken.get(regel.positie)) {
        sheet.group(Own("AangevraagdProduct"), |sheet| aangevraagd(sheet, verzoek, persoon))?;
    }
    Ok(())
}

fn wijziging(sheet: &mut Sheet, dossier: &Dossier, client: &Client) -> io::Result<()> {
    let asked = client.regels.first().and_then(|regel| dossier.wijzigingen.get(regel.positie));
    let Some(wijziging) = asked else { return Ok(()) };
    let toewijzing = dossier.toewijzingen.get(wijziging.toewijzing);
    toewijzing.map_or(Ok(()), |toewijzing| gewijzigd(sheet, toewijzing, wijziging))
}

fn contact(sheet: &mut Sheet, persoon: usize) -> io::Result<()> {
    sheet.group(Own("Contact"), |sheet| {
        sheet.leaf(Own("Soort"), "01")?;
        sheet.group(Own("Adres"), |sheet| {
            let huisnummer = (persoon % 250 + 1).to_string();
            sheet.group(Base("Huis"), |sheet| sheet.leaf(Base("Huisnummer"), &huisnummer))?;
            sheet.leaf(Base("Postcode"), &format!("{:04}ZZ", persoon % 1000))?;
            sheet.leaf(Base("Straatnaam"), "Verzonnen Straat")?;
            sheet.leaf(Base("Plaatsnaam"), "Nergenshuizen")?;
            sheet.leaf(Base("LandCode"), "NL")
        })
    })
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
    let referentie = toewijzing.referentie;
    referentie.map_or(Ok(()), |referentie| sheet.leaf(Own("ReferentieAanbieder"), &referentie.to_string()))?;
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

fn aangevraagd(sheet: &mut Sheet, verzoek: &Verzoek, persoon: &Persoon) -> io::Result<()> {
    sheet.leaf(Own("ReferentieAanbieder"), &verzoek.referentie.to_string())?;
    product(sheet, verzoek.product)?;
    day(sheet, "ToewijzingIngangsdatum", Some(verzoek.ingang))?;
    if verzoek.product.is_none() {
        sheet.leaf(Own("Budget"), "450000")?;
    }
    sheet.group(Own("Verwijzer"), |sheet| {
        sheet.leaf(Base("Type"), verzoek.verwijzer)?;
        if verzoek.verwijzer != "02" {
            return Ok(());
        }
        sheet.leaf(Base("Naam"), "Verzonnen Huisartsenpraktijk")?;
        sheet.leaf(Base("ZorgverlenerCode"), "98000123")
    })?;
    commentaar(sheet, persoon)
}

fn gewijzigd(sheet: &mut Sheet, toewijzing: &Toewijzing, wijziging: &Wijziging) -> io::Result<()> {
    sheet.leaf(Own("ReferentieAanbieder"), &wijziging.referentie.to_string())?;
    sheet.leaf(Own("RedenVerzoek"), "2")?;
    sheet.group(Own("TeWijzigenProducten"), |sheet| {
        sheet.group(Own("TeWijzigenProduct"), |sheet| {
            sheet.leaf(Own("ToewijzingNummer"), &toewijzing.nummer.to_string())?;
            day(sheet, "GewensteIngangsdatum", Some(toewijzing.ingang))?;
            day(sheet, "Einddatum", Some(wijziging.einde))
        })
    })
}

fn day(sheet: &mut Sheet, name: &str, day: Option<Date>) -> io::Result<()> {
    day.map_or(Ok(()), |day| sheet.leaf(Own(name), &day.to_string()))
}
