//! From events to visits: what a teacher's device recorded and what the family's device answered.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use attendance::{
    Arrival, ChildId, DeviceId, Event, EventKind, GroupId, LessonId, LessonWindow, Method,
    ProviderId, Role, VoucherId,
};
use chrono::NaiveDate;
use seal::Hash;

use crate::calendar::Month;
use crate::close;
use crate::params::Params;
use crate::snapshot::{Contract, Lesson, Snapshot};

/// An event at its place in the log, with what its device's certificate said. Whoever makes one has
/// verified signature, chain and certificate.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LoggedEvent {
    /// The leaf's index.
    pub index: u64,
    /// The event's hash.
    pub hash: Hash,
    /// What is said.
    pub event: Event,
    /// The device's role.
    pub role: Role,
    /// The provider the device belongs to.
    pub provider: Option<ProviderId>,
    /// The children a parent's device may answer for.
    pub children: Vec<ChildId>,
}

impl LoggedEvent {
    /// Says whether a coordinator of the whole district signed it. One of a provider looks after its
    /// devices, and neither closes a month nor says that the provider was paid.
    pub(crate) fn is_of_the_district(&self) -> bool {
        self.role == Role::Coordinator && self.provider.is_none()
    }
}

/// Why a month could not be folded.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FoldError {
    /// The snapshot has no rules for the month.
    #[error("no rules are in force on the first day of {month}")]
    NoRules {
        /// Which month.
        month: Month,
    },
}

/// What the family said of a visit. The last answer counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    /// Nothing yet.
    Awaiting,
    /// *Was*, or the month was signed.
    Confirmed {
        /// The leaf that says so.
        by: u64,
    },
    /// *Was not*.
    Disputed {
        /// The leaf that says so.
        by: u64,
    },
}

/// A child on the roster attended a planned lesson; at most one for a voucher and a lesson.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Visit {
    /// The voucher.
    pub voucher: VoucherId,
    /// The child.
    pub child: ChildId,
    /// The lesson.
    pub lesson: LessonId,
    /// The group.
    pub group: GroupId,
    /// The provider.
    pub provider: ProviderId,
    /// Local day of the lesson.
    pub day: NaiveDate,
    /// Start of the lesson.
    pub start_ms: i64,
    /// End of the lesson.
    pub end_ms: i64,
    /// The event that counts: the first accepted one in the log.
    pub event: Hash,
    /// That event's leaf.
    pub index: u64,
    /// Who recorded it.
    pub device: DeviceId,
    /// How the child was recognised.
    pub method: Method,
    /// When the device says the child came.
    pub arrival_ms: i64,
    /// Came after the lesson had gone on for `late_min` minutes, or after the window's end. Payable
    /// all the same.
    pub late: bool,
    /// Recorded outside the scan window. A flag for the family and the coordinator, not a refusal.
    pub outside_window: bool,
    /// What the family said.
    pub standing: Standing,
}

impl Visit {
    /// Says whether it rests on a mark by hand alone.
    #[must_use]
    pub fn is_manual(&self) -> bool {
        self.method == Method::Manual
    }
}

/// Why an event of the month is kept as evidence and changes no sum.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum AsideReason {
    /// A visit recorded, or withdrawn, by a device that is not a teacher's.
    NotATeacher,
    /// A visit recorded by another provider's device.
    ForeignProvider,
    /// No contract of this child, voucher and group covers the day: a guest.
    Guest,
    /// The lesson fell on an official day off.
    DayOff,
    /// How the child was recognised is not said, or a mark by hand has no reason.
    NoGround,
    /// The voucher already has a visit of this lesson.
    Duplicate,
    /// The recording device withdrew it.
    Withdrawn,
    /// A withdrawal by a device that did not record the visit.
    NotTheRecorder,
    /// An answer from a device that may not answer for the child.
    NotTheFamily,
    /// A close by a device that is not a coordinator's.
    NotACoordinator,
    /// A close from before the month may be closed: a month to come must not be emptied by a slip.
    TooEarly,
}

/// An event of the month that changes no sum.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Aside {
    /// Its leaf.
    pub index: u64,
    /// Why.
    pub reason: AsideReason,
}

/// The visits of a month, in order of time, and what was set aside, in order of the log.
pub(crate) struct Visits {
    pub(crate) visits: Vec<Visit>,
    pub(crate) aside: Vec<Aside>,
}

impl Visits {
    /// Folds the events of one month. `events` are in log order and end before the month's close.
    pub(crate) fn of(
        snapshot: &Snapshot,
        params: &Params,
        events: &[&LoggedEvent],
        month: Month,
    ) -> Self {
        let roster = Roster::of(snapshot, params, month);
        let mut fold = Self { visits: Vec::new(), aside: Vec::new() };
        let mut scans = Scans::default();
        for logged in events {
            match roster.scan(logged) {
                None => {}
                Some(Ok(visit)) => scans.insert(visit),
                Some(Err(reason)) => fold.set_aside(logged.index, reason),
            }
        }
        for logged in events.iter().filter(|logged| logged.event.kind == EventKind::Void) {
            if let Err(reason) = scans.withdraw(logged) {
                fold.set_aside(logged.index, reason);
            }
        }
        let mut counted = scans.first_of_each(&mut fold);
        for logged in events {
            if let Err(reason) = answer(logged, &scans, &mut counted, month) {
                fold.set_aside(logged.index, reason);
            }
            // The close that counts is after them all.
            if let Some(Err(reason)) = close::judge(params, logged, month) {
                fold.set_aside(logged.index, reason);
            }
        }
        fold.visits = counted.into_values().collect();
        fold.visits.sort_by_key(|visit| (visit.start_ms, visit.voucher, visit.lesson));
        fold.aside.sort_by_key(|aside| aside.index);
        fold
    }

    fn set_aside(&mut self, index: u64, reason: AsideReason) {
        self.aside.push(Aside { index, reason });
    }
}

/// Who may attend which lesson of the month.
struct Roster<'a> {
    params: &'a Params,
    contracts: BTreeMap<VoucherId, &'a Contract>,
    /// The lessons of the schedule, and whether a day off takes them away.
    lessons: BTreeMap<LessonId, (Lesson, bool)>,
}

impl<'a> Roster<'a> {
    fn of(snapshot: &'a Snapshot, params: &'a Params, month: Month) -> Self {
        let contracts = snapshot.contracts.iter().map(|contract| (contract.voucher, contract));
        let mut lessons = BTreeMap::new();
        for group in &snapshot.groups {
            let held = snapshot.lessons_of(group, month, params);
            lessons.extend(held.into_iter().map(|lesson| (lesson.id, (lesson, false))));
            let off = snapshot.lessons_off(group, month, params);
            lessons.extend(off.into_iter().map(|lesson| (lesson.id, (lesson, true))));
        }
        Self { params, contracts: contracts.collect(), lessons }
    }

    /// Reads a visit out of an event; nothing if it speaks of something else or another month.
    fn scan(&self, logged: &LoggedEvent) -> Option<Result<Visit, AsideReason>> {
        let event = &logged.event;
        if event.kind != EventKind::In {
            return None;
        }
        let (lesson, off) = self.lessons.get(&event.lesson?)?;
        Some(self.accept(logged, lesson, *off))
    }

    fn accept(
        &self,
        logged: &LoggedEvent,
        lesson: &Lesson,
        off: bool,
    ) -> Result<Visit, AsideReason> {
        let event = &logged.event;
        if logged.role != Role::Teacher {
            return Err(AsideReason::NotATeacher);
        }
        if logged.provider != Some(lesson.provider)
            || event.provider.is_some_and(|named| named != lesson.provider)
        {
            return Err(AsideReason::ForeignProvider);
        }
        if off {
            return Err(AsideReason::DayOff);
        }
        let contract = event.voucher.and_then(|voucher| self.contracts.get(&voucher));
        let contract = contract.filter(|contract| {
            event.child == Some(contract.child) && contract.is_in(lesson.group, lesson.day)
        });
        let contract = contract.ok_or(AsideReason::Guest)?;
        let method = event.method.ok_or(AsideReason::NoGround)?;
        if method == Method::Manual && event.reason.is_none() {
            return Err(AsideReason::NoGround);
        }
        let (start_ms, end_ms) = (lesson.start_ms, lesson.end_ms);
        let window = LessonWindow { start_ms, end_ms, params: self.params.window() };
        let arrival = window.arrival(event.wall_ms);
        let outside_window = arrival == Arrival::Outside;
        Ok(Visit {
            voucher: contract.voucher,
            child: contract.child,
            lesson: lesson.id,
            group: lesson.group,
            provider: lesson.provider,
            day: lesson.day,
            start_ms,
            end_ms,
            event: logged.hash,
            index: logged.index,
            device: event.device,
            method,
            arrival_ms: event.wall_ms,
            late: arrival == Arrival::Late || (outside_window && event.wall_ms > end_ms),
            outside_window,
            standing: Standing::Awaiting,
        })
    }
}

/// Every accepted scan by its hash, and whether it was withdrawn.
#[derive(Default)]
struct Scans(BTreeMap<Hash, (Visit, bool)>);

impl Scans {
    fn insert(&mut self, visit: Visit) {
        self.0.entry(visit.event).or_insert((visit, false));
    }

    fn withdraw(&mut self, void: &LoggedEvent) -> Result<(), AsideReason> {
        let about = void.event.about.unwrap_or_default();
        let Some((visit, withdrawn)) = self.0.get_mut(&about) else { return Ok(()) };
        if void.role != Role::Teacher {
            return Err(AsideReason::NotATeacher);
        }
        if void.event.device != visit.device {
            return Err(AsideReason::NotTheRecorder);
        }
        *withdrawn = true;
        Ok(())
    }

    fn first_of_each(&self, fold: &mut Visits) -> BTreeMap<(VoucherId, LessonId), Visit> {
        let mut in_log_order: Vec<_> = self.0.values().collect();
        in_log_order.sort_by_key(|(visit, _)| visit.index);
        let mut first = BTreeMap::new();
        for (visit, withdrawn) in in_log_order {
            if *withdrawn {
                fold.set_aside(visit.index, AsideReason::Withdrawn);
                continue;
            }
            match first.entry((visit.voucher, visit.lesson)) {
                Entry::Vacant(place) => {
                    place.insert(*visit);
                }
                Entry::Occupied(_) => fold.set_aside(visit.index, AsideReason::Duplicate),
            }
        }
        first
    }
}

/// Applies a family's answer. An answer may name any scan of the voucher's lesson; but *was* of a
/// withdrawn scan says nothing of the one that replaced it, while *was not* stands.
fn answer(
    logged: &LoggedEvent,
    scans: &Scans,
    counted: &mut BTreeMap<(VoucherId, LessonId), Visit>,
    month: Month,
) -> Result<(), AsideReason> {
    let event = &logged.event;
    let by = logged.index;
    if event.kind == EventKind::MonthSign {
        return if event.month == Some(month.number()) { sign(logged, counted) } else { Ok(()) };
    }
    let confirms = event.kind == EventKind::Confirm;
    if !confirms && event.kind != EventKind::Dispute {
        return Ok(());
    }
    let about = event.about.and_then(|about| scans.0.get(&about));
    let Some((named, withdrawn)) = about else { return Ok(()) };
    if !may_answer(logged, named.child) || event.child.is_some_and(|child| child != named.child) {
        return Err(AsideReason::NotTheFamily);
    }
    if let Some(visit) = counted.get_mut(&(named.voucher, named.lesson)) {
        if !confirms {
            visit.standing = Standing::Disputed { by };
        } else if !withdrawn {
            visit.standing = Standing::Confirmed { by };
        }
    }
    Ok(())
}

/// Signs a child's month: confirms the visits that were in the log by then and are not disputed.
fn sign(
    logged: &LoggedEvent,
    counted: &mut BTreeMap<(VoucherId, LessonId), Visit>,
) -> Result<(), AsideReason> {
    let Some(child) = logged.event.child.filter(|child| may_answer(logged, *child)) else {
        return Err(AsideReason::NotTheFamily);
    };
    let of_child = counted.values_mut().filter(|visit| visit.child == child);
    for visit in of_child.filter(|visit| visit.index < logged.index) {
        if visit.standing == Standing::Awaiting {
            visit.standing = Standing::Confirmed { by: logged.index };
        }
    }
    Ok(())
}

fn may_answer(logged: &LoggedEvent, child: ChildId) -> bool {
    logged.role == Role::Parent && logged.children.contains(&child)
}
