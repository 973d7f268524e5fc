//! The table `case_note`.

use rusqlite::{Connection, params};

use crate::case_note::CaseNote;
use crate::console::AccountId;
use crate::error::StorageError;

pub(crate) fn put_case_note(connection: &Connection, note: &CaseNote) -> Result<(), StorageError> {
    let CaseNote { at_ms, account, month, signal, note } = note;
    connection
        .prepare_cached(
            "INSERT INTO case_note (at_ms, account, month, signal, note) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![at_ms, account.0, month, signal, note])?;
    Ok(())
}

pub(crate) fn case_notes(
    connection: &Connection,
    month: u32,
) -> Result<Vec<CaseNote>, StorageError> {
    let sql = "SELECT at_ms, account, signal, note FROM case_note WHERE month = ?1 ORDER BY number";
    let mut query = connection.prepare_cached(sql)?;
    let rows = query.query_map([month], |row| {
        Ok(CaseNote {
            at_ms: row.get(0)?,
            account: AccountId(row.get(1)?),
            month,
            signal: row.get(2)?,
            note: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
