//! Lessons: opening, ending, and who came. A lesson's state is derived from its events.

use attendance::{EventDraft, EventKind, LessonId, Role, RosterChild, RosterGroup, RosterLesson};
use seal::Hash;

use crate::device::Device;
use crate::enrolment::Enrolled;
use crate::record::{self, RecordError};
use crate::store::{self, StoreError};
use crate::visit::VisitRow;

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
    /// The lesson as planned.
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
        let draft = EventDraft { lesson: Some(lesson), provider, ..record::draft(to, now) };
        let event = record::append(&tx, &self.identity, draft)?;
        tx.commit().map_err(StoreError::from)?;
        Ok(event)
    }

    /// Lists the lessons of this device's groups that are planned to start in `start_ms..end_ms`, by
    /// their start.
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
            if (start_ms..end_ms).contains(&lesson.start_ms) && covers(enrolled, group) {
                rows.push(self.lesson_row(*lesson, group)?);
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
        planned.map(|(lesson, group)| self.lesson_row(lesson, group)).transpose()
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
        let marked: Vec<_> = store::event::visits_of_lesson(&self.db, lesson.id)?
            .iter()
            .map(|row| VisitRow::read(row).map(|(event, _)| event.child))
            .collect::<Result<_, _>>()?;
        let members: Vec<_> = self
            .roster
            .iter()
            .flat_map(|roster| roster.children_of(group.id))
            .map(|child| Some(child.id))
            .collect();
        let guests = marked.iter().filter(|child| !members.contains(child)).count();
        Ok(LessonRow {
            lesson,
            group: group.name.clone(),
            state,
            present: count(marked.len()),
            guests: count(guests),
            enrolled: count(members.len()),
        })
    }

    /// Lists who belongs to a lesson, by name, and who came. Guests who are somewhere on this
    /// device's roster come last.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn attendance_of(
        &self,
        lesson: LessonId,
    ) -> Result<Vec<(RosterChild, Option<VisitRow>)>, StoreError> {
        let Some(roster) = &self.roster else { return Ok(Vec::new()) };
        let mut visits = Vec::new();
        for row in store::event::visits_of_lesson(&self.db, lesson)? {
            let (event, visit) = VisitRow::read(&row)?;
            visits.push((event.child, visit));
        }
        let group = roster.lesson(lesson).map(|lesson| lesson.group);
        let members = group.into_iter().flat_map(|group| roster.children_of(group));
        let mut rows: Vec<_> = members
            .map(|child| {
                let at = visits.iter().position(|(id, _)| *id == Some(child.id));
                (child.clone(), at.map(|at| visits.swap_remove(at).1))
            })
            .collect();
        rows.sort_by(|(a, _), (b, _)| (&a.name, a.id).cmp(&(&b.name, b.id)));
        visits.sort_by_key(|(_, visit)| visit.at_ms);
        rows.extend(
            visits.into_iter().filter_map(|(child, visit)| {
                Some((roster.child(child?, None)?.clone(), Some(visit)))
            }),
        );
        Ok(rows)
    }
}

/// Decides whether the certificate covers a group. Without groups in it, all of the provider's.
fn covers(enrolled: &Enrolled, group: &RosterGroup) -> bool {
    let certificate = enrolled.certificate();
    certificate.provider.is_none_or(|provider| provider == group.provider)
        && (certificate.groups.is_empty() || certificate.groups.contains(&group.id))
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
