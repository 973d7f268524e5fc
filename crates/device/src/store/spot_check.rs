//! Table `spot_check`: by which root of the log a lesson is drawn.

use attendance::LessonId;
use rusqlite::{Connection, OptionalExtension, params};
use seal::Hash;

use crate::store::{StoreError, to_column};

/// Keeps by which root a lesson is drawn; the first one stays.
pub(crate) fn keep(
    db: &Connection,
    lesson: LessonId,
    origin: &str,
    size: u64,
    root: Hash,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO spot_check (lesson, origin, size, root) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO NOTHING",
    )?
    .execute(params![lesson.0, origin, to_column(size)?, root.0])?;
    Ok(())
}

/// Gives the root by which a lesson is drawn.
pub(crate) fn root(db: &Connection, lesson: LessonId) -> Result<Option<Hash>, StoreError> {
    let found: Option<[u8; 32]> = db
        .prepare_cached("SELECT root FROM spot_check WHERE lesson = ?1")?
        .query_row([lesson.0], |row| row.get(0))
        .optional()?;
    Ok(found.map(Hash))
}
