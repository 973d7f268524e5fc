//! The table `console_key`.

use attendance::DeviceId;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::console::act;
use super::device::insert_device;
use crate::console::AccountId;
use crate::console_key::StoredConsoleKey;
use crate::error::StorageError;

pub(crate) fn put_console_key(
    connection: &mut Connection,
    device: DeviceId,
    certificate: &[u8],
    account: AccountId,
    at_ms: i64,
) -> Result<bool, StorageError> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let is_there = "SELECT 1 FROM console_account WHERE account = ?1 AND revoked_ms IS NULL";
    let has_one = "SELECT 1 FROM console_key WHERE account = ?1 AND ended_ms IS NULL";
    let known = "SELECT 1 FROM device WHERE device = ?1";
    if !tx.prepare_cached(is_there)?.exists([account.0])?
        || tx.prepare_cached(has_one)?.exists([account.0])?
        || tx.prepare_cached(known)?.exists([device.0])?
    {
        return Ok(false);
    }
    insert_device(&tx, device, certificate)?;
    tx.execute(
        "INSERT INTO console_key (device, account, made_ms) VALUES (?1, ?2, ?3)",
        params![device.0, account.0, at_ms],
    )?;
    act(&tx, at_ms, Some(account), "key_made", &device.to_string())?;
    tx.commit()?;
    Ok(true)
}

pub(crate) fn console_keys(connection: &Connection) -> Result<Vec<StoredConsoleKey>, StorageError> {
    let sql = "SELECT device, account, made_ms, ended_ms FROM console_key ORDER BY made_ms, device";
    let mut query = connection.prepare_cached(sql)?;
    let rows = query.query_map([], |row| {
        Ok(StoredConsoleKey {
            device: DeviceId(row.get(0)?),
            account: AccountId(row.get(1)?),
            made_ms: row.get(2)?,
            ended_ms: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn end_console_key(
    connection: &mut Connection,
    device: DeviceId,
    account: AccountId,
    at_ms: i64,
) -> Result<bool, StorageError> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let in_force =
        "SELECT 1 FROM console_key WHERE device = ?1 AND account = ?2 AND ended_ms IS NULL";
    if !tx.prepare_cached(in_force)?.exists(params![device.0, account.0])? {
        return Ok(false);
    }
    end_keys(&tx, account, at_ms)?;
    act(&tx, at_ms, Some(account), "key_ended", &device.to_string())?;
    tx.commit()?;
    Ok(true)
}

/// Ends the key that an account has in force, if it has one. What comes of it later is put aside.
pub(super) fn end_keys(
    tx: &Transaction<'_>,
    account: AccountId,
    at_ms: i64,
) -> Result<(), StorageError> {
    tx.execute(
        "UPDATE device SET suspended = 1 WHERE device IN
            (SELECT device FROM console_key WHERE account = ?1 AND ended_ms IS NULL)",
        [account.0],
    )?;
    tx.execute(
        "UPDATE console_key SET ended_ms = ?2 WHERE account = ?1 AND ended_ms IS NULL",
        params![account.0, at_ms],
    )?;
    Ok(())
}
