//! The answer as analysts receive it: one type for the server that writes it and the command line that reads it.
//! A measure without a value is null with a status beside it, never zero and never left out.

use std::fmt;

use drempel_protocols::id::{Gemeentecode, PurposeId};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, Visitor},
    ser::SerializeMap as _,
};
use serde_json::Value;

use crate::{combine::Combined, coverage::Coverage};

/// An answer with everything needed to read it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnswerDocument {
    /// The canonical text of the question.
    pub question: String,
    /// What it was asked for.
    pub purpose: PurposeId,
    /// Who was asked, who answered, who did not and why.
    pub coverage: Coverage,
    /// The columns in the order they were asked in; each measure also has a status, and a bound where there is one.
    pub columns: Vec<String>,
    /// Those of the columns that are counts.
    #[serde(default)]
    pub measures: Vec<String>,
    /// The rows.
    pub rows: Vec<Row>,
    /// How the sums must be read.
    #[serde(default)]
    pub notes: Vec<String>,
    /// What is not in the figures.
    #[serde(default)]
    pub blind_spots: Vec<String>,
}

/// A row: names and values, in the order of the columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row(Vec<(String, Value)>);

/// What a row says of one measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The exact count.
    Value(u64),
    /// At least this many.
    AtLeast(u64),
    /// Hidden by the gemeente, or a sum with hidden parts and no visible count.
    Hidden,
    /// No answer came.
    NoAnswer,
    /// Not held for this period.
    NotHeld,
    /// A status that this version does not know: no value.
    Other(String),
}

impl Row {
    /// Adds a name of a period, area or member.
    pub fn push_text(&mut self, column: &str, text: impl Into<String>) {
        self.0.push((column.to_owned(), Value::String(text.into())));
    }

    /// Adds a measure: its value or null, its status, and its bound where it has one.
    pub fn push_measure(&mut self, column: &str, cell: Combined) {
        let (value, status, bound) = match cell {
            Combined::Value(count) => (Value::from(count), "value", None),
            Combined::AtLeast(bound) => (Value::Null, "at_least", Some(bound)),
            Combined::Hidden => (Value::Null, "hidden", None),
            Combined::NoAnswer => (Value::Null, "no_answer", None),
            Combined::NotHeld => (Value::Null, "not_held", None),
        };
        self.0.push((column.to_owned(), value));
        self.0.push((status_column(column), Value::from(status)));
        if let Some(bound) = bound {
            self.0.push((bound_column(column), Value::from(bound)));
        }
    }

    /// The value under a name.
    #[must_use]
    pub fn get(&self, column: &str) -> Option<&Value> {
        self.0.iter().find(|(name, _)| name == column).map(|(_, value)| value)
    }

    /// The text under a name of a period, area or member.
    #[must_use]
    pub fn text(&self, column: &str) -> &str {
        self.get(column).and_then(Value::as_str).unwrap_or_default()
    }

    /// What is said of a measure.
    #[must_use]
    pub fn measure(&self, column: &str) -> Shown {
        let number = |name: &str| self.get(name).and_then(Value::as_u64);
        let status = self.text(&status_column(column));
        match (status, number(column), number(&bound_column(column))) {
            ("value", Some(count), _) => Shown::Value(count),
            ("at_least", _, Some(bound)) => Shown::AtLeast(bound),
            ("hidden", ..) => Shown::Hidden,
            ("no_answer", ..) => Shown::NoAnswer,
            ("not_held", ..) => Shown::NotHeld,
            _ => Shown::Other(status.to_owned()),
        }
    }
}

/// The name under which a measure's status stands.
#[must_use]
pub fn status_column(measure: &str) -> String {
    format!("{measure}_status")
}

/// The name under which a measure's lower bound stands.
#[must_use]
pub fn bound_column(measure: &str) -> String {
    format!("{measure}_at_least")
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Row;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a row")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row, A::Error> {
                let mut row = Row::default();
                while let Some(entry) = map.next_entry()? {
                    row.0.push(entry);
                }
                Ok(row)
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

/// A gemeente that gave no answer, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// Which.
    pub gemeente: Gemeentecode,
    /// Why.
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_keeps_its_order_and_its_statuses() {
        let mut row = Row::default();
        row.push_text("groep", "z");
        row.push_measure("aantal", Combined::AtLeast(12));
        row.push_measure("a", Combined::Hidden);
        row.push_measure("b", Combined::Value(0));
        let json = serde_json::to_string(&row).unwrap();
        assert_eq!(
            json,
            r#"{"groep":"z","aantal":null,"aantal_status":"at_least","aantal_at_least":12,"a":null,"a_status":"hidden","b":0,"b_status":"value"}"#
        );
        let read: Row = serde_json::from_str(&json).unwrap();
        assert_eq!(read, row);
        assert_eq!(read.measure("aantal"), Shown::AtLeast(12));
        assert_eq!(read.measure("b"), Shown::Value(0));
    }

    #[test]
    fn an_unknown_status_is_no_value() {
        let row: Row = serde_json::from_str(r#"{"m":5,"m_status":"estimate","m_margin":2}"#).unwrap();
        assert_eq!(row.measure("m"), Shown::Other("estimate".to_owned()));
    }
}
