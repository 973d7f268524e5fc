//! Table `cache`: the server's last answers for screens.

use rusqlite::{Connection, OptionalExtension, params};

use crate::cache::Cached;
use crate::store::StoreError;

pub(crate) fn put(db: &Connection, key: &str, cached: &Cached) -> Result<(), StoreError> {
    db.execute(
        "INSERT OR REPLACE INTO cache (key, json, fetched_ms) VALUES (?1, ?2, ?3)",
        params![key, cached.json, cached.fetched_ms],
    )?;
    Ok(())
}

pub(crate) fn read(db: &Connection, key: &str) -> Result<Option<Cached>, StoreError> {
    Ok(db
        .query_row("SELECT json, fetched_ms FROM cache WHERE key = ?1", [key], |row| {
            Ok(Cached { json: row.get(0)?, fetched_ms: row.get(1)? })
        })
        .optional()?)
}
