//! The events of a log, each verified as it comes, kept small.

use attendance::{
    ChainHead, ChainedEvent, ChildId, DeviceId, ProviderId, Role, TrustList, UnverifiedEvent,
    VerifiedCertificate, follows,
};
use ledger::{LoggedEvent, SparseTally};
use seal::PublicKey;
use sync_api::Base64;

use super::AuditFinding;

/// Who speaks, as the device's certificate says.
struct Speaker {
    device: DeviceId,
    role: Role,
    provider: Option<ProviderId>,
    children: Box<[ChildId]>,
}

/// What is needed of a device's certificate to verify what it says.
struct Known {
    speaker: Speaker,
    key: Key,
    /// From when to when it holds, seconds since 1970-01-01T00:00Z.
    held: (i64, i64),
}

/// The key of a device that says much is kept as a point, and that of one of very many as its bytes.
enum Key {
    Point(Box<PublicKey>),
    Bytes([u8; 32]),
}

/// The devices of a bundle.
#[derive(Default)]
pub(super) struct Devices(Vec<Known>);

/// The same, when there is nothing left to verify.
#[derive(Default)]
pub(super) struct Speakers(Vec<Speaker>);

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
        let speaker = Speaker {
            device: certificate.device,
            role: certificate.role,
            provider: certificate.provider,
            children: certificate.children.clone().into_boxed_slice(),
        };
        let held = (certificate.not_before_s, certificate.not_after_s);
        let key = verified.public_key();
        let key = if speaker.role == Role::Parent {
            Key::Bytes(key.to_bytes())
        } else {
            Key::Point(Box::new(key))
        };
        self.0.push(Known { speaker, key, held });
        Ok(())
    }

    /// Ends the list: each device is in it once.
    pub(super) fn finish(mut self) -> Result<Self, AuditFinding> {
        self.0.sort_unstable_by_key(|known| known.speaker.device);
        let twice =
            self.0.array_windows().find(|[one, next]| one.speaker.device == next.speaker.device);
        match twice {
            Some([known, _]) => {
                Err(AuditFinding::DoubleCertificate { device: known.speaker.device })
            }
            None => Ok(self),
        }
    }

    /// Verifies an event's signature, whatever came before it.
    pub(super) fn verify(&self, index: u64, bytes: &[u8]) -> Result<SignedEvent, AuditFinding> {
        let refused = |why| AuditFinding::Event { index, why };
        let unverified = UnverifiedEvent::parse(bytes).map_err(refused)?;
        let device = unverified.event().device;
        let at = self.0.binary_search_by_key(&device, |known| known.speaker.device);
        let at = at.map_err(|_| AuditFinding::UnknownDevice { index, device })?;
        let event = unverified.verify(&self.0[at].key.point()).map_err(refused)?;
        Ok(SignedEvent { at, event })
    }

    /// Lets go of what only verifying needs.
    pub(super) fn into_speakers(self) -> Speakers {
        let speakers = self.0.into_iter().map(|known| known.speaker);
        // A list of its own: what was there takes three times as much.
        let mut slim = Vec::new();
        slim.reserve_exact(speakers.len());
        slim.extend(speakers);
        Speakers(slim)
    }
}

/// An event that its device signed.
pub(super) struct SignedEvent {
    /// Where the device is among [`Devices`].
    at: usize,
    event: ChainedEvent,
}

impl Speakers {
    /// Gives an event that was verified before with what its device's certificate says.
    pub(super) fn logged(&self, index: u64, event: &UnverifiedEvent) -> Option<LoggedEvent> {
        let device = event.event().device;
        let at = self.0.binary_search_by_key(&device, |speaker| speaker.device).ok()?;
        Some(self.0.get(at)?.logged(index, event.hash(), event.event().clone()))
    }
}

impl Speaker {
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
}

impl Known {
    fn covers(&self, at_s: i64) -> bool {
        (self.held.0..=self.held.1).contains(&at_s)
    }
}

impl Key {
    fn point(&self) -> PublicKey {
        match self {
            Self::Point(key) => **key,
            Self::Bytes(bytes) => PublicKey::parse(bytes).expect("it was one"),
        }
    }
}

/// The events so far.
pub(super) struct Log<'a> {
    devices: &'a Devices,
    /// Where each device's chain ends, once it has begun.
    heads: Vec<Option<ChainHead>>,
    pub(super) tally: SparseTally,
    /// How many.
    pub(super) events: u64,
    /// Of how many devices.
    pub(super) speaking: u64,
    pub(super) outside_certificate: u64,
}

impl<'a> Log<'a> {
    pub(super) fn of(devices: &'a Devices) -> Self {
        let (tally, heads) = (SparseTally::default(), vec![None; devices.0.len()]);
        Self { devices, heads, tally, events: 0, speaking: 0, outside_certificate: 0 }
    }

    /// Verifies that the next event continues its device's chain.
    pub(super) fn take(
        &mut self,
        index: u64,
        SignedEvent { at, event }: &SignedEvent,
    ) -> Result<LoggedEvent, AuditFinding> {
        let (known, head) = (&self.devices.0[*at], &mut self.heads[*at]);
        let device = known.speaker.device;
        self.speaking += u64::from(head.is_none());
        let head = head.get_or_insert_with(|| ChainHead::genesis(&known.key.point()));
        follows(head, event).map_err(|why| AuditFinding::Chain { index, device, why })?;
        *head = event.next_head();
        let claimed_s = event.event().wall_ms.div_euclid(1000);
        self.outside_certificate += u64::from(!known.covers(claimed_s));
        self.events += 1;
        Ok(known.speaker.logged(index, event.hash(), event.event().clone()))
    }

    /// Lets go of what only verifying needs.
    pub(super) fn into_tally(self) -> SparseTally {
        self.tally
    }
}
