//! What a person of the console signs: the next event of the own browser's chain, made here of a form,
//! signed there, taken by the door of every device's events.
//!
//! Before a person is asked, the draft is held against the table and against the log: what the log would
//! ignore is refused with the log's own reason. Before a signed event is taken, the table alone is asked,
//! as at the door of any device: what was signed is never lost, whatever came between, and a browser that
//! had to forget a signature would sign two events at one place of its chain.

use std::sync::Arc;

use attendance::{
    ChainHead, DeviceCertificate, DeviceId, Event, EventDraft, EventKind, Prepared,
    UnverifiedEvent, VerifiedCertificate, action_of, follows,
};
use ledger::LoggedEvent;
use seal::Hash;
use server_store::{AccountId, StorageError, StoredAccount};
use sync_api::{Batch, RECEIPT_FORMAT, ReceiptFile, VerdictKind};

use super::key::{BrowserKey, KeyStanding};
use crate::error::ServerError;
use crate::server::Server;

/// How far ahead of the server's clock an event may claim to be. It may be as late as its browser was
/// without a network.
const AHEAD_MS: i64 = 10 * 60_000;

/// Why nothing is signed, or what was signed is not taken. Nothing has changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SignRefusal {
    /// The account has no key.
    #[error("the account has no key")]
    NoKey,
    /// The key is not the account's own.
    #[error("the key is not the account's own")]
    OtherKey,
    /// The key signs no more.
    #[error("the key signs no more")]
    Stopped,
    /// The table does not let the key sign it.
    #[error("the table does not let this key sign it")]
    NotAllowed,
    /// Fields are missing, or do not go together.
    #[error("fields are missing, or do not go together")]
    Form,
    /// The same person made the proposal.
    #[error("the same person made the proposal")]
    SamePerson,
    /// The log would ignore it.
    #[error("{0}")]
    Ignored(String),
    /// The key's chain goes on from another place.
    #[error("the key's chain goes on from another place")]
    Stale,
    /// It claims a time that is not yet.
    #[error("it claims a time that is not yet")]
    Ahead,
    /// It is no event that the key signed.
    #[error("it is no event that the key signed")]
    Forged,
    /// The server failed.
    #[error(transparent)]
    Server(#[from] ServerError),
}

/// What an event comes to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    /// It counts.
    Counts,
    /// It waits for a second person.
    Proposed,
    /// It changes nothing, for this reason.
    Ignored(String),
}

/// A signed event in the log.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Taken {
    pub(crate) event: Hash,
    pub(crate) leaf: u64,
}

/// A signed event of an account, as the log has it.
#[derive(Clone, Debug)]
pub(crate) struct Signed {
    pub(crate) event: Event,
    pub(crate) leaf: u64,
    pub(crate) outcome: Outcome,
}

impl From<StorageError> for SignRefusal {
    fn from(error: StorageError) -> Self {
        Self::Server(error.into())
    }
}

impl Server {
    /// Says what a draft would come to if the account's key signed it now, and which key that is.
    pub(crate) async fn try_draft(
        &self,
        account: &StoredAccount,
        draft: EventDraft,
    ) -> Result<(BrowserKey, Outcome), SignRefusal> {
        let key = self.key_to_sign(account.account, None).await?;
        let (_, outcome) = self.prepare_for(account, key.device, draft).await?;
        Ok((key, outcome))
    }

    /// Makes the next event of a browser's chain of a draft.
    pub(crate) async fn prepare_for(
        &self,
        account: &StoredAccount,
        device: DeviceId,
        draft: EventDraft,
    ) -> Result<(Prepared, Outcome), SignRefusal> {
        self.key_to_sign(account.account, Some(device)).await?;
        let certificate = self.certificate_of(device).await?;
        let draft = EventDraft { wall_ms: self.clock.now_ms(), ..draft };
        let prepared = self.head_of(&certificate).await?.prepare(draft, device);
        self.may(account, &certificate, prepared.event()).await?;
        let outcome = self.hold_against(&certificate, prepared.event()).await?;
        Ok((prepared, outcome))
    }

    /// Takes an event that an account's own browser signed, as it would take it from any device.
    pub(crate) async fn take_signed(
        self: Arc<Self>,
        account: &StoredAccount,
        bytes: Vec<u8>,
    ) -> Result<Taken, SignRefusal> {
        let unverified = UnverifiedEvent::parse(&bytes).map_err(|_| SignRefusal::Forged)?;
        let device = unverified.event().device;
        self.key_to_sign(account.account, Some(device)).await?;
        let certificate = self.certificate_of(device).await?;
        let event = unverified.verify(&certificate.public_key());
        let event = event.map_err(|_| SignRefusal::Forged)?;
        if let Some(Some(leaf)) = self.store.leaf_indices(vec![event.hash()]).await?.first() {
            // Sent again, by a browser that got no answer: the same answer.
            return Ok(Taken { event: event.hash(), leaf: *leaf });
        }
        let turn = self.turn_of(device).await?;
        // In the turn: what was waited for may have changed all of it. An event that does not follow would
        // be a second history, and the key would be suspended for two windows of one person.
        self.key_to_sign(account.account, Some(device)).await?;
        let head = self.head_of(&certificate).await?;
        follows(&head, &event).map_err(|_| SignRefusal::Stale)?;
        if event.event().wall_ms - self.clock.now_ms() > AHEAD_MS {
            return Err(SignRefusal::Ahead);
        }
        self.may(account, &certificate, event.event()).await?;
        let body = Batch { events: vec![bytes] }.to_bytes();
        let (server, named) = (Arc::clone(&self), Batch::hash(&body));
        let taken = self.tasks.finish(async move { server.ingest_in(&turn, named, &body).await });
        let verdicts = taken.await??.verdicts;
        let verdict = verdicts.first().ok_or(ServerError::Stored("verdict"))?;
        let stored = matches!(verdict.verdict, VerdictKind::Stored | VerdictKind::Duplicate);
        let Some(leaf) = verdict.leaf_index.filter(|_| stored) else {
            return Err(SignRefusal::Ignored(verdict.reason.clone().unwrap_or_default()));
        };
        self.did(account.account, "signed", event.hash().to_string()).await?;
        Ok(Taken { event: event.hash(), leaf })
    }

    /// Gives an event that one of an account's own keys signed, and what it came to.
    pub(crate) async fn signed_by(
        &self,
        account: AccountId,
        event: Hash,
    ) -> Result<Option<Signed>, ServerError> {
        let Some(leaf) = self.own_leaf(account, event).await? else { return Ok(None) };
        let events = self.every_event().await?;
        let logged = events.iter().find(|logged| logged.index == leaf);
        let logged = logged.ok_or(ServerError::Stored("event"))?.clone();
        let outcome = self.outcome_of(&events, &logged).await?;
        Ok(Some(Signed { event: logged.event, leaf, outcome }))
    }

    /// Makes the receipt file of such an event.
    pub(crate) async fn receipt_file(
        &self,
        account: AccountId,
        event: Hash,
    ) -> Result<Option<ReceiptFile>, ServerError> {
        let Some(leaf) = self.own_leaf(account, event).await? else { return Ok(None) };
        let checkpoint = self.checkpoint().await?;
        let proof = self.leaf_receipts(vec![leaf], &checkpoint).await?.pop();
        let proof = proof.ok_or(ServerError::Stored("leaf"))?;
        let device = UnverifiedEvent::parse(&proof.bytes).map(|event| event.event().device);
        let device = device.map_err(|_| ServerError::Stored("event"))?;
        let certificate = self.certificate_of(device).await?;
        Ok(Some(ReceiptFile {
            format: RECEIPT_FORMAT.to_owned(),
            event: sync_api::Base64(proof.bytes),
            certificate: sync_api::Base64(certificate.bytes().to_vec()),
            salt: sync_api::Base64(proof.salt.to_vec()),
            receipt: sync_api::Base64(proof.receipt),
            checkpoint: checkpoint.note,
            witnessed: None,
        }))
    }

    async fn own_leaf(&self, account: AccountId, event: Hash) -> Result<Option<u64>, ServerError> {
        let by = self.store.recorders(vec![event]).await?.into_iter().next().flatten();
        let Some(device) = by else { return Ok(None) };
        if self.owner_of(device).await? != Some(account) {
            return Ok(None);
        }
        Ok(self.store.leaf_indices(vec![event]).await?.into_iter().next().flatten())
    }

    async fn key_to_sign(
        &self,
        account: AccountId,
        device: Option<DeviceId>,
    ) -> Result<BrowserKey, SignRefusal> {
        let key = self.key_in_force(account).await?.ok_or(SignRefusal::NoKey)?;
        if device.is_some_and(|device| device != key.device) {
            return Err(SignRefusal::OtherKey);
        }
        if key.standing == KeyStanding::InForce { Ok(key) } else { Err(SignRefusal::Stopped) }
    }

    async fn certificate_of(
        &self,
        device: DeviceId,
    ) -> Result<Arc<VerifiedCertificate>, ServerError> {
        self.certificate(device).await?.ok_or(ServerError::Stored("browser's key"))
    }

    async fn head_of(&self, certificate: &VerifiedCertificate) -> Result<ChainHead, ServerError> {
        let tip = self.store.chain_tip(certificate.certificate().device).await?;
        Ok(match tip {
            Some(tip) => ChainHead { seq_next: tip.seq + 1, prev: tip.hash },
            None => ChainHead::genesis(&certificate.public_key()),
        })
    }

    /// Holds an event against the table and the form of its kind; a second person is not the first.
    async fn may(
        &self,
        account: &StoredAccount,
        certificate: &VerifiedCertificate,
        event: &Event,
    ) -> Result<(), SignRefusal> {
        if !may_sign(certificate.certificate(), event) {
            return Err(SignRefusal::NotAllowed);
        }
        event.verify_form().map_err(|_| SignRefusal::Form)?;
        if let Some(about) = event.about {
            let by = self.store.recorders(vec![about]).await?.into_iter().next().flatten();
            let owner = match by {
                Some(device) => self.owner_of(device).await?,
                None => None,
            };
            // The log compares keys; a person may have had another one before.
            if owner == Some(account.account) {
                return Err(SignRefusal::SamePerson);
            }
        }
        Ok(())
    }

    /// Holds an event against the log as it is.
    async fn hold_against(
        &self,
        certificate: &VerifiedCertificate,
        event: &Event,
    ) -> Result<Outcome, SignRefusal> {
        let size = self.store.tree_size().await?;
        let mut events = self.logged_events(size).await?;
        let logged = LoggedEvent {
            index: size,
            hash: Hash([0; 32]),
            event: event.clone(),
            role: certificate.certificate().role,
            provider: certificate.certificate().provider,
            children: Vec::new(),
        };
        events.push(logged.clone());
        match self.outcome_of(&events, &logged).await? {
            Outcome::Ignored(why) => Err(SignRefusal::Ignored(why)),
            outcome @ (Outcome::Counts | Outcome::Proposed) => Ok(outcome),
        }
    }
}

/// Says whether a key may sign an event in the console: by the one table, and of its own provider alone.
fn may_sign(certificate: &DeviceCertificate, event: &Event) -> bool {
    let is_here = matches!(
        event.kind,
        EventKind::SheetSign
            | EventKind::ActSign
            | EventKind::SheetDecide
            | EventKind::ProviderSuspend
            | EventKind::GroundCured
            | EventKind::ProviderTerminate
            | EventKind::VoucherSet
            | EventKind::PaymentNotice
            | EventKind::MonthClose
            | EventKind::DisputeResolve
            | EventKind::HoldRelease
            | EventKind::Adjust
            | EventKind::Transfer
            | EventKind::VoucherAnswer
    );
    let is_own = certificate.provider.is_none_or(|own| event.provider == Some(own));
    is_here && is_own && certificate.permitted(action_of(event.kind)).decides()
}
