//! Dropping rows that are no evidence.

use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::log::signed;
use crate::error::StorageError;
use crate::retention::{Dropped, RetentionCut};

/// Bytes of an event's hash.
const HASH_BYTES: usize = 32;

pub(crate) fn drop_rows(
    connection: &mut Connection,
    cut: &RetentionCut,
    dry_run: bool,
) -> Result<Dropped, StorageError> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let count = |rows: usize| rows as u64;
    let dropped = Dropped {
        unused_tickets: count(tx.execute(
            "DELETE FROM ticket WHERE used_by IS NULL AND expires_ms < ?1",
            [cut.unused_tickets_ms],
        )?),
        used_tickets: count(tx.execute(
            "DELETE FROM ticket WHERE used_by IS NOT NULL AND expires_ms < ?1",
            [cut.used_tickets_ms],
        )?),
        batches: drop_batches(&tx, cut.batches_before)?,
        names: drop_names(&tx, cut)?,
        views: super::view::drop_views(&tx, cut.views_ms)?,
    };
    if dry_run {
        tx.rollback()?;
    } else {
        tx.commit()?;
    }
    Ok(dropped)
}

/// Drops the batches whose events are all in the log, before a leaf.
fn drop_batches(tx: &Transaction<'_>, before: u64) -> Result<u64, StorageError> {
    let mut place = tx.prepare("SELECT 1 FROM event WHERE hash = ?1 AND leaf_index < ?2")?;
    let mut old: Vec<Vec<u8>> = Vec::new();
    {
        let mut query = tx.prepare("SELECT hash, events FROM batch")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let (hash, events): (Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?);
            let mut all = !events.is_empty();
            for event in events.chunks(HASH_BYTES) {
                all = all && place.exists(params![event, signed(before)])?;
            }
            if all {
                old.push(hash);
            }
        }
    }
    for hash in &old {
        tx.execute("DELETE FROM batch WHERE hash = ?1", [hash])?;
    }
    Ok(old.len() as u64)
}

fn drop_names(tx: &Transaction<'_>, cut: &RetentionCut) -> Result<u64, StorageError> {
    let mut dropped = 0;
    for child in &cut.children {
        dropped += tx.execute("DELETE FROM child WHERE child = ?1", [child.0])?;
    }
    Ok(dropped as u64)
}
