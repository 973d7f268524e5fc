//! Table `checkpoint`: one root for one size, for ever.

use rusqlite::{Connection, OptionalExtension, params};
use tlog::Checkpoint;

use crate::store::{StoreError, from_column, to_column};

/// Gives the note of the checkpoint that is kept for a size.
pub(crate) fn note_of(
    db: &Connection,
    origin: &str,
    size: u64,
) -> Result<Option<String>, StoreError> {
    Ok(db
        .prepare_cached("SELECT note FROM checkpoint WHERE origin = ?1 AND size = ?2")?
        .query_row(params![origin, to_column(size)?], |row| row.get(0))
        .optional()?)
}

/// Keeps a verified checkpoint; the first of a size stays.
pub(crate) fn keep(db: &Connection, at: &Checkpoint, note: &str) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO checkpoint (origin, size, root, note) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO NOTHING",
    )?
    .execute(params![at.origin, to_column(at.size)?, at.root.0, note])?;
    Ok(())
}

/// Gives the size of the newest checkpoint of a log that is linked with those before: one that was only
/// heard of counts for nothing yet.
pub(crate) fn newest_size(db: &Connection, origin: &str) -> Result<Option<u64>, StoreError> {
    let size: Option<i64> =
        db.query_row("SELECT max(size) FROM history WHERE origin = ?1", [origin], |row| {
            row.get(0)
        })?;
    size.map(from_column).transpose()
}

/// Lists the signed notes of a log, by size.
pub(crate) fn notes(db: &Connection, origin: &str) -> Result<Vec<String>, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT note FROM checkpoint WHERE origin = ?1 ORDER BY size")?;
    let rows = statement.query_map([origin], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
