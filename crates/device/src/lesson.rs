//! Lessons: opening, ending, and how many came. A lesson's state is derived from its events.

use std::collections::BTreeSet;

use attendance::{EventDraft, EventKind, LessonId, Role, RosterGroup, RosterLesson};
use seal::Hash;

use crate::device::Device;
use crate::enrolment::Enrolled;
use crate::headcount;
use crate::record::{self, RecordError};
use crate::register::{AbsenceRow, Register};
use crate::store::{self, StoreError};

/// Says how a lesson stands on this device.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LessonState {
    /// Not opened yet.
    Planned,
    /// Opened on this device.
    Open,
    /// Ended on this device.
    Ended,
}

/// Shows a planned lesson.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LessonRow {
    /// The lesson: as planned, moved or cancelled.
    pub lesson: RosterLesson,
    /// The group's name.
    pub group: String,
    /// How it stands.
    pub state: LessonState,
    /// Children marked present, guests included.
    pub present: u32,
    /// Those among them who are not on the group's roster.
    pub guests: u32,
    /// Children on the group's roster.
    pub enrolled: u32,
    /// Those of them who did not come and have a reason that a document excuses.
    pub excused: u32,
    /// True if the lesson is asked for a headcount.
    pub is_spot_checked: bool,
    /// How many children the teacher counted, if so.
    pub headcount: Option<u16>,
}

impl Device {
    /// Opens a lesson of the roster. Open already, it gives the earlier event; ended, it is opened
    /// again by a new event.
    ///
    /// # Errors
    /// [`RecordError`] says why it is not open. The time is no reason: it is a flag for later.
    pub fn open_lesson(&mut self, lesson: LessonId) -> Result<Hash, RecordError> {
        self.turn_lesson(lesson, EventKind::LessonOpen)
    }

    /// Ends an open lesson. Ended already, it gives the earlier event.
    ///
    /// # Errors
    /// [`RecordError::LessonNotOpen`] if it was never opened here, and the others.
    pub fn close_lesson(&mut self, lesson: LessonId) -> Result<Hash, RecordError> {
        self.turn_lesson(lesson, EventKind::LessonClose)
    }

    fn turn_lesson(&mut self, lesson: LessonId, to: EventKind) -> Result<Hash, RecordError> {
        let enrolled = self.enrolled_as(Role::Teacher)?;
        let roster = self.roster.as_ref();
        let group = roster.and_then(|r| r.lesson(lesson).and_then(|l| r.group(l.group)));
        if group.is_some_and(|group| !covers(enrolled, group)) {
            return Err(RecordError::NotAllowed);
        }
        let provider = group.map(|group| group.provider).or(enrolled.certificate().provider);
        let planned = group.is_some();
        let now = self.clock.now();
        let tx = store::begin(&mut self.db)?;
        let turn = store::event::lesson_turn(&tx, lesson)?;
        match turn {
            Some((kind, event)) if kind == to => return Ok(event),
            None if to == EventKind::LessonClose => return Err(RecordError::LessonNotOpen),
            None if !planned => return Err(RecordError::LessonUnknown),
            Some(_) | None => {}
        }
        // The first opening says by which root it is drawn, so that others draw the same.
        let evidence = match &self.enrolled {
            Some(enrolled) if turn.is_none() => {
                headcount::keep_root(&tx, lesson, enrolled.origin())?
            }
            Some(_) | None => None,
        };
        let draft = EventDraft { lesson: Some(lesson), provider, ..record::draft(to, now) };
        let event = record::append(&tx, &self.identity, EventDraft { evidence, ..draft })?;
        tx.commit().map_err(StoreError::from)?;
        Ok(event)
    }

    /// Lists the lessons of this device's groups that start in `start_ms..end_ms`, or were to start
    /// there and were moved, by their start.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn lessons_between(
        &self,
        start_ms: i64,
        end_ms: i64,
    ) -> Result<Vec<LessonRow>, StoreError> {
        let (Some(roster), Some(enrolled)) = (&self.roster, &self.enrolled) else {
            return Ok(Vec::new());
        };
        let mut rows = Vec::new();
        for lesson in &roster.lessons {
            let Some(group) = roster.group(lesson.group) else { continue };
            if !covers(enrolled, group) {
                continue;
            }
            let lesson = self.as_told(*lesson)?;
            let moved_from = lesson.moved_from_ms.unwrap_or(lesson.start_ms);
            let during = start_ms..end_ms;
            if during.contains(&lesson.start_ms) || during.contains(&moved_from) {
                rows.push(self.lesson_row(lesson, group)?);
            }
        }
        rows.sort_by_key(|row| (row.lesson.start_ms, row.lesson.id));
        Ok(rows)
    }

    /// Shows one lesson of the roster.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn lesson(&self, lesson: LessonId) -> Result<Option<LessonRow>, StoreError> {
        let Some(roster) = &self.roster else { return Ok(None) };
        let planned = roster.lesson(lesson).and_then(|l| Some((*l, roster.group(l.group)?)));
        let told = |(lesson, group)| self.lesson_row(self.as_told(lesson)?, group);
        planned.map(told).transpose()
    }

    fn lesson_row(
        &self,
        lesson: RosterLesson,
        group: &RosterGroup,
    ) -> Result<LessonRow, StoreError> {
        let state = match store::event::lesson_turn(&self.db, lesson.id)? {
            None => LessonState::Planned,
            Some((EventKind::LessonOpen, _)) => LessonState::Open,
            Some(_) => LessonState::Ended,
        };
        let register = Register::of_lesson(&self.db, lesson.id)?;
        let visits = register.visits();
        let marked: BTreeSet<_> = visits.into_iter().map(|(child, _)| child).collect();
        let members: BTreeSet<_> = self
            .roster
            .iter()
            .flat_map(|roster| roster.children_of(group.id))
            .map(|child| child.id)
            .collect();
        let guests = marked.difference(&members).count();
        let missing = members.difference(&marked);
        let absences = missing.filter_map(|child| register.absence(*child));
        let excused = absences.filter(AbsenceRow::excuses).count();
        Ok(LessonRow {
            lesson,
            group: group.name.clone(),
            excused: count(excused),
            is_spot_checked: self.is_spot_checked(lesson.id)?,
            headcount: register.headcount().map(|(_, count)| count),
            state,
            present: count(marked.len()),
            guests: count(guests),
            enrolled: count(members.len()),
        })
    }
}

/// Decides whether the certificate covers a group. Without groups in it, all of the provider's.
pub(crate) fn covers(enrolled: &Enrolled, group: &RosterGroup) -> bool {
    let certificate = enrolled.certificate();
    certificate.provider.is_none_or(|provider| provider == group.provider)
        && (certificate.groups.is_empty() || certificate.groups.contains(&group.id))
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
