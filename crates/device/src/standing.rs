//! How this device's chain and the server's record of it stand to each other: together, one ahead, or
//! apart. A chain that is on two devices, or that went on after a backup was put back, comes apart.

use seal::Hash;

use crate::alarm::{Alarm, AlarmCode};
use crate::device::Device;
use crate::outbox::{OutboxRow, outbox_row};
use crate::store::{self, StoreError, to_column};

/// Says how two records of one chain stand.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    /// The server has what this device has.
    Together,
    /// The server's head is on this chain, and the chain goes on from this position.
    ServerBehind {
        /// The first position that the server does not have.
        from: u64,
    },
    /// The server has positions that this device does not have. Its hash at this device's last
    /// position says whether the one continues the other.
    ServerAhead {
        /// This device's last position and its hash; nothing if the device has no event.
        last: Option<(u64, Hash)>,
    },
    /// They differ, somewhere below this position.
    Apart {
        /// The position after one where they differ.
        below: u64,
    },
}

impl Device {
    /// Compares the chain with what the server says of it: the position it expects next, and the hash of
    /// the one before.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn standing(&self, seq_next: u64, head: Option<Hash>) -> Result<Standing, StoreError> {
        let own_next = self.chain_head()?.seq_next;
        let behind = |from| {
            if from < own_next { Standing::ServerBehind { from } } else { Standing::Together }
        };
        let (Some(last), Some(head)) = (seq_next.checked_sub(1), head) else {
            return Ok(behind(0));
        };
        if let Some(own) = self.event_at(last)? {
            let same = own.hash == head;
            return Ok(if same { behind(seq_next) } else { Standing::Apart { below: seq_next } });
        }
        let own = own_next.checked_sub(1).map(|own| self.event_at(own)).transpose()?.flatten();
        Ok(Standing::ServerAhead { last: own.map(|own| (own.seq, own.hash)) })
    }

    /// Tells whether it is known that the chain came apart: it stays so.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn is_forked(&self) -> Result<bool, StoreError> {
        Ok(store::alarm::all(&self.db)?.iter().any(|alarm| alarm.code == AlarmCode::Forked))
    }

    /// Raises the alarm that the server has another event at a position, and gives the own one: it is
    /// evidence that the server must have. Nothing is changed or deleted.
    ///
    /// # Errors
    /// [`StoreError`] if nothing was kept.
    pub fn note_fork(&mut self, seq: u64, theirs: Hash) -> Result<Option<OutboxRow>, StoreError> {
        let Some(own) = self.event_at(seq)? else { return Ok(None) };
        let alarm = Alarm {
            at_ms: self.clock.now().wall_ms,
            code: AlarmCode::Forked,
            detail: format!(
                "record {seq} of this device is {} here and {theirs} at the server: this is a copy, \
                 or an older state of the device was put back",
                own.hash
            ),
            subject: Some(own.hash),
            evidence: own.bytes.clone(),
        };
        store::alarm::keep_first(&self.db, &alarm)?;
        Ok(Some(own))
    }

    /// Raises the alarm that the server has more of this device than the device itself: an older state
    /// was put back. What is recorded now would be a second history.
    ///
    /// # Errors
    /// [`StoreError`] if nothing was kept.
    pub fn note_restored(&mut self, seq_next: u64, head: Hash) -> Result<(), StoreError> {
        let own_next = self.chain_head()?.seq_next;
        let alarm = Alarm {
            at_ms: self.clock.now().wall_ms,
            code: AlarmCode::Restored,
            detail: format!(
                "the server has {seq_next} records of this device and {own_next} are here: an older \
                 state of the device was put back"
            ),
            subject: None,
            evidence: head.0.to_vec(),
        };
        store::alarm::keep_first(&self.db, &alarm)
    }

    /// Lists events from a position on that the server once had, in chain order, at most `limit`: one
    /// that has lost them gets them again.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn taken_from(&self, seq: u64, limit: usize) -> Result<Vec<OutboxRow>, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT seq, hash, bytes FROM event_state
              WHERE seq >= ?1 AND state IN ('stored', 'duplicate', 'receipted', 'witnessed')
              ORDER BY seq LIMIT ?2",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement.query_map([to_column(seq)?, limit], outbox_row)?;
        rows.map(|row| row?).collect()
    }
}
