//! Taking a batch: a verdict per event, one transaction, then the signature.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use attendance::{
    ChainBreak, ChainHead, ChainedEvent, DeviceId, EventKind, LeafKind, UnverifiedEvent, follows,
};
use seal::Hash;
use server_store::{AppendError, NewEvent, NewLeaf, ParkedEvent, SequencedBatch};
use sync_api::{Batch, BatchError, BatchResponse, EventVerdict, HexHash, ProblemKind, VerdictKind};

use crate::error::ServerError;
use crate::server::Server;

/// What is known of a device while one batch is looked through.
struct ChainState {
    head: ChainHead,
    key: seal::PublicKey,
    suspended: bool,
}

/// One event's verdict, before leaf indices are known.
enum Judged {
    Stored(Box<ChainedEvent>),
    Duplicate(u64),
    Parked(&'static str),
    Deferred(&'static str, Option<u64>),
    Fork(DeviceId),
}

impl Server {
    /// Takes a batch: same bytes, same answer, for ever.
    ///
    /// # Errors
    /// [`ServerError::Refused`] if the frame is broken; a bad event inside is a verdict.
    pub async fn ingest(&self, named: Hash, body: &[u8]) -> Result<BatchResponse, ServerError> {
        if Batch::hash(body) != named {
            let detail = "the body's SHA-256 is not the one in the address: send it again";
            return Err(ServerError::refused(ProblemKind::Malformed, detail));
        }
        let batch = Batch::parse(body).map_err(|error| {
            let kind = match error {
                BatchError::TooLarge { .. } => ProblemKind::TooLarge,
                BatchError::Malformed(_) | BatchError::UnknownVersion(_) | _ => {
                    ProblemKind::Malformed
                }
            };
            ServerError::refused(kind, error.to_string())
        })?;
        let _one_writer = self.writer.lock().await;
        loop {
            match self.ingest_once(named, &batch).await {
                Err(ServerError::Append(AppendError::Moved { .. })) => {}
                done => return done,
            }
        }
    }

    async fn ingest_once(&self, named: Hash, batch: &Batch) -> Result<BatchResponse, ServerError> {
        let at = self.store.tree_size().await?;
        let hashes: Vec<Hash> = batch.events.iter().map(|bytes| seal::sha256(bytes)).collect();
        let known = self.store.leaf_indices(hashes.clone()).await?;
        let mut chains = BTreeMap::new();
        let mut in_batch: BTreeMap<Hash, u64> = BTreeMap::new();
        let mut writes =
            SequencedBatch { batch: Some((named, hashes.clone())), ..SequencedBatch::default() };
        let mut verdicts = Vec::with_capacity(hashes.len());
        let mut ledger_due = false;
        for ((bytes, hash), known) in batch.events.iter().zip(&hashes).zip(known) {
            let known = known.or_else(|| in_batch.get(hash).copied());
            let judged = match known {
                Some(index) => Judged::Duplicate(index),
                None => self.judge(bytes, &mut chains).await?,
            };
            let mut verdict = verdict_of(*hash, &judged);
            match judged {
                Judged::Stored(event) => {
                    let index = at + writes.leaves.len() as u64;
                    ledger_due |= touches_ledger(event.event().kind);
                    in_batch.insert(*hash, index);
                    writes.leaves.push(self.leaf_of(&event)?);
                    verdict.leaf_index = Some(index);
                }
                Judged::Parked(reason) => writes.parked.push(self.parked(*hash, bytes, reason)),
                Judged::Fork(device) => {
                    writes.parked.push(self.parked(*hash, bytes, "fork"));
                    writes.suspended.push(device);
                }
                Judged::Duplicate(_) | Judged::Deferred(..) => {}
            }
            verdicts.push(verdict);
        }
        self.store.append(at, writes).await?;
        self.sign_checkpoint().await?;
        for device in chains.keys() {
            self.store.touch_device(*device, self.clock.now_ms()).await?;
        }
        if ledger_due {
            self.ledger_due.notify_one();
        }
        Ok(BatchResponse { verdicts })
    }

    async fn judge(
        &self,
        bytes: &[u8],
        chains: &mut BTreeMap<DeviceId, ChainState>,
    ) -> Result<Judged, ServerError> {
        let Ok(unverified) = UnverifiedEvent::parse(bytes) else {
            return Ok(Judged::Parked("malformed"));
        };
        let device = unverified.event().device;
        let state = match chains.entry(device) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => match self.chain_state(device).await? {
                Some(state) => place.insert(state),
                None => return Ok(Judged::Deferred("unknown_device", None)),
            },
        };
        let Ok(event) = unverified.verify(&state.key) else {
            return Ok(Judged::Parked("bad_signature"));
        };
        let place = follows(&state.head, &event);
        // The event that gave the device away gets the same answer when it comes again.
        if state.suspended && !matches!(place, Err(ChainBreak::Fork)) {
            return Ok(Judged::Parked("suspended"));
        }
        Ok(match place {
            Ok(()) => {
                state.head = event.next_head();
                Judged::Stored(Box::new(event))
            }
            Err(ChainBreak::Gap { expected, .. }) => Judged::Deferred("gap", Some(expected)),
            Err(ChainBreak::Fork) => {
                state.suspended = true;
                Judged::Fork(device)
            }
            Err(_) => Judged::Parked("broken_link"),
        })
    }

    async fn chain_state(&self, device: DeviceId) -> Result<Option<ChainState>, ServerError> {
        let Some(certificate) = self.certificate(device).await? else { return Ok(None) };
        let suspended = self.store.device(device).await?.is_some_and(|device| device.suspended);
        let key = certificate.public_key();
        let head = match self.store.chain_tip(device).await? {
            Some(tip) => ChainHead { seq_next: tip.seq + 1, prev: tip.hash },
            None => ChainHead::genesis(&key),
        };
        Ok(Some(ChainState { head, key, suspended }))
    }

    fn parked(&self, hash: Hash, bytes: &[u8], reason: &str) -> ParkedEvent {
        tracing::warn!(event = %hash, reason, "an event was put aside");
        ParkedEvent {
            hash,
            bytes: bytes.to_vec(),
            reason: reason.to_owned(),
            arrived_ms: self.clock.now_ms(),
        }
    }

    fn leaf_of(&self, event: &ChainedEvent) -> Result<NewLeaf, ServerError> {
        let place =
            NewEvent { device: event.event().device, seq: event.event().seq, hash: event.hash() };
        Ok(NewLeaf {
            kind: LeafKind::Event,
            salt: self.entropy.draw()?,
            bytes: event.bytes().to_vec(),
            event: Some(place),
        })
    }
}

fn verdict_of(hash: Hash, judged: &Judged) -> EventVerdict {
    let (verdict, leaf_index, reason, expected_seq) = match judged {
        Judged::Stored(_) => (VerdictKind::Stored, None, None, None),
        Judged::Duplicate(index) => (VerdictKind::Duplicate, Some(*index), None, None),
        Judged::Parked(reason) => (VerdictKind::Parked, None, Some(*reason), None),
        Judged::Fork(_) => (VerdictKind::Parked, None, Some("fork"), None),
        Judged::Deferred(reason, expected) => {
            (VerdictKind::Deferred, None, Some(*reason), *expected)
        }
    };
    let reason = reason.map(str::to_owned);
    EventVerdict { event: HexHash(hash), verdict, leaf_index, reason, expected_seq }
}

/// True for what may close or pay a month.
fn touches_ledger(kind: EventKind) -> bool {
    matches!(kind, EventKind::MonthClose | EventKind::PaymentNotice)
}
