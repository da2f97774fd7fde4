//! What keeps somebody from trying passwords and codes: few attempts for each name in a quarter of an hour, whether there is
//! such an account or not, and every code once. Who tries many names keeps nobody else out.

use std::{
    collections::{BTreeMap, VecDeque},
    hash::{BuildHasher as _, RandomState},
};

use jiff::{SignedDuration, Timestamp};

/// Failed attempts for one name after which it is closed.
const MOST: usize = 5;
/// For how long an attempt counts, and so how long a name is closed.
const WINDOW: SignedDuration = SignedDuration::from_mins(15);
/// Names that are none share so many counts, so that they fill no memory and look as those that are.
const STRANGERS: u64 = 4_096;

/// Whom an attempt counts for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Counted {
    /// An account.
    Account(String),
    /// One of the counts for names that are none.
    Stranger(u64),
}

/// What happened lately.
#[derive(Debug, Default)]
pub(super) struct Guard {
    /// Nobody outside knows which names share a count.
    strangers: RandomState,
    failed: BTreeMap<Counted, VecDeque<Timestamp>>,
    /// The step of the last code of each account.
    steps: BTreeMap<String, u64>,
}

impl Guard {
    /// Whom attempts with a name count for.
    pub(super) fn counted(&self, name: &str, is_account: bool) -> Counted {
        if is_account {
            return Counted::Account(name.to_owned());
        }
        Counted::Stranger(self.strangers.hash_one(name) % STRANGERS)
    }

    /// Whether there were not too many attempts.
    pub(super) fn may_try(&mut self, who: &Counted, now: Timestamp) -> bool {
        let Some(failed) = self.failed.get_mut(who) else { return true };
        failed.retain(|at| now.duration_since(*at) < WINDOW);
        failed.len() < MOST
    }

    /// An attempt failed; whether the name is closed by it.
    pub(super) fn failed(&mut self, who: &Counted, now: Timestamp) -> bool {
        let failed = self.failed.entry(who.clone()).or_default();
        failed.push_back(now);
        failed.len() == MOST
    }

    /// Whether the code of a step may be used for an account: none that is not later than the last.
    pub(super) fn takes(&mut self, name: &str, step: u64) -> bool {
        let last = self.steps.entry(name.to_owned()).or_default();
        let is_new = step > *last;
        *last = step.max(*last);
        is_new
    }

    /// Somebody signed in to an account.
    pub(super) fn succeeded(&mut self, who: &Counted) {
        self.failed.remove(who);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_closed_for_a_while_whether_it_is_one_or_not_and_others_are_not() {
        let (mut guard, start) = (Guard::default(), Timestamp::UNIX_EPOCH);
        let at = |minutes: i64| start + SignedDuration::from_mins(minutes);
        let other = guard.counted("b", true);
        for who in [guard.counted("a", true), guard.counted("nobody", false)] {
            for attempt in 1..=MOST {
                assert!(guard.may_try(&who, at(0)));
                assert_eq!(guard.failed(&who, at(0)), attempt == MOST);
            }
            assert!(!guard.may_try(&who, at(14)), "closed");
            assert!(guard.may_try(&other, at(14)));
            assert!(guard.may_try(&who, at(15)));
            guard.failed(&who, at(15));
            guard.succeeded(&who);
            for _ in 1..MOST {
                assert!(guard.may_try(&who, at(16)));
                assert!(!guard.failed(&who, at(16)));
            }
        }
    }

    #[test]
    fn any_number_of_names_fills_no_memory_and_a_code_is_good_once() {
        let mut guard = Guard::default();
        for number in 0..3 * STRANGERS {
            let who = guard.counted(&number.to_string(), false);
            guard.failed(&who, Timestamp::UNIX_EPOCH);
        }
        assert!(guard.failed.len() as u64 <= STRANGERS);
        assert_eq!(guard.counted("x", false), guard.counted("x", false));
        assert!(guard.takes("a", 7) && guard.takes("b", 7) && !guard.takes("a", 7));
        assert!(!guard.takes("a", 6) && guard.takes("a", 8));
    }
}
