//! The first words of a contact: who is here and how far each side is.

use attendance::{BootId, DeviceId};
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
    /// Its monotonic clock when it asked, milliseconds since boot. A device that tells it, and its
    /// boot, is answered with a signed time; a device of an earlier release tells neither.
    #[n(5)]
    pub mono_ms: Option<u64>,
    /// Which boot that clock counts from.
    #[n(6)]
    pub boot: Option<BootId>,
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
    /// The key that parcels for this server are sealed to, signed by its log
    /// (domain `qatysu/parcel-key/1`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parcel_key: Option<Base64>,
    /// The UDP port of the datagram door at the server's address, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub datagram_port: Option<u16>,
    /// The media types of batches that the server takes. An older server says nothing: it takes
    /// plain ones alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepts: Vec<String>,
    /// The signed time, if the device told its clock: an [`attendance::TimeAnchor`] under the log's
    /// key. Servers of an earlier release give none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<Base64>,
    /// The newest status list's version. Nothing while the server has no key for status lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_version: Option<u32>,
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
