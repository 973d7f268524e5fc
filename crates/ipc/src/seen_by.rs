//! What a parent's screen shows of who looked at the child. The server's word.

use serde::{Deserialize, Serialize};

/// Shows one answer of the server in which an own child was named.
#[derive(Clone, Debug, Deserialize, Hash, PartialEq, Serialize)]
pub struct SeenByView {
    /// When.
    pub at_ms: i64,
    /// The child's name; nothing if the answer was about every child of the district.
    pub child: Option<String>,
    /// Who it went to.
    pub who: SeenWho,
    /// The provider of the device or person that it went to, where it has one.
    pub provider: Option<String>,
    /// What it was.
    pub what: SeenWhat,
}

/// Who looked. Each has a sentence in every language of the UI.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SeenWho {
    /// A teacher.
    Teacher,
    /// Another phone of a family of this child.
    Family,
    /// A coordinator.
    Coordinator,
    /// A provider's administrator.
    ProviderAdmin,
    /// Somebody of the issuer, in the console.
    Issuer,
    /// Somebody of the commission, in the console.
    Commission,
    /// Somebody of the Treasury, in the console.
    Treasury,
    /// Who runs the server.
    Operator,
    /// Somebody this version has no words for.
    Other,
}

/// What was looked at. Each has a sentence in every language of the UI.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SeenWhat {
    /// The list of a group.
    Roster,
    /// Visits with their proofs.
    Visits,
    /// What the family answered about visits.
    Answers,
    /// An entry of the log.
    Entry,
    /// The list to choose a child from, for a ticket.
    Choices,
    /// A closed month's sums.
    Statement,
    /// The Treasury's registry.
    Registry,
    /// The audit bundle of a month.
    Bundle,
    /// The child's voucher: its places, parts and account.
    Voucher,
    /// A provider's sheet of a month.
    Sheets,
    /// The signals of a month.
    Signals,
    /// Who looked.
    Views,
    /// Something this version has no words for.
    Other,
}
