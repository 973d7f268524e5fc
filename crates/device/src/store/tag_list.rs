//! Table `tag_list`: how far the log was searched for a child's leaves.

use attendance::{ChildId, TagList};
use rusqlite::{Connection, OptionalExtension, params};

use crate::store::{StoreError, from_column, to_column};

/// How far a child's lists go.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Coverage {
    /// The first leaf that no list covers.
    pub(crate) next: u64,
    /// The size of the tree that the last list was proven in, and when.
    pub(crate) last: Option<(u64, i64)>,
}

/// Where a list stands.
pub(crate) struct ListPlace<'a> {
    pub(crate) origin: &'a str,
    pub(crate) leaf_index: u64,
    pub(crate) tree_size: u64,
    pub(crate) at_ms: i64,
}

/// Keeps that a list was searched for a child.
pub(crate) fn keep(
    db: &Connection,
    child: ChildId,
    list: &TagList,
    place: &ListPlace<'_>,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO tag_list (origin, child, first, next, leaf_index, tree_size, at_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        place.origin,
        child.0,
        to_column(list.first)?,
        to_column(list.next())?,
        to_column(place.leaf_index)?,
        to_column(place.tree_size)?,
        place.at_ms,
    ])?;
    Ok(())
}

/// Gives how far a child's lists go.
pub(crate) fn coverage(
    db: &Connection,
    origin: &str,
    child: ChildId,
) -> Result<Coverage, StoreError> {
    let last: Option<(i64, i64, i64)> = db
        .prepare_cached(
            "SELECT next, tree_size, at_ms FROM tag_list WHERE origin = ?1 AND child = ?2
             ORDER BY first DESC LIMIT 1",
        )?
        .query_row(params![origin, child.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((next, tree_size, at_ms)) = last else { return Ok(Coverage::default()) };
    Ok(Coverage { next: from_column(next)?, last: Some((from_column(tree_size)?, at_ms)) })
}

/// Gives the leaf of the list that was searched for a child from leaf `first` on.
pub(crate) fn leaf_from(
    db: &Connection,
    origin: &str,
    child: ChildId,
    first: u64,
) -> Result<Option<u64>, StoreError> {
    let found: Option<i64> = db
        .prepare_cached(
            "SELECT leaf_index FROM tag_list WHERE origin = ?1 AND child = ?2 AND first = ?3",
        )?
        .query_row(params![origin, child.0, to_column(first)?], |row| row.get(0))
        .optional()?;
    found.map(from_column).transpose()
}
