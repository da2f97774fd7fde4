//! The name of one asking of a question, given by the coordinator and never used twice.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Malformed, text_form};

/// A UUIDv7 (RFC 9562), as Digikoppeling asks of transaction ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct QuestionId(Uuid);

impl QuestionId {
    /// A new id for the moment `at`, with 74 random bits.
    #[must_use]
    pub fn at(at: jiff::Timestamp) -> Self {
        let seconds = u64::try_from(at.as_second()).unwrap_or(0);
        let nanos = u32::try_from(at.subsec_nanosecond()).unwrap_or(0);
        Self(Uuid::new_v7(uuid::Timestamp::from_unix_time(seconds, nanos, 0, 0)))
    }
}

impl QuestionId {
    /// The moment the id was made at, to the millisecond, as it says itself.
    #[must_use]
    pub fn time(self) -> Option<jiff::Timestamp> {
        let (seconds, nanos) = self.0.get_timestamp()?.to_unix();
        jiff::Timestamp::new(i64::try_from(seconds).ok()?, i32::try_from(nanos).ok()?).ok()
    }
}

impl FromStr for QuestionId {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = Malformed { expected: "a UUIDv7 in lower-case hyphenated form" };
        let uuid: Uuid = text.parse().map_err(|_| malformed)?;
        let canonical = uuid.get_version_num() == 7 && uuid.hyphenated().to_string() == text;
        if canonical { Ok(Self(uuid)) } else { Err(malformed) }
    }
}

impl fmt::Display for QuestionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

text_form!(QuestionId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_new_and_have_one_form() {
        let at = jiff::Timestamp::from_second(1_770_000_000).unwrap();
        let (one, other) = (QuestionId::at(at), QuestionId::at(at));
        assert_ne!(one, other);
        assert_eq!(one.time(), Some(at));
        assert_eq!(one.to_string().parse::<QuestionId>().unwrap(), one);
        assert!(one.to_string().to_uppercase().parse::<QuestionId>().is_err());
        assert!("9e107d9d-372b-4b68-a5bc-1d1a2b3c4d5e".parse::<QuestionId>().is_err());
    }
}
