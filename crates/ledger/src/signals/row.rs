//! What a signal answers: rows, each with what was counted and the events behind it.

use attendance::{ChildId, DeviceId, GroupId, LessonId, ProviderId, VoucherId};
use chrono::NaiveDate;
use seal::Hash;

use crate::snapshot::Lesson;
use crate::visit::LoggedEvent;

/// An event that a row rests on.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Behind {
    /// Its leaf; nothing if it was put aside and is not in the log.
    pub leaf: Option<u64>,
    /// Its hash.
    pub event: Hash,
}

/// What a signal found in one place. Pseudonyms only.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct SignalRow {
    /// Whose.
    pub provider: Option<ProviderId>,
    /// Which group.
    pub group: Option<GroupId>,
    /// The day, local of UTC+5.
    pub day: Option<NaiveDate>,
    /// Which lesson.
    pub lesson: Option<LessonId>,
    /// Which child.
    pub child: Option<ChildId>,
    /// Which voucher.
    pub voucher: Option<VoucherId>,
    /// Which device.
    pub device: Option<DeviceId>,
    /// What was counted; [`Signal::counts`](super::Signal::counts) says what that is.
    pub counted: u64,
    /// Out of how many, where it is a share.
    pub of: Option<u64>,
    /// What there is to say beside it.
    pub note: Option<&'static str>,
    /// The events behind it, in the log's order.
    pub behind: Vec<Behind>,
}

/// One signal of a month: what was compared with what, and what was found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignalResult {
    /// Which.
    pub signal: super::Signal,
    /// The thresholds in force in the district, by their ids. Narrower rules may have others.
    pub thresholds: Vec<(&'static str, u64)>,
    /// How many places were looked at.
    pub looked_at: u64,
    /// Where the threshold was passed.
    pub rows: Vec<SignalRow>,
    /// What was not there to be looked at, or was there in part only.
    pub missing: Option<&'static str>,
}

/// Rows that were found, and how many places were looked at.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) looked_at: u64,
    pub(super) rows: Vec<SignalRow>,
    pub(super) missing: Option<&'static str>,
}

impl Found {
    /// Looks at one place.
    pub(super) fn look(&mut self, row: Option<SignalRow>) {
        self.looked_at = self.looked_at.saturating_add(1);
        self.rows.extend(row);
    }

    pub(super) fn missing(why: &'static str) -> Self {
        Self { missing: Some(why), ..Self::default() }
    }
}

impl SignalRow {
    /// A row about a lesson.
    pub(super) fn of_lesson(lesson: &Lesson) -> Self {
        Self { lesson: Some(lesson.id), day: Some(lesson.day), ..Self::of_group(lesson) }
    }

    /// A row about a lesson's group.
    pub(super) fn of_group(lesson: &Lesson) -> Self {
        Self { provider: Some(lesson.provider), group: Some(lesson.group), ..Self::default() }
    }

    /// The row with what was counted, and out of how many.
    pub(super) fn counting(self, counted: usize, of: Option<usize>) -> Self {
        let number = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
        Self { counted: number(counted), of: of.map(number), ..self }
    }

    /// The row with the events behind it.
    pub(super) fn behind<'a>(self, events: impl IntoIterator<Item = &'a LoggedEvent>) -> Self {
        let of = |logged: &LoggedEvent| Behind { leaf: Some(logged.index), event: logged.hash };
        let mut behind: Vec<Behind> = events.into_iter().map(of).collect();
        behind.sort_unstable();
        behind.dedup();
        Self { behind, ..self }
    }
}

/// Says whether a part is more than so many per cent of the whole.
pub(super) fn exceeds(part: usize, whole: usize, max_percent: u32) -> bool {
    let (part, whole) = (u128::try_from(part).unwrap_or(0), u128::try_from(whole).unwrap_or(0));
    part.saturating_mul(100) > whole.saturating_mul(u128::from(max_percent))
}
