//! Which releases the log says were answered from. Their figures are known outside, so that a ledger without one of them, put
//! back from a backup that was made before, may make nothing again and go on with nothing (rules R2 and R3).

use std::{collections::BTreeMap, path::Path};

use drempel_protocols::id::Period;
use serde::{Deserialize, Serialize};

use super::{AuditError, read, record::Event};

/// The releases that were answered from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnsweredFrom(BTreeMap<String, Answered>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answered {
    period: Period,
    withdrawn: bool,
}

impl AnsweredFrom {
    /// By a log, also of a node that is running; nothing where no log has begun: the folder is not there, or has no files.
    ///
    /// # Errors
    /// [`AuditError`]: a log that is not whole is no witness.
    pub fn read(folder: &Path) -> Result<Self, AuditError> {
        let mut found = Self::default();
        read(folder, |logged| found.note(&logged.entry.event))?;
        Ok(found)
    }

    pub(super) fn note(&mut self, event: &Event) {
        let (period, id, withdrawn) = match event {
            Event::Release { period, release } => (*period, release, false),
            Event::Withdrawn { period, release } => (*period, release, true),
            _ => return,
        };
        let answered = self.0.entry(id.clone()).or_insert(Answered { period, withdrawn });
        answered.withdrawn |= withdrawn;
    }

    /// Whether a release was withdrawn.
    #[must_use]
    pub fn is_withdrawn(&self, release: &str) -> bool {
        self.0.get(release).is_some_and(|answered| answered.withdrawn)
    }

    /// The first half-year whose release, or whose withdrawal, is not among these: ids, with whether each is withdrawn.
    pub fn lacking<'l>(&self, ledger: impl IntoIterator<Item = (&'l str, bool)>) -> Option<Period> {
        let ledger: BTreeMap<&str, bool> = ledger.into_iter().collect();
        let is_there =
            |(id, of): &(&String, &Answered)| ledger.get(id.as_str()).is_some_and(|gone| *gone || !of.withdrawn);
        self.0.iter().filter(|of| !is_there(of)).map(|(_, of)| of.period).min()
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, sync::Arc};

    use drempel_protocols::clock::SystemClock;

    use super::{super::AuditLog, *};

    #[test]
    fn a_log_that_is_not_whole_is_no_log_that_has_not_begun() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(AnsweredFrom::read(&folder.path().join("none")).unwrap(), AnsweredFrom::default());
        assert_eq!(AnsweredFrom::read(folder.path()).unwrap(), AnsweredFrom::default());
        let (gemeente, oin) = ("GM0014".parse().unwrap(), "00000099000000099997".parse().unwrap());
        let keys = tempfile::tempdir().unwrap();
        let key = keys.path().join("log.pk8");
        let log = AuditLog::open(folder.path(), &key, gemeente, &oin, Arc::new(SystemClock)).unwrap();
        log.append(Event::Release { period: "2025H1".parse().unwrap(), release: "a".to_owned() }).unwrap();
        // While the node is running.
        assert_eq!(AnsweredFrom::read(folder.path()).unwrap(), log.answered_from());
        assert!(log.answered_from().lacking([]).is_some());
        drop(log);
        let other = AuditLog::open(folder.path(), &key, "GM0034".parse().unwrap(), &oin, Arc::new(SystemClock));
        assert!(matches!(other, Err(AuditError::OtherGemeente { .. })), "a log that is another gemeente's");
        assert_eq!(AnsweredFrom::read(folder.path()).unwrap().lacking([("a", false)]), None);
        fs::remove_file(folder.path().join("checkpoint")).unwrap();
        assert!(AnsweredFrom::read(folder.path()).is_err());
    }

    #[test]
    fn a_ledger_from_before_a_release_or_a_withdrawal_lacks_it() {
        let mut answered = AnsweredFrom::default();
        let period = |text: &str| text.parse::<Period>().unwrap();
        let release = |of: &str, id: &str| Event::Release { period: period(of), release: id.to_owned() };
        assert_eq!(answered.lacking([]), None);
        // As each start of a node says them.
        for event in [release("2025H2", "b"), release("2025H1", "a"), release("2025H1", "a"), release("2025H2", "b")] {
            answered.note(&event);
        }
        assert_eq!(answered.lacking([("a", false), ("b", false), ("c", false)]), None, "one may be new");
        assert_eq!(answered.lacking([("b", false)]), Some(period("2025H1")));
        assert_eq!(answered.lacking([("a", false), ("again", false)]), Some(period("2025H2")), "made again");
        assert_eq!(answered.lacking([]), Some(period("2025H1")));
        answered.note(&Event::Withdrawn { period: period("2025H1"), release: "a".to_owned() });
        assert_eq!(answered.lacking([("a", false), ("b", false)]), Some(period("2025H1")), "answered from again");
        assert_eq!(answered.lacking([("a", true), ("b", true)]), None, "withdrawn since");
    }
}
