//! Leaving: who goes before the lesson is over. It changes no sum; it is for who counts heads.

use attendance::{
    ChildId, EventDraft, EventKind, LessonId, ManualReason, Method, Role, RosterChild,
};
use rusqlite::Connection;
use seal::Hash;

use crate::device::Device;
use crate::record::{self, RecordError};
use crate::store::{self, StoreError};
use crate::told::Told;

/// How a child stands in a lesson.
pub(crate) struct Presence {
    /// The mark that counts: the first that stands.
    pub(crate) visit: Option<Hash>,
    /// The last leaving, if the child did not come back.
    pub(crate) left: Option<Hash>,
}

/// Reads how a child stands in a lesson, with what was withdrawn and corrected.
pub(crate) fn presence(
    db: &Connection,
    lesson: LessonId,
    child: ChildId,
) -> Result<Presence, StoreError> {
    let mut presence = Presence { visit: None, left: None };
    for row in store::event::presence_of(db, lesson, child)? {
        let told = Told::read(db, &row)?;
        if told.says(EventKind::In, child) {
            presence.visit.get_or_insert(told.hash);
            presence.left = None;
        } else if told.says(EventKind::Out, child) {
            presence.left = Some(told.hash);
        }
    }
    Ok(presence)
}

impl Device {
    /// Records by hand, with the reason, that a child left a lesson to which it came. Left already, it
    /// gives the earlier event.
    ///
    /// # Errors
    /// [`RecordError::VisitUnknown`] if the child is not marked in this lesson, and the others.
    pub fn record_leaving(
        &mut self,
        child: ChildId,
        lesson: LessonId,
        reason: ManualReason,
    ) -> Result<Hash, RecordError> {
        self.leave(child, lesson, |draft| EventDraft {
            method: Some(Method::Manual),
            reason: Some(reason),
            ..draft
        })
    }

    /// Records a leaving, recognised in the way that `how` writes.
    fn leave(
        &mut self,
        child: ChildId,
        lesson: LessonId,
        how: impl FnOnce(EventDraft) -> EventDraft,
    ) -> Result<Hash, RecordError> {
        let enrolled = self.enrolled_as(Role::Teacher)?;
        let now = self.clock.now();
        let group = self.group_of(lesson);
        let roster = self.roster.as_ref();
        let row: Option<&RosterChild> = roster.and_then(|roster| roster.child(child, group));
        let provider = group.and_then(|group| roster?.group(group)).map(|group| group.provider);
        let draft = how(EventDraft {
            child: Some(child),
            voucher: row.map(|row| row.voucher),
            lesson: Some(lesson),
            provider: provider.or(enrolled.certificate().provider),
            ..record::draft(EventKind::Out, now)
        });
        let found = presence(&self.db, lesson, child)?;
        let visit = found.visit.ok_or(RecordError::VisitUnknown)?;
        if let Some(left) = found.left {
            return Ok(left);
        }
        let voucher = match draft.voucher {
            Some(voucher) => Some(voucher),
            None => self.voucher_of(visit)?,
        };
        self.append(EventDraft { voucher, ..draft })
    }

    /// A guest of no roster has the voucher of the card that was shown.
    fn voucher_of(&self, visit: Hash) -> Result<Option<attendance::VoucherId>, StoreError> {
        match store::event::find(&self.db, visit)? {
            Some((_, row)) => Ok(Told::read(&self.db, &row)?.event.voucher),
            None => Ok(None),
        }
    }
}
