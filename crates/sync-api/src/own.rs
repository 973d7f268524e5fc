//! A device's own events, for one that lost them.

use serde::{Deserialize, Serialize};

use crate::bytes::Base64;

/// `GET /v1/own/{seq}`: the asking device's own events in the log, from a position of its chain on.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct OwnEventsResponse {
    /// Signed events, in chain order; empty if there are none. More may follow: ask again from the
    /// next position. The device's own signature is their proof.
    pub events: Vec<Base64>,
}

/// The most events that one answer has.
pub const OWN_EVENTS_MAX: u32 = 256;
