//! A device without storage: a key that writes events, well formed or not, in any order.

use attendance::{
    BootId, ChainHead, ChainedEvent, ChildId, DeviceId, EventDraft, EventKind, LessonId, Method,
    VoucherId,
};
use seal::{Sign1, Signer as _, SoftwareKey};
use sync_api::{
    Base64, Batch, ENROL_DOMAIN, EnrolClaims, EnrolRequest, HELLO_DOMAIN, HelloClaims,
    HelloRequest, Ticket,
};

/// Writes the chain of one device.
#[derive(Clone, Debug)]
pub struct Pen {
    key: SoftwareKey,
    head: ChainHead,
}

impl Pen {
    /// Begins the chain of a one-byte seed's key.
    #[must_use]
    pub fn new(seed: u8) -> Self {
        let key = crate::key(seed);
        let head = ChainHead::genesis(&key.public_key());
        Self { key, head }
    }

    /// Names the device.
    #[must_use]
    pub fn device(&self) -> DeviceId {
        DeviceId::derive_from(&self.key.public_key())
    }

    /// Gives the key.
    #[must_use]
    pub fn key(&self) -> &SoftwareKey {
        &self.key
    }

    /// Says where the chain continues.
    #[must_use]
    pub fn head(&self) -> &ChainHead {
        &self.head
    }

    /// Writes the next event.
    ///
    /// # Panics
    /// If the event does not seal.
    pub fn write(&mut self, draft: EventDraft) -> ChainedEvent {
        let prepared = self.head.prepare(draft, self.device());
        let event = prepared.seal(&self.key).expect("a software key seals");
        self.head = event.next_head();
        event
    }

    /// Writes that a child came.
    pub fn visit(
        &mut self,
        (child, voucher): (ChildId, VoucherId),
        lesson: LessonId,
        at_ms: i64,
    ) -> ChainedEvent {
        let draft = EventDraft {
            child: Some(child),
            voucher: Some(voucher),
            lesson: Some(lesson),
            provider: Some(crate::district::CHESS_HOUSE),
            method: Some(Method::Scan),
            card: Some(seal::sha256(b"a card")),
            ..EventDraft::new(EventKind::In, at_ms, 1_000, BootId([9; 8]))
        };
        self.write(draft)
    }

    /// Asks to be enrolled with a ticket.
    #[must_use]
    pub fn enrol(&self, ticket: &Ticket) -> EnrolRequest {
        let claims = EnrolClaims {
            secret: ticket.secret,
            key: self.key.public_key().to_bytes(),
            mono_ms: None,
            boot: None,
        };
        EnrolRequest { claims: self.seal(ENROL_DOMAIN, seal::to_canonical(&claims)) }
    }

    /// Says hello.
    #[must_use]
    pub fn hello(&self, wall_ms: i64) -> HelloRequest {
        let claims = HelloClaims {
            device: self.device(),
            seq_next: self.head.seq_next,
            head: self.head.prev,
            wall_ms,
            version: "0.1.0".to_owned(),
            mono_ms: None,
            boot: None,
        };
        let claims = self.seal(HELLO_DOMAIN, seal::to_canonical(&claims));
        HelloRequest { claims, certificate: None }
    }

    fn seal(&self, domain: seal::Domain, payload: Vec<u8>) -> Base64 {
        let sealed = Sign1::seal(&self.key, domain, payload).expect("a software key signs");
        Base64(sealed.to_bytes())
    }
}

/// Encodes a batch of events.
#[must_use]
pub fn batch_of<'a>(events: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    Batch { events: events.into_iter().map(<[u8]>::to_vec).collect() }.to_bytes()
}
