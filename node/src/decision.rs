//! What the gemeente's officers decide of catalogues, cubes and purposes, over what is registered: a withdrawal holds at once, an
//! acceptance may need a second pair of eyes and may end on a day. Nothing here makes a policy laxer than the configuration
//! has it. Decisions are records of the log, so none is lost with a restart or put back with a file.

mod catalogues;
mod pseudonym;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::Path,
    str::FromStr,
};

use drempel_protocols::{
    catalogue::Catalogue,
    id::{CubeName, Digest, PurposeId},
    policy::Policy,
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use self::catalogues::Catalogues;
pub use self::pseudonym::Pseudonym;
use crate::audit::{self, AuditError, Entry, Event};

/// What is decided about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A registered cube, for every purpose.
    Cube(CubeName),
    /// A registered purpose, with every cube.
    Purpose(PurposeId),
    /// A catalogue, with everything in it: the one in use, or one that is proposed.
    Catalogue(Digest),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cube(name) => write!(f, "{name}"),
            Self::Purpose(id) => write!(f, "{id}"),
            Self::Catalogue(digest) => write!(f, "{digest}"),
        }
    }
}

/// Whether it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// From the moment that the decision holds.
    Accept,
    /// From now on.
    Decline,
}

/// Why, in words for who reads the log later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Motivation(String);

impl Motivation {
    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Motivation {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_fit = (3..=1_000).contains(&words.chars().count()) && !words.contains(char::is_control);
        if is_fit { Ok(Self(words)) } else { Err("say why, in 3 to 1000 characters") }
    }
}

impl TryFrom<String> for Motivation {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Motivation> for String {
    fn from(of: Motivation) -> Self {
        of.0
    }
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// What it is about.
    pub about: Subject,
    /// What was decided.
    pub verdict: Verdict,
    /// Why.
    pub why: Motivation,
    /// The last day of an acceptance; none for as long as nothing else is decided. After it, it is declined.
    pub until: Option<Date>,
    /// Whether an acceptance holds only once another officer confirms it.
    pub four_eyes: bool,
    /// Who decided.
    pub by: Pseudonym,
}

/// Why a decision cannot be confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unconfirmed {
    /// There is none, or it waits for nobody.
    #[error("there is no such decision that waits to be confirmed")]
    Nothing,
    /// The same officer took it.
    #[error("another officer than the one who took the decision must confirm it")]
    Same,
    /// Something else was decided about the same since.
    #[error("something else was decided about it since; take the decision again")]
    Overtaken,
}

/// Something else was decided meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("something else was decided about it meanwhile; look at it again")]
pub struct Overtaken;

/// A decision with what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// The decision.
    pub decision: Decision,
    /// When it was taken.
    pub at: Timestamp,
    /// Who confirmed it, and when.
    pub confirmed: Option<(Pseudonym, Timestamp)>,
}

impl Taken {
    /// Whether it waits for a second pair of eyes.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.decision.verdict == Verdict::Accept && self.decision.four_eyes && self.confirmed.is_none()
    }
}

/// Where a subject stands by the decisions about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing was decided: as the catalogue and the configuration have it.
    Undecided,
    /// It is accepted, until a day if there is one.
    Accepted(Option<Date>),
    /// It was accepted until a day that has passed.
    Lapsed(Date),
    /// It is declined.
    Declined,
    /// It is a catalogue that no officer has accepted since it came, or came back.
    Unaccepted,
}

impl Standing {
    /// Whether the decisions leave it to be answered.
    #[must_use]
    pub fn is_answered(self) -> bool {
        matches!(self, Self::Undecided | Self::Accepted(_))
    }
}

/// Every decision that was taken, with what it must be known for of the log beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decisions {
    /// By the number of the record.
    taken: BTreeMap<u64, Taken>,
    catalogues: Catalogues,
}

impl Decisions {
    /// By a log, also of a node that is running; nothing where no log has begun.
    ///
    /// # Errors
    /// [`AuditError`]: a log that is not whole is no witness.
    pub fn read(folder: &Path) -> Result<Self, AuditError> {
        let mut found = Self::default();
        audit::read(folder, |logged| found.note(logged.entry))?;
        Ok(found)
    }

    /// Takes note of a record.
    pub(crate) fn note(&mut self, entry: &Entry) {
        self.catalogues.note(entry.sequence, &entry.event);
        match &entry.event {
            Event::Decided(decision) => self.take(entry.sequence, entry.time, decision.clone()),
            Event::Confirmed { decision, by } => self.confirm(*decision, by, entry.time),
            _ => {}
        }
    }

    fn take(&mut self, record: u64, at: Timestamp, decision: Decision) {
        self.taken.insert(record, Taken { decision, at, confirmed: None });
    }

    /// A confirmation that is none by [`Decisions::confirmable`] is nothing.
    fn confirm(&mut self, record: u64, by: &Pseudonym, at: Timestamp) {
        if self.confirmable(record, by).is_ok()
            && let Some(taken) = self.taken.get_mut(&record)
        {
            taken.confirmed = Some((by.clone(), at));
        }
    }

    /// Whether somebody may confirm a decision.
    ///
    /// # Errors
    /// [`Unconfirmed`].
    pub fn confirmable(&self, record: u64, by: &Pseudonym) -> Result<(), Unconfirmed> {
        let taken = self.taken.get(&record).filter(|taken| taken.waits()).ok_or(Unconfirmed::Nothing)?;
        if taken.decision.by == *by {
            return Err(Unconfirmed::Same);
        }
        // A withdrawal after it must not be undone by it.
        let since = self.taken.range(record.saturating_add(1)..);
        if since.map(|(_, later)| &later.decision.about).any(|about| *about == taken.decision.about) {
            return Err(Unconfirmed::Overtaken);
        }
        Ok(())
    }

    /// Whether releases that were made with a catalogue can be answered from: the node was started with it, or never before.
    #[must_use]
    pub fn knows(&self, catalogue: Digest) -> bool {
        self.catalogues.knows(catalogue)
    }

    /// Whether anybody ever had an account to decide with.
    #[must_use]
    pub const fn has_officers(&self) -> bool {
        self.catalogues.has_officers()
    }

    /// Every decision with the number of its record, the last one first.
    pub fn newest_first(&self) -> impl Iterator<Item = (u64, &Taken)> {
        self.taken.iter().rev().map(|(record, taken)| (*record, taken))
    }

    /// The record of the last decision about a subject.
    #[must_use]
    pub fn last(&self, about: &Subject) -> Option<u64> {
        self.newest_first().find(|(_, taken)| taken.decision.about == *about).map(|(record, _)| record)
    }

    /// Where a subject stands on a day.
    #[must_use]
    pub fn standing(&self, about: &Subject, day: Date) -> Standing {
        let holds = |(_, taken): &(u64, &Taken)| taken.decision.about == *about && !taken.waits();
        let held = self.newest_first().find(holds).map(|(record, taken)| (record, &taken.decision));
        let needed_after = match about {
            Subject::Catalogue(digest) => self.catalogues.needs_acceptance_after(*digest),
            Subject::Cube(_) | Subject::Purpose(_) => None,
        };
        match held {
            Some((_, Decision { verdict: Verdict::Decline, .. })) => return Standing::Declined,
            Some((record, _)) if needed_after.is_some_and(|after| record <= after) => return Standing::Unaccepted,
            None if needed_after.is_some() => return Standing::Unaccepted,
            _ => {}
        }
        match held.map(|(_, decision)| decision) {
            None => Standing::Undecided,
            Some(Decision { until: Some(until), .. }) if *until < day => Standing::Lapsed(*until),
            Some(Decision { until, .. }) => Standing::Accepted(*until),
        }
    }

    /// All but what stands in the way of one subject.
    #[must_use]
    pub fn without(&self, about: &Subject) -> Self {
        let others = self.taken.iter().filter(|(_, taken)| taken.decision.about != *about);
        let taken = others.map(|(record, taken)| (*record, taken.clone())).collect();
        let catalogues = match about {
            Subject::Catalogue(_) => Catalogues::default(),
            Subject::Cube(_) | Subject::Purpose(_) => self.catalogues.clone(),
        };
        Self { taken, catalogues }
    }

    /// A policy under a catalogue that declines what is declined on a day too: every purpose, where that is the catalogue.
    #[must_use]
    pub fn over(&self, policy: &Policy, catalogue: &Catalogue, day: Date) -> Policy {
        let in_use = Subject::Catalogue(catalogue.digest());
        let decided = self.taken.values().map(|taken| &taken.decision.about);
        let about: BTreeSet<&Subject> = decided.chain([&in_use]).collect();
        let (mut cubes, mut purposes) = (BTreeSet::new(), BTreeSet::new());
        for about in about.into_iter().filter(|about| !self.standing(about, day).is_answered()) {
            match about {
                Subject::Cube(name) => drop(cubes.insert(name.clone())),
                Subject::Purpose(id) => drop(purposes.insert(id.clone())),
                Subject::Catalogue(digest) if *digest == catalogue.digest() => {
                    purposes.extend(catalogue.purposes().map(|purpose| purpose.id.clone()));
                }
                Subject::Catalogue(_) => {}
            }
        }
        policy.declining(cubes, purposes)
    }
}

#[cfg(test)]
mod tests;
