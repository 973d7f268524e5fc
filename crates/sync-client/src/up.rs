//! Upwards: batches as large as the link carries in some seconds, and a verdict for each event.

use attendance::PackContext;
use device::{Device, OutboxRow, StoreError, Verdict};
use seal::Hash;
use sync_api::{
    BATCH_MEDIA_TYPE, Batch, BatchResponse, COMPACT_VERDICTS_MEDIA_TYPE, CompactVerdicts,
    EventVerdict, PACKED_BATCH_MEDIA_TYPE, ProblemKind, VerdictKind,
};

use crate::client::{Contact, SyncReport};
use crate::error::SyncError;
use crate::shared::SharedDevice;
use crate::transport::{Answer, Call};

/// What an event takes on the wire at least; what is taken too much is trimmed when the batch is made.
const PACKED_EVENT_BYTES: usize = 70;
const PLAIN_EVENT_BYTES: usize = 150;
/// The most events of a batch.
const BATCH_EVENTS: usize = attendance::PACKED_MAX_EVENTS;

/// What is to be sent, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sending {
    /// Receipts count: the log is believed.
    pub(crate) believed: bool,
    /// The server has lost what it had from this position on.
    pub(crate) lost_from: Option<u64>,
    /// The server takes packed batches.
    pub(crate) packed: bool,
}

/// A batch, ready to be sent.
struct Formed {
    media_type: &'static str,
    bytes: Vec<u8>,
    events: Vec<Hash>,
    /// The position after its last event.
    next: u64,
}

impl Contact {
    /// Sends batch after batch until the outbox is empty or the server takes nothing more. Receipts are
    /// fetched if the log is believed: else what the server has already is not sent again.
    pub(crate) async fn drain(
        &self,
        device: &SharedDevice,
        report: &mut SyncReport,
        mut sending: Sending,
    ) -> Result<(), SyncError> {
        if sending.believed {
            report.receipted += self.fetch_missing_receipts(device).await?;
        }
        // In the chain's order, each position once: what is deferred keeps nothing after it waiting.
        let mut from = 0;
        loop {
            let size = self.size().bytes();
            let rows = device.with(move |device| rows(device, from, size, sending)).await;
            let rows = rows.map_err(SyncError::device)?;
            if rows.is_empty() {
                return Ok(());
            }
            match self.send_batch(device, rows, report, sending).await {
                Ok(next) => from = next,
                // The roster changed between the hello and this batch.
                Err(SyncError::Refused(problem))
                    if sending.packed && problem.kind == ProblemKind::OtherRoster =>
                {
                    sending.packed = false;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Sends one event by itself: evidence of a second history.
    pub(crate) async fn send_evidence(
        &self,
        device: &SharedDevice,
        row: OutboxRow,
        report: &mut SyncReport,
    ) -> Result<(), SyncError> {
        let sending = Sending { believed: false, lost_from: None, packed: false };
        self.send_batch(device, vec![row], report, sending).await.map(drop)
    }

    /// Sends as many of the events as a batch holds, and gives the position after the last of them.
    async fn send_batch(
        &self,
        device: &SharedDevice,
        rows: Vec<OutboxRow>,
        report: &mut SyncReport,
        sending: Sending,
    ) -> Result<u64, SyncError> {
        let size = self.size().bytes();
        let formed = device.with(move |device| form(device, rows, size, sending.packed)).await;
        let Formed { media_type, bytes, events, next } = formed;
        let hash = Batch::hash(&bytes);
        let answer = self.put_batch(device, hash, media_type, bytes).await?;
        let answer = read_verdicts(&answer, &events)?;
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
        if logged && sending.believed {
            report.receipted += self.fetch_receipts(device, hash, events).await?;
        }
        Ok(next)
    }

    /// Puts a batch, and learns from it how large the next one is to be.
    async fn put_batch(
        &self,
        device: &SharedDevice,
        hash: Hash,
        media_type: &'static str,
        bytes: Vec<u8>,
    ) -> Result<Answer, SyncError> {
        let sent = bytes.len();
        let put = Call::put(format!("{}/v1/batch/{hash}", self.server), media_type, bytes);
        let put = put.with_token(&self.hello.token).accepting(COMPACT_VERDICTS_MEDIA_TYPE);
        let began = device.with(|device| device.now().mono_ms).await;
        let answer = self.answered(put).await;
        let ended = device.with(|device| device.now().mono_ms).await;
        match &answer {
            Ok(_) => self.learn(|size| size.answered(sent, ended.saturating_sub(began))),
            Err(SyncError::Offline(_)) => self.learn(crate::BatchSize::unanswered),
            Err(_) => {}
        }
        answer
    }
}

/// Finds what to send from a position on, in chain order: what the server has lost, what it took without
/// a receipt (the server calls it a duplicate, and the receipt comes with the batch), and what it never
/// had.
fn rows(
    device: &Device,
    from: u64,
    size: usize,
    sending: Sending,
) -> Result<Vec<OutboxRow>, StoreError> {
    let each = if sending.packed { PACKED_EVENT_BYTES } else { PLAIN_EVENT_BYTES };
    let limit = (size / each).clamp(1, BATCH_EVENTS);
    let mut rows = device.outbox_from(from, limit)?;
    if sending.believed {
        rows.extend(device.awaiting_receipt()?.into_iter().filter(|row| row.seq >= from));
    }
    if let Some(lost_from) = sending.lost_from {
        rows.extend(device.taken_from(lost_from.max(from), limit)?);
    }
    rows.sort_by_key(|row| row.seq);
    rows.dedup_by_key(|row| row.seq);
    rows.truncate(limit);
    Ok(rows)
}

/// Makes a batch of as many of the events as fit into `size` bytes, of one at least.
fn form(device: &Device, mut rows: Vec<OutboxRow>, size: usize, packed: bool) -> Formed {
    loop {
        let (media_type, bytes) = encode(device, &rows, packed);
        if bytes.len() <= size || rows.len() <= 1 {
            let next = rows.last().map_or(0, |row| row.seq.saturating_add(1));
            let events = rows.into_iter().map(|row| row.hash).collect();
            return Formed { media_type, bytes, events, next };
        }
        let fit = rows.len().saturating_mul(size) / bytes.len();
        rows.truncate(fit.clamp(1, rows.len() - 1));
    }
}

fn encode(device: &Device, rows: &[OutboxRow], packed: bool) -> (&'static str, Vec<u8>) {
    let events = || rows.iter().map(|row| row.bytes.as_slice());
    if packed {
        let context = device.roster().map_or_else(PackContext::empty, PackContext::of);
        if let Ok(bytes) = attendance::pack(&events().collect::<Vec<_>>(), &context) {
            return (PACKED_BATCH_MEDIA_TYPE, bytes);
        }
    }
    (BATCH_MEDIA_TYPE, Batch { events: events().map(<[u8]>::to_vec).collect() }.to_bytes())
}

fn read_verdicts(answer: &Answer, events: &[Hash]) -> Result<BatchResponse, SyncError> {
    if answer.media_type == COMPACT_VERDICTS_MEDIA_TYPE {
        let compact = CompactVerdicts::parse(&answer.body);
        let read = compact.and_then(|compact| compact.of_events(events));
        return read.map_err(|error| SyncError::Foreign(error.to_string()));
    }
    serde_json::from_slice(&answer.body).map_err(|error| SyncError::Foreign(error.to_string()))
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
