//! Which gemeenten there are and in which jeugdregio and provincie each lies, by year: gemeenten are merged and
//! regions redrawn on 1 January, so a sum over a region means nothing without its year.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::id::{Gemeentecode, MemberCode};

/// The levels at which answers of gemeenten are shown or summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AreaLevel {
    /// One gemeente.
    Gemeente,
    /// A jeugdregio (42 in 2026; three cross a border of provincies).
    Jeugdregio,
    /// A provincie.
    Provincie,
}

/// An area at some level, by its code (gemeente) or name (regions).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Area {
    /// The level.
    pub level: AreaLevel,
    /// `GM0014`, or the region's name.
    pub code: MemberCode,
}

/// A gemeente in a division.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GemeenteEntry {
    /// Its name.
    pub naam: String,
    /// The jeugdregio it takes part in.
    pub jeugdregio: MemberCode,
    /// The provincie it lies in.
    pub provincie: MemberCode,
    /// How many inhabitants it has, whatever their age (rule R7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inwoners: Option<u64>,
    /// And how many of each leeftijdsgroep, where that is known.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub leeftijdsgroepen: BTreeMap<MemberCode, u64>,
}

/// The division of the country in gemeenten and regions that held in some years.
#[derive(Clone, Debug)]
pub struct Division {
    pub(super) first_year: i16,
    pub(super) last_year: i16,
    pub(super) gemeenten: BTreeMap<Gemeentecode, GemeenteEntry>,
}

impl Division {
    /// Whether it held in a year.
    #[must_use]
    pub fn holds_in(&self, year: i16) -> bool {
        (self.first_year..=self.last_year).contains(&year)
    }

    /// The gemeenten, by code.
    pub fn gemeenten(&self) -> impl Iterator<Item = (Gemeentecode, &GemeenteEntry)> {
        self.gemeenten.iter().map(|(code, entry)| (*code, entry))
    }

    /// A gemeente by its code.
    #[must_use]
    pub fn gemeente(&self, code: Gemeentecode) -> Option<&GemeenteEntry> {
        self.gemeenten.get(&code)
    }

    /// The area of a level in which a gemeente lies.
    #[must_use]
    pub fn area_of(&self, code: Gemeentecode, level: AreaLevel) -> Option<MemberCode> {
        let entry = self.gemeenten.get(&code)?;
        match level {
            AreaLevel::Gemeente => code.to_string().parse().ok(),
            AreaLevel::Jeugdregio => Some(entry.jeugdregio.clone()),
            AreaLevel::Provincie => Some(entry.provincie.clone()),
        }
    }

    /// All areas of a level, sorted.
    #[must_use]
    pub fn areas(&self, level: AreaLevel) -> BTreeSet<MemberCode> {
        self.gemeenten.keys().filter_map(|code| self.area_of(*code, level)).collect()
    }
}
