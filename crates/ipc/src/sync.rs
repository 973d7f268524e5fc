//! How a device stands with the server, and when it tries next.

use serde::{Deserialize, Serialize};

use crate::device::ParkedReason;

/// Why the next sync is when it is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NextSyncWhy {
    /// All is well; it looks for news.
    Rest,
    /// Something new was recorded.
    Recorded,
    /// The network came back.
    Online,
    /// The app came back to the screen.
    Resumed,
    /// A person asked for it.
    Pressed,
    /// The last one was not answered.
    Unanswered,
    /// The server asked for the wait.
    Busy,
    /// The last one was refused, and will be until something changes.
    Refused,
}

impl NextSyncWhy {
    /// All of them, so that a test can count the sentences.
    pub const ALL: &'static [Self] = &[
        Self::Rest,
        Self::Recorded,
        Self::Online,
        Self::Resumed,
        Self::Pressed,
        Self::Unanswered,
        Self::Busy,
        Self::Refused,
    ];
}

/// Shows when the next sync is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct NextSyncView {
    /// When, on the device's clock.
    pub at_ms: i64,
    /// Why then.
    pub why: NextSyncWhy,
}

/// Shows how many events were put aside for one reason.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct OwnParkedView {
    /// Why.
    pub reason: ParkedReason,
    /// How many.
    pub count: u64,
}

/// Shows how much of a new roster is here. The one before is in force until all of it is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RosterComingView {
    /// Bytes that are here.
    pub kept_bytes: u32,
    /// Bytes of the whole.
    pub length_bytes: u32,
}
