//! Release: from what was found among released cells to what leaves. What is hidden was decided when the release was
//! built; here a cell shows the measures that were asked for, or is hidden with all of them (rule R1).

use drempel_protocols::{answer::Payload, catalogue::Measure, cell::Cell};

use super::Admitted;
use crate::engine::{Found, FoundCell};

/// Cells that may leave. Only [`release`] makes them.
///
/// ```compile_fail
/// fn forge() -> drempel_node::gate::Released {
///     drempel_node::gate::Released { payload: Default::default() }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Released {
    payload: Payload,
}

impl Released {
    /// The cells, to be logged and sent.
    #[must_use]
    pub fn into_payload(self) -> Payload {
        self.payload
    }
}

/// The measures that were asked for of every cell of an admitted question.
#[must_use]
pub fn release(question: &Admitted, found: &Found) -> Released {
    let measures = question.measures().iter();
    let payload =
        measures.map(|measure| (*measure, found.cells().iter().map(|cell| shown(*cell, *measure)).collect())).collect();
    Released { payload }
}

fn shown(cell: FoundCell, measure: Measure) -> Cell {
    let FoundCell::Shown { persons, rows } = cell else {
        return if cell == FoundCell::Hidden { Cell::Hidden } else { Cell::NotHeld };
    };
    let count = match measure {
        Measure::Personen => persons,
        Measure::Aantal => rows,
    };
    // A count that the release does not show is not told apart from one that it hides.
    count.map_or(Cell::Hidden, Cell::Value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_shows_what_its_release_shows_and_nothing_more() {
        let cell = FoundCell::Shown { persons: None, rows: Some(14) };
        assert_eq!(shown(cell, Measure::Aantal), Cell::Value(14));
        assert_eq!(shown(cell, Measure::Personen), Cell::Hidden);
        assert_eq!(shown(FoundCell::Hidden, Measure::Aantal), Cell::Hidden);
        assert_eq!(shown(FoundCell::NotHeld, Measure::Aantal), Cell::NotHeld);
    }
}
