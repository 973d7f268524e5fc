//! Tables `parcel_key`, `parcel` and `parcel_event`: to whom parcels are sealed, and what was in them.

use rusqlite::{Connection, OptionalExtension, params};
use seal::Hash;

use crate::outbox::OutboxRow;
use crate::store::{StoreError, from_column, to_column};

/// The row of the key as it is kept.
pub(crate) struct KeyRow {
    pub(crate) origin: String,
    pub(crate) stated: Vec<u8>,
    pub(crate) datagram_port: Option<u16>,
}

pub(crate) fn key(db: &Connection) -> Result<Option<KeyRow>, StoreError> {
    let mut query = db.prepare_cached("SELECT origin, stated, datagram_port FROM parcel_key")?;
    let row = query.query_row([], |row| {
        Ok(KeyRow { origin: row.get(0)?, stated: row.get(1)?, datagram_port: row.get(2)? })
    });
    Ok(row.optional()?)
}

pub(crate) fn replace_key(db: &Connection, row: &KeyRow) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO parcel_key (only_row, origin, stated, datagram_port)
         VALUES (1, ?1, ?2, ?3)",
    )?
    .execute(params![row.origin, row.stated, row.datagram_port])?;
    Ok(())
}

/// Keeps what is in a parcel.
pub(crate) fn keep(
    db: &Connection,
    name: Hash,
    events: &[OutboxRow],
    at_ms: i64,
) -> Result<(), StoreError> {
    db.prepare_cached("INSERT INTO parcel (name, at_ms) VALUES (?1, ?2)")?
        .execute(params![name.0, at_ms])?;
    let mut event =
        db.prepare_cached("INSERT INTO parcel_event (parcel, place, seq) VALUES (?1, ?2, ?3)")?;
    for (place, row) in (0i64..).zip(events) {
        event.execute(params![name.0, place, to_column(row.seq)?])?;
    }
    Ok(())
}

/// Lists the events of a parcel in the order of its batch; nothing of one that was not sealed here.
pub(crate) fn events(db: &Connection, name: Hash) -> Result<Vec<Hash>, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT event.hash FROM parcel_event JOIN event USING (seq)
          WHERE parcel = ?1 ORDER BY place",
    )?;
    let rows = query.query_map([name.0], |row| Ok(Hash(row.get(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Tells whether the server said of an event that waits that it cannot unpack it.
pub(crate) fn wants_no_roster(db: &Connection, reason: &str) -> Result<bool, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT 1 FROM event_state WHERE state = 'deferred'
            AND (SELECT reason FROM delivery WHERE delivery.seq = event_state.seq
                  ORDER BY id DESC LIMIT 1) = ?1",
    )?;
    Ok(query.exists([reason])?)
}

/// Lists what a parcel is made of, in chain order: what the server has not taken, and what it has taken
/// and not yet proven.
pub(crate) fn waiting(db: &Connection, limit: usize) -> Result<Vec<OutboxRow>, StoreError> {
    // Whatever is neither parked nor proven waits, whoever may be carrying it meanwhile.
    let mut query = db.prepare_cached(
        "SELECT seq, hash, bytes FROM event_state
          WHERE state NOT IN ('parked', 'receipted', 'witnessed') ORDER BY seq LIMIT ?1",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = query
        .query_map([limit], |row| Ok((row.get::<_, i64>(0)?, Hash(row.get(1)?), row.get(2)?)))?;
    rows.map(|row| {
        let (seq, hash, bytes) = row?;
        Ok(OutboxRow { seq: from_column(seq)?, hash, bytes })
    })
    .collect()
}

/// Lists what waits and is in no parcel on its way, in chain order.
pub(crate) fn waiting_apart(db: &Connection) -> Result<Vec<OutboxRow>, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT seq, hash, bytes FROM event_state
          WHERE state NOT IN ('parked', 'receipted', 'witnessed')
            AND seq NOT IN (SELECT seq FROM parcel_kept JOIN parcel_event USING (parcel))
          ORDER BY seq",
    )?;
    let rows =
        query.query_map([], |row| Ok((row.get::<_, i64>(0)?, Hash(row.get(1)?), row.get(2)?)))?;
    rows.map(|row| {
        let (seq, hash, bytes) = row?;
        Ok(OutboxRow { seq: from_column(seq)?, hash, bytes })
    })
    .collect()
}

/// Keeps the bytes of a parcel until its answer comes.
pub(crate) fn keep_bytes(db: &Connection, name: Hash, bytes: &[u8]) -> Result<(), StoreError> {
    db.prepare_cached("INSERT INTO parcel_kept (parcel, bytes) VALUES (?1, ?2)")?
        .execute(params![name.0, bytes])?;
    Ok(())
}

/// Drops the bytes of a parcel.
pub(crate) fn drop_bytes(db: &Connection, name: Hash) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM parcel_kept WHERE parcel = ?1")?.execute([name.0])?;
    Ok(())
}

/// Lists the kept parcels in chain order: name, bytes, and whether anything of it waits.
pub(crate) fn kept(db: &Connection) -> Result<Vec<(Hash, Vec<u8>, bool)>, StoreError> {
    let mut query = db.prepare_cached(
        "SELECT parcel_kept.parcel, parcel_kept.bytes,
                max(event_state.state NOT IN ('parked', 'receipted', 'witnessed'))
           FROM parcel_kept JOIN parcel_event USING (parcel) JOIN event_state USING (seq)
          GROUP BY parcel_kept.parcel ORDER BY min(seq)",
    )?;
    let rows = query.query_map([], |row| Ok((Hash(row.get(0)?), row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
