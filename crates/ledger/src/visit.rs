//! From events to visits: what a teacher's device recorded and what the family's device answered.

use std::collections::{BTreeMap, BTreeSet};

use attendance::{
    ChildId, DeviceId, Event, EventKind, GroupId, LessonId, Method, ProviderId, Role, VoucherId,
    action_of, permitted,
};
use chrono::NaiveDate;
use seal::Hash;

use crate::calendar::Month;
use crate::close;
use crate::params::Params;
use crate::snapshot::Snapshot;

mod absence;
mod answer;
mod conflict;
mod correction;
mod counted;
pub(crate) mod plan;
mod roster;
mod scan;
mod timetable;

pub use absence::{Absence, Excuse};
pub(crate) use answer::too_many;
use answer::{Answers, Families, families};
use correction::{Corrections, is_of_month};
use plan::Plan;
use roster::Roster;
use scan::Scans;
pub use timetable::TimetableLesson;

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
    /// Says whether whoever signed it decides such things, by the one table (R8). A coordinator of a
    /// provider looks after its devices, and neither closes a month nor says that the provider was paid.
    pub(crate) fn decides(&self) -> bool {
        permitted(self.role, self.provider, action_of(self.event.kind)).decides()
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
    /// *Was*, from a device that confirms for more families than one may: held (R3, 23).
    ConfirmedByProxy {
        /// The leaf that says so.
        by: u64,
    },
    /// Nothing, for so long that the rules take it for *was* (R3, 21).
    Tacit,
}

impl Standing {
    /// The leaf that says so.
    #[must_use]
    pub fn by(self) -> Option<u64> {
        match self {
            Self::Awaiting | Self::Tacit => None,
            Self::Confirmed { by } | Self::Disputed { by } | Self::ConfirmedByProxy { by } => {
                Some(by)
            }
        }
    }
}

/// What the district decided about a visit that is disputed or cannot have been beside another.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Decision {
    /// Whether the child was there.
    pub was: bool,
    /// Whether the family disputed the visit by then. Otherwise a later dispute is a new one.
    pub of_dispute: bool,
    /// The leaf that says so.
    pub by: u64,
}

/// How sure a visit is (rules, section 0).
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Assurance {
    /// A mark by hand with a reason.
    L0,
    /// A static card, scanned by an enrolled device.
    L1,
    /// A rotating code, or an answer to a challenge, of the family's phone.
    L2,
    /// L1 or L2, and the family's own signed confirmation.
    L3,
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
    /// The family answered after its days were over, by its device's claimed time. A flag.
    pub late_answer: bool,
    /// By when the district is to decide about the dispute, counted from its claimed time.
    pub decide_until: Option<NaiveDate>,
    /// What the district decided.
    pub decision: Option<Decision>,
    /// Another provider has the child in a lesson at the same time, and the district has not said
    /// that this one was: held (R1, 6).
    pub conflict: bool,
    /// The newest correction that made the event speak of this child and lesson.
    pub(crate) restated: Option<u64>,
}

impl Visit {
    /// Says whether it rests on a mark by hand alone.
    #[must_use]
    pub fn is_manual(&self) -> bool {
        self.method == Method::Manual
    }

    /// Says how sure it is.
    #[must_use]
    pub fn assurance(&self) -> Assurance {
        match (self.method, self.standing) {
            (Method::Manual, _) => Assurance::L0,
            (_, Standing::Confirmed { .. }) => Assurance::L3,
            (Method::Rotating | Method::Challenge, _) => Assurance::L2,
            (_, _) => Assurance::L1,
        }
    }

    /// Says whether the family's *was not* stands: it was not decided otherwise.
    pub(crate) fn is_disputed(&self) -> bool {
        let disputed = matches!(self.standing, Standing::Disputed { .. });
        let upheld = self.decision.is_some_and(|decision| decision.was && decision.of_dispute);
        disputed && !upheld
    }

    /// Says whether the district decided that it was not.
    pub(crate) fn is_denied(&self) -> bool {
        self.decision.is_some_and(|decision| !decision.was)
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
    /// The lesson was cancelled, or moved to another month.
    LessonNotHeld,
    /// A lesson moved further away than the rules let it.
    MovedTooFar,
    /// A lesson moved to where the group has one already.
    LessonTaken,
    /// An absence entered by a device that may not enter it.
    MayNotExcuse,
    /// An absence without a reason that excuses, or without its document.
    NoDocument,
    /// An absence from a lesson at which a scan shows the child.
    Attended,
    /// A correction that replaces nothing it may replace.
    CorrectsNothing,
    /// A correction that would move a visit into another month: each month rests on its own events.
    OtherMonth,
    /// A confirmation from a device of a provider.
    ProxyConfirm,
    /// A decision about a visit that nobody disputes and that stands beside no other.
    NothingToDecide,
    /// A correction, withdrawal, absence or decision after the month's close: a case for an
    /// adjustment in a later month.
    AfterClose,
}

/// An event of the month that changes no sum.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Aside {
    /// Its leaf.
    pub index: u64,
    /// Why.
    pub reason: AsideReason,
}

/// Says whether an event names a document by its number.
pub(crate) fn has_document(event: &Event) -> bool {
    event.document.as_ref().is_some_and(|number| !number.trim().is_empty())
}

/// A month's visits and absences, in order of time, and what was set aside, in order of the log.
pub(crate) struct Visits {
    pub(crate) visits: Vec<Visit>,
    pub(crate) absences: Vec<Absence>,
    pub(crate) aside: Vec<Aside>,
    /// The lessons.
    pub(crate) plan: Plan,
    /// The corrections of each event, by its hash.
    pub(crate) corrected: BTreeMap<Hash, Vec<u64>>,
}

impl Visits {
    /// Folds the events of one month. `events` are in log order and end before the month's close,
    /// which was made on the day `closed_on`; `after` are those behind it.
    pub(crate) fn of(
        snapshot: &Snapshot,
        params: &Params,
        events: &[&LoggedEvent],
        after: &[&LoggedEvent],
        closed_on: Option<NaiveDate>,
        month: Month,
        proxies: Option<&BTreeSet<DeviceId>>,
    ) -> Self {
        let everything = params.reads_everything();
        let Recorded { plan, corrections, mut scans, mut aside } =
            Recorded::of(snapshot, params, events, month);
        for logged in events.iter().filter(|logged| logged.event.kind == EventKind::Void) {
            if let Err(reason) = scans.withdraw(logged, everything) {
                aside.push(Aside { index: logged.index, reason });
            }
        }
        let counted = scans.first_of_each(&mut aside);
        let mut answers = Answers::new(snapshot, params, &scans, counted, month);
        answers.hold(proxies.cloned().unwrap_or_else(|| {
            too_many(families(snapshot, params, events, &scans, month), params)
        }));
        for logged in events {
            if let Err(reason) = answers.take(logged) {
                aside.push(Aside { index: logged.index, reason });
            }
            // The close that counts is after them all.
            if let Some(Err(reason)) = close::judge(params, logged, month) {
                aside.push(Aside { index: logged.index, reason });
            }
        }
        let mut visits = answers.settle(closed_on);
        visits.sort_by_key(|visit| (visit.start_ms, visit.voucher, visit.lesson));
        let absences = scans.absences(&visits, &mut aside);
        if everything {
            aside.extend(too_late(events, after, &plan));
        }
        aside.sort_by_key(|aside| aside.index);
        let corrected = corrections.leaves();
        Self { visits, absences, aside, plan, corrected }
    }

    /// Says for the families of which children each device confirms. `events` are in log order.
    pub(crate) fn families(
        snapshot: &Snapshot,
        params: &Params,
        events: &[&LoggedEvent],
        month: Month,
    ) -> Families {
        let Recorded { scans, .. } = Recorded::of(snapshot, params, events, month);
        families(snapshot, params, events, &scans, month)
    }
}

/// What devices recorded of a month, before anything was withdrawn or answered.
struct Recorded<'a> {
    plan: Plan,
    corrections: Corrections,
    scans: Scans<'a>,
    aside: Vec<Aside>,
}

impl<'a> Recorded<'a> {
    fn of(snapshot: &Snapshot, params: &Params, events: &[&'a LoggedEvent], month: Month) -> Self {
        let mut aside = Vec::new();
        let plan = Plan::of(snapshot, params, events, month, &mut aside);
        let everything = params.reads_everything();
        let read = if everything { events } else { &[] };
        let corrections = Corrections::of(read, &plan, &mut aside);
        let roster = Roster::of(snapshot, &plan, month);
        let mut scans = Scans::default();
        for logged in events {
            let outcome = if logged.event.kind == EventKind::In {
                roster.scan(logged, &corrections).map(|visit| visit.map(|visit| scans.put(visit)))
            } else if logged.event.kind == EventKind::Absent && everything {
                let absence = roster.absence(logged, &corrections);
                absence.map(|absence| absence.map(|absence| scans.excuse(logged, absence)))
            } else {
                None
            };
            if let Some(Err(reason)) = outcome {
                aside.push(Aside { index: logged.index, reason });
            }
        }
        Self { plan, corrections, scans, aside }
    }
}

/// Finds what would have changed the month, had it come before the close.
fn too_late(before: &[&LoggedEvent], after: &[&LoggedEvent], plan: &Plan) -> Vec<Aside> {
    let late = |logged: &&&LoggedEvent| {
        matches!(
            logged.event.kind,
            EventKind::Correct | EventKind::Void | EventKind::DisputeResolve | EventKind::Absent
        )
    };
    let late: Vec<&LoggedEvent> = after.iter().filter(late).copied().collect();
    if late.is_empty() {
        return Vec::new();
    }
    let of_month = before.iter().chain(after).filter(|one| is_of_month(&one.event, plan));
    let of_month: BTreeSet<Hash> = of_month.map(|one| one.hash).collect();
    let concerns = |logged: &&LoggedEvent| {
        of_month.contains(&logged.hash)
            || logged.event.about.is_some_and(|about| of_month.contains(&about))
    };
    late.into_iter()
        .filter(concerns)
        .map(|logged| Aside { index: logged.index, reason: AsideReason::AfterClose })
        .collect()
}
