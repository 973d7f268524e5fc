//! Table `statement`: what the log's owner said about a month.

use attendance::LeafKind;
use rusqlite::{Connection, OptionalExtension, params};

use crate::export::KeptLeaf;
use crate::mark::Mark;
use crate::statement::Statement;
use crate::store::receipt::{ReceiptRow, leaf_row};
use crate::store::{StoreError, from_column, to_column};

pub(crate) fn keep(
    db: &Connection,
    month: u32,
    bytes: &[u8],
    receipt: &ReceiptRow<'_>,
) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO statement (month, leaf_index, bytes, salt, receipt, origin, tree_size)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
        params![
            month,
            to_column(receipt.leaf_index)?,
            bytes,
            receipt.salt,
            receipt.bytes,
            receipt.origin,
            to_column(receipt.tree_size)?,
        ],
    )?;
    Ok(())
}

pub(crate) fn newest(db: &Connection, month: u32) -> Result<Option<Statement>, StoreError> {
    let found = db
        .query_row(
            "SELECT bytes, salt, receipt, leaf_index, tree_size, kept.origin, note, state
               FROM statement_state AS kept
               JOIN checkpoint ON checkpoint.origin = kept.origin
                              AND checkpoint.size = kept.tree_size
              WHERE month = ?1 ORDER BY leaf_index DESC LIMIT 1",
            [month],
            |row| {
                Ok((|| {
                    Ok(Statement {
                        month,
                        bytes: row.get(0)?,
                        salt: row.get(1)?,
                        receipt: row.get(2)?,
                        leaf_index: from_column(row.get(3)?)?,
                        tree_size: from_column(row.get(4)?)?,
                        origin: row.get(5)?,
                        checkpoint: row.get(6)?,
                        mark: Mark::of_state(&row.get::<_, String>(7)?),
                    })
                })())
            },
        )
        .optional()?;
    found.transpose()
}

/// Lists the statements of a log as proven leaves.
pub(crate) fn leaves(db: &Connection, origin: &str) -> Result<Vec<(u64, KeptLeaf)>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT leaf_index, salt, bytes, receipt FROM statement
          WHERE origin = ?1 ORDER BY leaf_index",
    )?;
    let rows = statement.query_map([origin], |row| Ok(leaf_row(row, LeafKind::Tranche)))?;
    rows.map(|row| row?).collect()
}
