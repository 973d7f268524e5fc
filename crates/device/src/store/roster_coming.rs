//! Tables `roster_coming` and `roster_piece`: a roster that comes in pieces.

use rusqlite::{Connection, OptionalExtension, params};
use seal::Hash;

use crate::roster_coming::RosterComing;
use crate::store::StoreError;

/// Says which roster is on its way, and how much of it is here.
pub(crate) fn read(db: &Connection) -> Result<Option<RosterComing>, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT name, version, length,
                (SELECT coalesce(max(at + length(bytes)), 0) FROM roster_piece)
           FROM roster_coming",
    )?;
    let row = query.query_row([], |row| {
        Ok(RosterComing {
            name: Hash(row.get(0)?),
            version: row.get(1)?,
            length: row.get(2)?,
            kept: row.get(3)?,
        })
    });
    Ok(row.optional()?)
}

/// Begins with a roster; what was there of another one goes.
pub(crate) fn begin(
    db: &Connection,
    name: Hash,
    version: u32,
    length: u32,
) -> Result<(), StoreError> {
    clear(db)?;
    db.execute(
        "INSERT INTO roster_coming VALUES (1, ?1, ?2, ?3)",
        params![name.0, version, length],
    )?;
    Ok(())
}

/// Adds the next piece.
pub(crate) fn add(db: &Connection, at: u32, bytes: &[u8]) -> Result<(), StoreError> {
    db.execute("INSERT INTO roster_piece VALUES (?1, ?2)", params![at, bytes])?;
    Ok(())
}

/// Gives all that is here, in order.
pub(crate) fn bytes(db: &Connection) -> Result<Vec<u8>, StoreError> {
    let mut query = db.prepare("SELECT bytes FROM roster_piece ORDER BY at")?;
    let pieces = query.query_map([], |row| row.get::<_, Vec<u8>>(0))?;
    let pieces: Vec<Vec<u8>> = pieces.collect::<Result<_, _>>()?;
    Ok(pieces.concat())
}

/// Forgets it.
pub(crate) fn clear(db: &Connection) -> Result<(), StoreError> {
    db.execute("DELETE FROM roster_piece", [])?;
    db.execute("DELETE FROM roster_coming", [])?;
    Ok(())
}
