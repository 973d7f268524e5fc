//! Tables `history`, `witnessed` and `disbelieved`: which checkpoints are one history, which of them
//! others saw too, and whose word is worth nothing any more.

use rusqlite::{Connection, OptionalExtension, params};
use seal::{Hash, PublicKey};

use crate::proof::GrowthStep;
use crate::store::{StoreError, from_column, to_column};

/// More links than this are not handed to a stranger.
const STEPS_MAX: usize = 64;

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

/// Gives size and root of the newest linked checkpoint of a log.
pub(crate) fn newest_root(
    db: &Connection,
    origin: &str,
) -> Result<Option<(u64, Hash)>, StoreError> {
    let found: Option<(i64, [u8; 32])> = db
        .prepare_cached(
            "SELECT size, root FROM history JOIN checkpoint USING (origin, size)
              WHERE origin = ?1 ORDER BY size DESC LIMIT 1",
        )?
        .query_row([origin], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    found.map(|(size, root)| Ok((from_column(size)?, Hash(root)))).transpose()
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

/// Gives the smallest witnessed checkpoint of at least a size, as its size and note.
pub(crate) fn witnessed_from(
    db: &Connection,
    origin: &str,
    from: u64,
) -> Result<Option<(u64, String)>, StoreError> {
    let found: Option<(i64, String)> = db
        .prepare_cached(
            "SELECT size, note FROM witnessed WHERE origin = ?1 AND size >= ?2
              ORDER BY size LIMIT 1",
        )?
        .query_row(params![origin, to_column(from)?], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    found.map(|(size, note)| Ok((from_column(size)?, note))).transpose()
}

/// Puts the links between two sizes together, if each was the newest once: what was linked from below
/// the newest is on no such way. At most [`STEPS_MAX`] of them.
pub(crate) fn steps(
    db: &Connection,
    origin: &str,
    from: u64,
    to: u64,
) -> Result<Option<Vec<GrowthStep>>, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT linked_with, path, root FROM history JOIN checkpoint USING (origin, size)
          WHERE origin = ?1 AND size = ?2",
    )?;
    let (mut steps, mut size) = (Vec::new(), to);
    while size > from && steps.len() < STEPS_MAX {
        let row = query.query_row(params![origin, to_column(size)?], |row| {
            Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Vec<u8>>(1)?, Hash(row.get(2)?)))
        });
        let Some((linked_with, path, root)) = row.optional()? else { return Ok(None) };
        let Some(before) = linked_with.map(from_column).transpose()? else { return Ok(None) };
        if before >= size {
            return Ok(None);
        }
        let path = path.chunks_exact(32).filter_map(Hash::from_slice).collect();
        steps.push(GrowthStep { size, root, path });
        size = before;
    }
    steps.reverse();
    Ok((size == from).then_some(steps))
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
