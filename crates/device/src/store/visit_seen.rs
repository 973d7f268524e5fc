//! Table `visit_seen`: on a parent's device, the visits of the own children.

use rusqlite::{Connection, OptionalExtension, params};
use seal::Hash;

use crate::proof::Proof;
use crate::store::event::{EventRow, event_row};
use crate::store::receipt::proof_row;
use crate::store::{StoreError, from_column, to_column};

/// A verified visit, ready to be kept.
pub(crate) struct SeenRow<'a> {
    pub(crate) origin: &'a str,
    pub(crate) leaf_index: u64,
    pub(crate) hash: Hash,
    pub(crate) child: [u8; 12],
    pub(crate) wall_ms: i64,
    pub(crate) certificate: &'a [u8],
    pub(crate) bytes: &'a [u8],
    pub(crate) salt: &'a [u8; 16],
    pub(crate) receipt: &'a [u8],
    pub(crate) tree_size: u64,
}

/// What became of a visit that was to be kept.
pub(crate) enum Kept {
    New,
    Already,
    /// Another visit is proven at the same leaf.
    LeafTaken,
}

/// Keeps a visit.
pub(crate) fn keep(db: &Connection, row: &SeenRow<'_>) -> Result<Kept, StoreError> {
    let added = db
        .prepare_cached(
            "INSERT INTO visit_seen (origin, leaf_index, hash, child, wall_ms, certificate, bytes,
                                     salt, receipt, tree_size)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            row.origin,
            to_column(row.leaf_index)?,
            row.hash.0,
            row.child,
            row.wall_ms,
            row.certificate,
            row.bytes,
            row.salt,
            row.receipt,
            to_column(row.tree_size)?,
        ])?;
    if added == 1 {
        Ok(Kept::New)
    } else if find(db, row.hash)?.is_some() {
        Ok(Kept::Already)
    } else {
        Ok(Kept::LeafTaken)
    }
}

/// Finds a visit.
pub(crate) fn find(db: &Connection, hash: Hash) -> Result<Option<EventRow>, StoreError> {
    Ok(db
        .prepare_cached("SELECT hash, bytes, state FROM visit_state WHERE hash = ?1")?
        .query_row([hash.0], event_row)
        .optional()?)
}

/// Lists the visits, newest first.
pub(crate) fn all(db: &Connection) -> Result<Vec<EventRow>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT hash, bytes, state FROM visit_state ORDER BY wall_ms DESC, leaf_index DESC",
    )?;
    let rows = statement.query_map([], event_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Gives the leaf of a visit.
pub(crate) fn leaf_of(db: &Connection, hash: Hash) -> Result<Option<u64>, StoreError> {
    let leaf: Option<i64> = db
        .prepare_cached("SELECT leaf_index FROM visit_seen WHERE hash = ?1")?
        .query_row([hash.0], |row| row.get(0))
        .optional()?;
    leaf.map(from_column).transpose()
}

/// Gives the leaf index after the last one kept of this log.
pub(crate) fn cursor(db: &Connection, origin: &str) -> Result<u64, StoreError> {
    let last: Option<i64> = db.query_row(
        "SELECT max(leaf_index) FROM visit_seen WHERE origin = ?1",
        [origin],
        |row| row.get(0),
    )?;
    last.map_or(Ok(0), |last| Ok(from_column(last)? + 1))
}

/// Puts the proof of a visit together.
pub(crate) fn proof(db: &Connection, hash: Hash) -> Result<Option<Proof>, StoreError> {
    let found = db
        .prepare_cached(
            "SELECT hash, bytes, certificate, salt, receipt, leaf_index, tree_size,
                    visit_seen.origin,
                    coalesce((SELECT note FROM witnessed
                               WHERE witnessed.origin = checkpoint.origin
                                 AND witnessed.size = checkpoint.size), checkpoint.note)
               FROM visit_seen
               JOIN checkpoint ON checkpoint.origin = visit_seen.origin
                              AND checkpoint.size = visit_seen.tree_size
              WHERE hash = ?1",
        )?
        .query_row([hash.0], |row| Ok(proof_row(row)))
        .optional()?;
    found.transpose()
}
