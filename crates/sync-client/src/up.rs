//! Upwards: batches, verdicts, receipts.

use std::collections::BTreeSet;

use device::{OutboxRow, Verdict};
use seal::Hash;
use sync_api::{
    BATCH_MEDIA_TYPE, Batch, BatchReceiptResponse, BatchResponse, COMPACT_RECEIPTS_MEDIA_TYPE,
    CompactReceipts, EventVerdict, VerdictKind,
};

use crate::client::{Contact, SyncReport};
use crate::error::SyncError;
use crate::history::of_log;
use crate::shared::SharedDevice;
use crate::transport::Call;

/// Events in one batch; a batch of this many is about 60 kB at most.
const BATCH_EVENTS: usize = 150;
const BATCH_BYTES: usize = 48 * 1024;

impl Contact {
    /// Sends batch after batch until the outbox is empty or the server takes nothing more. Receipts are
    /// fetched if the log is believed: else what the server has already is not sent again.
    pub(crate) async fn drain(
        &self,
        device: &SharedDevice,
        report: &mut SyncReport,
        believed: bool,
    ) -> Result<(), SyncError> {
        let mut done = BTreeSet::new();
        loop {
            let rows = device.with(|device| device.outbox(BATCH_EVENTS, BATCH_BYTES)).await;
            let rows = rows.map_err(SyncError::device)?;
            let waiting = if believed {
                let waiting = device.with(|device| device.awaiting_receipt());
                waiting.await.map_err(SyncError::device)?
            } else {
                Vec::new()
            };
            // What was sent but has no receipt goes again: the server calls it a duplicate, and the
            // receipt comes with this batch.
            let mut rows: Vec<OutboxRow> = waiting.into_iter().chain(rows).collect();
            rows.sort_by_key(|row| row.seq);
            rows.dedup_by_key(|row| row.seq);
            rows.truncate(BATCH_EVENTS);
            let fresh = rows.iter().any(|row| done.insert(row.seq));
            if !fresh {
                return Ok(());
            }
            self.send_batch(device, rows, report, believed).await?;
        }
    }

    async fn send_batch(
        &self,
        device: &SharedDevice,
        rows: Vec<OutboxRow>,
        report: &mut SyncReport,
        believed: bool,
    ) -> Result<(), SyncError> {
        let events: Vec<Hash> = rows.iter().map(|row| row.hash).collect();
        let bytes = Batch { events: rows.into_iter().map(|row| row.bytes).collect() }.to_bytes();
        let hash = Batch::hash(&bytes);
        let put = Call::put(format!("{}/v1/batch/{hash}", self.server), BATCH_MEDIA_TYPE, bytes);
        let answer: BatchResponse = self.send(put.with_token(&self.hello.token)).await?;
        for verdict in &answer.verdicts {
            match verdict.verdict {
                VerdictKind::Stored | VerdictKind::Duplicate => report.sent += 1,
                VerdictKind::Parked => report.parked += 1,
                VerdictKind::Deferred => {}
            }
        }
        let verdicts: Vec<(Hash, Verdict)> = answer.verdicts.into_iter().map(kept).collect();
        let logged = verdicts
            .iter()
            .any(|(_, verdict)| matches!(verdict, Verdict::Stored | Verdict::Duplicate));
        let kept = device.with(move |device| device.record_verdicts(&verdicts)).await;
        kept.map_err(SyncError::device)?;
        if logged && believed {
            report.receipted += self.fetch_receipts(device, hash, events).await?;
        }
        Ok(())
    }

    /// Fetches the receipts of a batch: one that splits into those of each event, or, from a server
    /// that has no such thing or whose one does not hold, those of each event.
    async fn fetch_receipts(
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
        let compact = CompactReceipts::parse(&answer.body)
            .map_err(|error| SyncError::Foreign(error.to_string()))?;
        if let Some(stored) = self.store_split(device, compact, &events).await? {
            return Ok(stored);
        }
        // One bad leaf spoils the one receipt of all: each by itself spoils only its own.
        let answer = self.answered(Call::get(url)).await?;
        self.store_each(device, &answer.body).await
    }

    /// Splits the receipt of a batch and keeps those of each event; nothing if it does not hold.
    async fn store_split(
        &self,
        device: &SharedDevice,
        compact: CompactReceipts,
        events: &[Hash],
    ) -> Result<Option<u64>, SyncError> {
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

pub(crate) fn kept(verdict: EventVerdict) -> (Hash, Verdict) {
    let reason = verdict.reason.unwrap_or_default();
    let kept = match verdict.verdict {
        VerdictKind::Stored => Verdict::Stored,
        VerdictKind::Duplicate => Verdict::Duplicate,
        VerdictKind::Parked => Verdict::Parked(reason),
        VerdictKind::Deferred => Verdict::Deferred(reason),
    };
    (verdict.event.0, kept)
}

/// Reads a salt as it came.
pub(crate) fn salt(bytes: &[u8]) -> Result<[u8; 16], SyncError> {
    bytes.try_into().map_err(|_| SyncError::Foreign("a salt has 16 bytes".into()))
}
