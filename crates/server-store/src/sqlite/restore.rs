//! Writing a whole log at once, and filling the places that it lacks.

use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use seal::Hash;
use tlog::{NodeId, Nodes as _};

use super::ledger::insert_closing;
use super::log::{
    StoredNodes, insert_checkpoint, insert_event, insert_leaf, insert_parked, signed, suspend,
    tree_size, unsigned,
};
use crate::error::StorageError;
use crate::restore::{LostLeaf, OpenedLeaves, RestoreError, Restored};

/// Writes a whole database into an empty one, all or nothing.
pub(crate) fn restore(
    connection: &mut Connection,
    restored: &Restored,
) -> Result<(), RestoreError> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let size = tree_size(&tx)?;
    if size != 0 {
        return Err(RestoreError::NotEmpty { size });
    }
    for (leaf_index, hash) in &restored.lost {
        tx.prepare_cached("INSERT INTO lost_leaf (leaf_index, hash) VALUES (?1, ?2)")?
            .execute(params![signed(*leaf_index), hash.map(|hash| hash.0)])?;
    }
    insert_opened(&tx, &restored.opened)?;
    for parked in &restored.parked {
        insert_parked(&tx, parked)?;
    }
    for checkpoint in &restored.checkpoints {
        insert_checkpoint(&tx, checkpoint)?;
    }
    super::device::upsert_children(&tx, &restored.children)?;
    let newest = restored.checkpoints.iter().max_by_key(|checkpoint| checkpoint.size);
    let (size, signed_root) = newest.map_or((0, tlog::empty_root()), |c| (c.size, c.root));
    let root = tlog::root(size, &StoredNodes(&tx)).map_err(StorageError::from)?;
    if root != signed_root || tree_size(&tx)? != size {
        return Err(RestoreError::OtherRoot);
    }
    Ok(tx.commit()?)
}

/// Fills places of lost leaves, all or nothing.
pub(crate) fn return_leaves(
    connection: &mut Connection,
    opened: &OpenedLeaves,
) -> Result<(), RestoreError> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let lost = lost_leaves(&tx)?;
    for (leaf_index, _) in &opened.leaves {
        if !lost.iter().any(|lost| lost.leaf_index == *leaf_index) {
            return Err(RestoreError::OtherLeaf(*leaf_index));
        }
    }
    insert_opened(&tx, opened)?;
    Ok(tx.commit()?)
}

fn insert_opened(tx: &Transaction<'_>, opened: &OpenedLeaves) -> Result<(), RestoreError> {
    for (id, hash) in &opened.nodes {
        insert_node(tx, *id, *hash)?;
    }
    for device in &opened.devices {
        super::device::insert_device(tx, device.device, &device.certificate)?;
        if device.suspended {
            suspend(tx, device.device)?;
        }
    }
    for (leaf_index, leaf) in &opened.leaves {
        let id = NodeId { level: 0, index: *leaf_index };
        let data = tlog::salted_leaf(&leaf.salt, &leaf.bytes);
        if StoredNodes(tx).node(id) != Some(tlog::leaf_hash(data.as_ref())) {
            return Err(RestoreError::OtherLeaf(*leaf_index));
        }
        insert_leaf(tx, *leaf_index, leaf)?;
        if let Some(event) = &leaf.event {
            insert_event(tx, event, *leaf_index)?;
        }
    }
    super::card::insert_restored(tx, &opened.cards)?;
    for month in &opened.months {
        insert_closing(tx, month.leaf_index, &month.rows)?;
    }
    super::life::insert_revocations(tx, &opened.revoked)?;
    Ok(())
}

fn insert_node(tx: &Transaction<'_>, id: NodeId, hash: Hash) -> Result<(), RestoreError> {
    tx.prepare_cached(
        "INSERT INTO node (level, node_index, hash) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
    )?
    .execute(params![id.level, signed(id.index), hash.0])?;
    if StoredNodes(tx).node(id) == Some(hash) { Ok(()) } else { Err(RestoreError::OtherNode(id)) }
}

/// Lists the leaves that are still lost, in order.
pub(crate) fn lost_leaves(connection: &Connection) -> Result<Vec<LostLeaf>, StorageError> {
    let mut query = connection.prepare_cached(
        "SELECT leaf_index, hash, leaf_index IN (SELECT leaf_index FROM given_up_leaf)
           FROM lost_leaf
          WHERE leaf_index NOT IN (SELECT leaf_index FROM leaf) ORDER BY leaf_index",
    )?;
    let rows = query.query_map([], |row| {
        let hash: Option<[u8; 32]> = row.get(1)?;
        Ok((row.get::<_, i64>(0)?, hash.map(Hash), row.get(2)?))
    })?;
    rows.map(|row| {
        let (leaf_index, hash, given_up) = row?;
        Ok(LostLeaf { leaf_index: unsigned(leaf_index)?, hash, given_up })
    })
    .collect()
}

/// Writes down that the leaves that are still lost will not come back. Gives how many are new.
pub(crate) fn give_up(
    connection: &mut Connection,
    reason: &str,
    at_ms: i64,
) -> Result<u64, StorageError> {
    let done = connection.execute(
        "INSERT INTO given_up_leaf (leaf_index, reason, at_ms)
         SELECT leaf_index, ?1, ?2 FROM lost_leaf
         WHERE leaf_index NOT IN (SELECT leaf_index FROM leaf)
         ON CONFLICT DO NOTHING",
        params![reason, at_ms],
    )?;
    Ok(done as u64)
}

/// Gives all complete subtrees that are stored.
pub(crate) fn nodes(connection: &Connection) -> Result<Vec<(NodeId, Hash)>, StorageError> {
    let mut query =
        connection.prepare_cached("SELECT level, node_index, hash FROM node ORDER BY 1, 2")?;
    let rows = query.query_map([], |row| {
        Ok((row.get::<_, u8>(0)?, row.get::<_, i64>(1)?, Hash(row.get(2)?)))
    })?;
    rows.map(|row| {
        let (level, index, hash) = row?;
        Ok((NodeId { level, index: unsigned(index)? }, hash))
    })
    .collect()
}
