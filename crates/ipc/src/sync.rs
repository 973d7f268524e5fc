//! How a device stands with the server, and when it tries next.

use serde::{Deserialize, Serialize};

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

/// Why the server put an event aside.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ParkedWhy {
    /// Another event of the device has its number.
    Fork,
    /// The device was set aside before it came.
    Suspended,
    /// The signature does not match.
    BadSignature,
    /// It does not continue the chain.
    BrokenLink,
    /// It is damaged.
    Malformed,
    /// One that these pages have no words for.
    Other,
}

impl ParkedWhy {
    /// All of them, so that a test can count the sentences.
    pub const ALL: &'static [Self] = &[
        Self::Fork,
        Self::Suspended,
        Self::BadSignature,
        Self::BrokenLink,
        Self::Malformed,
        Self::Other,
    ];
}

/// Shows how many events were put aside for one reason.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ParkedView {
    /// Why.
    pub why: ParkedWhy,
    /// How many.
    pub count: u64,
}
