//! Tiles, cosignatures and trust lists in SQLite.

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params, params_from_iter};
use tlog::TileId;

use super::log::{StoredNodes, hash_at, signed, unsigned};
use crate::error::StorageError;
use crate::log::StoredCheckpoint;
use crate::witnessed::{StoredCosignature, StoredTrustList};

pub(crate) fn tile(connection: &Connection, tile: TileId) -> Result<Vec<u8>, StorageError> {
    Ok(tlog::tile_bytes(tile, &StoredNodes(connection))?)
}

pub(crate) fn insert_cosignature(
    connection: &Connection,
    cosignature: &StoredCosignature,
) -> Result<(), StorageError> {
    connection
        .prepare_cached(
            "INSERT INTO cosignature (tree_size, witness_key, line) VALUES (?1, ?2, ?3)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            signed(cosignature.tree_size),
            cosignature.witness_key,
            cosignature.line
        ])?;
    Ok(())
}

pub(crate) fn cosignatures(
    connection: &Connection,
    size: u64,
) -> Result<Vec<StoredCosignature>, StorageError> {
    let mut query = connection.prepare_cached(
        "SELECT witness_key, line FROM cosignature WHERE tree_size = ?1 ORDER BY witness_key",
    )?;
    let lines = query.query_map([signed(size)], |row| {
        Ok(StoredCosignature { tree_size: size, witness_key: row.get(0)?, line: row.get(1)? })
    })?;
    Ok(lines.collect::<Result<_, _>>()?)
}

pub(crate) fn cosigned_size(
    connection: &Connection,
    witness_key: [u8; 32],
) -> Result<u64, StorageError> {
    let size = connection
        .prepare_cached(
            "SELECT coalesce(max(tree_size), 0) FROM cosignature WHERE witness_key = ?1",
        )?
        .query_row([witness_key], |row| row.get(0))?;
    unsigned(size)
}

pub(crate) fn witnessed_checkpoint(
    connection: &Connection,
    witness_keys: &[[u8; 32]],
    quorum: u16,
) -> Result<Option<StoredCheckpoint>, StorageError> {
    let places = vec!["?"; witness_keys.len()].join(", ");
    let sql = format!(
        "SELECT tree_size, root, note FROM checkpoint JOIN cosignature USING (tree_size)
         WHERE witness_key IN ({places})
         GROUP BY tree_size HAVING count(*) >= {quorum} ORDER BY tree_size DESC LIMIT 1"
    );
    let found = connection
        .prepare_cached(&sql)?
        .query_row(params_from_iter(witness_keys), |row| {
            Ok((row.get(0)?, hash_at(row, 1)?, row.get(2)?))
        })
        .optional()?;
    found
        .map(|(size, root, note)| Ok(StoredCheckpoint { size: unsigned(size)?, root, note }))
        .transpose()
}

pub(crate) fn insert_trust_list(
    connection: &mut Connection,
    list: &StoredTrustList,
) -> Result<StoredTrustList, StorageError> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let newest = tx
        .prepare_cached("SELECT version, bytes FROM trust_list ORDER BY version DESC LIMIT 1")?
        .query_row([], |row| Ok(StoredTrustList { version: row.get(0)?, bytes: row.get(1)? }))
        .optional()?;
    if let Some(newest) = newest.filter(|newest| newest.version >= list.version) {
        return Ok(newest);
    }
    tx.prepare_cached("INSERT INTO trust_list (version, bytes) VALUES (?1, ?2)")?
        .execute(params![list.version, list.bytes])?;
    tx.commit()?;
    Ok(list.clone())
}
