//! Table `answer_seen`: on a teacher's device, what families said about its visits.

use rusqlite::{Connection, OptionalExtension, params};
use seal::Hash;

use crate::store::{StoreError, to_column};

/// A verified answer, ready to be kept.
pub(crate) struct AnswerRow<'a> {
    pub(crate) origin: &'a str,
    pub(crate) leaf_index: u64,
    pub(crate) hash: Hash,
    /// The own visit that it speaks of.
    pub(crate) about: Hash,
    pub(crate) was: bool,
    pub(crate) certificate: &'a [u8],
    pub(crate) bytes: &'a [u8],
    pub(crate) salt: &'a [u8; 16],
    pub(crate) receipt: &'a [u8],
    pub(crate) tree_size: u64,
}

/// Keeps an answer; one that is kept already changes nothing. Tells whether it is new.
pub(crate) fn keep(db: &Connection, row: &AnswerRow<'_>) -> Result<bool, StoreError> {
    let added = db
        .prepare_cached(
            "INSERT INTO answer_seen (origin, leaf_index, hash, about, was, certificate, bytes, salt,
                                      receipt, tree_size)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            row.origin,
            to_column(row.leaf_index)?,
            row.hash.0,
            row.about.0,
            row.was,
            row.certificate,
            row.bytes,
            row.salt,
            row.receipt,
            to_column(row.tree_size)?,
        ])?;
    Ok(added == 1)
}

/// Finds the newest answer about a visit: that of the highest leaf.
pub(crate) fn newest(db: &Connection, visit: Hash) -> Result<Option<(bool, Hash)>, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT was, hash FROM answer_seen WHERE about = ?1 ORDER BY leaf_index DESC LIMIT 1",
        )?
        .query_row([visit.0], |row| Ok((row.get(0)?, Hash(row.get(1)?))))
        .optional()?)
}
