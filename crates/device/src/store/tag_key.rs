//! Table `tag_key`: what finds the tags of own children.

use attendance::{ChildId, TagKey};
use rusqlite::{Connection, OptionalExtension, params};

use crate::store::StoreError;

/// Keeps the first key of a child in a log. Gives false if another one was kept before.
pub(crate) fn keep(
    db: &Connection,
    origin: &str,
    child: ChildId,
    key: &TagKey,
) -> Result<bool, StoreError> {
    db.prepare_cached(
        "INSERT INTO tag_key (origin, child, key) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
    )?
    .execute(params![origin, child.0, key.as_bytes()])?;
    Ok(find(db, origin, child)?.as_ref() == Some(key))
}

/// Finds the key of a child in a log.
pub(crate) fn find(
    db: &Connection,
    origin: &str,
    child: ChildId,
) -> Result<Option<TagKey>, StoreError> {
    let kept: Option<Vec<u8>> = db
        .prepare_cached("SELECT key FROM tag_key WHERE origin = ?1 AND child = ?2")?
        .query_row(params![origin, child.0], |row| row.get(0))
        .optional()?;
    let key = |bytes: Vec<u8>| TagKey::from_slice(&bytes).ok_or(StoreError::Value("a tag key"));
    kept.map(key).transpose()
}
