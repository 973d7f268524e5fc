//! Table `clock`: one row, replaced as a whole.

use attendance::BootId;
use rusqlite::{Connection, OptionalExtension, Row, params};

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
    let read = |row: &Row<'_>| {
        let mono: i64 = row.get(3)?;
        let clock = ClockRow {
            anchor: row.get(0)?,
            asked_wall_ms: row.get(1)?,
            taken_wall_ms: row.get(2)?,
            taken_mono_ms: 0,
            taken_boot: BootId(row.get(4)?),
        };
        Ok((clock, mono))
    };
    let found = db
        .query_row(
            "SELECT anchor, asked_wall_ms, taken_wall_ms, taken_mono_ms, taken_boot FROM clock",
            [],
            read,
        )
        .optional()?;
    let whole = |(clock, mono)| Ok(ClockRow { taken_mono_ms: from_column(mono)?, ..clock });
    found.map(whole).transpose()
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
