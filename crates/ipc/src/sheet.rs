//! A family's months.

use serde::{Deserialize, Serialize};

use crate::absence::{AbsenceView, WithdrawnView};
use crate::visit::Mark;

/// What comes of a planned lesson, by what this device knows.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DayState {
    /// It has not ended yet.
    ToCome,
    /// Came, and the family said so.
    Confirmed,
    /// Came; the family has not said so yet.
    Awaiting,
    /// The family said *was not*.
    Disputed,
    /// Absent with an excuse and its document.
    Excused,
    /// Absent with an excuse, without a document yet.
    NoDocument,
    /// Absent without an excuse.
    Unexcused,
    /// No mark, and no reason.
    Missing,
    /// The provider did not hold the lesson.
    NotHeld,
    /// An official order cancelled the lesson.
    CancelledOfficial,
}

impl DayState {
    /// All of them, so that a test can count the sentences.
    pub const ALL: &'static [Self] = &[
        Self::ToCome,
        Self::Confirmed,
        Self::Awaiting,
        Self::Disputed,
        Self::Excused,
        Self::NoDocument,
        Self::Unexcused,
        Self::Missing,
        Self::NotHeld,
        Self::CancelledOfficial,
    ];

    /// True if the day, as it stands, is not paid.
    #[must_use]
    pub fn is_unpaid(self) -> bool {
        match self {
            Self::Disputed | Self::NoDocument | Self::Unexcused | Self::Missing | Self::NotHeld => {
                true
            }
            Self::ToCome
            | Self::Confirmed
            | Self::Awaiting
            | Self::Excused
            | Self::CancelledOfficial => false,
        }
    }
}

/// Shows a planned lesson of a month.
#[derive(Clone, Debug, Deserialize, Hash, PartialEq, Serialize)]
pub struct SheetDayView {
    /// The lesson's id.
    pub lesson: String,
    /// The group's name.
    pub group: String,
    /// When it is planned to start.
    pub start_ms: i64,
    /// What comes of it.
    pub state: DayState,
    /// The visit's event, if the child came.
    pub event: Option<String>,
    /// True if the visit was marked by hand.
    pub by_hand: bool,
    /// The withdrawal of a mark of the child.
    pub withdrawn: Option<WithdrawnView>,
    /// The absence.
    pub absence: Option<AbsenceView>,
    /// Until when the absence may be explained.
    pub terms: crate::TermsView,
}

/// When a month is signed, as seen from now.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SignTime {
    /// Not yet.
    Early,
    /// Now.
    Now,
    /// The days are over; a signature goes to a later sheet.
    Late,
}

/// Shows a family's signature.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SignedView {
    /// When.
    pub at_ms: i64,
    /// How far it has come.
    pub mark: Mark,
}

/// Shows a child's month.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct SheetView {
    /// The child's id.
    pub child: String,
    /// The child's name.
    pub name: String,
    /// The month, `2026-09`.
    pub month: String,
    /// Lessons planned.
    pub planned: u32,
    /// Lessons attended, and not disputed.
    pub attended: u32,
    /// Of those: confirmed.
    pub confirmed: u32,
    /// Absences with an excuse and its document.
    pub excused: u32,
    /// How many of those may be paid.
    pub excused_cap: u32,
    /// Lessons that are not paid as they stand.
    pub unpaid: u32,
    /// Lessons to come.
    pub to_come: u32,
    /// The lessons, by their start.
    pub days: Vec<SheetDayView>,
    /// The first moment at which the month is signed.
    pub sign_from_ms: i64,
    /// The first moment after the days on which it is signed.
    pub sign_until_ms: i64,
    /// When that is, as seen from now.
    pub sign_time: SignTime,
    /// The signature on this device.
    pub signed: Option<SignedView>,
    /// True if there is something that no signature covers yet.
    pub unsigned: bool,
    /// Entries of the log in which nothing about the child is hidden; 0 if none were proven yet.
    pub complete_to: u64,
    /// True if something about the child is known to be missing.
    pub faults: bool,
}
