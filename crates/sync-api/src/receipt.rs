//! Receipts on the wire, and the receipt file for third parties.

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
}
