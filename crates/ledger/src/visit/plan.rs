//! The lessons of a month as they were planned, cancelled and moved (R1, 2 and R2, 18).

use std::collections::BTreeMap;

use attendance::{EventKind, GroupId, LessonId, Role};

use crate::calendar::{Month, local_day};
use crate::params::Params;
use crate::snapshot::{Group, Lesson, Snapshot};
use crate::visit::{Aside, AsideReason, LoggedEvent, has_document};

/// What became of a planned lesson.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum LessonState {
    /// It is held, at its time or at the one it was moved to.
    Held,
    /// It falls on an official day off.
    DayOff,
    /// The provider does not hold it, or moved it to another month: in the plan, and not paid.
    Missed,
    /// An official act cancelled it: it leaves the plan.
    Cancelled,
}

/// A lesson of the plan. Its id is the planned one's, wherever it was moved.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    /// When it is held.
    pub(crate) lesson: Lesson,
    /// What became of it.
    pub(crate) state: LessonState,
    /// The leaf that says so, unless it is as it was planned.
    pub(crate) by: Option<u64>,
    planned: Lesson,
}

impl Slot {
    /// Says whether the lesson counts among the planned ones: `D` of rule 31.
    pub(crate) fn is_in_plan(&self) -> bool {
        match self.state {
            LessonState::Held | LessonState::Missed => true,
            LessonState::DayOff | LessonState::Cancelled => false,
        }
    }

    /// When the lesson was to start, if it was moved inside the month.
    pub(crate) fn moved_from_ms(&self) -> Option<i64> {
        (self.lesson.start_ms != self.planned.start_ms).then_some(self.planned.start_ms)
    }

    /// Says why nothing can be recorded for it.
    pub(crate) fn refusal(&self) -> Option<AsideReason> {
        match self.state {
            LessonState::Held => None,
            LessonState::DayOff => Some(AsideReason::DayOff),
            LessonState::Missed | LessonState::Cancelled => Some(AsideReason::LessonNotHeld),
        }
    }
}

/// Every lesson of a month's schedules, days off among them.
#[derive(Default)]
pub(crate) struct Plan {
    slots: BTreeMap<LessonId, Slot>,
    /// The ids that moved lessons would have if they had been planned for their new time.
    moved: BTreeMap<LessonId, LessonId>,
    /// How far each group's lessons may be moved, in days.
    make_up_days: BTreeMap<GroupId, u32>,
}

impl Plan {
    /// Reads the schedules, and what the log says of them. `events` are in log order.
    pub(crate) fn of(
        snapshot: &Snapshot,
        params: &Params,
        events: &[&LoggedEvent],
        month: Month,
        aside: &mut Vec<Aside>,
    ) -> Self {
        let mut plan = Self::default();
        for group in &snapshot.groups {
            let params = snapshot.rules_for(month, group).unwrap_or(params);
            plan.make_up_days.insert(group.id, params.make_up_window_days);
            for lesson in snapshot.lessons_of(group, month, params) {
                plan.put(lesson, LessonState::Held);
            }
            for lesson in snapshot.lessons_off(group, month, params) {
                plan.put(lesson, LessonState::DayOff);
            }
        }
        if params.reads_everything() {
            for logged in events {
                if let Err(reason) = plan.change(logged, month) {
                    aside.push(Aside { index: logged.index, reason });
                }
            }
        }
        plan
    }

    /// Finds a lesson by its own id, or by that of the time it was moved to.
    pub(crate) fn slot(&self, id: LessonId) -> Option<&Slot> {
        self.slots.get(self.moved.get(&id).unwrap_or(&id))
    }

    /// Gives the lessons of each group, in order of time.
    pub(crate) fn by_group(&self) -> BTreeMap<GroupId, Vec<Slot>> {
        let mut groups: BTreeMap<GroupId, Vec<Slot>> = BTreeMap::new();
        for slot in self.slots.values() {
            groups.entry(slot.lesson.group).or_default().push(*slot);
        }
        for slots in groups.values_mut() {
            slots.sort_by_key(|slot| (slot.lesson.start_ms, slot.planned.start_ms));
        }
        groups
    }

    fn put(&mut self, lesson: Lesson, state: LessonState) {
        self.slots.insert(lesson.id, Slot { lesson, state, by: None, planned: lesson });
    }

    fn change(&mut self, logged: &LoggedEvent, month: Month) -> Result<(), AsideReason> {
        let event = &logged.event;
        let cancels = event.kind == EventKind::LessonCancel;
        if !cancels && event.kind != EventKind::LessonMove {
            return Ok(());
        }
        let known = event.lesson.and_then(|id| self.slots.get(&id).copied());
        let Some(slot) = known else { return Ok(()) };
        let planned = slot.planned;
        if event.provider != Some(planned.provider) {
            return Err(AsideReason::ForeignProvider);
        }
        if slot.state == LessonState::DayOff {
            return Err(AsideReason::DayOff);
        }
        may_change(logged, &planned)?;
        if slot.state == LessonState::Cancelled && !logged.decides() {
            return Err(AsideReason::LessonNotHeld);
        }
        let changed = if cancels {
            Slot { lesson: planned, state: cancelled(logged)?, ..slot }
        } else {
            self.moved(&planned, event.moved_to_ms, month)?
        };
        self.moved.retain(|_, original| *original != planned.id);
        if changed.moved_from_ms().is_some() {
            self.moved.insert(id_at(&changed.lesson), planned.id);
        }
        self.slots.insert(planned.id, Slot { by: Some(logged.index), ..changed });
        Ok(())
    }

    fn moved(
        &self,
        planned: &Lesson,
        to_ms: Option<i64>,
        month: Month,
    ) -> Result<Slot, AsideReason> {
        let start_ms = to_ms.ok_or(AsideReason::NoGround)?;
        let day = local_day(start_ms).ok_or(AsideReason::MovedTooFar)?;
        let apart = day.signed_duration_since(planned.day).num_days().unsigned_abs();
        let most = self.make_up_days.get(&planned.group).copied().unwrap_or_default();
        if apart > u64::from(most) {
            return Err(AsideReason::MovedTooFar);
        }
        let lasts = planned.end_ms.saturating_sub(planned.start_ms);
        let end_ms = start_ms.checked_add(lasts).ok_or(AsideReason::MovedTooFar)?;
        if Month::of(day).ok() != Some(month) {
            // It keeps its place in this month's plan, and pays in no month.
            let state = LessonState::Missed;
            return Ok(Slot { lesson: *planned, state, by: None, planned: *planned });
        }
        let lesson = Lesson { start_ms, end_ms, day, ..*planned };
        let there = id_at(&lesson);
        let own = self.moved.get(&there).is_some_and(|original| *original == planned.id);
        let taken = self.slots.contains_key(&there) || self.moved.contains_key(&there);
        if there != planned.id && taken && !own {
            return Err(AsideReason::LessonTaken);
        }
        Ok(Slot { lesson, state: LessonState::Held, by: None, planned: *planned })
    }
}

/// The ids of a group's planned lessons, days off among them.
pub(crate) fn planned_ids(
    snapshot: &Snapshot,
    group: &Group,
    month: Month,
) -> impl Iterator<Item = LessonId> {
    let rules = snapshot.rules_for(month, group);
    let held = rules.map(|rules| snapshot.lessons_of(group, month, rules));
    let off = rules.map(|rules| snapshot.lessons_off(group, month, rules));
    held.into_iter().chain(off).flatten().map(|lesson| lesson.id)
}

/// The id that a group's lesson has for those who know only the time that an event moves it to.
pub(crate) fn moved_id(group: GroupId, logged: &LoggedEvent) -> Option<LessonId> {
    logged.event.moved_to_ms.map(|start_ms| LessonId::derive_from(group, start_ms))
}

/// The id of a lesson that was planned for this time.
fn id_at(lesson: &Lesson) -> LessonId {
    LessonId::derive_from(lesson.group, lesson.start_ms)
}

fn cancelled(logged: &LoggedEvent) -> Result<LessonState, AsideReason> {
    let why = logged.event.cancellation.ok_or(AsideReason::NoGround)?;
    if !why.is_official() {
        return Ok(LessonState::Missed);
    }
    if !logged.decides() {
        return Err(AsideReason::NotACoordinator);
    }
    if !has_document(&logged.event) {
        return Err(AsideReason::NoGround);
    }
    Ok(LessonState::Cancelled)
}

/// The provider's own teachers, administrators and coordinators, and coordinators of the district.
fn may_change(logged: &LoggedEvent, lesson: &Lesson) -> Result<(), AsideReason> {
    match logged.role {
        Role::Parent | Role::Delegate => Err(AsideReason::NotATeacher),
        Role::Coordinator | Role::Issuer if logged.provider.is_none() => Ok(()),
        Role::Teacher | Role::Coordinator | Role::ProviderAdmin
            if logged.provider == Some(lesson.provider) =>
        {
            Ok(())
        }
        Role::Teacher | Role::Coordinator | Role::ProviderAdmin | Role::Issuer => {
            Err(AsideReason::ForeignProvider)
        }
    }
}
