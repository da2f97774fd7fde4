//! Who may sign in to the pages, as the log has it: an account that is made, changed or removed is a record before anybody can
//! use it. Whoever runs the node can make an officer's password anew, and then the log says that it was.

use std::{collections::BTreeMap, path::Path};

use drempel_protocols::id::{Digest, Period};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    AuditError, read,
    record::{Entry, Event},
};
use crate::{decision::Pseudonym, officer::Role};

/// What an account lets its holder do, and with what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holder {
    /// As what.
    pub role: Role,
    /// The digest of the hash of the password and the secret of the codes: it changes with either, and tells neither.
    pub credentials: Digest,
}

/// The holders of accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holders(BTreeMap<Pseudonym, Holder>);

impl Holders {
    pub(super) fn note(&mut self, event: &Event) {
        if let Event::Account { of, holder } = event {
            match holder {
                Some(holder) => drop(self.0.insert(of.clone(), *holder)),
                None => drop(self.0.remove(of)),
            }
        }
    }

    /// The records that make these the accounts.
    #[must_use]
    pub fn changes(&self, accounts: &BTreeMap<Pseudonym, Holder>) -> Vec<Event> {
        let gone = self.0.keys().filter(|of| !accounts.contains_key(of)).map(|of| (of, None));
        let others = accounts.iter().filter(|(of, holder)| self.0.get(of) != Some(holder));
        // In an order that does not depend on what is random.
        let mut others: Vec<_> = others.collect();
        others.sort_by_key(|(_, holder)| holder.role);
        let changed = others.into_iter().map(|(of, holder)| (of, Some(*holder)));
        gone.chain(changed).map(|(of, holder)| Event::Account { of: of.clone(), holder }).collect()
    }
}

/// A change of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountChange {
    /// When the node saw it.
    pub at: Timestamp,
    /// Whose.
    pub of: Pseudonym,
    /// What it lets its holder do since.
    pub kind: AccountKind,
}

/// What became of an account, or was seen with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountKind {
    /// It was made.
    Made(Role),
    /// Its role, its password or its secret was made anew.
    Changed(Role),
    /// It was removed.
    Removed,
    /// Its holder looked at what a release hides, or the preview of one would.
    SawHidden {
        /// Of which half-year.
        period: Period,
        /// Whether it was a preview.
        preview: bool,
    },
}

/// Every change of an account that a log has, and what was seen with it that is hidden, in order. A node may be writing to it.
///
/// # Errors
/// [`AuditError`].
pub fn account_changes(folder: &Path) -> Result<Vec<AccountChange>, AuditError> {
    let (mut holders, mut changes) = (Holders::default(), Vec::new());
    read(folder, |logged| {
        let Entry { time: at, event, .. } = logged.entry;
        let change = match event {
            Event::Account { of, holder: None } => Some((of, AccountKind::Removed)),
            Event::Account { of, holder: Some(Holder { role, .. }) } if holders.0.contains_key(of) => {
                Some((of, AccountKind::Changed(*role)))
            }
            Event::Account { of, holder: Some(Holder { role, .. }) } => Some((of, AccountKind::Made(*role))),
            Event::HiddenSeen { by, period, preview } => {
                Some((by, AccountKind::SawHidden { period: *period, preview: *preview }))
            }
            _ => None,
        };
        changes.extend(change.map(|(of, kind)| AccountChange { at: *at, of: of.clone(), kind }));
        holders.note(event);
    })?;
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_logged_makes_the_holders_what_the_accounts_are() {
        let (mut holders, person) = (Holders::default(), |number| Pseudonym::of("x", &[number; 32]));
        let holder = |role, secret: &[u8]| Holder { role, credentials: Digest::of("test", &[secret]) };
        let steps = [
            vec![(1, holder(Role::Officer, b"a")), (2, holder(Role::Lezer, b"b"))],
            // Made anew, another role, and nothing.
            vec![(1, holder(Role::Officer, b"c")), (2, holder(Role::Officer, b"b"))],
            vec![(1, holder(Role::Officer, b"c")), (2, holder(Role::Officer, b"b"))],
            vec![(2, holder(Role::Officer, b"b")), (3, holder(Role::Beheerder, b"d"))],
        ];
        for (step, many) in steps.into_iter().zip([2, 2, 0, 2]) {
            let accounts = step.into_iter().map(|(number, holder)| (person(number), holder)).collect();
            let changes = holders.changes(&accounts);
            assert_eq!(changes.len(), many);
            changes.iter().for_each(|change| holders.note(change));
            assert_eq!(holders.0, accounts);
        }
    }
}
