//! What is kept of an event: what the fold reads of it, in a tenth of its memory.

use attendance::{
    AbsenceReason, BootId, ChildId, CoarsePlace, DeviceId, EVENT_VERSION, Event, EventKind,
    LessonId, ManualReason, Method, Opaque, PROOF_MAX_BYTES, ProviderId, Role,
};
use seal::Hash;

use super::names::NONE;
use crate::visit::{LoggedEvent, has_document};

/// Who signed, as the certificate says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Signer {
    pub(super) device: DeviceId,
    pub(super) role: Role,
    pub(super) provider: Option<ProviderId>,
    pub(super) children: Children,
}

/// The children of a certificate: most name one, which costs no walk to another place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Children {
    first: Option<ChildId>,
    others: Box<[ChildId]>,
}

impl Children {
    fn of(children: &[ChildId]) -> Self {
        let (first, others) = children
            .split_first()
            .map_or((None, &[][..]), |(first, others)| (Some(*first), others));
        Self { first, others: others.into() }
    }

    fn are(&self, children: &[ChildId]) -> bool {
        match children.split_first() {
            None => self.first.is_none(),
            Some((first, others)) => self.first == Some(*first) && *self.others == *others,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.others.len().saturating_add(usize::from(self.first.is_some()))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = ChildId> + '_ {
        self.first.into_iter().chain(self.others.iter().copied())
    }
}

impl Signer {
    pub(super) fn of(logged: &LoggedEvent) -> Self {
        let LoggedEvent { role, provider, children, event, .. } = logged;
        let (role, provider, children) = (*role, *provider, Children::of(children));
        Self { device: event.device, role, provider, children }
    }

    pub(super) fn is_of(&self, logged: &LoggedEvent) -> bool {
        self.device == logged.event.device
            && self.role == logged.role
            && self.provider == logged.provider
            && self.children.are(&logged.children)
    }
}

/// A visit or an absence. Numbers stand for names, `next` is the one before it of the same voucher.
#[derive(Clone, Debug)]
pub(super) struct Scan {
    pub(super) hash: Hash,
    pub(super) index: u64,
    pub(super) wall_ms: i64,
    /// The lesson; the number of the whole event where [`Form::Whole`] says so.
    pub(super) lesson: LessonId,
    pub(super) voucher: u32,
    pub(super) child: u32,
    pub(super) signer: u32,
    pub(super) provider: u32,
    pub(super) next: u32,
    pub(super) form: Form,
}

/// How much of a visit or an absence is in its record.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    /// A visit with nothing but what most have.
    Visit { method: Option<Method>, reason: Option<ManualReason>, has: u8 },
    /// An absence with nothing but what most have.
    Absence { reason: Option<AbsenceReason>, has: u8 },
    /// One that is kept whole.
    Whole,
}

/// What somebody says of a visit or a month, in the chain of a voucher or a child.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub(super) index: u64,
    pub(super) wall_ms: i64,
    /// The visit; of a signed month its number, of an event that is kept whole where it is.
    pub(super) about: u32,
    pub(super) child: u32,
    pub(super) signer: u32,
    pub(super) next: u32,
    pub(super) kind: WordKind,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum WordKind {
    Confirm,
    Dispute,
    Sign,
    Whole,
}

/// Fields that the fold asks for only whether they are there.
const CARD: u8 = 1;
const PLACE: u8 = 2;
const PROOF: u8 = 4;
const DOCUMENT: u8 = 8;
/// The document's number is there and empty: it names none.
const EMPTY_DOCUMENT: u8 = 16;
const DOCUMENT_HASH: u8 = 32;

impl Form {
    /// Reads the form of a visit or an absence. Every field of an event is here: one that has no place in
    /// a record makes the event stay whole.
    fn of(event: &Event) -> Self {
        let Event {
            // The fold reads none of these.
            version: _,
            device: _,
            seq: _,
            prev: _,
            mono_ms: _,
            boot: _,
            // These have a place of their own.
            kind,
            wall_ms: _,
            provider: _,
            child,
            voucher,
            lesson,
            method,
            card,
            reason,
            place,
            proof,
            absence,
            absence_document,
            document,
            // And these are not of visits and absences.
            about,
            month,
            amount_tiyn,
            headcount,
            anchor,
            subject,
            revocation,
            ticket,
            verdict,
            finding,
            cancellation,
            moved_to_ms,
            group,
            from_day,
            ground,
            cause,
            evidence,
            decision,
        } = event;
        let named = child.is_some() && voucher.is_some() && lesson.is_some();
        let foreign = about.is_some()
            || month.is_some()
            || amount_tiyn.is_some()
            || headcount.is_some()
            || anchor.is_some()
            || subject.is_some()
            || revocation.is_some()
            || ticket.is_some()
            || verdict.is_some()
            || finding.is_some()
            || cancellation.is_some()
            || moved_to_ms.is_some()
            || group.is_some()
            || from_day.is_some()
            || ground.is_some()
            || cause.is_some()
            || evidence.is_some()
            || decision.is_some();
        let absent = *kind == EventKind::Absent;
        let of_visit = card.is_some() || proof.is_some() || method.is_some() || reason.is_some();
        let of_absence = absence.is_some() || absence_document.is_some() || document.is_some();
        if !named || foreign || if absent { of_visit } else { of_absence } {
            return Self::Whole;
        }
        let flag = |is_there: bool, flag: u8| if is_there { flag } else { 0 };
        let names_one = has_document(event);
        let has = flag(card.is_some(), CARD)
            | flag(place.is_some(), PLACE)
            | flag(proof.is_some(), PROOF)
            | flag(names_one, DOCUMENT)
            | flag(document.is_some() && !names_one, EMPTY_DOCUMENT)
            | flag(absence_document.is_some(), DOCUMENT_HASH);
        if absent {
            Self::Absence { reason: *absence, has }
        } else {
            Self::Visit { method: *method, reason: *reason, has }
        }
    }

    /// Puts what it has into an event.
    fn fill(self, event: &mut Event) {
        let has = match self {
            Self::Visit { method, reason, has } => {
                (event.method, event.reason) = (method, reason);
                has
            }
            Self::Absence { reason, has } => {
                event.absence = reason;
                has
            }
            Self::Whole => 0,
        };
        let there = |flag: u8| has & flag != 0;
        event.card = there(CARD).then(Hash::default);
        event.place = there(PLACE).then(|| CoarsePlace::of_microdegrees(0, 0)).flatten();
        event.proof = there(PROOF).then(|| Opaque::<PROOF_MAX_BYTES>::from_slice(&[0])).flatten();
        event.document = if there(DOCUMENT) {
            Some("-".to_owned())
        } else {
            there(EMPTY_DOCUMENT).then(String::new)
        };
        event.absence_document = there(DOCUMENT_HASH).then(Hash::default);
    }

    /// True of an event that the record has no place for.
    pub(super) fn is_whole(self) -> bool {
        matches!(self, Self::Whole)
    }
}

/// Says whether a visit or an absence has no place in a record.
pub(super) fn is_kept_whole(logged: &LoggedEvent) -> bool {
    Form::of(&logged.event).is_whole()
}

impl Scan {
    /// Reads a visit or an absence; numbers are the caller's to give.
    pub(super) fn of(logged: &LoggedEvent) -> Self {
        Self {
            hash: logged.hash,
            index: logged.index,
            wall_ms: logged.event.wall_ms,
            lesson: logged.event.lesson.unwrap_or_default(),
            voucher: NONE,
            child: NONE,
            signer: NONE,
            provider: NONE,
            next: NONE,
            form: Form::of(&logged.event),
        }
    }

    /// Makes the event again, as far as the fold reads it; the caller adds who it is about.
    pub(super) fn event(&self, device: DeviceId) -> Event {
        let absent = matches!(self.form, Form::Absence { .. });
        let kind = if absent { EventKind::Absent } else { EventKind::In };
        let mut event = blank(kind, device, self.wall_ms);
        event.lesson = Some(self.lesson);
        self.form.fill(&mut event);
        event
    }
}

impl Signer {
    /// An event at its place, signed by it.
    pub(super) fn logged(&self, index: u64, hash: Hash, event: Event) -> LoggedEvent {
        let Self { role, provider, children, .. } = self;
        LoggedEvent {
            index,
            hash,
            event,
            role: *role,
            provider: *provider,
            children: children.iter().collect(),
        }
    }
}

/// An event that says nothing yet.
pub(super) fn blank(kind: EventKind, device: DeviceId, wall_ms: i64) -> Event {
    Event {
        version: EVENT_VERSION,
        device,
        seq: 0,
        prev: Hash::default(),
        kind,
        wall_ms,
        mono_ms: 0,
        boot: BootId::default(),
        child: None,
        voucher: None,
        lesson: None,
        provider: None,
        method: None,
        card: None,
        reason: None,
        about: None,
        month: None,
        amount_tiyn: None,
        document: None,
        place: None,
        proof: None,
        absence: None,
        absence_document: None,
        headcount: None,
        anchor: None,
        subject: None,
        revocation: None,
        ticket: None,
        verdict: None,
        finding: None,
        cancellation: None,
        moved_to_ms: None,
        group: None,
        from_day: None,
        ground: None,
        cause: None,
        evidence: None,
        decision: None,
    }
}
