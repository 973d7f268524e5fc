//! What a parent's screen shows of completeness: is anything about the child hidden?

use serde::{Deserialize, Serialize};

use crate::visit::Role;

/// Shows how far all that the log holds about a child is known.
#[derive(Clone, Debug, Deserialize, Hash, PartialEq, Serialize)]
pub struct CompletenessView {
    /// The child's name.
    pub child: String,
    /// Entries of the log, from the first, in which nothing about the child is hidden. 0: none were
    /// proven yet.
    pub complete_to: u64,
    /// When the newest list was verified.
    pub at_ms: Option<i64>,
    /// Entries that are missing or contradict the lists, in the log's order.
    pub faults: Vec<FaultView>,
    /// What the log holds about the child, in the log's order.
    pub entries: Vec<EntryView>,
}

/// Shows an entry that stands against completeness.
#[derive(Clone, Debug, Deserialize, Hash, PartialEq, Serialize)]
pub struct FaultView {
    /// Its place in the log, from 0.
    pub leaf_index: u64,
    /// What is wrong.
    pub fault: EntryFault,
    /// A sentence of detail for the small print, in English.
    pub detail: Option<String>,
}

/// What stands against completeness.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryFault {
    /// It has not come yet; the next sync asks for it.
    NotAsked,
    /// The server does not show it.
    NotShown,
    /// What the server shows of it does not hold.
    Wrong,
    /// It was shown, and the log's lists do not name it.
    Unnamed,
}

/// Shows one verified entry about a child.
#[derive(Clone, Debug, Deserialize, Hash, PartialEq, Serialize)]
pub struct EntryView {
    /// Its place in the log, from 0.
    pub leaf_index: u64,
    /// The hash of its bytes.
    pub hash: String,
    /// What it says.
    pub kind: EntryKind,
    /// Who made it; nothing for a card.
    pub made: Option<MadeView>,
}

/// Shows where an event about a child comes from.
#[derive(Clone, Debug, Deserialize, Hash, PartialEq, Serialize)]
pub struct MadeView {
    /// When it was made, by the clock of the device that made it.
    pub at_ms: i64,
    /// Whose device made it.
    pub role: Role,
    /// That device's name.
    pub device: String,
    /// True if it is of this device.
    pub own: bool,
}

/// What an entry says of a child. Each has a sentence in every language of the UI.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// The child came.
    In,
    /// The child left.
    Out,
    /// The child was absent.
    Absent,
    /// An earlier entry was corrected.
    Correct,
    /// An earlier entry was withdrawn.
    Void,
    /// A parent said *was*.
    Confirm,
    /// A parent said *was not*.
    Dispute,
    /// A parent signed a month.
    MonthSign,
    /// A card was issued.
    Card,
    /// Something else.
    Other,
}
