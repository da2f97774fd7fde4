//! What keeps somebody from trying passwords and codes: few attempts for each account in a quarter of an hour, few for all of
//! them in a minute, and every code once.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};

/// Failed attempts for one account after which it is closed.
const MOST: usize = 5;
/// For how long an attempt counts, and so how long an account is closed.
const WINDOW: SignedDuration = SignedDuration::from_mins(15);
/// Attempts for all accounts in a minute.
const MOST_OF_ALL: usize = 20;

/// What happened lately.
#[derive(Debug, Default)]
pub(super) struct Guard {
    all: VecDeque<Timestamp>,
    failed: BTreeMap<String, VecDeque<Timestamp>>,
    /// The step of the last code of each account.
    steps: BTreeMap<String, u64>,
}

impl Guard {
    /// Counts an attempt, unless there were too many.
    pub(super) fn may_try(&mut self, name: &str, now: Timestamp) -> bool {
        let failed = self.failed.entry(name.to_owned()).or_default();
        forget(failed, now, WINDOW);
        forget(&mut self.all, now, SignedDuration::from_mins(1));
        if failed.len() >= MOST || self.all.len() >= MOST_OF_ALL {
            return false;
        }
        self.all.push_back(now);
        true
    }

    /// An attempt failed; whether the account is closed by it.
    pub(super) fn failed(&mut self, name: &str, now: Timestamp) -> bool {
        let failed = self.failed.entry(name.to_owned()).or_default();
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
    pub(super) fn succeeded(&mut self, name: &str) {
        self.failed.remove(name);
    }
}

fn forget(of: &mut VecDeque<Timestamp>, now: Timestamp, window: SignedDuration) {
    of.retain(|at| now.duration_since(*at) < window);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_closed_for_a_while_and_others_are_not() {
        let (mut guard, start) = (Guard::default(), Timestamp::UNIX_EPOCH);
        let at = |minutes: i64| start + SignedDuration::from_mins(minutes);
        for attempt in 1..=MOST {
            assert!(guard.may_try("a", at(0)));
            assert_eq!(guard.failed("a", at(0)), attempt == MOST);
        }
        assert!(!guard.may_try("a", at(14)), "closed");
        assert!(guard.may_try("b", at(14)));
        assert!(guard.may_try("a", at(15)));
        guard.failed("a", at(15));
        guard.succeeded("a");
        for _ in 1..MOST {
            assert!(guard.may_try("a", at(16)));
            assert!(!guard.failed("a", at(16)));
        }
    }

    #[test]
    fn all_accounts_together_have_few_attempts_in_a_minute_and_a_code_is_good_once() {
        let (mut guard, now) = (Guard::default(), Timestamp::UNIX_EPOCH);
        assert!((0..MOST_OF_ALL).all(|name| guard.may_try(&name.to_string(), now)));
        assert!(!guard.may_try("another", now));
        assert!(guard.may_try("another", now + SignedDuration::from_mins(1)));
        assert!(guard.takes("a", 7) && guard.takes("b", 7) && !guard.takes("a", 7));
        assert!(!guard.takes("a", 6) && guard.takes("a", 8));
    }
}
