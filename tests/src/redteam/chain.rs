//! What a gemeente releases, half-year after half-year: which cubes are registered when, under which policy, and what came of
//! it, for whoever attacks it. Made as a node makes it, from a ledger; or, to see an attack at work, with less protection.

use std::{collections::BTreeMap, path::Path};

use anyhow::Context as _;
use drempel_node::ledger::Ledger;
use drempel_protocols::{
    catalogue::{Bundle, Catalogue, Measure, SignedBundle},
    lattice::{Lattice, Place},
    policy::{Policy, PolicyFile},
    release::{JointError, Release},
    sdc::Reason,
};
use jiff::Timestamp;
use rand::{RngExt as _, seq::IndexedRandom as _};
use rand_chacha::ChaCha8Rng;

use super::{
    codebook::Codebook,
    life::{self, HALVES, Landmarks, Life},
};
use crate::releasing::Records;

/// The most cells that the half-years of a gemeente have together, if its cubes are drawn.
const CELLS: usize = 200;

/// The files of a catalogue.
const FILES: [&str; 6] =
    ["catalogus.toml", "weergaven.toml", "definities.toml", "doelen.toml", "kubussen.toml", "gebieden.toml"];

/// A cube that may be registered: view, dimensions, measures. Some are in the catalogue and some are not.
pub type Drawn = (&'static str, &'static [&'static str], &'static [&'static str]);

/// Persons and rows.
pub const BOTH: &[&str] = &["personen", "aantal"];
/// Rows.
pub const ROWS: &[&str] = &["aantal"];
/// Persons.
pub const PERSONS: &[&str] = &["personen"];

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

/// A gemeente whose half-years are released.
#[derive(Debug)]
pub struct Chain {
    /// The children.
    pub children: Vec<Life>,
    /// What hides.
    pub protection: Protection,
    /// The cells of its releases, by half-year.
    pub cells: Vec<ReleasedCell>,
    /// How many half-years were released.
    pub halves: usize,
    /// Why there is no next one, if there is none.
    pub refused: Option<String>,
}

/// A cell of a release, with what the officer knows of it.
#[derive(Clone, Debug)]
pub struct ReleasedCell {
    /// Of which half-year.
    pub half: usize,
    /// Its name.
    pub place: Place,
    /// Whether its persons are published if it is shown.
    pub shows_persons: bool,
    /// Whether its rows are.
    pub shows_rows: bool,
    /// Distinct persons.
    pub persons: u64,
    /// Rows.
    pub rows: u64,
    /// Why it is hidden; none if it is shown.
    pub reason: Option<Reason>,
    /// The least persons of a shown cell in that half-year.
    pub k: u64,
}

/// How much is hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Protection {
    /// What Drempel hides.
    Drempel,
    /// Cells of 1 to k-1 persons and nothing else.
    Threshold,
    /// Nothing.
    Raw,
}

/// The registered catalogue, in which other cubes are registered.
#[derive(Debug)]
pub struct Registry(BTreeMap<String, String>);

impl Registry {
    /// From the folder of a catalogue.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read(folder: &Path) -> anyhow::Result<Self> {
        let bundle = SignedBundle::read(folder)?;
        let text = |name: &str| Some((name.to_owned(), bundle.bundle().file(name)?.to_owned()));
        Ok(Self(FILES.into_iter().filter_map(text).collect()))
    }

    /// As it is registered.
    ///
    /// # Errors
    /// If it is not whole.
    pub fn registered(&self) -> anyhow::Result<Catalogue> {
        Ok(Catalogue::from_bundle(&Bundle::from_files(self.0.clone()))?)
    }

    fn with(&self, cubes: &[Drawn]) -> anyhow::Result<Catalogue> {
        let text = cubes.iter().map(|(view, dimensions, measures)| {
            let naam = naam(view, dimensions);
            let list = |of: &[&str]| format!("[\"{}\"]", of.join("\", \""));
            format!(
                "[[kubus]]\nnaam = \"{naam}\"\nnl = \"{naam}\"\nen = \"{naam}\"\nweergave = \"{view}\"\ndimensies = \
                 {}\ntellingen = {}\ndoelen = [\"landelijke-monitor\"]\n",
                list(dimensions),
                list(measures)
            )
        });
        let mut files = self.0.clone();
        files.insert("kubussen.toml".to_owned(), text.collect());
        Ok(Catalogue::from_bundle(&Bundle::from_files(files))?)
    }
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
        let cubes = cubes.unwrap_or_else(|| "as registered".to_owned());
        format!("{cubes}{k}{}", if self.withdrawn { ", withdrawn" } else { "" })
    }
}

impl Plan {
    /// These cubes in each half-year, under the policy that everybody has.
    #[must_use]
    pub fn new(halves: impl IntoIterator<Item = Vec<Drawn>>) -> Self {
        Self { halves: halves.into_iter().map(|cubes| Half::of(Some(cubes))).collect(), unmapped: false }
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
        Self { halves: vec![Half::of(None); HALVES.len()], unmapped: false }.varied(random)
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

impl Chain {
    /// Releases the half-years of some children.
    ///
    /// # Errors
    /// If anything but a release fails.
    pub fn release(
        registry: &Registry,
        children: Vec<Life>,
        plan: &Plan,
        protection: Protection,
        (codebook, landmarks): (&Codebook, &Landmarks),
    ) -> anyhow::Result<Self> {
        anyhow::ensure!(children.iter().all(|child| child.sound(landmarks)), "there is a child that cannot be");
        let folder = tempfile::tempdir()?;
        let mut ledger = Ledger::open(&folder.path().join("ledger.sqlite"))?;
        let mut found = Self { children, protection, cells: Vec::new(), halves: 0, refused: None };
        for (period, half) in HALVES.into_iter().zip(&plan.halves) {
            let catalogue = half.cubes.as_ref().map_or_else(|| registry.registered(), |cubes| registry.with(cubes))?;
            let lattice = Lattice::of(&catalogue)?;
            let lattice = if plan.unmapped { lattice.unmapped(&catalogue) } else { lattice };
            let rows = life::rows(&found.children, found.halves, codebook, landmarks)?;
            let (period, policy) = (period.parse()?, &half.policy);
            let records = Records { period, catalogue: &catalogue, lattice: &lattice, policy, rows: &rows };
            if protection == Protection::Drempel {
                match records.release("GM0014".parse()?, &mut ledger) {
                    Ok(release) => found.add(&release)?,
                    Err(error) if error.downcast_ref::<JointError>().is_some() => {
                        found.refused = Some(error.to_string());
                        break;
                    }
                    Err(error) => return Err(error),
                }
                if half.withdrawn {
                    ledger.withdraw(period, "made-up", Timestamp::UNIX_EPOCH)?;
                }
            } else {
                let k = Policy::from_file(policy, &catalogue)?.k().into();
                found.count(&records, k, protection);
            }
            found.halves += 1;
        }
        Ok(found)
    }

    fn add(&mut self, release: &Release) -> anyhow::Result<()> {
        let published = release.published();
        for cell in release.reasons() {
            let shows = published.get(cell.place).context("a cell that is in no table")?;
            self.cells.push(ReleasedCell {
                half: self.halves,
                place: cell.place.clone(),
                shows_persons: shows.contains_key(&Measure::Personen),
                shows_rows: shows.contains_key(&Measure::Aantal),
                persons: cell.persons,
                rows: cell.rows,
                reason: cell.reason,
                k: release.rules().k,
            });
        }
        Ok(())
    }

    /// Counts a half-year, and hides what is too small or nothing.
    fn count(&mut self, records: &Records<'_>, k: u64, protection: Protection) {
        let cells = records.lattice.cells().iter().zip(records.counts()).filter(|(cell, _)| !cell.shows.nothing());
        self.cells.extend(cells.map(|(cell, (persons, rows))| ReleasedCell {
            half: self.halves,
            place: cell.place.clone(),
            shows_persons: cell.shows.persons,
            shows_rows: cell.shows.rows,
            persons,
            rows,
            reason: (protection == Protection::Threshold && (1..k).contains(&persons)).then_some(Reason::Unsafe),
            k,
        }));
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
            let lattice = registry.with(cubes).ok().and_then(|catalogue| Lattice::of(&catalogue).ok());
            let count = lattice.map(|of| of.cells().iter().filter(|cell| !cell.shows.nothing()).count());
            cells += count.filter(|count| *count > 0).unwrap_or(CELLS + 1);
        }
        if cells <= CELLS {
            return halves;
        }
    }
}

fn naam(view: &str, dimensions: &[&str]) -> String {
    format!("{view}-{}", dimensions.join("-")).replace('_', "-")
}
