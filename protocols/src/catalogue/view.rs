//! Views: the tables of records that a node can count, one row per thing counted.

use super::{Column, Dimension, Label, Role};
use crate::id::{ColumnName, ViewName};

/// A view and its columns in declared order, which is also the canonical order of groups and filters.
#[derive(Clone, Debug)]
pub struct View {
    pub(super) name: ViewName,
    pub(super) label: Label,
    pub(super) columns: Vec<Column>,
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
