//! A parent's answer about a visit: *was*, or *was not*.

use attendance::{EventDraft, EventKind, Role, UnverifiedEvent};
use seal::Hash;

use crate::device::Device;
use crate::record::{self, RecordError};
use crate::store::{self, StoreError};

impl Device {
    /// Records a parent's answer about a visit that was fetched and verified. The same answer again
    /// gives the earlier event; another answer is a new event, and the newest counts.
    ///
    /// # Errors
    /// [`RecordError::VisitUnknown`] if the visit is not on this device, and the others.
    pub fn answer(&mut self, visit: Hash, was: bool) -> Result<Hash, RecordError> {
        self.enrolled_as(Role::Parent)?;
        let now = self.clock.now();
        let tx = store::begin(&mut self.db)?;
        let row = store::visit_seen::find(&tx, visit)?.ok_or(RecordError::VisitUnknown)?;
        let seen =
            UnverifiedEvent::parse(&row.bytes).map_err(|_| StoreError::Value("a visit's bytes"))?;
        if let Some((earlier, event, _)) = store::event::answer_about(&tx, visit)?
            && earlier == was
        {
            return Ok(event);
        }
        let kind = if was { EventKind::Confirm } else { EventKind::Dispute };
        let draft = EventDraft {
            child: seen.event().child,
            voucher: seen.event().voucher,
            lesson: seen.event().lesson,
            provider: seen.event().provider,
            about: Some(visit),
            ..record::draft(kind, now)
        };
        let event = record::append(&tx, &self.identity, draft)?;
        tx.commit().map_err(StoreError::from)?;
        Ok(event)
    }
}
