//! Synthetic gemeenten: for a seed always the same jeugdigen, with iJw messages as irregular as real ones and, beside
//! those, the truth that a node should find in them. Nothing in here comes from a real person, and every BSN is a test
//! BSN, so anything that a test or demonstration shows of a synthetic gemeente may be shown to anyone.

use std::{collections::BTreeSet, fs, path::Path};

use drempel_protocols::id::{Gemeentecode, Period};

mod administratie;
mod berichten;
mod bsn;
mod dossier;
mod draw;
mod episode;
mod inwoners;
mod irregularity;
mod loopbaan;
mod persoon;
mod population;
mod producten;
mod truth;
mod waarheid;
mod xml;

use self::{berichten::Berichten, dossier::Dossier, draw::Draw, population::Population, xml::Brief};
pub use self::{
    bsn::Bsn,
    episode::{Declaratie, Einde, Episode, Productcode, Toegewezen, Verwijzing},
    inwoners::expected_jongeren,
    irregularity::{Irregularity, Tally},
    persoon::{DatumGebruik, Geslacht, Kenmerken, Persoon},
    population::Size,
    producten::Producten,
    truth::{Afloop, DeclaratieRow, HerhaaldRow, Traject, TruthRow, ViewRow, WisselingRow},
    waarheid::Waarheid,
};

/// A gemeente with its jeugdigen, what is reported about them and what is true.
#[derive(Debug)]
pub struct SyntheticGemeente {
    code: Gemeentecode,
    first: Period,
    last: Period,
    personen: Vec<Persoon>,
    dossiers: Vec<Dossier>,
    berichten: Berichten,
    producten: Producten,
    episodes: Vec<Episode>,
    declaraties: Vec<Declaratie>,
    trajecten: Vec<Traject>,
    irregularities: Tally,
}

/// How many files were written of each message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MessageCount {
    /// Toewijzingen.
    pub jw301: usize,
    /// Starts.
    pub jw305: usize,
    /// Retour of starts.
    pub jw306: usize,
    /// Stops.
    pub jw307: usize,
    /// Retour of stops.
    pub jw308: usize,
    /// Verzoeken om toewijzing.
    pub jw315: usize,
    /// Verzoeken om wijziging.
    pub jw317: usize,
    /// Antwoorden on a verzoek.
    pub jw319: usize,
    /// Declaraties.
    pub jw323: usize,
}

impl MessageCount {
    /// All files together.
    #[must_use]
    pub fn total(self) -> usize {
        let Self { jw301, jw305, jw306, jw307, jw308, jw315, jw317, jw319, jw323 } = self;
        jw301 + jw305 + jw306 + jw307 + jw308 + jw315 + jw317 + jw319 + jw323
    }

    fn of(&mut self, name: &str) -> &mut usize {
        match name {
            "jw301" => &mut self.jw301,
            "jw305" => &mut self.jw305,
            "jw306" => &mut self.jw306,
            "jw307" => &mut self.jw307,
            "jw308" => &mut self.jw308,
            "jw315" => &mut self.jw315,
            "jw317" => &mut self.jw317,
            "jw319" => &mut self.jw319,
            _ => &mut self.jw323,
        }
    }
}

impl SyntheticGemeente {
    /// The gemeente of this code and seed, complete for the periods from `first` up to and including `last`.
    ///
    /// # Errors
    /// If `last` is before `first`, if more persons are asked for than there are test BSNs, or if the size is to be
    /// calibrated and the gemeente does not exist in 2026.
    pub fn generate(code: Gemeentecode, seed: u64, first: Period, last: Period, size: Size) -> anyhow::Result<Self> {
        let (mut draw, mut beside) = (Draw::new(seed, code), Draw::beside(seed, code));
        let mut irregularities = Tally::default();
        let Population { mut personen, dossiers, episodes, declaraties } =
            Population::draw(&mut draw, &mut beside, &mut irregularities, code, (first, last), size)?;
        let berichten = Berichten::bundle(&mut draw, &mut personen, &dossiers, &mut irregularities);
        let producten = Producten::default();
        let trajecten = Traject::all(&episodes, &producten, (first.first_day(), last.last_day()));
        Ok(Self {
            code,
            first,
            last,
            personen,
            dossiers,
            berichten,
            producten,
            episodes,
            declaraties,
            trajecten,
            irregularities,
        })
    }

    /// The same gemeente with its own table of productcodes, which changes what is true and no message.
    #[must_use]
    pub fn with_producten(mut self, producten: Producten) -> Self {
        self.trajecten = Traject::all(&self.episodes, &producten, (self.first.first_day(), self.last.last_day()));
        self.producten = producten;
        self
    }

    /// The same gemeente in which one person has this BSN and surname, with the surname in every Commentaar as well. It
    /// is a person with care in the last period, so that the canary takes part in what is counted. Whoever had the BSN
    /// gets the other's. A gemeente without persons stays as it is.
    #[must_use]
    pub fn with_canary(mut self, bsn: Bsn, achternaam: &str) -> Self {
        let chosen = self.rows(self.last).first().map_or(0, |row| row.persoon);
        let Some(replaced) = self.personen.get(chosen).map(|persoon| persoon.bsn) else { return self };
        for persoon in self.personen.iter_mut().filter(|persoon| persoon.bsn == bsn) {
            persoon.bsn = replaced;
        }
        if let Some(persoon) = self.personen.get_mut(chosen) {
            persoon.bsn = bsn;
            persoon.voorvoegsel = None;
            persoon.achternaam = achternaam.to_owned();
            persoon.commentaar = Some(format!("Gesproken met de ouders van {achternaam}"));
        }
        self
    }

    /// Its code.
    #[must_use]
    pub fn code(&self) -> Gemeentecode {
        self.code
    }

    /// The persons, also those who never got care.
    #[must_use]
    pub fn personen(&self) -> &[Persoon] {
        &self.personen
    }

    /// The care that was delivered, before merging.
    #[must_use]
    pub fn episodes(&self) -> &[Episode] {
        &self.episodes
    }

    /// What was declared and not taken back.
    #[must_use]
    pub fn declaraties(&self) -> &[Declaratie] {
        &self.declaraties
    }

    /// The care that was delivered, merged to trajecten.
    #[must_use]
    pub fn trajecten(&self) -> &[Traject] {
        &self.trajecten
    }

    /// How often each irregularity was made.
    #[must_use]
    pub fn irregularities(&self) -> &Tally {
        &self.irregularities
    }

    /// The view `jeugdhulp` in a period, recounted from the truth.
    #[must_use]
    pub fn rows(&self, period: Period) -> Vec<TruthRow> {
        truth::jeugdhulp(&self.personen, &self.trajecten, period)
    }

    /// A view in a period by the view's name, recounted from the truth; no rows for a view that does not exist.
    #[must_use]
    pub fn view_rows(&self, view: &str, period: Period) -> Vec<ViewRow> {
        let (personen, producten) = (&self.personen, &self.producten);
        match view {
            "jeugdhulp" => self.rows(period).into_iter().map(ViewRow::Jeugdhulp).collect(),
            "herhaald_beroep" => {
                let rows = truth::herhaald(personen, &self.trajecten, period);
                rows.into_iter().map(ViewRow::HerhaaldBeroep).collect()
            }
            "wisseling" => {
                let rows = truth::wisseling(personen, &self.episodes, producten, period);
                rows.into_iter().map(ViewRow::Wisseling).collect()
            }
            "declaratie" => {
                let rows = truth::declaratie(&self.declaraties, producten, period);
                rows.into_iter().map(ViewRow::Declaratie).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The persons and the trajecten in a period of which a row answers to a condition.
    pub fn count(&self, period: Period, mut wanted: impl FnMut(&TruthRow) -> bool) -> (usize, usize) {
        let rows: Vec<TruthRow> = self.rows(period).into_iter().filter(|row| wanted(row)).collect();
        let personen: BTreeSet<usize> = rows.iter().map(|row| row.persoon).collect();
        (personen.len(), rows.len())
    }

    /// Writes every message to a file of its own in a directory that exists, such as `jw301_000123.xml`. The numbers
    /// do not follow the order of time.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn write_messages(&self, dir: &Path) -> anyhow::Result<MessageCount> {
        let mut count = MessageCount::default();
        for (number, position) in self.berichten.files.iter().enumerate() {
            let Some(bericht) = self.berichten.berichten.get(*position) else { continue };
            let (personen, dossiers) = (&self.personen, &self.dossiers);
            let brief = Brief { gemeente: self.code, identificatie: position + 1, bericht, personen, dossiers };
            let name = xml::name(&bericht.inhoud);
            fs::write(dir.join(format!("{name}_{:06}.xml", number + 1)), brief.write()?)?;
            *count.of(name) += 1;
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests;
