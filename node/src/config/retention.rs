//! How long a node keeps what it keeps: records of children, what it answered, and who asked.

use std::num::NonZero;

use drempel_protocols::clock::dutch_day;
use jiff::{Span, Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// How long records are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// Years after the last sign of a person that the person's records are removed; none keeps them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jaren: Option<u16>,
    /// Years after which an answer is removed from beside its record in the log; none keeps them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub antwoorden: Option<NonZero<u16>>,
    /// Years after somebody asked last that it is forgotten who it was; none never forgets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vragers: Option<NonZero<u16>>,
}

impl Retention {
    /// From when on answers are kept at a moment; none if all are.
    #[must_use]
    pub fn answers_from(&self, now: Timestamp) -> Option<Timestamp> {
        Some(before(now, self.antwoorden?)?.to_zoned(TimeZone::UTC).ok()?.timestamp())
    }

    /// From which day on who asked is kept at a moment; none if all are.
    #[must_use]
    pub fn askers_from(&self, now: Timestamp) -> Option<Date> {
        before(now, self.vragers?)
    }
}

/// The day that so many years ago was today.
fn before(now: Timestamp, years: NonZero<u16>) -> Option<Date> {
    dutch_day(now).checked_sub(Span::new().try_years(years.get()).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_what_came_on_this_day_that_many_years_ago_or_later() {
        let now: Timestamp = "2028-02-29T23:30:00Z".parse().unwrap();
        let of = |antwoorden, vragers| Retention {
            jaren: None,
            antwoorden: NonZero::new(antwoorden),
            vragers: NonZero::new(vragers),
        };
        // It is the first of March in the Netherlands.
        assert_eq!(of(7, 0).answers_from(now), Some("2021-03-01T00:00:00Z".parse().unwrap()));
        assert_eq!(of(0, 1).askers_from(now), Some("2027-03-01".parse().unwrap()));
        assert_eq!((of(0, 5).answers_from(now), of(5, 0).askers_from(now)), (None, None));
        assert_eq!(of(u16::MAX, 0).answers_from(now), None, "before there were days");
        assert!(toml::from_str::<Retention>("antwoorden = 0").is_err());
    }
}
