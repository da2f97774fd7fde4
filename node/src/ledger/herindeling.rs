//! What a gemeente takes over from those that became it on 1 January (rule R3): their releases, which readers have, and
//! what they counted, so that its stocks at the beginning are theirs at the end.

use std::{
    collections::{BTreeSet, HashMap},
    path::{Path, PathBuf},
};

use drempel_protocols::{
    id::{Gemeentecode, Period},
    release::Release,
};
use rusqlite::{TransactionBehavior, params};
use tempfile::TempDir;

use super::{Ledger, LedgerError};
use crate::{audit::AnsweredFrom, ingest::sleutel::PersoonSleutel};

/// What was taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overgenomen {
    /// The gemeente.
    pub gemeente: Gemeentecode,
    /// Its last half-year.
    pub last: Period,
    /// Releases, those of gemeenten that had become it among them.
    pub releases: usize,
    /// Persons of whom something was counted.
    pub persons: usize,
    /// Of those how many are in the records of this gemeente.
    pub known: usize,
}

impl Ledger {
    /// Every release that readers have of children of this gemeente, in the order in which they are protected: of
    /// gemeenten that became it, and its own.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn history(&self) -> Result<Vec<Release>, LedgerError> {
        let mut all = self.of_voorgangers()?;
        all.extend(self.releases()?.into_iter().map(|stored| stored.release));
        all.sort_by_key(|release| (release.period(), release.gemeente()));
        Ok(all)
    }

    /// The gemeenten whose stocks the next release takes over.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub fn opgegaan(&self) -> Result<BTreeSet<Gemeentecode>, LedgerError> {
        let mut query = self.connection.prepare("SELECT gemeente FROM opgegaan")?;
        let codes = query.query_map([], |row| row.get::<_, String>(0))?;
        codes.map(|code| code?.parse().map_err(|_| LedgerError::Corrupt("another gemeente".to_owned()))).collect()
    }

    /// Takes over the ledger of another gemeente. `names` are those that persons in the records of this gemeente have there,
    /// with those that they have here. Where they are of less than half of who was counted it is refused, unless
    /// `accept_loss`; and where it lacks a release that its own log says was answered from.
    ///
    /// # Errors
    /// [`LedgerError`]; nothing was taken over then.
    pub fn take_over(
        &mut self,
        other: &Path,
        own: Gemeentecode,
        names: &HashMap<PersoonSleutel, PersoonSleutel>,
        answered: &AnsweredFrom,
        accept_loss: bool,
    ) -> Result<Overgenomen, LedgerError> {
        let (_folder, other) = self.copy_of(other)?;
        let last = other.releases_after(answered)?.pop().ok_or(LedgerError::Nothing)?.release;
        let (releases, gemeente, last) = (other.history()?, last.gemeente(), last.period());
        let known: BTreeSet<Gemeentecode> = self.of_voorgangers()?.iter().map(Release::gemeente).collect();
        if gemeente == own || known.contains(&gemeente) || !other.opgegaan()?.is_empty() {
            return Err(LedgerError::TakenOver(gemeente));
        }
        self.ends_at(gemeente, last)?;
        let counted = other.counted()?;
        // Renamed since the last release, there or here: it is the first name that was counted.
        let (first, own_first) = (other.renamed()?, self.renamed()?);
        let counted_as = |first: &HashMap<_, _>, name: &PersoonSleutel| first.get(name).copied().unwrap_or(*name);
        let here: HashMap<PersoonSleutel, PersoonSleutel> =
            names.iter().map(|(there, here)| (counted_as(&first, there), counted_as(&own_first, here))).collect();
        let found = counted.keys().filter(|person| here.contains_key(*person)).count();
        if found * 2 < counted.len() && !accept_loss {
            return Err(LedgerError::Strangers(gemeente));
        }

        let change = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        change.execute("INSERT INTO opgegaan (gemeente) VALUES (?1)", params![gemeente.to_string()])?;
        for release in &releases {
            let body =
                serde_json::to_string(release).map_err(|_| LedgerError::Corrupt(release.period().to_string()))?;
            change.execute(
                "INSERT INTO voorganger (gemeente, period, body) VALUES (?1, ?2, ?3)",
                params![release.gemeente().to_string(), release.period().to_string(), body],
            )?;
        }
        {
            // Who was in two gemeenten was counted in both.
            let mut insert = change.prepare(
                "INSERT INTO counted (person, categorie, hulpvorm, running, known) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT DO UPDATE SET running = running + excluded.running, known = known + excluded.known",
            )?;
            for (person, soorten) in &counted {
                let name = here.get(person).unwrap_or(person);
                for ((categorie, hulpvorm), geteld) in soorten {
                    let (running, known) = (geteld.running, geteld.known);
                    insert.execute(params![name.as_bytes(), categorie.as_str(), hulpvorm.as_str(), running, known])?;
                }
            }
        }
        change.commit()?;
        Ok(Overgenomen { gemeente, last, releases: releases.len(), persons: counted.len(), known: found })
    }

    /// A copy of another ledger beside this one, so that the other file stays as it is and nothing of it is left on
    /// another disk. What was not yet written back to it comes along: its last release may be there.
    fn copy_of(&self, other: &Path) -> Result<(TempDir, Self), LedgerError> {
        let own = self.connection.path().map(Path::new).and_then(Path::parent);
        let folder = own.map_or_else(tempfile::tempdir, tempfile::tempdir_in)?;
        let copy = folder.path().join("ledger.sqlite");
        std::fs::copy(other, &copy)?;
        let beside = |path: &Path| {
            let mut name = path.as_os_str().to_owned();
            name.push("-wal");
            PathBuf::from(name)
        };
        if beside(other).exists() {
            std::fs::copy(beside(other), beside(&copy))?;
        }
        let ledger = Self::open(&copy)?;
        Ok((folder, ledger))
    }

    /// All that become this gemeente, itself included, must have released up to the same half-year.
    fn ends_at(&self, gemeente: Gemeentecode, found: Period) -> Result<(), LedgerError> {
        let own = self.releases()?.pop().map(|stored| stored.release.period());
        let joining = self.opgegaan()?;
        let others = self.of_voorgangers()?;
        let others = others.iter().filter(|release| joining.contains(&release.gemeente())).map(Release::period).max();
        match own.or(others) {
            Some(wanted) if wanted != found => {
                let advice = if found < wanted {
                    "build the missing releases at the old node first, and take over its ledger then"
                } else {
                    "build the missing releases here first"
                };
                Err(LedgerError::OtherEnd { gemeente, found, wanted, advice })
            }
            _ => Ok(()),
        }
    }

    fn of_voorgangers(&self) -> Result<Vec<Release>, LedgerError> {
        let mut query = self.connection.prepare("SELECT gemeente, period, body FROM voorganger")?;
        let rows = query.query_map([], |row| {
            let text = |place: usize| row.get::<_, String>(place);
            Ok((text(0)?, text(1)?, text(2)?))
        })?;
        let mut releases = Vec::new();
        for row in rows {
            let (gemeente, period, body) = row?;
            let corrupt = || LedgerError::Corrupt(format!("{period} of {gemeente}"));
            let release: Release = serde_json::from_str(&body).map_err(|_| corrupt())?;
            let named = (release.gemeente().to_string(), release.period().to_string());
            if !release.is_known_format() || named != (gemeente.clone(), period.clone()) {
                return Err(corrupt());
            }
            releases.push(release);
        }
        Ok(releases)
    }
}
