//! What a card, a device and an event are: their one encoding, their signatures, their refusals.
//!
//! Absent on purpose: storage, network, clocks, randomness (all are passed in), IINs, and money.
//! Names are in the roster alone, which is never a leaf of the log. Whether a rotating code was seen
//! before is the caller's to remember. Identities of other schemes are known by their form
//! ([`looks_like_identity`]) and read by the crate `identity`. Enrolment tickets are shapes of the wire and live there. Which fields an event of a
//! kind has is said here ([`Event::verify_form`]) but never asked by parsing: the ledger decides what
//! follows.
//!
//! # Invariants
//! - What parses re-encodes to the same bytes (deterministic CBOR, [RFC 8949 §4.2]).
//! - Each signed thing has its own [`seal::Domain`]: a signature for one never holds for another.
//! - A [`VerifiedCard`], a [`VerifiedCertificate`], a verified [`TrustList`] and a [`ChainedEvent`]
//!   exist only where the signature was decided, by [`seal::PublicKey::verify`].
//! - A key acts in its role and scope of the trust list only: a device CA issues no card, a card
//!   issuer certifies no device and revokes no card.
//! - A revocation list names every device that is revoked, and takes nobody off: it only grows.
//! - A status list is exact: a card that was not revoked is never refused for it.
//! - Nothing that comes from outside panics, and no size is unbounded.
//! - A stale trust or status list, or a visit outside the window, is a fact for the record, never a
//!   refusal.
//! - A claimed time is never changed and never refused: when an event was made is an interval
//!   ([`Timeline`]) that anybody computes from the chain and its signed anchors ([`TimeAnchor`]).
//! - Tag lists cover a log's leaves without a gap: who has them all up to a leaf and a child's
//!   [`TagKey`] knows every leaf before that is about the child.
//! - Packing for the wire ([`pack`], [`unpack`]) loses nothing, whatever the bytes, and a batch has
//!   one packed form for one roster. What comes out is as unverified as what came in.
//!
//! Start at [`Shown`], then [`UnverifiedCard`], then [`ChainHead`]; then [`Timeline`] and [`pack`].
//!
//! ```
//! use attendance::{
//!     CardClaims, CardId, CardRejection, ChildId, QrText, TrustEntry, TrustList, TrustRole,
//!     UnverifiedCard, VoucherId, issue_card,
//! };
//! use seal::{Signer, SoftwareKey};
//!
//! let issuer = SoftwareKey::from_seed(&[1; 32]);
//! let claims = CardClaims {
//!     expires_at_s: 1_800_000_000,
//!     card: CardId([7; 8]),
//!     child: ChildId([8; 12]),
//!     voucher: VoucherId([9; 8]),
//!     status_index: 42,
//!     holder: None,
//! };
//! let card = issue_card(&issuer, &claims)?;
//!
//! // On the device the list comes out of `SignedTrustList::verify`.
//! let trust = TrustList {
//!     version: 1,
//!     not_after_s: 1_800_000_000,
//!     entries: vec![TrustEntry {
//!         key: issuer.public_key().to_bytes(),
//!         role: TrustRole::CardIssuer,
//!         scope: "KZ-75".to_owned(),
//!         not_before_s: 0,
//!         not_after_s: 1_900_000_000,
//!     }],
//!     witness_quorum: None,
//! };
//! let read = QrText::parse(&card.text)?;
//! let verified = UnverifiedCard::parse(&read)?.verify(&trust, 1_790_000_000)?;
//! assert_eq!(verified.claims(), &claims);
//!
//! let late = UnverifiedCard::parse(&read)?.verify(&trust, 1_800_000_000);
//! assert!(matches!(late, Err(CardRejection::Expired { .. })));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [RFC 8949 §4.2]: https://www.rfc-editor.org/rfc/rfc8949#section-4.2
#![forbid(unsafe_code)]

mod absence;
mod acknowledgement;
mod anchor;
mod answer;
mod card;
mod certificate;
mod chain;
mod challenge;
mod claims;
mod coarse;
mod code;
mod compact;
mod correction;
mod decision;
mod draft;
mod event;
mod form;
mod holder;
mod id;
mod indexes;
mod interval;
mod leaf;
mod lesson;
mod opaque;
mod other_scheme;
mod packed;
mod payload;
mod permission;
mod revocation;
mod roots;
mod roster;
mod rotating;
mod shown;
mod signing;
mod spot_check;
mod standing;
mod status;
mod status_delta;
mod step;
mod tag;
mod tag_list;
mod terms;
mod timeline;
mod trust;
mod version;
mod withdrawal;

pub use absence::AbsenceReason;
pub use acknowledgement::{
    ACKNOWLEDGEMENT_DOMAIN, ACKNOWLEDGEMENT_VERSION, Acknowledgement, AcknowledgementRejection,
};
pub use anchor::{ANCHOR_VERSION, AnchorRejection, TimeAnchor, VerifiedAnchor};
pub use answer::{Answer, AnswerClaims, UnverifiedAnswer, VerifiedAnswer};
pub use card::{CardRejection, IssuedCard, UnverifiedCard, VerifiedCard, issue_card};
pub use certificate::{
    CERTIFICATE_VERSION, CertificateRejection, DeviceCertificate, Role, VerifiedCertificate,
};
pub use chain::{
    ChainBreak, ChainError, ChainHead, ChainedEvent, EventRejection, Prepared, UnverifiedEvent,
    follows,
};
pub use challenge::{Challenge, ChallengeRejection, UnverifiedChallenge, VerifiedChallenge};
pub use claims::CardClaims;
pub use coarse::{CoarsePlace, PlaceError};
pub use code::{CodeRejection, ShortCode, looks_like_code};
pub use correction::{CORRECTABLE, CorrectionRejection};
pub use decision::{Cancellation, Finding, Verdict};
pub use draft::EventDraft;
pub use event::{
    ANCHOR_MAX_BYTES, EVENT_DOMAIN, EVENT_VERSION, Event, EventKind, ManualReason, Method,
    PROOF_MAX_BYTES, event_hash, genesis_hash,
};
pub use form::{Field, FormRejection};
pub use holder::{Holder, ProofRejection};
pub use id::{
    BootId, CardId, ChildId, DeviceId, GroupId, IdError, LessonId, ProviderId, VoucherId,
};
pub use interval::{Bound, EventTime, Placement, Reach, WallClock};
pub use leaf::LeafKind;
pub use lesson::{Arrival, LessonWindow, WindowParams};
pub use opaque::Opaque;
pub use other_scheme::looks_like_identity;
pub use packed::{
    PACKED_MAX_EVENTS, PACKED_VERSION, PackContext, PackRejection, PackedHeader, RosterName,
    UNPACKED_MAX_BYTES, UnpackRejection, pack, unpack,
};
pub use payload::{ANSWER_PREFIX, CARD_PREFIX, CHALLENGE_PREFIX, QrText, ROTATING_PREFIX};
pub use permission::{Action, Duty, Scope, action_of, duties, may_make, permitted};
pub use revocation::{
    REVOCATIONS_MAX_BYTES, Revocation, RevocationList, RevocationReason, RevocationRejection,
};
pub use roots::TrustRoots;
pub use roster::{
    DatedWindow, ROSTER_DOMAIN, Roster, RosterChild, RosterGroup, RosterLesson, RosterProvider,
    RosterRejection,
};
pub use rotating::{RotatingClaims, RotatingCode, UnverifiedRotating, VerifiedRotating};
pub use shown::{Shown, ShownRejection};
pub use signing::{
    DEVICE_ALGORITHM, FOREIGN_SIGNATURE_VERSION, ForeignSignature, PaperToSign, SheetSignature,
    SheetSignatureRejection, SheetSigner, SignedPaper,
};
pub use spot_check::is_drawn;
pub use standing::{Decision, Ground, TerminationCause};
pub use status::{STATUS_VERSION, StatusList, StatusRejection};
pub use status_delta::StatusDelta;
pub use step::{STEP_MS, Step, StepRejection, StepWindow};
pub use tag::{SubjectReader, Tag, TagKey, subjects};
pub use tag_list::{TAG_LIST_MAX_LEAVES, TAG_LIST_VERSION, TagList, TagListRejection};
pub use terms::{Terms, month_ms, month_of};
pub use timeline::{AnchorFault, ClockParams, Timeline};
pub use trust::{SignedTrustList, TrustEntry, TrustList, TrustRejection, TrustRole};
pub use withdrawal::Withdrawal;
