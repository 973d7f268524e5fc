//! Tables `carried` and `carried_event`: carriers' verified words, and what they are about.

use attendance::{Acknowledgement, DeviceId};
use rusqlite::{Connection, OptionalExtension, params};
use seal::Hash;

use crate::store::{StoreError, from_column};

/// Keeps a verified word, unless this carrier has given one for this parcel.
pub(crate) fn keep(
    db: &Connection,
    said: &Acknowledgement,
    acknowledgement: &[u8],
    certificate: &[u8],
) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO carried (parcel, carrier, at_ms, acknowledgement, certificate)
         VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
    )?
    .execute(params![
        said.parcel.0,
        said.carrier.0,
        said.at_ms,
        acknowledgement,
        certificate
    ])?;
    Ok(())
}

/// Keeps that an event is in a carried parcel. Gives false if it is not of this device, or was kept.
pub(crate) fn keep_event(
    db: &Connection,
    event: Hash,
    said: &Acknowledgement,
) -> Result<bool, StoreError> {
    let added = db
        .prepare_cached(
            "INSERT INTO carried_event (seq, parcel, carrier)
             SELECT seq, ?2, ?3 FROM event WHERE hash = ?1 ON CONFLICT DO NOTHING",
        )?
        .execute(params![event.0, said.parcel.0, said.carrier.0])?;
    Ok(added == 1)
}

/// Tells whether anybody has given a word for a parcel.
pub(crate) fn is_carried(db: &Connection, parcel: Hash) -> Result<bool, StoreError> {
    let found = db
        .prepare_cached("SELECT 1 FROM carried WHERE parcel = ?1 LIMIT 1")?
        .query_row([parcel.0], |_| Ok(()))
        .optional()?;
    Ok(found.is_some())
}

/// Lists who carries what still has no verdict: carrier, certificate, how many events, since when.
pub(crate) fn waiting(db: &Connection) -> Result<Vec<(DeviceId, Vec<u8>, u64, i64)>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT carried.carrier, max(carried.certificate), count(DISTINCT event_state.seq),
                min(carried.at_ms)
           FROM event_state JOIN carried_event USING (seq)
           JOIN carried USING (parcel, carrier)
          WHERE event_state.state = 'carried' GROUP BY carried.carrier ORDER BY min(carried.at_ms)",
    )?;
    let rows = statement.query_map([], |row| {
        Ok((DeviceId(row.get(0)?), row.get(1)?, row.get::<_, i64>(2)?, row.get(3)?))
    })?;
    rows.map(|row| {
        let (carrier, certificate, events, since_ms) = row?;
        Ok((carrier, certificate, from_column(events)?, since_ms))
    })
    .collect()
}
