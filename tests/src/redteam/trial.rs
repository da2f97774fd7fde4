//! A trial: a gemeente that is drawn, the releases of its half-years, and what a reader can still hold possible. What it calls
//! broken is shown in words and numbers that can be looked at again, by its series and number.

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::{
    chain::{Chain, Protection},
    codebook::Codebook,
    databases::{Databases, VALUES},
    figures::Figures,
    insiders,
    life::Landmarks,
    neighbours::Neighbours,
    plan::Plan,
    population::{self, Character},
    registry::Registry,
    remainders,
};

/// Gemeenten that were broken once and could not be planted in few words: series, number and how many children.
pub const BROKEN_ONCE: [(u64, u64, usize); 1] = [(60, 93, 82)];

/// One gemeente in so many releases under the profile cbs.
const OF_CBS: u64 = 11;

/// So many have aanbieders who look too, and so many not.
const OF_AANBIEDERS: u64 = 10;

/// What all trials have in common.
#[derive(Debug)]
pub struct Ground {
    /// What is registered.
    pub registry: Registry,
    /// The members of its dimensions.
    pub codebook: Codebook,
    /// Those that mean something to a life.
    pub landmarks: Landmarks,
}

/// A trial that was held.
#[derive(Debug)]
pub struct Trial {
    /// The gemeente and its releases.
    pub chain: Chain,
    /// Their figures.
    pub figures: Figures,
    /// Figures that keep fewer than four values, as far as the oracle finds any, with how many.
    pub narrow: Vec<(usize, usize)>,
    /// The fewest values that any figure keeps; none if none has to keep any.
    pub fewest: Option<usize>,
    /// Remainders that are too small, and cells of which others than the public know too much.
    pub small: Vec<String>,
    /// How many lines and cells were looked at for them.
    pub lines: usize,
    /// What was registered.
    pub plan: Plan,
}

impl Trial {
    /// Draws a gemeente by its number in a series, and which cubes are registered unless these are `registered` ones, and
    /// lets the oracle look at each figure so many times.
    ///
    /// # Errors
    /// If anything but a release fails.
    pub fn hold(
        ground: &Ground,
        (series, number): (u64, u64),
        registered: bool,
        protection: Protection,
        tries: usize,
    ) -> anyhow::Result<Self> {
        let (chain, plan) = ground.draw((series, number), registered, protection)?;
        Self::judge(ground, chain, plan, series << 32 | number, tries)
    }

    /// Judges releases.
    ///
    /// # Errors
    /// If they are not of this catalogue.
    pub fn judge(ground: &Ground, chain: Chain, plan: Plan, seed: u64, tries: usize) -> anyhow::Result<Self> {
        let (codebook, landmarks) = (&ground.codebook, ground.landmarks(plan.unmapped)?);
        let figures = Figures::of(&chain, codebook)?;
        let neighbours = Neighbours::of(&figures, codebook, landmarks, &chain.children);
        let mut databases = Databases::new(&figures, neighbours, &chain.children, seed)?;
        let narrow = databases.widen(tries).into_iter().map(|target| (target, databases.how_many(target))).collect();
        let fewest = figures.targets().map(|target| databases.how_many(target)).min();
        let (lines, mut small) = remainders::small(&figures, &chain, &landmarks);
        let (cells, known) = insiders::known(&figures, &chain, &plan, &landmarks);
        small.extend(known);
        let lines = lines + cells;
        Ok(Self { chain, figures, narrow, fewest, small, lines, plan })
    }

    /// Whether a reader can tell too much.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.fewest.is_some_and(|fewest| fewest < VALUES) || !self.small.is_empty()
    }

    /// What a reader can tell, in words.
    #[must_use]
    pub fn told(&self) -> Vec<String> {
        let narrow = self.narrow.iter().map(|(figure, values)| {
            let truth = self.figures.figures.get(*figure).map_or(0, |figure| figure.truth);
            format!("{} is {truth} and keeps {values} values", self.figures.name(*figure))
        });
        narrow.chain(self.small.iter().cloned()).collect()
    }
}

impl Ground {
    /// Draws a gemeente by its number in a series, and releases its half-years.
    ///
    /// # Errors
    /// If anything but a release fails.
    pub fn draw(
        &self,
        (series, number): (u64, u64),
        registered: bool,
        protection: Protection,
    ) -> anyhow::Result<(Chain, Plan)> {
        let seed = series << 32 | number;
        let character = Character::of(number);
        // Of each character every other gemeente maps its product codes.
        let unmapped = number / Character::ALL.len() as u64 % 2 == 1;
        let landmarks = self.landmarks(unmapped)?;
        let Self { registry, codebook, .. } = self;
        let mut children = population::children(character, codebook, &landmarks, seed)?;
        // What is registered has nothing to do with who there are.
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(1);
        let plan = if registered { Plan::registered(&mut random) } else { Plan::draw(registry, &mut random) };
        let plan = if number % OF_CBS == OF_CBS - 1 { plan.under_cbs()? } else { plan };
        let mut plan = Plan { unmapped, ..plan };
        if number / OF_AANBIEDERS % 2 == 1 {
            random.set_stream(2);
            population::deliver(&mut children, &mut random);
            let most = u32::try_from(children.len())? + random.random_range(0..30);
            plan.inwoners = random.random::<bool>().then_some(most);
        }
        let chain = Chain::release(registry, children, &plan, protection, (codebook, &landmarks))?;
        Ok((chain, plan))
    }

    /// What means something to a child, of a gemeente that maps its product codes or has no mapping.
    ///
    /// # Errors
    /// If the catalogue lacks a member.
    pub fn landmarks(&self, unmapped: bool) -> anyhow::Result<Landmarks> {
        if unmapped { self.landmarks.unmapped(&self.codebook) } else { Ok(self.landmarks) }
    }

    /// Of a registered catalogue.
    ///
    /// # Errors
    /// If it is not whole.
    pub fn of(registry: Registry) -> anyhow::Result<Self> {
        let codebook = Codebook::of(&registry.registered()?)?;
        let landmarks = Landmarks::of(&codebook)?;
        Ok(Self { registry, codebook, landmarks })
    }
}
