//! JW323: what an aanbieder declares of a month, of all its clients, with the total.

use std::{collections::BTreeMap, io};

use jiff::civil::Date;

use super::{
    super::dossier::{Dossier, Prestatie, agb},
    Base, Brief, Own, Sheet,
};

impl Brief<'_> {
    pub(super) fn declaratie(&self, sheet: &mut Sheet, maand: Date, regels: &[(usize, usize)]) -> io::Result<()> {
        let mut clients: BTreeMap<usize, Vec<(&Dossier, &Prestatie)>> = BTreeMap::new();
        for (persoon, position) in regels {
            let dossier = self.dossiers.get(*persoon);
            if let Some((dossier, prestatie)) = dossier.and_then(|d| Some((d, d.prestaties.get(*position)?))) {
                clients.entry(*persoon).or_default().push((dossier, prestatie));
            }
        }
        let signed = |prestatie: &Prestatie| match prestatie.crediteert {
            Some(_) => -prestatie.bedrag(),
            None => prestatie.bedrag(),
        };
        let total: i64 = clients.values().flatten().map(|(_, prestatie)| signed(prestatie)).sum();
        sheet.group(Own("Declaratie"), |sheet| {
            let nummer = format!("{}{:04}{:02}", agb(self.bericht.aanbieder) % 1_000_000, maand.year(), maand.month());
            sheet.leaf(Own("DeclaratieNummer"), &nummer)?;
            sheet.group(Own("DeclaratiePeriode"), |sheet| periode(sheet, maand, maand.last_of_month()))?;
            sheet.leaf(Own("DeclaratieDagtekening"), &self.bericht.dagtekening.to_string())?;
            sheet.group(Own("TotaalIngediendBedrag"), |sheet| {
                sheet.leaf(Base("TotaalBedrag"), &total.abs().to_string())?;
                sheet.leaf(Base("DebetCredit"), debet_credit(total < 0))
            })?;
            sheet.group(Own("Clienten"), |sheet| {
                for (persoon, prestaties) in &clients {
                    sheet.group(Own("Client"), |sheet| self.declared(sheet, *persoon, prestaties))?;
                }
                Ok(())
            })
        })
    }

    fn declared(&self, sheet: &mut Sheet, persoon: usize, prestaties: &[(&Dossier, &Prestatie)]) -> io::Result<()> {
        if let Some(persoon) = self.personen.get(persoon) {
            sheet.leaf(Own("Bsn"), &persoon.bsn.to_string())?;
        }
        sheet.group(Own("Prestaties"), |sheet| {
            for (dossier, regel) in prestaties {
                sheet.group(Own("Prestatie"), |sheet| prestatie(sheet, dossier, regel))?;
            }
            Ok(())
        })
    }
}

fn prestatie(sheet: &mut Sheet, dossier: &Dossier, prestatie: &Prestatie) -> io::Result<()> {
    sheet.group(Own("ProductReferentie"), |sheet| {
        sheet.leaf(Base("ReferentieNummer"), &referentie(prestatie.nummer))?;
        prestatie.crediteert.map_or(Ok(()), |nummer| sheet.leaf(Base("VorigReferentieNummer"), &referentie(nummer)))
    })?;
    if let Some(toewijzing) = dossier.toewijzingen.get(prestatie.toewijzing) {
        sheet.leaf(Own("ToewijzingNummer"), &toewijzing.nummer.to_string())?;
    }
    sheet.leaf(Own("ProductCategorie"), prestatie.product.categorie)?;
    sheet.leaf(Own("ProductCode"), &prestatie.product.to_string())?;
    sheet.group(Own("ProductPeriode"), |sheet| periode(sheet, prestatie.begin, prestatie.einde))?;
    sheet.leaf(Own("GeleverdVolume"), &prestatie.volume.to_string())?;
    sheet.leaf(Own("Eenheid"), prestatie.eenheid)?;
    sheet.leaf(Own("ProductTarief"), &prestatie.tarief.to_string())?;
    sheet.group(Own("IngediendBedrag"), |sheet| {
        sheet.leaf(Base("Bedrag"), &prestatie.bedrag().to_string())?;
        sheet.leaf(Base("DebetCredit"), debet_credit(prestatie.crediteert.is_some()))
    })
}

fn periode(sheet: &mut Sheet, begin: Date, einde: Date) -> io::Result<()> {
    sheet.leaf(Base("Begindatum"), &begin.to_string())?;
    sheet.leaf(Base("Einddatum"), &einde.to_string())
}

fn referentie(nummer: u32) -> String {
    format!("PR{nummer:08}")
}

fn debet_credit(credit: bool) -> &'static str {
    if credit { "C" } else { "D" }
}
