//! The sheets of a month, for whoever signs them.

use attendance::{DeviceId, ProviderId};
use serde::{Deserialize, Serialize};

use crate::bytes::{Base64, HexHash};

/// Answers `GET /v1/months/{month}/sheets`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SheetsResponse {
    /// `year * 100 + month`.
    pub month: u32,
    /// The leaf that closed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub close_leaf: Option<u64>,
    /// Whether the registry has providers with a signed act only.
    pub acts_required: bool,
    /// One a provider that the asking device may see, ordered by id.
    pub sheets: Vec<SheetStandingResponse>,
}

/// Where a provider's sheet stands.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SheetStandingResponse {
    /// The provider.
    pub provider: ProviderId,
    /// Its name.
    pub name: String,
    /// `OPEN`, `PARENTS`, `PROVIDER_SIGNED`, `ISSUER_REVIEW`, `REVISION`, `APPROVED`, `ACTED`, `PAID`,
    /// `CLOSED`, `PAUSED` or `INVALID`.
    pub state: String,
    /// Whose turn it is, and until when; nothing at its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<SheetHolderResponse>,
    /// The sheet's canonical bytes: who signs signs their SHA-256.
    pub sheet: PaperResponse,
    /// The act, once the month is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<PaperResponse>,
    /// The number under which the act is signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act_number: Option<String>,
    /// What the Treasury is to pay, in tiyn, once the month is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_tiyn: Option<i64>,
    /// The money document, once it is paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// The leaf of its notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_leaf: Option<u64>,
    /// When it was given back, and until when it is to be signed again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned: Option<SheetDecisionResponse>,
    /// Why it stands still.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<SheetDecisionResponse>,
    /// Why it is invalid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invalid: Option<SheetDecisionResponse>,
    /// Rows that waited for a family or a decision at the close, as they are since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supplementary: Option<SupplementaryResponse>,
    /// Signatures and decisions that count for nothing, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<RefusedSignatureResponse>,
    /// Why the registry does not have the provider; nothing if it has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withheld: Option<String>,
}

/// Who holds a sheet.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SheetHolderResponse {
    /// The step of the month.
    pub step: String,
    /// Whose turn it is.
    pub holder: String,
    /// Since when, a local day.
    pub since: String,
    /// The last day.
    pub until: String,
    /// True if that day is over.
    pub late: bool,
}

/// A sheet or an act, and who signed it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct PaperResponse {
    /// Its canonical bytes.
    pub bytes: Base64,
    /// Their SHA-256.
    pub sha256: HexHash,
    /// Signatures that count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signatures: Vec<PaperSignatureResponse>,
}

/// A signature that counts.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct PaperSignatureResponse {
    /// `provider` or `issuer`.
    pub side: String,
    /// The key's id, eight hexadecimal digits.
    pub key_id: String,
    /// The device.
    pub device: DeviceId,
    /// The local day that it claims.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// Its leaf.
    pub leaf: u64,
    /// The event.
    pub event: HexHash,
    /// The scheme of a second signature that it names; nobody here verified it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub foreign: Option<String>,
}

/// What the issuer decided about a sheet.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SheetDecisionResponse {
    /// The leaf.
    pub leaf: u64,
    /// The local day that it claims.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// The number of the order.
    pub document: String,
    /// Until when something is to be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// The supplementary sheet.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SupplementaryResponse {
    /// The sheet.
    pub sheet: PaperResponse,
    /// The last day whose answers enter it.
    pub until: String,
}

/// What counts for nothing.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RefusedSignatureResponse {
    /// Its leaf.
    pub leaf: u64,
    /// The device.
    pub device: DeviceId,
    /// Why, with both hashes where other bytes were signed.
    pub why: String,
}
