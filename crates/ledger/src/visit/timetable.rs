//! A month's timetable as the log tells it: what was planned, moved and cancelled (R1, 2).

use attendance::Cancellation;

use crate::calendar::Month;
use crate::snapshot::{Lesson, Snapshot};
use crate::visit::LoggedEvent;
use crate::visit::plan::{LessonState, Plan, Slot};

/// A lesson, and what the log says of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TimetableLesson {
    /// When it is held. Its id stays that of the planned one.
    pub lesson: Lesson,
    /// When it was to start, milliseconds since 1970-01-01T00:00Z, if it was moved inside the month.
    pub moved_from_ms: Option<i64>,
    /// Why it is not held, if so. One that was moved to another month is missed in its own.
    pub cancelled: Option<Cancellation>,
}

impl Snapshot {
    /// Gives the lessons of a month in order of time, without those of official days off. `events` are
    /// a prefix of the log, in any order; only what is said of lessons is read.
    #[must_use]
    pub fn timetable(&self, events: &[LoggedEvent], month: Month) -> Vec<TimetableLesson> {
        let Some(params) = self.rules(month) else { return Vec::new() };
        let mut events: Vec<&LoggedEvent> = events.iter().collect();
        events.sort_by_key(|logged| logged.index);
        let plan = Plan::of(self, params, &events, month, &mut Vec::new());
        let slots = plan.by_group().into_values().flatten();
        let held = slots.filter(|slot| slot.state != LessonState::DayOff);
        let mut lessons: Vec<TimetableLesson> = held.map(|slot| told(&slot, &events)).collect();
        lessons.sort_by_key(|told| (told.lesson.start_ms, told.lesson.group));
        lessons
    }
}

fn told(slot: &Slot, events: &[&LoggedEvent]) -> TimetableLesson {
    let cancelled = match slot.state {
        LessonState::Held | LessonState::DayOff => None,
        LessonState::Missed | LessonState::Cancelled => {
            let by = slot.by.and_then(|leaf| events.iter().find(|logged| logged.index == leaf));
            let why = by.and_then(|logged| logged.event.cancellation);
            Some(why.unwrap_or(Cancellation::Provider))
        }
    };
    TimetableLesson { lesson: slot.lesson, moved_from_ms: slot.moved_from_ms(), cancelled }
}
