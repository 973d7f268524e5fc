//! Table `view_log`.

use attendance::{ChildId, DeviceId};
use rusqlite::{Connection, Row, params};

use super::log::{signed, unsigned};
use crate::console::AccountId;
use crate::error::StorageError;
use crate::view::{NewViews, StoredView, ViewsOf};

pub(crate) fn insert_views(connection: &Connection, views: &NewViews) -> Result<(), StorageError> {
    // One statement for any number of children; one row without a child for all of them.
    let children = views.children.as_deref().map(as_json);
    let children = children.unwrap_or_else(|| "[null]".to_owned());
    connection
        .prepare_cached(
            "INSERT INTO view_log (at_ms, device, role, child, what, why, request, account)
             SELECT ?1, ?2, ?3, unhex(value), ?4, ?5, ?6, ?8 FROM json_each(?7)",
        )?
        .execute(params![
            views.at_ms,
            views.device.map(|device| device.0),
            views.role,
            views.what,
            views.why,
            views.request,
            children,
            views.account.map(|account| account.0),
        ])?;
    Ok(())
}

pub(crate) fn views(
    connection: &Connection,
    of: &ViewsOf,
    after: u64,
    limit: u32,
) -> Result<Vec<StoredView>, StorageError> {
    let (sql, whose) = match of {
        ViewsOf::Children(children) => (OF_CHILDREN, as_json(children)),
        ViewsOf::Device(device) => (BY_DEVICE, device.to_string()),
    };
    let mut query = connection.prepare_cached(sql)?;
    let mut rows = query.query(params![whose, signed(after), limit])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// Views of children, and those of every child: each by its index.
const OF_CHILDREN: &str = "
    SELECT * FROM (
        SELECT * FROM view_log
         WHERE child IN (SELECT unhex(value) FROM json_each(?1)) AND number > ?2
        UNION ALL
        SELECT * FROM view_log WHERE child IS NULL AND number > ?2)
     ORDER BY number LIMIT ?3";
const BY_DEVICE: &str = "
    SELECT * FROM view_log WHERE device = unhex(?1) AND number > ?2 ORDER BY number LIMIT ?3";

/// Drops the views of before a moment that are old enough for it.
pub(super) fn drop_views(connection: &Connection, before_ms: i64) -> Result<u64, StorageError> {
    let dropped = connection.execute(
        "DELETE FROM view_log WHERE at_ms < ?1
            AND at_ms <= (SELECT at_ms FROM view_log ORDER BY number DESC LIMIT 1) - 1826 * 86400000",
        [before_ms],
    )?;
    Ok(dropped as u64)
}

fn read(row: &Row<'_>) -> Result<StoredView, StorageError> {
    Ok(StoredView {
        number: unsigned(row.get(0)?)?,
        at_ms: row.get(1)?,
        device: row.get::<_, Option<_>>(2)?.map(DeviceId),
        role: row.get(3)?,
        child: row.get::<_, Option<_>>(4)?.map(ChildId),
        what: row.get(5)?,
        why: row.get(6)?,
        request: row.get(7)?,
        account: row.get::<_, Option<_>>(8)?.map(AccountId),
    })
}

/// Writes ids as a JSON list of hexadecimal texts.
fn as_json(children: &[ChildId]) -> String {
    let texts: Vec<String> = children.iter().map(|child| format!("\"{child}\"")).collect();
    format!("[{}]", texts.join(","))
}
