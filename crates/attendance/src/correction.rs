//! Corrections: a later event replaces fields of an earlier one. Nothing is edited, nothing deleted.

use seal::Hash;

use crate::event::{Event, EventKind};
use crate::form::{Field, FormRejection};

/// Every field that a correction can replace. Never replaced are the place in the chain, the clock
/// readings, and what the device saw: method, card, proof, coarse place, anchor.
pub const CORRECTABLE: &[Field] = &[
    Field::Child,
    Field::Voucher,
    Field::Lesson,
    Field::Provider,
    Field::Reason,
    Field::Month,
    Field::Amount,
    Field::Document,
    Field::Absence,
    Field::AbsenceDocument,
    Field::Headcount,
];

/// Why an event does not correct another.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CorrectionRejection {
    /// It is no correction, or of another event.
    #[error("the event is no correction of this one")]
    AboutAnother,
    /// Events of this kind are not corrected: they are withdrawn or said again.
    #[error("an event of kind {kind:?} is not corrected: withdraw it, or say it again")]
    KindNotCorrectable {
        /// The kind of the event to be corrected.
        kind: EventKind,
    },
    /// The field belongs to no event of this kind, or is not for correction in it.
    #[error("the field {field:?} of an event of kind {kind:?} is not corrected")]
    FieldNotCorrectable {
        /// The kind of the event to be corrected.
        kind: EventKind,
        /// The field that the correction would replace.
        field: Field,
    },
    /// The correction, or what it would make, has not the form of its kind.
    #[error(transparent)]
    Form(#[from] FormRejection),
}

impl EventKind {
    /// Lists the fields of such an event that a correction may replace; none where it may not be
    /// corrected at all.
    ///
    /// | kind | fields |
    /// |---|---|
    /// | lesson-open, lesson-close | lesson, provider |
    /// | in, out | child with voucher, voucher, lesson, provider, reason |
    /// | absent | child with voucher, voucher, lesson, provider, absence, absence document, document |
    /// | headcount | lesson, provider, headcount |
    /// | payment-notice | provider, month, amount, document |
    ///
    /// A family's answers, the ends of months, withdrawals, anchors, revocations, releases, transfers,
    /// decisions, signatures, what becomes of a lesson and corrections themselves are not corrected. A second
    /// correction names the event, not the first correction.
    #[must_use]
    pub fn correctable(self) -> &'static [Field] {
        use Field::{
            Absence, AbsenceDocument, Amount, Child, Document, Headcount, Lesson, Month, Provider,
            Reason, Voucher,
        };
        match self {
            Self::LessonOpen | Self::LessonClose => &[Lesson, Provider],
            Self::In | Self::Out => &[Child, Voucher, Lesson, Provider, Reason],
            Self::Absent => &[Child, Voucher, Lesson, Provider, Absence, AbsenceDocument, Document],
            Self::Headcount => &[Lesson, Provider, Headcount],
            Self::PaymentNotice => &[Provider, Month, Amount, Document],
            Self::Correct
            | Self::Void
            | Self::Confirm
            | Self::Dispute
            | Self::MonthSign
            | Self::MonthClose
            | Self::TimeAnchor
            | Self::DeviceRevoke
            | Self::EventRelease
            | Self::DisputeResolve
            | Self::LessonCancel
            | Self::LessonMove
            | Self::ProviderSuspend
            | Self::GroundCured
            | Self::HoldRelease
            | Self::ProviderTerminate
            | Self::Transfer
            | Self::Adjust
            | Self::SheetSign
            | Self::ActSign
            | Self::SheetDecide
            | Self::VoucherSet
            | Self::VoucherAnswer => &[],
        }
    }
}

impl Event {
    /// Says what this event, named by `hash`, means after a correction. A field that the correction
    /// has replaces this one's; a field that it has not **stays as it is**, so nothing is ever
    /// emptied by a correction. Several corrections are applied in the order of the log, each to
    /// what the one before left.
    ///
    /// Who may correct what, and until when, is the ledger's rule.
    ///
    /// # Errors
    /// [`CorrectionRejection`] says why nothing is corrected.
    pub fn corrected_by(&self, hash: Hash, correction: &Self) -> Result<Self, CorrectionRejection> {
        if correction.kind != EventKind::Correct || correction.about != Some(hash) {
            return Err(CorrectionRejection::AboutAnother);
        }
        correction.verify_form()?;
        let (kind, fields) = (self.kind, self.kind.correctable());
        if fields.is_empty() {
            return Err(CorrectionRejection::KindNotCorrectable { kind });
        }
        let foreign =
            CORRECTABLE.iter().find(|field| correction.has(**field) && !fields.contains(field));
        if let Some(field) = foreign {
            return Err(CorrectionRejection::FieldNotCorrectable { kind, field: *field });
        }
        let corrected = self.with_fields_of(correction);
        corrected.verify_form()?;
        Ok(corrected)
    }

    fn with_fields_of(&self, correction: &Self) -> Self {
        Self {
            child: correction.child.or(self.child),
            voucher: correction.voucher.or(self.voucher),
            lesson: correction.lesson.or(self.lesson),
            provider: correction.provider.or(self.provider),
            reason: correction.reason.or(self.reason),
            month: correction.month.or(self.month),
            amount_tiyn: correction.amount_tiyn.or(self.amount_tiyn),
            document: correction.document.clone().or_else(|| self.document.clone()),
            absence: correction.absence.or(self.absence),
            absence_document: correction.absence_document.or(self.absence_document),
            headcount: correction.headcount.or(self.headcount),
            ..self.clone()
        }
    }
}
