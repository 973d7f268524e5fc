//! `GET /v1/delta/{trust,revocations,visits,confirmations}/{from}`: what comes down to the
//! asking device.

use std::collections::BTreeSet;
use std::sync::Arc;

use attendance::{DeviceId, EventKind, LeafKind, UnverifiedEvent};
use axum::Json;
use axum::extract::State;
use server_store::{StoredCheckpoint, StoredLeaf};
use sync_api::{
    Base64, ConfirmationsResponse, ProblemKind, RevocationsResponse, SeenVisitResponse,
    TrustResponse, VisitsResponse,
};

use super::access::Caller;
use super::segment::Segment;
use crate::error::ServerError;
use crate::server::Server;
use crate::views::Answered;

/// How many leaves one answer looks through.
const PAGE_LEAVES: u64 = 2_000;
/// How many visits one answer holds.
const PAGE_VISITS: usize = 100;

pub(super) async fn trust(
    State(server): State<Arc<Server>>,
    Segment(from): Segment<u32>,
) -> Result<Json<TrustResponse>, ServerError> {
    newer(server.trust.version, from)?;
    Ok(Json(TrustResponse { trust_list: Base64(server.trust_bytes.clone()) }))
}

pub(super) async fn revocations(
    State(server): State<Arc<Server>>,
    Segment(from): Segment<u32>,
) -> Result<Json<RevocationsResponse>, ServerError> {
    newer(server.revocations_version().await?, from)?;
    Ok(Json(RevocationsResponse { revocations: Base64(server.revocations().await?) }))
}

/// Refuses a question for a newer version where there is none.
pub(super) fn newer(version: u32, from: u32) -> Result<(), ServerError> {
    if version > from {
        return Ok(());
    }
    Err(ServerError::refused(ProblemKind::NotFound, "there is no newer version"))
}

pub(super) async fn visits(
    State(server): State<Arc<Server>>,
    caller: Caller,
    Segment(from): Segment<u64>,
) -> Result<Json<VisitsResponse>, ServerError> {
    let certificate = caller.certificate.certificate();
    let (mut page, events) = Page::read(&server, from).await?;
    let mut seen = BTreeSet::new();
    for leaf in events {
        let event =
            UnverifiedEvent::parse(&leaf.bytes).map_err(|_| ServerError::Stored("event"))?;
        let event = event.event();
        let own = event.child.filter(|child| certificate.children.contains(child));
        let Some(child) = own.filter(|_| event.kind == EventKind::In) else { continue };
        seen.insert(child);
        if page.keep(leaf.leaf_index, event.device) {
            break;
        }
    }
    server.saw(caller.viewer(), Answered::Visits, seen).await?;
    let visits = proven(&server, page.found, &page.checkpoint).await?;
    let (next, more) = (page.next, page.next < page.checkpoint.size);
    Ok(Json(VisitsResponse { checkpoint: page.checkpoint.note, visits, next, more }))
}

pub(super) async fn confirmations(
    State(server): State<Arc<Server>>,
    caller: Caller,
    Segment(from): Segment<u64>,
) -> Result<Json<ConfirmationsResponse>, ServerError> {
    let (mut page, events) = Page::read(&server, from).await?;
    let mut answers = Vec::new();
    let mut seen = BTreeSet::new();
    for leaf in events {
        let event =
            UnverifiedEvent::parse(&leaf.bytes).map_err(|_| ServerError::Stored("event"))?;
        let event = event.event();
        let is_answer = matches!(event.kind, EventKind::Confirm | EventKind::Dispute);
        if let Some(about) = event.about.filter(|_| is_answer) {
            answers.push((leaf, event.device, about));
        }
    }
    let about = answers.iter().map(|(_, _, about)| *about).collect();
    let recorders = server.store.recorders(about).await?;
    for ((leaf, family, _), recorder) in answers.into_iter().zip(recorders) {
        if recorder == Some(caller.device()) {
            seen.extend(server.children_of(&leaf).await?);
            if page.keep(leaf.leaf_index, family) {
                break;
            }
        }
    }
    server.saw(caller.viewer(), Answered::Answers, seen).await?;
    let answers = proven(&server, page.found, &page.checkpoint).await?;
    let (next, more) = (page.next, page.next < page.checkpoint.size);
    Ok(Json(ConfirmationsResponse { checkpoint: page.checkpoint.note, answers, next, more }))
}

/// The part of the log that one answer looks through, and what of it is shown.
struct Page {
    checkpoint: StoredCheckpoint,
    found: Vec<(u64, DeviceId)>,
    /// The leaf to go on from.
    next: u64,
}

impl Page {
    /// Begins a page at a leaf; gives the events that are in its part of the log.
    async fn read(
        server: &Server,
        from: u64,
    ) -> Result<(Self, impl Iterator<Item = StoredLeaf>), ServerError> {
        let checkpoint = server.checkpoint().await?;
        let next = checkpoint.size.min(from.saturating_add(PAGE_LEAVES));
        let leaves = server.store.leaves(from.min(next)..next).await?;
        let events = leaves.into_iter().filter(|leaf| leaf.kind == LeafKind::Event);
        Ok((Self { checkpoint, found: Vec::new(), next }, events))
    }

    /// Keeps an event to be shown; true when the page is full with it.
    fn keep(&mut self, leaf_index: u64, device: DeviceId) -> bool {
        self.found.push((leaf_index, device));
        let full = self.found.len() == PAGE_VISITS;
        if full {
            self.next = leaf_index + 1;
        }
        full
    }
}

/// Puts events together with their proofs and the certificates of who signed them.
async fn proven(
    server: &Server,
    found: Vec<(u64, DeviceId)>,
    checkpoint: &StoredCheckpoint,
) -> Result<Vec<SeenVisitResponse>, ServerError> {
    let leaves = found.iter().map(|(index, _)| *index).collect();
    let receipts = server.leaf_receipts(leaves, checkpoint).await?;
    let mut shown = Vec::with_capacity(found.len());
    for ((_, device), proof) in found.into_iter().zip(receipts) {
        let signer = server.certificate(device).await?.ok_or(ServerError::Stored("device"))?;
        shown.push(SeenVisitResponse {
            certificate: Base64(signer.bytes().to_vec()),
            event: Base64(proof.bytes),
            leaf_index: proof.leaf_index,
            salt: Base64(proof.salt.to_vec()),
            receipt: Base64(proof.receipt),
        });
    }
    Ok(shown)
}
