//! Absences that a document excuses (R2, 15 and 16).

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use attendance::{AbsenceReason, ChildId, DeviceId, Event, LessonId, ProviderId, Role, VoucherId};
use chrono::NaiveDate;
use seal::Hash;

use crate::calendar::{Calendar, local_day};
use crate::params::Params;
use crate::visit::{AsideReason, LoggedEvent, has_document};

/// Why an absence is excused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Excuse {
    /// Ill, with a note.
    Sick,
    /// On leave, with a document.
    Leave,
    /// In quarantine, with a document.
    Quarantine,
}

/// A child on the roster was absent from a planned lesson, and a document excuses it; at most one for
/// a voucher and a lesson.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Absence {
    /// The voucher.
    pub voucher: VoucherId,
    /// The child.
    pub child: ChildId,
    /// The planned lesson.
    pub lesson: LessonId,
    /// Local day of the lesson.
    pub day: NaiveDate,
    /// Why.
    pub excuse: Excuse,
    /// The event that counts: the first accepted one in the log.
    pub event: Hash,
    /// That event's leaf, and those of its corrections, ascending.
    pub leaves: Vec<u64>,
    /// Who entered it.
    pub device: DeviceId,
    /// Entered after the days that the rules give, by the device's claimed time. A flag: what decides
    /// is whether it came before the month's close.
    pub late: bool,
}

impl Absence {
    /// Reads why an absence is excused.
    ///
    /// # Errors
    /// [`AsideReason::NoDocument`] without a reason that excuses and the document for it.
    pub(super) fn excuse(event: &Event) -> Result<Excuse, AsideReason> {
        let excuse = match event.absence {
            Some(AbsenceReason::Sick) => Some(Excuse::Sick),
            Some(AbsenceReason::Leave) => Some(Excuse::Leave),
            Some(AbsenceReason::Quarantine) => Some(Excuse::Quarantine),
            Some(_) | None => None,
        };
        let has_document = event.absence_document.is_some() || has_document(event);
        excuse.filter(|_| has_document).ok_or(AsideReason::NoDocument)
    }
}

/// Says whether a device enters reasons of absences for this child and provider (R8): the provider's
/// teachers and administrators, and the child's family.
pub(super) fn may_excuse(logged: &LoggedEvent, child: ChildId, provider: ProviderId) -> bool {
    match logged.role {
        Role::Parent => logged.children.contains(&child),
        Role::Teacher | Role::ProviderAdmin => logged.provider == Some(provider),
        Role::Coordinator | Role::Delegate | Role::Issuer => false,
    }
}

/// Says whether a device claims to have entered it after the days that the rules give.
pub(super) fn is_late(
    excuse: Excuse,
    day: NaiveDate,
    wall_ms: i64,
    calendar: &Calendar,
    params: &Params,
) -> bool {
    let days = match excuse {
        Excuse::Sick => params.sick_doc_days,
        Excuse::Leave | Excuse::Quarantine => params.absence_reason_days,
    };
    let last = calendar.working_days_after(day, days);
    local_day(wall_ms).is_none_or(|entered| entered > last)
}

/// Every accepted absence by its hash, with its leaf, and whether it was withdrawn.
#[derive(Default)]
pub(super) struct Absences<'a>(BTreeMap<Hash, (&'a LoggedEvent, Absence, bool)>);

impl<'a> Absences<'a> {
    pub(super) fn insert(&mut self, logged: &'a LoggedEvent, absence: Absence) {
        self.0.entry(logged.hash).or_insert((logged, absence, false));
    }

    pub(super) fn find(&mut self, hash: Hash) -> Option<(&'a LoggedEvent, &mut bool)> {
        self.0.get_mut(&hash).map(|(logged, _, withdrawn)| (*logged, withdrawn))
    }

    /// Gives the first absence of each voucher and lesson that no visit contradicts, and says of the
    /// others why not.
    pub(super) fn counted(
        self,
        attended: impl Fn(VoucherId, LessonId) -> bool,
        mut aside: impl FnMut(u64, AsideReason),
    ) -> BTreeMap<(VoucherId, LessonId), Absence> {
        let mut in_log_order: Vec<_> = self.0.into_values().collect();
        in_log_order.sort_by_key(|(logged, ..)| logged.index);
        let mut counted = BTreeMap::new();
        for (logged, absence, withdrawn) in in_log_order {
            if withdrawn {
                aside(logged.index, AsideReason::Withdrawn);
                continue;
            }
            if attended(absence.voucher, absence.lesson) {
                aside(logged.index, AsideReason::Attended);
                continue;
            }
            match counted.entry((absence.voucher, absence.lesson)) {
                Entry::Vacant(place) => {
                    place.insert(absence);
                }
                Entry::Occupied(_) => aside(logged.index, AsideReason::Duplicate),
            }
        }
        counted
    }
}
