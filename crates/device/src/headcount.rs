//! The headcount at the end of a lesson, and which lessons are asked for one (rules R9, 49).

use attendance::{EventDraft, EventKind, LessonId, Role, is_drawn};
use rusqlite::Connection;
use seal::Hash;

use crate::device::Device;
use crate::record::{self, RecordError};
use crate::register::Register;
use crate::store::{self, StoreError};

impl Device {
    /// Records how many children the teacher counted in a lesson that was opened here. The same number
    /// again gives the earlier event; another one is a new event, and the newest counts.
    ///
    /// # Errors
    /// [`RecordError::LessonNotOpen`] if the lesson was never opened here, and the others.
    pub fn record_headcount(&mut self, lesson: LessonId, count: u16) -> Result<Hash, RecordError> {
        let enrolled = self.enrolled_as(Role::Teacher)?;
        let group = self.group_of(lesson);
        let group = group.and_then(|group| self.roster.as_ref()?.group(group));
        let provider = group.map(|group| group.provider).or(enrolled.certificate().provider);
        let now = self.clock.now();
        store::event::lesson_turn(&self.db, lesson)?.ok_or(RecordError::LessonNotOpen)?;
        if let Some((earlier, counted)) = Register::of_lesson(&self.db, lesson)?.headcount()
            && counted == count
        {
            return Ok(earlier);
        }
        let headcount = Some(count);
        let draft = record::draft(EventKind::Headcount, now);
        self.append(EventDraft { lesson: Some(lesson), provider, headcount, ..draft })
    }

    /// Tells whether a lesson is asked for a headcount: drawn by the root of the log that this device
    /// held when it first opened the lesson. Not opened here, or without a root then, it is not.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn is_spot_checked(&self, lesson: LessonId) -> Result<bool, StoreError> {
        let root = store::spot_check::root(&self.db, lesson)?;
        let rate = self.terms().spot_check_per_mille;
        Ok(root.is_some_and(|root| is_drawn(lesson, root, rate)))
    }
}

/// Keeps by which root a lesson is drawn that is opened now, and gives it for the event. The first
/// opening counts: opening it again after a sync draws no other lot.
pub(crate) fn keep_root(
    tx: &Connection,
    lesson: LessonId,
    origin: &str,
) -> Result<Option<Hash>, StoreError> {
    let newest = store::history::newest_root(tx, origin)?;
    if let Some((size, root)) = newest {
        store::spot_check::keep(tx, lesson, origin, size, root)?;
    }
    Ok(newest.map(|(_, root)| root))
}
