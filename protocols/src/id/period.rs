//! The only period Drempel counts over: the half-year of the Beleidsinformatie Jeugd (rule R3; jan-jun, jul-dec).

use std::{fmt, str::FromStr};

use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};

use super::{Malformed, text_form};

/// A half-year, written `2025H1` or `2025H2`, from 2015 (Jeugdwet) to 2099.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Period {
    year: i16,
    half: Half,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Half {
    First,
    Second,
}

impl Period {
    /// The half-year in which a day falls, if Drempel counts that year.
    #[must_use]
    pub fn containing(day: Date) -> Option<Self> {
        let half = if day.month() <= 6 { Half::First } else { Half::Second };
        YEARS.contains(&day.year()).then_some(Self { year: day.year(), half })
    }

    /// The first day: 1 January or 1 July.
    #[must_use]
    pub fn first_day(self) -> Date {
        match self.half {
            Half::First => date(self.year, 1, 1),
            Half::Second => date(self.year, 7, 1),
        }
    }

    /// The last day, which is the peildatum: 30 June or 31 December.
    #[must_use]
    pub fn last_day(self) -> Date {
        match self.half {
            Half::First => date(self.year, 6, 30),
            Half::Second => date(self.year, 12, 31),
        }
    }

    /// The calendar year, by which gemeenten and regions are versioned.
    #[must_use]
    pub fn year(self) -> i16 {
        self.year
    }

    /// The half-year after this one; none after 2099.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        match self.half {
            Half::First => Some(Self { half: Half::Second, ..self }),
            Half::Second => Some(Self { year: self.year.checked_add(1)?, half: Half::First })
                .filter(|next| YEARS.contains(&next.year)),
        }
    }

    /// Every half-year from this one up to and including `last`; none where `last` is earlier.
    pub fn through(self, last: Self) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self), |period| period.next()).take_while(move |period| *period <= last)
    }
}

const YEARS: std::ops::RangeInclusive<i16> = 2015..=2099;

impl FromStr for Period {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = Malformed { expected: "a half-year such as 2025H1 or 2025H2" };
        let (year, half) = text.split_once('H').ok_or(malformed)?;
        let half = match half {
            "1" => Half::First,
            "2" => Half::Second,
            _ => return Err(malformed),
        };
        if year.len() != 4 || !year.bytes().all(|b| b.is_ascii_digit()) {
            return Err(malformed);
        }
        let year: i16 = year.parse().map_err(|_| malformed)?;
        if YEARS.contains(&year) { Ok(Self { year, half }) } else { Err(malformed) }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let half = match self.half {
            Half::First => 1,
            Half::Second => 2,
        };
        write!(f, "{:04}H{half}", self.year)
    }
}

text_form!(Period);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn half_years_tile_the_calendar() {
        let first: Period = "2024H2".parse().unwrap();
        let last: Period = "2026H1".parse().unwrap();
        let periods: Vec<Period> = first.through(last).collect();
        assert_eq!(
            periods.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["2024H2", "2025H1", "2025H2", "2026H1"]
        );
        for pair in periods.windows(2) {
            assert_eq!(pair[0].last_day().tomorrow().unwrap(), pair[1].first_day());
        }
        assert_eq!(last.through(first).count(), 0);
    }

    proptest! {
        #[test]
        fn a_day_is_in_exactly_its_period(year in 2015i16..=2099, day in 1i16..=365) {
            let day = date(year, 1, 1).checked_add(jiff::Span::new().days(day - 1)).unwrap();
            let period = Period::containing(day).unwrap();
            prop_assert!(period.first_day() <= day && day <= period.last_day());
            prop_assert_eq!(period.to_string().parse::<Period>().unwrap(), period);
        }

        #[test]
        fn no_other_text_is_a_period(text in "\\PC{0,8}") {
            if let Ok(period) = text.parse::<Period>() {
                prop_assert_eq!(period.to_string(), text);
            }
        }
    }
}
