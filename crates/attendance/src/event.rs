//! The event: one statement of one device, in the one encoding that is hashed and signed.

use minicbor::{Decode, Encode};
use seal::{CanonicalError, Domain, Hash};

use crate::absence::AbsenceReason;
use crate::coarse::CoarsePlace;
use crate::decision::{Cancellation, Finding, Verdict};
use crate::id::{BootId, ChildId, DeviceId, GroupId, LessonId, ProviderId, VoucherId};
use crate::opaque::Opaque;
use crate::revocation::RevocationReason;
use crate::standing::{Decision, Ground, TerminationCause};

/// The only version of the event's encoding so far.
pub const EVENT_VERSION: u8 = 1;

/// Signatures over events.
pub const EVENT_DOMAIN: Domain = Domain("qatysu/event/1");

/// The longest guardian proof that an event may carry, bytes. A rotating proof of a known key has
/// some 86, one that brings its card along some 263.
pub const PROOF_MAX_BYTES: usize = 320;

/// The longest signed time anchor that an event may carry, bytes. One has some 200.
pub const ANCHOR_MAX_BYTES: usize = 256;

/// What an event says. The numbers are signed: changing one changes the meaning of history.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cbor(index_only)]
#[non_exhaustive]
pub enum EventKind {
    /// A teacher opens a lesson.
    #[n(0)]
    LessonOpen,
    /// A teacher ends a lesson.
    #[n(1)]
    LessonClose,
    /// A child came.
    #[n(2)]
    In,
    /// A child left.
    #[n(3)]
    Out,
    /// A child is absent, perhaps with a reason.
    #[n(4)]
    Absent,
    /// Replaces fields of the named event: [`Event::corrected_by`].
    #[n(5)]
    Correct,
    /// Withdraws the named event.
    #[n(6)]
    Void,
    /// A parent says *was* of the named visit.
    #[n(7)]
    Confirm,
    /// A parent says *was not* of the named visit.
    #[n(8)]
    Dispute,
    /// A parent signs a child's month.
    #[n(9)]
    MonthSign,
    /// A teacher's count of heads.
    #[n(10)]
    Headcount,
    /// A coordinator closes a month.
    #[n(11)]
    MonthClose,
    /// A coordinator enters the Treasury's payment notice for a provider's month.
    #[n(12)]
    PaymentNotice,
    /// A device puts the server's signed time into its own chain.
    #[n(13)]
    TimeAnchor,
    /// A coordinator revokes a device: what of it arrives from then on is put aside. With a ticket it
    /// takes effect when a new device is enrolled by that ticket.
    #[n(14)]
    DeviceRevoke,
    /// A coordinator lets events into the log that were put aside: the named one, and what its device
    /// signed before it.
    #[n(15)]
    EventRelease,
    /// A coordinator of the district decides about a disputed visit, or one of two that cannot both
    /// have been.
    #[n(16)]
    DisputeResolve,
    /// A lesson is not held.
    #[n(17)]
    LessonCancel,
    /// A lesson is held at another time. Its id stays that of the planned one; scans may name either.
    #[n(18)]
    LessonMove,
    /// A coordinator of the district opens a ground on which payments to a provider stop.
    #[n(20)]
    ProviderSuspend,
    /// A coordinator accepts the document that cures a ground.
    #[n(21)]
    GroundCured,
    /// A coordinator decides about held money of a voucher's month.
    #[n(22)]
    HoldRelease,
    /// A coordinator proposes to end a provider's contracts; a second one, naming the proposal,
    /// confirms or withdraws it.
    #[n(23)]
    ProviderTerminate,
    /// A family, or a coordinator on its word, moves a voucher to another group.
    #[n(24)]
    Transfer,
    /// A coordinator has a voucher's closed month computed again, with what came after its close.
    #[n(25)]
    Adjust,
    /// A provider signs the sheet of its month; the issuer signs the same one: approved.
    #[n(26)]
    SheetSign,
    /// A provider, or the issuer, signs the act that was made of the approved sheet.
    #[n(27)]
    ActSign,
    /// The issuer gives a sheet back to be revised, pauses it, lets it go on, or declares it invalid.
    #[n(28)]
    SheetDecide,
    /// The issuer enters a voucher, puts it in force, offers a place, gives more time, lets it expire,
    /// restores or annuls it.
    #[n(29)]
    VoucherSet,
    /// A family, or the issuer from its paper, accepts or gives up a place, or refuses the voucher.
    #[n(30)]
    VoucherAnswer,
}

/// How the child was recognised. The numbers are signed.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cbor(index_only)]
#[non_exhaustive]
pub enum Method {
    /// A static signed card.
    #[n(0)]
    Scan,
    /// A rotating code signed by the family's phone.
    #[n(1)]
    Rotating,
    /// An answer to the tablet's challenge.
    #[n(2)]
    Challenge,
    /// A mark by hand, with a reason.
    #[n(3)]
    Manual,
    /// An identity imported from another scheme.
    #[n(4)]
    Import,
}

/// Why a mark was made by hand. The numbers are signed.
#[derive(Clone, Copy, Debug, Decode, Encode, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[cbor(index_only)]
#[non_exhaustive]
pub enum ManualReason {
    /// The short code under the QR was typed in.
    #[n(0)]
    TypedCode,
    /// The child did not bring the card.
    #[n(1)]
    CardForgotten,
    /// The card could not be read.
    #[n(2)]
    CardUnreadable,
    /// The card was refused by the app.
    #[n(3)]
    CardRefused,
    /// The camera did not work.
    #[n(4)]
    NoCamera,
}

/// Says one thing of one device. Optional fields are absent where the kind has no use for them:
/// [`Event::verify_form`] says which a kind must have and may have. Parsing does not ask.
///
/// These bytes are signed. Changing the encoding orphans every chain; a new field is optional and
/// takes the next key, so that the bytes of every event without it stay what they were.
#[derive(Clone, Debug, Decode, Encode, Eq, PartialEq)]
#[cbor(map)]
pub struct Event {
    /// [`EVENT_VERSION`].
    #[n(0)]
    pub version: u8,
    /// Who says it.
    #[n(1)]
    pub device: DeviceId,
    /// Position in the device's chain, from 0 without a gap.
    #[n(2)]
    pub seq: u64,
    /// [`event_hash`] of the event before; for the first, [`genesis_hash`] of the device.
    #[n(3)]
    pub prev: Hash,
    /// What is said.
    #[n(4)]
    pub kind: EventKind,
    /// The device's claimed wall clock, milliseconds since 1970-01-01T00:00Z.
    #[n(5)]
    pub wall_ms: i64,
    /// The device's monotonic clock, milliseconds since boot.
    #[n(6)]
    pub mono_ms: u64,
    /// Which boot the monotonic clock counts from.
    #[n(7)]
    pub boot: BootId,
    /// The child.
    #[n(8)]
    pub child: Option<ChildId>,
    /// The child's voucher.
    #[n(9)]
    pub voucher: Option<VoucherId>,
    /// The lesson.
    #[n(10)]
    pub lesson: Option<LessonId>,
    /// The provider.
    #[n(11)]
    pub provider: Option<ProviderId>,
    /// How the child was recognised.
    #[n(12)]
    pub method: Option<Method>,
    /// SHA-256 of the signed bytes of the card that was shown.
    #[n(13)]
    pub card: Option<Hash>,
    /// Why the mark was made by hand.
    #[n(14)]
    pub reason: Option<ManualReason>,
    /// The event this one speaks of: what is corrected, withdrawn, confirmed, disputed or let in.
    #[n(15)]
    pub about: Option<Hash>,
    /// The month, as `year * 100 + month`.
    #[n(16)]
    pub month: Option<u32>,
    /// A sum in tiyn, for a payment notice; the debt, for a suspension.
    #[n(17)]
    pub amount_tiyn: Option<i64>,
    /// The number of the money document, for a payment notice; of the sick note, for an absence; of the
    /// order, for a revocation or a release; of the act, for a decision or an official cancellation, and
    /// for what is decided about a provider, a sheet, a voucher or held money; the printed number, for a
    /// voucher that is entered. For a signature under an act, the
    /// act's own. For a withdrawal, why: [`crate::Withdrawal::word`].
    #[n(18)]
    pub document: Option<String>,
    /// Where, to some 5 km.
    #[n(19)]
    pub place: Option<CoarsePlace>,
    /// What the family's phone showed: a rotating code or an answer to a challenge, as it was read. For
    /// a signature under a sheet or an act, a second one of another scheme:
    /// [`crate::ForeignSignature`]. Nothing here says that it holds.
    #[n(20)]
    pub proof: Option<Opaque<PROOF_MAX_BYTES>>,
    /// Why the child is absent.
    #[n(21)]
    pub absence: Option<AbsenceReason>,
    /// SHA-256 of the document that excuses the absence. The document itself is never in the log.
    #[n(22)]
    pub absence_document: Option<Hash>,
    /// How many children the teacher counted.
    #[n(23)]
    pub headcount: Option<u16>,
    /// The server's signed time, as it came: [`crate::VerifiedAnchor::parse_and_verify`] reads it.
    #[n(24)]
    pub anchor: Option<Opaque<ANCHOR_MAX_BYTES>>,
    /// The device that is revoked, or whose events are let in.
    #[n(25)]
    pub subject: Option<DeviceId>,
    /// Why the device is revoked.
    #[n(26)]
    pub revocation: Option<RevocationReason>,
    /// SHA-256 of the secret of the ticket by which the revoked device is replaced.
    #[n(27)]
    pub ticket: Option<Hash>,
    /// What was decided about the visit.
    #[n(28)]
    pub verdict: Option<Verdict>,
    /// What the decision, or the withdrawal, rests on.
    #[n(29)]
    pub finding: Option<Finding>,
    /// Why the lesson is not held.
    #[n(30)]
    pub cancellation: Option<Cancellation>,
    /// When the moved lesson starts, milliseconds since 1970-01-01T00:00Z.
    #[n(31)]
    pub moved_to_ms: Option<i64>,
    /// The group that a voucher moves to, or where a place is offered.
    #[n(32)]
    pub group: Option<GroupId>,
    /// The first day of what is decided, as `year * 10000 + month * 100 + day`.
    #[n(33)]
    pub from_day: Option<u32>,
    /// On which ground payments stop, or which one is cured.
    #[n(34)]
    pub ground: Option<Ground>,
    /// Why a provider's contracts end.
    #[n(35)]
    pub cause: Option<TerminationCause>,
    /// SHA-256 of the document that shows it. The document itself is never in the log. For a signature
    /// under a sheet or an act, of what is signed. For the first opening of a lesson: the root of the log
    /// that the device held, by which the lesson is drawn for a spot check ([`crate::is_drawn`]).
    #[n(36)]
    pub evidence: Option<Hash>,
    /// What is decided.
    #[n(37)]
    pub decision: Option<Decision>,
}

impl Event {
    /// Encodes the event: the payload that is signed.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        seal::to_canonical(self)
    }

    /// Decodes an event from its one encoding.
    ///
    /// # Errors
    /// [`CanonicalError`] for anything else.
    pub fn parse(bytes: &[u8]) -> Result<Self, CanonicalError> {
        seal::from_canonical(bytes)
    }
}

/// Names an event: SHA-256 of its signed envelope (`COSE_Sign1` bytes).
#[must_use]
pub fn event_hash(signed_bytes: &[u8]) -> Hash {
    seal::sha256(signed_bytes)
}

/// Derives the previous hash of a device's first event: a chain cannot be moved to another key.
#[must_use]
pub fn genesis_hash(key: &seal::PublicKey) -> Hash {
    seal::sha256_of(&[b"qatysu/chain/1", &key.to_bytes()])
}
