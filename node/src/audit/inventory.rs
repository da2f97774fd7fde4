//! What a node works with, as the log has it: its own keys, those that it trusts, and the data that it holds. Each change is a
//! record, so that whoever reads the log later knows under which keys something was taken for true, and when data came in.

use std::{collections::BTreeMap, path::Path};

use drempel_protocols::id::Digest;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{AuditError, read, record::Event};

/// The keys that a node works with by their names, and the snapshot that it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inventory {
    /// The digest of each key, public or of a certificate; of the key of the records its fingerprint.
    pub keys: BTreeMap<String, Digest>,
    /// The random id of the snapshot; none before the first import.
    pub snapshot: Option<String>,
}

impl Inventory {
    pub(super) fn note(&mut self, event: &Event) {
        match event {
            Event::Key { of, digest: Some(digest) } => drop(self.keys.insert(of.clone(), *digest)),
            Event::Key { of, digest: None } => drop(self.keys.remove(of)),
            Event::Imported { snapshot } => self.snapshot = Some(snapshot.clone()),
            _ => {}
        }
    }

    /// The records after which a log has this.
    pub(super) fn changes(&self, now: &Self) -> Vec<Event> {
        let gone = self.keys.keys().filter(|of| !now.keys.contains_key(*of)).map(|of| (of, None));
        let others = now.keys.iter().filter(|(of, digest)| self.keys.get(*of) != Some(digest));
        let changed = gone.chain(others.map(|(of, digest)| (of, Some(*digest))));
        let keys = changed.map(|(of, digest)| Event::Key { of: of.clone(), digest });
        let imported = now.snapshot.iter().filter(|snapshot| self.snapshot.as_ref() != Some(*snapshot));
        keys.chain(imported.map(|snapshot| Event::Imported { snapshot: snapshot.clone() })).collect()
    }
}

/// A change of a key, or data that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InventoryChange {
    /// When the node saw it.
    pub at: Timestamp,
    /// Of which key; none of data.
    pub key: Option<String>,
    /// The digest of the key or the id of the snapshot; none of a key that is not used any more.
    pub new: Option<String>,
}

/// Every change of a key and every import that a log has, in order. A node may be writing to it.
///
/// # Errors
/// [`AuditError`].
pub fn inventory_changes(folder: &Path) -> Result<Vec<InventoryChange>, AuditError> {
    let mut changes = Vec::new();
    read(folder, |logged| {
        let (key, new) = match &logged.entry.event {
            Event::Key { of, digest } => (Some(of.clone()), digest.map(|digest| digest.to_string())),
            Event::Imported { snapshot } => (None, Some(snapshot.clone())),
            _ => return,
        };
        changes.push(InventoryChange { at: logged.entry.time, key, new });
    })?;
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_one() -> impl Strategy<Value = Inventory> {
        let keys = prop::collection::btree_map("[a-d]", 0u8..3, 0..4);
        (keys, prop::option::of("[xy]")).prop_map(|(keys, snapshot)| {
            let digest = |(of, key): (String, u8)| (of, Digest::of("key", &[&[key]]));
            Inventory { keys: keys.into_iter().map(digest).collect(), snapshot }
        })
    }

    proptest! {
        #[test]
        fn the_log_has_what_a_node_works_with_after_the_changes_and_no_others(before in any_one(), now in any_one()) {
            let (mut noted, changes) = (before.clone(), before.changes(&now));
            changes.iter().for_each(|change| noted.note(change));
            // A snapshot that is gone is not another one.
            let snapshot = now.snapshot.clone().or(before.snapshot);
            prop_assert_eq!(&noted, &Inventory { keys: now.keys.clone(), snapshot });
            prop_assert_eq!(noted.changes(&now), Vec::new());
        }
    }
}
