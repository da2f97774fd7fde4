//! Plants children by their codes. What an attack plants is what the catalogue has: a code that it lacks is an error, not a
//! child who counts nowhere.

use super::{
    codebook::{Codebook, Column, Lid},
    life::{HALVES, Landmarks, Life, Traject, Wisseling},
};

/// The catalogue that it plants from.
pub(super) struct Planter<'c> {
    pub(super) codebook: &'c Codebook,
    pub(super) landmarks: &'c Landmarks,
}

/// A traject: its categorie, and the half-years in which it begins and ends (-1: before the first; 4: runs on).
pub(super) type Planted = (&'static str, i8, i8);

impl Planter<'_> {
    fn lid(&self, column: Column, code: &str) -> anyhow::Result<Lid> {
        self.codebook.lid(column, code)
    }

    fn traject(&self, (categorie, begin, einde): Planted) -> anyhow::Result<Traject> {
        let traject = Traject {
            categorie: self.lid(Column::Categorie, categorie)?,
            hulpvorm: self.lid(Column::Hulpvorm, "onbekend")?,
            begin,
            einde,
            reden: self.lid(Column::Einde, "31")?,
            herhaald: self.lid(Column::Herhaald, "eerste")?,
            verwijzer: [self.lid(Column::Verwijzer, "01")?; HALVES.len()],
            wachttijd: [self.lid(Column::Wachttijdklasse, "tot_4_weken")?; HALVES.len()],
            duur: [self.lid(Column::Duurklasse, "6_tot_12_maanden")?; HALVES.len()],
            aanbieder: 0,
        };
        self.mended(traject)
    }

    /// With the wachttijd and duur that go with the rest.
    fn mended(&self, traject: Traject) -> anyhow::Result<Traject> {
        let usual = [
            self.lid(Column::Wachttijdklasse, "tot_4_weken")?,
            self.lid(Column::Duurklasse, "tot_3_maanden")?,
            self.lid(Column::Duurklasse, "6_tot_12_maanden")?,
        ];
        let members = |column| match column {
            Column::Wachttijdklasse => usual[..1].to_vec(),
            Column::Duurklasse => usual[1..].to_vec(),
            _ => Vec::new(),
        };
        Ok(self.landmarks.definities.mended(traject, self.landmarks.vervallen, members))
    }

    pub(super) fn boy(&self, trajecten: &[Planted]) -> anyhow::Result<Life> {
        let trajecten = trajecten.iter().map(|of| self.traject(*of)).collect::<anyhow::Result<Vec<_>>>()?;
        let geslacht = [self.lid(Column::Geslacht, "M")?; HALVES.len()];
        let age = [self.lid(Column::Leeftijdsgroep, "4-11")?; HALVES.len()];
        Ok(Life { geslacht, age, trajecten, wisselingen: Vec::new() }.ordered())
    }

    pub(super) fn girl(&self, trajecten: &[Planted]) -> anyhow::Result<Life> {
        Ok(Life { geslacht: [self.lid(Column::Geslacht, "V")?; HALVES.len()], ..self.boy(trajecten)? })
    }

    pub(super) fn older(&self, life: Life) -> anyhow::Result<Life> {
        Ok(Life { age: [self.lid(Column::Leeftijdsgroep, "12-17")?; HALVES.len()], ..life })
    }

    pub(super) fn referred(&self, mut life: Life, verwijzer: &str) -> anyhow::Result<Life> {
        let lid = self.lid(Column::Verwijzer, verwijzer)?;
        for of in &mut life.trajecten {
            *of = self.mended(Traject { verwijzer: [lid; HALVES.len()], ..of.clone() })?;
        }
        Ok(life)
    }

    /// With everything delivered by one aanbieder.
    pub(super) fn at(mut life: Life, aanbieder: u32) -> Life {
        life.trajecten.iter_mut().for_each(|of| of.aanbieder = aanbieder);
        life
    }

    pub(super) fn again(&self, mut life: Life, herhaald: &str) -> anyhow::Result<Life> {
        let lid = self.lid(Column::Herhaald, herhaald)?;
        life.trajecten.iter_mut().for_each(|of| of.herhaald = lid);
        Ok(life)
    }

    /// With another aanbieder for each traject in the first half-year.
    pub(super) fn changed(&self, mut life: Life) -> anyhow::Result<Life> {
        let (aansluiting, reden) =
            (self.lid(Column::Aansluiting, "aansluitend")?, self.lid(Column::Reden, "overstap")?);
        let change =
            |of: &Traject| Wisseling { half: 0, categorie: of.categorie, hulpvorm: of.hulpvorm, aansluiting, reden };
        life.wisselingen = life.trajecten.iter().map(change).collect();
        Ok(life.ordered())
    }

    /// No longer in the records, or as something else.
    pub(super) fn lapsed(&self, mut life: Life, again: Option<Planted>) -> anyhow::Result<Life> {
        for of in &mut life.trajecten {
            *of = self.mended(Traject { reden: self.landmarks.vervallen, ..of.clone() })?;
        }
        life.trajecten.extend(again.map(|of| self.traject(of)).transpose()?);
        Ok(life.ordered())
    }
}
