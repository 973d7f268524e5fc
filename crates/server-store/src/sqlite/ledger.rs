//! The ledger in SQLite.

use attendance::{ProviderId, VoucherId};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::log::{hash_at, signed, unsigned};
use crate::error::StorageError;
use crate::ledger_entry::{ClosingRows, EntryRow, StoredTranche};

pub(super) fn insert_closing(
    tx: &Transaction<'_>,
    leaf: u64,
    closing: &ClosingRows,
) -> Result<(), StorageError> {
    let month = closing.month;
    tx.execute(
        "INSERT INTO tranche (month, leaf_index, hash) VALUES (?1, ?2, ?3)",
        params![month, signed(leaf), closing.hash.0],
    )?;
    for entry in &closing.entries {
        tx.prepare_cached(
            "INSERT INTO ledger_entry (month, voucher, provider, segment, part_tiyn, plan_tiyn,
             accrued_tiyn, held_tiyn, released_tiyn) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            month,
            entry.voucher.0,
            entry.provider.0,
            entry.segment,
            entry.part_tiyn,
            entry.plan_tiyn,
            entry.accrued_tiyn,
            entry.held_tiyn,
            entry.released_tiyn
        ])?;
    }
    insert_balance(tx, closing)?;
    for row in &closing.corrections {
        tx.prepare_cached(
            "INSERT INTO ledger_correction (month, of_month, voucher, provider, segment,
             accrued_tiyn, held_tiyn, released_tiyn, leaf)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            month,
            row.of_month,
            row.voucher.0,
            row.provider.0,
            row.segment,
            row.accrued_tiyn,
            row.held_tiyn,
            row.released_tiyn,
            signed(row.leaf)
        ])?;
    }
    Ok(())
}

/// Writes the sums of a month, which completes it: the database adds up its entries again, and refuses
/// what does not come out.
fn insert_balance(tx: &Transaction<'_>, closing: &ClosingRows) -> Result<(), StorageError> {
    let of = |amount: fn(&EntryRow) -> i64| closing.entries.iter().map(amount).sum::<i64>();
    tx.execute(
        "INSERT INTO ledger_balance (month, plan_tiyn, accrued_tiyn, held_tiyn, released_tiyn)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            closing.month,
            of(|entry| entry.plan_tiyn),
            of(|entry| entry.accrued_tiyn),
            of(|entry| entry.held_tiyn),
            of(|entry| entry.released_tiyn)
        ],
    )?;
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
        "SELECT voucher, provider, segment, part_tiyn, plan_tiyn, accrued_tiyn, held_tiyn,
                released_tiyn
         FROM ledger_entry WHERE month = ?1 ORDER BY provider, voucher, segment",
    )?;
    let rows = query.query_map([month], |row| {
        Ok(EntryRow {
            voucher: VoucherId(row.get(0)?),
            provider: ProviderId(row.get(1)?),
            segment: row.get(2)?,
            part_tiyn: row.get(3)?,
            plan_tiyn: row.get(4)?,
            accrued_tiyn: row.get(5)?,
            held_tiyn: row.get(6)?,
            released_tiyn: row.get(7)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Redeems every earned part of a provider's month, and settles it with its corrections; what is
/// redeemed already stays as it is. Gives how many parts were redeemed now.
pub(crate) fn redeem(
    connection: &mut Connection,
    month: u32,
    provider: ProviderId,
    document: &str,
    notice_leaf: u64,
) -> Result<u64, StorageError> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done = tx.execute(
        "INSERT INTO redemption (voucher, month, provider, segment, document, notice_leaf)
         SELECT voucher, month, provider, segment, ?3, ?4 FROM ledger_entry
         WHERE month = ?1 AND provider = ?2 AND accrued_tiyn > 0
         ON CONFLICT (voucher, month, provider, segment) DO NOTHING",
        params![month, provider.0, document, signed(notice_leaf)],
    )?;
    tx.execute(
        "INSERT INTO settlement (month, provider, document, notice_leaf)
         SELECT ?1, ?2, ?3, ?4 WHERE EXISTS (
            SELECT 1 FROM ledger_entry WHERE month = ?1 AND provider = ?2 UNION ALL
            SELECT 1 FROM ledger_correction WHERE month = ?1 AND provider = ?2)
         ON CONFLICT (month, provider) DO NOTHING",
        params![month, provider.0, document, signed(notice_leaf)],
    )?;
    tx.commit()?;
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
