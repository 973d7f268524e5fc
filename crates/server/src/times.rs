//! When events were made: an interval for each, from the signed times in their chains and, after the last
//! of these, from when this server took them.

use std::collections::BTreeMap;

use attendance::{ClockParams, DeviceId, Event, EventTime, Timeline};
use ledger::LoggedEvent;
use seal::Hash;

use crate::error::ServerError;
use crate::server::Server;

impl Server {
    /// Computes the intervals of events, which are in the log's order, by their hash.
    pub(crate) async fn event_times(
        &self,
        events: &[LoggedEvent],
    ) -> Result<BTreeMap<Hash, EventTime>, ServerError> {
        let end = events.last().map_or(0, |last| last.index.saturating_add(1));
        let arrivals = self.store.arrivals(0..end).await?;
        let mut chains: BTreeMap<DeviceId, Vec<&LoggedEvent>> = BTreeMap::new();
        for logged in events {
            chains.entry(logged.event.device).or_default().push(logged);
        }
        let mut times = BTreeMap::new();
        for mut chain in chains.into_values() {
            chain.sort_by_key(|logged| logged.event.seq);
            let came =
                |logged: &&LoggedEvent| -> Option<i64> { arrivals.get(&logged.index).copied() };
            let with_arrivals: Vec<(&Event, Option<i64>)> =
                chain.iter().map(|logged| (&logged.event, came(logged))).collect();
            let timeline = Timeline::derive_with_arrivals(with_arrivals, &self.trust, CLOCK_PARAMS);
            let hashes = chain.iter().map(|logged| logged.hash);
            times.extend(hashes.zip(timeline.events));
        }
        Ok(times)
    }
}

/// How fast a good monotonic clock may run. For what is shown and for what is put aside: no sum rests on
/// it.
pub const CLOCK_PARAMS: ClockParams = ClockParams { fast_ppm: 200 };
