//! Table `delivery`: what the server answered.

use rusqlite::{Connection, OptionalExtension, params};
use seal::Hash;

use crate::outbox::Verdict;
use crate::store::StoreError;

/// Keeps a verdict, unless it is the newest one already. Tells whether the event is of this device.
pub(crate) fn keep(
    db: &Connection,
    event: Hash,
    verdict: &Verdict,
    at_ms: i64,
) -> Result<bool, StoreError> {
    let seq: Option<i64> = db
        .prepare_cached("SELECT seq FROM event WHERE hash = ?1")?
        .query_row([event.0], |row| row.get(0))
        .optional()?;
    let Some(seq) = seq else { return Ok(false) };
    let (name, reason) = columns(verdict);
    let newest: Option<(String, Option<String>)> = db
        .prepare_cached("SELECT verdict, reason FROM delivery WHERE seq = ?1 ORDER BY id DESC")?
        .query_row([seq], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if newest != Some((name.to_owned(), reason.clone())) {
        db.prepare_cached(
            "INSERT INTO delivery (seq, verdict, reason, at_ms) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![seq, name, reason, at_ms])?;
    }
    Ok(true)
}

/// Gives the columns of a verdict.
fn columns(verdict: &Verdict) -> (&'static str, Option<String>) {
    let bounded = |reason: &str| Some(reason.chars().take(REASON_CHARS_MAX).collect());
    match verdict {
        Verdict::Stored => ("stored", None),
        Verdict::Duplicate => ("duplicate", None),
        Verdict::Parked(reason) => ("parked", bounded(reason)),
        Verdict::Deferred(reason) => ("deferred", bounded(reason)),
    }
}

/// A reason comes from outside; it is kept for a person to read.
const REASON_CHARS_MAX: usize = 300;
