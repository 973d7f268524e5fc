//! The month's sheet: one row a voucher, one code a planned lesson, a reason for every unpaid day.

use std::borrow::Cow;
use std::collections::BTreeMap;

use attendance::{ChildId, GroupId, LessonId, ProviderId, VoucherId};
use chrono::NaiveDate;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::calendar::Month;
use crate::close::first_close;
use crate::params::Params;
use crate::snapshot::{Contract, Group, Lesson, Segment, Snapshot};
use crate::standings::Standings;
use crate::transfer::Moved;
use crate::visit::{Aside, FoldError, LoggedEvent, Standing, Visit, Visits};

/// What a planned lesson came to for a child. The numbers are signed in tranches.
#[derive(
    Clone, Copy, Debug, Decode, Deserialize, Encode, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
#[cbor(index_only)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum DayCode {
    /// Came, confirmed: paid.
    #[n(0)]
    Present,
    /// Came late, confirmed: paid.
    #[n(1)]
    PresentLate,
    /// Nobody recorded a visit.
    #[n(2)]
    Unexcused,
    /// The family said *was not*: held.
    #[n(3)]
    Disputed,
    /// The family has not answered: held.
    #[n(4)]
    AwaitingConfirmation,
    /// A mark by hand beyond the allowed share: held.
    #[n(5)]
    HeldManualShare,
    /// Beyond the visits a child may be paid for one day: held.
    #[n(6)]
    HeldDayLimit,
    /// An official day off; not in the plan.
    #[n(7)]
    Holiday,
    /// Outside the contract; not in this voucher's plan.
    #[n(8)]
    NotEnrolled,
}

impl DayCode {
    /// Gives the code as it is printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Present => "PRESENT",
            Self::PresentLate => "PRESENT_LATE",
            Self::Unexcused => "UNEXCUSED",
            Self::Disputed => "DISPUTED",
            Self::AwaitingConfirmation => "AWAITING_CONFIRMATION",
            Self::HeldManualShare => "HELD_MANUAL_SHARE",
            Self::HeldDayLimit => "HELD_DAY_LIMIT",
            Self::Holiday => "HOLIDAY",
            Self::NotEnrolled => "NOT_ENROLLED",
        }
    }

    /// Says in words why the day is not paid; nothing for a paid day.
    #[must_use]
    pub fn reason(self) -> Option<&'static str> {
        match self {
            Self::Present | Self::PresentLate => None,
            Self::Unexcused => Some("no visit was recorded"),
            Self::Disputed => Some("the family says the child was not there"),
            Self::AwaitingConfirmation => Some("the family has not confirmed the visit"),
            Self::HeldManualShare => Some("marks by hand exceed the allowed share of visits"),
            Self::HeldDayLimit => Some("the child is already paid for another lesson of the day"),
            Self::Holiday => Some("official day off"),
            Self::NotEnrolled => Some("the contract does not cover the day"),
        }
    }

    /// Says whether the lesson is paid.
    #[must_use]
    pub fn is_paid(self) -> bool {
        self.reason().is_none()
    }

    /// Says whether there is a visit whose money waits for a decision.
    #[must_use]
    pub fn is_pending(self) -> bool {
        match self {
            Self::Disputed
            | Self::AwaitingConfirmation
            | Self::HeldManualShare
            | Self::HeldDayLimit => true,
            Self::Present
            | Self::PresentLate
            | Self::Unexcused
            | Self::Holiday
            | Self::NotEnrolled => false,
        }
    }
}

/// One lesson of the group's schedule in a child's row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SheetDay {
    /// The lesson.
    pub lesson: Lesson,
    /// What it came to.
    pub code: DayCode,
    /// The visit, if there is one.
    pub visit: Option<Visit>,
}

/// One voucher's month.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SheetRow {
    /// The voucher.
    pub voucher: VoucherId,
    /// The child.
    pub child: ChildId,
    /// The group.
    pub group: GroupId,
    /// The provider.
    pub provider: ProviderId,
    /// The place's first day. A voucher that moved inside the month has a row for each place.
    pub from: NaiveDate,
    /// The place's last day.
    pub to: NaiveDate,
    /// Planned lessons of the group in the whole month, days off left out: `D` of rule 31.
    pub planned_in_month: u32,
    /// Those of the place: `e` of rule 31 and `d` of rule 32.
    pub planned: u32,
    /// Every lesson of the schedule, in order of time.
    pub days: Vec<SheetDay>,
}

impl SheetRow {
    /// Counts the paid lessons.
    #[must_use]
    pub fn paid(&self) -> u32 {
        count(self.days.iter().filter(|day| day.code.is_paid()))
    }

    /// Counts the visits whose money waits for a decision.
    #[must_use]
    pub fn pending(&self) -> u32 {
        count(self.days.iter().filter(|day| day.code.is_pending()))
    }

    /// Gives the visits, in order of time.
    pub fn visits(&self) -> impl Iterator<Item = &Visit> {
        self.days.iter().filter_map(|day| day.visit.as_ref())
    }
}

/// A month as the log tells it: visits, sheet rows, and what changed nothing and why.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MonthFold {
    /// The month.
    pub month: Month,
    /// The leaf that closed it.
    pub close: Option<u64>,
    /// The visits of children on the roster, in order of time.
    pub visits: Vec<Visit>,
    /// The rows, ordered by provider and voucher.
    pub rows: Vec<SheetRow>,
    /// Events of the month that change no sum, in order of the log.
    pub aside: Vec<Aside>,
    /// Contracts that are otherwise than in the snapshot, after transfers and terminations of the log.
    pub moved: BTreeMap<VoucherId, Contract>,
    /// Where the providers stand at the close: what a suspended one earns is held.
    pub standings: Standings,
}

impl MonthFold {
    /// Folds the log's events (of any month, in any order of the slice) into one month.
    ///
    /// # Errors
    /// [`FoldError`] if the snapshot has no rules for the month.
    pub fn of(
        snapshot: &Snapshot,
        events: &[LoggedEvent],
        month: Month,
    ) -> Result<Self, FoldError> {
        Self::of_some(snapshot, events.iter().collect(), month, None)
    }

    /// Folds the first `tree_size` leaves of the log into one month, as a tranche over that tree rests
    /// on them: the last of them closes the month, if it can.
    ///
    /// # Errors
    /// [`FoldError`] if the snapshot has no rules for the month.
    pub fn of_prefix(
        snapshot: &Snapshot,
        events: &[LoggedEvent],
        month: Month,
        tree_size: u64,
    ) -> Result<Self, FoldError> {
        let prefix = events.iter().filter(|logged| logged.index < tree_size).collect();
        Self::of_some(snapshot, prefix, month, tree_size.checked_sub(1))
    }

    /// Folds a prefix of the log. It ends with the month's close, if leaf `at` is one; otherwise the
    /// first one in it counts.
    pub(crate) fn of_some(
        snapshot: &Snapshot,
        mut events: Vec<&LoggedEvent>,
        month: Month,
        at: Option<u64>,
    ) -> Result<Self, FoldError> {
        let params = snapshot.rules(month).ok_or(FoldError::NoRules { month })?;
        // A close that an older snapshot's rules found too early stays one, whatever the rules say now.
        let last = events.iter().copied().filter(|logged| Some(logged.index) == at);
        let close = first_close(params, last, month)
            .or_else(|| first_close(params, events.iter().copied(), month));
        events.retain(|logged| close.is_none_or(|close| logged.index < close));
        events.sort_by_key(|logged| logged.index);
        let Moved { snapshot: after, standings, .. } = snapshot.moved(&events);
        let moved = match &after {
            Cow::Borrowed(_) => BTreeMap::new(),
            Cow::Owned(after) => changed(snapshot, after),
        };
        let Visits { visits, aside } = Visits::of(&after, params, &events, month);
        let rows = rows(&after, params, &visits, month);
        Ok(Self { month, close, visits, rows, aside, moved, standings })
    }

    /// Folds a prefix of the log into a month whose places are what they were when it was closed: what
    /// came after the close counts too. `after` has the places.
    pub(crate) fn reopened(
        after: &Snapshot,
        mut events: Vec<&LoggedEvent>,
        month: Month,
    ) -> Result<Self, FoldError> {
        let params = after.rules(month).ok_or(FoldError::NoRules { month })?;
        events.sort_by_key(|logged| logged.index);
        let Visits { visits, aside } = Visits::of(after, params, &events, month);
        let rows = rows(after, params, &visits, month);
        let (moved, standings) = (BTreeMap::new(), Standings::default());
        Ok(Self { month, close: None, visits, rows, aside, moved, standings })
    }
}

fn changed(before: &Snapshot, after: &Snapshot) -> BTreeMap<VoucherId, Contract> {
    let pairs = before.contracts.iter().zip(&after.contracts);
    let changed = pairs.filter(|(before, after)| before != after);
    changed.map(|(_, after)| (after.voucher, after.clone())).collect()
}

fn rows(snapshot: &Snapshot, params: &Params, visits: &[Visit], month: Month) -> Vec<SheetRow> {
    let by_lesson: BTreeMap<_, _> =
        visits.iter().map(|visit| ((visit.voucher, visit.lesson), *visit)).collect();
    let schedules: BTreeMap<GroupId, Vec<(Lesson, bool)>> = snapshot
        .groups
        .iter()
        .map(|group| (group.id, schedule(snapshot, group, month, params)))
        .collect();
    let mut rows: Vec<SheetRow> = snapshot
        .contracts
        .iter()
        .filter(|contract| contract.has_part_in(month))
        .flat_map(|contract| {
            let of = |place: Segment| {
                let lessons = schedules.get(&place.group).map_or(&[][..], Vec::as_slice);
                row(contract, &place, lessons, &by_lesson)
            };
            contract.places_in(month).into_iter().map(of).collect::<Vec<_>>()
        })
        .collect();
    rows.sort_by_key(|row| (row.provider, row.voucher, row.from));
    for row in &mut rows {
        hold_manual_excess(row, params);
    }
    hold_beyond_day_limit(&mut rows, params);
    rows
}

/// Gives every lesson of a group's schedule, and whether a day off takes it away.
fn schedule(
    snapshot: &Snapshot,
    group: &Group,
    month: Month,
    params: &Params,
) -> Vec<(Lesson, bool)> {
    let held = snapshot.lessons_of(group, month, params).into_iter().map(|lesson| (lesson, false));
    let off = snapshot.lessons_off(group, month, params).into_iter().map(|lesson| (lesson, true));
    let mut all: Vec<_> = held.chain(off).collect();
    all.sort_by_key(|(lesson, _)| lesson.start_ms);
    all
}

fn row(
    contract: &Contract,
    place: &Segment,
    lessons: &[(Lesson, bool)],
    visits: &BTreeMap<(VoucherId, LessonId), Visit>,
) -> SheetRow {
    let day = |(lesson, off): &(Lesson, bool)| {
        let visit = visits.get(&(contract.voucher, lesson.id)).copied();
        let code = match visit {
            _ if *off => DayCode::Holiday,
            _ if !place.covers(lesson.day) => DayCode::NotEnrolled,
            None => DayCode::Unexcused,
            Some(visit) => code_of(&visit),
        };
        SheetDay { lesson: *lesson, code, visit }
    };
    let held = lessons.iter().filter(|(_, off)| !off);
    SheetRow {
        voucher: contract.voucher,
        child: contract.child,
        group: place.group,
        provider: place.provider,
        from: place.from,
        to: place.to,
        planned_in_month: count(held.clone()),
        planned: count(held.filter(|(lesson, _)| place.covers(lesson.day))),
        days: lessons.iter().map(day).collect(),
    }
}

fn code_of(visit: &Visit) -> DayCode {
    match visit.standing {
        Standing::Awaiting => DayCode::AwaitingConfirmation,
        Standing::Disputed { .. } => DayCode::Disputed,
        Standing::Confirmed { .. } if visit.late => DayCode::PresentLate,
        Standing::Confirmed { .. } => DayCode::Present,
    }
}

/// Holds the confirmed marks by hand beyond the allowed share of the child's undisputed visits; the
/// earliest lessons are let through (R1, rule 10).
fn hold_manual_excess(row: &mut SheetRow, params: &Params) {
    let undisputed = row.days.iter().filter(|day| {
        day.visit.is_some_and(|visit| !matches!(visit.standing, Standing::Disputed { .. }))
    });
    let allowed = count(undisputed).saturating_mul(params.l0_share_max_percent) / 100;
    let manual = row
        .days
        .iter_mut()
        .filter(|day| day.code.is_paid() && day.visit.is_some_and(|visit| visit.is_manual()));
    for day in manual.skip(usize::try_from(allowed).unwrap_or(usize::MAX)) {
        day.code = DayCode::HeldManualShare;
    }
}

/// Holds what a child would be paid for one day beyond the limit; the earliest lesson is let
/// through (R1, rule 6).
fn hold_beyond_day_limit(rows: &mut [SheetRow], params: &Params) {
    let mut of_day: BTreeMap<(ChildId, NaiveDate), Vec<&mut SheetDay>> = BTreeMap::new();
    for row in rows {
        for day in row.days.iter_mut().filter(|day| day.code.is_paid()) {
            of_day.entry((row.child, day.lesson.day)).or_default().push(day);
        }
    }
    let allowed = usize::try_from(params.max_payable_visits_per_child_day).unwrap_or(usize::MAX);
    for mut days in of_day.into_values() {
        days.sort_by_key(|day| (day.lesson.start_ms, day.lesson.id));
        for day in days.into_iter().skip(allowed) {
            day.code = DayCode::HeldDayLimit;
        }
    }
}

fn count(items: impl Iterator) -> u32 {
    u32::try_from(items.count()).unwrap_or(u32::MAX)
}
