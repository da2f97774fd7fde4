//! What is registered in each half-year, and under which policy it is released: cubes that come later or go, a policy that
//! becomes stricter, another profile, a release that is withdrawn. Has nothing to do with who there are.

use drempel_protocols::{lattice::Lattice, policy::PolicyFile};
use rand::{RngExt as _, seq::IndexedRandom as _};
use rand_chacha::ChaCha8Rng;

use super::{
    life::HALVES,
    registry::{BOTH, Drawn, PERSONS, ROWS, Registry, naam},
};

/// The most cells that the half-years of a gemeente have together, if its cubes are drawn.
const CELLS: usize = 200;

const CUBES: [Drawn; 22] = [
    ("jeugdhulp", &["kerngroep"], BOTH),
    ("jeugdhulp", &["hoofdgroep"], BOTH),
    ("jeugdhulp", &["groep"], BOTH),
    ("jeugdhulp", &["kerngroep", "geslacht_groep"], BOTH),
    ("jeugdhulp", &["kerngroep", "levensfase"], BOTH),
    ("jeugdhulp", &["kerngroep", "begin", "beeindigd"], ROWS),
    ("jeugdhulp", &["begin", "beeindigd"], ROWS),
    ("jeugdhulp", &["beeindigd", "geslacht_groep"], ROWS),
    ("jeugdhulp", &["kerngroep", "verwijzer_groep"], ROWS),
    ("jeugdhulp", &["begin", "beeindigd", "duur_groep"], ROWS),
    ("jeugdhulp", &["hulpvorm_groep"], BOTH),
    ("jeugdhulp", &["hulpvorm"], BOTH),
    ("jeugdhulp", &["categorie"], BOTH),
    ("jeugdhulp", &["verwijzer"], ROWS),
    ("jeugdhulp", &["duur_lijst"], ROWS),
    ("jeugdhulp", &["verwijzer_groep", "wachttijd_groep"], ROWS),
    ("jeugdhulp", &["stroom"], PERSONS),
    ("herhaald_beroep", &["kerngroep", "herhaald_groep"], ROWS),
    ("herhaald_beroep", &["herhaald"], BOTH),
    ("herhaald_beroep", &["kerngroep"], ROWS),
    ("wisseling", &["aansluiting"], BOTH),
    ("wisseling", &["kerngroep"], BOTH),
];

/// What is registered, and under which policies.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The half-years, in order.
    pub halves: Vec<Half>,
    /// Whether no product codes are mapped.
    pub unmapped: bool,
    /// How many inhabitants the gemeente has, if not as many as the catalogue says.
    pub inwoners: Option<u32>,
}

/// A half-year of a plan.
#[derive(Clone, Debug)]
pub struct Half {
    /// The cubes; none for those that the catalogue has.
    pub cubes: Option<Vec<Drawn>>,
    /// The policy.
    pub policy: PolicyFile,
    /// Whether its release is withdrawn after that: its figures stay known.
    pub withdrawn: bool,
}

impl Half {
    fn of(cubes: Option<Vec<Drawn>>) -> Self {
        Self { cubes, policy: PolicyFile::default(), withdrawn: false }
    }

    /// What is registered, in one line.
    #[must_use]
    pub fn text(&self) -> String {
        let naam = |(view, dimensions, _): &Drawn| naam(view, dimensions);
        let cubes = self.cubes.as_ref().map(|cubes| cubes.iter().map(naam).collect::<Vec<_>>().join(", "));
        let k = self.policy.k.map_or_else(String::new, |k| format!(", k {k}"));
        let profiel = self.policy.profiel.as_ref().map_or_else(String::new, |profiel| format!(", {profiel}"));
        let cubes = cubes.unwrap_or_else(|| "as registered".to_owned());
        format!("{cubes}{k}{profiel}{}", if self.withdrawn { ", withdrawn" } else { "" })
    }
}

impl Plan {
    /// These cubes in each half-year, under the policy that everybody has.
    #[must_use]
    pub fn new(halves: impl IntoIterator<Item = Vec<Drawn>>) -> Self {
        Self {
            halves: halves.into_iter().map(|cubes| Half::of(Some(cubes))).collect(),
            unmapped: false,
            inwoners: None,
        }
    }

    /// Some cubes, some of which come later or go; now and then a stricter policy from some half-year on, or a release that
    /// is withdrawn. Together they have no more cells than the oracle can do.
    #[must_use]
    pub fn draw(registry: &Registry, random: &mut ChaCha8Rng) -> Self {
        Self::new(cubes(registry, random)).varied(random)
    }

    /// The cubes that the catalogue has, in every half-year, and policies and releases as drawn.
    #[must_use]
    pub fn registered(random: &mut ChaCha8Rng) -> Self {
        Self { halves: vec![Half::of(None); HALVES.len()], unmapped: false, inwoners: None }.varied(random)
    }

    /// Under the profile that hides whether anybody is in a cell, and rounds after that: what is rounded is taken to be known.
    ///
    /// # Errors
    /// If there is no such name.
    pub fn under_cbs(mut self) -> anyhow::Result<Self> {
        for half in &mut self.halves {
            half.policy.profiel = Some("cbs".parse()?);
        }
        Ok(self)
    }

    fn varied(mut self, random: &mut ChaCha8Rng) -> Self {
        let (turn, stricter) = (random.random_range(1..2 * HALVES.len()), [12, 15].choose(random).copied());
        for half in self.halves.iter_mut().skip(turn) {
            half.policy.k = stricter;
        }
        for half in &mut self.halves {
            half.withdrawn = random.random_range(0..10) == 0;
        }
        self
    }
}

/// The cubes of each half-year: some come later or go, and together they have no more cells than the oracle can do.
fn cubes(registry: &Registry, random: &mut ChaCha8Rng) -> Vec<Vec<Drawn>> {
    loop {
        let many = random.random_range(2..=5);
        let drawn: Vec<Drawn> = CUBES.sample(random, many).copied().collect();
        let changes = random.random_range(0..3) == 0;
        let span = |random: &mut ChaCha8Rng| match (changes, random.random_range(0..3)) {
            (true, 0) => (random.random_range(1..HALVES.len()), HALVES.len()),
            (true, 1) => (0, random.random_range(1..=HALVES.len())),
            _ => (0, HALVES.len()),
        };
        let spans: Vec<(usize, usize)> = drawn.iter().map(|_| span(random)).collect();
        let of_half = |half: usize| {
            let there = drawn.iter().zip(&spans).filter(|(_, (since, until))| *since <= half && half < *until);
            there.map(|(cube, _)| *cube).collect::<Vec<_>>()
        };
        let halves: Vec<Vec<Drawn>> = (0..HALVES.len()).map(of_half).collect();
        let mut cells = 0;
        for cubes in &halves {
            // Cubes that go round in a circle are refused, as is a catalogue without any.
            let lattice = registry.with(Some(cubes), None).ok().and_then(|catalogue| Lattice::of(&catalogue).ok());
            let count = lattice.map(|of| of.cells().iter().filter(|cell| !cell.shows.nothing()).count());
            cells += count.filter(|count| *count > 0).unwrap_or(CELLS + 1);
        }
        if cells <= CELLS {
            return halves;
        }
    }
}
