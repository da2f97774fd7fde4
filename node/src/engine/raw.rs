//! Counts before disclosure control. They go to the gate and nowhere else.

use drempel_protocols::{grid::Grid, id::Period};

/// The exact counts of every cell of a question, in canonical order. It cannot be printed or sent:
///
/// ```compile_fail
/// fn print(table: &drempel_node::engine::RawTable) { println!("{table:?}"); }
/// ```
/// ```compile_fail
/// fn send(table: &drempel_node::engine::RawTable) -> String { serde_json::to_string(table).unwrap() }
/// ```
/// and only the engine makes one:
/// ```compile_fail
/// fn forge() -> drempel_node::engine::RawTable { drempel_node::engine::RawTable { cells: vec![] } }
/// ```
pub struct RawTable {
    cells: Vec<RawCell>,
}

/// The counts of one cell.
#[derive(Clone, Copy)]
pub enum RawCell {
    /// The node does not hold the period.
    NotHeld,
    /// What was counted.
    Counted {
        /// Distinct persons.
        persons: u64,
        /// Rows of the view.
        rows: u64,
    },
}

impl RawTable {
    /// Nobody in any cell of the periods that are held. `None` for a grid too large to count.
    pub(super) fn empty(grid: &Grid, held: impl Fn(Period) -> bool) -> Option<Self> {
        let per_period = grid.cells()?.checked_div(grid.periods().len())?;
        let cells = grid
            .periods()
            .iter()
            .flat_map(|period| {
                let cell = if held(*period) { RawCell::Counted { persons: 0, rows: 0 } } else { RawCell::NotHeld };
                std::iter::repeat_n(cell, per_period)
            })
            .collect();
        Some(Self { cells })
    }

    /// Puts the counts of a cell in place.
    pub(super) fn set(&mut self, position: usize, cell: RawCell) -> Option<()> {
        *self.cells.get_mut(position)? = cell;
        Some(())
    }

    /// The counts, for the gate.
    pub(crate) fn cells(&self) -> &[RawCell] {
        &self.cells
    }
}
