//! Where a voucher stands before its contract, and how it ends: the issuer's word and the family's answer.
//!
//! Absent on purpose: whether a step leads on from where the voucher stands. The log says it (R7); a device
//! does not have all of it.

use attendance::{ChildId, Decision, EventDraft, EventKind, GroupId, UnverifiedEvent, VoucherId};
use seal::Hash;

use crate::decision::may_decide;
use crate::device::Device;
use crate::mark::Mark;
use crate::record::{self, RecordError};
use crate::store::{self, StoreError};

/// What the issuer says of a voucher.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum VoucherSet {
    /// It is entered; the document is its printed number.
    Register,
    /// It is put in force.
    Activate,
    /// A place is offered.
    Offer(GroupId),
    /// There is more time to sign the contract.
    Extend,
    /// It was not used in time.
    Expire,
    /// It is in force again.
    Restore,
    /// It is annulled; a second person names the first one's event.
    Annul {
        /// The first person's event, if this is the second's.
        first: Option<Hash>,
    },
}

/// What a family answers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum VoucherAnswer {
    /// It takes the place that is offered.
    Accept,
    /// It gives up what is offered or booked.
    Decline,
    /// It refuses the voucher, by its signed act.
    Refuse,
}

/// The newest answer about a voucher that this device recorded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct VoucherAnswered {
    /// The event.
    pub event: Hash,
    /// What it says.
    pub answer: VoucherAnswer,
    /// How far it has come.
    pub mark: Mark,
}

impl Device {
    /// Records what the issuer says of a child's voucher, with the number of the document.
    ///
    /// # Errors
    /// [`RecordError`] says why nothing was recorded.
    pub fn set_voucher(
        &mut self,
        (voucher, child): (VoucherId, ChildId),
        set: VoucherSet,
        document: &str,
    ) -> Result<Hash, RecordError> {
        let draft = self.about_voucher(EventKind::VoucherSet, voucher, child)?;
        let (decision, group, about) = match set {
            VoucherSet::Register => (Decision::Register, None, None),
            VoucherSet::Activate => (Decision::Activate, None, None),
            VoucherSet::Offer(group) => (Decision::Offer, Some(group), None),
            VoucherSet::Extend => (Decision::Extend, None, None),
            VoucherSet::Expire => (Decision::Expire, None, None),
            VoucherSet::Restore => (Decision::Restore, None, None),
            VoucherSet::Annul { first } => (Decision::Annul, None, first),
        };
        let document = Some(record::document_number(document)?);
        self.append(EventDraft { decision: Some(decision), group, about, document, ..draft })
    }

    /// Records what a family answers about its child's voucher. The issuer may enter it from the family's
    /// paper, and names that.
    ///
    /// # Errors
    /// [`RecordError`] says why nothing was recorded.
    pub fn answer_voucher(
        &mut self,
        (voucher, child): (VoucherId, ChildId),
        answer: VoucherAnswer,
        document: Option<&str>,
    ) -> Result<Hash, RecordError> {
        let draft = self.about_voucher(EventKind::VoucherAnswer, voucher, child)?;
        let enrolled = self.enrolled.as_ref().ok_or(RecordError::NotEnrolled)?;
        let is_family = enrolled.certificate().children.contains(&child);
        // What nobody of the family signed here rests on its paper.
        let document = document.or((!is_family).then_some(""));
        let document = document.map(record::document_number).transpose()?;
        let decision = Some(match answer {
            VoucherAnswer::Accept => Decision::Accept,
            VoucherAnswer::Decline => Decision::Decline,
            VoucherAnswer::Refuse => Decision::Refuse,
        });
        self.append(EventDraft { decision, document, ..draft })
    }

    /// Gives what this device answered last about a voucher.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub fn voucher_answered(
        &self,
        voucher: VoucherId,
    ) -> Result<Option<VoucherAnswered>, StoreError> {
        for row in store::event::of_kind(&self.db, EventKind::VoucherAnswer)? {
            let said = UnverifiedEvent::parse(&row.bytes).map_err(|_| StoreError::Corrupt)?;
            if said.event().voucher != Some(voucher) {
                continue;
            }
            let answer = match said.event().decision {
                Some(Decision::Accept) => VoucherAnswer::Accept,
                Some(Decision::Decline) => VoucherAnswer::Decline,
                Some(Decision::Refuse) => VoucherAnswer::Refuse,
                _ => return Err(StoreError::Corrupt),
            };
            return Ok(Some(VoucherAnswered { event: row.hash, answer, mark: row.mark }));
        }
        Ok(None)
    }

    fn about_voucher(
        &self,
        kind: EventKind,
        voucher: VoucherId,
        child: ChildId,
    ) -> Result<EventDraft, RecordError> {
        let enrolled = self.enrolled.as_ref().ok_or(RecordError::NotEnrolled)?;
        if !may_decide(enrolled.certificate(), kind, Some(child)) {
            return Err(RecordError::NotAllowed);
        }
        let draft = record::draft(kind, self.clock.now());
        Ok(EventDraft { voucher: Some(voucher), child: Some(child), ..draft })
    }
}
