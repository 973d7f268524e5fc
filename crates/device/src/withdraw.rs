//! Taking a mark back: undone at once, or withdrawn with a reason; and correcting whose mark it is.

use attendance::{ChildId, Event, EventDraft, EventKind, Role, Withdrawal};
use seal::Hash;

use crate::clock::Reading;
use crate::device::Device;
use crate::record::{self, RecordError};
use crate::store;
use crate::told::Told;

/// How long after a mark it is undone without a reason, milliseconds: ten seconds on the screen, and
/// some for the hand.
pub const UNDO_MS: u64 = 12_000;

impl Device {
    /// Withdraws an own mark: a coming, a leaving, or an absence. Within [`UNDO_MS`] no reason is asked.
    /// The event stays, as does the withdrawal; a later scan is a new mark. Withdrawn already, it gives
    /// the earlier withdrawal.
    ///
    /// # Errors
    /// [`RecordError::VisitUnknown`] for an event that is not of this device,
    /// [`RecordError::NotWithdrawable`] for one that is no mark, [`RecordError::NeedsReason`].
    pub fn withdraw(&mut self, event: Hash, why: Option<Withdrawal>) -> Result<Hash, RecordError> {
        let now = self.clock.now();
        let (_, row) = store::event::find(&self.db, event)?.ok_or(RecordError::VisitUnknown)?;
        let told = Told::read(&self.db, &row)?;
        let role = self.enrolled.as_ref().ok_or(RecordError::NotEnrolled)?.role();
        match (told.event.kind, role) {
            (EventKind::In | EventKind::Out | EventKind::Absent, Role::Teacher)
            | (EventKind::Absent, Role::Parent) => {}
            (EventKind::In | EventKind::Out | EventKind::Absent, _) => {
                return Err(RecordError::NotAllowed);
            }
            _ => return Err(RecordError::NotWithdrawable),
        }
        if let Some(withdrawn) = told.withdrawn {
            return Ok(withdrawn.event);
        }
        if why.is_none() && !may_be_undone(&told.event, now) {
            return Err(RecordError::NeedsReason);
        }
        self.append(EventDraft {
            child: told.event.child,
            voucher: told.event.voucher,
            lesson: told.event.lesson,
            provider: told.event.provider,
            about: Some(event),
            document: why.map(|why| why.word().to_owned()),
            ..record::draft(EventKind::Void, now)
        })
    }

    /// Corrects whose mark it is: the named child came, and not the one that was marked. The first event
    /// stays as it was signed. Gives the correction's event, or the mark's own if it is this child's
    /// already.
    ///
    /// # Errors
    /// [`RecordError::VisitUnknown`] for what is no standing mark of this device,
    /// [`RecordError::ChildUnknown`], and [`RecordError::AlreadyMarked`] if the child has a mark of its
    /// own: then this one is withdrawn.
    pub fn correct_child(&mut self, event: Hash, child: ChildId) -> Result<Hash, RecordError> {
        self.enrolled_as(Role::Teacher)?;
        let now = self.clock.now();
        let (_, row) = store::event::find(&self.db, event)?.ok_or(RecordError::VisitUnknown)?;
        let told = Told::read(&self.db, &row)?;
        let is_mark = told.event.kind == EventKind::In && told.stands();
        let lesson = told.event.lesson.filter(|_| is_mark).ok_or(RecordError::VisitUnknown)?;
        if told.event.child == Some(child) {
            return Ok(told.corrected.map_or(event, |(correction, _)| correction));
        }
        let group = self.group_of(lesson);
        let known = self.roster.as_ref().and_then(|roster| roster.child(child, group));
        let voucher = known.ok_or(RecordError::ChildUnknown)?.voucher;
        if crate::leaving::presence(&self.db, lesson, child)?.visit.is_some() {
            return Err(RecordError::AlreadyMarked);
        }
        self.append(EventDraft {
            child: Some(child),
            voucher: Some(voucher),
            about: Some(event),
            ..record::draft(EventKind::Correct, now)
        })
    }
}

/// Decides by the clock that nobody sets. After a restart it is too late.
fn may_be_undone(event: &Event, now: Reading) -> bool {
    event.boot == now.boot && now.mono_ms.saturating_sub(event.mono_ms) <= UNDO_MS
}
