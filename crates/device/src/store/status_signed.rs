//! Table `status_signed`: the list of revoked cards as it was signed, to be handed on.

use rusqlite::{Connection, params};

use crate::store::StoreError;

/// A whole list, or a change, as it was signed.
pub(crate) struct SignedRow {
    pub(crate) version: u32,
    pub(crate) is_whole: bool,
    pub(crate) bytes: Vec<u8>,
}

/// Keeps a whole list instead of all that was kept.
pub(crate) fn replace(db: &Connection, version: u32, bytes: &[u8]) -> Result<(), StoreError> {
    clear(db)?;
    db.execute("INSERT INTO status_signed VALUES (?1, 1, ?2)", params![version, bytes])?;
    Ok(())
}

/// Keeps a change, if what it changes is kept.
pub(crate) fn add(db: &Connection, (from, to): (u32, u32), bytes: &[u8]) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO status_signed SELECT ?2, 0, ?3
          WHERE (SELECT max(version) FROM status_signed) = ?1",
        params![from, to, bytes],
    )?;
    Ok(())
}

/// Lists what is kept, by version: a whole list first, if there is anything.
pub(crate) fn all(db: &Connection) -> Result<Vec<SignedRow>, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT version, is_whole, bytes FROM status_signed ORDER BY version")?;
    let rows = statement.query_map([], |row| {
        Ok(SignedRow { version: row.get(0)?, is_whole: row.get(1)?, bytes: row.get(2)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Forgets the list of another trust.
pub(crate) fn clear(db: &Connection) -> Result<(), StoreError> {
    db.execute("DELETE FROM status_signed", [])?;
    Ok(())
}
