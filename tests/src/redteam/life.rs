//! Children with their trajecten from beginning to end, as they count in each half-year (rule R2), for whoever reasons over
//! whole databases. A life is told as it is counted: what becomes known late begins when it becomes known; what is deleted
//! ends as vervallen in the half-year of which it is missing; what changes its categorie or hulpvorm does both.

use std::{collections::BTreeMap, iter::repeat};

use anyhow::Context as _;

use super::{
    codebook::{Codebook, Column, Lid},
    definities::Definities,
};
use crate::releasing::Row;

/// The half-years that are released one after the other.
pub const HALVES: [&str; 4] = ["2025H1", "2025H2", "2026H1", "2026H2"];

/// The number of half-years.
pub const HALF_YEARS: i8 = 4;

/// What no row has in this dimension.
const NONE: Lid = Lid::MAX;

/// The members of a row by dimension.
pub type Members = [Lid; Column::ALL.len()];

/// Which view a row is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum View {
    /// Trajecten; the view of repeated use is the part of it that began.
    Jeugdhulp,
    /// Changes of aanbieder.
    Wisseling,
}

impl View {
    /// Its name in the catalogue.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jeugdhulp => "jeugdhulp",
            Self::Wisseling => "wisseling",
        }
    }
}

/// A traject.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Traject {
    /// What kind of help.
    pub categorie: Lid,
    /// In which form.
    pub hulpvorm: Lid,
    /// The half-year in which it began; -1 before the first.
    pub begin: i8,
    /// The half-year in which it ended; [`HALF_YEARS`] if it runs on.
    pub einde: i8,
    /// How it ended.
    pub reden: Lid,
    /// Whether there was help before.
    pub herhaald: Lid,
    /// Who referred, as each half-year has it: the node takes the latest.
    pub verwijzer: Path,
    /// How long it took to begin.
    pub wachttijd: Path,
    /// How long it takes.
    pub duur: Path,
    /// By AGB-code which aanbieder delivers it; 0 where that is no matter. No release tells, and who attacks may be it.
    pub aanbieder: u32,
}

/// A member in each half-year: only categorie and hulpvorm are kept from one to the next (rule R2).
pub type Path = [Lid; HALVES.len()];

/// A change of aanbieder within one kind of help.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wisseling {
    /// When.
    pub half: i8,
    /// Of what kind of help.
    pub categorie: Lid,
    /// In which form.
    pub hulpvorm: Lid,
    /// How it joins.
    pub aansluiting: Lid,
    /// Why.
    pub reden: Lid,
}

/// A child.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Life {
    /// Its geslacht.
    pub geslacht: Path,
    /// Its age.
    pub age: Path,
    /// Its trajecten, in order.
    pub trajecten: Vec<Traject>,
    /// Its changes of aanbieder, in order.
    pub wisselingen: Vec<Wisseling>,
}

/// The members that mean something to a life.
#[derive(Clone, Copy, Debug)]
pub struct Landmarks {
    /// Begin: it ran before.
    pub al_lopend: Lid,
    /// Begin: in this half-year.
    pub gestart: Lid,
    /// Einde: not in this half-year.
    pub loopt_door: Lid,
    /// Einde: no longer in the records.
    pub vervallen: Lid,
    /// Stroom, by whether there was help before and whether there is after.
    pub stroom: [[Lid; 2]; 2],
    /// What goes together.
    pub definities: Definities,
}

impl Landmarks {
    /// As the catalogue has them.
    ///
    /// # Errors
    /// If it lacks one.
    pub fn of(codebook: &Codebook) -> anyhow::Result<Self> {
        let stroom = |code| codebook.lid(Column::Stroom, code);
        Ok(Self {
            al_lopend: codebook.lid(Column::Begin, "al_lopend")?,
            gestart: codebook.lid(Column::Begin, "gestart")?,
            loopt_door: codebook.lid(Column::Einde, "loopt_door")?,
            vervallen: codebook.lid(Column::Einde, "vervallen")?,
            stroom: [[stroom("in_en_uit")?, stroom("instroom")?], [stroom("uitstroom")?, stroom("doorlopend")?]],
            definities: Definities::of(codebook)?,
        })
    }

    /// Of a gemeente without a mapping of its product codes.
    ///
    /// # Errors
    /// If the catalogue lacks a member.
    pub fn unmapped(self, codebook: &Codebook) -> anyhow::Result<Self> {
        Ok(Self { definities: self.definities.unmapped(codebook)?, ..self })
    }
}

impl Life {
    /// Which aanbieder delivers each row of help of a half-year, in the order of the rows.
    pub fn delivered(&self, half: usize) -> impl Iterator<Item = u32> {
        self.used(half).map(|of| of.aanbieder)
    }

    /// The trajecten that count in a half-year.
    fn used(&self, half: usize) -> impl Iterator<Item = &Traject> {
        let at = i8::try_from(half).unwrap_or(HALF_YEARS);
        self.trajecten.iter().filter(move |of| of.begin <= at && at <= of.einde && at < HALF_YEARS)
    }

    /// The rows of a half-year.
    pub fn rows(&self, half: usize, landmarks: &Landmarks) -> Vec<(View, Members)> {
        let Ok(at) = i8::try_from(half) else { return Vec::new() };
        let used = || self.used(half);
        let (before, after) = (used().any(|of| of.begin < at), used().any(|of| of.einde > at));
        let [new, known] = landmarks.stroom;
        let [none, some] = if before { known } else { new };
        let of_half = |path: &Path| path.get(half).copied().unwrap_or(NONE);
        let own = |members: &mut Members| {
            set(members, Column::Geslacht, of_half(&self.geslacht));
            set(members, Column::Leeftijdsgroep, of_half(&self.age));
        };
        let traject = |of: &Traject| {
            let mut members = [NONE; Column::ALL.len()];
            own(&mut members);
            set(&mut members, Column::Stroom, if after { some } else { none });
            set(&mut members, Column::Categorie, of.categorie);
            set(&mut members, Column::Hulpvorm, of.hulpvorm);
            let began = of.begin == at;
            set(&mut members, Column::Begin, if began { landmarks.gestart } else { landmarks.al_lopend });
            set(&mut members, Column::Einde, if of.einde == at { of.reden } else { landmarks.loopt_door });
            set(&mut members, Column::Verwijzer, of_half(&of.verwijzer));
            set(&mut members, Column::Wachttijdklasse, of_half(&of.wachttijd));
            set(&mut members, Column::Duurklasse, of_half(&of.duur));
            set(&mut members, Column::Herhaald, if began { of.herhaald } else { NONE });
            (View::Jeugdhulp, members)
        };
        let wisseling = |of: &Wisseling| {
            let mut members = [NONE; Column::ALL.len()];
            own(&mut members);
            set(&mut members, Column::Categorie, of.categorie);
            set(&mut members, Column::Hulpvorm, of.hulpvorm);
            set(&mut members, Column::Aansluiting, of.aansluiting);
            set(&mut members, Column::Reden, of.reden);
            (View::Wisseling, members)
        };
        let changes = self.wisselingen.iter().filter(|of| of.half == at);
        used().map(traject).chain(changes.map(wisseling)).collect()
    }

    /// Whether it can be: what goes together does; help of one kind runs once at a time, unless it became known late that it had ended; what changes
    /// is of help that there is; and what is no longer in the records was there before.
    #[must_use]
    pub fn sound(&self, landmarks: &Landmarks) -> bool {
        let each = |of: &Traject| {
            let lapsed = of.reden == landmarks.vervallen && of.einde < HALF_YEARS;
            of.begin <= of.einde && of.einde >= 0 && of.begin < HALF_YEARS && (!lapsed || of.einde > of.begin.max(0))
        };
        let apart = |one: &Traject, other: &Traject| {
            // The first half-year goes by date.
            let is_late = |of: &Traject| of.begin == of.einde && of.begin > 0;
            (one.categorie, one.hulpvorm) != (other.categorie, other.hulpvorm)
                || is_late(one)
                || is_late(other)
                || one.einde <= other.begin
                || other.einde <= one.begin
        };
        let pairs = self.trajecten.iter().enumerate();
        let changes = |of: &Wisseling| {
            let runs = |on: &Traject| on.begin <= of.half && of.half <= on.einde;
            let same = |on: &Traject| (on.categorie, on.hulpvorm) == (of.categorie, of.hulpvorm);
            self.trajecten.iter().any(|on| same(on) && runs(on))
        };
        !self.trajecten.is_empty()
            && self.trajecten.iter().all(each)
            && pairs
                .into_iter()
                .all(|(place, one)| self.trajecten.iter().skip(place + 1).all(|other| apart(one, other)))
            && self.wisselingen.iter().all(changes)
            && landmarks.definities.allow(self, landmarks.vervallen)
    }

    /// In one order, so that the same child is one life.
    #[must_use]
    pub fn ordered(mut self) -> Self {
        self.trajecten.sort_unstable();
        self.wisselingen.sort_unstable();
        self
    }
}

fn set(members: &mut Members, column: Column, lid: Lid) {
    if let Some(slot) = members.get_mut(column as usize) {
        *slot = lid;
    }
}

/// The rows of children, numbered in this order, in a half-year: as what releases wants them.
///
/// # Errors
/// If a member is none of the catalogue.
pub fn rows<'l>(
    lives: impl IntoIterator<Item = &'l Life>,
    half: usize,
    codebook: &Codebook,
    landmarks: &Landmarks,
) -> anyhow::Result<Vec<Row>> {
    let mut found = Vec::new();
    for (person, life) in (0..).zip(lives) {
        let delivered = life.delivered(half).map(|aanbieder| (aanbieder > 0).then_some(aanbieder));
        for ((view, members), aanbieder) in life.rows(half, landmarks).into_iter().zip(delivered.chain(repeat(None))) {
            let mut named = BTreeMap::new();
            for (column, lid) in Column::ALL.into_iter().zip(members).filter(|(_, lid)| *lid != NONE) {
                let name = codebook.name(column).context("a dimension without a name")?;
                named.insert(name.clone(), codebook.code(column, lid).context("a member without a code")?.clone());
            }
            found.push(Row { view: view.name().parse()?, person, members: named, aanbieder });
        }
    }
    Ok(found)
}
