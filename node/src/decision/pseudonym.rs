//! Somebody as the log has them: a pseudonym under a key of that person alone, so that a person is forgotten by erasing a key
//! and the log stays as it is.

use data_encoding::HEXLOWER;
use ring::hmac;
use serde::{Deserialize, Serialize};

/// Somebody of the gemeente as the log has them: a keyed hash of the name. Who erases the key makes the person unknown, and
/// leaves the log as it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pseudonym(String);

impl Pseudonym {
    /// Of a name, under a key that is that person's alone.
    #[must_use]
    pub fn of(name: &str, key: &[u8; 32]) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key);
        let tag = hmac::sign(&key, format!("drempel pseudonym v1\n{name}").as_bytes());
        Self(HEXLOWER.encode(tag.as_ref().get(..16).unwrap_or_default()))
    }

    /// As text: 32 hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Pseudonym {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_one =
            text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        if is_one { Ok(Self(text)) } else { Err("a pseudonym is 32 hexadecimal digits") }
    }
}

impl From<Pseudonym> for String {
    fn from(of: Pseudonym) -> Self {
        of.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(number: u8) -> Pseudonym {
        Pseudonym::of("J. de Vries", &[number; 32])
    }

    #[test]
    fn a_person_is_known_by_the_key_only() {
        assert_eq!(person(1), person(1));
        assert_ne!(person(1), person(2));
        assert_ne!(Pseudonym::of("A", &[1; 32]), Pseudonym::of("B", &[1; 32]));
        assert!(Pseudonym::try_from("J. de Vries".to_owned()).is_err());
        assert_eq!(Pseudonym::try_from(String::from(person(1))), Ok(person(1)));
    }
}
