//! How far an event has come.

use seal::Hash;

use crate::device::Device;
use crate::store::{self, StoreError};

/// Says how far an event has come. The order is the order of truth.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Mark {
    /// On this device; not sent, or put off or put aside by the server.
    Recorded,
    /// Somebody of the district keeps it and passes it on: proven by that device's signature. The
    /// server has not said anything.
    Carried,
    /// The server has it, its receipt is not here yet.
    Sent,
    /// Its receipt is here and was verified on this device.
    Receipted,
    /// Enough witnesses of the trust list saw the log that it is in.
    Witnessed,
}

impl Mark {
    /// Reads the column `state` of the views `event_state`, `visit_state`, `entry_state` and
    /// `statement_state`.
    pub(crate) fn of_state(state: &str) -> Self {
        match state {
            "witnessed" => Self::Witnessed,
            "receipted" => Self::Receipted,
            "stored" | "duplicate" => Self::Sent,
            "carried" => Self::Carried,
            _ => Self::Recorded,
        }
    }
}

impl Device {
    /// Says how far an own event or a visit seen has come; nothing if it is not on this device.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn mark_of(&self, event: Hash) -> Result<Option<Mark>, StoreError> {
        if let Some((_, row)) = store::event::find(&self.db, event)? {
            return Ok(Some(row.mark));
        }
        if let Some(row) = store::visit_seen::find(&self.db, event)? {
            return Ok(Some(row.mark));
        }
        store::entry::mark(&self.db, event)
    }
}
