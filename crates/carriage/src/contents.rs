//! What is inside a parcel: a batch, and how far the sender has followed the log.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use seal::{PublicKey, Sign1, SignError, Signer};

/// Signatures of a device over what it puts into a parcel.
pub const CONTENTS_DOMAIN: seal::Domain = seal::Domain("qatysu/parcel-contents/1");

const VERSION: u8 = 1;

/// The batch is a plain one, as `PUT /v1/batch` has always taken it.
pub const BATCH_FORMAT: &str = "application/cbor";

/// The batch is packed (`attendance::pack`).
pub const PACKED_FORMAT: &str = "application/vnd.qatysu.packed-batch";

/// Why bytes were not accepted as the contents of a parcel.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContentsRejection {
    /// Not the one encoding.
    #[error("not the contents of a parcel: {0}")]
    Malformed(#[from] seal::CanonicalError),
    /// Not a signed envelope.
    #[error("not the contents of a parcel: {0}")]
    Envelope(#[from] seal::EnvelopeError),
    /// The device that the parcel names did not sign them.
    #[error("the device that the parcel names did not pack it")]
    BadSignature,
    /// A version this program does not know.
    #[error("contents of version {0} are newer than this program")]
    UnknownVersion(u8),
}

/// Holds what the server reads once the parcel is open.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ParcelContents {
    /// The media type of the batch: [`BATCH_FORMAT`], [`PACKED_FORMAT`], or a later one.
    pub format: String,
    /// The batch, exactly the bytes that would be put directly.
    pub batch: Vec<u8>,
    /// The size of the newest checkpoint that the device has accepted: the answer proves that the log
    /// only grew from there. None if it has none.
    pub known_size: Option<u64>,
}

#[derive(Decode, Encode)]
struct Frame {
    #[n(0)]
    version: u8,
    #[n(1)]
    format: String,
    #[n(2)]
    batch: ByteVec,
    #[n(3)]
    known_size: Option<u64>,
}

impl ParcelContents {
    /// Signs the contents as the sending device: nobody else may fill a server with what it has to
    /// keep. The payload is `[1, format, batch, known size]`.
    ///
    /// # Errors
    /// [`SignError`] if the device's key does not sign.
    pub fn sign(&self, device: &dyn Signer) -> Result<Vec<u8>, SignError> {
        Ok(Sign1::seal(device, CONTENTS_DOMAIN, self.payload())?.to_bytes())
    }

    /// Encodes what is signed for [`CONTENTS_DOMAIN`].
    #[must_use]
    pub fn payload(&self) -> Vec<u8> {
        seal::to_canonical(&Frame {
            version: VERSION,
            format: self.format.clone(),
            batch: self.batch.clone().into(),
            known_size: self.known_size,
        })
    }

    /// Reads contents that this device signed. The batch is not looked at.
    ///
    /// # Errors
    /// [`ContentsRejection`] for anything but their one encoding under that signature.
    pub fn parse_and_verify(bytes: &[u8], device: &PublicKey) -> Result<Self, ContentsRejection> {
        let sealed = Sign1::parse(bytes)?;
        let payload = sealed.verify(device, CONTENTS_DOMAIN);
        let payload = payload.map_err(|_| ContentsRejection::BadSignature)?;
        let frame: Frame = seal::from_canonical(payload)?;
        if frame.version != VERSION {
            return Err(ContentsRejection::UnknownVersion(frame.version));
        }
        let Frame { format, batch, known_size, .. } = frame;
        Ok(Self { format, batch: batch.into(), known_size })
    }
}
