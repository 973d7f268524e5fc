//! Table `status_list`: one row, never replaced by an older version.

use rusqlite::{Connection, OptionalExtension, params};

use crate::store::StoreError;

pub(crate) fn read(db: &Connection) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(db.query_row("SELECT bytes FROM status_list", [], |row| row.get(0)).optional()?)
}

pub(crate) fn replace(db: &Connection, version: u32, bytes: &[u8]) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO status_list VALUES (1, ?1, ?2)
         ON CONFLICT (only_row) DO UPDATE SET version = excluded.version, bytes = excluded.bytes",
        params![version, bytes],
    )?;
    Ok(())
}

/// Forgets the list of another trust.
pub(crate) fn clear(db: &Connection) -> Result<(), StoreError> {
    db.execute("DELETE FROM status_list", [])?;
    Ok(())
}
