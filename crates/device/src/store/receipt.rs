//! Table `receipt`: the verified receipts of own events.

use attendance::LeafKind;
use rusqlite::{Connection, OptionalExtension, Row, params};
use seal::Hash;

use crate::export::KeptLeaf;
use crate::proof::Proof;
use crate::store::{StoreError, from_column, to_column};

/// A verified receipt, ready to be kept.
pub(crate) struct ReceiptRow<'a> {
    pub(crate) salt: &'a [u8; 16],
    pub(crate) bytes: &'a [u8],
    pub(crate) leaf_index: u64,
    pub(crate) origin: &'a str,
    pub(crate) tree_size: u64,
}

/// Keeps a receipt. Gives false if another event of this device is proven at the same leaf.
pub(crate) fn keep(db: &Connection, seq: i64, row: &ReceiptRow<'_>) -> Result<bool, StoreError> {
    let added = db
        .prepare_cached(
            "INSERT INTO receipt (seq, salt, bytes, leaf_index, origin, tree_size)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            seq,
            row.salt,
            row.bytes,
            to_column(row.leaf_index)?,
            row.origin,
            to_column(row.tree_size)?
        ])?;
    Ok(added == 1)
}

/// Puts the proof of an own event together.
pub(crate) fn proof(db: &Connection, event: Hash) -> Result<Option<Proof>, StoreError> {
    let found = db
        .prepare_cached(
            "SELECT event.hash, event.bytes, enrolment.certificate, receipt.salt, receipt.bytes,
                    receipt.leaf_index, receipt.tree_size, receipt.origin,
                    coalesce((SELECT note FROM witnessed
                               WHERE witnessed.origin = checkpoint.origin
                                 AND witnessed.size = checkpoint.size), checkpoint.note)
               FROM event
               JOIN receipt ON receipt.seq = event.seq
               JOIN checkpoint ON checkpoint.origin = receipt.origin
                              AND checkpoint.size = receipt.tree_size
               JOIN enrolment
              WHERE event.hash = ?1",
        )?
        .query_row([event.0], |row| Ok(proof_row(row)))
        .optional()?;
    found.transpose()
}

/// Reads a proof from nine columns in the order of [`proof`].
pub(crate) fn proof_row(row: &Row<'_>) -> Result<Proof, StoreError> {
    Ok(Proof {
        event: Hash(row.get(0)?),
        event_bytes: row.get(1)?,
        certificate: row.get(2)?,
        salt: row.get(3)?,
        receipt: row.get(4)?,
        leaf_index: from_column(row.get(5)?)?,
        tree_size: from_column(row.get(6)?)?,
        origin: row.get(7)?,
        checkpoint: row.get(8)?,
    })
}

/// Lists own events as proven leaves of a log.
pub(crate) fn leaves(db: &Connection, origin: &str) -> Result<Vec<(u64, KeptLeaf)>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT receipt.leaf_index, receipt.salt, event.bytes, receipt.bytes
           FROM receipt JOIN event ON event.seq = receipt.seq
          WHERE receipt.origin = ?1 ORDER BY receipt.leaf_index",
    )?;
    let rows = statement.query_map([origin], |row| Ok(leaf_row(row, LeafKind::Event)))?;
    rows.map(|row| row?).collect()
}

/// Reads a leaf from four columns in the order of [`leaves`].
pub(crate) fn leaf_row(row: &Row<'_>, kind: LeafKind) -> Result<(u64, KeptLeaf), StoreError> {
    let leaf = KeptLeaf { kind, salt: row.get(1)?, bytes: row.get(2)?, receipt: row.get(3)? };
    Ok((from_column(row.get(0)?)?, leaf))
}
