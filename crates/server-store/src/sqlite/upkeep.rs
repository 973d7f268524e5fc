//! Looking after a SQLite database.

use rusqlite::Connection;

use crate::error::StorageError;

pub(crate) fn check_writable(connection: &Connection) -> Result<(), StorageError> {
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    Ok(connection.pragma_update(None, "user_version", version)?)
}

pub(crate) fn database_bytes(connection: &Connection) -> Result<u64, StorageError> {
    let pages: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0))?;
    let size: i64 = connection.query_row("PRAGMA page_size", [], |row| row.get(0))?;
    Ok(u64::try_from(pages.saturating_mul(size)).unwrap_or_default())
}

pub(crate) fn parked_counts(connection: &Connection) -> Result<Vec<(String, u64)>, StorageError> {
    let mut query = connection
        .prepare_cached("SELECT reason, count(*) FROM parked GROUP BY reason ORDER BY reason")?;
    let rows = query.query_map([], |row| {
        let count: i64 = row.get(1)?;
        Ok((row.get(0)?, u64::try_from(count).unwrap_or_default()))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
