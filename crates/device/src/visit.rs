//! Visits as this device knows them: a teacher's own records, or what a parent was shown.

use attendance::{
    ChildId, Event, EventKind, LessonId, ManualReason, Method, ProviderId, Role, UnverifiedEvent,
};
use seal::Hash;

use crate::device::Device;
use crate::mark::Mark;
use crate::store::event::EventRow;
use crate::store::{self, StoreError};

/// Shows the record of a visit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct VisitRow {
    /// The visit's event.
    pub event: Hash,
    /// When the child was marked, by the recording device's claimed clock.
    pub at_ms: i64,
    /// True if marked by hand (a typed code is by hand too).
    pub by_hand: bool,
    /// Why by hand.
    pub reason: Option<ManualReason>,
    /// How far the event has come.
    pub mark: Mark,
}

/// Shows a visit with whose and which it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Visit {
    /// The record.
    pub row: VisitRow,
    /// The child.
    pub child: ChildId,
    /// The lesson; the roster knows its times and group.
    pub lesson: LessonId,
    /// The provider.
    pub provider: Option<ProviderId>,
    /// The newest answer: on a parent's device the one given there, on a teacher's the family's.
    pub answer: Option<Answer>,
}

/// Shows a parent's answer about a visit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Answer {
    /// True: the child was there. False: the child was not.
    pub was: bool,
    /// The answer's event.
    pub event: Hash,
    /// How far the answer's event has come.
    pub mark: Mark,
}

impl Device {
    /// Lists the visits this device knows, newest first: a parent's device shows the visits it
    /// fetched and verified, any other its own records.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn visits(&self) -> Result<Vec<Visit>, StoreError> {
        let parent = self.enrolled.as_ref().is_some_and(|e| e.role() == Role::Parent);
        let rows = if parent {
            store::visit_seen::all(&self.db)?
        } else {
            store::event::of_kind(&self.db, EventKind::In)?
        };
        rows.iter().map(|row| self.visit_of(row)).filter_map(Result::transpose).collect()
    }

    /// Shows one visit that this device knows.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn visit(&self, event: Hash) -> Result<Option<Visit>, StoreError> {
        if let Some(row) = store::visit_seen::find(&self.db, event)? {
            return self.visit_of(&row);
        }
        match store::event::find(&self.db, event)? {
            Some((_, row)) => self.visit_of(&row),
            None => Ok(None),
        }
    }

    /// Gives the newest answer about a visit: the one given on this device, or the family's that came.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn answer_to(&self, visit: Hash) -> Result<Option<Answer>, StoreError> {
        if let Some((was, event, mark)) = store::event::answer_about(&self.db, visit)? {
            return Ok(Some(Answer { was, event, mark }));
        }
        let seen = store::answer_seen::newest(&self.db, visit)?;
        Ok(seen.map(|(was, event)| Answer { was, event, mark: Mark::Receipted }))
    }

    fn visit_of(&self, row: &EventRow) -> Result<Option<Visit>, StoreError> {
        let (event, visit) = VisitRow::read(row)?;
        let (Some(child), Some(lesson)) = (event.child, event.lesson) else { return Ok(None) };
        if event.kind != EventKind::In {
            return Ok(None);
        }
        let answer = self.answer_to(row.hash)?;
        Ok(Some(Visit { row: visit, child, lesson, provider: event.provider, answer }))
    }
}

impl VisitRow {
    /// Reads the signed bytes of a kept event: the columns beside them are only an index.
    pub(crate) fn read(row: &EventRow) -> Result<(Event, Self), StoreError> {
        let parsed = UnverifiedEvent::parse(&row.bytes);
        let event = parsed.map_err(|_| StoreError::Value("an event's bytes"))?.event().clone();
        let visit = Self {
            event: row.hash,
            at_ms: event.wall_ms,
            by_hand: event.method == Some(Method::Manual),
            reason: event.reason,
            mark: row.mark,
        };
        Ok((event, visit))
    }
}
