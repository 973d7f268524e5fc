//! Table `own_leaf`: which leaves are about an own child, and what this device holds of them.

use attendance::{ChildId, LeafKind};
use rusqlite::{Connection, Row, params};
use seal::Hash;

use crate::store::{StoreError, from_column, to_column};

/// A leaf about an own child.
pub(crate) struct OwnLeaf {
    pub(crate) leaf_index: u64,
    /// What the leaf holds, if it is on this device with its proof.
    pub(crate) held: Option<Held>,
}

/// A leaf whose bytes were proven here.
pub(crate) struct Held {
    pub(crate) kind: LeafKind,
    pub(crate) bytes: Vec<u8>,
    /// Of the device that signed it; nothing where it is this device.
    pub(crate) certificate: Option<Vec<u8>>,
}

/// Keeps that a leaf is about a child.
pub(crate) fn keep(
    db: &Connection,
    origin: &str,
    child: ChildId,
    leaf_index: u64,
) -> Result<(), StoreError> {
    db.prepare_cached("INSERT INTO own_leaf (origin, child, leaf_index) VALUES (?1, ?2, ?3)")?
        .execute(params![origin, child.0, to_column(leaf_index)?])?;
    Ok(())
}

/// Lists the leaves about a child, in the log's order.
pub(crate) fn of_child(
    db: &Connection,
    origin: &str,
    child: ChildId,
) -> Result<Vec<OwnLeaf>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT own_leaf.leaf_index,
                coalesce(visit_seen.bytes, event.bytes, entry.bytes),
                coalesce(visit_seen.certificate, entry.certificate),
                CASE WHEN visit_seen.hash IS NULL AND event.seq IS NULL THEN entry.kind END
           FROM own_leaf
           LEFT JOIN visit_seen ON visit_seen.origin = own_leaf.origin
                               AND visit_seen.leaf_index = own_leaf.leaf_index
                               AND visit_seen.child = own_leaf.child
           LEFT JOIN receipt ON receipt.origin = own_leaf.origin
                            AND receipt.leaf_index = own_leaf.leaf_index
           LEFT JOIN event ON event.seq = receipt.seq AND event.child = own_leaf.child
           LEFT JOIN entry ON entry.origin = own_leaf.origin
                          AND entry.leaf_index = own_leaf.leaf_index
          WHERE own_leaf.origin = ?1 AND own_leaf.child = ?2
          ORDER BY own_leaf.leaf_index",
    )?;
    let rows = statement.query_map(params![origin, child.0], |row| Ok(own_leaf(row)))?;
    rows.map(|row| row?).collect()
}

fn own_leaf(row: &Row<'_>) -> Result<OwnLeaf, StoreError> {
    let leaf_index = from_column(row.get(0)?)?;
    let Some(bytes) = row.get(1)? else { return Ok(OwnLeaf { leaf_index, held: None }) };
    let kind = row.get::<_, Option<u8>>(3)?.map_or(Some(LeafKind::Event), LeafKind::from_number);
    let kind = kind.ok_or(StoreError::Value("the kind of an entry"))?;
    let held = Held { kind, bytes, certificate: row.get(2)? };
    Ok(OwnLeaf { leaf_index, held: Some(held) })
}

/// Lists the children that a leaf is said to be about.
pub(crate) fn children_of(
    db: &Connection,
    origin: &str,
    leaf_index: u64,
) -> Result<Vec<ChildId>, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT child FROM own_leaf WHERE origin = ?1 AND leaf_index = ?2")?;
    let rows = statement.query_map(params![origin, to_column(leaf_index)?], |row| row.get(0))?;
    rows.map(|row| Ok(ChildId(row?))).collect()
}

/// Lists what is proven to be about a child and lies before leaf `next`, but is not among the leaves
/// that the lists say are about it: leaf, hash, signed bytes.
pub(crate) fn unnamed(
    db: &Connection,
    origin: &str,
    child: ChildId,
    next: u64,
) -> Result<Vec<(u64, Hash, Vec<u8>)>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT held.leaf_index, held.hash, held.bytes
           FROM (SELECT origin, leaf_index, hash, bytes, child FROM visit_seen
                 UNION
                 SELECT receipt.origin, receipt.leaf_index, event.hash, event.bytes, event.child
                   FROM receipt JOIN event ON event.seq = receipt.seq) AS held
          WHERE held.origin = ?1 AND held.child = ?2 AND held.leaf_index < ?3
            AND NOT EXISTS (SELECT 1 FROM own_leaf
                             WHERE own_leaf.origin = held.origin
                               AND own_leaf.child = held.child
                               AND own_leaf.leaf_index = held.leaf_index)
          ORDER BY held.leaf_index",
    )?;
    let rows = statement.query_map(params![origin, child.0, to_column(next)?], |row| {
        Ok((row.get::<_, i64>(0)?, Hash(row.get(1)?), row.get(2)?))
    })?;
    rows.map(|row| {
        let (leaf_index, hash, bytes) = row?;
        Ok((from_column(leaf_index)?, hash, bytes))
    })
    .collect()
}
