//! The header and the client of a message. A message of another gemeente, of another version or with a BSN that nobody
//! has is refused whole: nothing in it could be counted for the right person in the right gemeente.

use drempel_protocols::id::Gemeentecode;
use jiff::civil::Date;

use super::{
    super::{
        bevinding::Bevinding,
        bsn::Bsn,
        codes::{DatumGebruik, Geslacht},
    },
    BerichtId, Client, Header, Persoonsgegevens,
    plek::Veld,
    velden::{self, Soort, code, vereist, vul},
};

/// What was read so far.
pub(super) struct Kop {
    soort: Soort,
    eigen: Gemeentecode,
    code: Option<()>,
    versie: Option<()>,
    subversie: Option<()>,
    gemeente: Option<()>,
    aanbieder: Option<u32>,
    identificatie: Option<String>,
    dagtekening: Option<Date>,
    bsn: Option<Bsn>,
    geboortedatum: Option<Date>,
    datumgebruik: Option<DatumGebruik>,
    geslacht: Option<Geslacht>,
}

impl Kop {
    pub(super) fn new(soort: Soort, eigen: Gemeentecode) -> Self {
        Self {
            soort,
            eigen,
            code: None,
            versie: None,
            subversie: None,
            gemeente: None,
            aanbieder: None,
            identificatie: None,
            dagtekening: None,
            bsn: None,
            geboortedatum: None,
            datumgebruik: None,
            geslacht: None,
        }
    }

    /// Takes the text of a field.
    pub(super) fn vul(&mut self, veld: Veld, text: &str) -> Result<(), Bevinding> {
        match veld {
            Veld::BerichtCode => vul(&mut self.code, gelijk(text == self.soort.code(), Bevinding::NietVolgensSchema)),
            Veld::BerichtVersie => vul(&mut self.versie, gelijk(velden::nummer(text)? == 3, Bevinding::AndereVersie)),
            Veld::BerichtSubversie => {
                vul(&mut self.subversie, gelijk(velden::nummer(text)? == 2, Bevinding::AndereVersie))
            }
            // A JW301 goes from gemeente to aanbieder, the other two go back.
            Veld::Afzender | Veld::Ontvanger if (veld == Veld::Afzender) == (self.soort == Soort::Jw301) => {
                let gemeente = velden::gemeente(text)?;
                vul(&mut self.gemeente, gelijk(gemeente == self.eigen, Bevinding::AndereGemeente))
            }
            Veld::Afzender | Veld::Ontvanger => vul(&mut self.aanbieder, velden::agb(text)),
            Veld::Identificatie => vul(&mut self.identificatie, velden::tekst(text, 12).map(str::to_owned)),
            Veld::Dagtekening => vul(&mut self.dagtekening, velden::datum(text)),
            Veld::Bsn => vul(&mut self.bsn, Bsn::from_digits(text).ok_or(Bevinding::BsnOngeldig)),
            Veld::Geboortedatum => vul(&mut self.geboortedatum, velden::datum(text)),
            Veld::DatumGebruik => vul(&mut self.datumgebruik, code(DatumGebruik::from_code(text))),
            Veld::Geslacht => vul(&mut self.geslacht, code(Geslacht::from_code(text))),
            _ => Ok(()),
        }
    }

    /// Header and client, if every field that both need was there.
    pub(super) fn finish(self) -> Result<(Header, Client), Bevinding> {
        vereist(self.code)?;
        vereist(self.versie)?;
        vereist(self.subversie)?;
        vereist(self.gemeente)?;
        let bericht = BerichtId {
            dagtekening: vereist(self.dagtekening)?,
            aanbieder: vereist(self.aanbieder)?,
            identificatie: vereist(self.identificatie)?.into(),
        };
        let gegevens = Persoonsgegevens {
            geboortedatum: vereist(self.geboortedatum)?,
            datumgebruik: self.datumgebruik,
            geslacht: vereist(self.geslacht)?,
        };
        Ok((Header { gemeente: self.eigen, bericht }, Client { bsn: vereist(self.bsn)?, gegevens }))
    }
}

fn gelijk(holds: bool, otherwise: Bevinding) -> Result<(), Bevinding> {
    if holds { Ok(()) } else { Err(otherwise) }
}
