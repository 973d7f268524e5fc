//! Table `document`: the files that excuse absences.

use rusqlite::{Connection, OptionalExtension, params};
use seal::Hash;

use crate::document::Document;
use crate::store::{StoreError, from_column};

/// Keeps a file; one that is kept already changes nothing.
pub(crate) fn keep(
    db: &Connection,
    hash: Hash,
    document: &Document,
    at_ms: i64,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO document (hash, media, bytes, at_ms) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO NOTHING",
    )?
    .execute(params![hash.0, document.media.name(), document.bytes, at_ms])?;
    Ok(())
}

/// Gives a file.
pub(crate) fn read(db: &Connection, hash: Hash) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(db
        .prepare_cached("SELECT bytes FROM document WHERE hash = ?1")?
        .query_row([hash.0], |row| row.get(0))
        .optional()?)
}

/// Tells whether a file is here.
pub(crate) fn is_kept(db: &Connection, hash: Hash) -> Result<bool, StoreError> {
    Ok(db.prepare_cached("SELECT 1 FROM document WHERE hash = ?1")?.exists([hash.0])?)
}

/// Counts the bytes of all files.
pub(crate) fn total_bytes(db: &Connection) -> Result<u64, StoreError> {
    let sum = "SELECT coalesce(sum(length(bytes)), 0) FROM document";
    from_column(db.query_row(sum, [], |row| row.get(0))?)
}
