//! What a proposed catalogue changes in the one in use: whoever decides about it reads every table and purpose that comes,
//! goes or becomes another, and nothing that stays as it is.

use std::collections::BTreeMap;

use super::{Catalogue, Cube, Purpose};

/// What becomes of one thing of a catalogue in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change<'c, T> {
    /// It comes.
    Added(&'c T),
    /// It goes.
    Removed(&'c T),
    /// It becomes another, under the same name.
    Altered {
        /// As it is.
        before: &'c T,
        /// As it becomes.
        after: &'c T,
    },
}

impl Catalogue {
    /// The tables that another catalogue has otherwise, by name.
    #[must_use]
    pub fn cube_changes<'c>(&'c self, to: &'c Self) -> Vec<Change<'c, Cube>> {
        changes(&self.cubes, &to.cubes)
    }

    /// The purposes that another catalogue has otherwise, by name.
    #[must_use]
    pub fn purpose_changes<'c>(&'c self, to: &'c Self) -> Vec<Change<'c, Purpose>> {
        changes(&self.purposes, &to.purposes)
    }
}

fn changes<'c, K: Ord, T: PartialEq>(before: &'c BTreeMap<K, T>, after: &'c BTreeMap<K, T>) -> Vec<Change<'c, T>> {
    let mut all: BTreeMap<&K, Change<'c, T>> = before.iter().map(|(name, of)| (name, Change::Removed(of))).collect();
    for (name, after) in after {
        let change = before.get(name).map_or(Change::Added(after), |before| Change::Altered { before, after });
        all.insert(name, change);
    }
    all.into_values().filter(|change| !matches!(change, Change::Altered { before, after } if before == after)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::catalogue::tests::{WEIGHED, registered, with};

    #[test]
    fn a_table_that_comes_goes_or_is_weighed_anew_is_named_and_the_others_are_not() {
        let before = Catalogue::from_bundle(registered().bundle()).unwrap();
        assert!(before.cube_changes(&before).is_empty() && before.purpose_changes(&before).is_empty());
        let after = Catalogue::from_bundle(&with("kubussen.toml", |text| {
            let text = text.replacen("doelmatig = \"Vervangt", "doelmatig = \"Spaart", 1);
            let text = text.replacen("naam = \"einde\"", "naam = \"reden\"", 1);
            format!(
                "{text}\n[[kubus]]\nnaam = \"groep\"\nnl = \"x\"\nen = \"x\"\nweergave = \"wisseling\"\n\
                 dimensies = [\"groep\"]\ntellingen = [\"aantal\"]\ndoelen = [\"landelijke-monitor\"]\n{WEIGHED}"
            )
        }))
        .unwrap();
        let named: Vec<_> = before
            .cube_changes(&after)
            .into_iter()
            .map(|change| match change {
                Change::Added(cube) => ("added", cube.name().as_str()),
                Change::Removed(cube) => ("removed", cube.name().as_str()),
                Change::Altered { before, after } => {
                    assert!(before.weighing() != after.weighing() && before.dimensions() == after.dimensions());
                    ("altered", after.name().as_str())
                }
            })
            .collect();
        let expected =
            [("removed", "einde"), ("added", "groep"), ("altered", "hoofdgroep-leeftijd"), ("added", "reden")];
        assert_eq!(named, expected);
        assert!(before.purpose_changes(&after).is_empty());
    }

    proptest! {
        /// Made to what is there before, they give what is there after.
        #[test]
        fn changes_lead_from_one_to_the_other(
            before in prop::collection::btree_map(0u8..8, 0u8..3, 0..6),
            after in prop::collection::btree_map(0u8..8, 0u8..3, 0..6),
        ) {
            let paired = |of: &BTreeMap<u8, u8>| of.iter().map(|(name, of)| (*name, (*name, *of))).collect::<BTreeMap<_, _>>();
            let (before, after) = (paired(&before), paired(&after));
            let mut made = before.clone();
            for change in changes(&before, &after) {
                match change {
                    Change::Removed((name, of)) => prop_assert_eq!(made.remove(name), Some((*name, *of))),
                    Change::Added(of) => prop_assert_eq!(made.insert(of.0, *of), None),
                    Change::Altered { before, after } => {
                        prop_assert_ne!(before, after);
                        prop_assert_eq!(made.insert(after.0, *after), Some(*before));
                    }
                }
            }
            prop_assert_eq!(made, after);
        }
    }
}
