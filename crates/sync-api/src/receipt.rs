//! Receipts on the wire, and the receipt file for third parties.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::bytes::{Base64, HexHash};

/// The format name of a [`ReceiptFile`].
pub const RECEIPT_FORMAT: &str = "qatysu-receipt/1";

/// The receipt of one event.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct EventReceipt {
    /// SHA-256 of the event's bytes.
    pub event: HexHash,
    /// The leaf's salt, 16 bytes.
    pub salt: Base64,
    /// The RFC 9942 receipt.
    pub receipt: Base64,
}

/// `GET /v1/batch/{sha256}/receipt`: receipts of every event of the batch that is in the log.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct BatchReceiptResponse {
    /// The checkpoint that the receipts are for, as a signed note.
    pub checkpoint: String,
    /// The receipts.
    pub receipts: Vec<EventReceipt>,
}

/// Asks for a batch's receipts in one, as [`CompactReceipts`]; without it come those of each event.
pub const COMPACT_RECEIPTS_MEDIA_TYPE: &str = "application/vnd.qatysu.batch-receipt+cbor";

/// `GET /v1/batch/{sha256}/receipt`, asked for [`COMPACT_RECEIPTS_MEDIA_TYPE`]: one receipt for all
/// events of the batch that are in the log. It splits into the receipts of each.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CompactReceipts {
    /// The checkpoint that the receipt is for, as a signed note.
    pub checkpoint: String,
    /// A `tlog::BatchReceipt`.
    pub receipt: Vec<u8>,
    /// The events in the log's order, each by its place in the batch, from 0.
    pub places: Vec<u16>,
    /// The salts of their leaves, in the same order.
    pub salts: Vec<[u8; 16]>,
}

/// Why bytes were not accepted as receipts of a batch.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompactReceiptsError {
    /// Not the one encoding.
    #[error("not receipts of a batch: {0}")]
    Malformed(#[from] seal::CanonicalError),
    /// A version this program does not know.
    #[error("receipts of version {0} are newer than this program")]
    UnknownVersion(u8),
    /// The salts are not one for each event.
    #[error("{events} events have {bytes} bytes of salts, 16 are needed for each")]
    Salts {
        /// How many events there are.
        events: usize,
        /// How many bytes of salts.
        bytes: usize,
    },
}

#[derive(Decode, Encode)]
struct CompactFrame {
    #[n(0)]
    version: u8,
    #[n(1)]
    checkpoint: String,
    #[n(2)]
    receipt: ByteVec,
    #[n(3)]
    places: Vec<u16>,
    #[n(4)]
    salts: ByteVec,
}

impl CompactReceipts {
    /// Encodes it: `[1, checkpoint, receipt, [* place], salts]` in deterministic CBOR.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        seal::to_canonical(&CompactFrame {
            version: 1,
            checkpoint: self.checkpoint.clone(),
            receipt: self.receipt.clone().into(),
            places: self.places.clone(),
            salts: self.salts.concat().into(),
        })
    }

    /// Parses it. Nothing is verified.
    ///
    /// # Errors
    /// [`CompactReceiptsError`] for anything but its one encoding.
    pub fn parse(bytes: &[u8]) -> Result<Self, CompactReceiptsError> {
        let frame: CompactFrame = seal::from_canonical(bytes)?;
        if frame.version != 1 {
            return Err(CompactReceiptsError::UnknownVersion(frame.version));
        }
        let (salts, rest) = frame.salts.as_chunks::<16>();
        let events = frame.places.len();
        if salts.len() != events || !rest.is_empty() {
            return Err(CompactReceiptsError::Salts { events, bytes: frame.salts.len() });
        }
        let (salts, receipt) = (salts.to_vec(), frame.receipt.into());
        Ok(Self { checkpoint: frame.checkpoint, receipt, places: frame.places, salts })
    }
}

/// Holds all that a third party needs to check one event, but the trust list.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptFile {
    /// [`RECEIPT_FORMAT`].
    pub format: String,
    /// The signed bytes of the event.
    pub event: Base64,
    /// The certificate of the device that signed it.
    pub certificate: Base64,
    /// The leaf's salt, 16 bytes.
    pub salt: Base64,
    /// The RFC 9942 receipt.
    pub receipt: Base64,
    /// The checkpoint, as a signed note.
    pub checkpoint: String,
    /// What witnesses saw later, if they did not see this very checkpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub witnessed: Option<WitnessedLater>,
}

/// A later checkpoint of the same log that witnesses cosigned, and that the log only grew up to it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessedLater {
    /// The steps from the receipt's checkpoint on; the last one ends at the cosigned checkpoint.
    pub steps: Vec<GrowthStep>,
    /// The cosigned checkpoint, as a signed note.
    pub checkpoint: String,
}

/// That a log only grew, from where the step before ended.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct GrowthStep {
    /// Number of leaves at the end of this step.
    pub size: u64,
    /// Root of the tree of so many leaves.
    pub root: HexHash,
    /// The hashes, in the order of RFC 9162 §2.1.4.1.
    pub path: Vec<HexHash>,
}

/// The format name of an [`EvidenceFile`].
pub const EVIDENCE_FORMAT: &str = "qatysu-evidence/1";

/// Holds what a device kept of an alarm, for whoever is to look into it. Nobody need trust the
/// device: the bytes are what the server said.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceFile {
    /// [`EVIDENCE_FORMAT`].
    pub format: String,
    /// What kind of alarm, by its stable name. For `two_histories` the evidence is
    /// `tlog::TwoHistories`, which `qatysu receipt two-histories` decides about.
    pub alarm: String,
    /// What the device said about it, in English.
    pub detail: String,
    /// When it was raised, by the device's own clock.
    pub at_ms: i64,
    /// The event it is about, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<HexHash>,
    /// The bytes that did not hold.
    pub evidence: Base64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipts() -> CompactReceipts {
        CompactReceipts {
            checkpoint: "a note".into(),
            receipt: vec![1, 2, 3],
            places: vec![1, 0],
            salts: vec![[7; 16], [8; 16]],
        }
    }

    #[test]
    fn parses_what_it_wrote() {
        assert_eq!(CompactReceipts::parse(&receipts().to_bytes()).unwrap(), receipts());
    }

    #[test]
    fn refuses_another_count_of_salts_and_trailing_bytes() {
        let short = CompactReceipts { salts: vec![[7; 16]], ..receipts() }.to_bytes();
        let refused = CompactReceipts::parse(&short);
        assert!(matches!(refused, Err(CompactReceiptsError::Salts { events: 2, bytes: 16 })));
        let longer = [receipts().to_bytes(), vec![0]].concat();
        assert!(matches!(CompactReceipts::parse(&longer), Err(CompactReceiptsError::Malformed(_))));
    }
}
