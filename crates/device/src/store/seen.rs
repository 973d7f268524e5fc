//! What the tables of seen events have in common: each row is a proven leaf, with the certificate of who
//! signed it.

use attendance::LeafKind;
use rusqlite::Connection;

use crate::export::KeptLeaf;
use crate::store::StoreError;
use crate::store::receipt::leaf_row;

/// A table of events of others.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SeenTable {
    /// On a parent's device: visits of the own children.
    Visits,
    /// On a teacher's device: families' answers about its visits.
    Answers,
}

impl SeenTable {
    fn query(self) -> &'static str {
        match self {
            Self::Visits => {
                "SELECT leaf_index, salt, bytes, receipt, certificate FROM visit_seen
                  WHERE origin = ?1 ORDER BY leaf_index"
            }
            Self::Answers => {
                "SELECT leaf_index, salt, bytes, receipt, certificate FROM answer_seen
                  WHERE origin = ?1 ORDER BY leaf_index"
            }
        }
    }
}

/// Lists the events of a log that are kept in a table as proven leaves, each with the certificate of who
/// signed it.
pub(crate) fn leaves(
    db: &Connection,
    table: SeenTable,
    origin: &str,
) -> Result<Vec<(u64, KeptLeaf, Vec<u8>)>, StoreError> {
    let mut statement = db.prepare_cached(table.query())?;
    let rows = statement.query_map([origin], |row| {
        Ok((leaf_row(row, LeafKind::Event), row.get::<_, Vec<u8>>(4)?))
    })?;
    rows.map(|row| {
        let (leaf, certificate) = row?;
        let (leaf_index, leaf) = leaf?;
        Ok((leaf_index, leaf, certificate))
    })
    .collect()
}
