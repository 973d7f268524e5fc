//! A coordinator's month: closing it, and entering the Treasury's payment notice.

use attendance::{EventDraft, EventKind, ProviderId, Role};
use seal::Hash;

use crate::device::Device;
use crate::record::{self, RecordError, document_number};
use crate::store::{self, StoreError};
use crate::visit::VisitRow;

impl Device {
    /// Records that the coordinator closes a month (`year * 100 + month`), which its rules allow from
    /// `may_close_ms` on, in milliseconds since 1970-01-01T00:00Z. Closed already on this device, it
    /// gives the earlier event; a close that an earlier, wrong clock made too early counts as none.
    ///
    /// # Errors
    /// [`RecordError`] says why nothing was recorded.
    pub fn close_month(&mut self, month: u32, may_close_ms: i64) -> Result<Hash, RecordError> {
        self.record_once(EventKind::MonthClose, month, may_close_ms, |draft| draft)
    }

    /// Tells whether this device closed the month, not before `may_close_ms`.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn month_closed_here(&self, month: u32, may_close_ms: i64) -> Result<bool, StoreError> {
        for row in store::event::of_kind(&self.db, EventKind::MonthClose)? {
            let (event, _) = VisitRow::read(&row)?;
            if event.month == Some(month) && event.wall_ms >= may_close_ms {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Records the Treasury's payment notice for a provider's month. The same notice again gives the
    /// earlier event.
    ///
    /// # Errors
    /// [`RecordError`] says why nothing was recorded.
    pub fn record_payment(
        &mut self,
        month: u32,
        provider: ProviderId,
        amount_tiyn: i64,
        document: &str,
    ) -> Result<Hash, RecordError> {
        if amount_tiyn <= 0 {
            return Err(RecordError::NotAnAmount(amount_tiyn));
        }
        let document = document_number(document)?;
        self.record_once(EventKind::PaymentNotice, month, i64::MIN, |draft| EventDraft {
            provider: Some(provider),
            amount_tiyn: Some(amount_tiyn),
            document: Some(document),
            ..draft
        })
    }

    /// Appends a statement about a month, which counts from `from_ms` on, unless this device made the
    /// very same one before.
    fn record_once(
        &mut self,
        kind: EventKind,
        month: u32,
        from_ms: i64,
        fill: impl FnOnce(EventDraft) -> EventDraft,
    ) -> Result<Hash, RecordError> {
        // One of a provider would sign what counts for nothing.
        if self.enrolled_as(Role::Coordinator)?.certificate().provider.is_some() {
            return Err(RecordError::NotAllowed);
        }
        let month = record::month(month)?;
        let now = self.clock.now();
        if now.wall_ms < from_ms {
            return Err(RecordError::MonthNotOver);
        }
        let draft = fill(EventDraft { month: Some(month), ..record::draft(kind, now) });
        let tx = store::begin(&mut self.db)?;
        for row in store::event::of_kind(&tx, kind)? {
            let (event, _) = VisitRow::read(&row)?;
            let said = (event.month, event.provider, event.amount_tiyn, &event.document);
            if event.wall_ms < from_ms {
                continue;
            }
            if said == (draft.month, draft.provider, draft.amount_tiyn, &draft.document) {
                return Ok(row.hash);
            }
        }
        let event = record::append(&tx, &self.identity, draft)?;
        tx.commit().map_err(StoreError::from)?;
        Ok(event)
    }
}
