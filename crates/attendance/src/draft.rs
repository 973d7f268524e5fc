//! The draft: what an event will say, before it has a place in a chain.

use seal::Hash;

use crate::absence::AbsenceReason;
use crate::chain::ChainHead;
use crate::coarse::CoarsePlace;
use crate::decision::{Cancellation, Finding, Verdict};
use crate::event::{
    ANCHOR_MAX_BYTES, EVENT_VERSION, Event, EventKind, ManualReason, Method, PROOF_MAX_BYTES,
};
use crate::id::{BootId, ChildId, DeviceId, GroupId, LessonId, ProviderId, VoucherId};
use crate::opaque::Opaque;
use crate::revocation::RevocationReason;
use crate::standing::{Decision, Ground, TerminationCause};

/// Holds what is to be said, before it has a place in a chain. The fields are those of [`Event`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EventDraft {
    /// What is said.
    pub kind: EventKind,
    /// The device's claimed wall clock, milliseconds since 1970-01-01T00:00Z.
    pub wall_ms: i64,
    /// The device's monotonic clock, milliseconds since boot.
    pub mono_ms: u64,
    /// Which boot the monotonic clock counts from.
    pub boot: BootId,
    /// The child.
    pub child: Option<ChildId>,
    /// The child's voucher.
    pub voucher: Option<VoucherId>,
    /// The lesson.
    pub lesson: Option<LessonId>,
    /// The provider.
    pub provider: Option<ProviderId>,
    /// How the child was recognised.
    pub method: Option<Method>,
    /// SHA-256 of the signed bytes of the card that was shown.
    pub card: Option<Hash>,
    /// Why the mark was made by hand.
    pub reason: Option<ManualReason>,
    /// The event this one speaks of.
    pub about: Option<Hash>,
    /// The month, as `year * 100 + month`.
    pub month: Option<u32>,
    /// A sum in tiyn, for a payment notice.
    pub amount_tiyn: Option<i64>,
    /// The number of the money document, for a payment notice; of the sick note, for an absence.
    pub document: Option<String>,
    /// Where, to some 5 km.
    pub place: Option<CoarsePlace>,
    /// What the family's phone showed, as it was read.
    pub proof: Option<Opaque<PROOF_MAX_BYTES>>,
    /// Why the child is absent.
    pub absence: Option<AbsenceReason>,
    /// SHA-256 of the document that excuses the absence.
    pub absence_document: Option<Hash>,
    /// How many children the teacher counted.
    pub headcount: Option<u16>,
    /// The server's signed time, as it came.
    pub anchor: Option<Opaque<ANCHOR_MAX_BYTES>>,
    /// The device that is revoked, or whose events are let in.
    pub subject: Option<DeviceId>,
    /// Why the device is revoked.
    pub revocation: Option<RevocationReason>,
    /// SHA-256 of the secret of the ticket by which the revoked device is replaced.
    pub ticket: Option<Hash>,
    /// What was decided about the visit.
    pub verdict: Option<Verdict>,
    /// What the decision, or the withdrawal, rests on.
    pub finding: Option<Finding>,
    /// Why the lesson is not held.
    pub cancellation: Option<Cancellation>,
    /// When the moved lesson starts, milliseconds since 1970-01-01T00:00Z.
    pub moved_to_ms: Option<i64>,
    /// The group that a voucher moves to.
    pub group: Option<GroupId>,
    /// The first day of what is decided, as `year * 10000 + month * 100 + day`.
    pub from_day: Option<u32>,
    /// On which ground payments stop, or which one is cured.
    pub ground: Option<Ground>,
    /// Why a provider's contracts end.
    pub cause: Option<TerminationCause>,
    /// SHA-256 of the document that shows it.
    pub evidence: Option<Hash>,
    /// What is decided.
    pub decision: Option<Decision>,
}

impl EventDraft {
    /// Begins a draft with the clock readings; every optional field is absent.
    #[must_use]
    pub fn new(kind: EventKind, wall_ms: i64, mono_ms: u64, boot: BootId) -> Self {
        Self {
            kind,
            wall_ms,
            mono_ms,
            boot,
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

    /// Gives the draft its place.
    pub(crate) fn into_event(self, head: &ChainHead, device: DeviceId) -> Event {
        Event {
            version: EVENT_VERSION,
            device,
            seq: head.seq_next,
            prev: head.prev,
            kind: self.kind,
            wall_ms: self.wall_ms,
            mono_ms: self.mono_ms,
            boot: self.boot,
            child: self.child,
            voucher: self.voucher,
            lesson: self.lesson,
            provider: self.provider,
            method: self.method,
            card: self.card,
            reason: self.reason,
            about: self.about,
            month: self.month,
            amount_tiyn: self.amount_tiyn,
            document: self.document,
            place: self.place,
            proof: self.proof,
            absence: self.absence,
            absence_document: self.absence_document,
            headcount: self.headcount,
            anchor: self.anchor,
            subject: self.subject,
            revocation: self.revocation,
            ticket: self.ticket,
            verdict: self.verdict,
            finding: self.finding,
            cancellation: self.cancellation,
            moved_to_ms: self.moved_to_ms,
            group: self.group,
            from_day: self.from_day,
            ground: self.ground,
            cause: self.cause,
            evidence: self.evidence,
            decision: self.decision,
        }
    }
}
