//! A gemeente as the oracle of releases reads it, in JSON: what this oracle leaves open goes to that one, which looks at it in
//! another way (`.ci/release_oracle.py --gemeente FILE`).

use anyhow::Context as _;
use drempel_protocols::{catalogue::LANDELIJK, id::ProfileName};
use serde::Serialize;

use super::{
    codebook::{Codebook, Column, Lid},
    life::{HALF_YEARS, Life},
    plan::{self, Plan},
    registry::Drawn,
};

/// Children by their codes, and what was registered.
#[derive(Debug, Serialize)]
pub struct Case<'p> {
    children: Vec<Child>,
    halves: Vec<Half<'p>>,
    unmapped: bool,
    profiel: &'p str,
    inwoners: Option<u32>,
}

#[derive(Debug, Serialize)]
struct Child {
    /// Geslacht and age in each half-year.
    own: Vec<[String; 2]>,
    trajecten: Vec<Traject>,
    wisselingen: Vec<Wisseling>,
}

#[derive(Debug, Serialize)]
struct Traject {
    categorie: String,
    hulpvorm: String,
    begin: i8,
    einde: i8,
    reden: String,
    herhaald: String,
    aanbieder: u32,
    /// Verwijzer, duur and wachttijd in each half-year that it counts in.
    details: Vec<[String; 3]>,
}

#[derive(Debug, Serialize)]
struct Wisseling {
    half: i8,
    categorie: String,
    hulpvorm: String,
    aansluiting: String,
    reden: String,
}

#[derive(Debug, Serialize)]
struct Half<'p> {
    /// View, dimensions and measures of each cube; none for those that the catalogue has.
    cubes: Option<&'p [Drawn]>,
    k: u32,
    withdrawn: bool,
}

impl<'p> Case<'p> {
    /// Of children and a plan.
    ///
    /// # Errors
    /// If a child has a member that is none of the catalogue.
    pub fn of(children: &[Life], plan: &'p Plan, codebook: &Codebook) -> anyhow::Result<Self> {
        let half = |half: &'p plan::Half| Half {
            cubes: half.cubes.as_deref(),
            k: half.policy.k.unwrap_or(drempel_protocols::policy::LEAST_K),
            withdrawn: half.withdrawn,
        };
        let children = children.iter().map(|child| Child::of(child, codebook)).collect::<anyhow::Result<_>>()?;
        let profiel = plan.halves.first().and_then(|half| half.policy.profiel.as_ref());
        Ok(Self {
            children,
            halves: plan.halves.iter().map(half).collect(),
            unmapped: plan.unmapped,
            profiel: profiel.map_or(LANDELIJK, ProfileName::as_str),
            inwoners: plan.inwoners,
        })
    }
}

impl Child {
    fn of(life: &Life, codebook: &Codebook) -> anyhow::Result<Self> {
        let code = |column, lid: Lid| {
            codebook.code(column, lid).map(ToString::to_string).context("a member that is none of the catalogue")
        };
        let own = life.geslacht.iter().zip(&life.age);
        let own = own.map(|(sex, age)| Ok([code(Column::Geslacht, *sex)?, code(Column::Leeftijdsgroep, *age)?]));
        let traject = |of: &super::life::Traject| {
            let counted = usize::try_from(of.begin.max(0))?..=usize::try_from(of.einde.min(HALF_YEARS - 1))?;
            let detail = |half: usize| {
                let (Some(verwijzer), Some(duur), Some(wachttijd)) =
                    (of.verwijzer.get(half), of.duur.get(half), of.wachttijd.get(half))
                else {
                    anyhow::bail!("a half-year that there is not");
                };
                Ok([
                    code(Column::Verwijzer, *verwijzer)?,
                    code(Column::Duurklasse, *duur)?,
                    code(Column::Wachttijdklasse, *wachttijd)?,
                ])
            };
            Ok(Traject {
                categorie: code(Column::Categorie, of.categorie)?,
                hulpvorm: code(Column::Hulpvorm, of.hulpvorm)?,
                begin: of.begin,
                einde: of.einde,
                reden: code(Column::Einde, of.reden)?,
                herhaald: code(Column::Herhaald, of.herhaald)?,
                aanbieder: of.aanbieder,
                details: counted.map(detail).collect::<anyhow::Result<_>>()?,
            })
        };
        let wisseling = |of: &super::life::Wisseling| {
            Ok(Wisseling {
                half: of.half,
                categorie: code(Column::Categorie, of.categorie)?,
                hulpvorm: code(Column::Hulpvorm, of.hulpvorm)?,
                aansluiting: code(Column::Aansluiting, of.aansluiting)?,
                reden: code(Column::Reden, of.reden)?,
            })
        };
        Ok(Self {
            own: own.collect::<anyhow::Result<_>>()?,
            trajecten: life.trajecten.iter().map(traject).collect::<anyhow::Result<_>>()?,
            wisselingen: life.wisselingen.iter().map(wisseling).collect::<anyhow::Result<_>>()?,
        })
    }
}
