//! What comes down to a device: trust list, roster, visits of own children, answers, statements.

use serde::{Deserialize, Serialize};

use crate::bytes::Base64;

/// `GET /v1/delta/trust/{from}`: the trust list, if newer than version `from`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct TrustResponse {
    /// The signed trust list.
    pub trust_list: Base64,
}

/// `GET /v1/delta/revocations/{from}`: the list of revoked devices, if newer than version `from`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RevocationsResponse {
    /// The signed list ([`attendance::RevocationList`]).
    pub revocations: Base64,
}

/// `GET /v1/delta/roster/{from}`: this device's roster, if newer than version `from`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RosterResponse {
    /// The signed roster.
    pub roster: Base64,
}

/// A visit of an own child, with its whole proof.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SeenVisitResponse {
    /// The certificate of the device that recorded it.
    pub certificate: Base64,
    /// The signed bytes of the event.
    pub event: Base64,
    /// Its place in the log.
    pub leaf_index: u64,
    /// The leaf's salt, 16 bytes.
    pub salt: Base64,
    /// The RFC 9942 receipt.
    pub receipt: Base64,
}

/// `GET /v1/delta/visits/{from}`: visits of own children from leaf `from` on.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct VisitsResponse {
    /// The checkpoint that the receipts are for, as a signed note.
    pub checkpoint: String,
    /// The visits, in the log's order.
    pub visits: Vec<SeenVisitResponse>,
    /// The leaf to ask from next.
    pub next: u64,
    /// True if more is there now.
    pub more: bool,
}

/// `GET /v1/delta/confirmations/{from}`: what families answered about visits that the asking device
/// recorded, from leaf `from` on. An answer has the shape of a visit: who signed it, and its proof.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ConfirmationsResponse {
    /// The checkpoint that the receipts are for, as a signed note.
    pub checkpoint: String,
    /// The answers, in the log's order.
    pub answers: Vec<SeenVisitResponse>,
    /// The leaf to ask from next.
    pub next: u64,
    /// True if more is there now.
    pub more: bool,
}

/// `GET /v1/statement/{month}`: a closed month's tranche, with its proof.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct StatementResponse {
    /// The tranche as `COSE_Sign1` under the log's key.
    pub statement: Base64,
    /// Its place in the log.
    pub leaf_index: u64,
    /// The leaf's salt, 16 bytes.
    pub salt: Base64,
    /// The RFC 9942 receipt.
    pub receipt: Base64,
    /// The checkpoint, as a signed note.
    pub checkpoint: String,
}

/// `GET /v1/delta/status/{from}`, the whole list of revoked cards: an [`attendance::StatusList`] as
/// `COSE_Sign1` under a status key.
pub const STATUS_LIST_MEDIA_TYPE: &str = "application/vnd.qatysu.status-list+cose";
/// `GET /v1/delta/status/{from}`, a change that leads from version `from` to the newest one: an
/// [`attendance::StatusDelta`] as `COSE_Sign1` under a status key.
pub const STATUS_DELTA_MEDIA_TYPE: &str = "application/vnd.qatysu.status-delta+cose";
