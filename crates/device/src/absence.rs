//! Absences: entered by the teacher for the own groups, by a parent for the own child (rules R2).

use attendance::{AbsenceReason, ChildId, EventDraft, EventKind, LessonId, Role};
use seal::Hash;

use crate::device::Device;
use crate::record::{self, RecordError, document_number};
use crate::store;
use crate::told::{self, Told};

/// Says why a child is absent, and what proves it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Absence {
    /// Why.
    pub reason: AbsenceReason,
    /// The number of the document, as it is on the paper.
    pub number: Option<String>,
    /// SHA-256 of the document, which is kept on this device ([`Device::keep_document`]).
    pub document: Option<Hash>,
}

/// Says what became of an absence.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AbsenceOutcome {
    /// Recorded, or an earlier absence was corrected.
    Kept(Hash),
    /// The very same was said before; nothing was written.
    Already(Hash),
    /// The child has a mark in this lesson, which counts; nothing was written.
    Came(Hash),
}

impl Device {
    /// Records that a child is absent from a planned lesson, or corrects what this device said of it
    /// before: another reason, a document that came late. What is not said again stays. The lesson need
    /// not be open, and the terms for reason and document refuse nothing here.
    ///
    /// # Errors
    /// [`RecordError`] says why nothing was recorded.
    pub fn record_absence(
        &mut self,
        child: ChildId,
        lesson: LessonId,
        absence: &Absence,
    ) -> Result<AbsenceOutcome, RecordError> {
        let number = absence.number.as_deref().map(document_number).transpose()?;
        self.expect_document(absence.document)?;
        let draft = self.absent(child, lesson)?;
        if let Some(visit) = crate::leaving::presence(&self.db, lesson, child)?.visit {
            return Ok(AbsenceOutcome::Came(visit));
        }
        let draft = EventDraft {
            absence: Some(absence.reason),
            document: number,
            absence_document: absence.document,
            ..draft
        };
        let Some(earlier) = self.own_absence(child, lesson)? else {
            return self.append(draft).map(AbsenceOutcome::Kept);
        };
        let (said, hash) = (&earlier.event, earlier.hash);
        let differs = EventDraft {
            absence: draft.absence.filter(|reason| said.absence != Some(*reason)),
            document: draft.document.filter(|number| said.document.as_ref() != Some(number)),
            absence_document: draft
                .absence_document
                .filter(|document| said.absence_document != Some(*document)),
            about: Some(hash),
            ..record::draft(EventKind::Correct, self.clock.now())
        };
        let says_nothing = (None, None, None)
            == (differs.absence, differs.document.as_ref(), differs.absence_document);
        if says_nothing {
            return Ok(AbsenceOutcome::Already(hash));
        }
        self.append(differs).map(AbsenceOutcome::Kept)
    }

    /// Begins an absence if this device may say it: a teacher's of a child of an own group, a parent's
    /// of the own child.
    fn absent(&self, child: ChildId, lesson: LessonId) -> Result<EventDraft, RecordError> {
        let enrolled = self.enrolled.as_ref().ok_or(RecordError::NotEnrolled)?;
        let roster = self.roster.as_ref().ok_or(RecordError::LessonUnknown)?;
        let planned = roster.lesson(lesson).ok_or(RecordError::LessonUnknown)?;
        let group = roster.group(planned.group).ok_or(RecordError::LessonUnknown)?;
        let may = match enrolled.role() {
            Role::Teacher => crate::lesson::covers(enrolled, group),
            Role::Parent => enrolled.certificate().children.contains(&child),
            // Three have no roster, and the fourth says nothing of the children whom it brings.
            Role::Coordinator | Role::ProviderAdmin | Role::Issuer | Role::Delegate => false,
        };
        if !may {
            return Err(RecordError::NotAllowed);
        }
        let row = roster.children_of(group.id).find(|row| row.id == child);
        let row = row.ok_or(RecordError::ChildUnknown)?;
        Ok(EventDraft {
            child: Some(child),
            voucher: Some(row.voucher),
            lesson: Some(lesson),
            provider: Some(group.provider),
            ..record::draft(EventKind::Absent, self.clock.now())
        })
    }

    /// Finds the absence that this device said last and that stands.
    fn own_absence(
        &self,
        child: ChildId,
        lesson: LessonId,
    ) -> Result<Option<Told>, store::StoreError> {
        let told = told::tell(&store::event::of_lesson(&self.db, lesson)?)?;
        Ok(told.into_iter().rev().find(|told| told.says(EventKind::Absent, child)))
    }
}
