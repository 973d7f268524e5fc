//! Revocations, replacements, releases and renewed certificates in SQLite.

use attendance::{DeviceId, Revocation, RevocationReason, UnverifiedEvent};
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};
use seal::Hash;

use super::log::{hash_at, signed, unsigned};
use crate::device::{NewRevocation, ParkedGroup, RevokedWhen, Told};
use crate::error::StorageError;
use crate::log::SequencedBatch;

/// Writes what the events among a batch's leaves decide.
pub(super) fn insert_decisions(
    tx: &Transaction<'_>,
    batch: &SequencedBatch,
) -> Result<(), StorageError> {
    insert_revocations(tx, &batch.revoked)?;
    for (event, decision) in &batch.released {
        tx.prepare_cached("INSERT INTO release (event, decision) VALUES (?1, ?2)")?
            .execute([&event.0, &decision.0])?;
    }
    Ok(())
}

/// Writes that devices are revoked, or will be when their ticket is used.
pub(super) fn insert_revocations(
    tx: &Transaction<'_>,
    revocations: &[NewRevocation],
) -> Result<(), StorageError> {
    for revocation in revocations {
        match revocation.when {
            RevokedWhen::Now { at_ms, events } => revoke(tx, revocation, at_ms, events, None)?,
            RevokedWhen::Ticket(ticket) => {
                tx.prepare_cached(
                    "INSERT INTO replacement (ticket, device, reason, decision)
                     VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                )?
                .execute(params![
                    ticket.0,
                    revocation.device.0,
                    reason_number(revocation.reason),
                    revocation.decision.0
                ])?;
            }
        }
    }
    Ok(())
}

/// The first revocation of a device counts.
fn revoke(
    tx: &Transaction<'_>,
    revocation: &NewRevocation,
    at_ms: i64,
    events: u64,
    replaced_by: Option<DeviceId>,
) -> Result<(), StorageError> {
    tx.prepare_cached(
        "INSERT INTO revoked_device (number, device, at_ms, events, reason, decision, replaced_by)
         SELECT coalesce(max(number), 0) + 1, ?1, ?2, ?3, ?4, ?5, ?6 FROM revoked_device
         WHERE true ON CONFLICT DO NOTHING",
    )?
    .execute(params![
        revocation.device.0,
        at_ms,
        signed(events),
        reason_number(revocation.reason),
        revocation.decision.0,
        replaced_by.map(|device| device.0),
    ])?;
    Ok(())
}

/// Revokes the device whose place the ticket's device takes, if there is one and it is not revoked. False
/// if nobody has decided that yet.
pub(super) fn replace(
    tx: &Transaction<'_>,
    ticket: &Hash,
    by: DeviceId,
    at_ms: i64,
) -> Result<bool, StorageError> {
    let replaced = tx
        .query_row("SELECT device FROM ticket_replaces WHERE ticket = ?1", [&ticket.0], |row| {
            Ok(DeviceId(row.get(0)?))
        })
        .optional()?;
    let Some(device) = replaced else { return Ok(true) };
    let mut revoked = tx.prepare_cached("SELECT 1 FROM revoked_device WHERE device = ?1")?;
    if revoked.exists([&device.0])? {
        return Ok(true);
    }
    let decided: Option<(i64, [u8; 32])> = tx
        .query_row(
            "SELECT reason, decision FROM replacement WHERE ticket = ?1 AND device = ?2",
            params![ticket.0, device.0],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let Some((reason, decision)) = decided else { return Ok(false) };
    let events: i64 =
        tx.query_row("SELECT count(*) FROM event WHERE device = ?1", [&device.0], |row| {
            row.get(0)
        })?;
    let revocation = NewRevocation {
        device,
        reason: reason_of(reason),
        decision: Hash(decision),
        when: RevokedWhen::Ticket(*ticket),
    };
    revoke(tx, &revocation, at_ms, unsigned(events)?, Some(by))?;
    Ok(true)
}

pub(crate) fn revocations(connection: &Connection) -> Result<Vec<Revocation>, StorageError> {
    let mut query = connection.prepare_cached(
        "SELECT device, at_ms, events, reason, replaced_by FROM revoked_device ORDER BY number",
    )?;
    let rows = query.query_map([], |row| revocation_row(row, DeviceId(row.get(0)?), 1))?;
    Ok(rows.filter_map(Result::transpose).collect::<Result<_, _>>()?)
}

/// Reads the columns of a revocation from `first` on, if there is one.
pub(super) fn revocation_row(
    row: &Row<'_>,
    device: DeviceId,
    first: usize,
) -> rusqlite::Result<Option<Revocation>> {
    let Some(at_ms) = row.get(first)? else { return Ok(None) };
    let events: i64 = row.get(first + 1)?;
    Ok(Some(Revocation {
        device,
        at_ms,
        events: u64::try_from(events).unwrap_or_default(),
        reason: reason_of(row.get(first + 2)?),
        replaced_by: row.get::<_, Option<[u8; 8]>>(first + 3)?.map(DeviceId),
    }))
}

pub(crate) fn insert_certificate(
    connection: &Connection,
    device: DeviceId,
    bytes: &[u8],
    made_ms: i64,
) -> Result<(), StorageError> {
    connection
        .prepare_cached(
            "INSERT INTO certificate (device, serial, bytes, made_ms)
             SELECT ?1, coalesce(max(serial), 0) + 1, ?2, ?3 FROM certificate WHERE device = ?1",
        )?
        .execute(params![device.0, bytes, made_ms])?;
    Ok(())
}

pub(crate) fn put_told(
    connection: &Connection,
    device: DeviceId,
    told: &Told,
) -> Result<(), StorageError> {
    connection
        .prepare_cached(
            "INSERT INTO told (device, seq_next, version) VALUES (?1, ?2, ?3)
             ON CONFLICT (device) DO UPDATE SET seq_next = excluded.seq_next,
                                                version = excluded.version",
        )?
        .execute(params![device.0, signed(told.seq_next), told.version])?;
    Ok(())
}

/// Writes where an event that was put aside says it stands, if it can be read.
pub(super) fn place_parked(
    connection: &Connection,
    hash: &Hash,
    bytes: &[u8],
) -> Result<(), StorageError> {
    let Ok(read) = UnverifiedEvent::parse(bytes) else { return Ok(()) };
    connection
        .prepare_cached(
            "INSERT INTO parked_place (hash, device, seq) VALUES (?1, ?2, ?3)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![hash.0, read.event().device.0, signed(read.event().seq)])?;
    Ok(())
}

/// Places what was put aside before there was an index.
pub(crate) fn place_all_parked(connection: &mut Connection) -> Result<(), StorageError> {
    let tx = connection.transaction()?;
    let unplaced: Vec<(Hash, Vec<u8>)> = tx
        .prepare(
            "SELECT hash, bytes FROM parked WHERE hash NOT IN (SELECT hash FROM parked_place)",
        )?
        .query_map([], |row| Ok((hash_at(row, 0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (hash, bytes) in unplaced {
        place_parked(&tx, &hash, &bytes)?;
    }
    Ok(tx.commit()?)
}

pub(crate) fn parked_groups(connection: &Connection) -> Result<Vec<ParkedGroup>, StorageError> {
    let mut query = connection.prepare_cached(
        "WITH aside AS (
             SELECT parked.hash, reason, arrived_ms, device, seq
               FROM parked LEFT JOIN parked_place ON parked_place.hash = parked.hash
              WHERE NOT EXISTS (SELECT 1 FROM event WHERE event.hash = parked.hash))
         SELECT device, reason, count(*), min(seq), max(seq), min(arrived_ms), max(arrived_ms),
                (SELECT hash FROM aside AS last
                  WHERE last.device IS aside.device AND last.reason = aside.reason
                  ORDER BY last.seq DESC, last.arrived_ms DESC LIMIT 1)
           FROM aside GROUP BY device, reason ORDER BY device, reason",
    )?;
    let rows = query.query_map([], |row| {
        let number = |column| row.get::<_, Option<i64>>(column);
        let seqs = number(3)?.zip(number(4)?);
        let unsigned = |number: i64| u64::try_from(number).unwrap_or_default();
        Ok(ParkedGroup {
            device: row.get::<_, Option<[u8; 8]>>(0)?.map(DeviceId),
            reason: row.get(1)?,
            count: unsigned(row.get(2)?),
            seqs: seqs.map(|(first, last)| (unsigned(first), unsigned(last))),
            last: hash_at(row, 7)?,
            arrived_ms: (row.get(5)?, row.get(6)?),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn parked_of(
    connection: &Connection,
    device: DeviceId,
) -> Result<Vec<(Hash, Vec<u8>)>, StorageError> {
    let mut query = connection.prepare_cached(
        "SELECT parked.hash, parked.bytes FROM parked_place JOIN parked USING (hash)
         WHERE device = ?1 ORDER BY seq",
    )?;
    let rows = query.query_map([device.0], |row| Ok((hash_at(row, 0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn reason_number(reason: RevocationReason) -> i64 {
    i64::from(reason.number())
}

/// A number that nobody knows can only be of a newer program, which a database of this schema excludes.
fn reason_of(number: i64) -> RevocationReason {
    let number = u8::try_from(number).ok();
    number.and_then(RevocationReason::from_number).unwrap_or(RevocationReason::Misused)
}
