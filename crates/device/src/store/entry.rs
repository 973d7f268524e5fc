//! Table `entry`: proven leaves about own children that are neither visits nor of this device.

use attendance::LeafKind;
use rusqlite::{Connection, OptionalExtension, params};
use seal::Hash;

use crate::export::KeptLeaf;
use crate::mark::Mark;
use crate::proof::Proof;
use crate::store::event::{EventRow, event_row};
use crate::store::receipt::{leaf_row, proof_row};
use crate::store::visit_seen::Kept;
use crate::store::{StoreError, to_column};

/// A verified leaf, ready to be kept.
pub(crate) struct EntryRow<'a> {
    pub(crate) origin: &'a str,
    pub(crate) leaf_index: u64,
    pub(crate) kind: LeafKind,
    pub(crate) hash: Hash,
    pub(crate) certificate: Option<&'a [u8]>,
    pub(crate) bytes: &'a [u8],
    pub(crate) salt: &'a [u8; 16],
    pub(crate) receipt: &'a [u8],
    pub(crate) tree_size: u64,
}

/// Keeps a leaf.
pub(crate) fn keep(db: &Connection, row: &EntryRow<'_>) -> Result<Kept, StoreError> {
    let leaf_index = to_column(row.leaf_index)?;
    let added = db
        .prepare_cached(
            "INSERT INTO entry (origin, leaf_index, kind, hash, certificate, bytes, salt, receipt,
                                tree_size)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            row.origin,
            leaf_index,
            row.kind.number(),
            row.hash.0,
            row.certificate,
            row.bytes,
            row.salt,
            row.receipt,
            to_column(row.tree_size)?,
        ])?;
    let same = "SELECT 1 FROM entry WHERE origin = ?1 AND leaf_index = ?2 AND hash = ?3";
    if added == 1 {
        Ok(Kept::New)
    } else if db.prepare_cached(same)?.exists(params![row.origin, leaf_index, row.hash.0])? {
        Ok(Kept::Already)
    } else {
        Ok(Kept::LeafTaken)
    }
}

/// Finds the signed bytes of an event among the entries.
pub(crate) fn find(db: &Connection, hash: Hash) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(db
        .prepare_cached("SELECT bytes FROM entry WHERE hash = ?1 AND kind = ?2")?
        .query_row(params![hash.0, LeafKind::Event.number()], |row| row.get(0))
        .optional()?)
}

/// Lists the events among the entries, in the log's order.
pub(crate) fn events(db: &Connection) -> Result<Vec<EventRow>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT hash, bytes, state FROM entry_state WHERE kind = ?1 ORDER BY origin, leaf_index",
    )?;
    let rows = statement.query_map([LeafKind::Event.number()], event_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Says how far an event among the entries has come.
pub(crate) fn mark(db: &Connection, hash: Hash) -> Result<Option<Mark>, StoreError> {
    let state: Option<String> = db
        .prepare_cached("SELECT state FROM entry_state WHERE hash = ?1 AND kind = ?2")?
        .query_row(params![hash.0, LeafKind::Event.number()], |row| row.get(0))
        .optional()?;
    Ok(state.map(|state| Mark::of_state(&state)))
}

/// Puts the proof of an event of others together.
pub(crate) fn proof(db: &Connection, hash: Hash) -> Result<Option<Proof>, StoreError> {
    let found = db
        .prepare_cached(
            "SELECT hash, bytes, certificate, salt, receipt, leaf_index, tree_size, entry.origin,
                    note
               FROM entry
               JOIN checkpoint ON checkpoint.origin = entry.origin
                              AND checkpoint.size = entry.tree_size
              WHERE hash = ?1 AND certificate IS NOT NULL",
        )?
        .query_row([hash.0], |row| Ok(proof_row(row)))
        .optional()?;
    found.transpose()
}

/// Lists the leaves with their proofs, in the log's order, and each with the certificate of the device
/// that signed it where there is one.
#[expect(clippy::type_complexity, reason = "one caller, which takes it apart at once")]
pub(crate) fn leaves(
    db: &Connection,
    origin: &str,
) -> Result<Vec<(u64, KeptLeaf, Option<Vec<u8>>)>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT leaf_index, salt, bytes, receipt, certificate, kind FROM entry
          WHERE origin = ?1 ORDER BY leaf_index",
    )?;
    let rows = statement.query_map([origin], |row| {
        let kind = LeafKind::from_number(row.get(5)?);
        let leaf = kind.map(|kind| leaf_row(row, kind));
        Ok((leaf, row.get::<_, Option<Vec<u8>>>(4)?))
    })?;
    rows.map(|row| {
        let (leaf, certificate) = row?;
        let (leaf_index, leaf) = leaf.ok_or(StoreError::Value("the kind of an entry"))??;
        Ok((leaf_index, leaf, certificate))
    })
    .collect()
}
