//! The numbers in the definitions of what a node derives from the messages of one person, and the member that follows
//! from them: signed with the views, so that a member means the same at every gemeente. [`Definitions`] only exist if
//! their classes are the members of the columns they define.

use std::collections::BTreeMap;

use jiff::{ToSpan as _, civil::Date};
use serde::Deserialize;

use super::View;
use crate::id::{MemberCode, ViewName};

const AANSLUITEND: &str = "aansluitend";
const EERSTE: &str = "eerste";
const LATER: &str = "later";
const ONDERBROKEN: &str = "onderbroken";
const OVERLAPPEND: &str = "overlappend";
const VOOR_VERZOEK: &str = "voor_verzoek";

/// The parameters of every derivation over a person's records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definitions {
    /// Column `herhaald` of `herhaald_beroep`.
    pub herhaald: HerhaaldBeroep,
    /// The rows of `wisseling` and its column `aansluiting`.
    pub wisseling: Wisseling,
    /// Column `wachttijdklasse` of `jeugdhulp`.
    pub wachttijd: Wachttijd,
}

/// How long after earlier help new help began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HerhaaldBeroep {
    aansluitend: Days,
    klassen: Classes,
}

impl HerhaaldBeroep {
    /// The most days after an einde at which help still joins on to it.
    #[must_use]
    pub fn aansluitend_dagen(&self) -> i32 {
        self.aansluitend.0
    }

    /// The classes in order, each with the months after the einde before which help of that class began.
    #[must_use]
    pub fn klassen(&self) -> &[(MemberCode, u32)] {
        &self.klassen.0
    }

    /// The member of a traject that began on `aanvang`, by the einde of each that began earlier; `None` for one that
    /// has not ended.
    pub fn class(&self, earlier: impl IntoIterator<Item = Option<Date>>, aanvang: Date) -> &str {
        let mut latest = None;
        for einde in earlier {
            if einde.is_none() {
                return AANSLUITEND;
            }
            latest = latest.max(einde);
        }
        let Some(einde) = latest else { return EERSTE };
        if aanvang <= einde.saturating_add(self.aansluitend.0.days()) {
            return AANSLUITEND;
        }
        let klasse =
            self.klassen().iter().find(|(_, months)| aanvang < einde.saturating_add(i64::from(*months).months()));
        klasse.map_or(LATER, |(code, _)| code.as_str())
    }
}

/// When help at another aanbieder is a change of aanbieder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wisseling {
    hoogstens: Days,
    aansluitend: Days,
}

impl Wisseling {
    /// The most days between the einde at one aanbieder and the aanvang at the other, either way.
    #[must_use]
    pub fn hoogstens_dagen(&self) -> i32 {
        self.hoogstens.0
    }

    /// The most days after an einde at which help still joins on to it.
    #[must_use]
    pub fn aansluitend_dagen(&self) -> i32 {
        self.aansluitend.0
    }

    /// The member of `aansluiting` by the days from the einde to the aanvang; `None` if they are too far apart.
    #[must_use]
    pub fn class(&self, days: i32) -> Option<&'static str> {
        let most = self.hoogstens.0;
        match days {
            _ if !(-most..=most).contains(&days) => None,
            ..0 => Some(OVERLAPPEND),
            _ if days <= self.aansluitend.0 => Some(AANSLUITEND),
            _ => Some(ONDERBROKEN),
        }
    }
}

/// How long after the verzoek help began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wachttijd {
    klassen: Classes,
    laatste: MemberCode,
}

impl Wachttijd {
    /// The classes in order, each with the weeks after the verzoek before which help of that class began.
    #[must_use]
    pub fn klassen(&self) -> &[(MemberCode, u32)] {
        &self.klassen.0
    }

    /// The class from the last bound on.
    #[must_use]
    pub fn laatste(&self) -> &MemberCode {
        &self.laatste
    }

    /// The member by the days from the verzoek to the aanvang.
    #[must_use]
    pub fn class(&self, days: i32) -> &str {
        if days <= 0 {
            return VOOR_VERZOEK;
        }
        let klasse = self.klassen().iter().find(|(_, weeks)| i64::from(days) < i64::from(*weeks) * 7);
        klasse.map_or(&self.laatste, |(code, _)| code).as_str()
    }
}

/// A number of days from 0 to 366.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "i64")]
struct Days(i32);

impl TryFrom<i64> for Days {
    type Error = &'static str;

    fn try_from(days: i64) -> Result<Self, Self::Error> {
        i32::try_from(days)
            .ok()
            .filter(|days| (0..=366).contains(days))
            .map(Self)
            .ok_or("expected a number of days from 0 to 366")
    }
}

/// One class or more, each with its upper bound, which is greater than the one before and at most 600.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Classes(Vec<(MemberCode, u32)>);

impl Classes {
    fn new(classes: Vec<(MemberCode, u32)>) -> Option<Self> {
        let bounds = classes.iter().map(|(_, bound)| *bound);
        (!classes.is_empty()
            && bounds.clone().all(|bound| (1..=600).contains(&bound))
            && bounds.is_sorted_by(|a, b| a < b))
        .then_some(Self(classes))
    }

    fn codes(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(code, _)| code.as_str())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDefinitions {
    herhaald_beroep: RawHerhaaldBeroep,
    wisseling: RawWisseling,
    wachttijd: RawWachttijd,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawHerhaaldBeroep {
    aansluitend_dagen: Days,
    klasse: Vec<MonthClass>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MonthClass {
    code: MemberCode,
    maanden: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWisseling {
    hoogstens_dagen: Days,
    aansluitend_dagen: Days,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWachttijd {
    klasse: Vec<WeekClass>,
    laatste: MemberCode,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WeekClass {
    code: MemberCode,
    weken: u32,
}

impl RawDefinitions {
    /// The definitions, if they fit the views; else what does not is among the problems.
    pub(super) fn build(self, views: &BTreeMap<ViewName, View>, problems: &mut Vec<String>) -> Option<Definitions> {
        let months = self.herhaald_beroep.klasse.into_iter().map(|class| (class.code, class.maanden)).collect();
        let months = classes("herhaald_beroep.klasse", "maanden", months, problems);
        let weeks = self.wachttijd.klasse.into_iter().map(|class| (class.code, class.weken)).collect();
        let weeks = classes("wachttijd.klasse", "weken", weeks, problems);
        let RawWisseling { hoogstens_dagen: hoogstens, aansluitend_dagen: aansluitend } = self.wisseling;
        if hoogstens <= aansluitend {
            problems.push(
                "definities.toml: wisseling.hoogstens_dagen: must be more than aansluitend_dagen, or nothing is \
                 onderbroken"
                    .to_owned(),
            );
        }
        let laatste = self.wachttijd.laatste;
        if let Some(months) = &months {
            let members = [EERSTE, AANSLUITEND].into_iter().chain(months.codes()).chain([LATER]);
            defines("herhaald_beroep.klasse", ("herhaald_beroep", "herhaald"), members, views, problems);
        }
        let members = [OVERLAPPEND, AANSLUITEND, ONDERBROKEN].into_iter();
        defines("wisseling", ("wisseling", "aansluiting"), members, views, problems);
        if let Some(weeks) = &weeks {
            let members = [VOOR_VERZOEK].into_iter().chain(weeks.codes()).chain([laatste.as_str()]);
            defines("wachttijd", ("jeugdhulp", "wachttijdklasse"), members, views, problems);
        }
        Some(Definitions {
            herhaald: HerhaaldBeroep { aansluitend: self.herhaald_beroep.aansluitend_dagen, klassen: months? },
            wisseling: Wisseling { hoogstens, aansluitend },
            wachttijd: Wachttijd { klassen: weeks?, laatste },
        })
    }
}

fn classes(key: &str, unit: &str, classes: Vec<(MemberCode, u32)>, problems: &mut Vec<String>) -> Option<Classes> {
    let classes = Classes::new(classes);
    if classes.is_none() {
        problems.push(format!(
            "definities.toml: {key}: needs one class or more, each with more {unit} than the one before, from 1 to 600"
        ));
    }
    classes
}

/// Holds the members of a column, besides onbekend, to those that a definition gives it.
fn defines<'a>(
    key: &str,
    (view, column): (&str, &str),
    members: impl Iterator<Item = &'a str>,
    views: &BTreeMap<ViewName, View>,
    problems: &mut Vec<String>,
) {
    let dimension = views
        .values()
        .find(|known| known.name.as_str() == view)
        .and_then(|known| known.column(column)?.dimension())
        .and_then(|dimension| dimension.domain.members().split_last());
    let Some((_, found)) = dimension else {
        problems.push(format!("definities.toml: {key}: weergaven.toml has no dimensie {view}.{column}"));
        return;
    };
    let members: Vec<&str> = members.collect();
    if !found.iter().map(|member| member.code.as_str()).eq(members.iter().copied()) {
        problems.push(format!(
            "definities.toml: {key}: gives {view}.{column} the leden {}, in this order, and weergaven.toml has others",
            members.join(", ")
        ));
    }
}

#[cfg(test)]
mod tests;
