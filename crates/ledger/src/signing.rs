//! The signatures under a month's sheets and acts, and what state they put each sheet in (R4, 25–29).
//!
//! A fold over the log like any other. A provider's administrator signs the hash of the sheet's bytes
//! ([`SheetStatement`]); the issuer signs the same hash when the month is closed, and from then on nothing
//! of it changes; both sign the act ([`ActStatement`]). What is signed is compared with what the fold gives:
//! a signature over other bytes, or by another role, is told and counts for nothing.
//!
//! It stands beside the money and moves none: tranches come out as if nobody had signed. Where the rules
//! say `signed_acts_required`, [`crate::Registry::of_signed`] leaves the rest out.
//!
//! Absent on purpose: signatures of other schemes ([`attendance::ForeignSignature`]): an event names one,
//! and nobody here decides about it. The supplementary sheet (26) moves no money by itself either: what is
//! in it is due after an adjustment, in a later tranche.

mod act;
mod machine;
mod month;
mod statement;
mod supplementary;

use attendance::{DeviceId, ForeignSignature, ProviderId};
use chrono::NaiveDate;
use seal::Hash;
use serde::Serialize;

use crate::money::Tiyn;
use crate::report::SheetAt;

pub use act::{ACT_VERSION, ActRow, ActStatement};
pub use month::{SignedMonth, Withheld};
pub use statement::{
    SHEET_VERSION, SheetPart, SheetRejection, SheetStatement, StatementDay, StatementRow,
};

/// Where a sheet is (rule 27).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SheetState {
    /// The month is not over.
    Open,
    /// It is over; parents confirm, and the provider is to sign.
    Parents,
    /// The provider signed; the month may still move, and then it signs again.
    ProviderSigned,
    /// The provider signed, and the month is closed: the issuer's turn.
    IssuerReview,
    /// The issuer gave it back.
    Revision,
    /// Both signed. Nothing of it changes any more.
    Approved,
    /// Both signed the act.
    Acted,
    /// The Treasury paid.
    Paid,
    /// Paid, or nothing was due, and the time for late rows is over.
    Closed,
    /// The issuer paused it.
    Paused,
    /// The issuer declared it invalid, for good.
    Invalid,
}

impl SheetState {
    /// Gives the word of the rules document.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Parents => "PARENTS",
            Self::ProviderSigned => "PROVIDER_SIGNED",
            Self::IssuerReview => "ISSUER_REVIEW",
            Self::Revision => "REVISION",
            Self::Approved => "APPROVED",
            Self::Acted => "ACTED",
            Self::Paid => "PAID",
            Self::Closed => "CLOSED",
            Self::Paused => "PAUSED",
            Self::Invalid => "INVALID",
        }
    }
}

/// On whose side somebody signs.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The provider's administrator.
    Provider,
    /// The issuer: a coordinator of the district.
    Issuer,
}

/// A signature that counts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PaperSignature {
    /// Whose.
    pub side: Side,
    /// Its leaf.
    pub leaf: u64,
    /// The event.
    pub event: Hash,
    /// The device that signed. The key's id is the beginning of the device's.
    pub device: DeviceId,
    /// The day that it claims.
    pub on: Option<NaiveDate>,
    /// A signature of another scheme that it names beside its own; nobody verified it.
    pub foreign: Option<ForeignSignature>,
}

impl PaperSignature {
    /// Gives the key's id, as envelopes have it: the first four bytes of the device's.
    #[must_use]
    pub fn key_id(&self) -> String {
        self.device.to_string().chars().take(8).collect()
    }
}

/// What the issuer decided about a sheet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SheetDecision {
    /// The leaf.
    pub leaf: u64,
    /// The day that it claims.
    pub on: Option<NaiveDate>,
    /// Why: the number of the order.
    pub document: String,
}

/// Why a signature or a decision about a sheet counts for nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SigningRefusal {
    /// By a device that is neither the provider's administrator's nor the issuer's, or not whose it
    /// had to be.
    #[error("only the provider's administrator and the issuer sign, each in their turn")]
    WrongRole,
    /// Fields are missing or do not fit the kind.
    #[error("the event has not the form of its kind")]
    Form,
    /// Other bytes than the fold gives.
    #[error("it signs {found}, and the log gives {expected}")]
    OtherBytes {
        /// SHA-256 of what the fold gives.
        expected: Hash,
        /// What was signed.
        found: Hash,
    },
    /// The issuer signs only what can no longer move.
    #[error("the month was not closed yet: the issuer signs what can no longer move")]
    OpenMonth,
    /// The provider is to sign first.
    #[error("the provider has not signed it")]
    NotSigned,
    /// An act is made of an approved sheet.
    #[error("the sheet is not approved")]
    NotApproved,
    /// After APPROVED nothing changes (rule 28).
    #[error("the sheet is approved: what is wrong is adjusted in a later month")]
    Approved,
    /// It was given back already.
    #[error("a sheet is given back once")]
    AlreadyReturned,
    /// It stands still.
    #[error("the sheet is paused")]
    Paused,
    /// It does not stand still.
    #[error("the sheet is not paused")]
    NotPaused,
    /// It is paid or invalid.
    #[error("the sheet is at its end")]
    Final,
    /// The other side signed the act under another number.
    #[error("the other side signed the act under another number")]
    OtherNumber,
}

/// A signature or a decision that counts for nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RefusedSignature {
    /// Its leaf.
    pub leaf: u64,
    /// The device.
    pub device: DeviceId,
    /// Why.
    pub why: SigningRefusal,
}

/// The supplementary sheet of a closed month: rows with a day that waited at the close (rule 26).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SupplementaryStanding {
    /// What it says, with what was answered and decided since.
    pub statement: SheetStatement,
    /// SHA-256 of its bytes.
    pub hash: Hash,
    /// The last day whose answers enter it.
    pub until: NaiveDate,
    /// The provider's signature.
    pub signed: Option<PaperSignature>,
    /// The issuer's.
    pub approved: Option<PaperSignature>,
}

/// Where the sheet of a provider's month stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SheetStanding {
    /// The provider.
    pub provider: ProviderId,
    /// Where it is.
    pub state: SheetState,
    /// Whose turn it is, since when and until when; nothing at its end.
    pub at: Option<SheetAt>,
    /// The sheet itself.
    pub sheet: SheetStatement,
    /// SHA-256 of its bytes: what is signed.
    pub sheet_hash: Hash,
    /// The act, once the month is closed.
    pub act: Option<ActStatement>,
    /// SHA-256 of the act's bytes.
    pub act_hash: Option<Hash>,
    /// The number under which the act is signed.
    pub act_number: Option<String>,
    /// The signatures that count: sheet, then act, each the provider's before the issuer's.
    pub signed: Option<PaperSignature>,
    /// The issuer's signature under the sheet.
    pub approved: Option<PaperSignature>,
    /// The provider's under the act.
    pub act_signed: Option<PaperSignature>,
    /// The issuer's under the act.
    pub act_approved: Option<PaperSignature>,
    /// When it was given back, and until when it is to be signed again.
    pub returned: Option<(SheetDecision, Option<NaiveDate>)>,
    /// Why it stands still.
    pub paused: Option<SheetDecision>,
    /// Why it is invalid.
    pub invalid: Option<SheetDecision>,
    /// What the Treasury is to pay, once the month is closed.
    pub due: Option<Tiyn>,
    /// The number of the money document and the leaf of its notice, once paid.
    pub paid: Option<(String, u64)>,
    /// Rows with a day that waits for a family or a decision.
    pub supplementary: Option<SupplementaryStanding>,
    /// What counts for nothing, in the log's order.
    pub refused: Vec<RefusedSignature>,
}

impl SheetStanding {
    /// Says whether both sides signed the act.
    #[must_use]
    pub fn is_acted(&self) -> bool {
        self.act_signed.is_some() && self.act_approved.is_some() && self.invalid.is_none()
    }

    /// Says why the registry does not have the provider where it has signed acts only.
    #[must_use]
    pub fn withheld(&self) -> Option<&'static str> {
        match self.state {
            _ if self.paused.is_some() => Some("the sheet is paused"),
            _ if self.invalid.is_some() => Some("the sheet is invalid"),
            _ if self.is_acted() || self.paid.is_some() => None,
            SheetState::Approved => Some("the act is not signed by both sides"),
            SheetState::IssuerReview => Some("the issuer has not approved the sheet"),
            SheetState::Revision => Some("the sheet was given back to be revised"),
            SheetState::Open
            | SheetState::Parents
            | SheetState::ProviderSigned
            | SheetState::Acted
            | SheetState::Paid
            | SheetState::Closed
            | SheetState::Paused
            | SheetState::Invalid => Some("the provider has not signed the sheet"),
        }
    }
}
