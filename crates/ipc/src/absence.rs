//! Absences and their documents, withdrawals, and who is in the building.

use serde::{Deserialize, Serialize};

use crate::visit::Mark;

/// Why a child is absent.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AbsenceReason {
    /// Ill.
    Sick,
    /// Away with leave.
    Leave,
    /// In quarantine.
    Quarantine,
    /// Without a reason that excuses.
    Unexcused,
}

impl AbsenceReason {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Sick, Self::Leave, Self::Quarantine, Self::Unexcused];

    /// True if a document excuses it.
    #[must_use]
    pub fn excuses(self) -> bool {
        self != Self::Unexcused
    }
}

/// Shows an absence.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct AbsenceView {
    /// The absence's event.
    pub event: String,
    /// Why; nothing if no reason of the list was given.
    pub reason: Option<AbsenceReason>,
    /// The number of the document.
    pub number: Option<String>,
    /// The SHA-256 of the document's file.
    pub document: Option<String>,
    /// True if the file is on this device and can be shown.
    pub has_file: bool,
    /// True if this device entered it, and may withdraw it.
    pub own: bool,
    /// How far it has come.
    pub mark: Mark,
}

/// What became of an absence.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AbsenceOutcome {
    /// Recorded.
    Kept,
    /// It was said before.
    Already,
    /// The child has a mark in this lesson: it counts, and nothing was recorded.
    Came,
}

/// Until when an absence may be explained, as far as the device knows.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct TermsView {
    /// The first moment after the time for a reason.
    pub reason_until_ms: i64,
    /// The first moment after the time for a document.
    pub document_until_ms: i64,
    /// The hour that has begun, by what the device takes the time to be.
    pub now_ms: i64,
}

/// Shows a file that was kept.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct DocumentKeptView {
    /// Its SHA-256.
    pub document: String,
}

/// Shows a file.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct DocumentView {
    /// `image/jpeg`, `image/png` or `application/pdf`.
    pub media: String,
    /// Its bytes in Base64.
    pub base64: String,
}

/// Why a mark is withdrawn.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Withdrawal {
    /// It was another child.
    OtherChild,
    /// The child was not there.
    NotThere,
    /// It belongs to another lesson.
    OtherLesson,
    /// A slip, or a trial.
    Slip,
}

impl Withdrawal {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::NotThere, Self::OtherChild, Self::OtherLesson, Self::Slip];
}

/// Shows a withdrawal.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct WithdrawnView {
    /// When.
    pub at_ms: i64,
    /// Why; nothing for what was undone at once.
    pub why: Option<Withdrawal>,
    /// How far the withdrawal has come.
    pub mark: Mark,
}

/// Shows a child who is in the building.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub struct InsideView {
    /// The child's id.
    pub child: String,
    /// The name, if it is known on this device.
    pub name: Option<String>,
    /// The lesson's id.
    pub lesson: String,
    /// The group's name.
    pub group: String,
    /// Since when.
    pub since_ms: i64,
}
