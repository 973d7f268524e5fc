//! What the server has of the asking device: to compare two histories, and two counts.

use serde::{Deserialize, Serialize};

use crate::bytes::HexHash;

/// The most positions that one answer covers.
pub const CHAIN_PAGE_EVENTS: u64 = 1024;

/// An event of the device that is in the log.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ChainEvent {
    /// Its position in the device's chain.
    pub seq: u64,
    /// SHA-256 of its bytes.
    pub event: HexHash,
    /// Its place in the log.
    pub leaf_index: u64,
}

/// `GET /v1/chain/{from}/{to}`: events of the asking device in the log, from position `from` on and
/// before `to`, at most [`CHAIN_PAGE_EVENTS`] positions at once.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ChainResponse {
    /// The events, in the chain's order.
    pub events: Vec<ChainEvent>,
}

/// An event of a device that was put aside.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ParkedEventResponse {
    /// SHA-256 of its bytes.
    pub event: HexHash,
    /// The position that it claims.
    pub seq: u64,
    /// Why, as a stable code: see [`EventVerdict::reason`](crate::EventVerdict::reason).
    pub reason: String,
    /// When it came, milliseconds since 1970-01-01T00:00Z.
    pub arrived_ms: i64,
}

/// `GET /v1/chain/parked`: events of the asking device that were put aside, in the order they came.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct OwnParkedResponse {
    /// The events.
    pub parked: Vec<ParkedEventResponse>,
}
