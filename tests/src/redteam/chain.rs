//! What a gemeente releases, half-year after half-year, and what came of it, for whoever attacks it. Made as a node makes it,
//! from a ledger; or, to see an attack at work, with less protection.

use std::path::PathBuf;

use anyhow::Context as _;
use drempel_node::{audit::AnsweredFrom, ledger::Ledger};
use drempel_protocols::{
    catalogue::Measure,
    id::Gemeentecode,
    lattice::{Lattice, Place},
    policy::Policy,
    release::{JointError, Release},
    sdc::Reason,
};
use jiff::Timestamp;
use tempfile::TempDir;

use super::{
    codebook::Codebook,
    life::{self, HALVES, Landmarks, Life},
    plan::Plan,
    registry::{GEMEENTE, Registry},
};
use crate::releasing::{Records, Row, names};

/// A gemeente whose half-years are released.
#[derive(Debug)]
pub struct Chain {
    /// Which one.
    gemeente: Gemeentecode,
    /// The number of its first child among those of all gemeenten.
    first: u64,
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
    folder: TempDir,
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
    /// Whether it hides as well that nobody is in a cell.
    pub hides_zeros: bool,
    /// What its counts are published as multiples of.
    pub round_to: u64,
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
        let mut found = Self::begin((GEMEENTE, 0), children, protection, landmarks)?;
        found.go_on(registry, plan, (codebook, landmarks))?;
        Ok(found)
    }

    /// A gemeente, by its code and the number of its first child, that has released nothing yet.
    pub(super) fn begin(
        (gemeente, first): (&str, u64),
        children: Vec<Life>,
        protection: Protection,
        landmarks: &Landmarks,
    ) -> anyhow::Result<Self> {
        anyhow::ensure!(children.iter().all(|child| child.sound(landmarks)), "there is a child that cannot be");
        let (gemeente, folder) = (gemeente.parse()?, tempfile::tempdir()?);
        Ok(Self { gemeente, first, children, protection, cells: Vec::new(), halves: 0, refused: None, folder })
    }

    /// Takes over what another gemeente released, which becomes this one (herindeling): goes on where that ended.
    pub(super) fn take_over(&mut self, other: &Self, of: (&Codebook, &Landmarks)) -> anyhow::Result<()> {
        if self.protection == Protection::Drempel {
            let rows = (0..other.halves).map(|half| other.rows(half, of)).collect::<anyhow::Result<Vec<_>>>()?.concat();
            let names = names(rows.iter(), [other.gemeente, self.gemeente]);
            Ledger::open(&self.ledger())?.take_over(
                &other.ledger(),
                self.gemeente,
                &names,
                &AnsweredFrom::default(),
                false,
            )?;
        }
        self.halves = other.halves;
        Ok(())
    }

    fn rows(&self, half: usize, (codebook, landmarks): (&Codebook, &Landmarks)) -> anyhow::Result<Vec<Row>> {
        let mut rows = life::rows(&self.children, half, codebook, landmarks)?;
        rows.iter_mut().for_each(|row| row.person += self.first);
        Ok(rows)
    }

    /// Releases the half-years of a plan that it has not released yet.
    pub(super) fn go_on(
        &mut self,
        registry: &Registry,
        plan: &Plan,
        of: (&Codebook, &Landmarks),
    ) -> anyhow::Result<()> {
        let mut ledger = Ledger::open(&self.ledger())?;
        for (period, half) in HALVES.into_iter().zip(&plan.halves).skip(self.halves) {
            let catalogue = registry.with(half.cubes.as_deref(), plan.inwoners)?;
            let lattice = Lattice::of(&catalogue)?;
            let lattice = if plan.unmapped { lattice.unmapped(&catalogue) } else { lattice };
            let rows = self.rows(self.halves, of)?;
            let (period, policy) = (period.parse()?, &half.policy);
            let records = Records { period, catalogue: &catalogue, lattice: &lattice, policy, rows: &rows };
            if self.protection == Protection::Drempel {
                match records.release(self.gemeente, &mut ledger) {
                    Ok(release) => self.add(&release)?,
                    Err(error) if error.downcast_ref::<JointError>().is_some() => {
                        self.refused = Some(error.to_string());
                        break;
                    }
                    Err(error) => return Err(error),
                }
                if half.withdrawn {
                    ledger.withdraw(period, "made-up", Timestamp::UNIX_EPOCH)?;
                }
            } else {
                let k = Policy::from_file(policy, &catalogue)?.k().into();
                self.count(&records, k);
            }
            self.halves += 1;
        }
        Ok(())
    }

    /// The ledger that holds the releases, if there are.
    #[must_use]
    pub fn ledger(&self) -> PathBuf {
        self.folder.path().join("ledger.sqlite")
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
                hides_zeros: release.rules().hide_zeros,
                round_to: release.round_to().into(),
            });
        }
        Ok(())
    }

    /// Counts a half-year, and hides what is too small or nothing.
    fn count(&mut self, records: &Records<'_>, k: u64) {
        let cells = records.lattice.cells().iter().zip(records.counts()).filter(|(cell, _)| !cell.shows.nothing());
        self.cells.extend(cells.map(|(cell, (persons, rows))| ReleasedCell {
            half: self.halves,
            place: cell.place.clone(),
            shows_persons: cell.shows.persons,
            shows_rows: cell.shows.rows,
            persons,
            rows,
            reason: (self.protection == Protection::Threshold && (1..k).contains(&persons)).then_some(Reason::Unsafe),
            k,
            hides_zeros: false,
            round_to: 1,
        }));
    }
}
