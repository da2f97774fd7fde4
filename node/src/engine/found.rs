//! What was found of a question among released cells.

/// Every cell of a question, in canonical order. Only the engine makes one:
/// ```compile_fail
/// fn forge() -> drempel_node::engine::Found { drempel_node::engine::Found { cells: vec![] } }
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    cells: Vec<FoundCell>,
}

/// One cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundCell {
    /// No release has it.
    NotHeld,
    /// It is hidden.
    Hidden,
    /// It is shown, with the counts that its cubes have.
    Shown {
        /// Distinct persons.
        persons: Option<u64>,
        /// Rows of the view.
        rows: Option<u64>,
    },
}

impl Found {
    pub(super) const fn new(cells: Vec<FoundCell>) -> Self {
        Self { cells }
    }

    /// The cells.
    #[must_use]
    pub fn cells(&self) -> &[FoundCell] {
        &self.cells
    }
}
