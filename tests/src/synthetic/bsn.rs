//! Test BSNs only. A [`Bsn`] of this module is one of the 9,091 numbers that the Dutch government keeps free for
//! tests, so that nothing this crate writes can be the number of a living person.

use std::fmt;

/// A test BSN: from 999900006 to 999999990, and it passes the elfproef.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bsn(u32);

impl Bsn {
    /// The test BSN with this number, if it is one.
    #[must_use]
    pub fn from_test_number(number: u32) -> Option<Self> {
        ((FIRST..=LAST).contains(&number) && passes_elfproef(number)).then_some(Self(number))
    }

    /// Every test BSN, in ascending order.
    #[must_use]
    pub fn all() -> Vec<Self> {
        (FIRST..=LAST).filter_map(Self::from_test_number).collect()
    }
}

impl fmt::Display for Bsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:09}", self.0)
    }
}

const FIRST: u32 = 999_900_006;
const LAST: u32 = 999_999_990;

/// Nine times the first digit, eight times the second, down to twice the eighth, minus the ninth, is a multiple of 11.
fn passes_elfproef(number: u32) -> bool {
    let (mut rest, mut sum) = (number / 10, 0);
    for weight in 2..=9 {
        sum += weight * (rest % 10);
        rest /= 10;
    }
    sum % 11 == (number % 10) % 11
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_9091_test_numbers() {
        let all = Bsn::all();
        assert_eq!(all.len(), 9091);
        assert_eq!(all.first().unwrap().to_string(), "999900006");
        assert_eq!(all.last().unwrap().to_string(), "999999990");
    }

    #[test]
    fn a_number_outside_the_range_is_no_test_number() {
        assert!(passes_elfproef(111_222_333));
        assert_eq!(Bsn::from_test_number(111_222_333), None);
        assert_eq!(Bsn::from_test_number(999_900_007), None);
    }
}
