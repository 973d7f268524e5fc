//! What the log has of one device, and what was put aside: for the device itself, and for the board.

use attendance::{DeviceId, UnverifiedEvent};
use sync_api::{
    CHAIN_PAGE_EVENTS, ChainEvent, ChainResponse, CompactReceipts, HexHash, OwnParkedResponse,
    ParkedEventResponse, ProblemKind,
};

use crate::error::ServerError;
use crate::receipts::LoggedOfBatch;
use crate::server::Server;

impl Server {
    /// Gives the events of a device that are in the log, from position `from` on and before `to`.
    ///
    /// # Errors
    /// [`ServerError::Refused`] for more positions than one answer covers.
    pub async fn chain(
        &self,
        device: DeviceId,
        from: u64,
        to: u64,
    ) -> Result<ChainResponse, ServerError> {
        let events = self.store.chain(device, positions(from, to)?).await?.into_iter();
        let events = events.map(|event| ChainEvent {
            seq: event.seq,
            event: HexHash(event.hash),
            leaf_index: event.leaf_index,
        });
        Ok(ChainResponse { events: events.collect() })
    }

    /// Makes one receipt for the events of a device in the log, from position `from` on and before
    /// `to`; their places count from `from`. Nothing if none is there.
    ///
    /// # Errors
    /// [`ServerError::Refused`] for more positions than one answer covers.
    pub async fn chain_receipts(
        &self,
        device: DeviceId,
        from: u64,
        to: u64,
    ) -> Result<Option<CompactReceipts>, ServerError> {
        let checkpoint = self.checkpoint().await?;
        let events = self.store.chain(device, positions(from, to)?).await?.into_iter();
        let logged =
            events.filter(|event| event.leaf_index < checkpoint.size).filter_map(|event| {
                let place = u16::try_from(event.seq - from).ok()?;
                Some(LoggedOfBatch { place, hash: event.hash, leaf_index: event.leaf_index })
            });
        self.one_receipt(logged.collect(), checkpoint).await
    }

    /// Lists the events of a device that were put aside, in the order they came.
    ///
    /// # Errors
    /// [`ServerError`] if storage fails.
    pub async fn parked_of(&self, device: DeviceId) -> Result<OwnParkedResponse, ServerError> {
        let parked = self.store.parked_events().await?.into_iter();
        let parked = parked.filter_map(|parked| {
            let event = UnverifiedEvent::parse(&parked.bytes).ok()?;
            (event.event().device == device).then(|| ParkedEventResponse {
                event: HexHash(parked.hash),
                seq: event.event().seq,
                reason: parked.reason,
                arrived_ms: parked.arrived_ms,
            })
        });
        Ok(OwnParkedResponse { parked: parked.collect() })
    }
}

fn positions(from: u64, to: u64) -> Result<std::ops::Range<u64>, ServerError> {
    if to.checked_sub(from).is_some_and(|count| count <= CHAIN_PAGE_EVENTS) {
        return Ok(from..to);
    }
    let detail = format!("ask for at most {CHAIN_PAGE_EVENTS} positions, in their order");
    Err(ServerError::refused(ProblemKind::Malformed, detail))
}
