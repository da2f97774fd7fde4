//! A clock that tests set.

use std::sync::{Arc, Mutex, PoisonError};

use drempel_protocols::clock::{Clock, SystemClock};
use jiff::{SignedDuration, Timestamp};

/// The machine's clock, moved by as much as a test says.
#[derive(Debug, Default)]
pub struct TestClock {
    ahead: Mutex<SignedDuration>,
}

impl TestClock {
    /// A clock that shows the machine's time until it is moved.
    #[must_use]
    pub fn shared() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// Moves the clock, forwards or backwards, from where it is.
    pub fn advance(&self, by: SignedDuration) {
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        *ahead = ahead.saturating_add(by);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let ahead = *self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        SystemClock.now().saturating_add(ahead).unwrap_or(Timestamp::MAX)
    }
}
