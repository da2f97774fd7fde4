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
mod tests {
    use std::sync::LazyLock;

    use drempel_protocols::catalogue::SignedBundle;
    use proptest::prelude::*;

    use super::*;
    use crate::{audit::Holder, officer::Role};

    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../config/catalogus"));
        Catalogue::from_bundle(SignedBundle::read(folder).unwrap().bundle()).unwrap()
    });

    fn cube(name: &str) -> Subject {
        Subject::Cube(name.parse().unwrap())
    }

    fn person(number: u8) -> Pseudonym {
        Pseudonym::of("J. de Vries", &[number; 32])
    }

    fn decision(about: Subject, verdict: Verdict, until: Option<Date>, four_eyes: bool) -> Decision {
        Decision { about, verdict, why: "omdat het kan".parse().unwrap(), until, four_eyes, by: person(1) }
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_withdrawal_holds_at_once_and_an_acceptance_waits_for_another() {
        let (mut decisions, at, today) = (Decisions::default(), Timestamp::UNIX_EPOCH, day("2026-11-28"));
        let about = cube("a");
        assert_eq!(decisions.standing(&about, today), Standing::Undecided);
        decisions.take(3, at, decision(about.clone(), Verdict::Decline, None, true));
        assert_eq!(decisions.standing(&about, today), Standing::Declined);
        decisions.take(4, at, decision(about.clone(), Verdict::Accept, Some(today), true));
        assert_eq!(decisions.standing(&about, today), Standing::Declined, "nobody confirmed it");
        assert_eq!(decisions.confirmable(4, &person(1)), Err(Unconfirmed::Same));
        assert_eq!(decisions.confirmable(3, &person(2)), Err(Unconfirmed::Nothing));
        decisions.confirm(4, &person(1), at);
        assert_eq!(decisions.standing(&about, today), Standing::Declined, "by the same officer");
        decisions.confirm(4, &person(2), at);
        assert_eq!(decisions.standing(&about, today), Standing::Accepted(Some(today)));
        assert_eq!(decisions.standing(&about, today.tomorrow().unwrap()), Standing::Lapsed(today));
        assert_eq!(decisions.standing(&cube("b"), today), Standing::Undecided);
        // Declined again while an acceptance waited: confirming that one must not undo it.
        decisions.take(5, at, decision(about.clone(), Verdict::Accept, None, true));
        decisions.take(6, at, decision(about.clone(), Verdict::Decline, None, true));
        assert_eq!(decisions.confirmable(5, &person(2)), Err(Unconfirmed::Overtaken));
        decisions.confirm(5, &person(2), at);
        assert_eq!(decisions.standing(&about, today), Standing::Declined);
    }

    #[test]
    fn under_a_catalogue_that_is_declined_nothing_is_answered() {
        let (mut decisions, at, today) = (Decisions::default(), Timestamp::UNIX_EPOCH, day("2026-11-28"));
        let answers = |decisions: &Decisions, day| {
            let policy = decisions.over(&Policy::constants(), &CATALOGUE, day);
            CATALOGUE.cubes().filter(|cube| policy.answers(cube)).count()
        };
        let (all, in_use) = (CATALOGUE.cubes().count(), Subject::Catalogue(CATALOGUE.digest()));
        let another = Subject::Catalogue(Digest::of("another", &[]));
        decisions.take(1, at, decision(another, Verdict::Decline, None, false));
        assert_eq!(answers(&decisions, today), all, "it is not in use");
        decisions.take(2, at, decision(in_use.clone(), Verdict::Accept, Some(today), false));
        assert_eq!((answers(&decisions, today), answers(&decisions, today.tomorrow().unwrap())), (all, 0));
        decisions.take(3, at, decision(in_use.clone(), Verdict::Decline, None, false));
        assert_eq!(answers(&decisions, today), 0);
        assert_eq!(answers(&decisions.without(&in_use), today), all);
    }

    /// Started with catalogues by their letters, and one accepted where the letter is small.
    fn after(steps: &str) -> Decisions {
        let of = |letter: char| Digest::of(&letter.to_ascii_uppercase().to_string(), &[]);
        let mut decisions = Decisions::default();
        let holder = Holder { role: Role::Officer, credentials: of('x') };
        decisions.catalogues.note(1, &Event::Account { of: person(1), holder: Some(holder) });
        for (record, letter) in (2u64..).zip(steps.chars()) {
            let (software, program, catalogue, policy) = (String::new(), None, of(letter), of('p'));
            if letter.is_ascii_uppercase() {
                decisions.catalogues.note(record, &Event::Started { software, program, catalogue, policy });
            } else {
                let accepted = decision(Subject::Catalogue(catalogue), Verdict::Accept, None, false);
                decisions.take(record, Timestamp::UNIX_EPOCH, accepted);
            }
        }
        decisions
    }

    #[test]
    fn a_catalogue_that_comes_or_comes_back_needs_to_be_accepted_once_it_is_there_to_be() {
        let (accepted, first, not) = (Standing::Accepted(None), Standing::Undecided, Standing::Unaccepted);
        for (steps, letter, stands) in [
            ("", "A", first),
            ("A", "A", first),
            ("AA", "A", first),
            ("A", "B", not),
            ("AB", "B", not),
            ("ABb", "B", accepted),
            ("AbB", "B", accepted),
            ("AbBB", "B", accepted),
            ("AbB", "A", not),
            ("AbBA", "A", not),
            ("AbBAa", "A", accepted),
            ("AbBaA", "A", accepted),
            ("AbBcC", "B", not),
            ("AbBcCB", "B", not),
            ("AbBcCbB", "B", accepted),
        ] {
            let about = Subject::Catalogue(Digest::of(letter, &[]));
            assert_eq!(after(steps).standing(&about, day("2026-11-29")), stands, "{letter} after {steps}");
        }
        let mut nobody = after("AB");
        nobody.catalogues = Catalogues::default();
        for (record, letter) in [(2, "A"), (3, "B")] {
            let (software, program, policy) = (String::new(), None, Digest::of("p", &[]));
            let started = Event::Started { software, program, catalogue: Digest::of(letter, &[]), policy };
            nobody.catalogues.note(record, &started);
        }
        let mut anew = after("A");
        let (reason, before, seen, officers) = ("verloren".parse().unwrap(), None, BTreeMap::new(), true);
        anew.catalogues = Catalogues::default();
        anew.catalogues.note(9, &Event::BegunAnew { reason, before, seen, officers });
        let about = Subject::Catalogue(Digest::of("A", &[]));
        assert_eq!(anew.standing(&about, day("2026-11-29")), not, "what was decided is in the other log");
        anew.take(10, Timestamp::UNIX_EPOCH, decision(about.clone(), Verdict::Accept, None, false));
        assert_eq!(anew.standing(&about, day("2026-11-29")), accepted);
        let about = Subject::Catalogue(Digest::of("B", &[]));
        assert_eq!(nobody.standing(&about, day("2026-11-29")), first, "there is nobody to accept it");
    }

    #[test]
    fn a_decision_says_why_in_words_that_can_be_shown() {
        for unfit in ["", "  a ", "x\u{1b}[2J yes"] {
            assert!(unfit.parse::<Motivation>().is_err(), "{unfit:?}");
        }
        assert_eq!(" a\n reason ".parse::<Motivation>().unwrap().as_str(), "a reason");
    }

    fn any_decision() -> impl Strategy<Value = (Decision, Option<u8>)> {
        let verdict = prop::sample::select(vec![Verdict::Accept, Verdict::Decline]);
        let until = prop::option::of((1i8..28).prop_map(|of| Date::new(2026, 11, of).unwrap()));
        ("[ab]", verdict, until, any::<bool>(), prop::option::of(1u8..3)).prop_map(
            |(name, verdict, until, four_eyes, confirmed)| {
                (decision(cube(&name), verdict, until, four_eyes), confirmed)
            },
        )
    }

    proptest! {
        /// Against a reading of the rules that goes through the decisions forwards.
        #[test]
        fn a_policy_is_never_laxer_and_declines_what_the_last_decision_that_holds_says(
            taken in prop::collection::vec(any_decision(), 0..12), of in 1i8..28
        ) {
            let today = Date::new(2026, 11, of).unwrap();
            let (mut decisions, mut says) = (Decisions::default(), BTreeMap::new());
            for (record, (decision, confirmed)) in (1u64..).zip(taken) {
                let holds = decision.verdict == Verdict::Decline || !decision.four_eyes || confirmed == Some(2);
                if holds {
                    let ends = decision.until.is_some_and(|until| until < today);
                    says.insert(decision.about.clone(), decision.verdict == Verdict::Accept && !ends);
                }
                decisions.take(record, Timestamp::UNIX_EPOCH, decision);
                if let Some(number) = confirmed {
                    decisions.confirm(record, &person(number), Timestamp::UNIX_EPOCH);
                }
            }
            let before = Policy::constants().declining(BTreeSet::from(["a".parse().unwrap()]), BTreeSet::new());
            let after = decisions.over(&before, &CATALOGUE, today);
            prop_assert_eq!(&after.strictest(&before), &after);
            prop_assert!(!after.accepts_cube(&"a".parse().unwrap()), "the configuration declines it");
            let b = says.get(&cube("b")).copied().unwrap_or(true);
            prop_assert_eq!(after.accepts_cube(&"b".parse().unwrap()), b);
        }
    }
}
