//! Table `delta_cursor`: how far a log was looked through.

use rusqlite::{Connection, OptionalExtension, params};

use crate::store::{StoreError, from_column, to_column};

/// Gives the leaf to ask from next; nothing was looked through yet if it is 0.
pub(crate) fn read(db: &Connection, origin: &str, name: &str) -> Result<u64, StoreError> {
    let next: Option<i64> = db
        .prepare_cached("SELECT next FROM delta_cursor WHERE origin = ?1 AND name = ?2")?
        .query_row(params![origin, name], |row| row.get(0))
        .optional()?;
    next.map_or(Ok(0), from_column)
}

/// Moves it on; it never goes back.
pub(crate) fn advance(
    db: &Connection,
    origin: &str,
    name: &str,
    next: u64,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO delta_cursor (origin, name, next) VALUES (?1, ?2, ?3)
         ON CONFLICT (origin, name) DO UPDATE SET next = max(next, excluded.next)",
    )?
    .execute(params![origin, name, to_column(next)?])?;
    Ok(())
}
