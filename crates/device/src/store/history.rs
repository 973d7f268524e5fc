//! Tables `history`, `witnessed` and `disbelieved`: which checkpoints are one history, which of them
//! others saw too, and whose word is worth nothing any more.

use rusqlite::{Connection, OptionalExtension, params};
use seal::{Hash, PublicKey};

use crate::store::{StoreError, from_column, to_column};

/// Tells whether a kept checkpoint is linked with the others.
pub(crate) fn holds(db: &Connection, origin: &str, size: u64) -> Result<bool, StoreError> {
    let mut found = db.prepare_cached("SELECT 1 FROM history WHERE origin = ?1 AND size = ?2")?;
    Ok(found.exists(params![origin, to_column(size)?])?)
}

/// Links a kept checkpoint with one that is linked; the first of a log stands alone.
pub(crate) fn add(
    db: &Connection,
    origin: &str,
    size: u64,
    linked_with: Option<u64>,
    path: &[Hash],
) -> Result<(), StoreError> {
    let path: Vec<u8> = path.iter().flat_map(|hash| hash.0).collect();
    let linked_with = linked_with.map(to_column).transpose()?;
    db.prepare_cached(
        "INSERT INTO history (origin, size, linked_with, path) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO NOTHING",
    )?
    .execute(params![origin, to_column(size)?, linked_with, path])?;
    Ok(())
}

/// Gives the note of the largest linked checkpoint that is smaller than `below`, or of all.
pub(crate) fn newest(
    db: &Connection,
    origin: &str,
    below: Option<u64>,
) -> Result<Option<String>, StoreError> {
    let below = below.map_or(Ok(i64::MAX), to_column)?;
    Ok(db
        .prepare_cached(
            "SELECT note FROM history JOIN checkpoint USING (origin, size)
              WHERE origin = ?1 AND size < ?2 ORDER BY size DESC LIMIT 1",
        )?
        .query_row(params![origin, below], |row| row.get(0))
        .optional()?)
}

/// Lists the notes of kept checkpoints that are not linked yet, newest first, at most `limit`.
pub(crate) fn unlinked(
    db: &Connection,
    origin: &str,
    limit: u32,
) -> Result<Vec<String>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT note FROM checkpoint AS kept WHERE origin = ?1 AND NOT EXISTS (
             SELECT 1 FROM history WHERE history.origin = kept.origin AND history.size = kept.size)
          ORDER BY size DESC LIMIT ?2",
    )?;
    let rows = statement.query_map(params![origin, limit], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Keeps that a linked checkpoint is witnessed, with the note that shows it.
pub(crate) fn add_witnessed(
    db: &Connection,
    origin: &str,
    size: u64,
    note: &str,
    trust_version: u32,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO witnessed (origin, size, note, trust_version) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO NOTHING",
    )?
    .execute(params![origin, to_column(size)?, note, trust_version])?;
    Ok(())
}

/// Gives the size up to which the log is witnessed.
pub(crate) fn witnessed_size(db: &Connection, origin: &str) -> Result<Option<u64>, StoreError> {
    let size: Option<i64> =
        db.query_row("SELECT max(size) FROM witnessed WHERE origin = ?1", [origin], |row| {
            row.get(0)
        })?;
    size.map(from_column).transpose()
}

/// Keeps that a key signed two histories.
pub(crate) fn disbelieve(
    db: &Connection,
    origin: &str,
    key: &PublicKey,
    at_ms: i64,
) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO disbelieved (origin, key, at_ms) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        params![origin, key.to_bytes(), at_ms],
    )?;
    Ok(())
}

/// Tells whether a key signed two histories.
pub(crate) fn is_disbelieved(
    db: &Connection,
    origin: &str,
    key: &PublicKey,
) -> Result<bool, StoreError> {
    let mut found =
        db.prepare_cached("SELECT 1 FROM disbelieved WHERE origin = ?1 AND key = ?2")?;
    Ok(found.exists(params![origin, key.to_bytes()])?)
}
