//! The header and the clients of a message. A message of another gemeente or of another version is refused whole:
//! nothing in it could be counted in the right gemeente. A client without a usable BSN is refused with all its lines.

use compact_str::CompactString;
use drempel_protocols::id::Gemeentecode;
use jiff::civil::Date;

use super::{
    super::{
        bevinding::Bevinding,
        bsn::Bsn,
        codes::{DatumGebruik, Geslacht},
    },
    BerichtId, Header, Persoonsgegevens, Soort, Uitspraak,
    plek::Veld,
    velden::{self, code, gelijk, vereist, vul},
};

/// What was read so far of a header.
pub(super) struct Kop {
    soort: Soort,
    eigen: Gemeentecode,
    code: Option<()>,
    versie: Option<()>,
    subversie: Option<()>,
    gemeente: Option<()>,
    aanbieder: Option<u32>,
    identificatie: Option<CompactString>,
    dagtekening: Option<Date>,
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
        }
    }

    /// Takes the text of a field.
    pub(super) fn vul(&mut self, veld: Veld, text: &str) -> Result<(), Bevinding> {
        match veld {
            Veld::BerichtCode => {
                vul(&mut self.code, gelijk(text == self.soort.berichtcode(), Bevinding::NietVolgensSchema))
            }
            Veld::BerichtVersie => vul(&mut self.versie, gelijk(velden::nummer(text)? == 3, Bevinding::AndereVersie)),
            Veld::BerichtSubversie => vul(&mut self.subversie, velden::subversie(text)),
            Veld::Afzender | Veld::Ontvanger if (veld == Veld::Afzender) == self.soort.van_gemeente() => {
                let gemeente = velden::gemeente(text)?;
                vul(&mut self.gemeente, gelijk(gemeente == self.eigen, Bevinding::AndereGemeente))
            }
            Veld::Afzender | Veld::Ontvanger => vul(&mut self.aanbieder, velden::agb(text)),
            Veld::Identificatie => vul(&mut self.identificatie, velden::tekst(text, 12)),
            Veld::Dagtekening => vul(&mut self.dagtekening, velden::datum(text)),
            _ => Ok(()),
        }
    }

    /// The AGB-code of the aanbieder, which the lines of a JW301 take over. The header comes first in the schema.
    pub(super) fn aanbieder(&self) -> Result<u32, Bevinding> {
        vereist(self.aanbieder)
    }

    /// The header, if every field was there.
    pub(super) fn finish(self) -> Result<Header, Bevinding> {
        vereist(self.code)?;
        vereist(self.versie)?;
        vereist(self.subversie)?;
        vereist(self.gemeente)?;
        let bericht = BerichtId {
            dagtekening: vereist(self.dagtekening)?,
            aanbieder: vereist(self.aanbieder)?,
            identificatie: vereist(self.identificatie)?,
        };
        Ok(Header { gemeente: self.eigen, bericht })
    }
}

/// What was read so far of a client.
#[derive(Default)]
pub(super) struct Client {
    bsn: Option<Bsn>,
    geboortedatum: Option<Date>,
    datumgebruik: Option<DatumGebruik>,
    geslacht: Option<Geslacht>,
    afgekeurd: Option<Bevinding>,
    /// Whether there was any line.
    pub(super) gezien: bool,
}

impl Client {
    /// Takes the text of a field.
    pub(super) fn vul(&mut self, veld: Veld, text: &str) {
        let taken = match veld {
            Veld::Bsn => vul(&mut self.bsn, Bsn::from_digits(text).ok_or(Bevinding::BsnOngeldig)),
            Veld::Geboortedatum => vul(&mut self.geboortedatum, velden::datum(text)),
            Veld::DatumGebruik => vul(&mut self.datumgebruik, code(DatumGebruik::from_code(text))),
            Veld::Geslacht => vul(&mut self.geslacht, code(Geslacht::from_code(text))),
            _ => Ok(()),
        };
        if let Err(bevinding) = taken {
            self.afgekeurd.get_or_insert(bevinding);
        }
    }

    /// Who the client is, and what the message states about that.
    pub(super) fn finish(self, soort: Soort) -> Result<(Bsn, Option<Uitspraak>), Bevinding> {
        if let Some(bevinding) = self.afgekeurd {
            return Err(bevinding);
        }
        let bsn = vereist(self.bsn)?;
        let gegevens = if soort.heeft_gegevens() {
            Some(Uitspraak::Gegevens(Persoonsgegevens {
                geboortedatum: vereist(self.geboortedatum)?,
                datumgebruik: self.datumgebruik,
                geslacht: vereist(self.geslacht)?,
            }))
        } else {
            None
        };
        if self.gezien { Ok((bsn, gegevens)) } else { Err(Bevinding::NietVolgensSchema) }
    }
}
