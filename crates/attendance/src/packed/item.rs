//! One thing of a batch: an event that can be rebuilt, or bytes that cannot.

use seal::{KeyId, Sign1, Signature};

use crate::event::{EVENT_VERSION, Event};
use crate::id::DeviceId;

/// What a record stands for.
pub(super) enum Item {
    /// An event that is rebuilt from its fields and its signature.
    Event {
        /// Boxed: most of a batch are of this kind, and they are moved about.
        event: Box<Event>,
        signature: Signature,
    },
    /// Anything else.
    Verbatim(Vec<u8>),
}

impl Item {
    /// Takes an event apart, if it is of the device and comes together again to the same bytes.
    pub(super) fn parse(bytes: &[u8], device: Option<DeviceId>) -> Self {
        Self::apart(bytes)
            .filter(|item| device.is_none() || item.device() == device)
            .filter(|item| item.to_bytes() == bytes)
            .unwrap_or_else(|| Self::Verbatim(bytes.to_vec()))
    }

    fn apart(bytes: &[u8]) -> Option<Self> {
        let envelope = Sign1::parse(bytes).ok()?;
        let event = Event::parse(envelope.unverified_payload()).ok()?;
        (event.version == EVENT_VERSION)
            .then(|| Self::Event { event: Box::new(event), signature: envelope.signature() })
    }

    /// Gives the bytes. The key's id is the beginning of the device's: both are of the key's hash.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Event { event, signature } => {
                let [a, b, c, d, ..] = event.device.0;
                let key_id = KeyId([a, b, c, d]);
                Sign1::from_parts(key_id, event.to_bytes(), *signature).to_bytes()
            }
            Self::Verbatim(bytes) => bytes.clone(),
        }
    }

    /// Says whose event it is.
    pub(super) fn device(&self) -> Option<DeviceId> {
        self.event().map(|event| event.device)
    }

    pub(super) fn event(&self) -> Option<&Event> {
        match self {
            Self::Event { event, .. } => Some(event),
            Self::Verbatim(_) => None,
        }
    }
}
