//! Building a release: from the live snapshot and the ledger to everything that is published of a half-year. The counted
//! set decides what counts (rule R2), the lattice is counted in one pass, protected together with everything released
//! before (rules R3 to R6), and added to the ledger. Nothing else reads rows of records.

mod columns;
mod counted;
mod rows;
#[cfg(test)]
mod tests;

use drempel_protocols::{
    catalogue::Catalogue,
    clock::dutch_day,
    id::{Gemeentecode, Period},
    lattice::{Lattice, LatticeError},
    policy::{Policy, PolicyError},
    release::{Joint, JointError, Release, RuleSet, Uitgave, insiders},
    sdc::Microlp,
};
use jiff::Timestamp;

use crate::{
    audit::{AnsweredFrom, AuditError},
    config::Config,
    engine::lattice::{CountError, Counted},
    ingest::snapshot::{Snapshot, SnapshotError},
    ledger::{CountedSet, Ledger, LedgerError, Version},
    release::{counted::Telling, rows::Rows},
};

/// How far a build is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Reading the snapshot.
    Reading,
    /// Counting the cells.
    Counting,
    /// Protecting them.
    Protecting,
    /// Adding the release to the ledger.
    Storing,
}

/// Why there is no release. For the gemeente only: it can depend on records, though no part of it holds a count.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The policy.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The snapshot.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The snapshot is of another gemeente.
    #[error("the snapshot was made for another gemeente; import this gemeente's own messages")]
    OtherGemeente,
    /// The snapshot does not cover the half-year, or not all before it.
    #[error("the snapshot does not cover {0} and every released half-year before it; import with wider [perioden]")]
    NotCovered(Period),
    /// A gemeente became this one, and its ledger is not here.
    #[error(
        "{0} became this gemeente: take over what it released and counted first, with drempel-node ledger import, so that \
         nothing follows from its figures and these"
    )]
    Voorganger(Gemeentecode),
    /// It is too early.
    #[error("{period} may be released from {day}; until then messages are still to come")]
    Early {
        /// The half-year.
        period: Period,
        /// The first day.
        day: jiff::civil::Date,
    },
    /// Another half-year is next.
    #[error("the next half-year to release is {0}; half-years are released one after another")]
    NotNext(Period),
    /// Most of what was counted before is not in the snapshot.
    #[error(
        "more than half of the trajecten that ran on after the last release are not in the snapshot: it seems to be made \
         of other records, or under another key. If they are really gone: --accept-loss"
    )]
    Loss,
    /// The cubes.
    #[error(transparent)]
    Lattice(#[from] LatticeError),
    /// Counting.
    #[error(transparent)]
    Count(#[from] CountError),
    /// Protecting.
    #[error(transparent)]
    Joint(#[from] JointError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The log.
    #[error(transparent)]
    Audit(#[from] AuditError),
}

/// What to build.
#[derive(Clone, Copy, Debug)]
pub struct Build<'b> {
    /// The node's configuration.
    pub config: &'b Config,
    /// Its catalogue.
    pub catalogue: &'b Catalogue,
    /// When it is built.
    pub now: Timestamp,
    /// Whether most of what ran on may be gone.
    pub accept_loss: bool,
}

/// A release that is not yet in the ledger, and what it counts.
pub struct Built {
    release: Release,
    counted: CountedSet,
    made_at: Version,
}

impl Built {
    /// What would be released.
    #[must_use]
    pub const fn release(&self) -> &Release {
        &self.release
    }
}

impl Build<'_> {
    /// The half-year that is next; none if all that the catalogue and the configuration have are released.
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn next(&self, ledger: &Ledger) -> Result<Option<Period>, BuildError> {
        let last = ledger.history()?.last().map(Release::period);
        let next = match last {
            Some(last) => last.next(),
            None => Some(self.config.perioden.eerste),
        };
        let known = |period: &Period| self.catalogue.periods().any(|known| known == *period);
        Ok(next.filter(|next| *next <= self.config.perioden.laatste && known(next)))
    }

    /// Whether a half-year may be released by now.
    #[must_use]
    pub fn is_due(&self, period: Period) -> bool {
        dutch_day(self.now) >= self.catalogue.release_day(period)
    }

    /// Makes the release of a half-year, without adding it to the ledger. Before there is any release every half-year is
    /// next.
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn make(&self, period: Period, ledger: &Ledger, progress: &mut dyn FnMut(Stage)) -> Result<Built, BuildError> {
        let made_at = ledger.version()?;
        ledger.releases_after(&AnsweredFrom::read(&self.config.paths.audit)?)?;
        let earlier = ledger.history()?;
        let voorgangers = ledger.opgegaan()?;
        let is_here = |code: &&Gemeentecode| earlier.iter().any(|release| release.gemeente() == **code);
        if let Some(missing) = self.config.voorgangers.iter().find(|code| !is_here(code)) {
            return Err(BuildError::Voorganger(*missing));
        }
        if let Some(next) = earlier.last().and_then(|last| last.period().next()).filter(|next| *next != period) {
            return Err(BuildError::NotNext(next));
        }
        if !self.is_due(period) {
            return Err(BuildError::Early { period, day: self.catalogue.release_day(period) });
        }
        progress(Stage::Reading);
        let snapshot = Snapshot::open_current(&self.config.paths.snapshots)?;
        if snapshot.manifest().gemeente != self.config.gemeente {
            return Err(BuildError::OtherGemeente);
        }
        // What others counted before they became this gemeente is theirs to have covered.
        let own = earlier.iter().filter(|release| release.gemeente() == self.config.gemeente);
        let first = own.map(Release::period).min().unwrap_or(period);
        let covered = |period: &Period| snapshot.manifest().periods.contains(period);
        if !first.through(period).all(|period| covered(&period)) {
            return Err(BuildError::NotCovered(period));
        }
        let rows = Rows::read(&snapshot, self.catalogue)?;
        let before = (!earlier.is_empty()).then(|| ledger.counted()).transpose()?;
        let renamed = ledger.renamed()?;
        progress(Stage::Counting);
        let telling = Telling::of(&rows, period, before, &renamed, self.catalogue)?;
        if telling.lost() && !self.accept_loss {
            return Err(BuildError::Loss);
        }
        // What an earlier half-year mapped can still run.
        let unmapped = !snapshot.manifest().afbeelding && earlier.iter().all(Release::zonder_afbeelding);
        let lattice = Lattice::of(self.catalogue)?;
        let lattice = if unmapped { lattice.unmapped(self.catalogue) } else { lattice };
        let counted = Counted::new(&lattice, telling.tables())?;
        progress(Stage::Protecting);
        let uitgave = Uitgave { gemeente: self.config.gemeente, period, voorgangers };
        let policy = Policy::from_file(&self.config.beleid, self.catalogue)?;
        let counts = counted.counts();
        let insiders = insiders(self.catalogue, &policy, &uitgave, &lattice, &counts, counted.clients());
        let joint = Joint::new(&earlier, uitgave, &lattice, &counts, &counted)?.with_insiders(insiders);
        let release = joint.protect(RuleSet::of(self.catalogue, &policy), &counted, &Microlp)?;
        Ok(Built { release, counted: telling.into_counted(), made_at })
    }

    /// Makes a release and adds it to the ledger. Its id.
    ///
    /// # Errors
    /// [`BuildError`]; the ledger is then as it was.
    pub fn add(
        &self,
        period: Period,
        ledger: &mut Ledger,
        progress: &mut dyn FnMut(Stage),
    ) -> Result<(String, Release), BuildError> {
        let Built { release, counted, made_at } = self.make(period, ledger, progress)?;
        progress(Stage::Storing);
        let id = ledger.add(&release, &counted, &made_at, self.now)?;
        Ok((id, release))
    }

    /// Makes and adds every release that is due. How many.
    ///
    /// # Errors
    /// [`BuildError`]; releases before the one that fails are in the ledger.
    pub fn add_all(
        &self,
        ledger: &mut Ledger,
        done: &mut dyn FnMut(Period, &Release),
        progress: &mut dyn FnMut(Stage),
    ) -> Result<usize, BuildError> {
        let mut count = 0;
        while let Some(period) = self.next(ledger)?.filter(|period| self.is_due(*period)) {
            let (_, release) = self.add(period, ledger, progress)?;
            done(period, &release);
            count += 1;
        }
        Ok(count)
    }
}
