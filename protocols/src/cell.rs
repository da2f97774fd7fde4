//! A cell of an answer: what may be known of one count.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A released count of one gemeente. *Hidden* is one symbol whatever the reason: never zero, never missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cell {
    /// The count; rounded after protection, if the release is.
    Value(u64),
    /// Not shown.
    Hidden,
    /// The node does not hold this period or column.
    NotHeld,
}

const HIDDEN: &str = "hidden";
const NOT_HELD: &str = "not_held";

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Value(count) => serializer.serialize_u64(*count),
            Self::Hidden => serializer.serialize_str(HIDDEN),
            Self::NotHeld => serializer.serialize_str(NOT_HELD),
        }
    }
}

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Wire {
            Count(u64),
            Status(String),
        }
        match Wire::deserialize(deserializer)? {
            Wire::Count(count) => Ok(Self::Value(count)),
            Wire::Status(status) if status == HIDDEN => Ok(Self::Hidden),
            Wire::Status(status) if status == NOT_HELD => Ok(Self::NotHeld),
            Wire::Status(_) => Err(D::Error::custom("expected a count, \"hidden\" or \"not_held\"")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_form_round_trips() {
        let cells = vec![Cell::Value(0), Cell::Value(10), Cell::Hidden, Cell::NotHeld];
        let json = serde_json::to_string(&cells).unwrap();
        assert_eq!(json, r#"[0,10,"hidden","not_held"]"#);
        assert_eq!(serde_json::from_str::<Vec<Cell>>(&json).unwrap(), cells);
        for other in ["-1", "1.5", "null", "\"Hidden\""] {
            assert!(serde_json::from_str::<Cell>(other).is_err(), "{other}");
        }
    }
}
