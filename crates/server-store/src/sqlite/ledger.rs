//! The ledger in SQLite.

use attendance::{ProviderId, VoucherId};
use rusqlite::{Connection, Transaction, params};
use seal::Hash;

use super::log::{hash_at, signed, unsigned};
use crate::error::StorageError;
use crate::ledger_entry::{EntryRow, StoredTranche};

pub(super) fn insert_closing(
    tx: &Transaction<'_>,
    month: u32,
    leaf: u64,
    hash: &Hash,
    entries: &[EntryRow],
) -> Result<(), StorageError> {
    tx.execute(
        "INSERT INTO tranche (month, leaf_index, hash) VALUES (?1, ?2, ?3)",
        params![month, signed(leaf), hash.0],
    )?;
    for entry in entries {
        tx.prepare_cached(
            "INSERT INTO ledger_entry (month, voucher, provider, plan_tiyn, accrued_tiyn,
             held_tiyn, released_tiyn) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            month,
            entry.voucher.0,
            entry.provider.0,
            entry.plan_tiyn,
            entry.accrued_tiyn,
            entry.held_tiyn,
            entry.released_tiyn
        ])?;
    }
    Ok(())
}

pub(crate) fn tranches(connection: &Connection) -> Result<Vec<StoredTranche>, StorageError> {
    let mut query =
        connection.prepare_cached("SELECT month, leaf_index, hash FROM tranche ORDER BY month")?;
    let mut rows = query.query([])?;
    let mut tranches = Vec::new();
    while let Some(row) = rows.next()? {
        tranches.push(StoredTranche {
            month: row.get(0)?,
            leaf_index: unsigned(row.get(1)?)?,
            hash: hash_at(row, 2)?,
        });
    }
    Ok(tranches)
}

pub(crate) fn entries(connection: &Connection, month: u32) -> Result<Vec<EntryRow>, StorageError> {
    let mut query = connection.prepare_cached(
        "SELECT voucher, provider, plan_tiyn, accrued_tiyn, held_tiyn, released_tiyn
         FROM ledger_entry WHERE month = ?1 ORDER BY provider, voucher",
    )?;
    let rows = query.query_map([month], |row| {
        Ok(EntryRow {
            voucher: VoucherId(row.get(0)?),
            provider: ProviderId(row.get(1)?),
            plan_tiyn: row.get(2)?,
            accrued_tiyn: row.get(3)?,
            held_tiyn: row.get(4)?,
            released_tiyn: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Redeems every earned part of a provider's month; what is redeemed already stays as it is.
/// Gives how many parts were redeemed now.
pub(crate) fn redeem(
    connection: &mut Connection,
    month: u32,
    provider: ProviderId,
    document: &str,
    notice_leaf: u64,
) -> Result<u64, StorageError> {
    let done = connection.execute(
        "INSERT INTO redemption (voucher, month, document, notice_leaf)
         SELECT voucher, month, ?3, ?4 FROM ledger_entry
         WHERE month = ?1 AND provider = ?2 AND accrued_tiyn > 0
         ON CONFLICT (voucher, month) DO NOTHING",
        params![month, provider.0, document, signed(notice_leaf)],
    )?;
    Ok(done as u64)
}

pub(crate) fn count_redeemed(connection: &Connection, month: u32) -> Result<u64, StorageError> {
    let count: i64 = connection.query_row(
        "SELECT count(*) FROM redemption WHERE month = ?1",
        [month],
        |row| row.get(0),
    )?;
    unsigned(count)
}
