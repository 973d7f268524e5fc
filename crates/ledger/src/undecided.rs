//! The visits that wait for the district's word: the family says *was not*, or another provider has the
//! child at the same time (R1, 6 and R3, 19). Until it decides they are not paid, or held.

use attendance::{ChildId, GroupId, LessonId, ProviderId, VoucherId};
use chrono::NaiveDate;
use seal::Hash;
use serde::Serialize;

use crate::calendar::Month;
use crate::sheet::MonthFold;
use crate::snapshot::Snapshot;
use crate::visit::{FoldError, LoggedEvent, Visit};

/// Why a visit waits.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UndecidedWhy {
    /// The family says *was not*.
    Disputed,
    /// Another provider has the child at the same time.
    Conflict,
}

/// A visit that waits for the district's word.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UndecidedVisit {
    /// The event that recorded it: what a decision names.
    pub event: Hash,
    /// That event's leaf.
    pub leaf: u64,
    /// The voucher.
    pub voucher: VoucherId,
    /// The child.
    pub child: ChildId,
    /// The group.
    pub group: GroupId,
    /// The provider.
    pub provider: ProviderId,
    /// The lesson.
    pub lesson: LessonId,
    /// When the lesson starts, milliseconds since 1970-01-01T00:00Z.
    pub start_ms: i64,
    /// Why it waits.
    pub why: UndecidedWhy,
    /// The last day to decide about a dispute, counted from its claimed time.
    pub decide_until: Option<NaiveDate>,
}

/// Lists the visits of a month that wait for the district's word, in order of time. After the close they
/// stay as they were: what is decided then is a case for an adjustment.
///
/// # Errors
/// [`FoldError`] if there are no rules for the month.
pub fn undecided(
    snapshot: &Snapshot,
    events: &[LoggedEvent],
    month: Month,
) -> Result<Vec<UndecidedVisit>, FoldError> {
    let visits = MonthFold::of(snapshot, events, month)?.visits.into_iter();
    Ok(visits.filter_map(|visit| Some(waits(&visit, why(&visit)?))).collect())
}

fn why(visit: &Visit) -> Option<UndecidedWhy> {
    if visit.is_denied() {
        None
    } else if visit.is_disputed() {
        Some(UndecidedWhy::Disputed)
    } else {
        visit.conflict.then_some(UndecidedWhy::Conflict)
    }
}

fn waits(visit: &Visit, why: UndecidedWhy) -> UndecidedVisit {
    UndecidedVisit {
        event: visit.event,
        leaf: visit.index,
        voucher: visit.voucher,
        child: visit.child,
        group: visit.group,
        provider: visit.provider,
        lesson: visit.lesson,
        start_ms: visit.start_ms,
        why,
        decide_until: visit.decide_until.filter(|_| why == UndecidedWhy::Disputed),
    }
}
