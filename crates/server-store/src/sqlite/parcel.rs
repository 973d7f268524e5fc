//! Parcels in SQLite.

use rusqlite::{Connection, OptionalExtension as _, params};
use seal::Hash;

use crate::error::StorageError;
use crate::parcel::StoredParcel;

pub(crate) fn insert_parcel(
    connection: &Connection,
    parcel: &StoredParcel,
) -> Result<(), StorageError> {
    connection
        .prepare_cached(
            "INSERT INTO parcel (name, device, answer, at_ms) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![parcel.name.0, parcel.device.0, parcel.answer, parcel.at_ms])?;
    Ok(())
}

pub(crate) fn parcel_answer(
    connection: &Connection,
    name: Hash,
) -> Result<Option<Vec<u8>>, StorageError> {
    Ok(connection
        .prepare_cached("SELECT answer FROM parcel WHERE name = ?1")?
        .query_row([name.0], |row| row.get(0))
        .optional()?)
}
