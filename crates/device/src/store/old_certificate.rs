//! Own certificates over time: the table `old_certificate`, and whether the roster is of an older one.

use rusqlite::{Connection, params};

use crate::store::StoreError;

/// Puts a certificate in the place of the one in force, which is kept.
pub(crate) fn renew(db: &Connection, bytes: &[u8], at_ms: i64) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO old_certificate (until_ms, bytes) SELECT ?1, certificate FROM enrolment",
        [at_ms],
    )?;
    db.execute("UPDATE enrolment SET certificate = ?1", params![bytes])?;
    Ok(())
}

/// Lists the certificates that were renewed, oldest first.
pub(crate) fn all(db: &Connection) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut query = db.prepare_cached("SELECT bytes FROM old_certificate ORDER BY id")?;
    let rows = query.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn outdate_roster(db: &Connection) -> Result<(), StoreError> {
    db.execute("INSERT OR IGNORE INTO roster_outdated VALUES (1)", [])?;
    Ok(())
}

pub(crate) fn roster_is_current(db: &Connection) -> Result<(), StoreError> {
    db.execute("DELETE FROM roster_outdated", [])?;
    Ok(())
}

pub(crate) fn roster_outdated(db: &Connection) -> Result<bool, StoreError> {
    Ok(db.prepare_cached("SELECT 1 FROM roster_outdated")?.exists([])?)
}
