//! What a text says before the catalogue is asked: names and members as written, each with its place.

use crate::{catalogue::Measure, refusal::Position};

/// A name or member as written, names folded to lower case.
#[derive(Clone, Debug)]
pub(super) struct Written {
    pub(super) text: String,
    pub(super) at: Option<Position>,
}

/// A question as written.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) view: Option<Written>,
    pub(super) items: Vec<Item>,
    pub(super) conditions: Vec<Condition>,
    pub(super) groups: Vec<Grouped>,
    /// Part of `GROUP BY` was refused, so what seems not to be grouped by may be.
    pub(super) groups_unread: bool,
    pub(super) order: Vec<Key>,
    pub(super) limit: Option<u32>,
}

impl Draft {
    /// The columns grouped by as they are written, one that is in several sets as often.
    pub(super) fn grouped(&self) -> impl Iterator<Item = &Written> {
        self.groups.iter().flat_map(|element| match element {
            Grouped::Column(column) => std::slice::from_ref(column).iter().collect::<Vec<_>>(),
            Grouped::Sets(sets) => sets.iter().flatten().collect(),
        })
    }
}

/// An element of `GROUP BY`.
#[derive(Debug)]
pub(super) enum Grouped {
    /// A column.
    Column(Written),
    /// The sets of columns that `ROLLUP`, `CUBE` or `GROUPING SETS` stands for.
    Sets(Vec<Vec<Written>>),
}

/// A column of the answer.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) content: Content,
    pub(super) alias: Option<Written>,
    pub(super) at: Option<Position>,
}

/// What a column of the answer shows.
#[derive(Debug)]
pub(super) enum Content {
    /// A column of the view.
    Column(Written),
    /// `COUNT(DISTINCT column)`.
    CountDistinct(Written),
    /// `COUNT(*)`.
    CountRows,
}

impl Content {
    /// The measure, where it is one; which column is counted distinctly is checked apart.
    pub(super) fn measure(&self) -> Option<Measure> {
        match self {
            Self::Column(_) => None,
            Self::CountDistinct(_) => Some(Measure::Personen),
            Self::CountRows => Some(Measure::Aantal),
        }
    }
}

/// A filter: `column = 'member'` or `column IN ('member', …)`.
#[derive(Debug)]
pub(super) struct Condition {
    pub(super) column: Written,
    pub(super) members: Vec<Written>,
    pub(super) listed: bool,
}

/// A key of `ORDER BY`.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) by: KeyBy,
    pub(super) at: Option<Position>,
    pub(super) descending: bool,
}

/// How a key names its column.
#[derive(Debug)]
pub(super) enum KeyBy {
    /// By the name of a column of the answer.
    Name(String),
    /// By its place in `SELECT`, from 1.
    Place(usize),
}
