//! The outbox: which events wait for the server, and what it answered.
//!
//! Nothing is stored about the queue itself: it is computed from events, verdicts and receipts.

use rusqlite::{Row, params};
use seal::Hash;

use crate::device::Device;
use crate::store::{self, StoreError, from_column, to_column};

/// Says what the server answered about an event.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// Taken.
    Stored,
    /// It had the event already.
    Duplicate,
    /// Put aside for a person, with the reason. It is not sent again and blocks nothing.
    Parked(String),
    /// Not now, with the reason. It stays in the outbox.
    Deferred(String),
}

/// Holds an event that waits to be sent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OutboxRow {
    /// Its position in the chain.
    pub seq: u64,
    /// Its name.
    pub hash: Hash,
    /// Its signed bytes.
    pub bytes: Vec<u8>,
}

/// Names an event that the server put aside.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ParkedRow {
    /// Its position in the chain.
    pub seq: u64,
    /// Its name.
    pub hash: Hash,
    /// The server's reason.
    pub reason: String,
}

/// Says how far an event has come.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EventState {
    /// Its position in the chain.
    pub seq: u64,
    /// Its name.
    pub hash: Hash,
    /// A state of the view `event_state`: `recorded`, `stored`, `duplicate`, `parked`, `deferred`,
    /// `carried`, `receipted`, `witnessed`.
    pub state: String,
    /// The reason of the newest verdict, where it has one.
    pub reason: Option<String>,
}

impl Device {
    /// Lists events that the server has not taken, in chain order, parked ones left out: at most
    /// `max_events`, and no more than `max_bytes` unless the first alone is larger.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn outbox(
        &self,
        max_events: usize,
        max_bytes: usize,
    ) -> Result<Vec<OutboxRow>, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT seq, hash, bytes FROM event_state WHERE state IN ('recorded', 'deferred', 'carried')
             ORDER BY seq LIMIT ?1",
        )?;
        let limit = i64::try_from(max_events).unwrap_or(i64::MAX);
        let rows = statement.query_map([limit], outbox_row)?;
        let (mut size, mut taken) = (0usize, Vec::new());
        for row in rows {
            let row = row??;
            size = size.saturating_add(row.bytes.len());
            if size > max_bytes && !taken.is_empty() {
                break;
            }
            taken.push(row);
        }
        Ok(taken)
    }

    /// Lists events from a position on that the server has not taken, in chain order, parked ones left
    /// out: at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn outbox_from(&self, seq: u64, limit: usize) -> Result<Vec<OutboxRow>, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT seq, hash, bytes FROM event_state
              WHERE seq >= ?1 AND state IN ('recorded', 'deferred', 'carried')
              ORDER BY seq LIMIT ?2",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement.query_map(params![to_column(seq)?, limit], outbox_row)?;
        rows.map(|row| row?).collect()
    }

    /// Lists events that the server has taken and whose receipt is not here, in chain order.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn awaiting_receipt(&self) -> Result<Vec<OutboxRow>, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT seq, hash, bytes FROM event_state WHERE state IN ('stored', 'duplicate')
             ORDER BY seq",
        )?;
        let rows = statement.query_map([], outbox_row)?;
        rows.map(|row| row?).collect()
    }

    /// Lists events that the server put aside, in chain order.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn parked(&self) -> Result<Vec<ParkedRow>, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT seq, hash, (SELECT reason FROM delivery WHERE delivery.seq = event_state.seq
                                ORDER BY id DESC LIMIT 1)
               FROM event_state WHERE state = 'parked' ORDER BY seq",
        )?;
        let rows = statement.query_map([], |row| {
            let reason: Option<String> = row.get(2)?;
            Ok((row.get::<_, i64>(0)?, Hash(row.get(1)?), reason.unwrap_or_default()))
        })?;
        rows.map(|row| {
            let (seq, hash, reason) = row?;
            Ok(ParkedRow { seq: from_column(seq)?, hash, reason })
        })
        .collect()
    }

    /// Says of each own event how far it has come, in chain order: the queue, seen whole.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn states(&self) -> Result<Vec<EventState>, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT seq, hash, state, (SELECT reason FROM delivery WHERE delivery.seq = event_state.seq
                                       ORDER BY id DESC LIMIT 1)
               FROM event_state ORDER BY seq",
        )?;
        let rows = statement.query_map([], |row| {
            Ok((row.get::<_, i64>(0)?, Hash(row.get(1)?), row.get(2)?, row.get(3)?))
        })?;
        rows.map(|row| {
            let (seq, hash, state, reason) = row?;
            Ok(EventState { seq: from_column(seq)?, hash, state, reason })
        })
        .collect()
    }

    /// Keeps the server's verdicts, in one transaction. Names of events that are not of this device
    /// are passed over; gives how many were of this device.
    ///
    /// # Errors
    /// [`StoreError`] if nothing was kept.
    pub fn record_verdicts(&mut self, verdicts: &[(Hash, Verdict)]) -> Result<usize, StoreError> {
        let at_ms = self.clock.now().wall_ms;
        let tx = store::begin(&mut self.db)?;
        let mut known = 0;
        for (event, verdict) in verdicts {
            known += usize::from(store::delivery::keep(&tx, *event, verdict, at_ms)?);
        }
        tx.commit()?;
        Ok(known)
    }

    /// Gives the own event at a position of the chain, to compare histories with the server.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn event_at(&self, seq: u64) -> Result<Option<OutboxRow>, StoreError> {
        let mut statement =
            self.db.prepare_cached("SELECT seq, hash, bytes FROM event WHERE seq = ?1")?;
        let mut rows = statement.query_map(params![to_column(seq)?], outbox_row)?;
        rows.next().transpose()?.transpose()
    }
}

/// Reads position, hash and bytes.
pub(crate) fn outbox_row(row: &Row<'_>) -> rusqlite::Result<Result<OutboxRow, StoreError>> {
    let (hash, bytes) = (Hash(row.get(1)?), row.get(2)?);
    Ok(from_column(row.get(0)?).map(|seq| OutboxRow { seq, hash, bytes }))
}
