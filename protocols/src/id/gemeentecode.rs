//! The code of a gemeente: four digits in iJw messages, `GM` before them at CBS and everywhere in Drempel.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{Malformed, text_form};

/// A gemeente by its CBS code, `GM0014`. Whether it exists in a given year is for the catalogue to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Gemeentecode(u16);

impl Gemeentecode {
    /// From the four digits that iJw uses for `Afzender` and `Ontvanger`.
    ///
    /// # Errors
    /// [`Malformed`] unless there are exactly four ASCII digits.
    pub fn from_ijw(digits: &str) -> Result<Self, Malformed> {
        if digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()) {
            digits.parse().map(Self).map_err(|_| Malformed { expected: Self::IJW_FORM })
        } else {
            Err(Malformed { expected: Self::IJW_FORM })
        }
    }

    /// The four digits that iJw uses.
    #[must_use]
    pub fn ijw(self) -> String {
        format!("{:04}", self.0)
    }

    const IJW_FORM: &'static str = "a gemeentecode of four digits, as 0014";
}

impl FromStr for Gemeentecode {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = Malformed { expected: "a gemeentecode such as GM0014" };
        let digits = text.strip_prefix("GM").ok_or(malformed)?;
        Self::from_ijw(digits).map_err(|_| malformed)
    }
}

impl fmt::Display for Gemeentecode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GM{:04}", self.0)
    }
}

text_form!(Gemeentecode);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_name_the_same_gemeente() {
        let cbs: Gemeentecode = "GM0014".parse().unwrap();
        assert_eq!(cbs, Gemeentecode::from_ijw("0014").unwrap());
        assert_eq!(cbs.to_string(), "GM0014");
        assert_eq!(cbs.ijw(), "0014");
    }

    #[test]
    fn other_forms_are_malformed() {
        for text in ["", "GM", "0014", "GM14", "GM00144", "gm0014", "GM+014", "GM 014", "GM001٤"] {
            assert!(text.parse::<Gemeentecode>().is_err(), "{text}");
        }
        for digits in ["14", "00014", "+014", "GM0014"] {
            assert!(Gemeentecode::from_ijw(digits).is_err(), "{digits}");
        }
    }
}
