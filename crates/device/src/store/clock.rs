//! Table `clock`: one row, replaced as a whole.

use attendance::BootId;
use rusqlite::{Connection, OptionalExtension, params};

use crate::store::{StoreError, from_column, to_column};

/// The row as it is kept.
pub(crate) struct ClockRow {
    /// The signed anchor.
    pub(crate) anchor: Vec<u8>,
    pub(crate) asked_wall_ms: i64,
    pub(crate) taken_wall_ms: i64,
    pub(crate) taken_mono_ms: u64,
    pub(crate) taken_boot: BootId,
}

pub(crate) fn read(db: &Connection) -> Result<Option<ClockRow>, StoreError> {
    let found: Option<(Vec<u8>, i64, i64, i64, [u8; 8])> = db
        .query_row(
            "SELECT anchor, asked_wall_ms, taken_wall_ms, taken_mono_ms, taken_boot FROM clock",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)),
        )
        .optional()?;
    let row = |(anchor, asked_wall_ms, taken_wall_ms, mono, boot)| {
        let (taken_mono_ms, taken_boot) = (from_column(mono)?, BootId(boot));
        Ok(ClockRow { anchor, asked_wall_ms, taken_wall_ms, taken_mono_ms, taken_boot })
    };
    found.map(row).transpose()
}

pub(crate) fn replace(db: &Connection, row: &ClockRow) -> Result<(), StoreError> {
    db.execute(
        "INSERT OR REPLACE INTO clock
             (only_row, anchor, asked_wall_ms, taken_wall_ms, taken_mono_ms, taken_boot)
         VALUES (1, ?1, ?2, ?3, ?4, ?5)",
        params![
            row.anchor,
            row.asked_wall_ms,
            row.taken_wall_ms,
            to_column(row.taken_mono_ms)?,
            row.taken_boot.0
        ],
    )?;
    Ok(())
}

/// Forgets the time of another trust.
pub(crate) fn clear(db: &Connection) -> Result<(), StoreError> {
    db.execute("DELETE FROM clock", [])?;
    Ok(())
}
