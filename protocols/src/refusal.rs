//! Refusals: what is wrong with a question, where, why, and what to write instead. A refusal is a function of
//! question, catalogue and policy only, never of records.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One reason why a question is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Which of the closed list.
    pub code: RefusalCode,
    /// Where in the text; absent where it concerns the question as a whole.
    pub position: Option<Position>,
    /// Why.
    pub reason: String,
    /// What to write instead.
    pub remedy: String,
}

/// A place in a question's text, counted from 1; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// The line.
    pub line: u64,
    /// The column.
    pub column: u64,
}

/// The closed list of reasons. The wire names are stable: programs may rely on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum RefusalCode {
    /// The text is longer than 16 KiB, or has too many parts.
    TooLong,
    /// The text is not SQL.
    NotSql,
    /// SQL that the dialect does not have.
    NotSupported,
    /// A view that the catalogue does not have.
    UnknownView,
    /// A column that the view does not have.
    UnknownColumn,
    /// A member that the dimension does not have.
    UnknownMember,
    /// A half-year that cannot be asked about, or none given.
    Period,
    /// A column used in a way its role does not allow.
    Role,
    /// A column shown but not grouped by, or grouped by and not shown.
    Grouping,
    /// A filter that is given twice or contradicts another.
    Filter,
    /// A name, an order or a number of rows that the answer cannot have.
    Output,
    /// No registered cube holds the question for the purpose.
    OutsideCubes,
    /// The purpose is not registered, or not for this asker.
    Purpose,
    /// The answer would have too many cells.
    TooManyCells,
    /// The gemeente's own policy does not allow it.
    Policy,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(position) = self.position {
            write!(f, "line {}, column {}: ", position.line, position.column)?;
        }
        write!(f, "{} {}", self.reason, self.remedy)
    }
}
