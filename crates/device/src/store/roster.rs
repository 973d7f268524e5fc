//! Table `roster`: one row, replaced as a whole.

use rusqlite::{Connection, OptionalExtension, params};

use crate::store::StoreError;

pub(crate) fn read(db: &Connection) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(db.query_row("SELECT bytes FROM roster", [], |row| row.get(0)).optional()?)
}

pub(crate) fn replace(db: &Connection, version: u32, bytes: &[u8]) -> Result<(), StoreError> {
    db.execute("INSERT OR REPLACE INTO roster VALUES (1, ?1, ?2)", params![version, bytes])?;
    Ok(())
}

pub(crate) fn clear(db: &Connection) -> Result<(), StoreError> {
    db.execute("DELETE FROM roster", [])?;
    Ok(())
}
