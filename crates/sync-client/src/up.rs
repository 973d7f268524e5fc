//! Upwards: batches, verdicts, receipts.

use std::collections::BTreeSet;

use device::{OutboxRow, Verdict};
use seal::Hash;
use sync_api::{
    BATCH_MEDIA_TYPE, Batch, BatchReceiptResponse, BatchResponse, EventVerdict, VerdictKind,
};

use crate::client::{Contact, SyncReport, send};
use crate::error::SyncError;
use crate::shared::SharedDevice;

/// Events in one batch; a batch of this many is about 60 kB at most.
const BATCH_EVENTS: usize = 150;
const BATCH_BYTES: usize = 48 * 1024;

impl Contact {
    /// Sends batch after batch until the outbox is empty or the server takes nothing more.
    pub(crate) async fn drain(
        &self,
        device: &SharedDevice,
        report: &mut SyncReport,
    ) -> Result<(), SyncError> {
        let mut done = BTreeSet::new();
        loop {
            let rows = device.with(|device| device.outbox(BATCH_EVENTS, BATCH_BYTES)).await;
            let rows = rows.map_err(SyncError::device)?;
            let waiting = device.with(|device| device.awaiting_receipt());
            let waiting = waiting.await.map_err(SyncError::device)?;
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
            self.send_batch(device, rows, report).await?;
        }
    }

    async fn send_batch(
        &self,
        device: &SharedDevice,
        rows: Vec<OutboxRow>,
        report: &mut SyncReport,
    ) -> Result<(), SyncError> {
        let bytes = Batch { events: rows.into_iter().map(|row| row.bytes).collect() }.to_bytes();
        let hash = Batch::hash(&bytes);
        let put = self
            .http
            .put(format!("{}/v1/batch/{hash}", self.server))
            .bearer_auth(&self.hello.token)
            .header("content-type", BATCH_MEDIA_TYPE)
            .body(bytes);
        let answer: BatchResponse = send(put).await?;
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
        if logged {
            report.receipted += self.fetch_receipts(device, hash).await?;
        }
        Ok(())
    }

    async fn fetch_receipts(&self, device: &SharedDevice, batch: Hash) -> Result<u64, SyncError> {
        let url = format!("{}/v1/batch/{batch}/receipt", self.server);
        let answer: BatchReceiptResponse = send(self.http.get(url)).await?;
        let mut receipts = Vec::with_capacity(answer.receipts.len());
        for receipt in answer.receipts {
            receipts.push((receipt.event.0, salt(&receipt.salt.0)?, receipt.receipt.0));
        }
        let stored =
            device.with(move |device| device.store_receipts(&answer.checkpoint, &receipts)).await;
        let stored = stored.map_err(|error| SyncError::Proof(error.to_string()))?;
        Ok(stored as u64)
    }
}

fn kept(verdict: EventVerdict) -> (Hash, Verdict) {
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
