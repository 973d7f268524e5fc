//! What waits on this device.

use crate::device::Device;
use crate::log::Log;
use crate::store::{self, StoreError, from_column};

/// Counts what is on this device and what waits.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct DeviceStatus {
    /// Own events. The signed times among them are no records of anybody: they are not counted, here
    /// and below.
    pub events: u64,
    /// Events the server has not taken yet and not put aside.
    pub not_sent: u64,
    /// Of those not sent: events that somebody carries.
    pub carried: u64,
    /// Events the server put aside.
    pub parked: u64,
    /// Events without a verified receipt (includes those not sent and those put aside).
    pub not_receipted: u64,
    /// When the oldest event without a receipt was recorded.
    pub oldest_waiting_ms: Option<i64>,
    /// Size of the log in the newest verified checkpoint.
    pub log_size: Option<u64>,
    /// Up to this size the log is witnessed.
    pub log_witnessed: Option<u64>,
    /// Alarms ever raised.
    pub alarms: u64,
    /// True if every key of the log has signed two histories: nothing of it is believed.
    pub log_disbelieved: bool,
}

impl Device {
    /// Counts what waits: a pure function of stored events, verdicts and receipts.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn status(&self) -> Result<DeviceStatus, StoreError> {
        let mut statement = self.db.prepare_cached(
            "SELECT count(*),
                    count(*) FILTER (WHERE state IN ('recorded', 'deferred', 'carried')),
                    count(*) FILTER (WHERE state = 'carried'),
                    count(*) FILTER (WHERE state = 'parked'),
                    count(*) FILTER (WHERE state NOT IN ('receipted', 'witnessed')),
                    min(wall_ms) FILTER (WHERE state NOT IN ('receipted', 'witnessed')),
                    (SELECT count(*) FROM alarm)
               FROM event_state WHERE kind <> 'time-anchor'",
        )?;
        let (counts, oldest_waiting_ms): ([i64; 6], Option<i64>) =
            statement.query_row([], |row| {
                let [events, not_sent, carried, parked, unreceipted, alarms] =
                    [row.get(0), row.get(1), row.get(2), row.get(3), row.get(4), row.get(6)];
                let counts = [events?, not_sent?, carried?, parked?, unreceipted?, alarms?];
                Ok((counts, row.get(5)?))
            })?;
        let [events, not_sent, carried, parked, not_receipted, alarms] = counts;
        let origin = self.enrolled.as_ref().map(|enrolled| enrolled.origin());
        let log_size = origin.map(|origin| store::checkpoint::newest_size(&self.db, origin));
        let witnessed = origin.map(|origin| store::history::witnessed_size(&self.db, origin));
        Ok(DeviceStatus {
            events: from_column(events)?,
            not_sent: from_column(not_sent)?,
            carried: from_column(carried)?,
            parked: from_column(parked)?,
            not_receipted: from_column(not_receipted)?,
            oldest_waiting_ms,
            log_size: log_size.transpose()?.flatten(),
            log_witnessed: witnessed.transpose()?.flatten(),
            alarms: from_column(alarms)?,
            log_disbelieved: self.log_disbelieved()?,
        })
    }

    fn log_disbelieved(&self) -> Result<bool, StoreError> {
        let Ok(log) = Log::of(self.enrolled.as_ref()) else { return Ok(false) };
        for key in log.keys() {
            if !store::history::is_disbelieved(&self.db, log.origin, key)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
