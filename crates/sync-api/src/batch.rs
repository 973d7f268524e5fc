//! One upload of events, and the answer for each of them.

use minicbor::{Decode, Encode};
use seal::Hash;
use serde::{Deserialize, Serialize};

use crate::bytes::HexHash;

/// The largest batch a server takes, in bytes.
pub const BATCH_MAX_BYTES: usize = 64 * 1024;

/// Why bytes were not accepted as a batch.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// More than [`BATCH_MAX_BYTES`].
    #[error("the batch has {size} bytes; at most {BATCH_MAX_BYTES} are taken: send fewer events")]
    TooLarge {
        /// How many bytes it has.
        size: usize,
    },
    /// Not the one encoding of a batch.
    #[error("not a batch: {0}")]
    Malformed(#[from] seal::CanonicalError),
    /// A version this program does not know.
    #[error("batch version {0} is newer than this program")]
    UnknownVersion(u8),
}

#[derive(Decode, Encode)]
struct Frame {
    #[n(0)]
    version: u8,
    #[n(1)]
    events: Vec<minicbor::bytes::ByteVec>,
}

/// Holds the signed bytes of some events of one or several devices, in the order of each chain.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Batch {
    /// `COSE_Sign1` bytes of each event.
    pub events: Vec<Vec<u8>>,
}

impl Batch {
    /// Encodes the batch: `[1, [event, …]]` in deterministic CBOR.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let events = self.events.iter().cloned().map(Into::into).collect();
        seal::to_canonical(&Frame { version: 1, events })
    }

    /// Parses a batch. The events inside are not looked at: each gets its own verdict.
    ///
    /// # Errors
    /// [`BatchError`] if the frame itself is broken.
    pub fn parse(bytes: &[u8]) -> Result<Self, BatchError> {
        if bytes.len() > BATCH_MAX_BYTES {
            return Err(BatchError::TooLarge { size: bytes.len() });
        }
        let frame: Frame = seal::from_canonical(bytes)?;
        if frame.version != 1 {
            return Err(BatchError::UnknownVersion(frame.version));
        }
        Ok(Self { events: frame.events.into_iter().map(Into::into).collect() })
    }

    /// Names the batch.
    #[must_use]
    pub fn hash(bytes: &[u8]) -> Hash {
        seal::sha256(bytes)
    }
}

/// What became of one event.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VerdictKind {
    /// In the log, by this batch.
    Stored,
    /// Already in the log.
    Duplicate,
    /// Put aside where a person sees it; it blocks nothing.
    Parked,
    /// Not yet: something before it is missing. Send it again.
    Deferred,
}

/// The answer for one event.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct EventVerdict {
    /// SHA-256 of the event's bytes.
    pub event: HexHash,
    /// What became of it.
    pub verdict: VerdictKind,
    /// Its place in the log, if it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaf_index: Option<u64>,
    /// A stable code, for parked and deferred: `bad_signature`, `unknown_device`, `fork`,
    /// `broken_link`, `malformed`, `suspended`, `revoked`, `expired`, `gap`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// For `gap`: the sequence number that the server expects next of this device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_seq: Option<u64>,
}

/// The answer to a batch: one verdict per event, in the batch's order.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct BatchResponse {
    /// The verdicts.
    pub verdicts: Vec<EventVerdict>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_what_it_wrote() {
        let batch = Batch { events: vec![vec![1, 2, 3], vec![]] };
        assert_eq!(Batch::parse(&batch.to_bytes()).unwrap(), batch);
    }

    #[test]
    fn refuses_large_newer_and_trailing() {
        assert!(matches!(
            Batch::parse(&vec![0; BATCH_MAX_BYTES + 1]),
            Err(BatchError::TooLarge { .. })
        ));
        assert!(matches!(Batch::parse(&[0x82, 2, 0x80]), Err(BatchError::UnknownVersion(2))));
        assert!(matches!(Batch::parse(&[0x82, 1, 0x80, 0]), Err(BatchError::Malformed(_))));
    }
}
