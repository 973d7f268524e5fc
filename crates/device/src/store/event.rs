//! Table `event` and the view `event_state` over it.

use attendance::{ChainHead, ChainedEvent, ChildId, EventKind, LessonId};
use rusqlite::{Connection, OptionalExtension, Row, params};
use seal::{Hash, PublicKey};

use crate::mark::Mark;
use crate::store::{StoreError, from_column, to_column};

/// An event as it is kept, with how far it has come.
pub(crate) struct EventRow {
    pub(crate) hash: Hash,
    pub(crate) bytes: Vec<u8>,
    pub(crate) mark: Mark,
}

/// Gives the last event's hash and bytes.
pub(crate) fn last(db: &Connection) -> Result<Option<(Hash, Vec<u8>)>, StoreError> {
    let row = |row: &Row<'_>| Ok((Hash(row.get(0)?), row.get(1)?));
    Ok(db
        .query_row("SELECT hash, bytes FROM event ORDER BY seq DESC LIMIT 1", [], row)
        .optional()?)
}

/// Tells where the chain stands: it is the last row, and nothing else.
pub(crate) fn head(db: &Connection, key: &PublicKey) -> Result<ChainHead, StoreError> {
    let row = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, Hash(row.get(1)?)));
    let last = db
        .query_row("SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1", [], row)
        .optional()?;
    match last {
        Some((seq, prev)) => Ok(ChainHead { seq_next: from_column(seq)? + 1, prev }),
        None => Ok(ChainHead::genesis(key)),
    }
}

pub(crate) fn insert(db: &Connection, chained: &ChainedEvent) -> Result<(), StoreError> {
    let event = chained.event();
    db.prepare_cached(
        "INSERT INTO event (seq, hash, kind, lesson, child, about, wall_ms, bytes)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        to_column(event.seq)?,
        chained.hash().0,
        kind_name(event.kind),
        event.lesson.map(|id| id.0),
        event.child.map(|id| id.0),
        event.about.map(|hash| hash.0),
        event.wall_ms,
        chained.bytes(),
    ])?;
    Ok(())
}

/// Lists what could speak of a child's coming and leaving in a lesson, oldest first: what names the
/// child or was corrected, and is not withdrawn.
pub(crate) fn presence_of(
    db: &Connection,
    lesson: LessonId,
    child: ChildId,
) -> Result<Vec<EventRow>, StoreError> {
    list(
        db,
        "SELECT hash, bytes, 'recorded' FROM event AS said
          WHERE lesson = ?1 AND kind IN ('in', 'out')
            AND (child = ?2 OR EXISTS (SELECT 1 FROM event AS later
                                        WHERE later.about = said.hash AND later.kind = 'correct'))
            AND NOT EXISTS (SELECT 1 FROM event AS later
                             WHERE later.about = said.hash AND later.kind = 'void')
          ORDER BY seq",
        params![lesson.0, child.0],
    )
}

/// Lists the visits of a child among the newest events: as many as are recorded in some minutes.
pub(crate) fn recent_visits(db: &Connection, child: ChildId) -> Result<Vec<EventRow>, StoreError> {
    list(
        db,
        "SELECT hash, bytes, 'recorded' FROM (SELECT * FROM event ORDER BY seq DESC LIMIT 512)
          WHERE kind = 'in' AND child = ?1",
        params![child.0],
    )
}

/// Tells whether a child is entered as absent from a lesson.
pub(crate) fn is_absent(
    db: &Connection,
    lesson: LessonId,
    child: ChildId,
) -> Result<bool, StoreError> {
    let mut found = db.prepare_cached(
        "SELECT 1 FROM event AS said
          WHERE lesson = ?1 AND child = ?2 AND kind = 'absent'
            AND NOT EXISTS (SELECT 1 FROM event AS later
                             WHERE later.about = said.hash AND later.kind = 'void')",
    )?;
    Ok(found.exists(params![lesson.0, child.0])?)
}

/// Lists the withdrawals and corrections of an event, oldest first.
pub(crate) fn later_about(db: &Connection, event: Hash) -> Result<Vec<EventRow>, StoreError> {
    list(
        db,
        "SELECT hash, bytes, state FROM event_state
          WHERE about = ?1 AND kind IN ('void', 'correct') ORDER BY seq",
        params![event.0],
    )
}

/// Lists what was said in a lesson, and what was said about it later, oldest first.
pub(crate) fn of_lesson(db: &Connection, lesson: LessonId) -> Result<Vec<EventRow>, StoreError> {
    list(
        db,
        "SELECT hash, bytes, state FROM event_state WHERE seq IN (
            SELECT seq FROM event WHERE lesson = ?1
               AND kind IN ('in', 'out', 'absent', 'headcount')
             UNION
            SELECT later.seq FROM event AS said JOIN event AS later ON later.about = said.hash
             WHERE said.lesson = ?1 AND later.kind IN ('void', 'correct'))
          ORDER BY seq",
        params![lesson.0],
    )
}

/// Lists own absences, withdrawals and corrections, oldest first: on a parent's device these are all
/// that change a month's sheet.
pub(crate) fn absences(db: &Connection) -> Result<Vec<EventRow>, StoreError> {
    list(
        db,
        "SELECT hash, bytes, state FROM event_state
          WHERE kind IN ('absent', 'void', 'correct') ORDER BY seq",
        params![],
    )
}

/// Gives the leaf of an own event, once its receipt is here.
pub(crate) fn leaf_of(db: &Connection, event: Hash) -> Result<Option<u64>, StoreError> {
    let leaf: Option<i64> = db
        .prepare_cached("SELECT leaf_index FROM event JOIN receipt USING (seq) WHERE hash = ?1")?
        .query_row([event.0], |row| row.get(0))
        .optional()?;
    leaf.map(from_column).transpose()
}

/// Finds the newest event of one of two kinds about a lesson: has it been opened, has it ended.
pub(crate) fn lesson_turn(
    db: &Connection,
    lesson: LessonId,
) -> Result<Option<(EventKind, Hash)>, StoreError> {
    let found: Option<(String, [u8; 32])> = db
        .prepare_cached(
            "SELECT kind, hash FROM event
             WHERE lesson = ?1 AND kind IN ('lesson-open', 'lesson-close')
             ORDER BY seq DESC LIMIT 1",
        )?
        .query_row([lesson.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let turn = |kind: &str| {
        if kind == kind_name(EventKind::LessonOpen) {
            EventKind::LessonOpen
        } else {
            EventKind::LessonClose
        }
    };
    Ok(found.map(|(kind, hash)| (turn(&kind), Hash(hash))))
}

/// Lists what this device said of whether and when a lesson is held, oldest first.
pub(crate) fn lesson_changes(
    db: &Connection,
    lesson: LessonId,
) -> Result<Vec<EventRow>, StoreError> {
    list(
        db,
        "SELECT hash, bytes, state FROM event_state
          WHERE lesson = ?1 AND kind IN ('lesson-cancel', 'lesson-move') ORDER BY seq",
        params![lesson.0],
    )
}

/// Finds the newest answer about a visit, with how far it has come.
pub(crate) fn answer_about(
    db: &Connection,
    visit: Hash,
) -> Result<Option<(bool, Hash, Mark)>, StoreError> {
    let found: Option<(bool, [u8; 32], String)> = db
        .prepare_cached(
            "SELECT kind = 'confirm', hash, state FROM event_state
             WHERE about = ?1 AND kind IN ('confirm', 'dispute') ORDER BY seq DESC LIMIT 1",
        )?
        .query_row([visit.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    Ok(found.map(|(was, hash, state)| (was, Hash(hash), Mark::of_state(&state))))
}

/// Lists the events of a kind, newest first.
pub(crate) fn of_kind(db: &Connection, kind: EventKind) -> Result<Vec<EventRow>, StoreError> {
    list(
        db,
        "SELECT hash, bytes, state FROM event_state WHERE kind = ?1 ORDER BY seq DESC",
        params![kind_name(kind)],
    )
}

/// Finds the newest event of a kind: its place and its bytes.
pub(crate) fn last_of_kind(
    db: &Connection,
    kind: EventKind,
) -> Result<Option<(u64, Vec<u8>)>, StoreError> {
    let found: Option<(i64, Vec<u8>)> = db
        .prepare_cached("SELECT seq, bytes FROM event WHERE kind = ?1 ORDER BY seq DESC LIMIT 1")?
        .query_row([kind_name(kind)], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    found.map(|(seq, bytes)| Ok((from_column(seq)?, bytes))).transpose()
}

/// Finds an event by its hash.
pub(crate) fn find(db: &Connection, hash: Hash) -> Result<Option<(i64, EventRow)>, StoreError> {
    Ok(db
        .prepare_cached("SELECT hash, bytes, state, seq FROM event_state WHERE hash = ?1")?
        .query_row([hash.0], |row| Ok((row.get(3)?, event_row(row)?)))
        .optional()?)
}

fn list(
    db: &Connection,
    sql: &str,
    params: &[&dyn rusqlite::ToSql],
) -> Result<Vec<EventRow>, StoreError> {
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map(params, event_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Reads a row of hash, bytes and state.
pub(crate) fn event_row(row: &Row<'_>) -> rusqlite::Result<EventRow> {
    let state: String = row.get(2)?;
    Ok(EventRow { hash: Hash(row.get(0)?), bytes: row.get(1)?, mark: Mark::of_state(&state) })
}

/// Names a kind as in `protocol.md` 4, for the index column.
fn kind_name(kind: EventKind) -> &'static str {
    match kind {
        EventKind::LessonOpen => "lesson-open",
        EventKind::LessonClose => "lesson-close",
        EventKind::In => "in",
        EventKind::Out => "out",
        EventKind::Absent => "absent",
        EventKind::Correct => "correct",
        EventKind::Void => "void",
        EventKind::Confirm => "confirm",
        EventKind::Dispute => "dispute",
        EventKind::MonthSign => "month-sign",
        EventKind::Headcount => "headcount",
        EventKind::MonthClose => "month-close",
        EventKind::PaymentNotice => "payment-notice",
        EventKind::TimeAnchor => "time-anchor",
        EventKind::DeviceRevoke => "device-revoke",
        EventKind::EventRelease => "event-release",
        EventKind::DisputeResolve => "dispute-resolve",
        EventKind::LessonCancel => "lesson-cancel",
        EventKind::LessonMove => "lesson-move",
        EventKind::ProviderSuspend => "provider-suspend",
        EventKind::GroundCured => "ground-cured",
        EventKind::HoldRelease => "hold-release",
        EventKind::ProviderTerminate => "provider-terminate",
        EventKind::Transfer => "transfer",
        EventKind::Adjust => "adjust",
        EventKind::SheetSign => "sheet-sign",
        EventKind::ActSign => "act-sign",
        EventKind::SheetDecide => "sheet-decide",
        EventKind::VoucherSet => "voucher-set",
        EventKind::VoucherAnswer => "voucher-answer",
        _ => "other",
    }
}

/// Lists the signed bytes of own events that have no receipt, in chain order.
pub(crate) fn unreceipted(db: &Connection) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT bytes FROM event
         WHERE NOT EXISTS (SELECT 1 FROM receipt WHERE receipt.seq = event.seq) ORDER BY seq",
    )?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
