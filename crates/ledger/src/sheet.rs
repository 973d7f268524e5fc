//! The month's sheet: one row a voucher, one code a planned lesson, a reason for every unpaid day.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use attendance::{ChildId, DeviceId, GroupId, LessonId, ProviderId, VoucherId};
use chrono::NaiveDate;
use minicbor::{Decode, Encode};
use seal::Hash;
use serde::{Deserialize, Serialize};

use crate::calendar::{Month, local_day};
use crate::close::first_close;
use crate::params::Params;
use crate::snapshot::{Contract, Lesson, Segment, Snapshot};
use crate::standings::Standings;
use crate::transfer::Moved;
use crate::visit::plan::{LessonState, Slot};
use crate::visit::{Absence, Aside, Excuse, FoldError, LoggedEvent, Standing, Visit, Visits};

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
    /// Absent and ill, with a document: paid, up to the allowed share.
    #[n(9)]
    ExcusedSick,
    /// Absent with leave and its document: paid, up to the allowed share.
    #[n(10)]
    ExcusedLeave,
    /// In quarantine, with its document: paid, up to the allowed share.
    #[n(11)]
    ExcusedQuarantine,
    /// Excused by a document, beyond the share that is paid.
    #[n(12)]
    ExcusedOverCap,
    /// The provider did not hold the lesson, or moved it out of the month: in the plan, not paid.
    #[n(13)]
    LessonCancelledByProvider,
    /// An official act cancelled the lesson: not in the plan.
    #[n(14)]
    LessonCancelledOfficial,
    /// The child was recorded at two providers at the same time: held.
    #[n(15)]
    Conflict,
    /// The district decided that the child was not there.
    #[n(16)]
    DecidedAbsent,
    /// A mark by hand beyond the group's allowed share: held.
    #[n(17)]
    HeldGroupManualShare,
    /// Confirmed by a device that confirms for too many families: held.
    #[n(18)]
    ProxyConfirm,
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
            Self::ExcusedSick => "EXCUSED_SICK",
            Self::ExcusedLeave => "EXCUSED_LEAVE",
            Self::ExcusedQuarantine => "EXCUSED_QUARANTINE",
            Self::ExcusedOverCap => "EXCUSED_OVER_CAP",
            Self::LessonCancelledByProvider => "LESSON_CANCELLED_BY_PROVIDER",
            Self::LessonCancelledOfficial => "LESSON_CANCELLED_OFFICIAL",
            Self::Conflict => "CONFLICT",
            Self::DecidedAbsent => "DECIDED_ABSENT",
            Self::HeldGroupManualShare => "HELD_GROUP_MANUAL_SHARE",
            Self::ProxyConfirm => "PROXY_CONFIRM",
        }
    }

    /// Says in words why the day is not paid; nothing for a paid day.
    #[must_use]
    pub fn reason(self) -> Option<&'static str> {
        match self {
            Self::Present
            | Self::PresentLate
            | Self::ExcusedSick
            | Self::ExcusedLeave
            | Self::ExcusedQuarantine => None,
            Self::Unexcused => Some("no visit was recorded"),
            Self::Disputed => Some("the family says the child was not there"),
            Self::AwaitingConfirmation => Some("the family has not confirmed the visit"),
            Self::HeldManualShare => Some("marks by hand exceed the allowed share of visits"),
            Self::HeldDayLimit => Some("the child is already paid for another lesson of the day"),
            Self::Holiday => Some("official day off"),
            Self::NotEnrolled => Some("the contract does not cover the day"),
            Self::ExcusedOverCap => Some("excused lessons exceed the share that is paid"),
            Self::LessonCancelledByProvider => Some("the provider did not hold the lesson"),
            Self::LessonCancelledOfficial => Some("an official act cancelled the lesson"),
            Self::Conflict => Some("the child was recorded at two providers at the same time"),
            Self::DecidedAbsent => Some("the district decided that the child was not there"),
            Self::HeldGroupManualShare => {
                Some("marks by hand exceed the allowed share of the group's visits")
            }
            Self::ProxyConfirm => Some("confirmed by a device that answers for too many families"),
        }
    }

    /// Says whether the lesson is paid.
    #[must_use]
    pub fn is_paid(self) -> bool {
        self.reason().is_none()
    }

    /// Says whether the child was there and the lesson is paid for that.
    #[must_use]
    pub fn is_present(self) -> bool {
        matches!(self, Self::Present | Self::PresentLate)
    }

    /// Says whether the child was absent, excused, and the lesson is paid all the same.
    #[must_use]
    pub fn is_excused(self) -> bool {
        matches!(self, Self::ExcusedSick | Self::ExcusedLeave | Self::ExcusedQuarantine)
    }

    /// Says whether there is a visit whose money waits for a decision.
    #[must_use]
    pub fn is_pending(self) -> bool {
        match self {
            Self::Disputed
            | Self::AwaitingConfirmation
            | Self::HeldManualShare
            | Self::HeldDayLimit
            | Self::Conflict
            | Self::HeldGroupManualShare
            | Self::ProxyConfirm => true,
            Self::Present
            | Self::PresentLate
            | Self::Unexcused
            | Self::Holiday
            | Self::NotEnrolled
            | Self::ExcusedSick
            | Self::ExcusedLeave
            | Self::ExcusedQuarantine
            | Self::ExcusedOverCap
            | Self::LessonCancelledByProvider
            | Self::LessonCancelledOfficial
            | Self::DecidedAbsent => false,
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
    /// Why the child was excused, if a document says so.
    pub excuse: Option<Excuse>,
    /// When the lesson was to start, if it was moved inside the month.
    pub moved_from_ms: Option<i64>,
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
    /// The leaves that the row rests on, ascending: visits, absences, answers, corrections, decisions
    /// and what became of lessons.
    pub leaves: Vec<u64>,
}

impl SheetRow {
    /// Counts the paid visits.
    #[must_use]
    pub fn paid(&self) -> u32 {
        count(self.days.iter().filter(|day| day.code.is_present()))
    }

    /// Counts the excused lessons that are paid.
    #[must_use]
    pub fn excused(&self) -> u32 {
        count(self.days.iter().filter(|day| day.code.is_excused()))
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
    /// The absences that a document excuses, in order of time.
    pub absences: Vec<Absence>,
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
        events.sort_by_key(|logged| logged.index);
        let split =
            close.map_or(events.len(), |close| events.partition_point(|one| one.index < close));
        let (before, after) = events.split_at(split);
        let close_event = after.iter().find(|logged| Some(logged.index) == close);
        let closed_on = close_event.and_then(|logged| claimed_day(logged));
        let Moved { snapshot: places, standings, .. } = snapshot.moved(before);
        let moved = match &places {
            Cow::Borrowed(_) => BTreeMap::new(),
            Cow::Owned(places) => changed(snapshot, places),
        };
        let folded = Visits::of(&places, params, before, after, closed_on, month, None);
        let rows = rows(&places, params, &folded, month);
        let Visits { visits, absences, aside, .. } = folded;
        Ok(Self { month, close, visits, absences, rows, aside, moved, standings })
    }

    /// Folds a prefix of the log into a month whose places are what they were when it was closed: what
    /// came after the close counts too. `after` has the places, `on` is the day it is folded again.
    pub(crate) fn reopened(
        after: &Snapshot,
        events: Vec<&LoggedEvent>,
        on: Option<NaiveDate>,
        month: Month,
    ) -> Result<Self, FoldError> {
        Self::with_places(after, events, on, month, None)
    }

    /// The same for a part of a district that has nothing to do with the rest; `proxies` are the devices
    /// that confirm for too many families of the whole district.
    pub(crate) fn of_part(
        part: &Snapshot,
        events: Vec<&LoggedEvent>,
        closed_on: Option<NaiveDate>,
        month: Month,
        proxies: &BTreeSet<DeviceId>,
    ) -> Result<Self, FoldError> {
        Self::with_places(part, events, closed_on, month, Some(proxies))
    }

    fn with_places(
        after: &Snapshot,
        mut events: Vec<&LoggedEvent>,
        on: Option<NaiveDate>,
        month: Month,
        proxies: Option<&BTreeSet<DeviceId>>,
    ) -> Result<Self, FoldError> {
        let params = after.rules(month).ok_or(FoldError::NoRules { month })?;
        events.sort_by_key(|logged| logged.index);
        let folded = Visits::of(after, params, &events, &[], on, month, proxies);
        let rows = rows(after, params, &folded, month);
        let Visits { visits, absences, aside, .. } = folded;
        let (moved, standings) = (BTreeMap::new(), Standings::default());
        Ok(Self { month, close: None, visits, absences, rows, aside, moved, standings })
    }
}

/// The local day that an event claims, if it is one that rules can be asked about.
pub(crate) fn claimed_day(logged: &LoggedEvent) -> Option<NaiveDate> {
    local_day(logged.event.wall_ms).filter(|day| Month::of(*day).is_ok())
}

fn changed(before: &Snapshot, after: &Snapshot) -> BTreeMap<VoucherId, Contract> {
    let pairs = before.contracts.iter().zip(&after.contracts);
    let changed = pairs.filter(|(before, after)| before != after);
    changed.map(|(_, after)| (after.voucher, after.clone())).collect()
}

fn rows(snapshot: &Snapshot, params: &Params, folded: &Visits, month: Month) -> Vec<SheetRow> {
    let facts = Facts::of(folded);
    let schedules = folded.plan.by_group();
    let mut rows: Vec<SheetRow> = snapshot
        .contracts
        .iter()
        .filter(|contract| contract.has_part_in(month))
        .flat_map(|contract| {
            let of = |place: Segment| {
                let slots = schedules.get(&place.group).map_or(&[][..], Vec::as_slice);
                row(contract, &place, slots, &facts)
            };
            contract.places_in(month).into_iter().map(of).collect::<Vec<_>>()
        })
        .collect();
    rows.sort_by_key(|row| (row.provider, row.voucher, row.from));
    let groups = snapshot.groups.iter();
    let rules: BTreeMap<GroupId, &Params> =
        groups.filter_map(|group| Some((group.id, snapshot.rules_for(month, group)?))).collect();
    for row in &mut rows {
        let rules = rules.get(&row.group).copied().unwrap_or(params);
        hold_excused_excess(row, rules);
        hold_manual_excess(row, rules);
    }
    if params.reads_everything() {
        hold_group_manual_excess(&mut rows, &rules);
    }
    hold_beyond_day_limit(&mut rows, params);
    rows
}

/// What the log says of each voucher and lesson.
struct Facts<'a> {
    visits: BTreeMap<(VoucherId, LessonId), &'a Visit>,
    absences: BTreeMap<(VoucherId, LessonId), &'a Absence>,
    corrected: &'a BTreeMap<Hash, Vec<u64>>,
}

impl<'a> Facts<'a> {
    fn of(folded: &'a Visits) -> Self {
        let visits = folded.visits.iter().map(|visit| ((visit.voucher, visit.lesson), visit));
        let absences = folded.absences.iter();
        Self {
            visits: visits.collect(),
            absences: absences.map(|one| ((one.voucher, one.lesson), one)).collect(),
            corrected: &folded.corrected,
        }
    }

    /// The leaves that say something of these lessons of a voucher.
    fn leaves(&self, voucher: VoucherId, slots: &[Slot]) -> Vec<u64> {
        let mut leaves: Vec<u64> = slots.iter().filter_map(|slot| slot.by).collect();
        for slot in slots {
            let place = (voucher, slot.lesson.id);
            if let Some(visit) = self.visits.get(&place) {
                leaves.push(visit.index);
                leaves.extend(visit.standing.by());
                leaves.extend(visit.decision.map(|decision| decision.by));
                leaves.extend(self.corrected.get(&visit.event).into_iter().flatten());
            }
            leaves
                .extend(self.absences.get(&place).into_iter().flat_map(|absence| &absence.leaves));
        }
        leaves.sort_unstable();
        leaves.dedup();
        leaves
    }
}

fn row(contract: &Contract, place: &Segment, slots: &[Slot], facts: &Facts<'_>) -> SheetRow {
    let day = |slot: &Slot| {
        let key = (contract.voucher, slot.lesson.id);
        let visit = facts.visits.get(&key).copied().copied();
        let excuse = facts.absences.get(&key).map(|absence| absence.excuse);
        let code = match (slot.state, visit) {
            (LessonState::DayOff, _) => DayCode::Holiday,
            (LessonState::Cancelled, _) => DayCode::LessonCancelledOfficial,
            _ if !place.covers(slot.lesson.day) => DayCode::NotEnrolled,
            (LessonState::Missed, _) => DayCode::LessonCancelledByProvider,
            (LessonState::Held, Some(visit)) => code_of(&visit),
            (LessonState::Held, None) => excuse.map_or(DayCode::Unexcused, code_of_excuse),
        };
        SheetDay { lesson: slot.lesson, code, visit, excuse, moved_from_ms: slot.moved_from_ms() }
    };
    let in_plan = slots.iter().filter(|slot| slot.is_in_plan());
    SheetRow {
        voucher: contract.voucher,
        child: contract.child,
        group: place.group,
        provider: place.provider,
        from: place.from,
        to: place.to,
        planned_in_month: count(in_plan.clone()),
        planned: count(in_plan.filter(|slot| place.covers(slot.lesson.day))),
        days: slots.iter().map(day).collect(),
        leaves: facts.leaves(contract.voucher, slots),
    }
}

fn code_of(visit: &Visit) -> DayCode {
    match visit.standing {
        _ if visit.is_denied() => DayCode::DecidedAbsent,
        _ if visit.is_disputed() => DayCode::Disputed,
        _ if visit.conflict => DayCode::Conflict,
        Standing::Awaiting => DayCode::AwaitingConfirmation,
        Standing::ConfirmedByProxy { .. } => DayCode::ProxyConfirm,
        // A dispute that was decided for the visit counts as its confirmation.
        Standing::Confirmed { .. } | Standing::Disputed { .. } | Standing::Tacit if visit.late => {
            DayCode::PresentLate
        }
        Standing::Confirmed { .. } | Standing::Disputed { .. } | Standing::Tacit => {
            DayCode::Present
        }
    }
}

fn code_of_excuse(excuse: Excuse) -> DayCode {
    match excuse {
        Excuse::Sick => DayCode::ExcusedSick,
        Excuse::Leave => DayCode::ExcusedLeave,
        Excuse::Quarantine => DayCode::ExcusedQuarantine,
    }
}

/// Pays excused lessons up to the allowed share of the planned ones; the earliest are let through
/// (R2, rule 16).
fn hold_excused_excess(row: &mut SheetRow, params: &Params) {
    let allowed = row.planned.saturating_mul(params.excused_cap_percent) / 100;
    let excused = row.days.iter_mut().filter(|day| day.code.is_excused());
    for day in excused.skip(usize::try_from(allowed).unwrap_or(usize::MAX)) {
        day.code = DayCode::ExcusedOverCap;
    }
}

/// Holds the confirmed marks by hand beyond the allowed share of the child's undisputed visits; the
/// earliest lessons are let through (R1, rule 10).
fn hold_manual_excess(row: &mut SheetRow, params: &Params) {
    let allowed = undisputed(row).saturating_mul(params.l0_share_max_percent) / 100;
    let manual = row.days.iter_mut().filter(|day| is_paid_by_hand(day));
    for day in manual.skip(usize::try_from(allowed).unwrap_or(usize::MAX)) {
        day.code = DayCode::HeldManualShare;
    }
}

/// Holds the confirmed marks by hand beyond the allowed share of a group's undisputed visits; the
/// earliest lessons are let through (R1, rule 10). With the child's own share for both, no group has
/// more than its children together, and nothing is left to hold.
fn hold_group_manual_excess(rows: &mut [SheetRow], rules: &BTreeMap<GroupId, &Params>) {
    let mut groups: BTreeMap<GroupId, GroupMarks<'_>> = BTreeMap::new();
    for row in rows {
        let group = groups.entry(row.group).or_default();
        group.visits = group.visits.saturating_add(undisputed(row));
        let by_hand = row.days.iter_mut().filter(|day| is_paid_by_hand(day));
        group.by_hand.extend(by_hand.map(|day| (row.voucher, day)));
    }
    for (group, mut marks) in groups {
        let rules = rules.get(&group);
        let Some(percent) = rules.and_then(|rules| rules.l0_group_share_max_percent) else {
            continue;
        };
        let allowed = marks.visits.saturating_mul(percent) / 100;
        marks.by_hand.sort_by_key(|(voucher, day)| (day.lesson.start_ms, *voucher, day.lesson.id));
        let beyond = marks.by_hand.into_iter().skip(usize::try_from(allowed).unwrap_or(usize::MAX));
        for (_, day) in beyond {
            day.code = DayCode::HeldGroupManualShare;
        }
    }
}

/// A group's undisputed visits, and the paid ones by hand among them.
#[derive(Default)]
struct GroupMarks<'a> {
    visits: u32,
    by_hand: Vec<(VoucherId, &'a mut SheetDay)>,
}

/// Counts the visits that nobody disputes and that were not decided not to have been.
fn undisputed(row: &SheetRow) -> u32 {
    let stands = |visit: &&Visit| !visit.is_disputed() && !visit.is_denied();
    count(row.visits().filter(stands))
}

fn is_paid_by_hand(day: &SheetDay) -> bool {
    day.code.is_present() && day.visit.is_some_and(|visit| visit.is_manual())
}

/// Holds what a child would be paid for one day beyond the limit; the earliest lesson is let
/// through (R1, rule 6).
fn hold_beyond_day_limit(rows: &mut [SheetRow], params: &Params) {
    let mut of_day: BTreeMap<(ChildId, NaiveDate), Vec<&mut SheetDay>> = BTreeMap::new();
    for row in rows {
        for day in row.days.iter_mut().filter(|day| day.code.is_present()) {
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
