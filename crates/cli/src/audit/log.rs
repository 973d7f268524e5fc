//! The events of a log, each verified as it comes, kept small.

use std::collections::BTreeMap;

use attendance::{
    ChainHead, DeviceId, ProviderId, Role, TrustList, UnverifiedEvent, VerifiedCertificate, follows,
};
use ledger::{LoggedEvent, Tally};
use seal::PublicKey;
use sync_api::Base64;

use super::AuditFinding;

/// What is needed of a device's certificate.
struct Known {
    key: PublicKey,
    role: Role,
    provider: Option<ProviderId>,
    children: Box<[attendance::ChildId]>,
    /// From when to when it holds, seconds since 1970-01-01T00:00Z.
    held: (i64, i64),
    /// Where the device's chain ends, once it has begun.
    head: Option<ChainHead>,
}

/// The devices of a bundle.
#[derive(Default)]
pub(super) struct Devices(BTreeMap<DeviceId, Known>);

impl Devices {
    /// Verifies the next certificate.
    pub(super) fn take(
        &mut self,
        position: usize,
        bytes: &Base64,
        trust: &TrustList,
    ) -> Result<(), AuditFinding> {
        let verified = VerifiedCertificate::verify_for_audit(&bytes.0, trust)
            .map_err(|why| AuditFinding::Certificate { position, why })?;
        let certificate = verified.certificate();
        let device = certificate.device;
        let known = Known {
            key: verified.public_key(),
            role: certificate.role,
            provider: certificate.provider,
            children: certificate.children.clone().into_boxed_slice(),
            held: (certificate.not_before_s, certificate.not_after_s),
            head: None,
        };
        match self.0.insert(device, known) {
            None => Ok(()),
            Some(_) => Err(AuditFinding::DoubleCertificate { device }),
        }
    }

    /// Gives an event that was verified before with what its device's certificate says.
    pub(super) fn logged(&self, index: u64, event: &UnverifiedEvent) -> Option<LoggedEvent> {
        let known = self.0.get(&event.event().device)?;
        Some(known.logged(index, event.hash(), event.event().clone()))
    }
}

impl Known {
    fn logged(&self, index: u64, hash: seal::Hash, event: attendance::Event) -> LoggedEvent {
        let Self { role, provider, children, .. } = self;
        LoggedEvent {
            index,
            hash,
            event,
            role: *role,
            provider: *provider,
            children: children.to_vec(),
        }
    }

    fn covers(&self, at_s: i64) -> bool {
        (self.held.0..=self.held.1).contains(&at_s)
    }
}

/// The events so far.
#[derive(Default)]
pub(super) struct Log {
    pub(super) devices: Devices,
    pub(super) tally: Tally,
    /// How many.
    pub(super) events: u64,
    /// Of how many devices.
    pub(super) speaking: u64,
    pub(super) outside_certificate: u64,
}

impl Log {
    /// Verifies the next event: its signature, and that it continues its device's chain.
    pub(super) fn verify(&mut self, index: u64, bytes: &[u8]) -> Result<LoggedEvent, AuditFinding> {
        let refused = |why| AuditFinding::Event { index, why };
        let unverified = UnverifiedEvent::parse(bytes).map_err(refused)?;
        let device = unverified.event().device;
        let known = self.devices.0.get_mut(&device);
        let known = known.ok_or(AuditFinding::UnknownDevice { index, device })?;
        let event = unverified.verify(&known.key).map_err(refused)?;
        self.speaking += u64::from(known.head.is_none());
        let head = known.head.get_or_insert_with(|| ChainHead::genesis(&known.key));
        follows(head, &event).map_err(|why| AuditFinding::Chain { index, device, why })?;
        *head = event.next_head();
        let claimed_s = event.event().wall_ms.div_euclid(1000);
        self.outside_certificate += u64::from(!known.covers(claimed_s));
        self.events += 1;
        Ok(known.logged(index, event.hash(), event.event().clone()))
    }
}
