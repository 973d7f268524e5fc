//! Tables `salvage` and `head_doubt`: what a damaged file gave back, and whether it is certain where
//! the chain stands.

use rusqlite::{Connection, OptionalExtension, params};

use crate::saved::{Doubt, Saved};
use crate::store::{StoreError, from_column, to_column};

/// Gives the doubt that is not settled, if there is one.
pub(crate) fn open(db: &Connection) -> Result<Option<Doubt>, StoreError> {
    let newest: Option<String> = db
        .prepare_cached("SELECT why FROM head_doubt ORDER BY id DESC LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(match newest.as_deref() {
        Some("damaged") => Some(Doubt::Damaged),
        Some("behind") => Some(Doubt::Behind),
        Some(_) | None => None,
    })
}

/// Begins to doubt, or ends it; what is so already is not said twice.
pub(crate) fn turn(db: &Connection, to: Option<Doubt>, at_ms: i64) -> Result<(), StoreError> {
    if open(db)? == to {
        return Ok(());
    }
    let why = match to {
        Some(Doubt::Damaged) => "damaged",
        Some(Doubt::Behind) => "behind",
        None => "settled",
    };
    db.execute("INSERT INTO head_doubt (at_ms, why) VALUES (?1, ?2)", params![at_ms, why])?;
    Ok(())
}

/// Keeps the report of a salvage.
pub(crate) fn keep(db: &Connection, saved: &Saved) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO salvage (at_ms, kept_as, events, receipts, missing, enrolled)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            saved.at_ms,
            saved.kept_as,
            to_column(saved.events)?,
            to_column(saved.receipts)?,
            saved.missing,
            saved.enrolled,
        ],
    )?;
    Ok(())
}

/// Gives the newest report.
pub(crate) fn newest(db: &Connection) -> Result<Option<Saved>, StoreError> {
    let found = db
        .prepare_cached(
            "SELECT at_ms, kept_as, events, receipts, missing, enrolled FROM salvage
              ORDER BY id DESC LIMIT 1",
        )?
        .query_row([], |row| {
            let (events, receipts): (i64, i64) = (row.get(2)?, row.get(3)?);
            let counts = (from_column(events), from_column(receipts));
            Ok((row.get(0)?, row.get(1)?, counts, row.get(4)?, row.get(5)?))
        })
        .optional()?;
    let Some((at_ms, kept_as, (events, receipts), missing, enrolled)) = found else {
        return Ok(None);
    };
    let (events, receipts) = (events?, receipts?);
    Ok(Some(Saved { at_ms, kept_as, events, receipts, missing, enrolled }))
}
