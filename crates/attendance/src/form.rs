//! The form of an event: which of the optional fields a kind must have and may have.

use crate::decision::Cancellation;
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
    /// [`Event::verdict`].
    Verdict = 28,
    /// [`Event::finding`].
    Finding = 29,
    /// [`Event::cancellation`].
    Cancellation = 30,
    /// [`Event::moved_to_ms`].
    MovedTo = 31,
    /// [`Event::group`].
    Group = 32,
    /// [`Event::from_day`].
    FromDay = 33,
    /// [`Event::ground`].
    Ground = 34,
    /// [`Event::cause`].
    Cause = 35,
    /// [`Event::evidence`].
    Evidence = 36,
    /// [`Event::decision`].
    Decision = 37,
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
    /// | lesson-open | lesson, provider | place, evidence |
    /// | lesson-close | lesson, provider | place |
    /// | in, out | child, voucher, lesson, provider, method | card, reason, place, proof |
    /// | absent | child, voucher, lesson, provider | absence, absence document, document, place |
    /// | correct | about, and a field that replaces | the fields of [`CORRECTABLE`](crate::CORRECTABLE) |
    /// | void | about | child, voucher, lesson, provider, finding, document |
    /// | confirm, dispute | about | child, voucher, lesson, provider |
    /// | month-sign | child, month | voucher, provider |
    /// | headcount | lesson, provider, headcount | place |
    /// | month-close | month | provider |
    /// | payment-notice | provider, month, amount, document | – |
    /// | time-anchor | anchor | – |
    /// | device-revoke | subject, revocation | document, ticket |
    /// | event-release | about, subject | document |
    /// | dispute-resolve | about, verdict, finding, document | child, voucher, lesson, provider |
    /// | lesson-cancel | lesson, provider, cancellation | document |
    /// | lesson-move | lesson, provider, moved-to | document |
    /// | provider-suspend | provider, ground, document | evidence, amount, decision |
    /// | ground-cured | provider, ground, document | evidence |
    /// | hold-release | voucher, month, decision, document | provider, about, evidence |
    /// | provider-terminate | provider | cause, document, evidence, about, decision, from day |
    /// | transfer | voucher, group | child, from day, document |
    /// | adjust | voucher, month, document | – |
    /// | sheet-sign | provider, month, evidence | document, proof |
    /// | act-sign | provider, month, document, evidence | proof |
    /// | sheet-decide | provider, month, decision, document | finding, evidence |
    /// | voucher-set | child, voucher, decision, document | group, about, from day, evidence |
    /// | voucher-answer | child, voucher, decision | document, from day, evidence |
    ///
    /// For in and out: a scan must have the card; a rotating code and a challenge must have the
    /// proof, and nothing else may; a mark by hand must have the reason, and nothing else may. An
    /// absence has a document (or its number) only with its reason. A correction that replaces the
    /// child must name the child's voucher too, or the visit would be the one's under the other's. An
    /// official cancellation must have the document that orders it.
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
            EventKind::LessonCancel => self.verify_cancellation(),
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
            | EventKind::EventRelease
            | EventKind::DisputeResolve
            | EventKind::LessonMove
            | EventKind::ProviderSuspend
            | EventKind::GroundCured
            | EventKind::HoldRelease
            | EventKind::ProviderTerminate
            | EventKind::Transfer
            | EventKind::Adjust
            | EventKind::SheetSign
            | EventKind::ActSign
            | EventKind::SheetDecide
            | EventKind::VoucherSet
            | EventKind::VoucherAnswer => Ok(()),
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
            Field::Verdict => self.verdict.is_some(),
            Field::Finding => self.finding.is_some(),
            Field::Cancellation => self.cancellation.is_some(),
            Field::MovedTo => self.moved_to_ms.is_some(),
            Field::Group => self.group.is_some(),
            Field::FromDay => self.from_day.is_some(),
            Field::Ground => self.ground.is_some(),
            Field::Cause => self.cause.is_some(),
            Field::Evidence => self.evidence.is_some(),
            Field::Decision => self.decision.is_some(),
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

    fn verify_cancellation(&self) -> Result<(), FormRejection> {
        let official = self.cancellation.is_some_and(Cancellation::is_official);
        if official { self.needs(&[Field::Document]) } else { Ok(()) }
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
    pub const ALL: [Self; 30] = [
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
        Self::Verdict,
        Self::Finding,
        Self::Cancellation,
        Self::MovedTo,
        Self::Group,
        Self::FromDay,
        Self::Ground,
        Self::Cause,
        Self::Evidence,
        Self::Decision,
    ];
}

/// What a kind must have, and what it may have beside it.
fn fields_of(kind: EventKind) -> (&'static [Field], &'static [Field]) {
    use Field::{
        About, Absence, AbsenceDocument, Amount, Anchor, Cancellation, Card, Cause, Child,
        Decision, Document, Evidence, Finding, FromDay, Ground, Group, Headcount, Lesson, Method,
        Month, MovedTo, Place, Proof, Provider, Reason, Revocation, Subject, Ticket, Verdict,
        Voucher,
    };
    match kind {
        EventKind::LessonOpen => (&[Lesson, Provider], &[Place, Evidence]),
        EventKind::LessonClose => (&[Lesson, Provider], &[Place]),
        EventKind::In | EventKind::Out => {
            (&[Child, Voucher, Lesson, Provider, Method], &[Card, Reason, Place, Proof])
        }
        EventKind::Absent => {
            (&[Child, Voucher, Lesson, Provider], &[Absence, AbsenceDocument, Document, Place])
        }
        EventKind::Correct => (&[About], crate::CORRECTABLE),
        EventKind::Void => (&[About], &[Child, Voucher, Lesson, Provider, Finding, Document]),
        EventKind::Confirm | EventKind::Dispute => (&[About], &[Child, Voucher, Lesson, Provider]),
        EventKind::MonthSign => (&[Child, Month], &[Voucher, Provider]),
        EventKind::Headcount => (&[Lesson, Provider, Headcount], &[Place]),
        EventKind::MonthClose => (&[Month], &[Provider]),
        EventKind::PaymentNotice => (&[Provider, Month, Amount, Document], &[]),
        EventKind::TimeAnchor => (&[Anchor], &[]),
        EventKind::DeviceRevoke => (&[Subject, Revocation], &[Document, Ticket]),
        EventKind::EventRelease => (&[About, Subject], &[Document]),
        EventKind::DisputeResolve => {
            (&[About, Verdict, Finding, Document], &[Child, Voucher, Lesson, Provider])
        }
        EventKind::LessonCancel => (&[Lesson, Provider, Cancellation], &[Document]),
        EventKind::LessonMove => (&[Lesson, Provider, MovedTo], &[Document]),
        EventKind::ProviderSuspend => {
            (&[Provider, Ground, Document], &[Evidence, Amount, Decision])
        }
        EventKind::GroundCured => (&[Provider, Ground, Document], &[Evidence]),
        EventKind::HoldRelease => {
            (&[Voucher, Month, Decision, Document], &[Provider, About, Evidence])
        }
        EventKind::ProviderTerminate => {
            (&[Provider], &[Cause, Document, Evidence, About, Decision, FromDay])
        }
        EventKind::Transfer => (&[Voucher, Group], &[Child, FromDay, Document]),
        EventKind::Adjust => (&[Voucher, Month, Document], &[]),
        EventKind::SheetSign => (&[Provider, Month, Evidence], &[Document, Proof]),
        EventKind::ActSign => (&[Provider, Month, Document, Evidence], &[Proof]),
        EventKind::SheetDecide => (&[Provider, Month, Decision, Document], &[Finding, Evidence]),
        EventKind::VoucherSet => {
            (&[Child, Voucher, Decision, Document], &[Group, About, FromDay, Evidence])
        }
        EventKind::VoucherAnswer => (&[Child, Voucher, Decision], &[Document, FromDay, Evidence]),
    }
}

const DOCUMENTS: &[Field] = &[Field::AbsenceDocument, Field::Document];
