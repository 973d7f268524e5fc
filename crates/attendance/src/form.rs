//! The form of an event: which of the optional fields a kind must have and may have.

use crate::event::{Event, EventKind, Method};

/// Names an optional field of an event by its key in the encoding.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[repr(u8)]
pub enum Field {
    /// [`Event::child`].
    Child = 8,
    /// [`Event::voucher`].
    Voucher = 9,
    /// [`Event::lesson`].
    Lesson = 10,
    /// [`Event::provider`].
    Provider = 11,
    /// [`Event::method`].
    Method = 12,
    /// [`Event::card`].
    Card = 13,
    /// [`Event::reason`].
    Reason = 14,
    /// [`Event::about`].
    About = 15,
    /// [`Event::month`].
    Month = 16,
    /// [`Event::amount_tiyn`].
    Amount = 17,
    /// [`Event::document`].
    Document = 18,
    /// [`Event::place`].
    Place = 19,
    /// [`Event::proof`].
    Proof = 20,
    /// [`Event::absence`].
    Absence = 21,
    /// [`Event::absence_document`].
    AbsenceDocument = 22,
    /// [`Event::headcount`].
    Headcount = 23,
    /// [`Event::anchor`].
    Anchor = 24,
    /// [`Event::subject`].
    Subject = 25,
    /// [`Event::revocation`].
    Revocation = 26,
    /// [`Event::ticket`].
    Ticket = 27,
}

/// How an event has not the form of its kind. It is kept all the same; what follows from it is for
/// the ledger.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FormRejection {
    /// A field is absent that the kind cannot do without.
    #[error("an event of kind {kind:?} needs the field {field:?}")]
    Missing {
        /// What the event says.
        kind: EventKind,
        /// The field.
        field: Field,
    },
    /// A field is present that the kind, or the way the child was recognised, has no use for.
    #[error("an event of kind {kind:?} has no use for the field {field:?}")]
    Unused {
        /// What the event says.
        kind: EventKind,
        /// The field.
        field: Field,
    },
    /// A correction names its event and replaces nothing.
    #[error("the correction replaces no field")]
    CorrectsNothing,
}

impl Event {
    /// Decides whether the event has the form of its kind.
    ///
    /// | kind | must have | may have |
    /// |---|---|---|
    /// | lesson-open, lesson-close | lesson, provider | place |
    /// | in, out | child, voucher, lesson, provider, method | card, reason, place, proof |
    /// | absent | child, voucher, lesson, provider | absence, absence document, document, place |
    /// | correct | about, and a field that replaces | the fields of [`CORRECTABLE`](crate::CORRECTABLE) |
    /// | void | about | child, voucher, lesson, provider, document |
    /// | confirm, dispute | about | child, voucher, lesson, provider |
    /// | month-sign | child, month | voucher, provider |
    /// | headcount | lesson, provider, headcount | place |
    /// | month-close | month | provider |
    /// | payment-notice | provider, month, amount, document | – |
    /// | time-anchor | anchor | – |
    /// | device-revoke | subject, revocation | document, ticket |
    /// | event-release | about, subject | document |
    ///
    /// For in and out: a scan must have the card; a rotating code and a challenge must have the
    /// proof, and nothing else may; a mark by hand must have the reason, and nothing else may. An
    /// absence has a document (or its number) only with its reason. A correction that replaces the
    /// child must name the child's voucher too, or the visit would be the one's under the other's.
    ///
    /// # Errors
    /// [`FormRejection`] names the first field that does not fit.
    pub fn verify_form(&self) -> Result<(), FormRejection> {
        let (must, may) = fields_of(self.kind);
        self.needs(must)?;
        if let Some(field) = Field::ALL
            .into_iter()
            .find(|field| self.has(*field) && !must.contains(field) && !may.contains(field))
        {
            return Err(self.unused(field));
        }
        match self.kind {
            EventKind::In | EventKind::Out => self.verify_recognition(),
            EventKind::Absent => self.only_with(Field::Absence, DOCUMENTS),
            EventKind::Correct => self.verify_correction(),
            EventKind::LessonOpen
            | EventKind::LessonClose
            | EventKind::Void
            | EventKind::Confirm
            | EventKind::Dispute
            | EventKind::MonthSign
            | EventKind::Headcount
            | EventKind::MonthClose
            | EventKind::PaymentNotice
            | EventKind::TimeAnchor
            | EventKind::DeviceRevoke
            | EventKind::EventRelease => Ok(()),
        }
    }

    /// Says whether an optional field is present.
    #[must_use]
    pub fn has(&self, field: Field) -> bool {
        match field {
            Field::Child => self.child.is_some(),
            Field::Voucher => self.voucher.is_some(),
            Field::Lesson => self.lesson.is_some(),
            Field::Provider => self.provider.is_some(),
            Field::Method => self.method.is_some(),
            Field::Card => self.card.is_some(),
            Field::Reason => self.reason.is_some(),
            Field::About => self.about.is_some(),
            Field::Month => self.month.is_some(),
            Field::Amount => self.amount_tiyn.is_some(),
            Field::Document => self.document.is_some(),
            Field::Place => self.place.is_some(),
            Field::Proof => self.proof.is_some(),
            Field::Absence => self.absence.is_some(),
            Field::AbsenceDocument => self.absence_document.is_some(),
            Field::Headcount => self.headcount.is_some(),
            Field::Anchor => self.anchor.is_some(),
            Field::Subject => self.subject.is_some(),
            Field::Revocation => self.revocation.is_some(),
            Field::Ticket => self.ticket.is_some(),
        }
    }

    fn verify_recognition(&self) -> Result<(), FormRejection> {
        let (must, never): (&[Field], &[Field]) = match self.method {
            Some(Method::Scan) => (&[Field::Card], &[Field::Reason, Field::Proof]),
            Some(Method::Rotating | Method::Challenge) => (&[Field::Proof], &[Field::Reason]),
            Some(Method::Manual) => (&[Field::Reason], &[Field::Proof]),
            Some(Method::Import) | None => (&[], &[Field::Reason, Field::Proof]),
        };
        self.needs(must)?;
        self.never(never)
    }

    fn verify_correction(&self) -> Result<(), FormRejection> {
        if !crate::CORRECTABLE.iter().any(|field| self.has(*field)) {
            return Err(FormRejection::CorrectsNothing);
        }
        if self.has(Field::Child) { self.needs(&[Field::Voucher]) } else { Ok(()) }
    }

    fn only_with(&self, ground: Field, fields: &[Field]) -> Result<(), FormRejection> {
        if self.has(ground) { Ok(()) } else { self.never(fields) }
    }

    fn needs(&self, fields: &[Field]) -> Result<(), FormRejection> {
        match fields.iter().find(|field| !self.has(**field)) {
            Some(field) => Err(FormRejection::Missing { kind: self.kind, field: *field }),
            None => Ok(()),
        }
    }

    fn never(&self, fields: &[Field]) -> Result<(), FormRejection> {
        match fields.iter().find(|field| self.has(**field)) {
            Some(field) => Err(self.unused(*field)),
            None => Ok(()),
        }
    }

    fn unused(&self, field: Field) -> FormRejection {
        FormRejection::Unused { kind: self.kind, field }
    }
}

impl Field {
    /// Every optional field, by its key.
    pub const ALL: [Self; 20] = [
        Self::Child,
        Self::Voucher,
        Self::Lesson,
        Self::Provider,
        Self::Method,
        Self::Card,
        Self::Reason,
        Self::About,
        Self::Month,
        Self::Amount,
        Self::Document,
        Self::Place,
        Self::Proof,
        Self::Absence,
        Self::AbsenceDocument,
        Self::Headcount,
        Self::Anchor,
        Self::Subject,
        Self::Revocation,
        Self::Ticket,
    ];
}

/// What a kind must have, and what it may have beside it.
fn fields_of(kind: EventKind) -> (&'static [Field], &'static [Field]) {
    use Field::{
        About, Absence, AbsenceDocument, Amount, Anchor, Card, Child, Document, Headcount, Lesson,
        Method, Month, Place, Proof, Provider, Reason, Revocation, Subject, Ticket, Voucher,
    };
    match kind {
        EventKind::LessonOpen | EventKind::LessonClose => (&[Lesson, Provider], &[Place]),
        EventKind::In | EventKind::Out => {
            (&[Child, Voucher, Lesson, Provider, Method], &[Card, Reason, Place, Proof])
        }
        EventKind::Absent => {
            (&[Child, Voucher, Lesson, Provider], &[Absence, AbsenceDocument, Document, Place])
        }
        EventKind::Correct => (&[About], crate::CORRECTABLE),
        EventKind::Void => (&[About], &[Child, Voucher, Lesson, Provider, Document]),
        EventKind::Confirm | EventKind::Dispute => (&[About], &[Child, Voucher, Lesson, Provider]),
        EventKind::MonthSign => (&[Child, Month], &[Voucher, Provider]),
        EventKind::Headcount => (&[Lesson, Provider, Headcount], &[Place]),
        EventKind::MonthClose => (&[Month], &[Provider]),
        EventKind::PaymentNotice => (&[Provider, Month, Amount, Document], &[]),
        EventKind::TimeAnchor => (&[Anchor], &[]),
        EventKind::DeviceRevoke => (&[Subject, Revocation], &[Document, Ticket]),
        EventKind::EventRelease => (&[About, Subject], &[Document]),
    }
}

const DOCUMENTS: &[Field] = &[Field::AbsenceDocument, Field::Document];
