//! From cells of gemeenten to one cell of a sum. Pure. A sum is exact where every part is; otherwise it is a lower
//! bound and nothing more, and never "at least 0": a reader of a sum learns no more than its visible parts say.

use drempel_protocols::cell::Cell;

/// What may be said of a sum of cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Combined {
    /// The exact sum.
    Value(u64),
    /// Some parts are not known; those that are come to this, which is more than 0.
    AtLeast(u64),
    /// Not shown.
    Hidden,
    /// No part holds it.
    NotHeld,
    /// No part answered.
    NoAnswer,
}

/// Sums the parts of a cell: the cell of each gemeente asked, or `None` for one that gave no answer.
#[must_use]
pub fn combine(parts: impl IntoIterator<Item = Option<Cell>>) -> Combined {
    let (mut sum, mut values, mut hidden, mut not_held, mut missing) = (0u64, 0u32, false, false, false);
    for part in parts {
        match part {
            Some(Cell::Value(count)) => {
                sum = sum.saturating_add(count);
                values = values.saturating_add(1);
            }
            Some(Cell::Hidden) => hidden = true,
            Some(Cell::NotHeld) => not_held = true,
            None => missing = true,
        }
    }
    match (values > 0, hidden, not_held, missing) {
        (true, false, false, false) => Combined::Value(sum),
        (true, ..) if sum > 0 => Combined::AtLeast(sum),
        (false, false, true, false) => Combined::NotHeld,
        (false, false, false, _) => Combined::NoAnswer,
        _ => Combined::Hidden,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn part() -> impl Strategy<Value = Option<Cell>> {
        prop_oneof![
            (0u64..50).prop_map(|count| Some(Cell::Value(count))),
            Just(Some(Cell::Hidden)),
            Just(Some(Cell::NotHeld)),
            Just(None),
        ]
    }

    #[test]
    fn the_rules() {
        let (hidden, not_held) = (Some(Cell::Hidden), Some(Cell::NotHeld));
        let value = |count| Some(Cell::Value(count));
        for (parts, expected) in [
            (vec![value(10), value(0)], Combined::Value(10)),
            (vec![value(10), hidden], Combined::AtLeast(10)),
            (vec![value(10), None], Combined::AtLeast(10)),
            (vec![value(10), not_held], Combined::AtLeast(10)),
            (vec![value(0), hidden], Combined::Hidden),
            (vec![value(0), None], Combined::Hidden),
            (vec![hidden], Combined::Hidden),
            (vec![not_held, not_held], Combined::NotHeld),
            (vec![not_held, None], Combined::Hidden),
            (vec![None, None], Combined::NoAnswer),
            (vec![], Combined::NoAnswer),
        ] {
            assert_eq!(combine(parts.clone()), expected, "{parts:?}");
        }
    }

    proptest! {
        #[test]
        fn order_does_not_matter(parts in prop::collection::vec(part(), 0..8).prop_flat_map(|parts| {
            (Just(parts.clone()), Just(parts).prop_shuffle())
        })) {
            prop_assert_eq!(combine(parts.0), combine(parts.1));
        }

        #[test]
        fn values_sum_exactly(counts in prop::collection::vec(0u64..1000, 1..8)) {
            let sum = counts.iter().sum();
            prop_assert_eq!(combine(counts.into_iter().map(|count| Some(Cell::Value(count)))), Combined::Value(sum));
        }

        #[test]
        fn a_bound_is_never_nought_and_never_more_than_the_visible_parts(parts in prop::collection::vec(part(), 0..8)) {
            let visible: u64 =
                parts.iter().map(|part| if let Some(Cell::Value(count)) = part { *count } else { 0 }).sum();
            if let Combined::AtLeast(bound) = combine(parts) {
                prop_assert!(bound > 0);
                prop_assert_eq!(bound, visible);
            }
        }

        #[test]
        fn a_part_without_value_never_leaves_a_value(mut parts in prop::collection::vec(part(), 0..8), at in 0usize..8) {
            for unknown in [Some(Cell::Hidden), Some(Cell::NotHeld), None] {
                parts.insert(at.min(parts.len()), unknown);
                prop_assert!(!matches!(combine(parts.clone()), Combined::Value(_)));
            }
        }
    }
}
