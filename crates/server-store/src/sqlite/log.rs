//! The log in SQLite.

use std::collections::BTreeMap;
use std::ops::Range;

use attendance::{DeviceId, LeafKind};
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};
use seal::Hash;
use tlog::{BatchProof, ConsistencyProof, InclusionProof, LeafRange, NodeId, Nodes};

use crate::error::{AppendError, StorageError};
use crate::log::{
    Appended, NewEvent, NewLeaf, ParkedEvent, SequencedBatch, StoredCheckpoint, StoredLeaf,
};

/// Reads the tree's nodes. A database error becomes a missing node, which no proof survives.
pub(super) struct StoredNodes<'c>(pub(super) &'c Connection);

impl Nodes for StoredNodes<'_> {
    fn node(&self, id: NodeId) -> Option<Hash> {
        let mut query = self
            .0
            .prepare_cached("SELECT hash FROM node WHERE level = ?1 AND node_index = ?2")
            .ok()?;
        query.query_row(params![id.level, signed(id.index)], |row| hash_at(row, 0)).ok()
    }
}

pub(crate) fn append(
    connection: &mut Connection,
    at: u64,
    batch: &SequencedBatch,
) -> Result<Appended, AppendError> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut size = tree_size(&tx)?;
    if size != at {
        return Err(AppendError::Moved { size });
    }
    for leaf in &batch.leaves {
        append_leaf(&tx, size, leaf)?;
        if let (Some(at_ms), true) = (batch.arrived_ms, leaf.event.is_some()) {
            insert_arrival(&tx, size, at_ms)?;
        }
        size += 1;
    }
    super::device::upsert_children(&tx, &batch.people)?;
    super::card::insert_cards(&tx, at, &batch.cards)?;
    if let Some((hash, events)) = &batch.batch {
        let joined: Vec<u8> = events.iter().flat_map(|hash| hash.0).collect();
        tx.prepare_cached(
            "INSERT INTO batch (hash, events) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        )?
        .execute(params![hash.0, joined])?;
    }
    for parked in &batch.parked {
        insert_parked(&tx, parked)?;
    }
    for device in &batch.suspended {
        suspend(&tx, *device)?;
    }
    super::life::insert_decisions(&tx, batch)?;
    if let Some(closing) = &batch.closing {
        super::ledger::insert_closing(&tx, size.saturating_sub(1), closing)?;
    }
    let root = tlog::root(size, &StoredNodes(&tx)).map_err(StorageError::from)?;
    tx.commit()?;
    Ok(Appended { size, root })
}

fn append_leaf(tx: &Transaction<'_>, index: u64, leaf: &NewLeaf) -> Result<(), StorageError> {
    insert_leaf(tx, index, leaf)?;
    let data = tlog::salted_leaf(&leaf.salt, &leaf.bytes);
    let nodes = tlog::append(index, tlog::leaf_hash(data.as_ref()), &StoredNodes(tx))?;
    for (id, hash) in nodes {
        tx.prepare_cached("INSERT INTO node (level, node_index, hash) VALUES (?1, ?2, ?3)")?
            .execute(params![id.level, signed(id.index), hash.0])?;
    }
    if let Some(event) = &leaf.event {
        insert_event(tx, event, index)?;
    }
    Ok(())
}

pub(super) fn insert_leaf(
    tx: &Transaction<'_>,
    index: u64,
    leaf: &NewLeaf,
) -> Result<(), StorageError> {
    tx.prepare_cached("INSERT INTO leaf (leaf_index, kind, salt, bytes) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![signed(index), leaf.kind.number(), leaf.salt, leaf.bytes])?;
    Ok(())
}

pub(super) fn insert_event(
    tx: &Transaction<'_>,
    event: &NewEvent,
    index: u64,
) -> Result<(), StorageError> {
    tx.prepare_cached("INSERT INTO event (device, seq, hash, leaf_index) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![event.device.0, signed(event.seq), event.hash.0, signed(index)])?;
    Ok(())
}

fn insert_arrival(tx: &Transaction<'_>, index: u64, at_ms: i64) -> Result<(), StorageError> {
    tx.prepare_cached("INSERT INTO arrival (leaf_index, at_ms) VALUES (?1, ?2)")?
        .execute(params![signed(index), at_ms])?;
    Ok(())
}

pub(crate) fn arrivals(
    connection: &Connection,
    range: Range<u64>,
) -> Result<BTreeMap<u64, i64>, StorageError> {
    let mut query = connection.prepare_cached(
        "SELECT leaf_index, at_ms FROM arrival WHERE leaf_index >= ?1 AND leaf_index < ?2",
    )?;
    let rows = query.query_map(params![signed(range.start), signed(range.end)], |row| {
        Ok((row.get::<_, i64>(0)?, row.get(1)?))
    })?;
    rows.map(|row| row.map_err(StorageError::from).and_then(|(i, at)| Ok((unsigned(i)?, at))))
        .collect()
}

pub(super) fn insert_parked(
    tx: &Transaction<'_>,
    parked: &ParkedEvent,
) -> Result<(), StorageError> {
    tx.prepare_cached(
        "INSERT INTO parked (hash, bytes, reason, arrived_ms) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO NOTHING",
    )?
    .execute(params![parked.hash.0, parked.bytes, parked.reason, parked.arrived_ms])?;
    super::life::place_parked(tx, &parked.hash, &parked.bytes)
}

pub(crate) fn parked_events(connection: &Connection) -> Result<Vec<ParkedEvent>, StorageError> {
    let mut query = connection.prepare_cached(
        "SELECT hash, bytes, reason, arrived_ms FROM parked ORDER BY arrived_ms, rowid",
    )?;
    let rows = query.query_map([], |row| {
        let (hash, bytes) = (hash_at(row, 0)?, row.get(1)?);
        Ok(ParkedEvent { hash, bytes, reason: row.get(2)?, arrived_ms: row.get(3)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn suspend(tx: &Transaction<'_>, device: DeviceId) -> Result<(), StorageError> {
    tx.prepare_cached("UPDATE device SET suspended = 1 WHERE device = ?1")?.execute([&device.0])?;
    Ok(())
}

pub(crate) fn tree_size(connection: &Connection) -> Result<u64, StorageError> {
    let size: i64 = connection
        .prepare_cached(
            "SELECT max(coalesce((SELECT max(leaf_index) + 1 FROM leaf), 0),
                        coalesce((SELECT max(leaf_index) + 1 FROM lost_leaf), 0))",
        )?
        .query_row([], |row| row.get(0))?;
    u64::try_from(size).map_err(|_| StorageError::Form("tree size"))
}

pub(crate) fn root_at(connection: &Connection, size: u64) -> Result<Hash, StorageError> {
    Ok(tlog::root(size, &StoredNodes(connection))?)
}

pub(crate) fn leaves(
    connection: &Connection,
    range: Range<u64>,
) -> Result<Vec<StoredLeaf>, StorageError> {
    let mut query = connection.prepare_cached(
        "SELECT leaf_index, kind, salt, bytes FROM leaf
         WHERE leaf_index >= ?1 AND leaf_index < ?2 ORDER BY leaf_index",
    )?;
    read_leaves(query.query(params![signed(range.start), signed(range.end)])?)
}

pub(crate) fn last_tags(connection: &Connection) -> Result<Option<StoredLeaf>, StorageError> {
    let mut query = connection.prepare_cached(
        "SELECT leaf_index, kind, salt, bytes FROM leaf WHERE kind = 5
         ORDER BY leaf_index DESC LIMIT 1",
    )?;
    Ok(read_leaves(query.query([])?)?.pop())
}

pub(crate) fn tags_from(
    connection: &Connection,
    from: u64,
    limit: u32,
) -> Result<Vec<StoredLeaf>, StorageError> {
    let mut query = connection.prepare_cached(
        "SELECT leaf_index, kind, salt, bytes FROM leaf WHERE kind = 5 AND leaf_index >= ?1
         ORDER BY leaf_index LIMIT ?2",
    )?;
    read_leaves(query.query(params![signed(from), limit])?)
}

pub(crate) fn snapshots_from(
    connection: &Connection,
    from: u64,
) -> Result<Vec<StoredLeaf>, StorageError> {
    let mut query = connection.prepare_cached(
        "SELECT leaf_index, kind, salt, bytes FROM leaf WHERE kind = 1 AND leaf_index >= ?1
         ORDER BY leaf_index",
    )?;
    read_leaves(query.query(params![signed(from)])?)
}

fn read_leaves(mut rows: rusqlite::Rows<'_>) -> Result<Vec<StoredLeaf>, StorageError> {
    let mut leaves = Vec::new();
    while let Some(row) = rows.next()? {
        leaves.push(StoredLeaf {
            leaf_index: unsigned(row.get(0)?)?,
            kind: LeafKind::from_number(row.get(1)?).ok_or(StorageError::Form("leaf kind"))?,
            salt: row.get(2)?,
            bytes: row.get(3)?,
        });
    }
    Ok(leaves)
}

pub(crate) fn inclusion_proofs(
    connection: &Connection,
    leaves: &[u64],
    size: u64,
) -> Result<Vec<InclusionProof>, StorageError> {
    let nodes = StoredNodes(connection);
    leaves.iter().map(|index| Ok(tlog::prove_inclusion(*index, size, &nodes)?)).collect()
}

pub(crate) fn batch_proof(
    connection: &Connection,
    leaves: &[u64],
    size: u64,
) -> Result<BatchProof, StorageError> {
    Ok(tlog::prove_batch(&LeafRange::of(leaves), size, &StoredNodes(connection))?)
}

pub(crate) fn consistency_proof(
    connection: &Connection,
    from: u64,
    to: u64,
) -> Result<ConsistencyProof, StorageError> {
    Ok(tlog::prove_consistency(from, to, &StoredNodes(connection))?)
}

pub(crate) fn leaf_indices(
    connection: &Connection,
    hashes: &[Hash],
) -> Result<Vec<Option<u64>>, StorageError> {
    let mut query = connection.prepare_cached("SELECT leaf_index FROM event WHERE hash = ?1")?;
    hashes
        .iter()
        .map(|hash| {
            let found: Option<i64> = query.query_row([&hash.0], |row| row.get(0)).optional()?;
            found.map(unsigned).transpose()
        })
        .collect()
}

pub(crate) fn batch(
    connection: &Connection,
    hash: &Hash,
) -> Result<Option<Vec<Hash>>, StorageError> {
    let joined: Option<Vec<u8>> = connection
        .prepare_cached("SELECT events FROM batch WHERE hash = ?1")?
        .query_row([&hash.0], |row| row.get(0))
        .optional()?;
    Ok(joined.map(|joined| joined.chunks_exact(32).filter_map(Hash::from_slice).collect()))
}

pub(crate) fn insert_checkpoint(
    connection: &Connection,
    checkpoint: &StoredCheckpoint,
) -> Result<(), StorageError> {
    connection
        .prepare_cached(
            "INSERT INTO checkpoint (tree_size, root, note) VALUES (?1, ?2, ?3)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![signed(checkpoint.size), checkpoint.root.0, checkpoint.note])?;
    let kept = connection
        .prepare_cached("SELECT root FROM checkpoint WHERE tree_size = ?1")?
        .query_row([signed(checkpoint.size)], |row| hash_at(row, 0))?;
    if kept != checkpoint.root {
        return Err(StorageError::SecondRoot { size: checkpoint.size });
    }
    Ok(())
}

pub(crate) fn checkpoint(
    connection: &Connection,
) -> Result<Option<StoredCheckpoint>, StorageError> {
    let found = connection
        .prepare_cached(
            "SELECT tree_size, root, note FROM checkpoint ORDER BY tree_size DESC LIMIT 1",
        )?
        .query_row([], |row| Ok((row.get(0)?, hash_at(row, 1)?, row.get(2)?)))
        .optional()?;
    found
        .map(|(size, root, note)| Ok(StoredCheckpoint { size: unsigned(size)?, root, note }))
        .transpose()
}

/// SQLite's integers are signed; a log of 2^63 leaves is beyond any district.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn unsigned(number: i64) -> Result<u64, StorageError> {
    u64::try_from(number).map_err(|_| StorageError::Form("number"))
}

pub(super) fn hash_at(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Hash> {
    Ok(Hash(row.get(column)?))
}
