//! The burgerservicenummer inside an import, and nowhere after it. A value of [`Bsn`] has passed the elfproef (OP079,
//! CS002); neither its `Debug` nor its absence of `Display` lets the number into a log, an error or a report.

use std::fmt;

/// A burgerservicenummer that passes the elfproef.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bsn([u8; 9]);

impl Bsn {
    /// From exactly nine digits that pass the elfproef; `000000000`, which passes it too, is nobody's number.
    #[must_use]
    pub fn from_digits(text: &str) -> Option<Self> {
        let digits: [u8; 9] = text.as_bytes().try_into().ok()?;
        passes_elfproef(&digits).then_some(Self(digits))
    }

    /// From its value as a number, as records hold it.
    pub(super) fn from_number(number: u32) -> Option<Self> {
        Self::from_digits(&format!("{number:09}"))
    }

    /// Its value as a number, for the encrypted records only.
    pub(super) fn number(self) -> u32 {
        self.0.iter().fold(0, |number, digit| number * 10 + u32::from(digit.wrapping_sub(b'0')))
    }

    /// Its digits as text, for an export by the gemeente of its own records.
    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The nine ASCII digits, for keyed hashing only.
    pub(super) fn digits(&self) -> &[u8; 9] {
        &self.0
    }
}

impl fmt::Debug for Bsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bsn(…)")
    }
}

/// Whether nine ASCII digits, not all zero, weighted 9, 8, … 2, -1 add up to a multiple of eleven.
pub(super) fn passes_elfproef(digits: &[u8; 9]) -> bool {
    const WEIGHTS: [i32; 9] = [9, 8, 7, 6, 5, 4, 3, 2, -1];
    let sum: i32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| i32::from(*digit) * weight).sum();
    let zero: i32 = WEIGHTS.iter().map(|weight| i32::from(b'0') * weight).sum();
    digits.iter().all(u8::is_ascii_digit) && digits.iter().any(|digit| *digit != b'0') && (sum - zero) % 11 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cs002_only_nine_digits_that_pass_the_elfproef() {
        for good in ["999900006", "999999990", "111222333"] {
            assert!(Bsn::from_digits(good).is_some(), "{good}");
        }
        for bad in
            ["000000000", "999999999", "999900007", "99990000", "9999000060", "99990000x", " 99990000", "", "٩99900006"]
        {
            assert!(Bsn::from_digits(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn debug_tells_nothing() {
        assert_eq!(format!("{:?}", Bsn::from_digits("999900006")), "Some(Bsn(…))");
    }
}
