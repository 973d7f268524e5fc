//! The first words of a contact: who is here and how far each side is.

use attendance::DeviceId;
use minicbor::{Decode, Encode};
use seal::Hash;
use serde::{Deserialize, Serialize};

use crate::bytes::{Base64, HexHash};

/// Signatures of a device that says hello.
pub const HELLO_DOMAIN: seal::Domain = seal::Domain("qatysu/hello/1");

/// What a device signs to be recognised.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(map)]
pub struct HelloClaims {
    /// Who.
    #[n(0)]
    pub device: DeviceId,
    /// The next sequence number of its chain.
    #[n(1)]
    pub seq_next: u64,
    /// The head of its chain.
    #[n(2)]
    pub head: Hash,
    /// Its claimed wall clock, milliseconds since 1970-01-01T00:00Z.
    #[n(3)]
    pub wall_ms: i64,
    /// The program's version.
    #[n(4)]
    pub version: String,
}

/// `POST /v1/hello`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct HelloRequest {
    /// [`HelloClaims`] as `COSE_Sign1` under the device key, domain [`HELLO_DOMAIN`].
    pub claims: Base64,
    /// The device's certificate: a server that was rebuilt after a loss may not know the device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Base64>,
}

/// How the server stands with this device.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct HelloResponse {
    /// The next sequence number that the server expects.
    pub seq_next: u64,
    /// The hash of the last event that the server has, if any.
    pub head: Option<HexHash>,
    /// True if two events with one sequence number were seen: the device is set aside.
    pub suspended: bool,
    /// Opens the deltas that only this device may read, for a limited time.
    pub token: String,
    /// The newest trust list's version.
    pub trust_version: u32,
    /// The newest roster's version.
    pub roster_version: u32,
    /// The newest checkpoint, as a signed note.
    pub checkpoint: String,
    /// True if the device is revoked: it may send, and nothing of the district comes down to it. The
    /// signed list says since when.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub revoked: bool,
    /// The newest version of the list of revoked devices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revocations_version: Option<u32>,
    /// The device's newest certificate, if it showed an older one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Base64>,
}
