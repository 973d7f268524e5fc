//! The parcel: a header that anybody may read, and contents that one server can open
//! ([RFC 9180], base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305).
//!
//! [RFC 9180]: https://www.rfc-editor.org/rfc/rfc9180

use core::convert::Infallible;

use attendance::DeviceId;
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::rand_core::{TryCryptoRng, TryRng};
use hpke::{Deserializable as _, OpModeR, OpModeS, Serializable as _};
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use seal::Hash;

use crate::key::{ParcelKey, ParcelKeyId, ParcelSecret};

/// The largest parcel that is carried and taken, in bytes.
pub const PARCEL_MAX_BYTES: usize = 64 * 1024;

const VERSION: u8 = 1;
/// HPKE's `info`: what the key is used for.
const INFO: &[u8] = b"qatysu/parcel/1";

/// Why bytes were not accepted as a parcel.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ParcelRejection {
    /// More than [`PARCEL_MAX_BYTES`].
    #[error("the parcel has {size} bytes; at most {PARCEL_MAX_BYTES} are taken: send fewer events")]
    TooLarge {
        /// How many bytes it has.
        size: usize,
    },
    /// Not the one encoding of a parcel.
    #[error("not a parcel: {0}")]
    Malformed(#[from] seal::CanonicalError),
    /// A version this program does not know.
    #[error("parcel version {0} is newer than this program")]
    UnknownVersion(u8),
}

/// Why contents were not sealed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The server's key is weak or no key.
    #[error("the server's parcel key cannot be used: sync with the server to get another")]
    BadKey,
    /// The parcel would be larger than is taken.
    #[error("{size} bytes are too many for one parcel: put in fewer events")]
    TooLarge {
        /// How many bytes the parcel would have.
        size: usize,
    },
}

/// Why a parcel was not opened.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Sealed to another key.
    #[error("the parcel is for another server's key ({0:?})")]
    OtherKey(ParcelKeyId),
    /// Header or contents were changed, or never belonged together.
    #[error("the parcel was damaged on the way: carry it again")]
    Damaged,
}

/// Says what a carrier may know.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ParcelHeader {
    /// The device that sealed it. Nobody has verified it.
    pub device: DeviceId,
    /// How many events are inside, as the sender says.
    pub events: u16,
    /// The server's key that opens it.
    pub key: ParcelKeyId,
}

/// Holds a sealed parcel.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Parcel {
    header: ParcelHeader,
    encapsulated: [u8; 32],
    sealed: Vec<u8>,
}

#[derive(Decode, Encode)]
struct Clear {
    #[n(0)]
    version: u8,
    #[n(1)]
    device: DeviceId,
    #[n(2)]
    events: u16,
    #[n(3)]
    key: ParcelKeyId,
}

#[derive(Decode, Encode)]
struct Whole {
    #[n(0)]
    version: u8,
    #[n(1)]
    device: DeviceId,
    #[n(2)]
    events: u16,
    #[n(3)]
    key: ParcelKeyId,
    #[cbor(n(4), with = "minicbor::bytes")]
    encapsulated: [u8; 32],
    #[n(5)]
    sealed: ByteVec,
}

impl Parcel {
    /// Seals [signed contents] to a server's key. `random` is 32 fresh random bytes, used for this parcel only.
    ///
    /// [signed contents]: crate::ParcelContents::sign
    ///
    /// # Errors
    /// [`SealError`] if the key cannot be used, or the parcel would be too large.
    pub fn seal(
        device: DeviceId,
        events: u16,
        contents: &[u8],
        to: &ParcelKey,
        random: [u8; 32],
    ) -> Result<Self, SealError> {
        let header = ParcelHeader { device, events, key: to.id() };
        let recipient = to.of_kem().ok_or(SealError::BadKey)?;
        let sealed =
            hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
                &OpModeS::Base,
                &recipient,
                INFO,
                contents,
                &header.to_bytes(),
                &mut Handed { random, blocks: 0 },
            );
        let (encapsulated, sealed) = sealed.map_err(|_| SealError::BadKey)?;
        let parcel = Self { header, encapsulated: encapsulated.to_bytes().into(), sealed };
        let size = parcel.to_bytes().len();
        if size > PARCEL_MAX_BYTES { Err(SealError::TooLarge { size }) } else { Ok(parcel) }
    }

    /// Parses a parcel. Nothing is opened.
    ///
    /// # Errors
    /// [`ParcelRejection`] for anything but the one encoding of a parcel.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParcelRejection> {
        if bytes.len() > PARCEL_MAX_BYTES {
            return Err(ParcelRejection::TooLarge { size: bytes.len() });
        }
        let whole: Whole = seal::from_canonical(bytes)?;
        if whole.version != VERSION {
            return Err(ParcelRejection::UnknownVersion(whole.version));
        }
        let Whole { device, events, key, encapsulated, sealed, .. } = whole;
        let header = ParcelHeader { device, events, key };
        Ok(Self { header, encapsulated, sealed: sealed.into() })
    }

    /// Encodes the parcel: `[1, device, events, key, encapsulated key, sealed contents]` in
    /// deterministic CBOR.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        seal::to_canonical(&Whole {
            version: VERSION,
            device: self.header.device,
            events: self.header.events,
            key: self.header.key,
            encapsulated: self.encapsulated,
            sealed: self.sealed.clone().into(),
        })
    }

    /// Names a parcel by its bytes.
    #[must_use]
    pub fn name(bytes: &[u8]) -> Hash {
        seal::sha256(bytes)
    }

    /// Says what a carrier may know.
    #[must_use]
    pub fn header(&self) -> ParcelHeader {
        self.header
    }

    /// Opens the parcel. Who signed what is inside is not asked yet.
    ///
    /// # Errors
    /// [`OpenError`] if it is for another key, or was changed on the way.
    pub fn open(&self, secret: &ParcelSecret) -> Result<Vec<u8>, OpenError> {
        if self.header.key != secret.public().id() {
            return Err(OpenError::OtherKey(self.header.key));
        }
        let encapsulated =
            <X25519HkdfSha256 as hpke::Kem>::EncappedKey::from_bytes(&self.encapsulated)
                .map_err(|_| OpenError::Damaged)?;
        let contents = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
            &OpModeR::Base,
            secret.of_kem(),
            &encapsulated,
            INFO,
            &self.sealed,
            &self.header.to_bytes(),
        );
        contents.map_err(|_| OpenError::Damaged)
    }
}

impl ParcelHeader {
    /// Encodes what is authenticated beside the contents: `[1, device, events, key]`.
    fn to_bytes(self) -> Vec<u8> {
        let Self { device, events, key } = self;
        seal::to_canonical(&Clear { version: VERSION, device, events, key })
    }
}

/// Gives out what was handed in, once: SHA-256(random ‖ block number), block by block.
struct Handed {
    random: [u8; 32],
    blocks: u64,
}

impl TryRng for Handed {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_be_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_be_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        for chunk in to.chunks_mut(32) {
            let block = seal::sha256_of(&[&self.random, &self.blocks.to_be_bytes()]);
            self.blocks += 1;
            for (to, from) in chunk.iter_mut().zip(block.0) {
                *to = from;
            }
        }
        Ok(())
    }
}

impl TryCryptoRng for Handed {}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTENTS: &[u8] = b"signed contents";

    fn sealed() -> (ParcelSecret, Parcel) {
        let secret = ParcelSecret::from_seed(&[5; 32]);
        let device = DeviceId::default();
        let parcel = Parcel::seal(device, 1, CONTENTS, &secret.public(), [6; 32]).unwrap();
        (secret, parcel)
    }

    #[test]
    fn opens_for_one_server_alone() {
        let (secret, parcel) = sealed();
        let bytes = parcel.to_bytes();
        let came = Parcel::parse(&bytes).unwrap();
        assert_eq!(came, parcel);
        assert_eq!(came.open(&secret).unwrap(), CONTENTS);
        let other = ParcelSecret::from_seed(&[9; 32]);
        assert!(matches!(came.open(&other), Err(OpenError::OtherKey(_))));
        // Also one that says it is for the other: the key's name is authenticated.
        let mut lies = came;
        lies.header.key = other.public().id();
        assert!(matches!(lies.open(&other), Err(OpenError::Damaged)));
    }

    #[test]
    fn refuses_every_changed_byte_and_every_truncation() {
        let (secret, parcel) = sealed();
        let bytes = parcel.to_bytes();
        for at in 0..bytes.len() {
            let mut broken = bytes.clone();
            broken[at] ^= 1;
            let opened = Parcel::parse(&broken).is_ok_and(|parcel| parcel.open(&secret).is_ok());
            assert!(!opened, "byte {at} was changed and the parcel still opened");
            assert!(Parcel::parse(&bytes[..at]).is_err());
        }
    }

    #[test]
    fn refuses_a_weak_key_and_too_much() {
        let weak = ParcelKey::from_bytes([0; 32]);
        let device = DeviceId::default();
        let to_weak = Parcel::seal(device, 1, CONTENTS, &weak, [6; 32]);
        assert_eq!(to_weak, Err(SealError::BadKey));
        let to = ParcelSecret::from_seed(&[5; 32]).public();
        let sealed = Parcel::seal(device, 1, &[0; PARCEL_MAX_BYTES], &to, [6; 32]);
        assert!(matches!(sealed, Err(SealError::TooLarge { .. })));
    }
}
