//! The lessons of a month by any id that an event may name them by.

use std::collections::BTreeMap;

use attendance::{EventKind, GroupId, LessonId};

use super::names::Names;
use crate::calendar::Month;
use crate::snapshot::Snapshot;
use crate::visit::LoggedEvent;
use crate::visit::plan::{moved_id, planned_ids};

/// Which group a lesson of the month is of, by any id that an event may name it by; and what the log says
/// of a group's lessons.
pub(super) struct Lessons<'a> {
    ids: Names<LessonId>,
    /// For each id the group's place in the snapshot.
    group_of: Vec<u32>,
    /// Events that cancel or move lessons, by group.
    changes: BTreeMap<u32, Vec<&'a LoggedEvent>>,
}

impl<'a> Lessons<'a> {
    pub(super) fn of(snapshot: &Snapshot, before: &[&'a LoggedEvent], month: Month) -> Self {
        let mut lessons =
            Self { ids: Names::default(), group_of: Vec::new(), changes: BTreeMap::new() };
        for (at, group) in (0u32..).zip(&snapshot.groups) {
            for id in planned_ids(snapshot, group, month) {
                lessons.put(id, at);
            }
        }
        for logged in before {
            let changes =
                matches!(logged.event.kind, EventKind::LessonCancel | EventKind::LessonMove);
            let Some(lesson) = logged.event.lesson.filter(|_| changes) else { continue };
            let Some(group) = lessons.group(lesson) else { continue };
            lessons.changes.entry(group).or_default().push(logged);
            let known = snapshot.groups.get(group as usize);
            if let Some(id) = known.and_then(|known| moved_id(known.id, logged)) {
                lessons.put(id, group);
            }
        }
        lessons
    }

    fn put(&mut self, id: LessonId, group: u32) {
        let number = self.ids.number(id) as usize;
        if number >= self.group_of.len() {
            self.group_of.push(group);
        }
    }

    pub(super) fn group(&self, lesson: LessonId) -> Option<u32> {
        self.ids.find(lesson).and_then(|number| self.group_of.get(number as usize)).copied()
    }

    pub(super) fn changes(&self, group: u32) -> &[&'a LoggedEvent] {
        self.changes.get(&group).map_or(&[], Vec::as_slice)
    }
}

/// The place of each group in a snapshot.
pub(super) fn places_of_groups(snapshot: &Snapshot) -> Names<GroupId> {
    let mut places = Names::default();
    for group in &snapshot.groups {
        places.number(group.id);
    }
    places
}
