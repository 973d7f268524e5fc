//! What was said that does not hold.

use serde::{Deserialize, Serialize};

/// What kind of alarm. Each has two sentences in every language of the UI: what it means, and what
/// to do.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AlarmCode {
    /// The log signed two histories: proven.
    TwoHistories,
    /// The server did not prove that its log only grew: not proven either way.
    NotConsistent,
    /// The server shows an older state of its log than before.
    LogOlder,
    /// A checkpoint that nobody trusted signed.
    BadCheckpoint,
    /// A receipt that does not hold.
    BadReceipt,
    /// A visit that does not hold.
    BadVisit,
    /// A statement about a month that does not hold.
    BadStatement,
    /// What the log says about a child has a gap, or does not hold.
    Incomplete,
    /// This device is a copy, or an older state of it was put back and went on.
    Forked,
    /// An older state of this device was put back.
    Restored,
    /// One that these pages have no words for.
    Other,
}

impl AlarmCode {
    /// All codes, so that a test can count the sentences.
    pub const ALL: &'static [Self] = &[
        Self::TwoHistories,
        Self::NotConsistent,
        Self::LogOlder,
        Self::BadCheckpoint,
        Self::BadReceipt,
        Self::BadVisit,
        Self::BadStatement,
        Self::Incomplete,
        Self::Forked,
        Self::Restored,
        Self::Other,
    ];
}

/// Shows an alarm.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct AlarmView {
    /// What kind.
    pub code: AlarmCode,
    /// When it was raised.
    pub at_ms: i64,
    /// A sentence for the small print, in English, without personal data.
    pub detail: String,
    /// The event it is about, where there is one.
    pub event: Option<String>,
    /// The evidence, as a file's text (JSON).
    pub file: String,
}
