//! A lesson is not held, or at another time; and what a district decides about a visit.
//!
//! Absent on purpose: how far a lesson may be moved, and what it is paid. Both are the ledger's, by dated
//! rules that a device does not have.

use attendance::{
    Action, Cancellation, EventDraft, EventKind, Finding, LessonId, RosterLesson, Scope,
    UnverifiedEvent, Verdict,
};
use seal::Hash;

use crate::device::Device;
use crate::lesson::covers;
use crate::mark::Mark;
use crate::record::{self, RecordError};
use crate::store::{self, StoreError};

/// What becomes of a lesson.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum LessonChange {
    /// It is not held. By an official act only a coordinator of the district says so, and names the act.
    Cancel {
        /// Why.
        why: Cancellation,
        /// The number of the act.
        document: Option<String>,
    },
    /// It starts at another time, milliseconds since 1970-01-01T00:00Z. The planned time holds it again.
    Move {
        /// The new start.
        to_ms: i64,
        /// The number of a paper, if there is one.
        document: Option<String>,
    },
}

/// What a district decides about a visit that is disputed or stands beside another one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VisitDecision {
    /// The event that recorded the visit.
    pub visit: Hash,
    /// Whether the child was there.
    pub verdict: Verdict,
    /// What the decision rests on.
    pub finding: Finding,
    /// The number of the paper that shows it.
    pub document: String,
}

impl Device {
    /// Records that a lesson of this device's groups is not held, or at another time.
    ///
    /// # Errors
    /// [`RecordError`] says why nothing was recorded.
    pub fn change_lesson(
        &mut self,
        lesson: LessonId,
        change: &LessonChange,
    ) -> Result<Hash, RecordError> {
        let enrolled = self.enrolled.as_ref().ok_or(RecordError::NotEnrolled)?;
        let scope = enrolled.certificate().permitted(Action::ChangeLesson);
        let roster = self.roster.as_ref();
        let group = roster.and_then(|roster| roster.group(roster.lesson(lesson)?.group));
        let group = group.ok_or(RecordError::LessonUnknown)?;
        if !scope.does() || (!scope.decides() && !covers(enrolled, group)) {
            return Err(RecordError::NotAllowed);
        }
        let draft = change.fill(record::draft(change.kind(), self.clock.now()), scope)?;
        let draft = EventDraft { lesson: Some(lesson), provider: Some(group.provider), ..draft };
        self.append(draft)
    }

    /// Records what the district decides about a visit.
    ///
    /// # Errors
    /// [`RecordError`] says why nothing was recorded.
    pub fn decide_visit(&mut self, decision: &VisitDecision) -> Result<Hash, RecordError> {
        let enrolled = self.enrolled.as_ref().ok_or(RecordError::NotEnrolled)?;
        if !enrolled.certificate().permitted(Action::DecideVisit).decides() {
            return Err(RecordError::NotAllowed);
        }
        let draft = EventDraft {
            about: Some(decision.visit),
            verdict: Some(decision.verdict),
            finding: Some(decision.finding),
            document: Some(record::document_number(&decision.document)?),
            ..record::draft(EventKind::DisputeResolve, self.clock.now())
        };
        self.append(draft)
    }

    /// Tells what this device last decided about a visit: true for *was*.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn visit_decided(&self, visit: Hash) -> Result<Option<bool>, StoreError> {
        for row in store::event::of_kind(&self.db, EventKind::DisputeResolve)? {
            let said = UnverifiedEvent::parse(&row.bytes).map_err(|_| StoreError::Corrupt)?;
            if said.event().about == Some(visit) {
                return Ok(said.event().verdict.map(|verdict| verdict == Verdict::Was));
            }
        }
        Ok(None)
    }

    /// Gives a lesson of the roster as it is with what this device said of it and has no receipt for yet:
    /// after that the roster says it.
    pub(crate) fn as_told(&self, planned: RosterLesson) -> Result<RosterLesson, StoreError> {
        let mut lesson = planned;
        for row in store::event::lesson_changes(&self.db, planned.id)? {
            if row.mark >= Mark::Receipted {
                continue;
            }
            let said = UnverifiedEvent::parse(&row.bytes).map_err(|_| StoreError::Corrupt)?;
            let event = said.event();
            if let Some(to_ms) = event.moved_to_ms {
                lesson = moved(&planned, to_ms);
            } else {
                let why = event.cancellation.unwrap_or(Cancellation::Provider);
                lesson = RosterLesson { cancelled: Some(why), ..moved(&planned, start(&planned)) };
            }
        }
        Ok(lesson)
    }
}

impl LessonChange {
    fn kind(&self) -> EventKind {
        match self {
            Self::Cancel { .. } => EventKind::LessonCancel,
            Self::Move { .. } => EventKind::LessonMove,
        }
    }

    fn fill(&self, draft: EventDraft, scope: Scope) -> Result<EventDraft, RecordError> {
        let (Self::Cancel { document, .. } | Self::Move { document, .. }) = self;
        let document = document.as_deref().map(record::document_number).transpose()?;
        match self {
            Self::Cancel { why, .. } if why.is_official() && !scope.decides() => {
                Err(RecordError::NotAllowed)
            }
            Self::Cancel { why, .. } if why.is_official() && document.is_none() => {
                record::document_number("").map(|_| draft)
            }
            Self::Cancel { why, .. } => {
                Ok(EventDraft { cancellation: Some(*why), document, ..draft })
            }
            Self::Move { to_ms, .. } => {
                Ok(EventDraft { moved_to_ms: Some(*to_ms), document, ..draft })
            }
        }
    }
}

/// When it was planned to start.
fn start(lesson: &RosterLesson) -> i64 {
    lesson.moved_from_ms.unwrap_or(lesson.start_ms)
}

fn moved(lesson: &RosterLesson, to_ms: i64) -> RosterLesson {
    let lasts_ms = lesson.end_ms.saturating_sub(lesson.start_ms);
    let planned = start(lesson);
    RosterLesson {
        start_ms: to_ms,
        end_ms: to_ms.saturating_add(lasts_ms),
        cancelled: None,
        moved_from_ms: (to_ms != planned).then_some(planned),
        ..*lesson
    }
}
