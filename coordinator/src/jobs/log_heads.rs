//! The last place in the log of each gemeente's node that came with an answer: what the gemeente cannot have lost, or put back
//! from before, without it being seen (`drempel-node audit verify --head`).

use std::{collections::BTreeMap, path::Path};

use drempel_protocols::{answer::LogHead, id::Gemeentecode};
use rusqlite::{Connection, OpenFlags};

use super::store::{Store, StoreError, malformed, parsed};

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
    // Of a row with the greatest number SQLite takes the digest too.
    let mut select = connection.prepare(
        "SELECT gemeente, max(json_extract(answer, '$.log.sequence')), json_extract(answer, '$.log.digest')
         FROM part WHERE answer IS NOT NULL GROUP BY gemeente",
    )?;
    let rows = select.query_map([], |row| {
        let sequence = u64::try_from(row.get::<_, i64>(1)?).map_err(|_| malformed(1, "a number from 1"))?;
        Ok((parsed(row, 0)?, LogHead { sequence, digest: parsed(row, 2)? }))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use drempel_protocols::{answer::LoggedAnswer, id::Digest};

    use super::*;

    #[test]
    fn of_each_gemeente_the_last_record_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bevragingen.sqlite");
        let store = Store::open(&path).unwrap();
        assert!(Store::log_heads(&path).unwrap().is_empty());
        let head = |sequence: u64| LogHead { sequence, digest: Digest::of("record", &[&sequence.to_be_bytes()]) };
        store.connection.pragma_update(None, "foreign_keys", "OFF").unwrap();
        for (job, gemeente, answered) in
            [("1", "GM0014", Some(9)), ("2", "GM0014", Some(120)), ("3", "GM0014", Some(30)), ("1", "GM0034", None)]
        {
            let answer = |sequence| LoggedAnswer { answer: "{}".to_owned(), log: head(sequence) };
            let answer = answered.map(|sequence| serde_json::to_string(&answer(sequence)).unwrap());
            let part = (job, gemeente, "geantwoord", answer);
            store
                .connection
                .execute("INSERT INTO part (job, gemeente, state, answer) VALUES (?1, ?2, ?3, ?4)", part)
                .unwrap();
        }
        let heads = Store::log_heads(&path).unwrap();
        assert_eq!(heads, BTreeMap::from([("GM0014".parse().unwrap(), head(120))]));
    }
}
