//! The Organisatie-identificatienummer: who an organisation is, on Digikoppeling and in a PKIoverheid certificate.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{Malformed, text_form};

/// An OIN: twenty digits (Logius OIN-stelsel). Test numbers begin with `00000099`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Oin(String);

impl FromStr for Oin {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        if text.len() == 20 && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Malformed { expected: "an OIN of twenty digits" })
        }
    }
}

impl fmt::Display for Oin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_form!(Oin);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_digits_and_nothing_else() {
        assert!("00000001002220647000".parse::<Oin>().is_ok());
        for text in ["", "0000000100222064700", "000000010022206470000", "0000000100222064700a"] {
            assert!(text.parse::<Oin>().is_err(), "{text}");
        }
    }
}
