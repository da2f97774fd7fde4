//! How far the log of each gemeente's node went with its last answer: what the gemeente cannot have lost, or put back from
//! before, without it being seen (`drempel-node audit verify --head`).

use std::{collections::BTreeMap, path::Path};

use drempel_protocols::{
    id::Gemeentecode,
    log::{LogHead, LogKey, LogProof, TreeHash},
};
use rusqlite::{Connection, OpenFlags};

use super::store::{Store, StoreError, parsed};

/// How far a log went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastHead {
    /// With the last answer.
    pub last: LogHead,
    /// With another answer, for as many records with another root: the log has two histories, as one that was put back from
    /// before and gone on with.
    pub other: Option<(LogHead, LogHead)>,
    /// Whether the log signed it, by the key that is configured.
    pub is_signed: bool,
}

impl Store {
    /// Of each gemeente that has answered, by the file of a coordinator that may be running. Of those whose log has a key
    /// only what is signed with it counts.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn log_heads(
        path: &Path,
        keys: &BTreeMap<Gemeentecode, LogKey>,
    ) -> Result<BTreeMap<Gemeentecode, LastHead>, StoreError> {
        log_heads(&Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?, keys)
    }
}

fn log_heads(
    connection: &Connection,
    keys: &BTreeMap<Gemeentecode, LogKey>,
) -> Result<BTreeMap<Gemeentecode, LastHead>, StoreError> {
    let mut select =
        connection.prepare("SELECT gemeente, json_extract(answer, '$.proof') FROM part WHERE answer IS NOT NULL")?;
    let rows = select.query_map([], |row| Ok((parsed(row, 0)?, row.get::<_, Option<String>>(1)?)))?;
    let mut roots: BTreeMap<(Gemeentecode, u64), TreeHash> = BTreeMap::new();
    let mut heads: BTreeMap<Gemeentecode, LastHead> = BTreeMap::new();
    for row in rows {
        let (gemeente, proof): (Gemeentecode, Option<String>) = row?;
        let (proof, key) = (proof.unwrap_or_default(), keys.get(&gemeente));
        let says = key.map_or_else(|| LogProof::says(&proof), |key| LogProof::signed(&proof, key));
        let Some(head) = says else { continue };
        let found = heads.entry(gemeente).or_insert(LastHead { last: head, other: None, is_signed: key.is_some() });
        if head.size > found.last.size {
            found.last = head;
        }
        let root = *roots.entry((gemeente, head.size)).or_insert(head.root);
        if root != head.root {
            found.other.get_or_insert((LogHead { root, ..head }, head));
        }
    }
    Ok(heads)
}

#[cfg(test)]
mod tests {
    use drempel_protocols::{
        answer::LoggedAnswer,
        clock::{Clock as _, SystemClock},
        id::QuestionId,
    };

    use super::*;
    use crate::fixture::logged;

    #[test]
    fn of_each_gemeente_the_last_record_is_known_and_whether_its_log_has_two_histories() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bevragingen.sqlite");
        let store = Store::open(&path).unwrap();
        let [one, two, three]: [Gemeentecode; 3] = ["GM0014", "GM0034", "GM0037"].map(|code| code.parse().unwrap());
        assert!(Store::log_heads(&path, &BTreeMap::new()).unwrap().is_empty());
        let question = QuestionId::at(SystemClock.now());
        store.connection.pragma_update(None, "foreign_keys", "OFF").unwrap();
        let mut job = 0;
        let mut answered = |gemeente: Gemeentecode, answer: Option<String>| {
            job += 1;
            let part = (job.to_string(), gemeente.to_string(), "geantwoord", answer);
            let insert = "INSERT INTO part (job, gemeente, state, answer) VALUES (?1, ?2, ?3, ?4)";
            store.connection.execute(insert, part).unwrap();
        };
        let logged = |text: &str, records: u64| logged(text, question, records - 1);
        let json = |logged: &LoggedAnswer| serde_json::to_string(logged).unwrap();
        for records in [9, 120, 30] {
            answered(one, Some(json(&logged("{}", records).0)));
        }
        // As many records, of which the last is another.
        let ([(first, key), (other, _)], again) = ([logged("{}", 5), logged("{ }", 5)], logged("{}", 5).0);
        for logged in [&first, &other, &again] {
            answered(two, Some(json(logged)));
        }
        // What an earlier version kept.
        answered(three, Some("{}".to_owned()));
        answered(three, None);
        let head = |logged: &LoggedAnswer| LogProof::says(&logged.proof).unwrap();
        let last = head(&logged("{}", 120).0);
        let found = Store::log_heads(&path, &BTreeMap::new()).unwrap();
        assert_eq!(found[&one], LastHead { last, other: None, is_signed: false });
        assert_eq!(found[&two].other, Some((head(&first), head(&other))));
        assert_eq!(found.len(), 2);
        // Signed with another key: somebody else says so.
        let found = Store::log_heads(&path, &BTreeMap::from([(two, key)])).unwrap();
        assert_eq!(found[&two], LastHead { last: head(&first), other: None, is_signed: true });
    }
}
