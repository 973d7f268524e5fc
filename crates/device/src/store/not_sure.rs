//! Table `not_sure`: visits that a family is to be asked about again.

use rusqlite::{Connection, OptionalExtension, params};
use seal::Hash;

use crate::store::StoreError;

/// Keeps that the family is not sure; the first time stays.
pub(crate) fn keep(db: &Connection, visit: Hash, at_ms: i64) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO not_sure (visit, at_ms) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
    )?
    .execute(params![visit.0, at_ms])?;
    Ok(())
}

/// Tells since when the family is not sure.
pub(crate) fn since_ms(db: &Connection, visit: Hash) -> Result<Option<i64>, StoreError> {
    Ok(db
        .prepare_cached("SELECT at_ms FROM not_sure WHERE visit = ?1")?
        .query_row([visit.0], |row| row.get(0))
        .optional()?)
}
