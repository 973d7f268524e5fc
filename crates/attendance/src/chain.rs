//! The chain: each event of a device names the one before it, and is signed by the device's key.
//!
//! On the device: [`ChainHead::prepare`], then [`Prepared::seal`]. Elsewhere:
//! [`UnverifiedEvent::parse`], then [`UnverifiedEvent::verify`], then [`follows`].

use minicbor::Encoder;
use seal::{Hash, PublicKey, Sign1, SignError, Signature, Signer};

use crate::draft::EventDraft;
use crate::event::{EVENT_DOMAIN, EVENT_VERSION, Event, event_hash, genesis_hash};
use crate::id::DeviceId;
use crate::version::leading_version;

/// Says where a device's chain continues.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ChainHead {
    /// The position of the next event.
    pub seq_next: u64,
    /// What the next event must name as the one before.
    pub prev: Hash,
}

impl ChainHead {
    /// Begins the chain of a device.
    #[must_use]
    pub fn genesis(key: &PublicKey) -> Self {
        Self { seq_next: 0, prev: genesis_hash(key) }
    }

    /// Gives a draft its place in the chain of `device`. The head must be read in the transaction
    /// that will store the event.
    #[must_use]
    pub fn prepare(&self, draft: EventDraft, device: DeviceId) -> Prepared {
        Prepared { event: draft.into_event(self, device) }
    }
}

/// Why an event could not be sealed. A fault of the device, not a refusal.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// The key is not the one the device is named after.
    #[error("key {key} is not the key of device {device}")]
    WrongKey {
        /// The device whose event it is.
        device: DeviceId,
        /// The device that the key belongs to.
        key: DeviceId,
    },
    /// The keystore did not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The keystore gave a signature that does not match.
    #[error("the keystore gave a signature that does not match its key")]
    BadSignature,
    /// The event is larger than a reader accepts.
    #[error("the event has {bytes} bytes, more than a reader accepts")]
    TooLong {
        /// Its size.
        bytes: usize,
    },
}

/// Holds an event with its place in the chain, to be signed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Prepared {
    event: Event,
}

impl Prepared {
    /// Gives the event.
    #[must_use]
    pub fn event(&self) -> &Event {
        &self.event
    }

    /// Builds the bytes that the device's key must sign ([RFC 9052 §4.4]).
    ///
    /// [RFC 9052 §4.4]: https://www.rfc-editor.org/rfc/rfc9052#section-4.4
    #[must_use]
    pub fn to_sign(&self) -> Vec<u8> {
        let domain = EVENT_DOMAIN.0.as_bytes();
        Sign1::sig_structure(&protected(self.event.device), domain, &self.event.to_bytes())
    }

    /// Signs the event, and verifies what the keystore gave.
    ///
    /// # Errors
    /// [`ChainError`] if the key is another device's, does not sign, or signs wrongly.
    pub fn seal(self, signer: &dyn Signer) -> Result<ChainedEvent, ChainError> {
        let signature = signer.sign(&self.to_sign())?;
        self.attach(&signer.public_key(), signature)
    }

    /// Takes the signature over [`to_sign`](Self::to_sign) back, and verifies it.
    ///
    /// # Errors
    /// [`ChainError`] if the key is another device's, or the signature does not match.
    pub fn attach(self, key: &PublicKey, signature: Signature) -> Result<ChainedEvent, ChainError> {
        let owner = DeviceId::derive_from(key);
        if owner != self.event.device {
            return Err(ChainError::WrongKey { device: self.event.device, key: owner });
        }
        let made = MadeElsewhere { key: *key, signature };
        let envelope = Sign1::seal(&made, EVENT_DOMAIN, self.event.to_bytes())?;
        envelope.verify(key, EVENT_DOMAIN).map_err(|_| ChainError::BadSignature)?;
        let bytes = envelope.to_bytes();
        if bytes.len() > EVENT_MAX_BYTES {
            return Err(ChainError::TooLong { bytes: bytes.len() });
        }
        Ok(ChainedEvent { event: self.event, hash: event_hash(&bytes), bytes })
    }
}

/// Puts a signature that was made outside into an envelope.
struct MadeElsewhere {
    key: PublicKey,
    signature: Signature,
}

impl Signer for MadeElsewhere {
    fn public_key(&self) -> PublicKey {
        self.key
    }

    fn sign(&self, _: &[u8]) -> Result<Signature, SignError> {
        Ok(self.signature)
    }
}

/// Serialises the protected header `{1: -19, 4: kid}` of our `COSE_Sign1`. A device's id and its
/// key's id are both beginnings of the key's SHA-256, so the one gives the other.
fn protected(device: DeviceId) -> Vec<u8> {
    let [a, b, c, d, ..] = device.0;
    let mut e = Encoder::new(Vec::with_capacity(9));
    e.map(2)
        .and_then(|e| e.u8(1)?.i8(-19))
        .and_then(|e| e.u8(4)?.bytes(&[a, b, c, d]))
        .expect("writing into a vector does not fail");
    e.into_writer()
}

/// Why bytes were not accepted as an event of a device.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EventRejection {
    /// Not the one encoding of an event.
    #[error("the event is damaged ({0}): send it again from the device")]
    Malformed(String),
    /// Of another version of the format.
    #[error("the event is of version {version}, which is unknown here: update")]
    UnknownVersion {
        /// The version it says.
        version: u64,
    },
    /// The event is another device's than the key's.
    #[error("the event says it is of device {device}, the key is another's: park it")]
    WrongDevice {
        /// The device that the event names.
        device: DeviceId,
    },
    /// The device's key did not sign this event.
    #[error("the signature does not match the key of device {device}: park it")]
    BadSignature {
        /// The device that the event names.
        device: DeviceId,
    },
}

/// Holds an event of proper form. Who signed it is not decided yet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UnverifiedEvent {
    envelope: Sign1,
    event: Event,
    bytes: Vec<u8>,
    hash: Hash,
}

impl UnverifiedEvent {
    /// Parses a signed event.
    ///
    /// # Errors
    /// [`EventRejection::Malformed`] for anything but the one encoding of an event,
    /// [`EventRejection::UnknownVersion`] for another version.
    pub fn parse(bytes: &[u8]) -> Result<Self, EventRejection> {
        if bytes.len() > EVENT_MAX_BYTES {
            return Err(EventRejection::Malformed("too long".to_owned()));
        }
        let envelope = Sign1::parse(bytes).map_err(malformed)?;
        let payload = envelope.unverified_payload();
        if let Some(version) = leading_version(payload)
            && version != u64::from(EVENT_VERSION)
        {
            return Err(EventRejection::UnknownVersion { version });
        }
        let event = Event::parse(payload).map_err(malformed)?;
        if event.seq == u64::MAX {
            return Err(EventRejection::Malformed("no event could follow".to_owned()));
        }
        Ok(Self { envelope, event, bytes: bytes.to_vec(), hash: event_hash(bytes) })
    }

    /// Says what the event claims. **Anybody** could have written it.
    #[must_use]
    pub fn event(&self) -> &Event {
        &self.event
    }

    /// Gives the signed bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Names the event.
    #[must_use]
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// Decides whether the device that the event names holds `key` and signed it.
    ///
    /// # Errors
    /// [`EventRejection::WrongDevice`] or [`EventRejection::BadSignature`].
    pub fn verify(self, key: &PublicKey) -> Result<ChainedEvent, EventRejection> {
        let device = self.event.device;
        if device != DeviceId::derive_from(key) || self.envelope.key_id() != key.key_id() {
            return Err(EventRejection::WrongDevice { device });
        }
        self.envelope
            .verify(key, EVENT_DOMAIN)
            .map_err(|_| EventRejection::BadSignature { device })?;
        Ok(ChainedEvent { event: self.event, bytes: self.bytes, hash: self.hash })
    }
}

/// Holds an event that its device signed. Whether it continues the chain is for [`follows`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ChainedEvent {
    event: Event,
    bytes: Vec<u8>,
    hash: Hash,
}

impl ChainedEvent {
    /// Parses a signed event and decides whether `key` signed it.
    ///
    /// # Errors
    /// [`EventRejection`] says why it is not accepted.
    pub fn parse_and_verify(bytes: &[u8], key: &PublicKey) -> Result<Self, EventRejection> {
        UnverifiedEvent::parse(bytes)?.verify(key)
    }

    /// Says what the device signed.
    #[must_use]
    pub fn event(&self) -> &Event {
        &self.event
    }

    /// Gives the signed bytes: what is stored and sent.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Names the event.
    #[must_use]
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// Says where the chain continues after this event.
    #[must_use]
    pub fn next_head(&self) -> ChainHead {
        ChainHead { seq_next: self.event.seq.saturating_add(1), prev: self.hash }
    }
}

/// How an event does not continue a chain.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainBreak {
    /// Events in between are missing: they may still come.
    #[error("event {expected} is expected next, event {found} came: send the ones in between")]
    Gap {
        /// The position expected next.
        expected: u64,
        /// The position that came.
        found: u64,
    },
    /// The position is taken. Unless it is the very event that took it (compare the hash first), the
    /// device has signed two histories: keep both as evidence.
    #[error("the position in the chain is taken: two histories under one key, keep both")]
    Fork,
    /// The position is right, the event before is another.
    #[error("the event before is another than the one recorded: two histories under one key")]
    PrevMismatch,
}

/// Decides whether `event` is the next one after `head`.
///
/// # Errors
/// [`ChainBreak`] says how it is not.
pub fn follows(head: &ChainHead, event: &ChainedEvent) -> Result<(), ChainBreak> {
    let found = event.event().seq;
    if found > head.seq_next {
        return Err(ChainBreak::Gap { expected: head.seq_next, found });
    }
    if found < head.seq_next {
        return Err(ChainBreak::Fork);
    }
    if event.event().prev == head.prev { Ok(()) } else { Err(ChainBreak::PrevMismatch) }
}

fn malformed(why: impl core::fmt::Display) -> EventRejection {
    EventRejection::Malformed(why.to_string())
}

/// Ten times what an event needs; a bound for hostile input.
const EVENT_MAX_BYTES: usize = 4096;
