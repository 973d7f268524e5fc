//! Visits as this device knows them: a teacher's own records, or what a parent was shown.

use attendance::{ChildId, Event, EventKind, LessonId, ManualReason, Method, ProviderId, Role};
use seal::Hash;

use crate::device::Device;
use crate::mark::Mark;
use crate::store::event::EventRow;
use crate::store::{self, StoreError};
use crate::told::{self, Told, Withdrawn};

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
    /// The withdrawal, if whoever recorded the visit took it back.
    pub withdrawn: Option<Withdrawn>,
    /// Since when the family is not sure, if it said so and has not answered yet.
    pub not_sure_ms: Option<i64>,
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
        if self.is_parents() {
            let seen = store::visit_seen::all(&self.db)?;
            let told = told::tell(&self.with_entries(seen)?)?;
            return told.iter().filter_map(|told| self.visit_of(told).transpose()).collect();
        }
        let rows = store::event::of_kind(&self.db, EventKind::In)?;
        let told = rows.iter().map(|row| Told::read(&self.db, row));
        told.filter_map(|told| told.and_then(|told| self.visit_of(&told)).transpose()).collect()
    }

    /// Shows one visit that this device knows.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn visit(&self, event: Hash) -> Result<Option<Visit>, StoreError> {
        if let Some(row) = store::visit_seen::find(&self.db, event)? {
            let told = told::tell(&self.with_entries(vec![row])?)?;
            let told = told.iter().find(|told| told.hash == event);
            return told.map_or(Ok(None), |told| self.visit_of(told));
        }
        match store::event::find(&self.db, event)? {
            Some((_, row)) => self.visit_of(&Told::read(&self.db, &row)?),
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

    /// Puts what else the log says of own children behind what others recorded.
    pub(crate) fn with_entries(&self, seen: Vec<EventRow>) -> Result<Vec<EventRow>, StoreError> {
        let mut rows = seen;
        rows.extend(store::entry::events(&self.db)?);
        Ok(rows)
    }

    pub(crate) fn is_parents(&self) -> bool {
        self.enrolled.as_ref().is_some_and(|enrolled| enrolled.role() == Role::Parent)
    }

    pub(crate) fn visit_of(&self, told: &Told) -> Result<Option<Visit>, StoreError> {
        let event = &told.event;
        let (Some(child), Some(lesson)) = (event.child, event.lesson) else { return Ok(None) };
        if event.kind != EventKind::In {
            return Ok(None);
        }
        let answer = self.answer_to(told.hash)?;
        let not_sure_ms = match answer {
            None => store::not_sure::since_ms(&self.db, told.hash)?,
            Some(_) => None,
        };
        let (row, withdrawn) = (VisitRow::of(told), told.withdrawn);
        let provider = event.provider;
        Ok(Some(Visit { row, child, lesson, provider, answer, withdrawn, not_sure_ms }))
    }
}

impl VisitRow {
    pub(crate) fn of(told: &Told) -> Self {
        Self {
            event: told.hash,
            at_ms: told.event.wall_ms,
            by_hand: told.event.method == Some(Method::Manual),
            reason: told.event.reason,
            mark: told.mark,
        }
    }

    /// Reads the signed bytes of a kept event: the columns beside them are only an index.
    pub(crate) fn read(row: &EventRow) -> Result<(Event, Self), StoreError> {
        let event = told::read(row)?;
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
