//! The tables `draft` and `draft_end`.

use rusqlite::{Connection, params};

use crate::console::AccountId;
use crate::draft::{Draft, DraftEnd, DraftId};
use crate::error::StorageError;

pub(crate) fn put_draft(
    connection: &Connection,
    draft: &Draft,
    open_max: u32,
) -> Result<bool, StorageError> {
    let Draft { draft, at_ms, account, what, fields } = draft;
    let put = connection
        .prepare_cached(
            "INSERT INTO draft (draft, at_ms, account, what, fields)
             SELECT ?1, ?2, ?3, ?4, ?5
              WHERE (SELECT count(*) FROM draft) - (SELECT count(*) FROM draft_end) < ?6",
        )?
        .execute(params![draft.0, at_ms, account.0, what, fields, open_max])?;
    Ok(put == 1)
}

pub(crate) fn open_drafts(connection: &Connection) -> Result<Vec<Draft>, StorageError> {
    let sql = "SELECT draft, at_ms, account, what, fields FROM draft
                WHERE draft NOT IN (SELECT draft FROM draft_end) ORDER BY draft.rowid";
    let mut query = connection.prepare_cached(sql)?;
    let rows = query.query_map([], |row| {
        Ok(Draft {
            draft: DraftId(row.get(0)?),
            at_ms: row.get(1)?,
            account: AccountId(row.get(2)?),
            what: row.get(3)?,
            fields: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn end_draft(connection: &Connection, end: DraftEnd) -> Result<bool, StorageError> {
    let DraftEnd { draft, at_ms, account, version } = end;
    let ended = connection
        .prepare_cached(
            "INSERT INTO draft_end (draft, at_ms, account, version)
             SELECT draft, ?2, ?3, ?4 FROM draft WHERE draft = ?1 ON CONFLICT DO NOTHING",
        )?
        .execute(params![draft.0, at_ms, account.0, version])?;
    Ok(ended == 1)
}
