//! The time anchor: the server's signed answer to "what time is it, and where is my chain?".

use minicbor::{Decode, Encode};
use seal::{CanonicalError, Domain, EnvelopeError, Hash, KeyId, Sign1, SignError, Signer};

use crate::event::ANCHOR_MAX_BYTES;
use crate::id::{BootId, DeviceId};
use crate::trust::{TrustList, TrustRole, Unproven, prove};
use crate::version::leading_version;

/// The only version of the anchor's encoding so far.
pub const ANCHOR_VERSION: u8 = 1;

/// Says that a device's clock reading, and all that was in its chain by then, is not later than a
/// moment of the server's clock.
///
/// The device tells reading and place when it asks; the server writes its time when it answers. So
/// the reading was taken **before** `time_ms`, and whatever the device records once it holds the
/// anchor happens **after** it: no assumption about the network is needed.
///
/// These bytes are signed. Changing the encoding loses every anchor in every chain.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(map)]
pub struct TimeAnchor {
    /// [`ANCHOR_VERSION`].
    #[n(0)]
    pub version: u8,
    /// The device that asked.
    #[n(1)]
    pub device: DeviceId,
    /// The server's clock, milliseconds since 1970-01-01T00:00Z.
    #[n(2)]
    pub time_ms: i64,
    /// The monotonic clock as the device told it, milliseconds since boot.
    #[n(3)]
    pub mono_ms: u64,
    /// Which boot that clock counts from.
    #[n(4)]
    pub boot: BootId,
    /// The next free position of the device's chain when it asked.
    #[n(5)]
    pub seq_next: u64,
    /// What the event at that position names as the one before. It proves that the events before
    /// were there: a device cannot ask for a time and record visits for it afterwards.
    #[n(6)]
    pub head: Hash,
    /// SHA-256 of the hello that is answered, so that no old answer is taken for a new one.
    #[n(7)]
    pub hello: Hash,
}

/// Why bytes were not accepted as a time anchor. An event that carries such bytes is kept; it
/// bounds nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnchorRejection {
    /// More bytes than an event may carry.
    #[error("the anchor has more than {ANCHOR_MAX_BYTES} bytes")]
    TooLong,
    /// The bytes are no signed envelope.
    #[error("not a signed anchor: {0}")]
    Envelope(#[from] EnvelopeError),
    /// The signed payload is no anchor.
    #[error("the payload is not an anchor: {0}")]
    Payload(#[from] CanonicalError),
    /// Of another version of the format.
    #[error("the anchor is of version {version}, which is unknown here: update")]
    UnknownVersion {
        /// The version it says.
        version: u64,
    },
    /// No log key on the trust list had this id at the time that the anchor states.
    #[error("no trusted log key with id {key_id} held at the anchor's time")]
    UnknownKey {
        /// The id in the envelope.
        key_id: KeyId,
    },
    /// A log key with this id is trusted, but it did not make this signature.
    #[error("no trusted log key with id {key_id} signed this anchor")]
    BadSignature {
        /// The id in the envelope.
        key_id: KeyId,
    },
    /// The anchor is another device's.
    #[error("the anchor is of device {device}")]
    WrongDevice {
        /// The device it is of.
        device: DeviceId,
    },
}

impl TimeAnchor {
    /// Signs the anchor with the log's key and gives the envelope's bytes: what
    /// [`Event::anchor`](crate::Event::anchor) carries.
    ///
    /// # Errors
    /// [`SignError`] if the key does not sign.
    pub fn sign(&self, log: &dyn Signer) -> Result<Vec<u8>, SignError> {
        Ok(Sign1::seal(log, ANCHOR_DOMAIN, seal::to_canonical(self))?.to_bytes())
    }
}

/// Holds a time anchor that the log's key signed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct VerifiedAnchor {
    anchor: TimeAnchor,
}

impl VerifiedAnchor {
    /// Parses an anchor of `device` and verifies it under a log key that the trust list held valid
    /// at the time it states: history stays verifiable when the key has ended since.
    ///
    /// # Errors
    /// [`AnchorRejection`] says what did not hold.
    pub fn parse_and_verify(
        bytes: &[u8],
        trust: &TrustList,
        device: DeviceId,
    ) -> Result<Self, AnchorRejection> {
        if bytes.len() > ANCHOR_MAX_BYTES {
            return Err(AnchorRejection::TooLong);
        }
        let envelope = Sign1::parse(bytes)?;
        let payload = envelope.unverified_payload();
        if let Some(version) = leading_version(payload)
            && version != u64::from(ANCHOR_VERSION)
        {
            return Err(AnchorRejection::UnknownVersion { version });
        }
        let anchor: TimeAnchor = seal::from_canonical(payload)?;
        let key_id = envelope.key_id();
        let at_s = anchor.time_ms.div_euclid(1000);
        let keys = trust.keys_with_scope(TrustRole::Log, key_id, at_s);
        prove(&envelope, ANCHOR_DOMAIN, keys).map_err(|unproven| match unproven {
            Unproven::UnknownKey => AnchorRejection::UnknownKey { key_id },
            Unproven::BadSignature => AnchorRejection::BadSignature { key_id },
        })?;
        if anchor.device != device {
            return Err(AnchorRejection::WrongDevice { device: anchor.device });
        }
        Ok(Self { anchor })
    }

    /// Says what the server signed.
    #[must_use]
    pub fn anchor(&self) -> &TimeAnchor {
        &self.anchor
    }
}

/// Signatures over time anchors.
const ANCHOR_DOMAIN: Domain = Domain("qatysu/anchor/1");
