//! What a card, a device and an event are: their one encoding, their signatures, their refusals.
//!
//! Absent on purpose: storage, network, clocks, randomness (all are passed in), IINs, and money.
//! Names are in the roster alone, which is never a leaf of the log. Whether a rotating code was seen
//! before is the caller's to remember. Not there yet, and refused rather than half understood: cards of
//! other schemes. Enrolment tickets are shapes of the wire and live there. Which fields an event of a
//! kind must have is the ledger's rule, not the encoding's.
//!
//! # Invariants
//! - What parses re-encodes to the same bytes (deterministic CBOR, [RFC 8949 §4.2]).
//! - Each signed thing has its own [`seal::Domain`]: a signature for one never holds for another.
//! - A [`VerifiedCard`], a [`VerifiedCertificate`], a verified [`TrustList`] and a [`ChainedEvent`]
//!   exist only where the signature was decided, by [`seal::PublicKey::verify`].
//! - A key acts in its role and scope of the trust list only: a device CA issues no card, a card
//!   issuer certifies no device and revokes no card.
//! - A status list is exact: a card that was not revoked is never refused for it.
//! - Nothing that comes from outside panics, and no size is unbounded.
//! - A stale trust or status list, or a visit outside the window, is a fact for the record, never a
//!   refusal.
//!
//! Start at [`Shown`], then [`UnverifiedCard`], then [`ChainHead`].
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

mod answer;
mod card;
mod certificate;
mod chain;
mod challenge;
mod claims;
mod code;
mod compact;
mod draft;
mod event;
mod holder;
mod id;
mod indexes;
mod leaf;
mod lesson;
mod payload;
mod roots;
mod roster;
mod rotating;
mod shown;
mod status;
mod status_delta;
mod step;
mod trust;
mod version;

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
pub use code::{CodeRejection, ShortCode, looks_like_code};
pub use draft::EventDraft;
pub use event::{
    EVENT_DOMAIN, EVENT_VERSION, Event, EventKind, ManualReason, Method, event_hash, genesis_hash,
};
pub use holder::{Holder, ProofRejection};
pub use id::{
    BootId, CardId, ChildId, DeviceId, GroupId, IdError, LessonId, ProviderId, VoucherId,
};
pub use leaf::LeafKind;
pub use lesson::{Arrival, LessonWindow, WindowParams};
pub use payload::{ANSWER_PREFIX, CARD_PREFIX, CHALLENGE_PREFIX, QrText, ROTATING_PREFIX};
pub use roots::TrustRoots;
pub use roster::{
    ROSTER_DOMAIN, Roster, RosterChild, RosterGroup, RosterLesson, RosterProvider, RosterRejection,
};
pub use rotating::{RotatingClaims, RotatingCode, UnverifiedRotating, VerifiedRotating};
pub use shown::{Shown, ShownRejection};
pub use status::{STATUS_VERSION, StatusList, StatusRejection};
pub use status_delta::StatusDelta;
pub use step::{STEP_MS, Step, StepRejection, StepWindow};
pub use trust::{SignedTrustList, TrustEntry, TrustList, TrustRejection, TrustRole};
