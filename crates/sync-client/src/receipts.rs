//! Receipts: of a batch, or of positions of the chain whose receipts were lost on the way.

use device::OutboxRow;
use seal::Hash;
use sync_api::{
    BatchReceiptResponse, CHAIN_PAGE_EVENTS, COMPACT_RECEIPTS_MEDIA_TYPE, CompactReceipts,
};

use crate::client::Contact;
use crate::down::salt;
use crate::error::SyncError;
use crate::history::of_log;
use crate::shared::SharedDevice;
use crate::transport::Call;

/// The most stretches of the chain that are asked about at one contact; what is left is sent again.
const STRETCHES_MAX: usize = 8;

impl Contact {
    /// Fetches the receipts of a batch: one that splits into those of each event, or, from a server
    /// that has no such thing or whose one does not hold, those of each event.
    pub(crate) async fn fetch_receipts(
        &self,
        device: &SharedDevice,
        batch: Hash,
        events: Vec<Hash>,
    ) -> Result<u64, SyncError> {
        let url = format!("{}/v1/batch/{batch}/receipt", self.server);
        let compact = Call::get(url.clone()).accepting(COMPACT_RECEIPTS_MEDIA_TYPE);
        let answer = self.answered(compact).await?;
        if answer.media_type != COMPACT_RECEIPTS_MEDIA_TYPE {
            return self.store_each(device, &answer.body).await;
        }
        if let Some(stored) = self.store_split(device, &answer.body, &events).await? {
            return Ok(stored);
        }
        // One bad leaf spoils the one receipt of all: each by itself spoils only its own.
        let answer = self.answered(Call::get(url)).await?;
        self.store_each(device, &answer.body).await
    }

    /// Fetches receipts of what the server took and whose receipts did not arrive, without sending the
    /// events again. What does not come by this way is sent again, and its receipt comes with it.
    pub(crate) async fn fetch_missing_receipts(
        &self,
        device: &SharedDevice,
    ) -> Result<u64, SyncError> {
        let waiting = device.with(|device| device.awaiting_receipt()).await;
        let mut stored = 0;
        for stretch in
            stretches(waiting.map_err(SyncError::device)?).into_iter().take(STRETCHES_MAX)
        {
            let Some(first) = stretch.first().map(|row| row.seq) else { continue };
            let events: Vec<Hash> = stretch.iter().map(|row| row.hash).collect();
            let path = format!("chain/{first}/{}/receipt", first + events.len() as u64);
            let call = self.request(&path).accepting(COMPACT_RECEIPTS_MEDIA_TYPE);
            match self.answered(call).await {
                Ok(answer) if answer.media_type == COMPACT_RECEIPTS_MEDIA_TYPE => {
                    let kept = self.store_split(device, &answer.body, &events).await?;
                    stored += kept.unwrap_or_default();
                }
                Err(fault @ (SyncError::Offline(_) | SyncError::Busy { .. })) => return Err(fault),
                // An older server knows no such place, or has lost the events.
                Ok(_) | Err(_) => return Ok(stored),
            }
        }
        Ok(stored)
    }

    /// Splits the receipt of several events and keeps those of each; nothing if it does not hold.
    async fn store_split(
        &self,
        device: &SharedDevice,
        bytes: &[u8],
        events: &[Hash],
    ) -> Result<Option<u64>, SyncError> {
        let compact =
            CompactReceipts::parse(bytes).map_err(|error| SyncError::Foreign(error.to_string()))?;
        let event = |place: &u16| events.get(usize::from(*place)).copied();
        let Some(named) = compact.places.iter().map(event).collect::<Option<Vec<Hash>>>() else {
            return Err(SyncError::Foreign("a receipt for more events than were sent".into()));
        };
        let leaves: Vec<_> = named.into_iter().zip(compact.salts).collect();
        self.follow(device, &compact.checkpoint).await?;
        let stored = device.with(move |device| {
            let split = device.split_batch_receipt(&compact.receipt, &leaves)?;
            split.map(|each| device.store_receipts(&compact.checkpoint, &each)).transpose()
        });
        Ok(stored.await.map_err(of_log)?.map(|stored| stored as u64))
    }

    /// Keeps the receipts of each event.
    async fn store_each(&self, device: &SharedDevice, json: &[u8]) -> Result<u64, SyncError> {
        let answer: BatchReceiptResponse =
            serde_json::from_slice(json).map_err(|error| SyncError::Foreign(error.to_string()))?;
        let mut receipts = Vec::with_capacity(answer.receipts.len());
        for receipt in answer.receipts {
            receipts.push((receipt.event.0, salt(&receipt.salt.0)?, receipt.receipt.0));
        }
        self.follow(device, &answer.checkpoint).await?;
        let stored =
            device.with(move |device| device.store_receipts(&answer.checkpoint, &receipts)).await;
        Ok(stored.map_err(of_log)? as u64)
    }
}

/// Groups events, in chain order, into stretches without a gap that one answer covers.
fn stretches(rows: Vec<OutboxRow>) -> Vec<Vec<OutboxRow>> {
    let mut stretches: Vec<Vec<OutboxRow>> = Vec::new();
    for row in rows {
        match stretches.last_mut() {
            Some(stretch)
                if (stretch.len() as u64) < CHAIN_PAGE_EVENTS
                    && stretch.last().is_some_and(|last| last.seq + 1 == row.seq) =>
            {
                stretch.push(row);
            }
            Some(_) | None => stretches.push(vec![row]),
        }
    }
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_end_at_gaps_and_at_what_one_answer_covers() {
        let row = |seq: u64| OutboxRow { seq, hash: seal::sha256(b"event"), bytes: Vec::new() };
        let rows = [1, 2, 5].into_iter().chain(10..10 + CHAIN_PAGE_EVENTS + 1).map(row).collect();
        let lengths: Vec<usize> = stretches(rows).iter().map(Vec::len).collect();
        assert_eq!(lengths, [2, 1, 1024, 1]);
    }
}
