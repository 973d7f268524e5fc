//! Table `entry_refusal`: why a leaf about an own child is not on this device.

use rusqlite::{Connection, OptionalExtension, params};

use crate::completeness::MissingWhy;
use crate::store::{StoreError, to_column};

/// Keeps why, unless it is the newest answer about the leaf already.
pub(crate) fn keep(
    db: &Connection,
    origin: &str,
    leaf_index: u64,
    why: &MissingWhy,
    at_ms: i64,
) -> Result<(), StoreError> {
    let (name, detail) = match why {
        MissingWhy::NotAsked => return Ok(()),
        MissingWhy::Refused(detail) => ("refused", detail),
        MissingWhy::Wrong(detail) => ("wrong", detail),
    };
    let bounded: String = detail.chars().take(DETAIL_CHARS_MAX).collect();
    let kept = match name {
        "refused" => MissingWhy::Refused(bounded.clone()),
        _ => MissingWhy::Wrong(bounded.clone()),
    };
    if newest(db, origin, leaf_index)? != kept {
        db.prepare_cached(
            "INSERT INTO entry_refusal (origin, leaf_index, why, detail, at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![origin, to_column(leaf_index)?, name, bounded, at_ms])?;
    }
    Ok(())
}

/// Gives the newest answer about a leaf.
pub(crate) fn newest(
    db: &Connection,
    origin: &str,
    leaf_index: u64,
) -> Result<MissingWhy, StoreError> {
    let found: Option<(String, String)> = db
        .prepare_cached(
            "SELECT why, detail FROM entry_refusal WHERE origin = ?1 AND leaf_index = ?2
             ORDER BY id DESC LIMIT 1",
        )?
        .query_row(params![origin, to_column(leaf_index)?], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(match found {
        None => MissingWhy::NotAsked,
        Some((why, detail)) if why == "refused" => MissingWhy::Refused(detail),
        Some((_, detail)) => MissingWhy::Wrong(detail),
    })
}

/// What the server says comes from outside; it is kept for a person to read.
const DETAIL_CHARS_MAX: usize = 300;
