//! How far the log of each gemeente's node went with its last answer: what the gemeente cannot have lost, or put back from
//! before, without it being seen (`drempel-node audit verify --head`).

use std::{collections::BTreeMap, path::Path};

use drempel_protocols::{
    id::Gemeentecode,
    log::{LogHead, LogProof},
};
use rusqlite::{Connection, OpenFlags};

use super::store::{Store, StoreError, parsed};

impl Store {
    /// Of each gemeente that has answered, by the file of a coordinator that may be running.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn log_heads(path: &Path) -> Result<BTreeMap<Gemeentecode, LogHead>, StoreError> {
        log_heads(&Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?)
    }
}

fn log_heads(connection: &Connection) -> Result<BTreeMap<Gemeentecode, LogHead>, StoreError> {
    let mut select =
        connection.prepare("SELECT gemeente, json_extract(answer, '$.proof') FROM part WHERE answer IS NOT NULL")?;
    let rows = select.query_map([], |row| Ok((parsed(row, 0)?, row.get::<_, String>(1)?)))?;
    let mut heads: BTreeMap<Gemeentecode, LogHead> = BTreeMap::new();
    for row in rows {
        let (gemeente, proof) = row?;
        // What came with an answer that was checked then.
        if let Some(head) = LogProof::says(&proof) {
            let last = heads.entry(gemeente).or_insert(head);
            *last = head.max(*last);
        }
    }
    Ok(heads)
}

#[cfg(test)]
mod tests {
    use drempel_protocols::{
        clock::{Clock as _, SystemClock},
        id::QuestionId,
    };

    use super::*;
    use crate::fixture::logged;

    #[test]
    fn of_each_gemeente_the_last_record_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bevragingen.sqlite");
        let store = Store::open(&path).unwrap();
        assert!(Store::log_heads(&path).unwrap().is_empty());
        let question = QuestionId::at(SystemClock.now());
        let answer = |records: u64| logged("{}", question, records - 1).0;
        store.connection.pragma_update(None, "foreign_keys", "OFF").unwrap();
        for (job, gemeente, answered) in
            [("1", "GM0014", Some(9)), ("2", "GM0014", Some(120)), ("3", "GM0014", Some(30)), ("1", "GM0034", None)]
        {
            let answer = answered.map(|records| serde_json::to_string(&answer(records)).unwrap());
            let part = (job, gemeente, "geantwoord", answer);
            store
                .connection
                .execute("INSERT INTO part (job, gemeente, state, answer) VALUES (?1, ?2, ?3, ?4)", part)
                .unwrap();
        }
        let heads = Store::log_heads(&path).unwrap();
        let head = LogProof::says(&answer(120).proof).unwrap();
        assert_eq!((head.size, heads), (120, BTreeMap::from([("GM0014".parse().unwrap(), head)])));
    }
}
