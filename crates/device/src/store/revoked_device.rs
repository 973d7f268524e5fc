//! Table `revoked_device`: one row, replaced as a whole.

use rusqlite::{Connection, OptionalExtension, params};

use crate::store::StoreError;

pub(crate) fn read(db: &Connection) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(db.query_row("SELECT bytes FROM revoked_device", [], |row| row.get(0)).optional()?)
}

pub(crate) fn replace(db: &Connection, version: u32, bytes: &[u8]) -> Result<(), StoreError> {
    let row = params![version, bytes];
    db.execute("INSERT OR REPLACE INTO revoked_device VALUES (1, ?1, ?2)", row)?;
    Ok(())
}

pub(crate) fn clear(db: &Connection) -> Result<(), StoreError> {
    db.execute("DELETE FROM revoked_device", [])?;
    Ok(())
}
