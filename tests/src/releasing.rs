//! Releases of made-up records, half-year after half-year, as a node makes them: each from the ledger of those before it. For
//! judges that share no code with what hides. The records are counted here cell by cell, as slowly and plainly as can be.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::{Context as _, ensure};
use drempel_node::{
    ingest::sleutel::PersoonSleutel,
    ledger::{CountedSet, Ledger},
};
use drempel_protocols::{
    catalogue::Catalogue,
    id::{ColumnName, Gemeentecode, MemberCode, Period, ViewName},
    lattice::{Lattice, Place},
    policy::{Policy, PolicyFile},
    release::{Joint, JointError, Release, RuleSet, Uitgave},
    sdc::{Microlp, Unions},
};
use jiff::Timestamp;
use serde::Deserialize;

/// A row of a view: whose it is, and its member of every dimension that follows from no other.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Its view.
    pub view: ViewName,
    /// Whose it is: one number in all half-years and gemeenten.
    pub person: u64,
    /// Its members, by dimension.
    pub members: BTreeMap<ColumnName, MemberCode>,
}

/// The records of a half-year, and under what they are released.
#[derive(Clone, Copy)]
pub struct Records<'r> {
    /// Of which half-year.
    pub period: Period,
    /// Under which catalogue.
    pub catalogue: &'r Catalogue,
    /// Of that catalogue.
    pub lattice: &'r Lattice,
    /// Under which policy.
    pub policy: &'r PolicyFile,
    /// All rows.
    pub rows: &'r [Row],
}

impl Records<'_> {
    /// The release of a gemeente, added to its ledger.
    ///
    /// # Errors
    /// Without anything added if the release is refused, the records are none that can follow what the ledger has counted,
    /// or the ledger cannot be written.
    pub fn release(&self, gemeente: Gemeentecode, ledger: &mut Ledger) -> anyhow::Result<Release> {
        let under = RuleSet::of(self.catalogue, &Policy::from_file(self.policy, self.catalogue)?);
        let earlier = ledger.history()?;
        let al_lopend = self.trajecten("begin", "al_lopend", gemeente)?;
        let as_counted = earlier.is_empty() || al_lopend == ledger.counted()?;
        ensure!(as_counted, "what is al lopend is not what the ledger has counted");
        let uitgave = Uitgave { gemeente, period: self.period, voorgangers: ledger.opgegaan()? };
        let release = self.protect(&earlier, uitgave, under)?;
        let counted = self.trajecten("einde", "loopt_door", gemeente)?;
        ledger.add(&release, &counted, &ledger.version()?, Timestamp::UNIX_EPOCH)?;
        Ok(release)
    }

    fn protect(&self, earlier: &[Release], uitgave: Uitgave, under: RuleSet) -> Result<Release, JointError> {
        let joint = Joint::new(earlier, uitgave, self.lattice, &self.counts(), self)?;
        joint.protect(under, self, &Microlp)
    }

    /// Trajecten with a member, of each person and kind, as a node notes in its ledger what runs on.
    fn trajecten(&self, column: &str, member: &str, gemeente: Gemeentecode) -> anyhow::Result<CountedSet> {
        let mut counted = CountedSet::new();
        let code = |row: &Row, of: &str| Ok::<_, anyhow::Error>(row.members.get(&of.parse::<ColumnName>()?).cloned());
        for row in self.rows {
            if code(row, column)?.is_some_and(|code| code.as_str() == member) {
                let soort = code(row, "categorie")?.zip(code(row, "hulpvorm")?).context("a traject of no kind")?;
                let geteld = counted.entry(name(gemeente, row.person)).or_default().entry(soort).or_default();
                geteld.running += 1;
                geteld.known += 1;
            }
        }
        Ok(counted)
    }

    fn rows_in<'r>(&'r self, place: &'r Place) -> impl Iterator<Item = &'r Row> {
        self.rows.iter().filter(|row| {
            let has = |(column, members): (&ColumnName, &BTreeSet<MemberCode>)| {
                row.members.get(column).is_some_and(|member| members.contains(member))
            };
            row.view == *place.view() && place.within().iter().all(has)
        })
    }

    /// The persons and the rows of every cell of the lattice.
    #[must_use]
    pub fn counts(&self) -> Vec<(u64, u64)> {
        let count = |place: &Place| {
            let persons: BTreeSet<u64> = self.rows_in(place).map(|row| row.person).collect();
            (persons.len() as u64, self.rows_in(place).count() as u64)
        };
        self.lattice.cells().iter().map(|cell| count(&cell.place)).collect()
    }
}

impl Unions for Records<'_> {
    fn in_any(&self, asked: &[(usize, Vec<usize>)]) -> Vec<u64> {
        let place = |cell: &usize| self.lattice.cells().get(*cell).map(|cell| &cell.place);
        let persons = |parts: &[usize]| {
            let rows = parts.iter().filter_map(place).flat_map(|place| self.rows_in(place));
            rows.map(|row| row.person).collect::<BTreeSet<u64>>().len() as u64
        };
        asked.iter().map(|(_, parts)| persons(parts)).collect()
    }
}

/// For the name that each person has at one gemeente that at another: no two gemeenten have a key in common.
#[must_use]
pub fn names<'r>(
    rows: impl Iterator<Item = &'r Row>,
    [one, other]: [Gemeentecode; 2],
) -> HashMap<PersoonSleutel, PersoonSleutel> {
    rows.map(|row| (name(one, row.person), name(other, row.person))).collect()
}

fn name(gemeente: Gemeentecode, person: u64) -> PersoonSleutel {
    // Not longer than a key is.
    let text = format!("{gemeente}{person:010}");
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(text.bytes()).for_each(|(slot, byte)| *slot = byte);
    PersoonSleutel::from_bytes(bytes)
}
