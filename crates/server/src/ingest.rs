//! Taking a batch: a verdict per event, one transaction, then the signature.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use attendance::{
    ChainBreak, ChainHead, ChainedEvent, DeviceId, EventKind, LeafKind, PACKED_VERSION,
    UnverifiedEvent, VerifiedCertificate, follows,
};
use seal::Hash;
use server_store::{AppendError, NewEvent, NewLeaf, ParkedEvent, SequencedBatch};
use sync_api::{Batch, BatchError, BatchResponse, EventVerdict, HexHash, ProblemKind, VerdictKind};

use crate::closing::FOLLOW_EVERY;
use crate::error::ServerError;
use crate::pressure::writer::Turn;
use crate::server::Server;

/// What is known of a device while one batch is looked through.
pub(crate) struct ChainState {
    pub(crate) head: ChainHead,
    pub(crate) certificate: Arc<VerifiedCertificate>,
    pub(crate) suspended: bool,
    pub(crate) revoked: bool,
}

/// What is known and what will be written while one batch is looked through.
#[derive(Default)]
pub(crate) struct Taking {
    pub(crate) at: u64,
    pub(crate) chains: BTreeMap<DeviceId, ChainState>,
    pub(crate) writes: SequencedBatch,
    /// Leaves of this batch, by the event.
    leaf_indices: BTreeMap<Hash, u64>,
    ledger_due: bool,
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
    /// Takes a batch, plain or packed (the first byte says which): same bytes, same answer, for ever. It
    /// waits for its turn as the server's own jobs do, without a bound; what comes from outside waits in
    /// its device's lane.
    ///
    /// # Errors
    /// [`ServerError::Refused`] if the frame is broken, or it is packed against a roster that cannot be
    /// made here any more; a bad event inside is a verdict.
    pub async fn ingest(&self, named: Hash, body: &[u8]) -> Result<BatchResponse, ServerError> {
        let turn = self.writer.lock().await;
        self.ingest_in(&turn, named, body).await
    }

    /// Takes a batch in the turn that was given.
    pub(crate) async fn ingest_in(
        &self,
        turn: &Turn,
        named: Hash,
        body: &[u8],
    ) -> Result<BatchResponse, ServerError> {
        if Batch::hash(body) != named {
            let detail = "the body's SHA-256 is not the one in the address: send it again";
            return Err(ServerError::refused(ProblemKind::Malformed, detail));
        }
        let events = if body.first() == Some(&PACKED_VERSION) {
            match self.unpack(body).await? {
                Some(events) => events,
                None => return self.again(self.events_of_known(named).await?).await,
            }
        } else {
            Batch::parse(body).map_err(frame_refused)?.events
        };
        self.ingest_events(turn, named, &events).await
    }

    /// Takes the events of a batch in the turn that was given, by whatever way they came.
    pub(crate) async fn ingest_events(
        &self,
        _turn: &Turn,
        named: Hash,
        events: &[Vec<u8>],
    ) -> Result<BatchResponse, ServerError> {
        loop {
            match self.ingest_once(named, events).await {
                Err(ServerError::Append(AppendError::Moved { .. })) => {}
                done => return done,
            }
        }
    }

    /// Answers about events that are all in the log.
    async fn again(&self, events: Vec<Hash>) -> Result<BatchResponse, ServerError> {
        let logged = self.store.leaf_indices(events.clone()).await?;
        let known = events.into_iter().zip(logged.into_iter().flatten());
        let verdicts = known.map(|(hash, index)| verdict_of(hash, &Judged::Duplicate(index)));
        Ok(BatchResponse { verdicts: verdicts.collect() })
    }

    async fn ingest_once(
        &self,
        named: Hash,
        events: &[Vec<u8>],
    ) -> Result<BatchResponse, ServerError> {
        let at = self.store.tree_size().await?;
        let hashes: Vec<Hash> = events.iter().map(|bytes| seal::sha256(bytes)).collect();
        let known = self.store.leaf_indices(hashes.clone()).await?;
        let mut taking = Taking { at, ..Taking::default() };
        taking.writes.batch = Some((named, hashes.clone()));
        taking.writes.arrived_ms = Some(self.clock.now_ms());
        let ended = self.made_after_the_end(events).await?;
        let mut verdicts = Vec::with_capacity(hashes.len());
        let mut authors = BTreeSet::new();
        for ((bytes, hash), known) in events.iter().zip(&hashes).zip(known) {
            let known = known.or_else(|| taking.leaf_indices.get(hash).copied());
            let judged = match known {
                Some(index) => Judged::Duplicate(index),
                None => {
                    let is_late = ended.contains(hash);
                    self.judge(bytes, is_late, &mut taking.chains, &mut authors).await?
                }
            };
            let mut verdict = verdict_of(*hash, &judged);
            match judged {
                Judged::Stored(event) => {
                    verdict.leaf_index = Some(taking.append(&event, self.leaf_of(&event)?));
                    self.note_permission(&event, &taking);
                    self.decide(&event, &mut taking).await?;
                }
                Judged::Parked(reason) => {
                    taking.writes.parked.push(self.parked(*hash, bytes, reason));
                }
                Judged::Fork(device) => {
                    taking.writes.parked.push(self.parked(*hash, bytes, "fork"));
                    taking.writes.suspended.push(device);
                }
                Judged::Duplicate(_) | Judged::Deferred(..) => {}
            }
            verdicts.push(verdict);
        }
        self.store.append(at, taking.writes).await?;
        self.sign_checkpoint().await?;
        for device in authors {
            self.store.touch_device(device, self.clock.now_ms()).await?;
        }
        if taking.ledger_due {
            self.ledger_due.notify_one();
        }
        self.metrics.verdicts(&verdicts);
        Ok(BatchResponse { verdicts })
    }

    /// Notes that an event has no effect, since its device may not make one of its kind. It is logged
    /// like any other: what was asserted is never lost.
    fn note_permission(&self, event: &ChainedEvent, taking: &Taking) {
        let (kind, device) = (event.event().kind, event.event().device);
        let state = taking.chains.get(&device);
        if state.is_some_and(|state| !state.certificate.certificate().may_make(kind)) {
            tracing::warn!(%device, ?kind, "an event of no effect: its device may not make it");
            self.metrics.without_permission();
        }
    }

    async fn judge(
        &self,
        bytes: &[u8],
        is_late: bool,
        chains: &mut BTreeMap<DeviceId, ChainState>,
        authors: &mut BTreeSet<DeviceId>,
    ) -> Result<Judged, ServerError> {
        let Ok(unverified) = UnverifiedEvent::parse(bytes) else {
            return Ok(Judged::Parked("malformed"));
        };
        let device = unverified.event().device;
        let Some(state) = self.chain_of(device, chains).await? else {
            return Ok(Judged::Deferred("unknown_device", None));
        };
        authors.insert(device);
        let Ok(event) = unverified.verify(&state.certificate.public_key()) else {
            return Ok(Judged::Parked("bad_signature"));
        };
        let place = follows(&state.head, &event);
        // The event that gave the device away gets the same answer when it comes again.
        if state.suspended && !matches!(place, Err(ChainBreak::Fork)) {
            return Ok(Judged::Parked("suspended"));
        }
        // Before the chain is asked: what comes after one that is put aside would seem to have a gap.
        if state.revoked && !matches!(place, Err(ChainBreak::Fork)) {
            return Ok(Judged::Parked("revoked"));
        }
        if is_late && !matches!(place, Err(ChainBreak::Fork)) {
            return Ok(Judged::Parked("expired"));
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

    /// Gives what is known of a device's chain, read once for a batch.
    pub(crate) async fn chain_of<'c>(
        &self,
        device: DeviceId,
        chains: &'c mut BTreeMap<DeviceId, ChainState>,
    ) -> Result<Option<&'c mut ChainState>, ServerError> {
        Ok(match chains.entry(device) {
            Entry::Occupied(known) => Some(known.into_mut()),
            Entry::Vacant(place) => {
                self.chain_state(device).await?.map(|state| place.insert(state))
            }
        })
    }

    async fn chain_state(&self, device: DeviceId) -> Result<Option<ChainState>, ServerError> {
        let Some(certificate) = self.certificate(device).await? else { return Ok(None) };
        let stored = self.store.device(device).await?.ok_or(ServerError::Stored("device"))?;
        let head = match self.store.chain_tip(device).await? {
            Some(tip) => ChainHead { seq_next: tip.seq + 1, prev: tip.hash },
            None => ChainHead::genesis(&certificate.public_key()),
        };
        let (suspended, revoked) = (stored.suspended, stored.revoked.is_some());
        Ok(Some(ChainState { head, certificate, suspended, revoked }))
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

    pub(crate) fn leaf_of(&self, event: &ChainedEvent) -> Result<NewLeaf, ServerError> {
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

fn frame_refused(error: BatchError) -> ServerError {
    let kind = match error {
        BatchError::TooLarge { .. } => ProblemKind::TooLarge,
        BatchError::Malformed(_) | BatchError::UnknownVersion(_) | _ => ProblemKind::Malformed,
    };
    ServerError::refused(kind, error.to_string())
}

impl Taking {
    /// Puts an event's leaf at the end of the log. Gives its leaf index.
    pub(crate) fn append(&mut self, event: &ChainedEvent, leaf: NewLeaf) -> u64 {
        let index = self.at + self.writes.leaves.len() as u64;
        self.ledger_due |= touches_ledger(event.event().kind) || index.is_multiple_of(FOLLOW_EVERY);
        self.leaf_indices.insert(event.hash(), index);
        self.writes.leaves.push(leaf);
        index
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
