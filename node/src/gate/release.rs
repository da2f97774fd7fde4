//! Release: from exact counts to what may leave. The primary rule alone: a cell of 1 to k-1 distinct persons is
//! hidden, with every measure at once (R1), zeros are shown. It does not yet protect hidden cells against
//! recomputation from margins, other questions or other periods.

use drempel_protocols::{answer::Payload, catalogue::Measure, cell::Cell, policy::Policy};

use super::Admitted;
use crate::engine::{RawCell, RawTable};

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

/// Applies the policy to the counts of an admitted question.
#[must_use]
pub fn release(question: &Admitted, raw: &RawTable, policy: &Policy) -> Released {
    let payload = question
        .measures()
        .iter()
        .map(|measure| (*measure, raw.cells().iter().map(|cell| protect(*cell, *measure, policy)).collect()))
        .collect();
    Released { payload }
}

fn protect(cell: RawCell, measure: Measure, policy: &Policy) -> Cell {
    match cell {
        RawCell::NotHeld => Cell::NotHeld,
        RawCell::Counted { persons, .. } if (1..u64::from(policy.k())).contains(&persons) => Cell::Hidden,
        RawCell::Counted { persons, rows } => Cell::Value(match measure {
            Measure::Personen => persons,
            Measure::Aantal => rows,
        }),
    }
}

#[cfg(test)]
mod tests {
    use drempel_protocols::policy::PolicyFile;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn both_measures_of_a_cell_are_hidden_exactly_for_one_to_k_minus_one_persons(
            k in 0u32..30, persons in 0u64..60, more in 0u64..60,
        ) {
            let policy = Policy::from_file(&PolicyFile { k: Some(k), ..PolicyFile::default() });
            let rows = if persons == 0 { 0 } else { persons + more };
            let cell = RawCell::Counted { persons, rows };
            let hidden = persons > 0 && persons < u64::from(k.max(10));
            let expect = |count| if hidden { Cell::Hidden } else { Cell::Value(count) };
            prop_assert_eq!(protect(cell, Measure::Personen, &policy), expect(persons));
            prop_assert_eq!(protect(cell, Measure::Aantal, &policy), expect(rows));
            prop_assert_eq!(protect(RawCell::NotHeld, Measure::Aantal, &policy), Cell::NotHeld);
        }
    }
}
