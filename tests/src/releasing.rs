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
    release::{Joint, JointError, Release, RuleSet, Uitgave, insiders},
    sdc::{Clients, Microlp, Unions},
};
use jiff::Timestamp;
use serde::Deserialize;

/// The view that does not say which aanbieder delivers.
const WISSELING: &str = "wisseling";

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
    /// By AGB-code which aanbieder delivers, if that is known (rule R7).
    #[serde(default)]
    pub aanbieder: Option<u32>,
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
        let policy = Policy::from_file(self.policy, self.catalogue)?;
        let earlier = ledger.history()?;
        let al_lopend = self.trajecten("begin", "al_lopend", gemeente)?;
        let as_counted = earlier.is_empty() || al_lopend == ledger.counted()?;
        ensure!(as_counted, "what is al lopend is not what the ledger has counted");
        let uitgave = Uitgave { gemeente, period: self.period, voorgangers: ledger.opgegaan()? };
        let release = self.protect(&earlier, uitgave, &policy)?;
        let counted = self.trajecten("einde", "loopt_door", gemeente)?;
        ledger.add(&release, &counted, &ledger.version()?, Timestamp::UNIX_EPOCH)?;
        Ok(release)
    }

    fn protect(&self, earlier: &[Release], uitgave: Uitgave, policy: &Policy) -> Result<Release, JointError> {
        let (counts, clients) = (self.counts(), self.clients());
        let insiders = insiders(self.catalogue, policy, &uitgave, self.lattice, &counts, clients);
        let joint = Joint::new(earlier, uitgave, self.lattice, &counts, self)?.with_insiders(insiders);
        joint.protect(RuleSet::of(self.catalogue, policy), self, &Microlp)
    }

    /// Of every cell of the lattice the clients of each aanbieder that has any; nothing where no row names one.
    fn clients(&self) -> Vec<Vec<Clients>> {
        let of_cell = |place: &Place| {
            let mut delivered: BTreeMap<u64, BTreeSet<Option<u32>>> = BTreeMap::new();
            for row in self.rows_in(place) {
                delivered.entry(row.person).or_default().extend(self.delivered(row));
            }
            let everybody = || delivered.values();
            let clients = |aanbieder: &u32| Clients {
                known: everybody().filter(|at| at.contains(&Some(*aanbieder))).count() as u64,
                at_most: everybody().filter(|at| at.contains(&Some(*aanbieder)) || at.contains(&None)).count() as u64,
            };
            let unknown = everybody().filter(|at| at.contains(&None)).count() as u64;
            let known: BTreeSet<u32> = everybody().flatten().flatten().copied().collect();
            let of_unknown = (unknown > 0).then_some(Clients { known: 0, at_most: unknown });
            known.iter().map(clients).chain(of_unknown).collect()
        };
        let says = self.rows.iter().any(|row| row.aanbieder.is_some());
        self.lattice.cells().iter().map(|cell| if says { of_cell(&cell.place) } else { Vec::new() }).collect()
    }

    /// Where whoever has a row gets help, as far as that is known: where the view does not say, wherever the records do.
    fn delivered(&self, row: &Row) -> Vec<Option<u32>> {
        if row.view.as_str() != WISSELING {
            return vec![row.aanbieder];
        }
        let own = self.rows.iter().filter(|other| other.person == row.person && other.view != row.view);
        own.map(|other| other.aanbieder).collect()
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
