//! An attack on what a gemeente publishes: children that were planted, tables that were registered, and a sum of published
//! figures that gives a number of one to nine away where they are all there. What came of it is judged twice: whether the sum
//! could be made and is right, and how many values the oracle over databases leaves.

use std::collections::BTreeMap;

use super::{
    chain::{Chain, Protection},
    codebook::{Codebook, Column},
    databases::VALUES,
    figures::{Cell, Figures},
    life::Life,
    plan::Plan,
    trial::{Ground, Trial},
};

/// Of the choices of the oracle.
const SEED: u64 = 1;

/// A published count: of rows or persons, of a half-year (0 is the first), of a view, of the cell with these members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Whether rows are counted, or else persons.
    pub of_rows: bool,
    /// Which half-year.
    pub half: usize,
    /// Which view.
    pub view: &'static str,
    /// The codes that count, of each limited dimension.
    pub within: BTreeMap<&'static str, Vec<&'static str>>,
}

impl Asked {
    /// Of the cell with these members, several of a dimension joined by plusses.
    #[must_use]
    pub fn new(of_rows: bool, half: usize, within: &[(&'static str, &'static str)]) -> Self {
        let within = within.iter().map(|(column, codes)| (*column, codes.split('+').collect())).collect();
        Self { of_rows, half, view: "jeugdhulp", within }
    }

    /// Of another view.
    #[must_use]
    pub fn of(self, view: &'static str) -> Self {
        Self { view, ..self }
    }

    /// The figure that it is; none if no table of that half-year has it.
    pub(super) fn figure(&self, figures: &Figures, codebook: &Codebook) -> Option<usize> {
        let bits = |(name, codes): (&&str, &Vec<&str>)| {
            let column = Column::ALL.into_iter().find(|column| column.name() == *name)?;
            let codes = codes.iter().map(|code| codebook.lid(column, code).ok()).collect::<Option<Vec<_>>>()?;
            Some((column, codes.into_iter().map(|lid| 1 << lid).sum::<u64>()))
        };
        let mut within = self.within.iter().map(bits).collect::<Option<Vec<_>>>()?;
        within.sort_unstable();
        let is_it = |cell: &Cell| {
            let mut own = cell.within.clone();
            own.sort_unstable();
            cell.released.half == self.half && cell.view.name() == self.view && own == within
        };
        figures.cells.iter().position(is_it).map(|cell| 2 * cell + usize::from(self.of_rows))
    }
}

/// An attack.
#[derive(Clone, Debug)]
pub struct Attack {
    /// Its number in the suite of attacks, or where it comes from.
    pub number: &'static str,
    /// What it does, in a few words.
    pub name: &'static str,
    /// The arithmetic.
    pub sum: &'static str,
    /// Who is planted: how many of each.
    pub children: Vec<(Life, usize)>,
    /// What is registered, half-year after half-year, and under which policies.
    pub plan: Plan,
    /// The figures that are added up, so many times each.
    pub terms: Vec<(i64, Asked)>,
    /// What they add up to.
    pub gives: i64,
}

/// What came of an attack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What the sum gave; none if a figure was lacking.
    pub found: Option<i64>,
    /// The fewest values that the oracle left to a cell that is too small; none if there was no such cell.
    pub fewest: Option<usize>,
    /// Remainders that are too small, in words.
    pub small: Vec<String>,
    /// Why a half-year was not released, if one was not.
    pub refused: Option<String>,
}

impl Outcome {
    /// Whether the attack got anything, by its sum or as the oracle has it.
    #[must_use]
    pub fn succeeded(&self, attack: &Attack) -> bool {
        self.found == Some(attack.gives) || self.fewest.is_some_and(|fewest| fewest < VALUES) || !self.small.is_empty()
    }
}

impl Attack {
    /// Attacks, with so many tries of the oracle for each figure.
    ///
    /// # Errors
    /// If something other than a release fails.
    pub fn run(&self, ground: &Ground, protection: Protection, tries: usize) -> anyhow::Result<Outcome> {
        let children = self.children.iter().flat_map(|(life, many)| std::iter::repeat_n(life.clone(), *many)).collect();
        let Ground { registry, codebook, .. } = ground;
        let landmarks = ground.landmarks(self.plan.unmapped)?;
        let chain = Chain::release(registry, children, &self.plan, protection, (codebook, &landmarks))?;
        let trial = Trial::judge(ground, chain, self.plan.clone(), SEED, tries)?;
        let shown = |asked: &Asked| {
            let figure = asked.figure(&trial.figures, codebook)?;
            trial.figures.shown(figure)
        };
        let found = self.terms.iter().map(|(times, asked)| Some(times * shown(asked)?)).sum();
        Ok(Outcome { found, fewest: trial.fewest, small: trial.small, refused: trial.chain.refused })
    }
}
