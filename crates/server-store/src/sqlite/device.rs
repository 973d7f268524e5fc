//! Devices, chains, tickets and names in SQLite.

use std::ops::Range;

use attendance::{CardId, ChildId, DeviceId};
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use seal::Hash;

use super::log::{hash_at, signed, unsigned};
use crate::device::{
    ChainTip, Grants, LoggedEvent, StoredDevice, StoredTicket, TicketVerdict, Told,
};
use crate::error::StorageError;

const SELECT_DEVICE: &str = "SELECT device.device,
    coalesce((SELECT bytes FROM certificate WHERE certificate.device = device.device
              ORDER BY serial DESC LIMIT 1), device.certificate),
    last_contact_ms, suspended,
    (SELECT count(*) FROM event WHERE event.device = device.device),
    told.seq_next, told.version, revoked.at_ms, revoked.events, revoked.reason, revoked.replaced_by,
    (SELECT used_by FROM ticket_replaces JOIN ticket ON secret_hash = ticket_replaces.ticket
      WHERE ticket_replaces.device = device.device AND used_by IS NOT NULL LIMIT 1)
    FROM device LEFT JOIN told ON told.device = device.device
                LEFT JOIN revoked_device AS revoked ON revoked.device = device.device";

fn device_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<StoredDevice> {
    let events: i64 = row.get(4)?;
    let device = DeviceId(row.get(0)?);
    let told = row.get::<_, Option<i64>>(5)?.map(|seq| u64::try_from(seq).unwrap_or_default());
    let version: Option<String> = row.get(6)?;
    Ok(StoredDevice {
        device,
        certificate: row.get(1)?,
        last_contact_ms: row.get(2)?,
        suspended: row.get(3)?,
        events: u64::try_from(events).unwrap_or_default(),
        told: told.zip(version).map(|(seq_next, version)| Told { seq_next, version }),
        revoked: super::life::revocation_row(row, device, 7)?,
        replaced_by: row.get::<_, Option<[u8; 8]>>(11)?.map(DeviceId),
    })
}

pub(crate) fn device(
    connection: &Connection,
    device: DeviceId,
) -> Result<Option<StoredDevice>, StorageError> {
    Ok(connection
        .prepare_cached(&format!("{SELECT_DEVICE} WHERE device.device = ?1"))?
        .query_row([device.0], device_row)
        .optional()?)
}

pub(crate) fn devices(connection: &Connection) -> Result<Vec<StoredDevice>, StorageError> {
    let mut query =
        connection.prepare_cached(&format!("{SELECT_DEVICE} ORDER BY device.device"))?;
    let rows = query.query_map([], device_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Keeps a device; the first certificate stays. One that was kept without any, since nobody had it when
/// the database was made again, gets this one.
pub(crate) fn insert_device(
    connection: &Connection,
    device: DeviceId,
    certificate: &[u8],
) -> Result<(), StorageError> {
    connection
        .prepare_cached(
            "INSERT INTO device (device, certificate) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        )?
        .execute(params![device.0, certificate])?;
    connection
        .prepare_cached(
            "INSERT INTO certificate (device, serial, bytes, made_ms)
             SELECT device, 1, ?2, 0 FROM device
              WHERE device = ?1 AND length(certificate) = 0 AND length(?2) > 0
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![device.0, certificate])?;
    Ok(())
}

pub(crate) fn touch_device(
    connection: &Connection,
    device: DeviceId,
    now_ms: i64,
) -> Result<(), StorageError> {
    connection
        .prepare_cached("UPDATE device SET last_contact_ms = ?2 WHERE device = ?1")?
        .execute(params![device.0, now_ms])?;
    Ok(())
}

pub(crate) fn chain_tip(
    connection: &Connection,
    device: DeviceId,
) -> Result<Option<ChainTip>, StorageError> {
    let found = connection
        .prepare_cached("SELECT seq, hash FROM event WHERE device = ?1 ORDER BY seq DESC LIMIT 1")?
        .query_row([device.0], |row| Ok((row.get(0)?, hash_at(row, 1)?)))
        .optional()?;
    found.map(|(seq, hash)| Ok(ChainTip { seq: unsigned(seq)?, hash })).transpose()
}

pub(crate) fn events_of(
    connection: &Connection,
    device: DeviceId,
    from: u64,
    limit: u32,
) -> Result<Vec<Vec<u8>>, StorageError> {
    let mut query = connection.prepare_cached(
        "SELECT leaf.bytes FROM event JOIN leaf USING (leaf_index)
          WHERE event.device = ?1 AND event.seq >= ?2 ORDER BY event.seq LIMIT ?3",
    )?;
    let rows = query.query_map(params![device.0, signed(from), limit], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn chain(
    connection: &Connection,
    device: DeviceId,
    positions: Range<u64>,
) -> Result<Vec<LoggedEvent>, StorageError> {
    let mut query = connection.prepare_cached(
        "SELECT seq, hash, leaf_index FROM event WHERE device = ?1 AND seq >= ?2 AND seq < ?3
         ORDER BY seq",
    )?;
    let between = params![device.0, signed(positions.start), signed(positions.end)];
    let rows = query.query_map(between, |row| Ok((row.get(0)?, hash_at(row, 1)?, row.get(2)?)))?;
    rows.map(|row| {
        let (seq, hash, leaf_index) = row?;
        Ok(LoggedEvent { seq: unsigned(seq)?, hash, leaf_index: unsigned(leaf_index)? })
    })
    .collect()
}

pub(crate) fn recorders(
    connection: &Connection,
    events: &[Hash],
) -> Result<Vec<Option<DeviceId>>, StorageError> {
    let mut query = connection.prepare_cached("SELECT device FROM event WHERE hash = ?1")?;
    let recorder =
        |event: &Hash| Ok(query.query_row([event.0], |row| row.get(0).map(DeviceId)).optional()?);
    events.iter().map(recorder).collect()
}

pub(crate) fn insert_ticket(
    connection: &mut Connection,
    ticket: &StoredTicket,
) -> Result<(), StorageError> {
    let tx = connection.transaction()?;
    tx.execute(
        "INSERT INTO ticket (secret_hash, grants, expires_ms) VALUES (?1, ?2, ?3)",
        params![ticket.secret_hash.0, ticket.grants.0, ticket.expires_ms],
    )?;
    if let Some(device) = ticket.replaces {
        tx.execute(
            "INSERT INTO ticket_replaces (ticket, device) VALUES (?1, ?2)",
            params![ticket.secret_hash.0, device.0],
        )?;
    }
    Ok(tx.commit()?)
}

/// Uses the ticket for `device`; the same device may use it again, if its answer was lost.
pub(crate) fn use_ticket(
    connection: &mut Connection,
    secret_hash: &Hash,
    device: DeviceId,
    now_ms: i64,
) -> Result<TicketVerdict, StorageError> {
    let tx = connection.transaction()?;
    let found: Option<(String, i64, Option<[u8; 8]>)> = tx
        .query_row(
            "SELECT grants, expires_ms, used_by FROM ticket WHERE secret_hash = ?1",
            [&secret_hash.0],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .optional()?;
    let Some((grants, expires_ms, used_by)) = found else { return Ok(TicketVerdict::Unknown) };
    match used_by {
        Some(other) if other != device.0 => return Ok(TicketVerdict::Used),
        Some(_) => return Ok(TicketVerdict::Good(Grants(grants))),
        None if expires_ms < now_ms => return Ok(TicketVerdict::Expired),
        None => {}
    }
    if !super::life::replace(&tx, secret_hash, device, now_ms)? {
        return Ok(TicketVerdict::Undecided);
    }
    tx.execute(
        "UPDATE ticket SET used_by = ?2 WHERE secret_hash = ?1",
        params![secret_hash.0, device.0],
    )?;
    tx.commit()?;
    Ok(TicketVerdict::Good(Grants(grants)))
}

pub(crate) fn put_children(
    connection: &mut Connection,
    children: &[(ChildId, String, CardId)],
) -> Result<(), StorageError> {
    let tx = connection.transaction()?;
    upsert_children(&tx, children)?;
    Ok(tx.commit()?)
}

/// A child's newest card in the log is its current one, whatever was written down for it.
pub(super) fn upsert_children(
    tx: &Transaction<'_>,
    children: &[(ChildId, String, CardId)],
) -> Result<(), StorageError> {
    for (child, name, card) in children {
        tx.prepare_cached(
            "INSERT INTO child (child, name, card) VALUES (?1, ?2, coalesce(
                 (SELECT card FROM card WHERE child = ?1 ORDER BY leaf_index DESC LIMIT 1), ?3))
             ON CONFLICT (child) DO UPDATE SET name = excluded.name, card = excluded.card",
        )?
        .execute(params![child.0, name, card.0])?;
    }
    Ok(())
}

pub(crate) fn children(
    connection: &Connection,
) -> Result<Vec<(ChildId, String, CardId)>, StorageError> {
    let mut query =
        connection.prepare_cached("SELECT child, name, card FROM child ORDER BY child")?;
    let rows =
        query.query_map([], |row| Ok((ChildId(row.get(0)?), row.get(1)?, CardId(row.get(2)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
