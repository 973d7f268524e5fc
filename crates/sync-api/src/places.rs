//! What is offered to a family's own children.

use attendance::{ChildId, VoucherId};
use serde::{Deserialize, Serialize};

use crate::bytes::HexHash;

/// `GET /v1/places`: the vouchers in force of the asking family's children, and what it is asked about
/// them. Days are `year * 10000 + month * 100 + day`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct PlacesResponse {
    /// The vouchers, by identifier.
    pub vouchers: Vec<PlaceResponse>,
}

/// Where a voucher stands. The server's word: nothing of it is signed.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct PlaceResponse {
    /// The voucher.
    pub voucher: VoucherId,
    /// Its printed number.
    pub number: String,
    /// Whose it is.
    pub child: ChildId,
    /// Where it stands: `active` (no place), `offered`, `booked`, `contracted`.
    pub state: String,
    /// The club whose place is offered or booked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Its group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The last day to answer the offer, or to sign the contract of what is booked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_day: Option<u32>,
    /// The working days after the server's today, up to that last one.
    pub days_left: Vec<u32>,
    /// The events that answered about it, in the log's order.
    pub answers: Vec<HexHash>,
    /// True if the last answer since the newest offer changed nothing: it came too late, mostly.
    pub not_taken: bool,
}
