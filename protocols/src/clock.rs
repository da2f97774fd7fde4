//! The only clock. Everything that needs the time takes a [`Clock`], so that tests decide what time it is.

use std::sync::Arc;

use jiff::{Timestamp, Zoned, civil::Date, tz::TimeZone};

/// What time it is.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// The day that it is in the Netherlands.
#[must_use]
pub fn dutch_day(moment: Timestamp) -> Date {
    dutch(moment).date()
}

/// A moment by the clocks of the Netherlands. A machine need not know of time zones for that.
#[must_use]
pub fn dutch(moment: Timestamp) -> Zoned {
    // As the law has it now, where the machine has nothing later.
    let zone = TimeZone::get("Europe/Amsterdam").or_else(|_| TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3"));
    moment.to_zoned(zone.unwrap_or(TimeZone::UTC))
}

/// The clock of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl SystemClock {
    /// A shared system clock.
    #[must_use]
    pub fn shared() -> Arc<dyn Clock> {
        Arc::new(Self)
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the machine's clock is read")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_the_netherlands_whatever_the_machine_knows() {
        let by_law = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        for (moment, day) in [
            ("2026-03-01T22:59:59Z", "2026-03-01"),
            ("2026-03-01T23:00:00Z", "2026-03-02"),
            ("2026-07-01T21:59:59Z", "2026-07-01"),
            ("2026-07-01T22:00:00Z", "2026-07-02"),
        ] {
            let (moment, day): (Timestamp, Date) = (moment.parse().unwrap(), day.parse().unwrap());
            assert_eq!(dutch_day(moment), day);
            assert_eq!(moment.to_zoned(by_law.clone()).date(), day);
        }
    }
}
