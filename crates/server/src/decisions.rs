//! What a coordinator's events decide about devices: a revocation, a release of what was put aside.
//!
//! Both are events like any other: they are logged whoever signed them. They take effect only where a
//! coordinator's device signed them, in their form, about a device that this coordinator looks after.

use std::collections::BTreeMap;

use attendance::{
    Action, ChainedEvent, DeviceCertificate, DeviceId, EventKind, RevocationList, RevocationReason,
    Role, Scope, UnverifiedEvent, follows,
};
use seal::Hash;
use server_store::{NewRevocation, RevokedWhen};

use crate::error::ServerError;
use crate::ingest::Taking;
use crate::server::Server;

/// Says whether a device is of somebody whom only this parent's children are entrusted to.
pub(crate) fn is_delegate_of(about: &DeviceCertificate, parent: &DeviceCertificate) -> bool {
    let mut children = about.children.iter();
    let own = !about.children.is_empty() && children.all(|child| parent.children.contains(child));
    about.role == Role::Delegate && own
}

impl Server {
    /// Adds to what is written what an event decides that was just appended.
    pub(crate) async fn decide(
        &self,
        event: &ChainedEvent,
        taking: &mut Taking,
    ) -> Result<(), ServerError> {
        let kind = event.event().kind;
        let decides = matches!(kind, EventKind::DeviceRevoke | EventKind::EventRelease);
        let Some(subject) = event.event().subject.filter(|_| decides) else { return Ok(()) };
        if event.event().verify_form().is_err() {
            return Ok(());
        }
        let Some(by) = self.certificate(event.event().device).await? else { return Ok(()) };
        let Some(about) = self.certificate(subject).await? else { return Ok(()) };
        if !self.looks_after(by.certificate(), about.certificate()).await? {
            tracing::warn!(%subject, by = %event.event().device, "a decision of no effect");
            return Ok(());
        }
        if kind == EventKind::EventRelease && !by.certificate().may_make(kind) {
            return Ok(());
        }
        if let Some(reason) = event.event().revocation {
            self.revoke(event, subject, reason, taking).await
        } else {
            self.release(event, subject, taking).await
        }
    }

    /// Says whether a coordinator looks after a device: one without a provider after all, one of a
    /// provider after this provider's devices and families. A parent looks after those whom only own
    /// children are entrusted to.
    pub(crate) async fn looks_after(
        &self,
        by: &DeviceCertificate,
        about: &DeviceCertificate,
    ) -> Result<bool, ServerError> {
        if by.permitted(Action::NameDelegate) == Scope::OwnChild {
            return Ok(is_delegate_of(about, by));
        }
        if !by.permitted(Action::BindDevice).decides() {
            return Ok(false);
        }
        let Some(own) = by.provider else { return Ok(true) };
        Ok(match about.role {
            Role::Teacher | Role::Coordinator | Role::ProviderAdmin | Role::Issuer => {
                about.provider == Some(own)
            }
            Role::Parent | Role::Delegate => {
                let snapshots = self.snapshots().await?;
                let moving = self.moving_events().await?;
                let after = snapshots.newest().snapshot.after(&moving);
                let contracts = &after.snapshot.contracts;
                let is_own =
                    |child| contracts.iter().any(|c| c.child == child && c.knows_provider(own));
                !about.children.is_empty() && about.children.iter().copied().all(is_own)
            }
        })
    }

    async fn revoke(
        &self,
        event: &ChainedEvent,
        device: DeviceId,
        reason: RevocationReason,
        taking: &mut Taking,
    ) -> Result<(), ServerError> {
        let when = match event.event().ticket {
            Some(ticket) => RevokedWhen::Ticket(ticket),
            None => {
                let state = self.chain_of(device, &mut taking.chains).await?;
                let state = state.ok_or(ServerError::Stored("device"))?;
                state.revoked = true;
                let events = state.head.seq_next;
                RevokedWhen::Now { at_ms: self.clock.now_ms(), events }
            }
        };
        tracing::warn!(%device, decision = %event.hash(), "a device is revoked");
        let revocation = NewRevocation { device, reason, decision: event.hash(), when };
        taking.writes.revoked.push(revocation);
        Ok(())
    }

    /// Lets in the event that the decision names and all between it and the device's last one in the
    /// log, or nothing: a part of a chain has no meaning that anybody decided.
    async fn release(
        &self,
        decision: &ChainedEvent,
        device: DeviceId,
        taking: &mut Taking,
    ) -> Result<(), ServerError> {
        let Some(last) = decision.event().about else { return Ok(()) };
        let aside = self.store.parked_of(device).await?.into_iter().collect();
        let Some(state) = self.chain_of(device, &mut taking.chains).await? else { return Ok(()) };
        let (key, head) = (state.certificate.public_key(), state.head);
        let Some(events) = continuation(&head, last, &aside, &key) else {
            tracing::warn!(%device, decision = %decision.hash(), "a release that lets nothing in");
            return Ok(());
        };
        if let Some(end) = events.last() {
            state.head = end.next_head();
        }
        for event in events {
            taking.append(&event, self.leaf_of(&event)?);
            taking.writes.released.push((event.hash(), decision.hash()));
        }
        Ok(())
    }

    /// Counts the events that a release of `last` would let into the log now.
    pub(crate) async fn releasable(
        &self,
        device: DeviceId,
        last: Hash,
    ) -> Result<u64, ServerError> {
        let aside = self.store.parked_of(device).await?.into_iter().collect();
        let mut chains = BTreeMap::new();
        let Some(state) = self.chain_of(device, &mut chains).await? else { return Ok(0) };
        let found = continuation(&state.head, last, &aside, &state.certificate.public_key());
        Ok(found.map_or(0, |events| events.len() as u64))
    }

    /// Gives the version of the list of revoked devices.
    pub(crate) async fn revocations_version(&self) -> Result<u32, ServerError> {
        Ok(RevocationList::of(self.store.revocations().await?).version)
    }

    /// Gives the signed list of revoked devices.
    ///
    /// # Errors
    /// [`ServerError`] if storage fails.
    pub async fn revocations(&self) -> Result<Vec<u8>, ServerError> {
        let list = RevocationList::of(self.store.revocations().await?);
        Ok(list.sign(&self.keys.device_ca)?)
    }
}

/// Walks back from the event `last` through what is put aside until the log's chain, and gives the
/// events in the chain's order. Nothing if one is missing, is not signed by the device, or if the chain
/// in the log goes another way.
fn continuation(
    head: &attendance::ChainHead,
    last: Hash,
    aside: &BTreeMap<Hash, Vec<u8>>,
    key: &seal::PublicKey,
) -> Option<Vec<ChainedEvent>> {
    let (mut wanted, mut events) = (last, Vec::new());
    while wanted != head.prev {
        let event = UnverifiedEvent::parse(aside.get(&wanted)?).ok()?.verify(key).ok()?;
        wanted = event.event().prev;
        events.push(event);
    }
    events.reverse();
    let mut end = *head;
    for event in &events {
        follows(&end, event).ok()?;
        end = event.next_head();
    }
    Some(events)
}
