//! Views: the tables of records that a node can count, one row per thing counted.

use super::{Column, Dimension, Exclusion, Label, Role};
use crate::id::{ColumnName, MemberCode, ViewName};

/// A view and its columns in declared order, which is also the canonical order of groups and filters.
#[derive(Clone, Debug)]
pub struct View {
    pub(super) name: ViewName,
    pub(super) label: Label,
    pub(super) columns: Vec<Column>,
    pub(super) relation: Option<Relation>,
    pub(super) exclusions: Vec<Exclusion>,
}

/// How the rows of a view follow from those of another, in every half-year (rule R12).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Relation {
    /// They are the rows of that view with this member, with columns of their own besides (`deel_van`).
    Part {
        /// The other view.
        view: ViewName,
        /// Its column.
        column: ColumnName,
        /// The member.
        member: MemberCode,
    },
    /// Who has a row has one in that view too, with the same members of the columns that both have (`personen_in`).
    Persons(ViewName),
}

impl View {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &ViewName {
        &self.name
    }

    /// What a row is, in words.
    #[must_use]
    pub fn label(&self) -> &Label {
        &self.label
    }

    /// How its rows follow from those of another view; none if nothing is known of that.
    #[must_use]
    pub fn relation(&self) -> Option<&Relation> {
        self.relation.as_ref()
    }

    /// What none of its rows can be (`uitgesloten`).
    #[must_use]
    pub fn exclusions(&self) -> &[Exclusion] {
        &self.exclusions
    }

    /// The finest dimension that another follows from, by way of however many groupings; itself if it follows from none.
    #[must_use]
    pub fn root<'a>(&'a self, column: &'a ColumnName) -> &'a ColumnName {
        match self.dimension(column).and_then(Dimension::grouping) {
            Some(grouping) => self.root(grouping.of()),
            None => column,
        }
    }

    /// All columns in canonical order.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// A column by name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name.as_str() == name)
    }

    /// The column that holds the person, named `persoon` in every view.
    #[must_use]
    pub fn is_persoon(&self, name: &str) -> bool {
        self.column(name).is_some_and(|column| matches!(column.role, Role::Persoon))
    }

    /// The dimensions in canonical order.
    pub fn dimensions(&self) -> impl Iterator<Item = (&ColumnName, &Dimension)> {
        self.columns.iter().filter_map(|column| Some((&column.name, column.dimension()?)))
    }

    /// A dimension by name.
    #[must_use]
    pub fn dimension(&self, name: &ColumnName) -> Option<&Dimension> {
        self.column(name.as_str())?.dimension()
    }
}
